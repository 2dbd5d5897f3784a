/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Properties of dmixducker and their conversion to the parameters of dsp/. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "ducker/gstdmixduckersettings.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixenum.h"

GST_DMIX_LOG_CATEGORY ("dmixduckersettings", "parameters of dmixducker");

static const GEnumValue ducker_mode_values[] = {
  { DMIX_DUCK_TARGET, "Down to a loudness difference of `target`", "target" },
  { DMIX_DUCK_FIXED, "Always by `depth`", "fixed" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDuckerMode, gst_dmix_ducker_mode,
    ducker_mode_values)

static const GEnumValue ducker_trigger_values[] = {
  { DMIX_DUCK_TRIGGER_LEVEL, "Any sound near the usual level of the dialogue",
      "level" },
  { DMIX_DUCK_TRIGGER_SPEECH,
      "Speech, but not hum, room tone or bleed of the background", "speech" },
  { DMIX_DUCK_TRIGGER_FLAG,
      "The voice flag of GstAudioLevelMeta on the dialogue buffers, as "
      "dmixmeter "
      "and RTP header extensions set it",
      "meta" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDuckerTrigger, gst_dmix_ducker_trigger,
    ducker_trigger_values)

static const GEnumValue ducker_detector_values[] = {
  { DMIX_DUCK_DETECTOR_STATISTICAL,
      "What rises above the noise and the bleed of the background",
      "statistical" },
  { DMIX_DUCK_DETECTOR_LEARNED,
      "A trained network, for dialogue with loud ambience (from 16 kHz on)",
      "learned" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDuckerSpeechDetector,
    gst_dmix_ducker_speech_detector, ducker_detector_values)

static const GEnumValue ducker_goal_values[] = {
  { DMIX_DUCK_GOAL_DIFFERENCE, "Loudness difference: `target`", "difference" },
  { DMIX_DUCK_GOAL_GLIMPSE,
      "Glimpse proportion, the share of speech at least 3 dB above the "
      "background: `intelligibility`",
      "glimpse" },
  { DMIX_DUCK_GOAL_SII, "Speech intelligibility index: `intelligibility`",
      "sii" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDuckerGoal, gst_dmix_ducker_goal,
    ducker_goal_values)

static const GEnumValue ducker_output_values[] = {
  { GST_DMIX_DUCKER_OUTPUT_MIX, "Ducked background and dialogue", "mix" },
  { GST_DMIX_DUCKER_OUTPUT_BACKGROUND, "Ducked background alone",
      "background" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDuckerOutput, gst_dmix_ducker_output,
    ducker_output_values)

#define PLACE(field) G_STRUCT_OFFSET (GstDmixDuckerSettings, field)
#define LIVE GST_PARAM_CONTROLLABLE

const GstDmixProperty gst_dmix_ducker_properties[] = {
  { "trigger", "Trigger", "Sound on the dialogue pads that starts ducking",
      GST_DMIX_ENUM, 0, 2, DMIX_DUCK_TRIGGER_SPEECH, PLACE (trigger), LIVE,
      gst_dmix_ducker_trigger_get_type },
  { "speech-detector", "Speech detector",
      "Method that finds speech on the dialogue pads (trigger speech)",
      GST_DMIX_ENUM, 0, 1, DMIX_DUCK_DETECTOR_STATISTICAL,
      PLACE (speech_detector), LIVE, gst_dmix_ducker_speech_detector_get_type },
  { "mode", "Mode", "How the depth of ducking is found", GST_DMIX_ENUM, 0, 1,
      DMIX_DUCK_TARGET, PLACE (mode), LIVE, gst_dmix_ducker_mode_get_type },
  { "target", "Target",
      "Loudness difference between dialogue and background in mode target, in "
      "LU (10 over music, 15 over ambience)",
      GST_DMIX_DOUBLE, 0, 40, 15, PLACE (target), LIVE, NULL },
  { "goal", "Goal", "Measure that mode target works with", GST_DMIX_ENUM, 0, 2,
      DMIX_DUCK_GOAL_DIFFERENCE, PLACE (goal), LIVE,
      gst_dmix_ducker_goal_get_type },
  { "intelligibility", "Intelligibility",
      "Glimpse proportion or speech intelligibility index to reach, from 0 "
      "(nothing understood) to 1 (all); not with goal difference",
      GST_DMIX_DOUBLE, 0, 1, 0.6, PLACE (intelligibility), LIVE, NULL },
  { "depth", "Depth", "Depth of ducking in mode fixed, in dB", GST_DMIX_DOUBLE,
      0, 60, 12, PLACE (depth), LIVE, NULL },
  { "range", "Range",
      "Largest depth of ducking in both modes, in dB (-1: as much as target, "
      "or "
      "depth)",
      GST_DMIX_DOUBLE, -1, 60, -1, PLACE (range), LIVE, NULL },
  { "dialogue-loudness", "Dialogue loudness",
      "Loudness of the dialogue before dialogue-gain where it is known, in "
      "LUFS "
      "(0: learn it), for the first words",
      GST_DMIX_DOUBLE, -70, 0, 0, PLACE (dialogue_loudness), LIVE, NULL },
  { "spectral", "Spectral",
      "Largest additional ducking of each frequency band that masks the "
      "dialogue, in dB (0: off; needs a lookahead of at least 6 ms, better 50)",
      GST_DMIX_DOUBLE, 0, 12, 0, PLACE (spectral), LIVE, NULL },
  { "spectral-target", "Spectral target",
      "Loudness difference in each band for spectral ducking, in LU",
      GST_DMIX_DOUBLE, 0, 40, 16, PLACE (spectral_target), LIVE, NULL },
  { "lookahead", "Look-ahead",
      "Look-ahead, in ms: the background is down at the first syllable, and "
      "the output is delayed by as much",
      GST_DMIX_DOUBLE, 0, DMIX_DUCKER_MAX_LOOKAHEAD_MS, 100, PLACE (lookahead),
      GST_PARAM_MUTABLE_READY, NULL },
  { "attack", "Attack",
      "Time constant of the way down, in ms (63 % of the change in dB; only "
      "without lookahead)",
      GST_DMIX_DOUBLE, 0, 1000, 10, PLACE (attack), LIVE, NULL },
  { "hold", "Hold", "Time to stay down after the dialogue, in ms",
      GST_DMIX_DOUBLE, 0, 10000, 400, PLACE (hold), LIVE, NULL },
  { "release", "Release",
      "Time constant of the way up, in ms (63 % of the change in dB)",
      GST_DMIX_DOUBLE, 1, 10000, 250, PLACE (release), LIVE, NULL },
  { "open", "Open",
      "Level that starts ducking, in dB relative to the running level of the "
      "dialogue (trigger level)",
      GST_DMIX_DOUBLE, -60, 0, -16, PLACE (open), LIVE, NULL },
  { "close", "Close",
      "Level that ends ducking, in dB relative to the running level of the "
      "dialogue (trigger level; at most open)",
      GST_DMIX_DOUBLE, -60, 0, -24, PLACE (close), LIVE, NULL },
  { "floor", "Floor", "Level below which no sound counts as dialogue, in LUFS",
      GST_DMIX_DOUBLE, -120, 0, -50, PLACE (floor), LIVE, NULL },
  { "dialogue-gain", "Dialogue gain",
      "Gain of the dialogue in the mix, in dB (-100: silence)", GST_DMIX_DOUBLE,
      -100, 24, 0, PLACE (dialogue_gain), LIVE, NULL },
  { "background-gain", "Background gain",
      "Gain of the background in addition to ducking, in dB (-100: silence)",
      GST_DMIX_DOUBLE, -100, 24, 0, PLACE (background_gain), LIVE, NULL },
  { "output", "Output", "Signal to put out", GST_DMIX_ENUM, 0, 1,
      GST_DMIX_DUCKER_OUTPUT_MIX, PLACE (output), LIVE,
      gst_dmix_ducker_output_get_type },
  { "bypass", "Bypass", "Do not duck (gains and delay stay)", GST_DMIX_BOOLEAN,
      0, 1, FALSE, PLACE (bypass), LIVE, NULL },
  { "meter", "Meter",
      "Measure loudness and intelligibility of the output and post them as "
      "messages named dmixmeter",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (meter), GST_PARAM_MUTABLE_READY,
      NULL },
  { "post-messages", "Post messages", "Post an element message every interval",
      GST_DMIX_BOOLEAN, 0, 1, TRUE, PLACE (messages.post),
      GST_PARAM_MUTABLE_PLAYING, NULL },
  { "interval", "Interval", "Time between messages, in ns", GST_DMIX_TIME,
      GST_MSECOND, 3600.0 * GST_SECOND, 500 * GST_MSECOND,
      PLACE (messages.length), GST_PARAM_MUTABLE_PLAYING, NULL },
};

const guint gst_dmix_ducker_property_count =
    G_N_ELEMENTS (gst_dmix_ducker_properties);

void
gst_dmix_ducker_settings_apply (const GstDmixDuckerSettings *s,
    DmixDucker *ducker)
{
  const DmixDuckerParams params = {
    .trigger = (DmixDuckTrigger) s->trigger,
    .detector = (DmixDuckDetector) s->speech_detector,
    .mode = (DmixDuckMode) s->mode,
    .target_lu = s->target,
    .depth_db = s->depth,
    .range_db = s->range < 0.0 ? -1.0 : s->range,
    .dialogue_lufs = s->dialogue_loudness,
    .goal = (DmixDuckGoalKind) s->goal,
    .intelligibility = s->intelligibility,
    .spectral_db = s->spectral,
    .spectral_target_lu = s->spectral_target,
    .attack_ms = s->attack,
    .hold_ms = s->hold,
    .release_ms = s->release,
    .open_db = s->open,
    .close_db = s->close,
    .floor_lufs = s->floor,
    .dialogue_gain_db = s->dialogue_gain,
    .background_gain_db = s->background_gain,
    .mix = s->output == GST_DMIX_DUCKER_OUTPUT_MIX,
    .bypass = s->bypass,
  };

  GST_LOG ("mode %d, target %g LU, depth %g dB, range %g dB, spectral %g dB",
      s->mode, s->target, s->depth, s->range, s->spectral);
  dmix_ducker_set_params (ducker, &params);
}

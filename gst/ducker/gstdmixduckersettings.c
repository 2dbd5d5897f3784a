/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What dmixducker can be told, see gstdmixduckersettings.h. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "ducker/gstdmixduckersettings.h"
#include "base/gstdmixenum.h"

static const GEnumValue ducker_mode_values[] = {
  { DMIX_DUCK_TARGET, "Until dialogue and background are `target` apart",
      "target" },
  { DMIX_DUCK_FIXED, "By `depth`, always", "fixed" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDuckerMode, gst_dmix_ducker_mode,
    ducker_mode_values)

static const GEnumValue ducker_trigger_values[] = {
  { DMIX_DUCK_TRIGGER_LEVEL, "Any sound as loud as the dialogue usually is",
      "level" },
  { DMIX_DUCK_TRIGGER_SPEECH,
      "Speech: not hum, room tone or the bleed of "
      "the background",
      "speech" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDuckerTrigger, gst_dmix_ducker_trigger,
    ducker_trigger_values)

static const GEnumValue ducker_goal_values[] = {
  { DMIX_DUCK_GOAL_DIFFERENCE, "A difference in loudness: `target`",
      "difference" },
  { DMIX_DUCK_GOAL_GLIMPSE,
      "A share of the speech's time and bands 3 dB "
      "above the background: `intelligibility`",
      "glimpse" },
  { DMIX_DUCK_GOAL_SII, "A speech intelligibility index: `intelligibility`",
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
  { "trigger", "Trigger", "What on the dialogue pads makes it duck",
      GST_DMIX_ENUM, 0, 1, DMIX_DUCK_TRIGGER_SPEECH, PLACE (trigger), LIVE,
      gst_dmix_ducker_trigger_get_type },
  { "mode", "Mode",
      "How far to duck: until the target is met, or by a fixed "
      "depth",
      GST_DMIX_ENUM, 0, 1, DMIX_DUCK_TARGET, PLACE (mode), LIVE,
      gst_dmix_ducker_mode_get_type },
  { "target", "Target",
      "Loudness difference between dialogue and background "
      "to duck to, in LU (mode target; 10 over music, 15 over ambience)",
      GST_DMIX_DOUBLE, 0, 40, 15, PLACE (target), LIVE, NULL },
  { "goal", "Goal", "What to reach in mode target", GST_DMIX_ENUM, 0, 2,
      DMIX_DUCK_GOAL_DIFFERENCE, PLACE (goal), LIVE,
      gst_dmix_ducker_goal_get_type },
  { "intelligibility", "Intelligibility",
      "Glimpse proportion or speech "
      "intelligibility index to duck to, 0 (nothing heard) to 1 (all); "
      "other goals than difference",
      GST_DMIX_DOUBLE, 0, 1, 0.6, PLACE (intelligibility), LIVE, NULL },
  { "depth", "Depth", "How far to duck, in dB (mode fixed)", GST_DMIX_DOUBLE, 0,
      60, 12, PLACE (depth), LIVE, NULL },
  { "range", "Range", "Never duck by more than this, in dB (both modes)",
      GST_DMIX_DOUBLE, 0, 60, 15, PLACE (range), LIVE, NULL },
  { "spectral", "Spectral",
      "Lower each band of the background, on top of the "
      "other ducking, by as much as hides the dialogue, at most by this, in "
      "dB (0: off; needs a lookahead of 6 ms, better 50)",
      GST_DMIX_DOUBLE, 0, 12, 0, PLACE (spectral), LIVE, NULL },
  { "spectral-target", "Spectral target",
      "Difference to reach in each band, in "
      "LU",
      GST_DMIX_DOUBLE, 0, 40, 16, PLACE (spectral_target), LIVE, NULL },
  { "lookahead", "Look-ahead",
      "How far the ducker looks ahead, and delays, in "
      "ms: the background is down when the first syllable comes",
      GST_DMIX_DOUBLE, 0, DMIX_DUCKER_MAX_LOOKAHEAD_MS, 100, PLACE (lookahead),
      GST_PARAM_MUTABLE_READY, NULL },
  { "attack", "Attack",
      "Time constant of the way down, in ms (63 % of it in "
      "dB; used when lookahead is 0)",
      GST_DMIX_DOUBLE, 0, 1000, 10, PLACE (attack), LIVE, NULL },
  { "hold", "Hold", "How long to stay down after the dialogue, in ms",
      GST_DMIX_DOUBLE, 0, 10000, 400, PLACE (hold), LIVE, NULL },
  { "release", "Release",
      "Time constant of the way up, in ms (63 % of it in "
      "dB)",
      GST_DMIX_DOUBLE, 1, 10000, 250, PLACE (release), LIVE, NULL },
  { "open", "Open",
      "Level at which ducking starts, in dB relative to the "
      "running level of the dialogue (trigger level)",
      GST_DMIX_DOUBLE, -60, 0, -16, PLACE (open), LIVE, NULL },
  { "close", "Close",
      "Level down to which ducking goes on, in dB relative to "
      "the running level of the dialogue (trigger level; not above open)",
      GST_DMIX_DOUBLE, -60, 0, -24, PLACE (close), LIVE, NULL },
  { "floor", "Floor", "Level below which nothing is dialogue, in LUFS",
      GST_DMIX_DOUBLE, -120, 0, -50, PLACE (floor), LIVE, NULL },
  { "dialogue-gain", "Dialogue gain",
      "Gain of the dialogue in the mix, in dB "
      "(-100: not heard)",
      GST_DMIX_DOUBLE, -100, 24, 0, PLACE (dialogue_gain), LIVE, NULL },
  { "background-gain", "Background gain",
      "Gain of the background beside the "
      "ducking, in dB (-100: not heard)",
      GST_DMIX_DOUBLE, -100, 24, 0, PLACE (background_gain), LIVE, NULL },
  { "output", "Output", "What to put out", GST_DMIX_ENUM, 0, 1,
      GST_DMIX_DUCKER_OUTPUT_MIX, PLACE (output), LIVE,
      gst_dmix_ducker_output_get_type },
  { "bypass", "Bypass", "Do not duck (gains and delay stay)", GST_DMIX_BOOLEAN,
      0, 1, FALSE, PLACE (bypass), LIVE, NULL },
  { "meter", "Meter",
      "Measure loudness and intelligibility of what is put out, "
      "and post them as messages named dmixmeter",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (meter), GST_PARAM_MUTABLE_READY,
      NULL },
  { "post-messages", "Post messages",
      "Post an element message at every "
      "interval",
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
    .mode = (DmixDuckMode) s->mode,
    .target_lu = s->target,
    .depth_db = s->depth,
    .range_db = s->range,
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

  dmix_ducker_set_params (ducker, &params);
}

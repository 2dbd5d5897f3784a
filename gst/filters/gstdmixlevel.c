/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixlevel
 * @title: dmixlevel
 *
 * Rides the level of a programme or of a voice to a loudness, upward and
 * downward, with a true-peak limiter behind it. With anchor=dialogue only
 * speech moves the gain. In two passes it measures a file and gives it one
 * exact gain.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=speech.wav ! decodebin ! audioconvert \
 *     ! dmixlevel target=-16 lookahead=3000 ! audioconvert ! wavenc ! filesink location=level.wav
 * ]| The speech has -16 LUFS throughout, whoever speaks.
 * |[
 * gst-launch-1.0 -m filesrc location=speech.wav ! decodebin ! audioconvert \
 *     ! dmixlevel mode=analyse anchor=programme target=-23 interval=1000000000 ! fakesink
 * ]| The last message has the gain that brings the file to -23 LUFS.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "filters/gstdmixlevel.h"
#include "base/gstdmixdetector.h"
#include "base/gstdmixenum.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixpresets.h"

#include "dynamics/leveller.h"

GST_DEBUG_CATEGORY_STATIC (dmix_level_debug);
#define GST_CAT_DEFAULT dmix_level_debug

/*** properties ***/

static const GEnumValue level_mode_values[] = {
  { DMIX_LEVELLER_RIDE, "Follow the loudness with the gain", "live" },
  { DMIX_LEVELLER_ANALYSE,
      "First of two passes: measure, and post the gain that makes the loudness "
      "of the whole exact",
      "analyse" },
  { DMIX_LEVELLER_GAIN, "Second of two passes: apply the gain", "gain" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixLevelMode, gst_dmix_level_mode, level_mode_values)

static const GEnumValue level_anchor_values[] = {
  { DMIX_LEVELLER_PROGRAMME, "All sound above the gate", "programme" },
  { DMIX_LEVELLER_DIALOGUE, "Speech", "dialogue" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixLevelAnchor, gst_dmix_level_anchor,
    level_anchor_values)

typedef struct
{
  GstDmixFilterSettings common;
  gint mode, anchor, speech_detector;
  gdouble target, max_gain, max_cut, speed, lookahead, gate, gain, ceiling;
} Settings;

#define PLACE(field) G_STRUCT_OFFSET (Settings, field)
#define LIVE GST_PARAM_CONTROLLABLE

static const GstDmixProperty properties[] = {
  { "mode", "Mode", "Live, or one of two passes", GST_DMIX_ENUM, 0, 2,
      DMIX_LEVELLER_RIDE, PLACE (mode), GST_PARAM_MUTABLE_READY,
      gst_dmix_level_mode_get_type, NULL },
  { "target", "Target", "Loudness to reach, in LUFS", GST_DMIX_DOUBLE, -60, 0,
      -23, PLACE (target), LIVE, NULL, NULL },
  { "anchor", "Anchor", "What has the target loudness", GST_DMIX_ENUM, 0, 1,
      DMIX_LEVELLER_DIALOGUE, PLACE (anchor), LIVE,
      gst_dmix_level_anchor_get_type, NULL },
  { "speech-detector", "Speech detector",
      "Method that finds speech (anchor dialogue)", GST_DMIX_ENUM, 0,
      DMIX_VOICE_LEARNED, DMIX_VOICE_LEARNED, PLACE (speech_detector), LIVE,
      gst_dmix_speech_detector_get_type, NULL },
  { "max-gain", "Largest gain", "Largest gain upward, in dB (mode live)",
      GST_DMIX_DOUBLE, 0, 60, 12, PLACE (max_gain), LIVE, NULL, NULL },
  { "max-cut", "Largest cut", "Largest gain downward, in dB (mode live)",
      GST_DMIX_DOUBLE, 0, 60, 20, PLACE (max_cut), LIVE, NULL, NULL },
  { "speed", "Speed", "Largest change of the gain, in dB/s (mode live)",
      GST_DMIX_DOUBLE, 0.1, 100, 6, PLACE (speed), LIVE, NULL, NULL },
  { "lookahead", "Look-ahead",
      "Look-ahead of the gain, in ms; the sound is delayed by as much (mode "
      "live)",
      GST_DMIX_DOUBLE, 0, DMIX_LEVELLER_MAX_LOOKAHEAD_MS, 100,
      PLACE (lookahead), GST_PARAM_MUTABLE_READY, NULL, NULL },
  { "gate", "Gate",
      "Loudness below which sound does not move the gain, in LUFS (mode live)",
      GST_DMIX_DOUBLE, -120, 0, -50, PLACE (gate), LIVE, NULL, NULL },
  { "gain", "Gain",
      "Gain of mode gain, in dB: that from the last message of mode analyse",
      GST_DMIX_DOUBLE, -60, 60, 0, PLACE (gain), LIVE, NULL, NULL },
  { "ceiling", "Ceiling", "Highest true peak, in dBTP (modes live and gain)",
      GST_DMIX_DOUBLE, -60, 20, -1, PLACE (ceiling), LIVE, NULL, NULL },
};

/*** the element ***/

struct _GstDmixLevel
{
  GstDmixFilter parent;

  Settings settings; /* object lock */
  DmixLeveller *leveller;
  gint mode; /* of the leveller */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixLevel, gst_dmix_level,
    GST_TYPE_DMIX_FILTER,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixlevel, "dmixlevel", GST_RANK_NONE,
    GST_TYPE_DMIX_LEVEL,
    GST_DEBUG_CATEGORY_INIT (dmix_level_debug, "dmixlevel", 0, "leveller"))

static void
gst_dmix_level_cleanup (GstDmixFilter *filter)
{
  g_clear_pointer (&GST_DMIX_LEVEL (filter)->leveller, dmix_leveller_free);
}

/* A change of format within a programme does not restart its measurement. */
static gboolean
gst_dmix_level_setup (GstDmixFilter *filter, const GstAudioInfo *in,
    const GstAudioInfo *out, gconstpointer settings)
{
  GstDmixLevel *self = GST_DMIX_LEVEL (filter);
  const Settings *s = settings;
  const DmixFormat format = {
    GST_AUDIO_INFO_RATE (in),
    GST_AUDIO_INFO_CHANNELS (in),
  };
  gfloat weight[DMIX_MAX_CHANNELS];
  DmixVoicePlace place[DMIX_MAX_CHANNELS];
  DmixLeveller *leveller;

  gst_dmix_layout_weights (in, weight);
  gst_dmix_layout_places (in, place);
  leveller = dmix_leveller_new (&format, weight, place,
      (DmixLevellerMode) s->mode, s->lookahead);
  if (!leveller) {
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for %u channels at %u Hz and a look-ahead of %g ms: use "
         "fewer channels or a lower rate on pad 'sink', or a shorter "
         "'lookahead'",
            format.channels, format.rate_hz, s->lookahead));
    return FALSE;
  }
  if (self->leveller)
    dmix_leveller_take_over (leveller, self->leveller);
  gst_dmix_level_cleanup (filter);
  self->leveller = leveller;
  self->mode = s->mode;
  return TRUE;
}

static void
gst_dmix_level_apply (GstDmixFilter *filter, gconstpointer settings)
{
  const Settings *s = settings;
  const DmixLevellerParams params = {
    .control = {
      .target_lufs = s->target,
      .max_gain_db = s->max_gain,
      .max_cut_db = s->max_cut,
      .speed_db_s = s->speed,
      .gate_lufs = s->gate,
    },
    .anchor = (DmixLevellerAnchor) s->anchor,
    .detector = (DmixVoiceDetector) s->speech_detector,
    .gain_db = s->gain,
    .ceiling_dbtp = s->ceiling,
    .bypass = s->common.bypass,
  };

  GST_LOG_OBJECT (filter, "mode %d, target %g LUFS, speed %g dB/s, gain %g dB",
      s->mode, s->target, s->speed, s->gain);
  dmix_leveller_set_params (GST_DMIX_LEVEL (filter)->leveller, &params);
}

static void
gst_dmix_level_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  dmix_leveller_process (GST_DMIX_LEVEL (filter)->leveller, out, frames);
}

/* At flushes and jumps the programme continues; another stream is another one. */
static void
gst_dmix_level_reset (GstDmixFilter *filter)
{
  dmix_leveller_interrupt (GST_DMIX_LEVEL (filter)->leveller);
}

static void
gst_dmix_level_forget (GstDmixFilter *filter)
{
  dmix_leveller_reset (GST_DMIX_LEVEL (filter)->leveller);
}

static guint
gst_dmix_level_latency (GstDmixFilter *filter)
{
  return dmix_leveller_latency_frames (GST_DMIX_LEVEL (filter)->leveller);
}

/*** messages ***/

static GstStructure *
gst_dmix_level_meter (GstDmixFilter *filter)
{
  GstDmixLevel *self = GST_DMIX_LEVEL (filter);
  GstStructure *s = gst_structure_new_empty ("dmixlevel");
  DmixLevellerMeter m;

  dmix_leveller_read_meter (self->leveller, &m);
  if (self->mode == DMIX_LEVELLER_ANALYSE) {
    const GstDmixNumber number[] = {
      { "loudness", m.loudness_lufs },
      { "gain", m.needed_gain_db },
      { "true-peak", m.true_peak_dbtp },
      { "speech", m.speech },
    };

    gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  } else if (self->mode == DMIX_LEVELLER_GAIN) {
    const GstDmixNumber number[] = {
      { "gain", m.gain_db },
      { "limiter", m.limiter_db },
    };

    gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  } else {
    const GstDmixNumber number[] = {
      { "loudness", m.loudness_lufs },
      { "gain", m.gain_db },
      { "limiter", m.limiter_db },
      { "speech", m.speech },
    };

    gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  }
  return s;
}

/*** object ***/

static const GstDmixFilterInfo filter_info = {
  .long_name = "Leveller",
  .classification = "Filter/Effect/Audio",
  .description = "Rides the level of a programme or a voice to a loudness",
  .properties = properties,
  .property_count = G_N_ELEMENTS (properties),
  .settings_offset = G_STRUCT_OFFSET (GstDmixLevel, settings),
  .settings_size = sizeof (Settings),
};

static void
gst_dmix_level_class_init (GstDmixLevelClass *klass)
{
  GstDmixFilterClass *filter_class = GST_DMIX_FILTER_CLASS (klass);

  gst_dmix_filter_class_install (filter_class, &filter_info);

  filter_class->setup = gst_dmix_level_setup;
  filter_class->cleanup = gst_dmix_level_cleanup;
  filter_class->apply = gst_dmix_level_apply;
  filter_class->process = gst_dmix_level_process;
  filter_class->reset = gst_dmix_level_reset;
  filter_class->forget = gst_dmix_level_forget;
  filter_class->latency = gst_dmix_level_latency;
  filter_class->meter = gst_dmix_level_meter;
}

static void
gst_dmix_level_init (GstDmixLevel *self)
{
}

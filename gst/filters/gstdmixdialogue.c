/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixdialogue
 * @title: dmixdialogue
 *
 * Makes the dialogue of a finished mix louder or clearer, where there are no
 * stems: it splits a film, a broadcast or a recording into dialogue and
 * background, lowers the background while somebody speaks, and puts them
 * together again. Or it puts out one of both.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=film.wav ! decodebin ! audioconvert \
 *     ! dmixdialogue boost=3 target=12 ! audioconvert ! autoaudiosink
 * ]| You hear the film with its dialogue at least 12 LU above the background.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "filters/gstdmixdialogue.h"
#include "base/gstdmixenum.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixpresets.h"
#include "filters/gstdmixdialoguepads.h"

#include "dialogue/dialogue.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (dmix_dialogue_debug);
#define GST_CAT_DEFAULT dmix_dialogue_debug

/*** properties ***/

static const GEnumValue dialogue_goal_values[] = {
  { DMIX_DUCK_GOAL_DIFFERENCE, "Loudness difference: `target`", "difference" },
  { DMIX_DUCK_GOAL_GLIMPSE,
      "Glimpse proportion, the share of speech at least 3 dB above the "
      "background: `intelligibility`",
      "glimpse" },
  { DMIX_DUCK_GOAL_SII, "Speech intelligibility index: `intelligibility`",
      "sii" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDialogueGoal, gst_dmix_dialogue_goal,
    dialogue_goal_values)

static const GEnumValue dialogue_output_values[] = {
  { DMIX_DIALOGUE_MIX, "Dialogue and background in their new balance", "mix" },
  { DMIX_DIALOGUE_VOICE, "The dialogue as it was split, without boost",
      "dialogue" },
  { DMIX_DIALOGUE_BACKGROUND, "The input less the dialogue, without ducking",
      "background" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDialogueOutput, gst_dmix_dialogue_output,
    dialogue_output_values)

static const GEnumValue dialogue_estimator_values[] = {
  { DMIX_DIALOGUE_STATISTICAL, "What channels share, and statistics of speech",
      "statistical" },
  { DMIX_DIALOGUE_LEARNED, "A trained network (statistical below 16 kHz)",
      "learned" },
  { DMIX_DIALOGUE_AUTO, "The one that measures better; for now learned",
      "auto" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDialogueEstimator, gst_dmix_dialogue_estimator,
    dialogue_estimator_values)

typedef struct
{
  GstDmixFilterSettings common;
  gdouble boost, duck, target, intelligibility, range, spectral;
  gdouble hold, release, lookahead, ceiling;
  gint goal, output, estimator;
  gboolean keep_loudness;
} Settings;

#define PLACE(field) G_STRUCT_OFFSET (Settings, field)
#define LIVE GST_PARAM_CONTROLLABLE

static const GstDmixProperty properties[] = {
  { "boost", "Boost", "Gain of the dialogue, in dB (-100: silence)",
      GST_DMIX_DOUBLE, -100, 24, 0, PLACE (boost), LIVE, NULL, NULL },
  { "duck", "Duck",
      "How far the background goes down while somebody speaks, in dB (target "
      "0)",
      GST_DMIX_DOUBLE, 0, 60, 0, PLACE (duck), LIVE, NULL, NULL },
  { "target", "Target",
      "Loudness difference between dialogue and background, in LU: the "
      "background goes down as far as that needs (0: by duck)",
      GST_DMIX_DOUBLE, 0, 40, 0, PLACE (target), LIVE, NULL, NULL },
  { "goal", "Goal", "Measure that target works with", GST_DMIX_ENUM, 0, 2,
      DMIX_DUCK_GOAL_DIFFERENCE, PLACE (goal), LIVE,
      gst_dmix_dialogue_goal_get_type, NULL },
  { "intelligibility", "Intelligibility",
      "Glimpse proportion or speech intelligibility index to reach, from 0 "
      "(nothing understood) to 1 (all); not with goal difference",
      GST_DMIX_DOUBLE, 0, 1, 0.6, PLACE (intelligibility), LIVE, NULL, NULL },
  { "range", "Range", "Largest depth of ducking, in dB", GST_DMIX_DOUBLE, 0, 60,
      12, PLACE (range), LIVE, NULL, NULL },
  { "spectral", "Spectral",
      "Largest additional ducking of each frequency band that masks the "
      "dialogue, in dB (0: off; needs a lookahead of at least 6 ms, better 50)",
      GST_DMIX_DOUBLE, 0, 12, 0, PLACE (spectral), LIVE, NULL, NULL },
  { "hold", "Hold", "Time to stay down after the dialogue, in ms",
      GST_DMIX_DOUBLE, 0, 10000, 400, PLACE (hold), LIVE, NULL, NULL },
  { "release", "Release",
      "Time constant of the way up, in ms (63 % of the change in dB)",
      GST_DMIX_DOUBLE, 1, 10000, 400, PLACE (release), LIVE, NULL, NULL },
  { "lookahead", "Look-ahead",
      "Look-ahead of the ducking, in ms: the background is down at the first "
      "syllable, and the output is delayed by as much",
      GST_DMIX_DOUBLE, 0, DMIX_DIALOGUE_MAX_LOOKAHEAD_MS, 100,
      PLACE (lookahead), GST_PARAM_MUTABLE_READY, NULL, NULL },
  { "output", "Output", "Signal to put out", GST_DMIX_ENUM, 0, 2,
      DMIX_DIALOGUE_MIX, PLACE (output), LIVE,
      gst_dmix_dialogue_output_get_type, NULL },
  { "keep-loudness", "Keep loudness",
      "Give the mix the loudness of the input (means over 30 s)",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (keep_loudness), LIVE, NULL, NULL },
  { "ceiling", "Ceiling", "Highest true peak of a mix that is changed, in dBTP",
      GST_DMIX_DOUBLE, -60, 20, -1, PLACE (ceiling), LIVE, NULL, NULL },
  { "estimator", "Estimator", "Method that tells dialogue from background",
      GST_DMIX_ENUM, 0, 2, DMIX_DIALOGUE_AUTO, PLACE (estimator),
      GST_PARAM_MUTABLE_READY, gst_dmix_dialogue_estimator_get_type, NULL },
};

/*** the element ***/

struct _GstDmixDialogue
{
  GstDmixFilter parent;

  Settings settings; /* object lock */
  DmixDialogue *dialogue;
  GstDmixDialoguePads pads;
  gfloat *block; /* mix, then stems, of BLOCK frames; NULL: no stems */
};

#define BLOCK 256

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixDialogue, gst_dmix_dialogue,
    GST_TYPE_DMIX_FILTER,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixdialogue, "dmixdialogue",
    GST_RANK_NONE, GST_TYPE_DMIX_DIALOGUE,
    GST_DEBUG_CATEGORY_INIT (dmix_dialogue_debug, "dmixdialogue", 0,
        "dialogue of a finished mix"))

static void
gst_dmix_dialogue_cleanup (GstDmixFilter *filter)
{
  GstDmixDialogue *self = GST_DMIX_DIALOGUE (filter);

  g_clear_pointer (&self->dialogue, dmix_dialogue_free);
  g_clear_pointer (&self->block, g_free);
}

static gboolean
gst_dmix_dialogue_setup (GstDmixFilter *filter, const GstAudioInfo *in,
    const GstAudioInfo *out, gconstpointer settings)
{
  GstDmixDialogue *self = GST_DMIX_DIALOGUE (filter);
  const Settings *s = settings;
  const DmixFormat format = {
    GST_AUDIO_INFO_RATE (in),
    GST_AUDIO_INFO_CHANNELS (in),
  };
  const DmixDialogueEstimator wish = (DmixDialogueEstimator) s->estimator;
  gfloat weight[DMIX_MAX_CHANNELS];
  DmixVoicePlace place[DMIX_MAX_CHANNELS];

  gst_dmix_dialogue_cleanup (filter);
  gst_dmix_layout_weights (in, weight);
  gst_dmix_layout_places (in, place);
  self->dialogue = dmix_dialogue_new (&format, weight,
      GST_AUDIO_INFO_IS_UNPOSITIONED (in) ? NULL : place, s->lookahead, wish);
  if (self->dialogue && self->pads.channels > 0)
    self->block = g_try_new0 (gfloat,
        (gsize) BLOCK * GST_DMIX_DIALOGUE_SIGNALS * format.channels);
  if (!self->dialogue || (self->pads.channels > 0 && !self->block)) {
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for %u channels at %u Hz and a look-ahead of %g ms: use "
         "fewer channels or a lower rate on pad 'sink', or a shorter "
         "'lookahead'",
            format.channels, format.rate_hz, s->lookahead));
    return FALSE;
  }
  GST_DEBUG_OBJECT (self, "%s estimator",
      dmix_dialogue_is_learned (wish, &format) ? "learned" : "statistical");
  return TRUE;
}

static void
gst_dmix_dialogue_apply (GstDmixFilter *filter, gconstpointer settings)
{
  const Settings *s = settings;
  const DmixDialogueParams params = {
    .boost_db = s->boost,
    .duck_db = s->duck,
    .target_lu = s->target,
    .goal = (DmixDuckGoalKind) s->goal,
    .intelligibility = s->intelligibility,
    .range_db = s->range,
    .spectral_db = s->spectral,
    .hold_ms = s->hold,
    .release_ms = s->release,
    .output = (DmixDialogueOutput) s->output,
    .keep_loudness = s->keep_loudness,
    .ceiling_dbtp = s->ceiling,
    .bypass = s->common.bypass,
  };

  GST_LOG_OBJECT (filter, "boost %g dB, duck %g dB, target %g LU, output %d",
      s->boost, s->duck, s->target, s->output);
  dmix_dialogue_set_params (GST_DMIX_DIALOGUE (filter)->dialogue, &params);
}

/* Mix, dialogue and background side by side. */
static void
process_with_stems (GstDmixDialogue *self, const gfloat *in, gfloat *out,
    guint frames)
{
  const guint channels = self->pads.channels;
  gfloat *mix = self->block, *stems = mix + (gsize) BLOCK * channels;

  while (frames > 0) {
    const guint n = MIN (frames, BLOCK);

    memcpy (mix, in, (gsize) n * channels * sizeof *mix);
    dmix_dialogue_process_stems (self->dialogue, mix, stems, n);
    for (guint i = 0; i < n; i++) {
      memcpy (out, mix + i * channels, channels * sizeof *out);
      memcpy (out + channels, stems + 2 * i * channels,
          2 * channels * sizeof *out);
      out += GST_DMIX_DIALOGUE_SIGNALS * channels;
    }
    in += n * channels;
    frames -= n;
  }
}

static void
gst_dmix_dialogue_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  GstDmixDialogue *self = GST_DMIX_DIALOGUE (filter);

  if (self->block)
    process_with_stems (self, in, out, frames);
  else
    dmix_dialogue_process (self->dialogue, out, frames);
}

static void
gst_dmix_dialogue_reset (GstDmixFilter *filter)
{
  dmix_dialogue_reset (GST_DMIX_DIALOGUE (filter)->dialogue);
}

static guint
gst_dmix_dialogue_latency (GstDmixFilter *filter)
{
  return dmix_dialogue_latency_frames (GST_DMIX_DIALOGUE (filter)->dialogue);
}

/*** messages ***/

static GstStructure *
gst_dmix_dialogue_meter (GstDmixFilter *filter)
{
  GstStructure *s = gst_structure_new_empty ("dmixdialogue");
  DmixDialogueReport m;

  dmix_dialogue_read_meter (GST_DMIX_DIALOGUE (filter)->dialogue, &m);
  {
    const GstDmixNumber number[] = {
      { "speech", m.speech },
      { "dialogue-loudness", m.dialogue_lufs },
      { "background-loudness", m.background_lufs },
      { "duck", m.duck_db },
      { "loudness-gain", m.loudness_gain_db },
      { "limiter", m.limiter_db },
      { "difference", m.difference_lu },
    };

    gst_dmix_message_set_numbers (s, number,
        G_N_ELEMENTS (number) - !m.has_difference);
  }
  return s;
}

/*** object ***/

static gboolean
gst_dmix_dialogue_set_caps (GstBaseTransform *trans, GstCaps *in, GstCaps *out)
{
  GstCaps *wide =
      gst_dmix_dialogue_pads_widen (&GST_DMIX_DIALOGUE (trans)->pads, out);
  const gboolean ok = GST_BASE_TRANSFORM_CLASS (gst_dmix_dialogue_parent_class)
                          ->set_caps (trans, in, wide);

  gst_caps_unref (wide);
  return ok;
}

static const GstDmixFilterInfo filter_info = {
  .long_name = "Dialogue enhancement",
  .classification = "Filter/Effect/Audio",
  .description = "Makes the dialogue of a finished mix louder or clearer",
  .properties = properties,
  .property_count = G_N_ELEMENTS (properties),
  .settings_offset = G_STRUCT_OFFSET (GstDmixDialogue, settings),
  .settings_size = sizeof (Settings),
};

static void
gst_dmix_dialogue_class_init (GstDmixDialogueClass *klass)
{
  GstDmixFilterClass *filter_class = GST_DMIX_FILTER_CLASS (klass);

  gst_dmix_filter_class_install (filter_class, &filter_info);

  gst_dmix_dialogue_pads_install (GST_ELEMENT_CLASS (klass),
      G_STRUCT_OFFSET (GstDmixDialogue, pads));
  GST_BASE_TRANSFORM_CLASS (klass)->set_caps = gst_dmix_dialogue_set_caps;

  filter_class->setup = gst_dmix_dialogue_setup;
  filter_class->cleanup = gst_dmix_dialogue_cleanup;
  filter_class->apply = gst_dmix_dialogue_apply;
  filter_class->process = gst_dmix_dialogue_process;
  filter_class->reset = gst_dmix_dialogue_reset;
  filter_class->latency = gst_dmix_dialogue_latency;
  filter_class->meter = gst_dmix_dialogue_meter;
}

static void
gst_dmix_dialogue_init (GstDmixDialogue *self)
{
  gst_dmix_dialogue_pads_init (&self->pads, GST_ELEMENT (self));
}

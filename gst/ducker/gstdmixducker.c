/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixducker
 * @title: dmixducker
 *
 * Lowers a background (ambience, music) under dialogue: before the first
 * syllable, by as much as the dialogue needs, and gradually back after the last
 * one. It takes the background on the pad `background` and the dialogue on the
 * pad `dialogue`, and puts out the mix of both or, with `output=background`,
 * the ducked background alone. More tracks of either kind go to `background_0`,
 * `dialogue_0` and so on, and are added.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 dmixducker name=d ! audioconvert ! autoaudiosink \
 *     filesrc location=rain.flac ! decodebin ! audioconvert ! audioresample ! d.background \
 *     filesrc location=speech.wav ! decodebin ! audioconvert ! audioresample ! d.dialogue
 * ]| You hear the speech, and during speech the rain 15 LU below it.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "ducker/gstdmixducker.h"
#include "base/gstdmixaggregatorpad.h"
#include "ducker/gstdmixduckermessages.h"
#include "ducker/gstdmixduckersettings.h"
#include "ducker/gstdmixduckerstems.h"
#include "base/gstdmixlayout.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixpadchildren.h"
#include "base/gstdmixpresets.h"
#include "base/gstdmixstem.h"

#include "base/format.h"
#include "ducker/ducker.h"
#include "meter/kweight.h"
#include "meter/stemmeter.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (dmix_ducker_debug);
#define GST_CAT_DEFAULT dmix_ducker_debug

/*** the element ***/

struct _GstDmixDucker
{
  GstDmixAggregator parent;

  GstDmixDuckerSettings settings; /* object lock */

  /* streaming thread only */
  GstDmixDuckerStems stems;
  DmixDucker *ducker;
  DmixStemMeter *meter; /* NULL: property meter is FALSE */
  gboolean has_warned;  /* that range limits the depth */
  gboolean stem_asked;  /* by downstream: the dialogue as meta */
  guint block_frames;   /* of the current block */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixDucker, gst_dmix_ducker,
    GST_TYPE_DMIX_AGGREGATOR,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface)
        G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY,
            gst_dmix_pad_children_init))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixducker, "dmixducker", GST_RANK_NONE,
    GST_TYPE_DMIX_DUCKER,
    GST_DEBUG_CATEGORY_INIT (dmix_ducker_debug, "dmixducker", 0,
        "dialogue-aware ducker"))

static GstStaticPadTemplate more_dialogue_template =
    GST_STATIC_PAD_TEMPLATE ("dialogue_%u", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (GST_DMIX_CAPS));
static GstStaticPadTemplate more_background_template =
    GST_STATIC_PAD_TEMPLATE ("background_%u", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (GST_DMIX_CAPS));
static GstStaticPadTemplate background_template =
    GST_STATIC_PAD_TEMPLATE ("background", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (GST_DMIX_CAPS));
static GstStaticPadTemplate dialogue_template =
    GST_STATIC_PAD_TEMPLATE ("dialogue", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (GST_DMIX_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DMIX_CAPS));

/*** processor ***/

static const GstDmixDuckerSettings *
current_settings (GstDmixDucker *self)
{
  return gst_dmix_aggregator_get_settings (GST_DMIX_AGGREGATOR (self));
}

static void
gst_dmix_ducker_apply (GstDmixAggregator *agg, gconstpointer settings)
{
  gst_dmix_ducker_settings_apply (settings, GST_DMIX_DUCKER (agg)->ducker);
}

/* A change of format within a programme does not restart its measurement. */
static void
set_up_meter (GstDmixDucker *self, const DmixFormat *format,
    const gfloat *weight)
{
  const gboolean wanted = current_settings (self)->meter;
  DmixStemMeter *old = self->meter;

  self->meter = wanted ? dmix_stemmeter_new (format, weight) : NULL;
  if (wanted && !self->meter)
    GST_ELEMENT_WARNING (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for the meter of %u channels at %u Hz, so that no message "
         "dmixmeter is posted: set property meter to false, or use fewer "
         "channels on pad 'background'",
            format->channels, format->rate_hz));
  if (self->meter && old)
    dmix_stemmeter_take_over (self->meter, old);
  dmix_stemmeter_free (old);
}

static gint
gst_dmix_ducker_setup (GstDmixAggregator *agg, const GstAudioInfo *info,
    gconstpointer settings)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  const DmixFormat format = {
    GST_AUDIO_INFO_RATE (info),
    GST_AUDIO_INFO_CHANNELS (info),
  };
  const GstDmixDuckerSettings *s = settings;
  DmixDucker *old = self->ducker;
  gfloat weight[DMIX_MAX_CHANNELS];

  gst_dmix_layout_weights (info, weight);
  self->ducker = dmix_ducker_new (&format, weight, s->lookahead);
  if (!self->ducker || !gst_dmix_ducker_stems_set_info (&self->stems, info)) {
    dmix_ducker_free (self->ducker);
    self->ducker = old;
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for %u channels at %u Hz with a look-ahead of %g ms: set "
         "property lookahead to less, or use fewer channels on pad "
         "'background'",
            format.channels, format.rate_hz, s->lookahead));
    return -1;
  }
  gst_dmix_ducker_settings_apply (s, self->ducker);
  set_up_meter (self, &format, weight);
  GST_DEBUG_OBJECT (self, "look-ahead %g ms, meter %s", s->lookahead,
      self->meter ? "on" : "off");
  if (old) {
    dmix_ducker_take_over (self->ducker, old);
    dmix_ducker_free (old);
  }
  return dmix_ducker_latency_frames (self->ducker);
}

static void
gst_dmix_ducker_reset (GstDmixAggregator *agg)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);

  dmix_ducker_reset (self->ducker);
  if (self->meter)
    dmix_stemmeter_interrupt (self->meter);
  gst_dmix_ducker_settings_apply (current_settings (self), self->ducker);
  self->stems.background_end = 0;
  self->stems.background_gap_end = 0;
}

/*** messages ***/

static guint
gst_dmix_ducker_meter (GstDmixAggregator *agg,
    GstStructure *message[GST_DMIX_AGGREGATOR_MESSAGES])
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  DmixDuckerMeter meter;
  guint count = 0;

  dmix_ducker_read_meter (self->ducker, &meter);
  message[count++] = gst_dmix_ducker_messages_ducking (&meter);
  if (self->meter)
    message[count++] = gst_dmix_ducker_messages_stems (self->meter,
        GST_AUDIO_INFO_CHANNELS (&self->stems.info), &meter);
  return count;
}

/*** samples ***/

/* All inputs of the block are in its stems. */
static void
gst_dmix_ducker_begin (GstDmixAggregator *agg, const GstDmixBlock *block)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);

  self->block_frames = block->frames;
  if (block->draining)
    gst_dmix_ducker_stems_begin (&self->stems, block->frames);
  else if (self->stems.background_filled > 0)
    self->stems.background_end = block->offset + self->stems.background_filled
        + dmix_ducker_latency_frames (self->ducker);
  gst_dmix_ducker_stems_finish (&self->stems,
      block->draining ? NULL : block->samples, block->frames);
}

static void
post_limited (GstElement *element, gpointer needed_db)
{
  GST_ELEMENT_WARNING (element, LIBRARY, SETTINGS, (NULL),
      ("The dialogue needs %.1f dB of ducking, more than property range "
       "allows: "
       "set property range to that, or make the dialogue louder",
          *(const gdouble *) needed_db));
}

/* Once per stream, from another thread, for the lock of the pads is held. Bands do
 * the rest where spectral is on. */
static void
warn_if_limited (GstDmixDucker *self)
{
  gdouble needed_db = dmix_ducker_get_limited_db (self->ducker);

  if (self->has_warned || needed_db == 0.0 || current_settings (self)->bypass
      || current_settings (self)->spectral > 0.0)
    return;
  self->has_warned = TRUE;
  gst_element_call_async (GST_ELEMENT (self), post_limited,
      g_memdup2 (&needed_db, sizeof needed_db), g_free);
}

/* The voice flag may change within the block. */
static void
duck (GstDmixDucker *self, gfloat *background, gfloat *dialogue,
    const guint8 *spoken, guint frames)
{
  const gsize channels = GST_AUDIO_INFO_CHANNELS (&self->stems.info);
  guint run;

  for (guint done = 0; done < frames; done += run) {
    const guint8 speech = spoken[done];
    const guint8 *change = memchr (spoken + done, !speech, frames - done);

    run = change ? (guint) (change - spoken) - done : frames - done;
    dmix_ducker_set_speech (self->ducker, speech);
    dmix_ducker_process (self->ducker, background + done * channels,
        dialogue + done * channels, run);
  }
}

static void
gst_dmix_ducker_process (GstDmixAggregator *agg, const GstDmixBlock *block,
    guint first, guint frames, gboolean heard)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  const gsize samples =
      (gsize) first * GST_AUDIO_INFO_CHANNELS (&self->stems.info);
  gfloat *background = block->samples + samples;
  gfloat *dialogue = self->stems.dialogue + samples;

  duck (self, background, dialogue, self->stems.spoken + first, frames);
  warn_if_limited (self);
  if (self->meter && heard)
    dmix_stemmeter_process (self->meter, background, dialogue,
        (gfloat) dmix_ducker_dialogue_gain (self->ducker),
        current_settings (self)->output == GST_DMIX_DUCKER_OUTPUT_MIX, frames);
}

static GstBuffer *
gst_dmix_ducker_create_output_buffer (GstAudioAggregator *aagg, guint frames)
{
  gst_dmix_ducker_stems_begin (&GST_DMIX_DUCKER (aagg)->stems, frames);
  return gst_dmix_aggregator_new_buffer (GST_DMIX_AGGREGATOR (aagg), frames);
}

/* Only copies the input into its stem; the block is processed when both stems
 * are complete. */
static gboolean
gst_dmix_ducker_aggregate_one_buffer (GstAudioAggregator *aagg,
    GstAudioAggregatorPad *pad, GstBuffer *in, guint in_offset, GstBuffer *out,
    guint out_offset, guint frames)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (aagg);
  const gboolean background = gst_dmix_ducker_stems_is_background (pad);
  const gfloat *samples;
  GstMapInfo from, to;

  if (gst_dmix_aggregator_pad_is_carrier (in) /* no memory */
      || gst_dmix_aggregator_pad_is_carrier (out)
      || !gst_buffer_map (in, &from, GST_MAP_READ))
    return FALSE;
  samples = (const gfloat *) from.data
      + (gsize) in_offset * GST_AUDIO_INFO_CHANNELS (&self->stems.info);
  if (!background) {
    gst_dmix_ducker_stems_add_dialogue (&self->stems, samples, out_offset,
        frames);
    gst_dmix_ducker_stems_add_flag (&self->stems, in, out_offset, frames);
    if (current_settings (self)->trigger == DMIX_DUCK_TRIGGER_FLAG)
      gst_dmix_ducker_stems_warn_unflagged (&self->stems, GST_ELEMENT (self),
          GST_PAD (pad));
  } else if (gst_buffer_map (out, &to, GST_MAP_READWRITE)) {
    gst_dmix_ducker_stems_add_background (&self->stems, (gfloat *) to.data,
        samples, out_offset, frames);
    gst_buffer_unmap (out, &to);
  }
  gst_buffer_unmap (in, &from);
  return background
      || current_settings (self)->output == GST_DMIX_DUCKER_OUTPUT_MIX;
}

/* Gaps are not aggregated, but they count for the length of the background. */
static GstBuffer *
gst_dmix_ducker_clip (GstAggregator *agg, GstAggregatorPad *pad,
    GstBuffer *buffer)
{
  buffer = GST_AGGREGATOR_CLASS (gst_dmix_ducker_parent_class)
               ->clip (agg, pad, buffer);
  if (buffer)
    gst_dmix_ducker_stems_note_gap (&GST_DMIX_DUCKER (agg)->stems, pad, buffer);
  return buffer;
}

/* A pad requested without a name is the background, the next one the dialogue:
 * applications that link "d." twice mean one of each. */
static GstAggregatorPad *
gst_dmix_ducker_create_new_pad (GstAggregator *agg, GstPadTemplate *template,
    const gchar *name, const GstCaps *caps)
{
  GstPad *there = gst_element_get_static_pad (GST_ELEMENT (agg), "background");

  if (!name && there
      && g_str_equal (GST_PAD_TEMPLATE_NAME_TEMPLATE (template), "background"))
    template = gst_element_get_pad_template (GST_ELEMENT (agg), "dialogue");
  gst_clear_object (&there);
  return GST_AGGREGATOR_CLASS (gst_dmix_ducker_parent_class)
      ->create_new_pad (agg, template, name, caps);
}

/* The ducked background ends with the background, the mix with the longer
 * input. */
static gint64
gst_dmix_ducker_end (GstDmixAggregator *agg)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);

  return current_settings (self)->output == GST_DMIX_DUCKER_OUTPUT_MIX
      ? -1
      : gst_dmix_ducker_stems_end (&self->stems, GST_AGGREGATOR (agg));
}

static gboolean
gst_dmix_ducker_decide_allocation (GstAggregator *agg, GstQuery *query)
{
  GstAggregatorClass *parent =
      GST_AGGREGATOR_CLASS (gst_dmix_ducker_parent_class);

  GST_DMIX_DUCKER (agg)->stem_asked = gst_dmix_stem_is_asked (query);
  return !parent->decide_allocation || parent->decide_allocation (agg, query);
}

static void
gst_dmix_ducker_leave (GstDmixAggregator *agg, GstBuffer *mix)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  const guint frames = (guint) (gst_buffer_get_size (mix)
      / GST_AUDIO_INFO_BPF (&self->stems.info));
  GstBuffer *dialogue;

  if (!self->stem_asked
      || current_settings (self)->output != GST_DMIX_DUCKER_OUTPUT_MIX)
    return;
  dialogue =
      gst_dmix_ducker_stems_copy_dialogue (&self->stems, self->block_frames,
          frames, (gfloat) dmix_ducker_dialogue_gain (self->ducker));
  if (dialogue)
    gst_dmix_stem_attach (mix, dialogue);
}

static void
declare_lookahead (GstDmixDucker *self)
{
  gdouble lookahead;

  GST_OBJECT_LOCK (self);
  lookahead = self->settings.lookahead;
  GST_OBJECT_UNLOCK (self);
  gst_dmix_aggregator_set_lookahead (GST_DMIX_AGGREGATOR (self),
      (GstClockTime) (lookahead * GST_MSECOND + 0.5));
}

static gboolean
gst_dmix_ducker_stop (GstAggregator *agg)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  gboolean stopped =
      GST_AGGREGATOR_CLASS (gst_dmix_ducker_parent_class)->stop (agg);

  g_clear_pointer (&self->ducker, dmix_ducker_free);
  g_clear_pointer (&self->meter, dmix_stemmeter_free);
  gst_dmix_ducker_stems_clear (&self->stems);
  self->has_warned = FALSE;
  return stopped;
}

/*** object ***/

static void
gst_dmix_ducker_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  if (gst_dmix_aggregator_set_property (GST_DMIX_AGGREGATOR (object), id, value)
      && g_str_equal (spec->name, "lookahead"))
    declare_lookahead (GST_DMIX_DUCKER (object));
}

static void
gst_dmix_ducker_constructed (GObject *object)
{
  G_OBJECT_CLASS (gst_dmix_ducker_parent_class)->constructed (object);
  declare_lookahead (GST_DMIX_DUCKER (object));
}

static void
gst_dmix_ducker_finalize (GObject *object)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (object);

  g_clear_pointer (&self->ducker, dmix_ducker_free);
  g_clear_pointer (&self->meter, dmix_stemmeter_free);
  gst_dmix_ducker_stems_clear (&self->stems);
  G_OBJECT_CLASS (gst_dmix_ducker_parent_class)->finalize (object);
}

static void
gst_dmix_ducker_class_init (GstDmixDuckerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);
  GstAudioAggregatorClass *audio_class = GST_AUDIO_AGGREGATOR_CLASS (klass);
  GstDmixAggregatorClass *dmix_class = GST_DMIX_AGGREGATOR_CLASS (klass);

  object_class->constructed = gst_dmix_ducker_constructed;
  object_class->finalize = gst_dmix_ducker_finalize;
  gst_dmix_aggregator_class_install (dmix_class, gst_dmix_ducker_properties,
      gst_dmix_ducker_property_count, G_STRUCT_OFFSET (GstDmixDucker, settings),
      sizeof (GstDmixDuckerSettings));
  object_class->set_property = gst_dmix_ducker_set_property;
  gst_dmix_pad_children_install (element_class);

  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &background_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &dialogue_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &more_background_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &more_dialogue_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &src_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata (element_class, "Dialogue ducker",
      "Generic/Audio",
      "Lowers a background while there is dialogue, ahead of the first "
      "syllable, and mixes both",
      "The dmix authors");

  agg_class->create_new_pad = gst_dmix_ducker_create_new_pad;
  agg_class->clip = gst_dmix_ducker_clip;
  agg_class->decide_allocation = gst_dmix_ducker_decide_allocation;
  agg_class->stop = gst_dmix_ducker_stop;
  audio_class->create_output_buffer = gst_dmix_ducker_create_output_buffer;
  audio_class->aggregate_one_buffer = gst_dmix_ducker_aggregate_one_buffer;
  dmix_class->leading_pad = "background";
  dmix_class->setup = gst_dmix_ducker_setup;
  dmix_class->reset = gst_dmix_ducker_reset;
  dmix_class->apply = gst_dmix_ducker_apply;
  dmix_class->begin = gst_dmix_ducker_begin;
  dmix_class->process = gst_dmix_ducker_process;
  dmix_class->meter = gst_dmix_ducker_meter;
  dmix_class->leave = gst_dmix_ducker_leave;
  dmix_class->end = gst_dmix_ducker_end;

  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_AGGREGATOR_PAD, 0);
}

static void
gst_dmix_ducker_init (GstDmixDucker *self)
{
  gst_dmix_ducker_stems_init (&self->stems);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixducker
 * @title: dmixducker
 *
 * Lowers a background (ambience, music) while there is dialogue: ahead of the
 * first syllable, by as much as the dialogue needs, and back gradually after
 * the last. It takes the background on the pad `background` and the dialogue
 * on the pad `dialogue`, and puts out the mix of both or, with
 * `output=background`, the ducked background alone. More tracks of either
 * kind go to `background_0`, `dialogue_0` and so on; they add up.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 dmixducker name=d ! audioconvert ! autoaudiosink \
 *     filesrc location=rain.flac ! decodebin ! audioconvert ! audioresample ! d.background \
 *     filesrc location=speech.wav ! decodebin ! audioconvert ! audioresample ! d.dialogue
 * ]| You hear the speech, and the rain 15 LU below it wherever somebody
 * speaks.
 *
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "ducker/gstdmixducker.h"
#include "base/gstdmixaggregatorpad.h"
#include "ducker/gstdmixduckerreport.h"
#include "ducker/gstdmixduckersettings.h"
#include "ducker/gstdmixduckerstems.h"
#include "base/gstdmixlayout.h"

#include "ducker/ducker.h"

#include <math.h>

GST_DEBUG_CATEGORY_STATIC (dmix_ducker_debug);
#define GST_CAT_DEFAULT dmix_ducker_debug

/*** the element ***/

struct _GstDmixDucker
{
  GstDmixAggregator parent;

  GstDmixDuckerSettings settings; /* object lock */
  gboolean changed;               /* the settings have; object lock */

  /* streaming thread only */
  GstDmixDuckerSettings current; /* of this block */
  GstDmixDuckerStems stems;
  DmixDucker *ducker;
  DmixStemMeter *meter;  /* NULL: not asked for */
  gint64 interval_start; /* output frame, -1: none yet */
  guint interval_frames;
  GQueue messages; /* to be posted when no lock is held */
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixDucker, gst_dmix_ducker,
    GST_TYPE_DMIX_AGGREGATOR, G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, NULL))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixducker, "dmixducker", GST_RANK_NONE,
    GST_TYPE_DMIX_DUCKER,
    GST_DEBUG_CATEGORY_INIT (dmix_ducker_debug, "dmixducker", 0,
        "dialogue-aware ducker"))

#define CAPS                                                                   \
  "audio/x-raw, format = (string) " GST_AUDIO_NE (                             \
      F32) ", "                                                                \
           "layout = (string) interleaved, rate = (int) [ 8000, 384000 ], "    \
           "channels = (int) [ 1, 64 ]"

static GstStaticPadTemplate more_dialogue_template =
    GST_STATIC_PAD_TEMPLATE ("dialogue_%u", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate more_background_template =
    GST_STATIC_PAD_TEMPLATE ("background_%u", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate background_template =
    GST_STATIC_PAD_TEMPLATE ("background", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate dialogue_template =
    GST_STATIC_PAD_TEMPLATE ("dialogue", GST_PAD_SINK, GST_PAD_REQUEST,
        GST_STATIC_CAPS (CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (CAPS));

/*** processor ***/

/* TRUE if they have changed. */
static gboolean
take_settings (GstDmixDucker *self)
{
  gboolean changed;

  GST_OBJECT_LOCK (self);
  changed = self->changed;
  self->changed = FALSE;
  if (changed)
    self->current = self->settings;
  GST_OBJECT_UNLOCK (self);
  return changed;
}

static void
prepare (GstDmixAggregator *agg)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);

  if (take_settings (self))
    gst_dmix_ducker_settings_apply (&self->current, self->ducker);
}

/* A new format in the middle of a programme does not end its measurement. */
static void
set_up_meter (GstDmixDucker *self, const DmixFormat *format,
    const gfloat *weight)
{
  DmixStemMeter *old = self->meter;

  self->meter =
      self->current.meter ? dmix_stemmeter_new (format, weight) : NULL;
  if (self->current.meter && !self->meter)
    GST_ELEMENT_WARNING (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for the meter; nothing is measured"));
  if (self->meter && old)
    dmix_stemmeter_continue (self->meter, old);
  dmix_stemmeter_free (old);
}

static gint
setup (GstDmixAggregator *agg, const GstAudioInfo *info)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  const DmixFormat format = {
    GST_AUDIO_INFO_RATE (info),
    GST_AUDIO_INFO_CHANNELS (info),
  };
  DmixDucker *old = self->ducker;
  gfloat weight[DMIX_MAX_CHANNELS];

  take_settings (self);
  gst_dmix_layout_weights (info, weight);
  self->ducker = dmix_ducker_new (&format, weight, self->current.lookahead);
  if (!self->ducker) {
    self->ducker = old;
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for a look-ahead of %g ms: use a smaller lookahead",
            self->current.lookahead));
    return -1;
  }
  gst_dmix_ducker_settings_apply (&self->current, self->ducker);
  set_up_meter (self, &format, weight);
  gst_dmix_ducker_stems_set_info (&self->stems, info);
  if (old) {
    dmix_ducker_take_over (self->ducker, old);
    dmix_ducker_free (old);
  }
  return dmix_ducker_latency_frames (self->ducker);
}

static void
forget_messages (GstDmixDucker *self)
{
  g_queue_clear_full (&self->messages, (GDestroyNotify) gst_message_unref);
  self->interval_start = -1;
  self->interval_frames = 0;
}

static void
reset (GstDmixAggregator *agg)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);

  dmix_ducker_reset (self->ducker);
  if (self->meter)
    dmix_stemmeter_interrupt (self->meter);
  gst_dmix_ducker_settings_apply (&self->current, self->ducker);
  forget_messages (self);
  self->stems.background_end = 0;
  self->stems.background_gap_end = 0;
}

/*** messages ***/

static void
queue_message (GstDmixDucker *self, GstStructure *s)
{
  GstDmixTimes start, stop;

  gst_dmix_aggregator_get_times (GST_DMIX_AGGREGATOR (self),
      self->interval_start, &start);
  gst_dmix_aggregator_get_times (GST_DMIX_AGGREGATOR (self),
      self->interval_start + self->interval_frames, &stop);
  gst_structure_set (s, "timestamp", G_TYPE_UINT64, start.timestamp,
      "stream-time", G_TYPE_UINT64, start.stream_time, "running-time",
      G_TYPE_UINT64, start.running_time, "duration", G_TYPE_UINT64,
      stop.timestamp - start.timestamp, NULL);
  g_queue_push_tail (&self->messages,
      gst_message_new_element (GST_OBJECT (self), s));
}

static void
end_interval (GstDmixDucker *self)
{
  DmixDuckerMeter meter;

  dmix_ducker_read_meter (self->ducker, &meter);
  if (self->current.post_messages) {
    queue_message (self, gst_dmix_ducker_report_ducking (&meter));
    if (self->meter)
      queue_message (self,
          gst_dmix_ducker_report_stems (self->meter,
              GST_AUDIO_INFO_CHANNELS (&self->stems.info)));
  }
  self->interval_start += self->interval_frames;
  self->interval_frames = 0;
}

static void
announce (GstDmixAggregator *agg, gboolean last)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  GstMessage *message;

  if (last && self->interval_frames > 0)
    end_interval (self);
  while ((message = g_queue_pop_head (&self->messages)))
    gst_element_post_message (GST_ELEMENT (self), message);
}

/* The frame at which the current message interval ends. */
static guint
interval_length (GstDmixDucker *self)
{
  return MAX (1,
      gst_util_uint64_scale_round (self->current.interval,
          GST_AUDIO_INFO_RATE (&self->stems.info), GST_SECOND));
}

/*** samples ***/

static void
run (GstDmixDucker *self, gfloat **background, gfloat **dialogue, guint frames,
    gboolean is_heard)
{
  const GstDmixDuckerSettings *s = &self->current;
  const gsize samples =
      (gsize) frames * GST_AUDIO_INFO_CHANNELS (&self->stems.info);
  const gdouble gain =
      s->dialogue_gain > -100 ? pow (10, s->dialogue_gain / 20) : 0;

  dmix_ducker_process (self->ducker, *background, *dialogue, frames);
  if (self->meter && is_heard)
    dmix_stemmeter_process (self->meter, *background, *dialogue, (gfloat) gain,
        s->output == GST_DMIX_DUCKER_OUTPUT_MIX, frames);
  *background += samples;
  *dialogue += samples;
}

static void
process (GstDmixAggregator *agg, const GstDmixBlock *block)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  gfloat *background = block->samples, *dialogue;
  guint done = block->head;

  if (block->draining)
    gst_dmix_ducker_stems_begin (&self->stems, block->frames);
  else if (self->stems.background_filled > 0)
    self->stems.background_end = block->offset + self->stems.background_filled
        + dmix_ducker_latency_frames (self->ducker);
  gst_dmix_ducker_stems_finish (&self->stems,
      block->draining ? NULL : background, block->frames);
  dialogue = self->stems.dialogue;
  if (done > 0) {
    DmixDuckerMeter unheard;

    run (self, &background, &dialogue, done, FALSE);
    dmix_ducker_read_meter (self->ducker, &unheard);
  }
  while (done < block->frames) {
    guint left = interval_length (self), frames;

    if (self->interval_start < 0)
      self->interval_start = block->offset + done;
    left = left > self->interval_frames ? left - self->interval_frames : 1;
    frames = MIN (left, block->frames - done);
    run (self, &background, &dialogue, frames, TRUE);
    self->interval_frames += frames;
    done += frames;
    if (frames == left)
      end_interval (self);
  }
}

/* Not the base's, which fills it with silence that is written over. */
static GstBuffer *
create_output_buffer (GstAudioAggregator *aagg, guint frames)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (aagg);
  GstAllocator *allocator;
  GstAllocationParams params;
  GstBuffer *buffer;

  gst_dmix_ducker_stems_begin (&self->stems, frames);
  gst_aggregator_get_allocator (GST_AGGREGATOR (aagg), &allocator, &params);
  buffer = gst_buffer_new_allocate (allocator,
      (gsize) frames * GST_AUDIO_INFO_BPF (&self->stems.info), &params);
  gst_clear_object (&allocator);
  return buffer;
}

/* Only puts the input in its place; both are in hand when the block is full. */
static gboolean
aggregate_one_buffer (GstAudioAggregator *aagg, GstAudioAggregatorPad *pad,
    GstBuffer *in, guint in_offset, GstBuffer *out, guint out_offset,
    guint frames)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (aagg);
  const gboolean background = gst_dmix_ducker_stems_is_background (pad);
  const gfloat *samples;
  GstMapInfo from, to;

  if (!gst_buffer_map (in, &from, GST_MAP_READ))
    return FALSE;
  samples = (const gfloat *) from.data
      + (gsize) in_offset * GST_AUDIO_INFO_CHANNELS (&self->stems.info);
  if (!background) {
    gst_dmix_ducker_stems_add_dialogue (&self->stems, samples, out_offset,
        frames);
  } else if (gst_buffer_map (out, &to, GST_MAP_READWRITE)) {
    gst_dmix_ducker_stems_add_background (&self->stems, (gfloat *) to.data,
        samples, out_offset, frames);
    gst_buffer_unmap (out, &to);
  }
  gst_buffer_unmap (in, &from);
  return background || self->current.output == GST_DMIX_DUCKER_OUTPUT_MIX;
}

/* Gaps never get to aggregate_one_buffer, but they, too, are background. */
static GstBuffer *
clip (GstAggregator *agg, GstAggregatorPad *pad, GstBuffer *buffer)
{
  buffer = GST_AGGREGATOR_CLASS (gst_dmix_ducker_parent_class)
               ->clip (agg, pad, buffer);
  if (buffer)
    gst_dmix_ducker_stems_note_gap (&GST_DMIX_DUCKER (agg)->stems, pad, buffer);
  return buffer;
}

/* The stem is as long as the background; the mix as long as the longer. */
static gint64
end (GstDmixAggregator *agg)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);

  return self->current.output == GST_DMIX_DUCKER_OUTPUT_MIX
      ? -1
      : gst_dmix_ducker_stems_end (&self->stems, GST_AGGREGATOR (agg));
}

static gboolean
stop (GstAggregator *agg)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (agg);
  gboolean stopped =
      GST_AGGREGATOR_CLASS (gst_dmix_ducker_parent_class)->stop (agg);

  g_clear_pointer (&self->ducker, dmix_ducker_free);
  g_clear_pointer (&self->meter, dmix_stemmeter_free);
  gst_dmix_ducker_stems_clear (&self->stems);
  forget_messages (self);
  return stopped;
}

/*** object ***/

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

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *spec)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (object);
  const GstDmixProperty *property = &gst_dmix_ducker_properties[id - 1];

  if (!gst_dmix_properties_set (object, property, &self->settings, value))
    return;
  GST_OBJECT_LOCK (self);
  self->changed = TRUE;
  GST_OBJECT_UNLOCK (self);
  if (property->offset == G_STRUCT_OFFSET (GstDmixDuckerSettings, lookahead))
    declare_lookahead (self);
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (object);

  gst_dmix_properties_get (object, &gst_dmix_ducker_properties[id - 1],
      &self->settings, value);
}

static void
constructed (GObject *object)
{
  G_OBJECT_CLASS (gst_dmix_ducker_parent_class)->constructed (object);
  declare_lookahead (GST_DMIX_DUCKER (object));
}

static void
finalize (GObject *object)
{
  GstDmixDucker *self = GST_DMIX_DUCKER (object);

  g_clear_pointer (&self->ducker, dmix_ducker_free);
  g_clear_pointer (&self->meter, dmix_stemmeter_free);
  gst_dmix_ducker_stems_clear (&self->stems);
  forget_messages (self);
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

  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->constructed = constructed;
  object_class->finalize = finalize;
  gst_dmix_properties_install (object_class, gst_dmix_ducker_properties,
      gst_dmix_ducker_property_count);

  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &more_dialogue_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &background_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &dialogue_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &more_background_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &src_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata (element_class, "Dialogue ducker",
      "Filter/Effect/Audio",
      "Lowers a background while there is dialogue, ahead of the first "
      "syllable, and mixes both",
      "The dmix authors");

  agg_class->clip = clip;
  agg_class->stop = stop;
  audio_class->create_output_buffer = create_output_buffer;
  audio_class->aggregate_one_buffer = aggregate_one_buffer;
  dmix_class->leading_pad = "background";
  dmix_class->setup = setup;
  dmix_class->reset = reset;
  dmix_class->prepare = prepare;
  dmix_class->process = process;
  dmix_class->announce = announce;
  dmix_class->end = end;

  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_DUCKER_MODE, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_DUCKER_OUTPUT, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_DUCKER_TRIGGER, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_DUCKER_GOAL, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_AGGREGATOR, 0);
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_AGGREGATOR_PAD, 0);
}

static void
gst_dmix_ducker_init (GstDmixDucker *self)
{
  gst_dmix_properties_init (gst_dmix_ducker_properties,
      gst_dmix_ducker_property_count, &self->settings);
  self->changed = TRUE;
  gst_dmix_ducker_stems_init (&self->stems);
  g_queue_init (&self->messages);
  self->interval_start = -1;
}

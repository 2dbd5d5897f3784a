/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixpanmix
 * @title: dmixpanmix
 *
 * Mixes many sounds in one space: each pad `sink_%u` has a position with the
 * properties of dmixpan, and all go to the same loudspeakers, headphones or
 * Ambisonics. It sounds like a dmixpan for each input and an audiomixer behind
 * them. Binaural inputs share their transforms, so that each costs a fraction
 * of a dmixpan.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 dmixpanmix name=m output=binaural sink_0::azimuth=30 \
 *     sink_1::azimuth=-60 sink_1::distance=4 sink_1::distance-model=inverse \
 *     ! audioconvert ! autoaudiosink \
 *     filesrc location=speech.wav ! decodebin ! audioconvert ! audioresample ! m.sink_0 \
 *     filesrc location=rain.flac ! decodebin ! audioconvert ! audioresample ! m.sink_1
 * ]| On headphones: the speech in front to the left, the rain farther away on
 * the right.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "pan/gstdmixpanmix.h"
#include "base/gstdmixpadchildren.h"
#include "base/gstdmixpresets.h"
#include "pan/gstdmixpanpad.h"
#include "pan/gstdmixspace.h"

GST_DEBUG_CATEGORY_STATIC (dmix_pan_mix_debug);
#define GST_CAT_DEFAULT dmix_pan_mix_debug

static GstStaticPadTemplate sink_template = GST_STATIC_PAD_TEMPLATE ("sink_%u",
    GST_PAD_SINK, GST_PAD_REQUEST, GST_STATIC_CAPS (GST_DMIX_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DMIX_CAPS));

static GstDmixProperty properties[GST_DMIX_SPACE_PROPERTIES];

struct _GstDmixPanMix
{
  GstDmixAggregator parent;

  GstDmixSpaceSettings settings; /* object lock */
  GstDmixSpace space;

  /* streaming thread, under the lock of the pads */
  DmixPan *pan;
  GstAudioInfo info;
  GstDmixSpaceSettings row[GST_DMIX_CURVES_MOST];
  gboolean head_moves;
  guint pads, room; /* used and allocated entries of the arrays */
  GstDmixPanPad **pad;
  DmixPanObject **object;
  const gfloat **sample;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixPanMix, gst_dmix_pan_mix,
    GST_TYPE_DMIX_AGGREGATOR,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface)
        G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY,
            gst_dmix_pad_children_init))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixpanmix, "dmixpanmix", GST_RANK_NONE,
    GST_TYPE_DMIX_PAN_MIX,
    GST_DEBUG_CATEGORY_INIT (dmix_pan_mix_debug, "dmixpanmix", 0,
        "many sounds in space"))

/*** formats ***/

static gboolean
forget_object (GstElement *element, GstPad *pad, gpointer data)
{
  gst_dmix_pan_pad_forget_object (GST_DMIX_PAN_PAD (pad));
  return TRUE;
}

static void
forget_pads (GstDmixPanMix *self)
{
  for (guint p = 0; p < self->pads; p++)
    gst_object_unref (self->pad[p]);
  self->pads = 0;
}

static void
forget_objects (GstDmixPanMix *self)
{
  for (guint p = 0; p < self->pads; p++)
    gst_dmix_pan_pad_forget_object (self->pad[p]);
  gst_element_foreach_sink_pad (GST_ELEMENT (self), forget_object, NULL);
}

static void
forget_pan (GstDmixPanMix *self)
{
  forget_objects (self);
  forget_pads (self);
  g_clear_pointer (&self->pan, dmix_pan_free);
}

/* The block that is being collected will be processed by the new pan. */
static gboolean
renew_objects (GstDmixPanMix *self)
{
  for (guint p = 0; p < self->pads; p++) {
    self->object[p] = gst_dmix_pan_pad_get_object (self->pad[p], self->pan);
    if (!self->object[p]) {
      GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
          ("No memory for the %u sounds of the sink pads: use fewer pads, or a "
           "lower rate",
              self->pads));
      return FALSE;
    }
  }
  return TRUE;
}

static gint
gst_dmix_pan_mix_setup (GstDmixAggregator *agg, const GstAudioInfo *info,
    gconstpointer settings)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (agg);
  guint latency;

  forget_objects (self);
  self->info = *info;
  self->pan = gst_dmix_space_new_pan (&self->space, info, self->pan);
  if (!self->pan || !renew_objects (self))
    return -1;
  latency = dmix_pan_latency_frames (self->pan);
  GST_DEBUG_OBJECT (self, "%u sounds, latency %u frames", self->pads, latency);
  gst_dmix_aggregator_set_lookahead (agg,
      gst_util_uint64_scale_round (latency, GST_SECOND,
          GST_AUDIO_INFO_RATE (info)));
  return latency;
}

/* The rate of the pads with the channels of the space. Fixated here, since the
 * base class takes 12 channels without positions for fixed caps. */
static GstCaps *
gst_dmix_pan_mix_src_caps (GstDmixAggregator *agg, GstCaps *pads,
    GstCaps *downstream)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (agg);
  GstCaps *own = gst_dmix_space_restrict (&self->space, gst_caps_copy (pads));
  GstCaps *both =
      gst_caps_intersect_full (downstream, own, GST_CAPS_INTERSECT_FIRST);

  gst_caps_unref (own);
  return gst_caps_is_empty (both)
      ? both
      : gst_dmix_space_fixate (&self->space, both, NULL);
}

/*** collecting ***/

static void
gst_dmix_pan_mix_make_room (GstDmixPanMix *self, guint pads)
{
  if (pads <= self->room)
    return;
  self->room = 2 * pads;
  self->pad = g_renew (GstDmixPanPad *, self->pad, self->room);
  self->object = g_renew (DmixPanObject *, self->object, self->room);
  self->sample = g_renew (const gfloat *, self->sample, self->room);
}

typedef struct
{
  GstDmixPanMix *self;
  guint frames;
} Collecting;

static gboolean
clear_pad (GstElement *element, GstPad *sink_pad, gpointer data)
{
  const Collecting *collecting = data;
  GstDmixPanMix *self = collecting->self;
  GstDmixPanPad *pad = GST_DMIX_PAN_PAD (sink_pad);
  DmixPanObject *object = gst_dmix_pan_pad_get_object (pad, self->pan);

  if (object) {
    gst_dmix_pan_mix_make_room (self, self->pads + 1);
    gst_dmix_pan_pad_clear (pad, collecting->frames);
    /* a reference, since the pad may be released before the next block */
    self->pad[self->pads] = gst_object_ref (pad);
    self->object[self->pads++] = object;
  }
  return TRUE;
}

static GstBuffer *
gst_dmix_pan_mix_create_output_buffer (GstAudioAggregator *aagg, guint frames)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (aagg);
  Collecting collecting = { self, frames };

  forget_pads (self);
  gst_element_foreach_sink_pad (GST_ELEMENT (self), clear_pad, &collecting);
  return gst_dmix_aggregator_new_buffer (GST_DMIX_AGGREGATOR (self), frames);
}

/* Only copies the input to its pad; the block is processed when all inputs are
 * complete. */
static gboolean
gst_dmix_pan_mix_aggregate_one_buffer (GstAudioAggregator *aagg,
    GstAudioAggregatorPad *pad, GstBuffer *in, guint in_offset, GstBuffer *out,
    guint out_offset, guint frames)
{
  GstDmixPanPad *self = GST_DMIX_PAN_PAD (pad);
  const gsize bpf = GST_AUDIO_INFO_BPF (&pad->info);
  GstMapInfo map;

  /* a pad that got its format within the block */
  if (!self->object || !gst_audio_info_is_equal (&pad->info, &self->info))
    return FALSE;
  in = gst_dmix_pan_pad_carried (in);
  if (!gst_buffer_map (in, &map, GST_MAP_READ))
    return FALSE;
  if ((in_offset + (gsize) frames) * bpf <= map.size)
    gst_dmix_pan_pad_collect (self,
        (const gfloat *) (map.data + in_offset * bpf), out_offset, frames);
  gst_buffer_unmap (in, &map);
  return TRUE;
}

/*** sound ***/

static const GstDmixSpaceSettings *
current_settings (GstDmixPanMix *self)
{
  return gst_dmix_aggregator_get_settings (GST_DMIX_AGGREGATOR (self));
}

/* Reads the settings of the mixer and of all pads at each point of the grid in
 * the next frames. */
static void
gst_dmix_pan_mix_take_settings (GstDmixPanMix *self, gint64 first, guint frames)
{
  const guint step = dmix_pan_step_frames (self->pan);
  GstClockTime time[GST_DMIX_CURVES_MOST];
  guint points = 0;

  for (guint at = dmix_pan_step_left_frames (self->pan); at < frames;
       at += step) {
    time[points++] =
        gst_dmix_aggregator_frame_stream_time (GST_DMIX_AGGREGATOR (self),
            first + at);
  }
  for (guint p = 0; p < self->pads; p++)
    gst_dmix_pan_pad_take_settings (self->pad[p], time, points);
  self->head_moves =
      points > 0 && gst_object_has_active_control_bindings (GST_OBJECT (self));
  if (self->head_moves)
    gst_dmix_curves_sample (GST_OBJECT (self), properties,
        GST_DMIX_SPACE_PROPERTIES, current_settings (self),
        sizeof (GstDmixSpaceSettings), time, points, self->row);
}

static void
move_all (GstDmixPanMix *self, guint point, gboolean on_the_grid)
{
  for (guint p = 0; p < self->pads; p++)
    if (self->pad[p]->moves == on_the_grid)
      gst_dmix_pan_pad_move (self->pad[p], point);
  if (self->head_moves == on_the_grid)
    gst_dmix_space_set_head (on_the_grid ? &self->row[point]
                                         : current_settings (self),
        self->pan);
}

static void
gst_dmix_pan_mix_process_run (GstDmixPanMix *self, guint done, gfloat *out,
    guint frames)
{
  for (guint p = 0; p < self->pads; p++) {
    GstDmixPanPad *pad = self->pad[p];

    self->sample[p] = done < pad->filled
        ? pad->block + (gsize) done * GST_AUDIO_INFO_CHANNELS (&pad->info)
        : NULL;
  }
  dmix_pan_process (self->pan, self->object, self->sample, self->pads,
      out + (gsize) done * GST_AUDIO_INFO_CHANNELS (&self->info), frames);
}

/* Processes frames with at most GST_DMIX_CURVES_MOST points of the grid. */
static void
process_part (GstDmixPanMix *self, const GstDmixBlock *block, gint64 first,
    guint done, guint frames)
{
  const guint step = dmix_pan_step_frames (self->pan);
  gboolean any = FALSE;
  guint run = MIN (dmix_pan_step_left_frames (self->pan), frames);

  gst_dmix_pan_mix_take_settings (self, first + done, frames);
  move_all (self, 0, FALSE);
  for (guint p = 0; p < self->pads; p++)
    any |= self->pad[p]->moves;
  if (!any && !self->head_moves) {
    gst_dmix_pan_mix_process_run (self, done, block->samples, frames);
    return;
  }
  if (run > 0)
    gst_dmix_pan_mix_process_run (self, done, block->samples, run);
  for (guint at = run, point = 0; at < frames; at += run, point++) {
    run = MIN (step, frames - at);
    move_all (self, point, TRUE);
    gst_dmix_pan_mix_process_run (self, done + at, block->samples, run);
  }
}

static void
gst_dmix_pan_mix_begin (GstDmixAggregator *agg, const GstDmixBlock *block)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (agg);

  for (guint p = 0; p < self->pads; p++)
    gst_dmix_pan_pad_complete (self->pad[p],
        block->draining ? 0 : block->frames);
}

static void
gst_dmix_pan_mix_process (GstDmixAggregator *agg, const GstDmixBlock *block,
    guint first, guint frames, gboolean heard)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (agg);
  const guint most =
      dmix_pan_step_frames (self->pan) * (GST_DMIX_CURVES_MOST - 1);
  const gint64 input = block->offset + dmix_pan_latency_frames (self->pan);
  const guint end = first + frames;

  for (guint done = first; done < end; done += most)
    process_part (self, block, input, done, MIN (most, end - done));
}

static gboolean
reset_object (GstElement *element, GstPad *pad, gpointer data)
{
  if (GST_DMIX_PAN_PAD (pad)->object)
    dmix_panobject_reset (GST_DMIX_PAN_PAD (pad)->object);
  return TRUE;
}

static void
gst_dmix_pan_mix_reset (GstDmixAggregator *agg)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (agg);

  if (!self->pan)
    return;
  dmix_pan_reset (self->pan);
  gst_element_foreach_sink_pad (GST_ELEMENT (agg), reset_object, NULL);
}

static guint
gst_dmix_pan_mix_tail (GstDmixAggregator *agg)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (agg);

  return self->pan ? dmix_pan_tail_frames (self->pan, self->object, self->pads)
                   : 0;
}

/*** object ***/

static void
gst_dmix_pan_mix_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (object);

  if (id > GST_DMIX_SPACE_PROPERTIES) {
    gst_dmix_space_set (&self->space, id - GST_DMIX_SPACE_PROPERTIES - 1,
        value);
  } else if (gst_dmix_aggregator_set_property (GST_DMIX_AGGREGATOR (self), id,
                 value)
      && g_str_equal (spec->name, "layout")) {
    gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (self));
  }
}

static void
gst_dmix_pan_mix_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (object);

  if (id > GST_DMIX_SPACE_PROPERTIES)
    gst_dmix_space_get (&self->space, id - GST_DMIX_SPACE_PROPERTIES - 1,
        value);
  else
    gst_dmix_aggregator_get_property (GST_DMIX_AGGREGATOR (self), id, value);
}

static GstStateChangeReturn
gst_dmix_pan_mix_change_state (GstElement *element, GstStateChange transition)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (element);
  GstStateChangeReturn ret;

  /* here, so that no streaming thread waits for a file */
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && !gst_dmix_space_open (&self->space))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_dmix_pan_mix_parent_class)
            ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    forget_pan (self);
    gst_dmix_space_close (&self->space);
  }
  return ret;
}

static void
gst_dmix_pan_mix_finalize (GObject *object)
{
  GstDmixPanMix *self = GST_DMIX_PAN_MIX (object);

  forget_pan (self);
  gst_dmix_space_clear (&self->space);
  g_free (self->pad);
  g_free (self->object);
  g_free (self->sample);
  G_OBJECT_CLASS (gst_dmix_pan_mix_parent_class)->finalize (object);
}

static void
gst_dmix_pan_mix_class_init (GstDmixPanMixClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAudioAggregatorClass *audio_class = GST_AUDIO_AGGREGATOR_CLASS (klass);
  GstDmixAggregatorClass *dmix_class = GST_DMIX_AGGREGATOR_CLASS (klass);

  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &sink_template, GST_TYPE_DMIX_PAN_PAD);
  /* a type that converts the current block to a new layout */
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &src_template, GST_TYPE_DMIX_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata (element_class, "Spatial mixer",
      "Generic/Audio",
      "Mixes many sounds, each at its place, for "
      "loudspeakers, headphones or Ambisonics",
      "The dmix authors");

  gst_dmix_space_fill_table (properties, 0);
  gst_dmix_aggregator_class_install (dmix_class, properties,
      GST_DMIX_SPACE_PROPERTIES, G_STRUCT_OFFSET (GstDmixPanMix, settings),
      sizeof (GstDmixSpaceSettings));
  object_class->set_property = gst_dmix_pan_mix_set_property;
  object_class->get_property = gst_dmix_pan_mix_get_property;
  object_class->finalize = gst_dmix_pan_mix_finalize;
  gst_dmix_space_install (object_class, GST_DMIX_SPACE_PROPERTIES + 1);

  gst_dmix_pad_children_install (element_class);
  element_class->change_state = gst_dmix_pan_mix_change_state;
  audio_class->create_output_buffer = gst_dmix_pan_mix_create_output_buffer;
  audio_class->aggregate_one_buffer = gst_dmix_pan_mix_aggregate_one_buffer;
  dmix_class->setup = gst_dmix_pan_mix_setup;
  dmix_class->src_caps = gst_dmix_pan_mix_src_caps;
  dmix_class->reset = gst_dmix_pan_mix_reset;
  dmix_class->begin = gst_dmix_pan_mix_begin;
  dmix_class->process = gst_dmix_pan_mix_process;
  dmix_class->tail = gst_dmix_pan_mix_tail;

  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_PAN_PAD, 0);
}

static void
gst_dmix_pan_mix_init (GstDmixPanMix *self)
{
  gst_dmix_space_init (&self->space, GST_ELEMENT (self), &self->settings);
  gst_audio_info_init (&self->info);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixpan
 * @title: dmixpan
 *
 * Places a sound in space: in a direction and at a distance, on loudspeakers
 * from stereo to 22.2, on headphones through HRTFs, or in Ambisonics. A mono
 * sound is a point source, a stereo sound a pair of virtual loudspeakers, and a
 * surround bed is rotated as a whole. Positions can change without clicks, set
 * by the application or by a control binding.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 filesrc location=speech.wav ! decodebin ! audioconvert \
 *     ! audio/x-raw,channels=1 ! dmixpan azimuth=30 layout=5.1 ! wavenc \
 *     ! filesink location=left.wav
 * ]| The speech comes from the left loudspeaker of 5.1.
 * |[
 * gst-launch-1.0 filesrc location=rain.flac ! decodebin ! audioconvert \
 *     ! dmixpan output=binaural width=220 ! audioconvert ! autoaudiosink
 * ]| On headphones, the rain is on both sides of you and a little behind.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "pan/gstdmixpan.h"
#include "base/gstdmixcurves.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixpresets.h"
#include "pan/gstdmixposition.h"
#include "pan/gstdmixspace.h"
#include "base/units.h"

#include <math.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (dmix_pan_debug);
#define GST_CAT_DEFAULT dmix_pan_debug

typedef struct
{
  GstDmixFilterSettings common;
  GstDmixPosition position;
  GstDmixSpaceSettings space;
} Settings;

#define PROPERTIES (GST_DMIX_POSITION_PROPERTIES + GST_DMIX_SPACE_PROPERTIES)
static GstDmixProperty properties[PROPERTIES];

struct _GstDmixPan
{
  GstDmixFilter parent;

  Settings settings; /* object lock */
  GstDmixSpace space;
  DmixPan *pan;
  DmixPanObject *object;
  guint in_channels, out_channels, rate;
  GstDmixPosition posted; /* in the last message, if `has_posted` */
  gboolean has_posted;
  Settings row[GST_DMIX_CURVES_MOST];
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixPan, gst_dmix_pan, GST_TYPE_DMIX_FILTER,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixpan, "dmixpan", GST_RANK_NONE,
    GST_TYPE_DMIX_PAN,
    GST_DEBUG_CATEGORY_INIT (dmix_pan_debug, "dmixpan", 0, "sound in space"))

/*** formats ***/

static GstCaps *
gst_dmix_pan_transform_caps (GstBaseTransform *trans, GstPadDirection direction,
    GstCaps *caps, GstCaps *filter)
{
  GstCaps *other = gst_caps_copy (caps);

  if (direction == GST_PAD_SINK) {
    other = gst_dmix_space_restrict (&GST_DMIX_PAN (trans)->space, other);
  } else {
    for (guint i = 0; i < gst_caps_get_size (other); i++) {
      GstStructure *s = gst_caps_get_structure (other, i);

      gst_structure_remove_field (s, "channel-mask");
      gst_structure_set (s, "channels", GST_TYPE_INT_RANGE, 1, 64, NULL);
    }
  }
  if (filter) {
    GstCaps *both =
        gst_caps_intersect_full (filter, other, GST_CAPS_INTERSECT_FIRST);

    gst_caps_unref (other);
    other = both;
  }
  return other;
}

static GstCaps *
gst_dmix_pan_fixate_caps (GstBaseTransform *trans, GstPadDirection direction,
    GstCaps *caps, GstCaps *othercaps)
{
  GstAudioInfo info;

  if (direction == GST_PAD_SRC || !gst_audio_info_from_caps (&info, caps))
    return gst_caps_fixate (gst_caps_truncate (othercaps));
  return gst_dmix_space_fixate (&GST_DMIX_PAN (trans)->space, othercaps, &info);
}

static void
gst_dmix_pan_cleanup (GstDmixFilter *filter)
{
  GstDmixPan *self = GST_DMIX_PAN (filter);

  g_clear_pointer (&self->object, dmix_panobject_free);
  g_clear_pointer (&self->pan, dmix_pan_free);
}

static gboolean
gst_dmix_pan_setup (GstDmixFilter *filter, const GstAudioInfo *in,
    const GstAudioInfo *out, gconstpointer settings)
{
  GstDmixPan *self = GST_DMIX_PAN (filter);
  DmixLayout layout;

  g_clear_pointer (&self->object, dmix_panobject_free);
  self->pan = gst_dmix_space_new_pan (&self->space, out, self->pan);
  if (!self->pan)
    return FALSE;
  gst_dmix_space_input_layout (in, &layout);
  self->object = dmix_panobject_new (self->pan, &layout);
  self->in_channels = GST_AUDIO_INFO_CHANNELS (in);
  self->out_channels = GST_AUDIO_INFO_CHANNELS (out);
  self->rate = GST_AUDIO_INFO_RATE (in);
  if (!self->object) {
    gst_dmix_pan_cleanup (filter);
    GST_ELEMENT_ERROR (self, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for %u channels at %u Hz: use fewer channels or a lower "
         "rate on pad 'sink'",
            self->in_channels, self->rate));
    return FALSE;
  }
  return TRUE;
}

/*** sound ***/

static void
use_settings (GstDmixPan *self, const Settings *settings)
{
  DmixPanParams params;

  GST_TRACE_OBJECT (self, "azimuth %g, elevation %g, distance %g m",
      settings->position.azimuth, settings->position.elevation,
      settings->position.distance);
  gst_dmix_position_to_params (&settings->position, settings->common.bypass,
      &params);
  dmix_panobject_set_params (self->object, &params);
  gst_dmix_space_set_head (&settings->space, self->pan);
}

static void
gst_dmix_pan_apply (GstDmixFilter *filter, gconstpointer settings)
{
  use_settings (GST_DMIX_PAN (filter), settings);
}

static void
gst_dmix_pan_process_run (GstDmixPan *self, const gfloat **in, gfloat **out,
    guint frames)
{
  dmix_pan_process (self->pan, &self->object, in, 1, *out, frames);
  *in += (gsize) frames * self->in_channels;
  *out += (gsize) frames * self->out_channels;
}

/* Reads the control bindings at each point of the processor's grid. */
static void
process_curves (GstDmixPan *self, const gfloat *in, gfloat *out, guint frames)
{
  const guint step = dmix_pan_step_frames (self->pan);
  GstClockTime time[GST_DMIX_CURVES_MOST];
  guint points = 0, run;

  /* frames before the first point of the grid */
  run = MIN (dmix_pan_step_left_frames (self->pan), frames);
  for (guint at = run; at < frames; at += step)
    time[points++] =
        gst_dmix_filter_get_stream_time (GST_DMIX_FILTER (self), at);
  gst_dmix_curves_sample (GST_OBJECT (self), properties, PROPERTIES,
      gst_dmix_filter_get_settings (GST_DMIX_FILTER (self)), sizeof (Settings),
      time, points, self->row);
  if (run > 0)
    gst_dmix_pan_process_run (self, &in, &out, run);
  frames -= run;
  for (guint i = 0; i < points; i++, frames -= run) {
    run = MIN (step, frames);
    use_settings (self, &self->row[i]);
    gst_dmix_pan_process_run (self, &in, &out, run);
  }
}

/* With control bindings the base class makes blocks of 10 ms, which have fewer
 * points than GST_DMIX_CURVES_MOST. */
static void
gst_dmix_pan_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  GstDmixPan *self = GST_DMIX_PAN (filter);

  if (gst_object_has_active_control_bindings (GST_OBJECT (self))
      && frames / dmix_pan_step_frames (self->pan) + 2 <= GST_DMIX_CURVES_MOST
      && GST_CLOCK_TIME_IS_VALID (gst_dmix_filter_get_stream_time (filter, 0)))
    process_curves (self, in, out, frames);
  else
    gst_dmix_pan_process_run (self, &in, &out, frames);
}

static void
gst_dmix_pan_reset (GstDmixFilter *filter)
{
  dmix_pan_reset (GST_DMIX_PAN (filter)->pan);
  dmix_panobject_reset (GST_DMIX_PAN (filter)->object);
  GST_DMIX_PAN (filter)->has_posted = FALSE;
}

static guint
gst_dmix_pan_latency (GstDmixFilter *filter)
{
  return dmix_pan_latency_frames (GST_DMIX_PAN (filter)->pan);
}

static guint
gst_dmix_pan_tail (GstDmixFilter *filter)
{
  GstDmixPan *self = GST_DMIX_PAN (filter);

  return dmix_pan_tail_frames (self->pan, &self->object, 1);
}

/* A sound that does not move posts one message. */
static const GstDmixPosition *
current_position (GstDmixFilter *filter)
{
  const Settings *settings = gst_dmix_filter_get_settings (filter);

  return &settings->position;
}

static gboolean
gst_dmix_pan_has_news (GstDmixFilter *filter)
{
  GstDmixPan *self = GST_DMIX_PAN (filter);
  const GstDmixPosition *position = current_position (filter);

  if (self->has_posted
      && memcmp (&self->posted, position, sizeof *position) == 0)
    return FALSE;
  self->posted = *position;
  self->has_posted = TRUE;
  return TRUE;
}

static GstStructure *
message_of (const GstDmixPosition *position, gdouble gain_db)
{
  const GstDmixNumber number[] = {
    { "azimuth", position->azimuth },
    { "elevation", position->elevation },
    { "distance", position->distance },
    { "gain", gain_db },
  };
  GstStructure *s = gst_structure_new_empty ("dmixpan");

  gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  return s;
}

/* The gain of the message includes that of the distance. */
static GstStructure *
gst_dmix_pan_meter (GstDmixFilter *filter)
{
  const GstDmixPosition *position = current_position (filter);
  gdouble gain_db = position->gain;
  DmixPanParams params;

  gst_dmix_position_to_params (position, FALSE, &params);
  gain_db +=
      dmix_db_from_gain (MAX (dmix_distance_gain (&params.distance), 1e-6));
  return message_of (position, gain_db);
}

/*** object ***/

static void
gst_dmix_pan_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  GstDmixPan *self = GST_DMIX_PAN (object);

  if (id > PROPERTIES) {
    gst_dmix_space_set (&self->space, id - PROPERTIES - 1, value);
    return;
  }
  gst_dmix_filter_set_property (object, id, value, spec);
  if (g_str_equal (spec->name, "layout"))
    gst_base_transform_reconfigure_src (GST_BASE_TRANSFORM (object));
}

static void
gst_dmix_pan_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  if (id > PROPERTIES)
    gst_dmix_space_get (&GST_DMIX_PAN (object)->space, id - PROPERTIES - 1,
        value);
  else
    gst_dmix_filter_get_property (object, id, value, spec);
}

static GstStateChangeReturn
gst_dmix_pan_change_state (GstElement *element, GstStateChange transition)
{
  GstDmixPan *self = GST_DMIX_PAN (element);
  GstStateChangeReturn ret;

  /* here, so that no streaming thread waits for a file */
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && !gst_dmix_space_open (&self->space))
    return GST_STATE_CHANGE_FAILURE;
  ret = GST_ELEMENT_CLASS (gst_dmix_pan_parent_class)
            ->change_state (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    gst_dmix_pan_cleanup (GST_DMIX_FILTER (self));
    gst_dmix_space_close (&self->space);
  }
  return ret;
}

static void
gst_dmix_pan_finalize (GObject *object)
{
  gst_dmix_pan_cleanup (GST_DMIX_FILTER (object));
  gst_dmix_space_clear (&GST_DMIX_PAN (object)->space);
  G_OBJECT_CLASS (gst_dmix_pan_parent_class)->finalize (object);
}

static const GstDmixFilterInfo filter_info = {
  .long_name = "Spatial panner",
  .classification = "Filter/Effect/Audio",
  .description = "Places a sound in space, on loudspeakers, on headphones or "
                 "in Ambisonics",
  .properties = properties,
  .property_count = PROPERTIES,
  .settings_offset = G_STRUCT_OFFSET (GstDmixPan, settings),
  .settings_size = sizeof (Settings),
};

static void
gst_dmix_pan_class_init (GstDmixPanClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);
  GstDmixFilterClass *filter_class = GST_DMIX_FILTER_CLASS (klass);

  gst_dmix_position_fill_table (properties,
      G_STRUCT_OFFSET (Settings, position));
  gst_dmix_space_fill_table (properties + GST_DMIX_POSITION_PROPERTIES,
      G_STRUCT_OFFSET (Settings, space));
  gst_dmix_filter_class_install (filter_class, &filter_info);
  gst_dmix_space_install (object_class, PROPERTIES + 1);
  object_class->set_property = gst_dmix_pan_set_property;
  object_class->get_property = gst_dmix_pan_get_property;
  object_class->finalize = gst_dmix_pan_finalize;
  GST_ELEMENT_CLASS (klass)->change_state = gst_dmix_pan_change_state;
  trans_class->transform_caps = gst_dmix_pan_transform_caps;
  trans_class->fixate_caps = gst_dmix_pan_fixate_caps;

  filter_class->setup = gst_dmix_pan_setup;
  filter_class->cleanup = gst_dmix_pan_cleanup;
  filter_class->apply = gst_dmix_pan_apply;
  filter_class->process = gst_dmix_pan_process;
  filter_class->reset = gst_dmix_pan_reset;
  filter_class->latency = gst_dmix_pan_latency;
  filter_class->tail = gst_dmix_pan_tail;
  filter_class->meter = gst_dmix_pan_meter;
  filter_class->has_news = gst_dmix_pan_has_news;
}

static void
gst_dmix_pan_init (GstDmixPan *self)
{
  gst_dmix_space_init (&self->space, GST_ELEMENT (self), &self->settings.space);
}

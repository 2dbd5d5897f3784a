/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/**
 * SECTION:element-dmixadr
 * @title: dmixadr
 *
 * Aligns a new take of a dialogue (pad `take`) with the original recording (pad
 * `guide`): the same words at the same time, with the level, the timbre and the
 * room of the guide. The output has the length and timestamps of the guide and
 * the channels of the take.
 *
 * It works line by line and needs complete lines, so it is not for live
 * pipelines. A line whose take has other words is reported and not stretched.
 *
 * ## Example launch line
 * |[
 * gst-launch-1.0 -m dmixadr name=a ! audioconvert ! wavenc ! filesink location=new.wav \
 *     filesrc location=guide.wav ! decodebin ! audioconvert ! audioresample ! queue ! a.guide \
 *     filesrc location=take.wav ! decodebin ! audioconvert ! audioresample ! queue ! a.take
 * ]| The element posts a message for each line of the dialogue.
 *
 * Since: 0.1
 */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "adr/gstdmixadrprivate.h"
#include "base/gstdmixpastend.h"
#include "base/gstdmixpresets.h"

GST_DEBUG_CATEGORY_STATIC (dmix_adr_debug);
#define GST_CAT_DEFAULT dmix_adr_debug

enum
{
  PROP_PROTECT = 1000,
  PROP_SYNC_POINTS,
  PROP_CONFIDENCE,
  PROP_OFFSET,
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GstDmixAdr, gst_dmix_adr, GST_TYPE_AGGREGATOR,
    G_IMPLEMENT_INTERFACE (GST_TYPE_PRESET, gst_dmix_presets_init_interface))
GST_ELEMENT_REGISTER_DEFINE_WITH_CODE (dmixadr, "dmixadr", GST_RANK_NONE,
    GST_TYPE_DMIX_ADR,
    GST_DEBUG_CATEGORY_INIT (dmix_adr_debug, "dmixadr", 0,
        "dialogue replacement"))
#define PARENT GST_AGGREGATOR_CLASS (gst_dmix_adr_parent_class)

static GstStaticPadTemplate guide_template = GST_STATIC_PAD_TEMPLATE ("guide",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DMIX_CAPS));
static GstStaticPadTemplate take_template = GST_STATIC_PAD_TEMPLATE ("take",
    GST_PAD_SINK, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DMIX_CAPS));
static GstStaticPadTemplate src_template = GST_STATIC_PAD_TEMPLATE ("src",
    GST_PAD_SRC, GST_PAD_ALWAYS, GST_STATIC_CAPS (GST_DMIX_CAPS));

/*** events and queries ***/

static void
set_format (GstAggregatorPad *pad, GstEvent *event)
{
  GstAudioInfo *info = &GST_AUDIO_AGGREGATOR_PAD (pad)->info, now;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  if (!gst_audio_info_from_caps (&now, caps))
    return;
  GST_OBJECT_LOCK (pad);
  *info = now;
  GST_OBJECT_UNLOCK (pad);
}

static void
keep_tags (GstDmixAdr *self, GstEvent *event)
{
  GstTagList *tags;

  gst_event_parse_tag (event, &tags);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  self->tags = gst_tag_list_copy (tags);
}

static gboolean
gst_dmix_adr_sink_event (GstAggregator *agg, GstAggregatorPad *pad,
    GstEvent *event)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);

  GST_DEBUG_OBJECT (pad, "%" GST_PTR_FORMAT, (gpointer) event);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      set_format (pad, event);
      gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (agg));
      break;
    case GST_EVENT_SEGMENT:
      gst_dmix_adr_pad_restart_clock (GST_DMIX_ADR_PAD (pad));
      gst_dmix_adr_refuse_if_live (self);
      break;
    case GST_EVENT_EOS:
      gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (agg));
      break;
    case GST_EVENT_TAG:
      if (g_str_equal (GST_PAD_NAME (pad), "guide"))
        keep_tags (self, event);
      break;
    default:
      break;
  }
  return PARENT->sink_event (agg, pad, event);
}

/* Checks caps on arrival, before the streaming thread gets to them. */
static GstFlowReturn
gst_dmix_adr_sink_event_pre_queue (GstAggregator *agg, GstAggregatorPad *pad,
    GstEvent *event)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    if (!gst_dmix_formats_accept (&self->formats, GST_PAD (pad), caps)) {
      gst_dmix_formats_complain (&self->formats, GST_PAD (pad), caps);
      gst_event_unref (event);
      return GST_FLOW_NOT_NEGOTIATED;
    }
  }
  return PARENT->sink_event_pre_queue (agg, pad, event);
}

static gboolean
gst_dmix_adr_sink_query (GstAggregator *agg, GstAggregatorPad *pad,
    GstQuery *query)
{
  return gst_dmix_formats_query (&GST_DMIX_ADR (agg)->formats, GST_PAD (pad),
             query)
      || PARENT->sink_query (agg, pad, query);
}

static gboolean
gst_dmix_adr_src_query (GstAggregator *agg, GstQuery *query)
{
  const GstSegment *segment =
      &GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (agg))->segment;
  GstFormat format;
  gint64 position;

  if (GST_QUERY_TYPE (query) != GST_QUERY_POSITION)
    return PARENT->src_query (agg, query);
  gst_query_parse_position (query, &format, NULL);
  if (format != GST_FORMAT_TIME)
    return FALSE;
  GST_OBJECT_LOCK (agg);
  position =
      gst_segment_to_stream_time (segment, GST_FORMAT_TIME, segment->position);
  GST_OBJECT_UNLOCK (agg);
  gst_query_set_position (query, format, position);
  return TRUE;
}

static GstFlowReturn
gst_dmix_adr_update_src_caps (GstAggregator *agg, GstCaps *downstream,
    GstCaps **ret)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);
  GstPad *take = gst_element_get_static_pad (GST_ELEMENT (agg), "take");
  const GstAudioInfo *info =
      take ? gst_dmix_adr_pad_info (GST_DMIX_ADR_PAD (take)) : NULL;
  GstCaps *own;

  if (!info || !GST_AUDIO_INFO_IS_VALID (info))
    info = &self->info;
  own = GST_AUDIO_INFO_IS_VALID (info)
      ? gst_audio_info_to_caps (info)
      : gst_dmix_formats_output (&self->formats);
  gst_clear_object (&take);
  if (!own)
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  *ret = gst_caps_intersect (own, downstream);
  GST_DEBUG_OBJECT (self, "negotiated: caps out %" GST_PTR_FORMAT,
      (gpointer) *ret);
  gst_caps_unref (own);
  return GST_FLOW_OK;
}

static GstBuffer *
gst_dmix_adr_clip (GstAggregator *agg, GstAggregatorPad *pad, GstBuffer *buffer)
{
  const GstAudioInfo *info = &GST_AUDIO_AGGREGATOR_PAD (pad)->info;

  if (!GST_AUDIO_INFO_IS_VALID (info) || pad->segment.format != GST_FORMAT_TIME)
    return buffer;
  if (GST_BUFFER_PTS_IS_VALID (buffer)
      && GST_BUFFER_PTS (buffer) >= (guint64) G_MAXINT64) {
    gst_buffer_unref (buffer);
    return NULL;
  }
  if (gst_buffer_get_size (buffer) > 0)
    buffer = gst_audio_buffer_clip (buffer, &pad->segment,
        GST_AUDIO_INFO_RATE (info), GST_AUDIO_INFO_BPF (info));
  return buffer ? gst_dmix_adr_pad_retime (GST_DMIX_ADR_PAD (pad), buffer)
                : NULL;
}

/*** pads and states ***/

/* Both pads exist from the start, so that none starts without the other. The
 * application may still release one, which ends that input. GStreamer releases
 * only pads whose own template is "request"; the template of the class stays
 * "always", since a released pad does not come back. */
static void
add_pad (GstDmixAdr *self, GstStaticPadTemplate *template)
{
  GstCaps *caps = gst_static_pad_template_get_caps (template);
  GstPadTemplate *own =
      gst_pad_template_new_with_gtype (template->name_template, GST_PAD_SINK,
          GST_PAD_REQUEST, caps, GST_TYPE_DMIX_ADR_PAD);

  gst_element_add_pad (GST_ELEMENT (self),
      g_object_new (GST_TYPE_DMIX_ADR_PAD, "name", template->name_template,
          "direction", GST_PAD_SINK, "template", gst_object_ref_sink (own),
          NULL));
  gst_object_unref (own);
  gst_caps_unref (caps);
}

static gboolean
restart_pad (GstElement *element, GstPad *pad, gpointer data)
{
  gst_dmix_adr_pad_restart (GST_DMIX_ADR_PAD (pad));
  return TRUE;
}

static void
restart (GstDmixAdr *self)
{
  gst_element_foreach_sink_pad (GST_ELEMENT (self), restart_pad, NULL);
  g_atomic_int_set (&self->refused, FALSE);
  g_atomic_int_set (&self->ended, FALSE);
  gst_dmix_adr_forget_sound (self);
}

static GstFlowReturn
gst_dmix_adr_flush (GstAggregator *agg)
{
  GST_DEBUG_OBJECT (agg, "flush: sound and state are dropped");
  restart (GST_DMIX_ADR (agg));
  return GST_FLOW_OK;
}

static gboolean
gst_dmix_adr_start (GstAggregator *agg)
{
  gst_dmix_starvation_start (&GST_DMIX_ADR (agg)->starvation,
      GST_ELEMENT (agg));
  restart (GST_DMIX_ADR (agg));
  return TRUE;
}

static gboolean
gst_dmix_adr_stop (GstAggregator *agg)
{
  GstDmixAdr *self = GST_DMIX_ADR (agg);

  gst_dmix_starvation_stop (&self->starvation);
  restart (self);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  gst_dmix_formats_forget (&self->formats);
  return TRUE;
}

static void
gst_dmix_adr_pad_added (GstElement *element, GstPad *pad)
{
  if (GST_PAD_IS_SINK (pad))
    gst_dmix_past_end_install (pad, &GST_DMIX_ADR (element)->ended);
}

/*** properties ***/

/* Sets a list of times; keeps the old one if the text is not such a list. */
static void
set_text (GstDmixAdr *self, const gchar *name, gchar **place, gchar separator,
    const GValue *value)
{
  GArray *pairs =
      gst_dmix_adr_parse_pairs (g_value_get_string (value), separator);

  if (!pairs) {
    GST_WARNING_OBJECT (self,
        "property '%s' keeps its value: '%s' is not a list of times; write "
        "pairs of seconds as 12.5%c13, with commas between them",
        name, g_value_get_string (value), separator);
    return;
  }
  g_array_unref (pairs);
  GST_OBJECT_LOCK (self);
  g_free (*place);
  *place = g_value_dup_string (value);
  GST_OBJECT_UNLOCK (self);
  GST_DEBUG_OBJECT (self, "property %s set to %s", name,
      GST_STR_NULL (g_value_get_string (value)));
}

static void
gst_dmix_adr_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  GstDmixAdr *self = GST_DMIX_ADR (object);

  if (id == PROP_PROTECT)
    set_text (self, spec->name, &self->protect, '-', value);
  else if (id == PROP_SYNC_POINTS)
    set_text (self, spec->name, &self->sync_points, ':', value);
  else
    gst_dmix_settings_set (&self->settings, id, value);
}

static void
gst_dmix_adr_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  GstDmixAdr *self = GST_DMIX_ADR (object);

  if (id < PROP_PROTECT) {
    gst_dmix_settings_get (&self->settings, id, value);
    return;
  }
  GST_OBJECT_LOCK (self);
  if (id == PROP_PROTECT)
    g_value_set_string (value, self->protect);
  else if (id == PROP_SYNC_POINTS)
    g_value_set_string (value, self->sync_points);
  else
    g_value_set_double (value,
        id == PROP_OFFSET ? self->offset : self->confidence);
  GST_OBJECT_UNLOCK (self);
}

static void
install_more_properties (GObjectClass *klass)
{
  const GParamFlags text =
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;
  const GParamFlags result = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  g_object_class_install_property (klass, PROP_PROTECT,
      g_param_spec_string ("protect", "Protect",
          "Parts of the guide in which the take keeps its speed, as start-stop "
          "in seconds: 1.5-2.25,7-9",
          NULL, text));
  g_object_class_install_property (klass, PROP_SYNC_POINTS,
      g_param_spec_string ("sync-points", "Sync points",
          "Moments of guide and take that are the same, as guide:take in "
          "seconds from the start of the guide: 1.5:1.75,7:7.2",
          NULL, text));
  g_object_class_install_property (klass, PROP_CONFIDENCE,
      g_param_spec_double ("confidence", "Confidence",
          "Confidence that the last line matched, from 0 (certainly not) to 1",
          0, 1, 0, result));
  g_object_class_install_property (klass, PROP_OFFSET,
      g_param_spec_double ("offset", "Offset",
          "Mean delay of the take against the guide in the last line, in ms",
          -G_MAXDOUBLE, G_MAXDOUBLE, 0, result));
}

static void
gst_dmix_adr_finalize (GObject *object)
{
  GstDmixAdr *self = GST_DMIX_ADR (object);

  gst_dmix_starvation_stop (&self->starvation);
  g_clear_pointer (&self->adr, dmix_adr_free);
  g_clear_pointer (&self->tags, gst_tag_list_unref);
  gst_dmix_settings_clear (&self->settings);
  g_free (self->protect);
  g_free (self->sync_points);
  G_OBJECT_CLASS (gst_dmix_adr_parent_class)->finalize (object);
}

static void
gst_dmix_adr_class_init (GstDmixAdrClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);

  object_class->set_property = gst_dmix_adr_set_property;
  object_class->get_property = gst_dmix_adr_get_property;
  object_class->finalize = gst_dmix_adr_finalize;
  gst_dmix_properties_install (object_class, gst_dmix_adr_properties,
      gst_dmix_adr_property_count);
  install_more_properties (object_class);

  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &guide_template, GST_TYPE_DMIX_ADR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &take_template, GST_TYPE_DMIX_ADR_PAD);
  gst_element_class_add_static_pad_template_with_gtype (element_class,
      &src_template, GST_TYPE_AGGREGATOR_PAD);
  gst_element_class_set_static_metadata (element_class, "Dialogue replacement",
      "Generic/Audio",
      "Aligns a new take of a dialogue with the old one, and matches its "
      "sound",
      "The dmix authors");
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_ADR_PAD, 0);

  agg_class->sink_event_pre_queue = gst_dmix_adr_sink_event_pre_queue;
  agg_class->sink_event = gst_dmix_adr_sink_event;
  agg_class->sink_query = gst_dmix_adr_sink_query;
  agg_class->src_query = gst_dmix_adr_src_query;
  agg_class->update_src_caps = gst_dmix_adr_update_src_caps;
  agg_class->get_next_time = gst_aggregator_simple_get_next_time;
  agg_class->aggregate = gst_dmix_adr_aggregate;
  agg_class->clip = gst_dmix_adr_clip;
  GST_ELEMENT_CLASS (klass)->pad_added = gst_dmix_adr_pad_added;
  agg_class->flush = gst_dmix_adr_flush;
  agg_class->start = gst_dmix_adr_start;
  agg_class->stop = gst_dmix_adr_stop;
}

static void
gst_dmix_adr_init (GstDmixAdr *self)
{
  gst_dmix_settings_init (&self->settings, self, gst_dmix_adr_properties,
      gst_dmix_adr_property_count, &self->values, sizeof self->values);
  gst_dmix_formats_init (&self->formats, GST_ELEMENT (self), "take");
  add_pad (self, &guide_template);
  add_pad (self, &take_template);
  gst_dmix_adr_forget_sound (self);
}

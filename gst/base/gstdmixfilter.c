/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilter: the GstBaseTransform side of the filters.
 *
 * The way of a buffer: submit_input_buffer() compares its timestamp with the
 * end of the previous one (gstdmixfiltergaps.c); generate_output()
 * hands it to the stream (gstdmixfilterstream.c) in one or more blocks. The
 * stream applies settings, processes the samples and passes them to the
 * timeline (gstdmixtimeline.c), which drops the delay at the start and gives
 * each frame the timestamp it had at the input. At EOS, at a discontinuity and
 * before new caps the stream drains the processor. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixfilter.h"
#include "base/gstdmixfiltergaps.h"
#include "base/gstdmixfilterstream.h"

GST_DEBUG_CATEGORY_STATIC (dmix_filter_debug);
#define GST_CAT_DEFAULT dmix_filter_debug

typedef struct
{
  GstDmixFilterStream stream;
  GstClockTime position; /* end of the last output buffer; object lock */
  gboolean warned;       /* about broken frames; streaming thread */
  gchar *stream_id;      /* of the current stream; streaming thread */
} GstDmixFilterPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (GstDmixFilter, gst_dmix_filter,
    GST_TYPE_AUDIO_FILTER,
    G_ADD_PRIVATE (GstDmixFilter) GST_DEBUG_CATEGORY_INIT (dmix_filter_debug,
        "dmixfilter", 0, "base of the dmix elements with one input"))

#define PRIV(self)                                                             \
  ((GstDmixFilterPrivate *) gst_dmix_filter_get_instance_private (             \
      GST_DMIX_FILTER (self)))
#define STREAM(self) (&PRIV (self)->stream)
#define CLASS(self) GST_DMIX_FILTER_GET_CLASS (self)
#define PARENT GST_BASE_TRANSFORM_CLASS (gst_dmix_filter_parent_class)

/*** settings ***/

#define PLACE(field) G_STRUCT_OFFSET (GstDmixFilterSettings, field)

static const GstDmixProperty common_properties[] = {
  { "bypass", "Bypass", "Pass the sound through unprocessed (the delay stays)",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (bypass), GST_PARAM_CONTROLLABLE,
      NULL },
  { "post-messages", "Post messages", "Post an element message every interval",
      GST_DMIX_BOOLEAN, 0, 1, TRUE, PLACE (messages.post),
      GST_PARAM_MUTABLE_PLAYING, NULL },
  { "interval", "Interval", "Time between messages, in ns", GST_DMIX_TIME,
      GST_MSECOND, 3600.0 * GST_SECOND, 100 * GST_MSECOND,
      PLACE (messages.length), GST_PARAM_MUTABLE_PLAYING, NULL },
};

void
gst_dmix_filter_settings_changed (GstDmixFilter *self)
{
  gst_dmix_settings_mark_changed (&STREAM (self)->settings);
}

gconstpointer
gst_dmix_filter_get_settings (GstDmixFilter *self)
{
  return gst_dmix_settings_get_current (&STREAM (self)->settings);
}

static void
set_common_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  gst_dmix_settings_set_in (&STREAM (object)->settings,
      &common_properties[id - 1], value);
}

static void
get_common_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  gst_dmix_settings_get_in (&STREAM (object)->settings,
      &common_properties[id - 1], value);
}

void
gst_dmix_filter_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  gst_dmix_settings_set (&STREAM (object)->settings, id, value);
}

void
gst_dmix_filter_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  gst_dmix_settings_get (&STREAM (object)->settings, id, value);
}

void
gst_dmix_filter_class_install (GstDmixFilterClass *klass,
    const GstDmixFilterInfo *info)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstCaps *caps = gst_caps_from_string (GST_DMIX_CAPS);

  gst_audio_filter_class_add_pad_templates (GST_AUDIO_FILTER_CLASS (klass),
      caps);
  gst_caps_unref (caps);
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      info->long_name, info->classification, info->description,
      "The dmix authors");
  klass->properties = info->properties;
  klass->property_count = info->property_count;
  klass->settings_offset = info->settings_offset;
  klass->settings_size = info->settings_size;
  object_class->set_property = gst_dmix_filter_set_property;
  object_class->get_property = gst_dmix_filter_get_property;
  gst_dmix_properties_install (object_class, info->properties,
      info->property_count);
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_FILTER, 0);
}

/*** flow ***/

/* Drops an incomplete frame at the end; FALSE if nothing is left. */
static gboolean
keep_whole_frames (GstDmixFilter *self, GstBuffer **buffer)
{
  const gsize bpf = GST_AUDIO_INFO_BPF (&STREAM (self)->in);
  const gsize size = gst_buffer_get_size (*buffer), rest = size % bpf;

  if (rest > 0 && !PRIV (self)->warned) {
    PRIV (self)->warned = TRUE;
    GST_ELEMENT_WARNING (self, STREAM, FORMAT, (NULL),
        ("A buffer of %" G_GSIZE_FORMAT
         " bytes on pad '%s' does not hold whole "
         "frames of %" G_GSIZE_FORMAT
         " bytes; the incomplete frame is dropped: "
         "put rawaudioparse before this element",
            size, GST_PAD_NAME (GST_BASE_TRANSFORM_SINK_PAD (self)), bpf));
  }
  if (rest > 0) {
    *buffer = gst_buffer_make_writable (*buffer);
    if (*buffer)
      gst_buffer_resize (*buffer, 0, size - rest);
  }
  return size > rest && *buffer;
}

/* The parent class clips the buffer to the segment; the result may be empty. */
static GstFlowReturn
gst_dmix_filter_submit_input_buffer (GstBaseTransform *trans, gboolean discont,
    GstBuffer *buffer)
{
  GstDmixFilter *self = GST_DMIX_FILTER (trans);
  /* not @discont, which stays until the first buffer is out */
  const gboolean starts = GST_BUFFER_IS_DISCONT (buffer);
  GstFlowReturn ret = PARENT->submit_input_buffer (trans, discont, buffer);
  GstClockTime pts, duration;
  gboolean is_gap;

  if (ret != GST_FLOW_OK || !trans->queued_buf)
    return ret;
  is_gap = GST_BUFFER_FLAG_IS_SET (trans->queued_buf, GST_BUFFER_FLAG_GAP);
  pts = GST_BUFFER_PTS (trans->queued_buf);
  duration = GST_BUFFER_DURATION (trans->queued_buf);
  ret = gst_dmix_filter_gaps_check (STREAM (self), starts, pts);
  if (keep_whole_frames (self, &trans->queued_buf))
    return ret;
  gst_clear_buffer (&trans->queued_buf);
  if (ret == GST_FLOW_OK && is_gap && GST_CLOCK_TIME_IS_VALID (duration))
    ret = gst_dmix_filter_gaps_take (STREAM (self), pts, duration);
  return ret;
}

/* The next block of the input buffer: 10 ms while control bindings move
 * properties, else the whole buffer. */
static GstBuffer *
next_block (GstDmixFilter *self)
{
  GstBaseTransform *trans = GST_BASE_TRANSFORM (self);
  const gsize most = (gsize) gst_dmix_filter_stream_block_frames (STREAM (self))
      * GST_AUDIO_INFO_BPF (&STREAM (self)->in);
  GstBuffer *block = trans->queued_buf;

  trans->queued_buf = NULL;
  if (gst_buffer_get_size (block) > most
      && gst_object_has_active_control_bindings (GST_OBJECT (self))) {
    GstBuffer *rest =
        gst_buffer_copy_region (block, GST_BUFFER_COPY_ALL, most, -1);

    if (!rest) /* no memory: one block, with one value of the bindings */
      return block;
    GST_BUFFER_FLAG_UNSET (rest, GST_BUFFER_FLAG_DISCONT);
    GST_BUFFER_PTS (rest) = GST_CLOCK_TIME_NONE;
    GST_BUFFER_OFFSET (rest) = GST_BUFFER_OFFSET_NONE;
    trans->queued_buf = rest;
    block = gst_buffer_make_writable (block);
    gst_buffer_resize (block, 0, most);
  }
  return block;
}

static GstFlowReturn
gst_dmix_filter_generate_output (GstBaseTransform *trans, GstBuffer **outbuf)
{
  GstDmixFilter *self = GST_DMIX_FILTER (trans);
  GstDmixTimeline *timeline = STREAM (self)->timeline;
  GstFlowReturn ret = GST_FLOW_OK;

  while (ret == GST_FLOW_OK && gst_dmix_timeline_is_empty (timeline)
      && trans->queued_buf)
    ret = gst_dmix_filter_stream_take (STREAM (self), next_block (self));
  *outbuf =
      ret == GST_FLOW_OK ? gst_dmix_filter_stream_pop (STREAM (self)) : NULL;
  return ret;
}

/* GstBaseTransform would report the end of the input as the position. */
static GstPadProbeReturn
note_position (GstPad *pad, GstPadProbeInfo *info, gpointer self)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  GST_OBJECT_LOCK (self);
  PRIV (self)->position = GST_BUFFER_PTS_IS_VALID (buffer)
      ? GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer)
      : GST_CLOCK_TIME_NONE;
  GST_OBJECT_UNLOCK (self);
  return GST_PAD_PROBE_OK;
}

/*** events and queries ***/

static gboolean
changes_segment (GstDmixFilter *self, GstEvent *event)
{
  GstSegment now = GST_BASE_TRANSFORM (self)->segment;
  const GstSegment *next;

  gst_event_parse_segment (event, &next);
  now.position = next->position;
  return !gst_segment_is_equal (&now, next);
}

/* Turns a GAP event into silence; FALSE if it stays an event. */
static gboolean
take_gap_event (GstDmixFilter *self, GstEvent *event)
{
  GstClockTime pts, duration;

  gst_event_parse_gap (event, &pts, &duration);
  if (!gst_dmix_filter_stream_is_open (STREAM (self))
      || !GST_CLOCK_TIME_IS_VALID (duration))
    return FALSE;
  gst_dmix_filter_gaps_take (STREAM (self), pts, duration);
  gst_event_unref (event);
  return TRUE;
}

/* A stream with another id is another recording. */
static void
begin_stream (GstDmixFilter *self, GstEvent *event)
{
  const gchar *id;

  gst_event_parse_stream_start (event, &id);
  gst_dmix_filter_stream_finish (STREAM (self));
  if (g_strcmp0 (id, PRIV (self)->stream_id) == 0)
    return;
  g_free (PRIV (self)->stream_id);
  PRIV (self)->stream_id = g_strdup (id);
  gst_dmix_filter_stream_forget (STREAM (self));
}

/* Drains before an event that ends or interrupts the stream. */
static gboolean
gst_dmix_filter_sink_event (GstBaseTransform *trans, GstEvent *event)
{
  GstDmixFilter *self = GST_DMIX_FILTER (trans);

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_STOP:
      GST_DEBUG_OBJECT (self, "flush: sound and state are dropped");
      gst_dmix_filter_stream_restart (STREAM (self));
      break;
    case GST_EVENT_GAP:
      if (take_gap_event (self, event))
        return TRUE;
      gst_dmix_filter_stream_finish (STREAM (self));
      break;
    case GST_EVENT_SEGMENT:
      GST_DEBUG_OBJECT (self, "%" GST_PTR_FORMAT, (gpointer) event);
      if (changes_segment (self, event))
        gst_dmix_filter_stream_finish (STREAM (self));
      break;
    case GST_EVENT_SEGMENT_DONE:
      gst_dmix_filter_stream_finish (STREAM (self));
      break;
    case GST_EVENT_EOS:
      GST_DEBUG_OBJECT (self, "end of stream");
      gst_dmix_filter_stream_end (STREAM (self));
      break;
    case GST_EVENT_STREAM_START:
      begin_stream (self, event);
      break;
    default:
      break;
  }
  return PARENT->sink_event (trans, event);
}

static gboolean
query_latency (GstDmixFilter *self, GstQuery *query)
{
  const GstClockTime own = gst_dmix_filter_stream_latency (STREAM (self));
  GstClockTime min, max;
  gboolean live;

  if (!gst_pad_peer_query (GST_BASE_TRANSFORM_SINK_PAD (self), query))
    return FALSE;
  gst_query_parse_latency (query, &live, &min, &max);
  GST_DEBUG_OBJECT (self,
      "latency query: upstream %" GST_TIME_FORMAT ", own %" GST_TIME_FORMAT,
      GST_TIME_ARGS (min), GST_TIME_ARGS (own));
  min += own;
  if (GST_CLOCK_TIME_IS_VALID (max))
    max += own;
  gst_query_set_latency (query, live, min, max);
  return TRUE;
}

static gboolean
query_position (GstDmixFilter *self, GstQuery *query)
{
  const GstSegment *segment = &GST_BASE_TRANSFORM (self)->segment;
  GstClockTime position;
  GstFormat format;

  gst_query_parse_position (query, &format, NULL);
  GST_OBJECT_LOCK (self);
  position = PRIV (self)->position;
  GST_OBJECT_UNLOCK (self);
  if (format != GST_FORMAT_TIME || segment->format != GST_FORMAT_TIME
      || !GST_CLOCK_TIME_IS_VALID (position))
    return FALSE;
  gst_query_set_position (query, format,
      gst_segment_to_stream_time (segment, GST_FORMAT_TIME, position));
  return TRUE;
}

static gboolean
gst_dmix_filter_query (GstBaseTransform *trans, GstPadDirection direction,
    GstQuery *query)
{
  GstDmixFilter *self = GST_DMIX_FILTER (trans);

  if (direction == GST_PAD_SRC && GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return query_latency (self, query);
  if (direction == GST_PAD_SRC && GST_QUERY_TYPE (query) == GST_QUERY_POSITION
      && query_position (self, query))
    return TRUE;
  return PARENT->query (trans, direction, query);
}

GstClockTime
gst_dmix_filter_get_stream_time (GstDmixFilter *self, guint frame)
{
  return gst_dmix_filter_stream_time (STREAM (self), frame);
}

/*** formats and states ***/

static gboolean
gst_dmix_filter_set_caps (GstBaseTransform *trans, GstCaps *incaps,
    GstCaps *outcaps)
{
  GstAudioInfo in, out;

  if (!gst_audio_info_from_caps (&in, incaps)
      || !gst_audio_info_from_caps (&out, outcaps)) {
    GST_ELEMENT_ERROR (trans, STREAM, FORMAT, (NULL),
        ("Pad '%s' cannot take caps %" GST_PTR_FORMAT ": put audioconvert "
         "before this element",
            GST_PAD_NAME (GST_BASE_TRANSFORM_SINK_PAD (trans)),
            (gpointer) incaps));
    return FALSE;
  }
  GST_DEBUG_OBJECT (trans,
      "negotiated: caps in %" GST_PTR_FORMAT ", caps out %" GST_PTR_FORMAT,
      (gpointer) incaps, (gpointer) outcaps);
  return gst_dmix_filter_stream_open (STREAM (trans), &in, &out);
}

static gboolean
gst_dmix_filter_start (GstBaseTransform *trans)
{
  PRIV (trans)->warned = FALSE;
  PRIV (trans)->position = GST_CLOCK_TIME_NONE;
  return TRUE;
}

static gboolean
gst_dmix_filter_stop (GstBaseTransform *trans)
{
  gst_dmix_filter_stream_close (STREAM (trans));
  return TRUE;
}

/*** object ***/

static void
gst_dmix_filter_constructed (GObject *object)
{
  GstDmixFilterClass *klass = CLASS (object);
  gpointer values = (guint8 *) object + klass->settings_offset;

  G_OBJECT_CLASS (gst_dmix_filter_parent_class)->constructed (object);
  gst_dmix_properties_init (common_properties, G_N_ELEMENTS (common_properties),
      values);
  gst_dmix_filter_stream_init (STREAM (object), GST_DMIX_FILTER (object),
      values);
}

static void
gst_dmix_filter_finalize (GObject *object)
{
  gst_dmix_filter_stream_clear (STREAM (object));
  g_free (PRIV (object)->stream_id);
  G_OBJECT_CLASS (gst_dmix_filter_parent_class)->finalize (object);
}

static void
gst_dmix_filter_class_init (GstDmixFilterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstBaseTransformClass *trans_class = GST_BASE_TRANSFORM_CLASS (klass);

  object_class->set_property = set_common_property;
  object_class->get_property = get_common_property;
  object_class->constructed = gst_dmix_filter_constructed;
  object_class->finalize = gst_dmix_filter_finalize;
  gst_dmix_properties_install (object_class, common_properties,
      G_N_ELEMENTS (common_properties));
  trans_class->set_caps = gst_dmix_filter_set_caps;
  trans_class->start = gst_dmix_filter_start;
  trans_class->stop = gst_dmix_filter_stop;
  trans_class->sink_event = gst_dmix_filter_sink_event;
  trans_class->query = gst_dmix_filter_query;
  trans_class->submit_input_buffer = gst_dmix_filter_submit_input_buffer;
  trans_class->generate_output = gst_dmix_filter_generate_output;
}

static void
gst_dmix_filter_init (GstDmixFilter *self)
{
  PRIV (self)->position = GST_CLOCK_TIME_NONE;
  gst_base_transform_set_passthrough (GST_BASE_TRANSFORM (self), FALSE);
  gst_pad_add_probe (GST_BASE_TRANSFORM_SRC_PAD (self),
      GST_PAD_PROBE_TYPE_BUFFER, note_position, self, NULL);
}

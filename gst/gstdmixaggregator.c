/* GstDmixAggregator: base of the elements with several inputs, see the header.
 *
 * One block's way: GstAudioAggregator collects the inputs of the block
 * (aggregate_one_buffer of the subclass only copies), hands the full block to
 * finish_buffer(), which lets the subclass process it, takes the delay off
 * the front of the stream and off the timestamps, and pushes. At the end
 * aggregate() sends silence through until all that was inside is out.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "gstdmixaggregator.h"
#include "gstdmixaggregatorpad.h"
#include "gstdmixformats.h"

GST_DEBUG_CATEGORY_STATIC (dmix_aggregator_debug);
#define GST_CAT_DEFAULT dmix_aggregator_debug

/* What live pipelines get on top of the look-ahead: without it a pad that
 * stays silent makes every buffer arrive exactly at its deadline, and late
 * after the smallest hiccup. */
#define LIVE_MARGIN (10 * GST_MSECOND)
/* A stream that jumps by more than this is put where its timestamps say. */
#define ALIGNMENT_THRESHOLD (2 * GST_MSECOND)

/* Costs 10 ms of live latency more than the base's block, and saves a third
 * of what the base costs. Whoever needs every millisecond sets it back. */
#define BLOCK (20 * GST_MSECOND)

/*** the element ***/

typedef struct
{
  GstDmixFormats formats;
  GstClockTime lookahead;       /* object lock */
  gint unusable;                /* a pad wants to warn; atomic */
  GRecMutex pads_lock;          /* held while the base walks through the pads */

  /* streaming thread only */
  GstAudioInfo info;            /* of the processor */
  guint delay;                  /* of the processor, frames */
  guint skip;                   /* of it, what is still to be dropped */
  gint64 next;                  /* block expected next, -1: any */
  gint64 sound_end;             /* end of the last block that had sound */
  gboolean drained;
} GstDmixAggregatorPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (GstDmixAggregator, gst_dmix_aggregator,
    GST_TYPE_AUDIO_AGGREGATOR,
    G_ADD_PRIVATE (GstDmixAggregator)
    GST_DEBUG_CATEGORY_INIT (dmix_aggregator_debug, "dmixaggregator", 0,
        "base of the dmix elements with several inputs"))

#define PRIV(self) \
    ((GstDmixAggregatorPrivate *) \
    gst_dmix_aggregator_get_instance_private (GST_DMIX_AGGREGATOR (self)))
#define PARENT GST_AGGREGATOR_CLASS (gst_dmix_aggregator_parent_class)

static gboolean
is_configured (GstDmixAggregator * self)
{
  return GST_AUDIO_INFO_IS_VALID (&PRIV (self)->info);
}

GstAggregatorPad *
gst_dmix_aggregator_get_pad (GstDmixAggregator * self, const gchar * name)
{
  return (GstAggregatorPad *)
      gst_element_get_static_pad (GST_ELEMENT (self), name);
}

/*** time ***/

void
gst_dmix_aggregator_get_times (GstDmixAggregator * self, gint64 frame,
    GstDmixTimes * times)
{
  GstAggregatorPad *srcpad =
      GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self));
  GstSegment segment;

  GST_OBJECT_LOCK (self);
  segment = srcpad->segment;
  GST_OBJECT_UNLOCK (self);
  times->timestamp = segment.start
      + gst_util_uint64_scale (MAX (frame, 0), GST_SECOND,
      MAX (GST_AUDIO_INFO_RATE (&PRIV (self)->info), 1));
  times->stream_time =
      gst_segment_to_stream_time (&segment, GST_FORMAT_TIME,
      times->timestamp);
  times->running_time =
      gst_segment_to_running_time (&segment, GST_FORMAT_TIME,
      times->timestamp);
}

static GstClockTime
live_margin (GstDmixAggregator * self)
{
  GstClockTime lookahead;

  GST_OBJECT_LOCK (self);
  lookahead = PRIV (self)->lookahead;
  GST_OBJECT_UNLOCK (self);
  return lookahead > 0 ? lookahead + LIVE_MARGIN : 0;
}

static void
update_latency (GstDmixAggregator * self)
{
  GstClockTime latency;
  guint64 block;

  g_object_get (self, "output-buffer-duration", &block, NULL);
  latency = block + live_margin (self);
  gst_aggregator_set_latency (GST_AGGREGATOR (self), latency, latency);
}

void
gst_dmix_aggregator_set_lookahead (GstDmixAggregator * self,
    GstClockTime lookahead)
{
  GST_OBJECT_LOCK (self);
  PRIV (self)->lookahead = lookahead;
  GST_OBJECT_UNLOCK (self);
  update_latency (self);
}

/* The deadline of a live block is this plus the whole latency. What leaves
 * with the block is older by the look-ahead, so it has to be made so much
 * earlier. Before the look-ahead is full that is before time 0: GstClockTime
 * wraps around and comes out right when the base adds the latency. */
static GstClockTime
get_next_time (GstAggregator * agg)
{
  GstClockTime next = gst_aggregator_simple_get_next_time (agg);
  GstClockTime early = live_margin (GST_DMIX_AGGREGATOR (agg));

  if (!GST_CLOCK_TIME_IS_VALID (next))
    return next;
  next -= early;
  return GST_CLOCK_TIME_IS_VALID (next) ? next : next - 1;
}

static gboolean
src_query (GstAggregator * agg, GstQuery * query)
{
  GstFormat format;
  gint64 position;

  if (!PARENT->src_query (agg, query))
    return FALSE;
  if (GST_QUERY_TYPE (query) != GST_QUERY_POSITION)
    return TRUE;
  /* The base tells the end of what came in: take off what is inside. */
  gst_query_parse_position (query, &format, &position);
  if (format == GST_FORMAT_TIME && position != -1) {
    gint64 inside;

    GST_OBJECT_LOCK (agg);
    inside = PRIV (agg)->lookahead;
    GST_OBJECT_UNLOCK (agg);
    gst_query_set_position (query, format, MAX (position - inside, 0));
  }
  return TRUE;
}

/*** samples ***/

static void
restart (GstDmixAggregator * self)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);

  priv->skip = priv->delay;
  priv->next = -1;
  priv->sound_end = -1;
  priv->drained = FALSE;
  if (is_configured (self))
    GST_DMIX_AGGREGATOR_GET_CLASS (self)->reset (self);
}

static gint64
output_end (GstDmixAggregator * self)
{
  GstDmixAggregatorClass *klass = GST_DMIX_AGGREGATOR_GET_CLASS (self);

  return klass->end ? klass->end (self) : -1;
}

static void
announce (GstDmixAggregator * self, gboolean last)
{
  g_rec_mutex_unlock (&PRIV (self)->pads_lock);
  GST_DMIX_AGGREGATOR_GET_CLASS (self)->announce (self, last);
  g_rec_mutex_lock (&PRIV (self)->pads_lock);
}

/* Pushes a processed block whose first frame is the output frame `first`, less
 * the part that is before the start or behind the end. */
static GstFlowReturn
put_out (GstDmixAggregator * self, GstBuffer * buffer, gint64 first)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const gint bpf = GST_AUDIO_INFO_BPF (&priv->info);
  const gint64 end = output_end (self);
  gint64 frames = gst_buffer_get_size (buffer) / bpf;
  guint head = MIN (priv->skip, frames);
  GstDmixTimes start, stop;
  GstFlowReturn ret;

  priv->skip -= head;
  if (end >= 0)
    frames = CLAMP (end - first, 0, frames);
  if (frames <= head) {
    gst_buffer_unref (buffer);
    announce (self, FALSE);
    return GST_FLOW_OK;
  }
  gst_buffer_resize (buffer, (gssize) head * bpf, (frames - head) * bpf);
  GST_BUFFER_OFFSET (buffer) = first + head;
  GST_BUFFER_OFFSET_END (buffer) = first + frames;
  gst_dmix_aggregator_get_times (self, first + head, &start);
  gst_dmix_aggregator_get_times (self, first + frames, &stop);
  GST_BUFFER_PTS (buffer) = start.timestamp;
  GST_BUFFER_DURATION (buffer) = stop.timestamp - start.timestamp;
  if (first + head >= priv->sound_end)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  else
    GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_GAP);

  announce (self, FALSE);
  /* Downstream may take its time: pads may come and go meanwhile. */
  g_rec_mutex_unlock (&priv->pads_lock);
  ret = PARENT->finish_buffer (GST_AGGREGATOR (self), buffer);
  g_rec_mutex_lock (&priv->pads_lock);
  return ret;
}

/* offset: of the first frame of the block that goes in */
static GstFlowReturn
process_and_put_out (GstDmixAggregator * self, GstBuffer * buffer,
    gint64 offset)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstDmixBlock block = { NULL, 0, 0, offset - priv->delay, priv->drained };
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE)) {
    gst_buffer_unref (buffer);
    GST_ELEMENT_ERROR (self, RESOURCE, WRITE, (NULL),
        ("The output memory cannot be written; a pool or allocator "
            "downstream gives read-only buffers"));
    return GST_FLOW_ERROR;
  }
  block.samples = (gfloat *) map.data;
  block.frames = map.size / GST_AUDIO_INFO_BPF (&priv->info);
  block.head = MIN (priv->skip, block.frames);
  GST_DMIX_AGGREGATOR_GET_CLASS (self)->process (self, &block);
  gst_buffer_unmap (buffer, &map);
  return put_out (self, buffer, block.offset);
}

static void
sync_and_prepare (GstDmixAggregator * self, gint64 first)
{
  GstDmixTimes times;

  /* Bindings set properties, which take our locks: sync before any. */
  gst_dmix_aggregator_get_times (self, first, &times);
  if (GST_CLOCK_TIME_IS_VALID (times.stream_time))
    gst_object_sync_values (GST_OBJECT (self), times.stream_time);
  GST_DMIX_AGGREGATOR_GET_CLASS (self)->prepare (self);
}

static GstFlowReturn
finish_buffer (GstAggregator * agg, GstBuffer * buffer)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const gint64 offset = GST_BUFFER_OFFSET (buffer);
  const gint64 end = GST_BUFFER_OFFSET_END (buffer);

  /* A pad that ended long ago, behind timeouts, makes the base step back. */
  if (end <= offset) {
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  if (priv->drained || (priv->next >= 0 && offset != priv->next))
    restart (self);
  priv->next = end;
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    priv->sound_end = end;
  sync_and_prepare (self, offset - priv->delay);
  return process_and_put_out (self, buffer, offset);
}

/* Silence in, until all that was inside is out. With pads_lock. */
static GstFlowReturn
drain (GstDmixAggregator * self)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const guint most = MAX (GST_AUDIO_INFO_RATE (&priv->info) / 100, 1);
  GstFlowReturn ret = GST_FLOW_OK;
  guint left = priv->delay;

  if (!is_configured (self) || priv->drained || priv->next < 0)
    return GST_FLOW_OK;
  priv->drained = TRUE;
  while (left > 0 && ret == GST_FLOW_OK) {
    const guint frames = MIN (left, most);
    const gsize size = (gsize) frames * GST_AUDIO_INFO_BPF (&priv->info);
    GstBuffer *buffer = gst_buffer_new_and_alloc (size);

    gst_buffer_memset (buffer, 0, 0, size);
    ret = process_and_put_out (self, buffer, priv->next);
    priv->next += frames;
    left -= frames;
  }
  return ret;
}

/*** flow ***/

static gboolean
pad_is_eos (GstElement * element, GstPad * pad, gpointer all)
{
  gboolean eos = gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad));

  *(gboolean *) all &= eos;
  return eos;
}

/* There is no format yet. Live, time must pass all the same; else wait, or
 * end with the inputs. */
static GstFlowReturn
aggregate_without_format (GstDmixAggregator * self, gboolean timeout)
{
  GstAggregatorPad *srcpad =
      GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self));
  gboolean all_eos = TRUE;
  guint64 block;

  gst_element_foreach_sink_pad (GST_ELEMENT (self), pad_is_eos, &all_eos);
  if (all_eos)
    return GST_FLOW_EOS;
  if (!timeout) {
    GST_ELEMENT_ERROR (self, STREAM, FORMAT, (NULL),
        ("Data came before its format: send a CAPS event before the first "
            "buffer"));
    return GST_FLOW_NOT_NEGOTIATED;
  }
  g_object_get (self, "output-buffer-duration", &block, NULL);
  GST_OBJECT_LOCK (self);
  if (!GST_CLOCK_TIME_IS_VALID (srcpad->segment.position))
    srcpad->segment.position = srcpad->segment.start;
  srcpad->segment.position += block;
  GST_OBJECT_UNLOCK (self);
  return GST_AGGREGATOR_FLOW_NEED_DATA;
}

static GstFlowReturn
aggregate_locked (GstDmixAggregator * self, gboolean timeout)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstFlowReturn ret;
  gint64 end;

  if (!is_configured (self))
    return aggregate_without_format (self, timeout);
  ret = PARENT->aggregate (GST_AGGREGATOR (self), timeout);
  end = output_end (self);
  if (ret == GST_FLOW_EOS) {
    ret = drain (self);
    announce (self, TRUE);
    return ret == GST_FLOW_OK ? GST_FLOW_EOS : ret;
  }
  if ((ret == GST_FLOW_OK || ret == GST_AGGREGATOR_FLOW_NEED_DATA)
      && end >= 0 && priv->next - priv->delay >= end) {
    announce (self, TRUE);
    return GST_FLOW_EOS;
  }
  return ret;
}

/* Drops what has no place in time. Called with locks held: the warning waits
 * until they are not. */
static GstBuffer *
clip (GstAggregator * agg, GstAggregatorPad * pad, GstBuffer * buffer)
{
  GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);

  if (gst_dmix_aggregator_pad_can_use (self, buffer)) {
    buffer = PARENT->clip (agg, pad, buffer);
    return buffer && GST_BUFFER_PTS_IS_VALID (buffer)
        ? gst_dmix_aggregator_pad_snap (self, buffer) : buffer;
  }
  g_atomic_int_set (&PRIV (agg)->unusable, TRUE);
  gst_buffer_unref (buffer);
  return NULL;
}

static gboolean
warn_of_unusable (GstElement * element, GstPad * pad, gpointer data)
{
  gst_dmix_aggregator_pad_warn (GST_DMIX_AGGREGATOR_PAD (pad), element);
  return TRUE;
}

static GstFlowReturn
aggregate (GstAggregator * agg, gboolean timeout)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstFlowReturn ret;

  g_rec_mutex_lock (&PRIV (self)->pads_lock);
  ret = aggregate_locked (self, timeout);
  g_rec_mutex_unlock (&PRIV (self)->pads_lock);
  if (g_atomic_int_compare_and_exchange (&PRIV (self)->unusable, TRUE, FALSE))
    gst_element_foreach_sink_pad (GST_ELEMENT (agg), warn_of_unusable, NULL);
  return ret;
}

static GstFlowReturn
flush (GstAggregator * agg)
{
  restart (GST_DMIX_AGGREGATOR (agg));
  return PARENT->flush (agg);
}

/*** optional pads ***/

/* A pad that nothing is linked to has no dialogue to wait for: it counts as
 * ended until a stream starts on it. */
static void
end_if_unlinked (GstPad * pad, GstAggregator * agg)
{
  if (gst_dmix_aggregator_pad_is_idle (GST_DMIX_AGGREGATOR_PAD (pad)))
    PARENT->sink_event (agg, GST_AGGREGATOR_PAD (pad), gst_event_new_eos ());
}

static void
pad_unlinked (GstPad * pad, GstPad * peer, GstAggregator * agg)
{
  if (GST_STATE (agg) > GST_STATE_READY)
    end_if_unlinked (pad, agg);
}

static gboolean
end_each_if_unlinked (GstElement * element, GstPad * pad, gpointer data)
{
  end_if_unlinked (pad, GST_AGGREGATOR (element));
  return TRUE;
}

/* Caps that were refused are judged again, and are an error, as soon as data
 * comes: a live dialogue that never sends any harms nobody. */
static GstPadProbeReturn
judge_data (GstPad * pad, GstPadProbeInfo * info, gpointer agg)
{
  GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);
  GstCaps *refused = gst_dmix_aggregator_pad_refused (self);

  if (!refused)
    return GST_PAD_PROBE_OK;
  if (gst_dmix_formats_accept (&PRIV (agg)->formats, pad, refused)) {
    PARENT->sink_event_pre_queue (agg, GST_AGGREGATOR_PAD (pad),
        gst_event_new_caps (refused));
    gst_dmix_aggregator_pad_refuse (self, NULL);
    return GST_PAD_PROBE_OK;
  }
  gst_dmix_formats_complain (&PRIV (agg)->formats, pad, refused);
  gst_mini_object_unref (info->data);
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = GST_FLOW_NOT_NEGOTIATED;
  return GST_PAD_PROBE_HANDLED;
}

static GstAggregatorPad *
create_new_pad (GstAggregator * agg, GstPadTemplate * template,
    const gchar * req_name, const GstCaps * caps)
{
  GstDmixAggregatorPad *pad = gst_dmix_aggregator_pad_new (GST_ELEMENT (agg),
      template, req_name, GST_DMIX_AGGREGATOR_GET_CLASS (agg)->leading_pad);

  if (!pad) {
    GST_WARNING_OBJECT (agg, "there is only one pad '%s', and it is in use",
        req_name ? req_name : GST_PAD_TEMPLATE_NAME_TEMPLATE (template));
    return NULL;
  }
  gst_pad_add_probe (GST_PAD (pad),
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, judge_data,
      agg, NULL);
  g_signal_connect_object (pad, "unlinked", G_CALLBACK (pad_unlinked), agg,
      0);
  if (GST_STATE (agg) > GST_STATE_READY)
    end_if_unlinked (GST_PAD (pad), agg);
  return GST_AGGREGATOR_PAD (pad);
}

static void
release_pad (GstElement * element, GstPad * pad)
{
  g_signal_handlers_disconnect_by_data (pad, element);
  g_rec_mutex_lock (&PRIV (element)->pads_lock);
  GST_ELEMENT_CLASS (gst_dmix_aggregator_parent_class)->release_pad (element,
      pad);
  g_rec_mutex_unlock (&PRIV (element)->pads_lock);
  gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (element));
}

/* Pads that nothing is linked to see no flush; the base waits for all. */
static gboolean
flush_unlinked (GstElement * element, GstPad * pad, gpointer event)
{
  GstAggregator *agg = GST_AGGREGATOR (element);

  if (!gst_dmix_aggregator_pad_is_idle (GST_DMIX_AGGREGATOR_PAD (pad)))
    return TRUE;
  PARENT->sink_event (agg, GST_AGGREGATOR_PAD (pad), gst_event_copy (event));
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    end_if_unlinked (pad, agg);
  return TRUE;
}

static gboolean
sink_event (GstAggregator * agg, GstAggregatorPad * pad, GstEvent * event)
{
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_FLUSH_START:
    case GST_EVENT_FLUSH_STOP:
      gst_element_foreach_sink_pad (GST_ELEMENT (agg), flush_unlinked, event);
      break;
    case GST_EVENT_CAPS:
    case GST_EVENT_EOS:
      /* the format of the src pad is the one of the leading pad, or of
       * another one when that has ended without any */
      gst_pad_mark_reconfigure (GST_AGGREGATOR_SRC_PAD (agg));
      break;
    default:
      break;
  }
  return PARENT->sink_event (agg, pad, event);
}

/*** formats ***/

static gboolean
sink_query (GstAggregator * agg, GstAggregatorPad * pad, GstQuery * query)
{
  return gst_dmix_formats_query (&PRIV (agg)->formats, GST_PAD (pad), query)
      || PARENT->sink_query (agg, pad, query);
}

/* Caps are judged when they come, not when the streaming thread gets to them:
 * the base queues them, and what it then refuses it plays at a wrong speed. */
static GstFlowReturn
sink_event_pre_queue (GstAggregator * agg, GstAggregatorPad * pad,
    GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    GstDmixAggregatorPad *self = GST_DMIX_AGGREGATOR_PAD (pad);
    GstCaps *caps;

    gst_event_parse_caps (event, &caps);
    if (!gst_dmix_formats_accept (&PRIV (agg)->formats, GST_PAD (pad), caps)) {
      gst_dmix_aggregator_pad_refuse (self, caps);
      gst_event_unref (event);
      return GST_FLOW_OK;
    }
    gst_dmix_aggregator_pad_refuse (self, NULL);
  }
  return PARENT->sink_event_pre_queue (agg, pad, event);
}

static GstFlowReturn
update_src_caps (GstAggregator * agg, GstCaps * downstream, GstCaps ** ret)
{
  GstCaps *own = gst_dmix_formats_output (&PRIV (agg)->formats);

  if (!own)
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  *ret = gst_caps_intersect (own, downstream);
  gst_caps_unref (own);
  return GST_FLOW_OK;
}

static gboolean
negotiated_src_caps (GstAggregator * agg, GstCaps * caps)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstAudioInfo info;
  gint delay;

  if (!gst_audio_info_from_caps (&info, caps))
    return FALSE;
  if (is_configured (self) && gst_audio_info_is_equal (&info, &priv->info))
    return PARENT->negotiated_src_caps (agg, caps);

  /* what is inside leaves in the old format */
  g_rec_mutex_lock (&priv->pads_lock);
  drain (self);
  g_rec_mutex_unlock (&priv->pads_lock);
  delay = GST_DMIX_AGGREGATOR_GET_CLASS (self)->setup (self, &info);
  if (delay < 0)
    return FALSE;
  priv->info = info;
  priv->delay = priv->skip = delay;
  priv->next = priv->sound_end = -1;
  priv->drained = FALSE;
  return PARENT->negotiated_src_caps (agg, caps);
}

/*** states ***/

static gboolean
start (GstAggregator * agg)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);

  gst_audio_info_init (&PRIV (self)->info);
  PRIV (self)->delay = 0;
  restart (self);
  gst_element_foreach_sink_pad (GST_ELEMENT (agg), end_each_if_unlinked, NULL);
  return PARENT->start (agg);
}

static gboolean
stop (GstAggregator * agg)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);

  restart (self);
  gst_dmix_formats_forget (&PRIV (self)->formats);
  return PARENT->stop (agg);
}

static void
notify (GObject * object, GParamSpec * spec)
{
  GObjectClass *parent = G_OBJECT_CLASS (gst_dmix_aggregator_parent_class);

  /* the base has just set a latency that does not know of ours */
  if (g_str_has_prefix (spec->name, "output-buffer-duration"))
    update_latency (GST_DMIX_AGGREGATOR (object));
  if (parent->notify)
    parent->notify (object, spec);
}

static void
constructed (GObject * object)
{
  G_OBJECT_CLASS (gst_dmix_aggregator_parent_class)->constructed (object);
  gst_dmix_formats_init (&PRIV (object)->formats, GST_ELEMENT (object),
      GST_DMIX_AGGREGATOR_GET_CLASS (object)->leading_pad);
  g_object_set (object, "alignment-threshold",
      (guint64) ALIGNMENT_THRESHOLD, "discont-wait", (guint64) 0,
      "output-buffer-duration", (guint64) BLOCK, NULL);
  update_latency (GST_DMIX_AGGREGATOR (object));
}

static void
finalize (GObject * object)
{
  g_rec_mutex_clear (&PRIV (object)->pads_lock);
  G_OBJECT_CLASS (gst_dmix_aggregator_parent_class)->finalize (object);
}

static void
gst_dmix_aggregator_class_init (GstDmixAggregatorClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);

  object_class->constructed = constructed;
  object_class->finalize = finalize;
  object_class->notify = notify;
  GST_ELEMENT_CLASS (klass)->release_pad = release_pad;
  agg_class->create_new_pad = create_new_pad;
  agg_class->sink_event_pre_queue = sink_event_pre_queue;
  agg_class->sink_event = sink_event;
  agg_class->sink_query = sink_query;
  agg_class->src_query = src_query;
  agg_class->update_src_caps = update_src_caps;
  agg_class->negotiated_src_caps = negotiated_src_caps;
  agg_class->get_next_time = get_next_time;
  agg_class->aggregate = aggregate;
  agg_class->clip = clip;
  agg_class->finish_buffer = finish_buffer;
  agg_class->flush = flush;
  agg_class->start = start;
  agg_class->stop = stop;
}

static void
gst_dmix_aggregator_init (GstDmixAggregator * self)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);

  g_rec_mutex_init (&priv->pads_lock);
  gst_audio_info_init (&priv->info);
  priv->next = priv->sound_end = -1;
}

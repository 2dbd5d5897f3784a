/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* From the full block to the src pad, see gstdmixaggregator.c: the subclass
 * processes it, the delay is taken off the front of the stream and off the
 * timestamps. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixaggregatorprivate.h"

#define PRIV(self) gst_dmix_aggregator_private (self)
#define PARENT gst_dmix_aggregator_base ()

void
gst_dmix_aggregator_get_times (GstDmixAggregator *self, gint64 frame,
    GstDmixTimes *times)
{
  GstAggregatorPad *srcpad = GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self));
  GstSegment segment;

  GST_OBJECT_LOCK (self);
  segment = srcpad->segment;
  GST_OBJECT_UNLOCK (self);
  times->timestamp = segment.start
      + gst_util_uint64_scale (MAX (frame, 0), GST_SECOND,
          MAX (GST_AUDIO_INFO_RATE (&PRIV (self)->info), 1));
  times->stream_time =
      gst_segment_to_stream_time (&segment, GST_FORMAT_TIME, times->timestamp);
  times->running_time =
      gst_segment_to_running_time (&segment, GST_FORMAT_TIME, times->timestamp);
}

void
gst_dmix_aggregator_restart (GstDmixAggregator *self)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);

  priv->skip = priv->delay;
  priv->next = -1;
  priv->sound_end = -1;
  priv->drained = FALSE;
  if (gst_dmix_aggregator_is_configured (self))
    GST_DMIX_AGGREGATOR_GET_CLASS (self)->reset (self);
}

gint64
gst_dmix_aggregator_output_end (GstDmixAggregator *self)
{
  GstDmixAggregatorClass *klass = GST_DMIX_AGGREGATOR_GET_CLASS (self);

  return klass->end ? klass->end (self) : -1;
}

static guint
tail (GstDmixAggregator *self)
{
  GstDmixAggregatorClass *klass = GST_DMIX_AGGREGATOR_GET_CLASS (self);

  return klass->tail ? klass->tail (self) : 0;
}

void
gst_dmix_aggregator_announce (GstDmixAggregator *self, gboolean last)
{
  if (!GST_DMIX_AGGREGATOR_GET_CLASS (self)->announce)
    return;
  g_rec_mutex_unlock (&PRIV (self)->pads_lock);
  GST_DMIX_AGGREGATOR_GET_CLASS (self)->announce (self, last);
  g_rec_mutex_lock (&PRIV (self)->pads_lock);
}

/* Pushes a processed block whose first frame is the output frame `first`, less
 * the part that is before the start or behind the end. */
static GstFlowReturn
put_out (GstDmixAggregator *self, GstBuffer *buffer, gint64 first)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const gint bpf = GST_AUDIO_INFO_BPF (&priv->info);
  const gint64 end = gst_dmix_aggregator_output_end (self);
  gint64 frames = gst_buffer_get_size (buffer) / bpf;
  guint head = MIN (priv->skip, frames);
  GstDmixTimes start, stop;
  GstFlowReturn ret;

  priv->skip -= head;
  if (end >= 0)
    frames = CLAMP (end - first, 0, frames);
  if (frames <= head) {
    gst_buffer_unref (buffer);
    gst_dmix_aggregator_announce (self, FALSE);
    return GST_FLOW_OK;
  }
  gst_buffer_resize (buffer, (gssize) head * bpf, (frames - head) * bpf);
  GST_BUFFER_OFFSET (buffer) = first + head;
  GST_BUFFER_OFFSET_END (buffer) = first + frames;
  gst_dmix_aggregator_get_times (self, first + head, &start);
  gst_dmix_aggregator_get_times (self, first + frames, &stop);
  GST_BUFFER_PTS (buffer) = start.timestamp;
  GST_BUFFER_DURATION (buffer) = stop.timestamp - start.timestamp;
  if (priv->sound_end < 0 || first + head >= priv->sound_end + tail (self))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  else
    GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_GAP);

  gst_dmix_aggregator_announce (self, FALSE);
  /* Downstream may take its time: pads may come and go meanwhile. */
  g_rec_mutex_unlock (&priv->pads_lock);
  ret = PARENT->finish_buffer (GST_AGGREGATOR (self), buffer);
  g_rec_mutex_lock (&priv->pads_lock);
  return ret;
}

/* offset: of the first frame of the block that goes in */
static GstFlowReturn
process_and_put_out (GstDmixAggregator *self, GstBuffer *buffer, gint64 offset)
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
sync_and_prepare (GstDmixAggregator *self, gint64 first)
{
  GstDmixTimes times;

  /* Bindings set properties, which take our locks: sync before any. */
  gst_dmix_aggregator_get_times (self, first, &times);
  if (GST_CLOCK_TIME_IS_VALID (times.stream_time))
    gst_object_sync_values (GST_OBJECT (self), times.stream_time);
  GST_DMIX_AGGREGATOR_GET_CLASS (self)->prepare (self);
}

GstFlowReturn
gst_dmix_aggregator_finish_buffer (GstAggregator *agg, GstBuffer *buffer)
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
    gst_dmix_aggregator_restart (self);
  priv->next = end;
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    priv->sound_end = end;
  sync_and_prepare (self, offset - priv->delay);
  return process_and_put_out (self, buffer, offset);
}

GstFlowReturn
gst_dmix_aggregator_drain (GstDmixAggregator *self, gboolean with_tail)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const guint most = MAX (GST_AUDIO_INFO_RATE (&priv->info) / 100, 1);
  GstFlowReturn ret = GST_FLOW_OK;
  guint left = priv->delay + (with_tail ? tail (self) : 0);

  if (!gst_dmix_aggregator_is_configured (self) || priv->drained
      || priv->next < 0)
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

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Time of GstDmixAggregator: timestamps of output frames, latency, deadlines of
 * live blocks, position. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixaggregatorprivate.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixaggregatortime", "latency of dmix aggregators");

#define PRIV(self) GST_DMIX_AGGREGATOR_PRIVATE (self)
#define PARENT GST_DMIX_AGGREGATOR_PARENT

/* Added to the look-ahead in live pipelines. Without it a silent pad makes
 * every buffer arrive exactly at its deadline, and late after the smallest
 * delay of a thread. */
#define LIVE_MARGIN (10 * GST_MSECOND)

/*** frames ***/

GstSegment
gst_dmix_aggregator_segment (GstDmixAggregator *self)
{
  GstAggregatorPad *srcpad = GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self));
  GstSegment segment;

  GST_OBJECT_LOCK (self);
  segment = srcpad->segment;
  GST_OBJECT_UNLOCK (self);
  return segment;
}

static GstClockTime
pts_in (GstDmixAggregator *self, const GstSegment *segment, gint64 frame)
{
  return segment->start
      + gst_util_uint64_scale (MAX (frame, 0), GST_SECOND,
          MAX (GST_AUDIO_INFO_RATE (&PRIV (self)->info), 1));
}

GstClockTime
gst_dmix_aggregator_frame_pts (GstDmixAggregator *self, gint64 frame)
{
  const GstSegment segment = gst_dmix_aggregator_segment (self);

  return pts_in (self, &segment, frame);
}

GstClockTime
gst_dmix_aggregator_frame_stream_time (GstDmixAggregator *self, gint64 frame)
{
  const GstSegment segment = gst_dmix_aggregator_segment (self);

  return gst_segment_to_stream_time (&segment, GST_FORMAT_TIME,
      pts_in (self, &segment, frame));
}

/*** latency ***/

static GstClockTime
live_margin (GstDmixAggregator *self)
{
  GstClockTime lookahead;

  GST_OBJECT_LOCK (self);
  lookahead = PRIV (self)->lookahead;
  GST_OBJECT_UNLOCK (self);
  return lookahead > 0 ? lookahead + LIVE_MARGIN : 0;
}

void
gst_dmix_aggregator_update_latency (GstDmixAggregator *self)
{
  GstClockTime latency;
  guint64 block;

  g_object_get (self, "output-buffer-duration", &block, NULL);
  latency = block + live_margin (self);
  GST_DEBUG_OBJECT (self,
      "latency is %" GST_TIME_FORMAT ", of it %" GST_TIME_FORMAT " for a block",
      GST_TIME_ARGS (latency), GST_TIME_ARGS (block));
  gst_aggregator_set_latency (GST_AGGREGATOR (self), latency, latency);
}

void
gst_dmix_aggregator_set_lookahead (GstDmixAggregator *self,
    GstClockTime lookahead)
{
  GST_OBJECT_LOCK (self);
  PRIV (self)->lookahead = lookahead;
  GST_OBJECT_UNLOCK (self);
  gst_dmix_aggregator_update_latency (self);
}

/* The deadline of a live block is the returned time plus the whole latency.
 * The output of a block is older by the look-ahead, so the block has to be
 * made earlier by that. At the start of the stream this is before time 0:
 * GstClockTime wraps around, and is right again after the base class has added
 * the latency. */
static GstClockTime
gst_dmix_aggregator_get_next_time (GstAggregator *agg)
{
  GstClockTime next = gst_aggregator_simple_get_next_time (agg);
  GstClockTime early = live_margin (GST_DMIX_AGGREGATOR (agg));

  if (!GST_CLOCK_TIME_IS_VALID (next))
    return next;
  next -= early;
  return GST_CLOCK_TIME_IS_VALID (next) ? next : next - 1;
}

/*** properties of the base class ***/

/* The pads read the limits with locks held, so that they cannot get the
 * property there. */
static gint
microseconds (GObject *object, const gchar *name)
{
  guint64 time;

  g_object_get (object, name, &time, NULL);
  return MIN (time / GST_USECOND, G_MAXINT);
}

static void
gst_dmix_aggregator_notify (GObject *object, GParamSpec *spec)
{
  GObjectClass *parent = G_OBJECT_CLASS (PARENT);

  if (g_str_equal (spec->name, "alignment-threshold"))
    g_atomic_int_set (&PRIV (object)->tolerance_us,
        microseconds (object, spec->name));
  else if (g_str_equal (spec->name, "discont-wait"))
    g_atomic_int_set (&PRIV (object)->wait_us,
        microseconds (object, spec->name));
  /* the base class has just set a latency without the look-ahead */
  if (g_str_has_prefix (spec->name, "output-buffer-duration"))
    gst_dmix_aggregator_update_latency (GST_DMIX_AGGREGATOR (object));
  if (parent->notify)
    parent->notify (object, spec);
}

/*** position ***/

/* The base class reports the end of the input as the position: the look-ahead
 * has to be subtracted. */
static gboolean
gst_dmix_aggregator_src_query (GstAggregator *agg, GstQuery *query)
{
  GstFormat format;
  gint64 position, inside;

  if (!PARENT->src_query (agg, query))
    return FALSE;
  if (GST_QUERY_TYPE (query) != GST_QUERY_POSITION)
    return TRUE;
  gst_query_parse_position (query, &format, &position);
  if (format == GST_FORMAT_TIME && position != -1) {
    GST_OBJECT_LOCK (agg);
    inside = PRIV (agg)->lookahead;
    GST_OBJECT_UNLOCK (agg);
    gst_query_set_position (query, format, MAX (position - inside, 0));
  }
  return TRUE;
}

void
gst_dmix_aggregator_time_class_init (GstDmixAggregatorClass *klass)
{
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);

  G_OBJECT_CLASS (klass)->notify = gst_dmix_aggregator_notify;
  agg_class->src_query = gst_dmix_aggregator_src_query;
  agg_class->get_next_time = gst_dmix_aggregator_get_next_time;
}

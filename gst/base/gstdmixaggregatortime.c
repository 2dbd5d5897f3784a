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
#define SHORT_BLOCK GST_DMIX_AGGREGATOR_BLOCK
/* A block of files: most of what the base classes cost is by the block. Longer
 * ones save little more. */
#define LONG_BLOCK (100 * GST_MSECOND)
/* Short ones until then: the first sound, and an error downstream, come at once. */
#define FIRST_BLOCKS 25
/* What each pad stores of files beside the buffer in use. The base class has
 * room for one buffer, so that each wakes two threads: half of the time where
 * decoders send 20 ms. */
#define QUEUE (200 * GST_MSECOND)

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

/*** length of a block, and what the pads store ***/

static gboolean
is_automated (GstElement *element, GstPad *pad, gpointer any)
{
  *(gboolean *) any |=
      gst_object_has_active_control_bindings (GST_OBJECT (pad));
  return !*(gboolean *) any;
}

/* Then properties change at the start of each block. */
static gboolean
has_automation (GstDmixAggregator *self)
{
  gboolean any = gst_object_has_active_control_bindings (GST_OBJECT (self));

  gst_element_foreach_sink_pad (GST_ELEMENT (self), is_automated, &any);
  return any;
}

static void
fit_block (GstDmixAggregator *self, guint64 wanted)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  guint64 block;

  g_object_get (self, "output-buffer-duration", &block, NULL);
  if (block == wanted || g_atomic_int_get (&priv->block_is_chosen))
    return;
  GST_DEBUG_OBJECT (self, "blocks of %" GST_TIME_FORMAT,
      GST_TIME_ARGS (wanted));
  g_atomic_pointer_set (&priv->fitting, g_thread_self ());
  g_object_set (self, "output-buffer-duration", wanted, NULL);
  g_atomic_pointer_set (&priv->fitting, NULL);
}

/* The length was set. Where it was not this element, the user has chosen, unless it
 * is the default: presets set that. */
static void
note_block (GstDmixAggregator *self)
{
  guint64 block;

  if (g_atomic_pointer_get (&PRIV (self)->fitting) == g_thread_self ())
    return;
  g_object_get (self, "output-buffer-duration", &block, NULL);
  g_atomic_int_set (&PRIV (self)->block_is_chosen, block != SHORT_BLOCK);
}

/* The base class lets the pads store what the latency of upstream is, or at least
 * has to be counted as. A value of the user's stays. */
static void
fit_queue (GstDmixAggregator *self, gboolean stores)
{
  guint64 stored;

  g_atomic_int_set (&PRIV (self)->stores, stores);
  g_object_get (self, "min-upstream-latency", &stored, NULL);
  GST_DEBUG_OBJECT (self, "pads %s, %" GST_TIME_FORMAT " until now",
      stores ? "store" : "do not store", GST_TIME_ARGS (stored));
  if (stored == (stores ? 0 : QUEUE))
    g_object_set (self, "min-upstream-latency", stores ? QUEUE : (guint64) 0,
        NULL);
}

/* The base class knows the latency of upstream from the last query. */
static void
renew_latency (GstDmixAggregator *self)
{
  GstQuery *query = gst_query_new_latency ();

  gst_pad_query (GST_AGGREGATOR_SRC_PAD (self), query);
  gst_query_unref (query);
}

void
gst_dmix_aggregator_fit_blocks (GstDmixAggregator *self)
{
  gboolean urgent;

  if (!PRIV (self)->between_blocks)
    return;
  urgent = PRIV (self)->blocks < FIRST_BLOCKS
      || GST_CLOCK_TIME_IS_VALID (
          gst_aggregator_get_latency (GST_AGGREGATOR (self)));
  fit_block (self, urgent || has_automation (self) ? SHORT_BLOCK : LONG_BLOCK);
  if (g_atomic_int_get (&PRIV (self)->stores) == urgent) {
    fit_queue (self, !urgent);
    renew_latency (self);
  }
}

/* What the pads store is no latency: takes it from the answer, where upstream has
 * none as long as it is not live. Where a live source has joined, they stop to
 * store, and the answer is the next one. */
static gboolean
answer_without_queue (GstAggregator *agg, GstQuery *query)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstClockTime min, max;
  guint64 stored;
  gboolean live;

  g_object_get (self, "min-upstream-latency", &stored, NULL);
  if (!g_atomic_int_get (&PRIV (self)->stores) || stored != QUEUE)
    return TRUE;
  gst_query_parse_latency (query, &live, &min, &max);
  if (live) {
    fit_queue (self, FALSE);
    return PARENT->src_query (agg, query);
  }
  gst_query_set_latency (query, live, min - QUEUE,
      GST_CLOCK_TIME_IS_VALID (max) ? max - QUEUE : max);
  return TRUE;
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
  if (g_str_has_prefix (spec->name, "output-buffer-duration")) {
    note_block (GST_DMIX_AGGREGATOR (object));
    /* the base class has just set a latency without the look-ahead */
    gst_dmix_aggregator_update_latency (GST_DMIX_AGGREGATOR (object));
  }
  if (parent->notify)
    parent->notify (object, spec);
}

/*** position and latency ***/

/* The base class reports the end of the input as the position: the look-ahead
 * has to be subtracted. */
static gboolean
gst_dmix_aggregator_src_query (GstAggregator *agg, GstQuery *query)
{
  GstFormat format;
  gint64 position, inside;

  if (!PARENT->src_query (agg, query))
    return FALSE;
  if (GST_QUERY_TYPE (query) == GST_QUERY_LATENCY)
    return answer_without_queue (agg, query);
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

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAggregator: base of the elements with several inputs, see the header.
 *
 * One block's way: GstAudioAggregator collects the inputs of the block
 * (aggregate_one_buffer of the subclass only copies), hands the full block to
 * finish_buffer(), which lets the subclass process it, takes the delay off
 * the front of the stream and off the timestamps, and pushes. At the end
 * aggregate() sends silence through until all that was inside is out.
 * */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixaggregatorprivate.h"

GST_DEBUG_CATEGORY (dmix_aggregator_debug);

/* What live pipelines get on top of the look-ahead: without it a pad that
 * stays silent makes every buffer arrive exactly at its deadline, and late
 * after the smallest hiccup. */
#define LIVE_MARGIN (10 * GST_MSECOND)
/* A stream that jumps by more than this is put where its timestamps say. */
#define ALIGNMENT_THRESHOLD (2 * GST_MSECOND)

/* Costs 10 ms of live latency more than the base's block, and saves a third
 * of what the base costs. Whoever needs every millisecond sets it back. */
#define BLOCK (20 * GST_MSECOND)

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (GstDmixAggregator, gst_dmix_aggregator,
    GST_TYPE_AUDIO_AGGREGATOR,
    G_ADD_PRIVATE (GstDmixAggregator)
        GST_DEBUG_CATEGORY_INIT (dmix_aggregator_debug, "dmixaggregator", 0,
            "base of the dmix elements with several inputs"))

#define PRIV(self)                                                             \
  ((GstDmixAggregatorPrivate *) gst_dmix_aggregator_get_instance_private (     \
      GST_DMIX_AGGREGATOR (self)))
#define PARENT GST_AGGREGATOR_CLASS (gst_dmix_aggregator_parent_class)

GstDmixAggregatorPrivate *
gst_dmix_aggregator_private (gpointer self)
{
  return PRIV (self);
}

GstAggregatorClass *
gst_dmix_aggregator_base (void)
{
  return PARENT;
}

gboolean
gst_dmix_aggregator_is_configured (GstDmixAggregator *self)
{
  return GST_AUDIO_INFO_IS_VALID (&PRIV (self)->info);
}

GstAggregatorPad *
gst_dmix_aggregator_get_pad (GstDmixAggregator *self, const gchar *name)
{
  return (
      GstAggregatorPad *) gst_element_get_static_pad (GST_ELEMENT (self), name);
}

/*** time ***/

static GstClockTime
live_margin (GstDmixAggregator *self)
{
  GstClockTime lookahead;

  GST_OBJECT_LOCK (self);
  lookahead = PRIV (self)->lookahead;
  GST_OBJECT_UNLOCK (self);
  return lookahead > 0 ? lookahead + LIVE_MARGIN : 0;
}

static void
update_latency (GstDmixAggregator *self)
{
  GstClockTime latency;
  guint64 block;

  g_object_get (self, "output-buffer-duration", &block, NULL);
  latency = block + live_margin (self);
  gst_aggregator_set_latency (GST_AGGREGATOR (self), latency, latency);
}

void
gst_dmix_aggregator_set_lookahead (GstDmixAggregator *self,
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
get_next_time (GstAggregator *agg)
{
  GstClockTime next = gst_aggregator_simple_get_next_time (agg);
  GstClockTime early = live_margin (GST_DMIX_AGGREGATOR (agg));

  if (!GST_CLOCK_TIME_IS_VALID (next))
    return next;
  next -= early;
  return GST_CLOCK_TIME_IS_VALID (next) ? next : next - 1;
}

static gboolean
src_query (GstAggregator *agg, GstQuery *query)
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

/*** flow ***/

static gboolean
pad_is_eos (GstElement *element, GstPad *pad, gpointer all)
{
  gboolean eos = gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad));

  *(gboolean *) all &= eos;
  return eos;
}

/* There is no format yet. Live, time must pass all the same; else wait, or
 * end with the inputs. */
static GstFlowReturn
aggregate_without_format (GstDmixAggregator *self, gboolean timeout)
{
  GstAggregatorPad *srcpad = GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self));
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
aggregate_locked (GstDmixAggregator *self, gboolean timeout)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstFlowReturn ret;
  gint64 end;

  if (!gst_dmix_aggregator_is_configured (self))
    return aggregate_without_format (self, timeout);
  ret = PARENT->aggregate (GST_AGGREGATOR (self), timeout);
  end = gst_dmix_aggregator_output_end (self);
  if (ret == GST_FLOW_EOS) {
    ret = gst_dmix_aggregator_drain (self, TRUE);
    gst_dmix_aggregator_announce (self, TRUE);
    return ret == GST_FLOW_OK ? GST_FLOW_EOS : ret;
  }
  if ((ret == GST_FLOW_OK || ret == GST_AGGREGATOR_FLOW_NEED_DATA) && end >= 0
      && priv->next - priv->delay >= end) {
    gst_dmix_aggregator_announce (self, TRUE);
    return GST_FLOW_EOS;
  }
  return ret;
}

static GstFlowReturn
aggregate (GstAggregator *agg, gboolean timeout)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstFlowReturn ret;

  g_rec_mutex_lock (&PRIV (self)->pads_lock);
  ret = aggregate_locked (self, timeout);
  g_rec_mutex_unlock (&PRIV (self)->pads_lock);
  gst_dmix_aggregator_warn (self);
  return ret;
}

static GstFlowReturn
flush (GstAggregator *agg)
{
  gst_dmix_aggregator_restart (GST_DMIX_AGGREGATOR (agg));
  return PARENT->flush (agg);
}

/*** formats ***/

static GstFlowReturn
update_src_caps (GstAggregator *agg, GstCaps *downstream, GstCaps **ret)
{
  GstDmixAggregatorClass *klass = GST_DMIX_AGGREGATOR_GET_CLASS (agg);
  GstCaps *own = gst_dmix_formats_output (&PRIV (agg)->formats);

  if (!own)
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  *ret = klass->src_caps
      ? klass->src_caps (GST_DMIX_AGGREGATOR (agg), own, downstream)
      : gst_caps_intersect (own, downstream);
  gst_caps_unref (own);
  return GST_FLOW_OK;
}

static gboolean
negotiated_src_caps (GstAggregator *agg, GstCaps *caps)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstAudioInfo info;
  gint delay;

  if (!gst_audio_info_from_caps (&info, caps))
    return FALSE;
  if (gst_dmix_aggregator_is_configured (self)
      && gst_audio_info_is_equal (&info, &priv->info))
    return PARENT->negotiated_src_caps (agg, caps);

  /* what is inside leaves in the old format */
  g_rec_mutex_lock (&priv->pads_lock);
  gst_dmix_aggregator_drain (self, FALSE);
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
start (GstAggregator *agg)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);

  gst_audio_info_init (&PRIV (self)->info);
  PRIV (self)->delay = 0;
  gst_dmix_aggregator_restart (self);
  gst_dmix_aggregator_end_unlinked (self);
  return PARENT->start (agg);
}

static gboolean
stop (GstAggregator *agg)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);

  gst_dmix_aggregator_restart (self);
  gst_dmix_formats_forget (&PRIV (self)->formats);
  return PARENT->stop (agg);
}

static void
notify (GObject *object, GParamSpec *spec)
{
  GObjectClass *parent = G_OBJECT_CLASS (gst_dmix_aggregator_parent_class);

  /* the base has just set a latency that does not know of ours */
  if (g_str_has_prefix (spec->name, "output-buffer-duration"))
    update_latency (GST_DMIX_AGGREGATOR (object));
  if (parent->notify)
    parent->notify (object, spec);
}

static void
constructed (GObject *object)
{
  G_OBJECT_CLASS (gst_dmix_aggregator_parent_class)->constructed (object);
  gst_dmix_formats_init (&PRIV (object)->formats, GST_ELEMENT (object),
      GST_DMIX_AGGREGATOR_GET_CLASS (object)->leading_pad);
  g_object_set (object, "alignment-threshold", (guint64) ALIGNMENT_THRESHOLD,
      "discont-wait", (guint64) 0, "output-buffer-duration", (guint64) BLOCK,
      NULL);
  update_latency (GST_DMIX_AGGREGATOR (object));
}

static void
finalize (GObject *object)
{
  g_rec_mutex_clear (&PRIV (object)->pads_lock);
  G_OBJECT_CLASS (gst_dmix_aggregator_parent_class)->finalize (object);
}

static void
gst_dmix_aggregator_class_init (GstDmixAggregatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);

  object_class->constructed = constructed;
  object_class->finalize = finalize;
  object_class->notify = notify;
  gst_dmix_aggregator_input_class_init (klass);
  agg_class->src_query = src_query;
  agg_class->update_src_caps = update_src_caps;
  agg_class->negotiated_src_caps = negotiated_src_caps;
  agg_class->get_next_time = get_next_time;
  agg_class->aggregate = aggregate;
  agg_class->finish_buffer = gst_dmix_aggregator_finish_buffer;
  agg_class->flush = flush;
  agg_class->start = start;
  agg_class->stop = stop;
}

static void
gst_dmix_aggregator_init (GstDmixAggregator *self)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);

  g_rec_mutex_init (&priv->pads_lock);
  gst_audio_info_init (&priv->info);
  priv->next = priv->sound_end = -1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAggregator: from the collected block to the src pad.
 *
 * The way of a block: GstAudioAggregator collects its inputs
 * (aggregate_one_buffer() of the subclass only copies) and hands it to
 * finish_buffer(). That applies the settings, lets the subclass process the
 * block, drops the delay at the start of the stream, subtracts it from the
 * timestamps, and pushes. At the end aggregate() drains with silence. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixaggregatorprivate.h"
#include "base/gstdmixpadclock.h"

GST_DEBUG_CATEGORY_STATIC (dmix_aggregator_debug);
#define GST_CAT_DEFAULT dmix_aggregator_debug

/* Pause between two looks for the stream of a pad that has just been linked. */
#define AWAIT_US 2000

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (GstDmixAggregator, gst_dmix_aggregator,
    GST_TYPE_AUDIO_AGGREGATOR,
    G_ADD_PRIVATE (GstDmixAggregator)
        GST_DEBUG_CATEGORY_INIT (dmix_aggregator_debug, "dmixaggregator", 0,
            "base of the dmix elements with several inputs"))

#define PRIV(self)                                                             \
  ((GstDmixAggregatorPrivate *) gst_dmix_aggregator_get_instance_private (     \
      GST_DMIX_AGGREGATOR (self)))
#define CLASS(self) GST_DMIX_AGGREGATOR_GET_CLASS (self)
#define PARENT GST_AGGREGATOR_CLASS (gst_dmix_aggregator_parent_class)

static gboolean
is_configured (GstDmixAggregator *self)
{
  return GST_AUDIO_INFO_IS_VALID (&PRIV (self)->info);
}

/*** settings ***/

gboolean
gst_dmix_aggregator_set_property (GstDmixAggregator *self, guint id,
    const GValue *value)
{
  return gst_dmix_settings_set (&PRIV (self)->settings, id, value);
}

void
gst_dmix_aggregator_get_property (GstDmixAggregator *self, guint id,
    GValue *value)
{
  gst_dmix_settings_get (&PRIV (self)->settings, id, value);
}

gconstpointer
gst_dmix_aggregator_get_settings (GstDmixAggregator *self)
{
  return gst_dmix_settings_get_current (&PRIV (self)->settings);
}

static void
set_table_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  gst_dmix_aggregator_set_property (GST_DMIX_AGGREGATOR (object), id, value);
}

static void
get_table_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  gst_dmix_aggregator_get_property (GST_DMIX_AGGREGATOR (object), id, value);
}

void
gst_dmix_aggregator_class_install (GstDmixAggregatorClass *klass,
    const GstDmixProperty *properties, guint count, gsize settings_offset,
    gsize settings_size)
{
  klass->properties = properties;
  klass->property_count = count;
  klass->settings_offset = settings_offset;
  klass->settings_size = settings_size;
  G_OBJECT_CLASS (klass)->set_property = set_table_property;
  G_OBJECT_CLASS (klass)->get_property = get_table_property;
  gst_dmix_properties_install (G_OBJECT_CLASS (klass), properties, count);
  gst_type_mark_as_plugin_api (GST_TYPE_DMIX_AGGREGATOR, 0);
}

/*** messages ***/

/* Calls the meter of the subclass; it starts anew. Queues the messages if they
 * are wanted, else drops them. */
static void
read_meter (GstDmixAggregator *self, gboolean wanted)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstStructure *message[GST_DMIX_AGGREGATOR_MESSAGES];
  const guint count = CLASS (self)->meter (self, message);
  const GstSegment segment = gst_dmix_aggregator_segment (self);
  const GstClockTime end = gst_dmix_aggregator_frame_pts (self, priv->metered);

  for (guint i = 0; i < count; i++) {
    if (wanted)
      gst_dmix_interval_queue (&priv->interval, message[i], &segment, end);
    else
      gst_structure_free (message[i]);
  }
}

static void
end_interval (GstDmixAggregator *self)
{
  const GstDmixIntervalSettings *settings =
      gst_dmix_aggregator_get_settings (self);

  read_meter (self, settings->post);
  gst_dmix_interval_next (&PRIV (self)->interval);
}

/* Posts the messages that are complete; `last`: the stream ends here, and the
 * current interval with it. Called with pads_lock, which it releases while it
 * posts. */
static void
post_messages (GstDmixAggregator *self, gboolean last)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);

  if (last && priv->interval.frames > 0)
    end_interval (self);
  if (g_queue_is_empty (&priv->interval.messages))
    return;
  g_rec_mutex_unlock (&priv->pads_lock);
  gst_dmix_interval_post (&priv->interval);
  g_rec_mutex_lock (&priv->pads_lock);
}

/* Splits the block where a message interval ends. Frames that are dropped are
 * in no message. */
static void
process_metered (GstDmixAggregator *self, const GstDmixBlock *block)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const GstDmixIntervalSettings *settings =
      gst_dmix_aggregator_get_settings (self);
  const gint rate = GST_AUDIO_INFO_RATE (&priv->info);
  guint done = block->head;

  if (done > 0) {
    CLASS (self)->process (self, block, 0, done, FALSE);
    read_meter (self, FALSE);
  }
  while (done < block->frames) {
    const guint left = gst_dmix_interval_left (&priv->interval, settings, rate);
    const guint run = MIN (left, block->frames - done);

    CLASS (self)->process (self, block, done, run, TRUE);
    gst_dmix_interval_add (&priv->interval, run,
        gst_dmix_aggregator_frame_pts (self, block->offset + done));
    done += run;
    priv->metered = block->offset + done;
    if (run == left)
      end_interval (self);
  }
}

static void
process (GstDmixAggregator *self, const GstDmixBlock *block)
{
  if (CLASS (self)->begin)
    CLASS (self)->begin (self, block);
  if (CLASS (self)->meter)
    process_metered (self, block);
  else
    CLASS (self)->process (self, block, 0, block->frames, TRUE);
}

/*** output ***/

/* Drops all sound and resets the processor; the next block may begin
 * anywhere. */
static void
restart (GstDmixAggregator *self)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);

  priv->skip = priv->delay;
  priv->next = -1;
  priv->sound_end = -1;
  priv->drained = FALSE;
  priv->between_blocks = TRUE;
  priv->blocks = 0;
  g_atomic_int_set (&priv->ended, FALSE);
  gst_dmix_interval_reset (&priv->interval);
  if (is_configured (self))
    CLASS (self)->reset (self);
}

/* The frame at which the output ends, or -1: not known yet. */
static gint64
output_end (GstDmixAggregator *self)
{
  return CLASS (self)->end ? CLASS (self)->end (self) : -1;
}

static guint
gst_dmix_aggregator_tail (GstDmixAggregator *self)
{
  return CLASS (self)->tail ? CLASS (self)->tail (self) : 0;
}

/* Pushes a processed block whose first frame is the output frame `first`,
 * without the frames before the start and behind the end of the output. */
static GstFlowReturn
gst_dmix_aggregator_put_out (GstDmixAggregator *self, GstBuffer *buffer,
    gint64 first)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const gint bpf = GST_AUDIO_INFO_BPF (&priv->info);
  const gint64 end = output_end (self);
  gint64 frames = gst_buffer_get_size (buffer) / bpf;
  guint head = MIN (priv->skip, frames);
  GstFlowReturn ret;

  priv->skip -= head;
  if (end >= 0)
    frames = CLAMP (end - first, 0, frames);
  if (frames <= head) {
    gst_buffer_unref (buffer);
    post_messages (self, FALSE);
    return GST_FLOW_OK;
  }
  gst_buffer_resize (buffer, (gssize) head * bpf, (frames - head) * bpf);
  GST_BUFFER_OFFSET (buffer) = first + head;
  GST_BUFFER_OFFSET_END (buffer) = first + frames;
  GST_BUFFER_PTS (buffer) = gst_dmix_aggregator_frame_pts (self, first + head);
  GST_BUFFER_DURATION (buffer) =
      gst_dmix_aggregator_frame_pts (self, first + frames)
      - GST_BUFFER_PTS (buffer);
  if (priv->sound_end < 0
      || first + head >= priv->sound_end + gst_dmix_aggregator_tail (self))
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  else
    GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_GAP);
  if (CLASS (self)->leave)
    CLASS (self)->leave (self, buffer);

  post_messages (self, FALSE);
  /* Downstream may block: pads can be added and released meanwhile. */
  g_rec_mutex_unlock (&priv->pads_lock);
  gst_dmix_starvation_set_pushing (&priv->starvation, TRUE);
  ret = PARENT->finish_buffer (GST_AGGREGATOR (self), buffer);
  gst_dmix_starvation_set_pushing (&priv->starvation, FALSE);
  g_rec_mutex_lock (&priv->pads_lock);
  return ret;
}

/* offset: input frame number of the first frame of the block */
static GstFlowReturn
process_and_put_out (GstDmixAggregator *self, GstBuffer *buffer, gint64 offset)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstDmixBlock block = { NULL, 0, 0, offset - priv->delay, priv->drained };
  GstMapInfo map;

  if (!buffer || !gst_buffer_map (buffer, &map, GST_MAP_READWRITE)) {
    gst_clear_buffer (&buffer);
    GST_ELEMENT_ERROR (self, RESOURCE, WRITE, (NULL),
        ("Cannot get a buffer for pad 'src' that can be written: the buffer "
         "pool or allocator of the element downstream has no memory, or only "
         "read-only memory; put audioconvert behind this element"));
    return GST_FLOW_ERROR;
  }
  block.samples = (gfloat *) map.data;
  block.frames = map.size / GST_AUDIO_INFO_BPF (&priv->info);
  block.head = MIN (priv->skip, block.frames);
  process (self, &block);
  gst_buffer_unmap (buffer, &map);
  return gst_dmix_aggregator_put_out (self, buffer, block.offset);
}

/* Control bindings set properties, which takes the object lock: sync before. */
static void
apply_settings (GstDmixAggregator *self, gint64 first)
{
  const GstClockTime time = gst_dmix_aggregator_frame_stream_time (self, first);

  if (GST_CLOCK_TIME_IS_VALID (time))
    gst_object_sync_values (GST_OBJECT (self), time);
  if (gst_dmix_settings_take (&PRIV (self)->settings) && CLASS (self)->apply)
    CLASS (self)->apply (self, gst_dmix_aggregator_get_settings (self));
}

static GstFlowReturn
gst_dmix_aggregator_finish_buffer (GstAggregator *agg, GstBuffer *buffer)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const gint64 offset = GST_BUFFER_OFFSET (buffer);
  const gint64 end = GST_BUFFER_OFFSET_END (buffer);

  priv->between_blocks = TRUE;
  priv->blocks++;
  /* The base class steps back if a pad ended long ago, behind timeouts. */
  if (end <= offset || gst_dmix_aggregator_lacks_memory (self)) {
    gst_buffer_unref (buffer);
    return end <= offset ? GST_FLOW_OK : GST_FLOW_ERROR;
  }
  GST_LOG_OBJECT (self,
      "block at frame %" G_GINT64_FORMAT ": %" G_GINT64_FORMAT
      " frames, pts %" GST_TIME_FORMAT "%s",
      offset, end - offset, GST_TIME_ARGS (GST_BUFFER_PTS (buffer)),
      GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP) ? ", gap" : "");
  if (priv->next >= 0 && offset != priv->next)
    GST_DEBUG_OBJECT (self,
        "discontinuity: expected frame %" G_GINT64_FORMAT " (%" GST_TIME_FORMAT
        "), got %" G_GINT64_FORMAT " (%" GST_TIME_FORMAT ")",
        priv->next,
        GST_TIME_ARGS (gst_dmix_aggregator_frame_pts (self, priv->next)),
        offset, GST_TIME_ARGS (gst_dmix_aggregator_frame_pts (self, offset)));
  if (priv->drained || (priv->next >= 0 && offset != priv->next))
    restart (self);
  priv->next = end;
  if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    priv->sound_end = end;
  apply_settings (self, offset - priv->delay);
  return process_and_put_out (self, buffer, offset);
}

/* Drains: processes silence until the delayed sound is out, and the tail if
 * `with_tail`. With pads_lock. */
static GstFlowReturn
gst_dmix_aggregator_drain (GstDmixAggregator *self, gboolean with_tail)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  const guint most = MAX (GST_AUDIO_INFO_RATE (&priv->info) / 100, 1);
  GstFlowReturn ret = GST_FLOW_OK;
  guint left = priv->delay + (with_tail ? gst_dmix_aggregator_tail (self) : 0);

  if (!is_configured (self) || priv->drained || priv->next < 0)
    return GST_FLOW_OK;
  GST_DEBUG_OBJECT (self, "draining %u frames, of them %u of delay", left,
      priv->delay);
  priv->drained = TRUE;
  while (left > 0 && ret == GST_FLOW_OK) {
    const guint frames = MIN (left, most);
    const gsize size = (gsize) frames * GST_AUDIO_INFO_BPF (&priv->info);
    GstBuffer *buffer = gst_buffer_new_and_alloc (size);

    if (buffer)
      gst_buffer_memset (buffer, 0, 0, size);
    ret = process_and_put_out (self, buffer, priv->next);
    priv->next += frames;
    left -= frames;
  }
  return ret;
}

/*** flow ***/

static GstFlowReturn
aggregate_locked (GstDmixAggregator *self, gboolean timeout)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstFlowReturn ret;
  gint64 end;

  if (!is_configured (self))
    return gst_dmix_aggregator_without_format (self, timeout);
  priv->between_blocks = FALSE;
  ret = PARENT->aggregate (GST_AGGREGATOR (self), timeout);
  end = output_end (self);
  if (ret == GST_FLOW_EOS && !gst_dmix_aggregator_inputs_have_ended (self))
    return ret; /* downstream takes no more: upstream has to hear of it */
  if (ret == GST_FLOW_EOS) {
    GST_DEBUG_OBJECT (self, "end of stream: all inputs have ended");
    ret = gst_dmix_aggregator_drain (self, TRUE);
    post_messages (self, TRUE);
    g_atomic_int_set (&priv->ended, ret == GST_FLOW_OK);
    return ret == GST_FLOW_OK ? GST_FLOW_EOS : ret;
  }
  if ((ret == GST_FLOW_OK || ret == GST_AGGREGATOR_FLOW_NEED_DATA) && end >= 0
      && priv->next - priv->delay >= end) {
    GST_DEBUG_OBJECT (self, "end of stream at output frame %" G_GINT64_FORMAT,
        end);
    post_messages (self, TRUE);
    g_atomic_int_set (&priv->ended, TRUE);
    return GST_FLOW_EOS;
  }
  return ret;
}

static GstFlowReturn
gst_dmix_aggregator_aggregate (GstAggregator *agg, gboolean timeout)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstFlowReturn ret;

  if (gst_dmix_startup_waits (&PRIV (self)->startup, GST_ELEMENT (self),
          gst_dmix_aggregator_has_late_pad (self), timeout))
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  if (gst_dmix_aggregator_awaits_stream (self)) {
    g_usleep (AWAIT_US); /* the base class calls again at once */
    return GST_AGGREGATOR_FLOW_NEED_DATA;
  }
  gst_dmix_aggregator_fit_blocks (self);
  g_rec_mutex_lock (&PRIV (self)->pads_lock);
  ret = aggregate_locked (self, timeout);
  if (timeout)
    gst_dmix_aggregator_check_late (self);
  g_rec_mutex_unlock (&PRIV (self)->pads_lock);
  gst_dmix_aggregator_report (self);
  return gst_dmix_aggregator_complain (self) ? GST_FLOW_ERROR : ret;
}

static GstFlowReturn
gst_dmix_aggregator_flush (GstAggregator *agg)
{
  GST_DEBUG_OBJECT (agg, "flush: sound and state are dropped");
  restart (GST_DMIX_AGGREGATOR (agg));
  return PARENT->flush (agg);
}

/*** formats ***/

static GstFlowReturn
gst_dmix_aggregator_update_src_caps (GstAggregator *agg, GstCaps *downstream,
    GstCaps **ret)
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
gst_dmix_aggregator_negotiated_src_caps (GstAggregator *agg, GstCaps *caps)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);
  GstDmixAggregatorPrivate *priv = PRIV (self);
  GstAudioInfo info;
  gint delay;

  if (!gst_audio_info_from_caps (&info, caps))
    return FALSE;
  if (is_configured (self) && gst_audio_info_is_equal (&info, &priv->info))
    return PARENT->negotiated_src_caps (agg, caps);

  GST_DEBUG_OBJECT (self, "negotiated: caps out %" GST_PTR_FORMAT,
      (gpointer) caps);
  /* the delayed sound leaves in the old format */
  g_rec_mutex_lock (&priv->pads_lock);
  gst_dmix_aggregator_drain (self, FALSE);
  g_rec_mutex_unlock (&priv->pads_lock);
  gst_dmix_settings_take (&priv->settings);
  delay = CLASS (self)->setup (self, &info,
      gst_dmix_aggregator_get_settings (self));
  if (delay < 0)
    return FALSE;
  GST_DEBUG_OBJECT (self,
      "processor set up: %d Hz, %d channels out, latency %d frames",
      GST_AUDIO_INFO_RATE (&info), GST_AUDIO_INFO_CHANNELS (&info), delay);
  priv->info = info;
  priv->delay = priv->skip = delay;
  priv->next = priv->sound_end = -1;
  priv->drained = FALSE;
  return PARENT->negotiated_src_caps (agg, caps);
}

/*** states ***/

static gboolean
gst_dmix_aggregator_start (GstAggregator *agg)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);

  gst_audio_info_init (&PRIV (self)->info);
  PRIV (self)->delay = 0;
  gst_dmix_startup_reset (&PRIV (self)->startup);
  gst_dmix_starvation_start (&PRIV (self)->starvation, GST_ELEMENT (self));
  restart (self);
  gst_dmix_aggregator_end_unlinked (self);
  return PARENT->start (agg);
}

static gboolean
gst_dmix_aggregator_stop (GstAggregator *agg)
{
  GstDmixAggregator *self = GST_DMIX_AGGREGATOR (agg);

  gst_dmix_starvation_stop (&PRIV (self)->starvation);
  restart (self);
  gst_dmix_formats_forget (&PRIV (self)->formats);
  return PARENT->stop (agg);
}

static void
gst_dmix_aggregator_constructed (GObject *object)
{
  GstDmixAggregatorClass *klass = GST_DMIX_AGGREGATOR_GET_CLASS (object);
  GstDmixAggregatorPrivate *priv = PRIV (object);

  G_OBJECT_CLASS (gst_dmix_aggregator_parent_class)->constructed (object);
  gst_dmix_formats_init (&priv->formats, GST_ELEMENT (object),
      klass->leading_pad);
  gst_dmix_settings_init (&priv->settings, object, klass->properties,
      klass->property_count, (guint8 *) object + klass->settings_offset,
      klass->settings_size);
  g_object_set (object, "alignment-threshold",
      (guint64) GST_DMIX_ALIGNMENT_THRESHOLD, "discont-wait",
      (guint64) GST_DMIX_DISCONT_WAIT, "output-buffer-duration",
      (guint64) GST_DMIX_AGGREGATOR_BLOCK, NULL);
  gst_dmix_aggregator_update_latency (GST_DMIX_AGGREGATOR (object));
}

static void
gst_dmix_aggregator_finalize (GObject *object)
{
  gst_dmix_starvation_stop (&PRIV (object)->starvation);
  gst_dmix_interval_clear (&PRIV (object)->interval);
  gst_dmix_settings_clear (&PRIV (object)->settings);
  g_rec_mutex_clear (&PRIV (object)->pads_lock);
  G_OBJECT_CLASS (gst_dmix_aggregator_parent_class)->finalize (object);
}

static void
gst_dmix_aggregator_class_init (GstDmixAggregatorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstAggregatorClass *agg_class = GST_AGGREGATOR_CLASS (klass);

  object_class->constructed = gst_dmix_aggregator_constructed;
  object_class->finalize = gst_dmix_aggregator_finalize;
  gst_dmix_aggregator_time_class_init (klass);
  gst_dmix_aggregator_input_class_init (klass);
  agg_class->update_src_caps = gst_dmix_aggregator_update_src_caps;
  agg_class->negotiated_src_caps = gst_dmix_aggregator_negotiated_src_caps;
  agg_class->aggregate = gst_dmix_aggregator_aggregate;
  agg_class->finish_buffer = gst_dmix_aggregator_finish_buffer;
  agg_class->flush = gst_dmix_aggregator_flush;
  agg_class->start = gst_dmix_aggregator_start;
  agg_class->stop = gst_dmix_aggregator_stop;
}

static void
gst_dmix_aggregator_init (GstDmixAggregator *self)
{
  GstDmixAggregatorPrivate *priv = PRIV (self);

  g_rec_mutex_init (&priv->pads_lock);
  gst_audio_info_init (&priv->info);
  gst_dmix_interval_init (&priv->interval, GST_ELEMENT (self));
  priv->next = priv->sound_end = -1;
}

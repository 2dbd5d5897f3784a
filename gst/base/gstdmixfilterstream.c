/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilterStream: blocks and silence through the processor of a filter,
 * and the drain at its end. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixfilterstream.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixfilterstream", "samples through a dmix filter");

/* Rate of blocks of silence, and of blocks under control bindings. */
#define BLOCKS_PER_SECOND 100

#define CLASS(self) GST_DMIX_FILTER_GET_CLASS ((self)->filter)

/*** samples ***/

gboolean
gst_dmix_filter_stream_is_open (GstDmixFilterStream *self)
{
  return GST_AUDIO_INFO_IS_VALID (&self->in);
}

static guint
gst_dmix_filter_stream_tail (GstDmixFilterStream *self)
{
  return CLASS (self)->tail ? CLASS (self)->tail (self->filter) : 0;
}

void
gst_dmix_filter_stream_restart (GstDmixFilterStream *self)
{
  gst_dmix_interval_reset (&self->interval);
  self->processed = 0;
  gst_dmix_timeline_restart (self->timeline,
      gst_dmix_filter_stream_is_open (self) ? GST_AUDIO_INFO_RATE (&self->in)
                                            : 1);
  if (gst_dmix_filter_stream_is_open (self))
    CLASS (self)->reset (self->filter);
}

void
gst_dmix_filter_stream_forget (GstDmixFilterStream *self)
{
  if (gst_dmix_filter_stream_is_open (self) && CLASS (self)->forget)
    CLASS (self)->forget (self->filter);
}

static void
gst_dmix_filter_stream_process (GstDmixFilterStream *self, const gfloat **in,
    gfloat **out, guint frames)
{
  CLASS (self)->process (self->filter, *in, *out, frames);
  self->processed += frames;
  *in += (gsize) frames * GST_AUDIO_INFO_CHANNELS (&self->in);
  *out += (gsize) frames * GST_AUDIO_INFO_CHANNELS (&self->out);
}

/*** messages ***/

static const GstDmixIntervalSettings *
message_settings (GstDmixFilterStream *self)
{
  const GstDmixFilterSettings *common =
      gst_dmix_settings_get_current (&self->settings);

  return &common->messages;
}

/* Makes the meter of the processor start anew. */
static void
discard_meter (GstDmixFilterStream *self)
{
  gst_structure_free (CLASS (self)->meter (self->filter));
}

/* Ends the current interval before the output frame `end`. */
static void
end_interval (GstDmixFilterStream *self, guint64 end, gboolean at_end)
{
  GstDmixFilterClass *klass = CLASS (self);

  if (self->interval.frames == 0 && !at_end)
    return;
  if (self->interval.frames == 0)
    gst_dmix_interval_add (&self->interval, 0,
        gst_dmix_timeline_pts (self->timeline, end));
  if (!message_settings (self)->post)
    discard_meter (self);
  else if (!klass->has_news || klass->has_news (self->filter))
    gst_dmix_interval_queue (&self->interval, klass->meter (self->filter),
        &GST_BASE_TRANSFORM (self->filter)->segment,
        gst_dmix_timeline_pts (self->timeline, end));
  gst_dmix_interval_next (&self->interval);
  gst_dmix_interval_post (&self->interval);
}

/* Splits the block where a message interval ends. Frames that the timeline
 * drops are in no message. */
static void
process_metered (GstDmixFilterStream *self, const gfloat *in, gfloat *out,
    guint frames)
{
  const GstDmixIntervalSettings *settings = message_settings (self);
  const gint rate = GST_AUDIO_INFO_RATE (&self->in);
  const guint dropped = MIN (gst_dmix_timeline_skip (self->timeline), frames);
  guint64 frame = gst_dmix_timeline_frames_out (self->timeline);

  if (dropped > 0) {
    gst_dmix_filter_stream_process (self, &in, &out, dropped);
    discard_meter (self);
    frames -= dropped;
  }
  while (frames > 0) {
    const guint left = gst_dmix_interval_left (&self->interval, settings, rate);
    const guint run = MIN (frames, left);

    gst_dmix_filter_stream_process (self, &in, &out, run);
    gst_dmix_interval_add (&self->interval, run,
        gst_dmix_timeline_pts (self->timeline, frame));
    frames -= run;
    frame += run;
    if (run == left)
      end_interval (self, frame, FALSE);
  }
}

static gboolean
process_memory (GstDmixFilterStream *self, GstBuffer *from, GstBuffer *to)
{
  const gfloat *samples_in;
  gfloat *samples_out;
  GstMapInfo in, out;
  guint frames;

  if (!gst_buffer_map (to, &out, GST_MAP_READWRITE))
    return FALSE;
  in = out;
  if (from != to && !gst_buffer_map (from, &in, GST_MAP_READ)) {
    gst_buffer_unmap (to, &out);
    return FALSE;
  }
  samples_in = (const gfloat *) in.data;
  samples_out = (gfloat *) out.data;
  frames = in.size / GST_AUDIO_INFO_BPF (&self->in);
  if (CLASS (self)->meter)
    process_metered (self, samples_in, samples_out, frames);
  else
    gst_dmix_filter_stream_process (self, &samples_in, &samples_out, frames);
  if (from != to)
    gst_buffer_unmap (from, &in);
  gst_buffer_unmap (to, &out);
  return TRUE;
}

/* Removes GstAudioMeta: its number of samples is wrong behind the processor,
 * and interleaved audio needs none. */
static void
remove_audio_meta (GstBuffer *buffer)
{
  GstAudioMeta *meta = gst_buffer_get_audio_meta (buffer);

  if (meta)
    gst_buffer_remove_meta (buffer, (GstMeta *) meta);
}

static GstFlowReturn
no_memory (GstDmixFilterStream *self)
{
  GST_ELEMENT_ERROR (self->filter, RESOURCE, NO_SPACE_LEFT, (NULL),
      ("No memory for a buffer on pad '%s': use fewer channels or a lower rate "
       "on pad '%s'",
          GST_PAD_NAME (GST_BASE_TRANSFORM_SRC_PAD (self->filter)),
          GST_PAD_NAME (GST_BASE_TRANSFORM_SINK_PAD (self->filter))));
  return GST_FLOW_ERROR;
}

static GstBuffer *
new_output (GstDmixFilterStream *self, GstBuffer *block)
{
  const gsize frames =
      gst_buffer_get_size (block) / GST_AUDIO_INFO_BPF (&self->in);
  GstBuffer *out =
      gst_buffer_new_and_alloc (frames * GST_AUDIO_INFO_BPF (&self->out));

  if (out)
    gst_buffer_copy_into (out, block,
        GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_META, 0, -1);
  return out;
}

/* Processes a block of whole frames and hands it to the timeline. block: NULL
 * if there was no memory for it. */
static GstFlowReturn
process_block (GstDmixFilterStream *self, GstBuffer *block)
{
  const gsize bpf = GST_AUDIO_INFO_BPF (&self->out);
  const gboolean in_place = bpf == (gsize) GST_AUDIO_INFO_BPF (&self->in);
  GstBuffer *out = NULL;
  gboolean processed;

  if (block)
    out =
        in_place ? gst_buffer_make_writable (block) : new_output (self, block);
  if (!out) {
    if (!in_place)
      gst_clear_buffer (&block);
    return no_memory (self);
  }
  processed = process_memory (self, in_place ? out : block, out);
  if (!in_place)
    gst_buffer_unref (block);
  if (!processed) {
    gst_buffer_unref (out);
    GST_ELEMENT_ERROR (self->filter, RESOURCE, READ, (NULL),
        ("Cannot map a buffer on pad '%s' for reading and writing: put "
         "audioconvert before this element",
            GST_PAD_NAME (GST_BASE_TRANSFORM_SINK_PAD (self->filter))));
    return GST_FLOW_ERROR;
  }
  remove_audio_meta (out);
  gst_dmix_timeline_put (self->timeline, out, bpf,
      gst_dmix_filter_stream_tail (self));
  return GST_FLOW_OK;
}

/*** settings to the processor ***/

/* The delay has shrunk: fetches the frames that are due at once. */
static GstFlowReturn
gst_dmix_filter_stream_catch_up (GstDmixFilterStream *self, guint frames)
{
  const gsize bpf = GST_AUDIO_INFO_BPF (&self->out);
  GstBuffer *buffer = gst_buffer_new_and_alloc (frames * bpf);
  GstMapInfo map;

  if (!buffer || !gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    gst_clear_buffer (&buffer);
    return no_memory (self);
  }
  CLASS (self)->catch_up (self->filter, (gfloat *) map.data, frames);
  gst_buffer_unmap (buffer, &map);
  gst_dmix_timeline_put (self->timeline, buffer, bpf,
      gst_dmix_filter_stream_tail (self));
  return GST_FLOW_OK;
}

static GstFlowReturn
gst_dmix_filter_stream_update_latency (GstDmixFilterStream *self)
{
  const guint latency = CLASS (self)->latency (self->filter);
  const gboolean changed = latency != self->latency;
  GstFlowReturn ret = GST_FLOW_OK;
  guint due;

  GST_OBJECT_LOCK (self->filter);
  self->latency = latency;
  GST_OBJECT_UNLOCK (self->filter);
  if (changed)
    GST_DEBUG_OBJECT (self->filter, "latency changes to %u frames", latency);
  due = gst_dmix_timeline_set_delay (self->timeline, latency);
  if (due > 0)
    ret = gst_dmix_filter_stream_catch_up (self, due);
  if (changed)
    gst_element_post_message (GST_ELEMENT (self->filter),
        gst_message_new_latency (GST_OBJECT (self->filter)));
  return ret;
}

static GstClockTime
stream_time_of (GstDmixFilterStream *self, guint64 frame)
{
  const GstSegment *segment = &GST_BASE_TRANSFORM (self->filter)->segment;
  const GstClockTime pts = gst_dmix_timeline_pts (self->timeline, frame);

  if (segment->format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID (pts))
    return GST_CLOCK_TIME_NONE;
  return gst_segment_to_stream_time (segment, GST_FORMAT_TIME, pts);
}

static void
sync_bindings (GstDmixFilterStream *self)
{
  const GstClockTime time =
      stream_time_of (self, gst_dmix_timeline_frames_out (self->timeline));

  if (GST_CLOCK_TIME_IS_VALID (time))
    gst_object_sync_values (GST_OBJECT (self->filter), time);
}

GstClockTime
gst_dmix_filter_stream_time (GstDmixFilterStream *self, guint frame)
{
  return stream_time_of (self, self->processed + frame);
}

/*** blocks ***/

guint
gst_dmix_filter_stream_block_frames (GstDmixFilterStream *self)
{
  return MAX (GST_AUDIO_INFO_RATE (&self->in) / BLOCKS_PER_SECOND, 1);
}

GstFlowReturn
gst_dmix_filter_stream_take (GstDmixFilterStream *self, GstBuffer *block)
{
  const gboolean is_gap = GST_BUFFER_FLAG_IS_SET (block, GST_BUFFER_FLAG_GAP);
  GstFlowReturn ret;

  GST_LOG_OBJECT (self->filter,
      "block at frame %" G_GUINT64_FORMAT ": %" G_GSIZE_FORMAT
      " frames, pts %" GST_TIME_FORMAT "%s",
      gst_dmix_timeline_frames_in (self->timeline),
      gst_buffer_get_size (block) / GST_AUDIO_INFO_BPF (&self->in),
      GST_TIME_ARGS (GST_BUFFER_PTS (block)), is_gap ? ", gap" : "");
  gst_dmix_timeline_take (self->timeline,
      gst_buffer_get_size (block) / GST_AUDIO_INFO_BPF (&self->in),
      GST_BUFFER_PTS (block), GST_BUFFER_OFFSET (block), is_gap);
  if (is_gap) {
    block = gst_buffer_make_writable (block);
    if (!block)
      return no_memory (self);
    gst_buffer_memset (block, 0, 0, -1);
  }
  /* Bindings set properties, which takes the object lock: sync before. */
  sync_bindings (self);
  if (gst_dmix_settings_take (&self->settings))
    CLASS (self)->apply (self->filter,
        gst_dmix_settings_get_current (&self->settings));
  ret = gst_dmix_filter_stream_update_latency (self);
  if (ret != GST_FLOW_OK) {
    gst_buffer_unref (block);
    return ret;
  }
  return process_block (self, block);
}

/* NULL if memory is short. */
static GstBuffer *
new_silence (GstDmixFilterStream *self, guint frames)
{
  const gsize size = (gsize) frames * GST_AUDIO_INFO_BPF (&self->in);
  GstBuffer *silence = gst_buffer_new_and_alloc (size);

  if (silence)
    gst_buffer_memset (silence, 0, 0, size);
  return silence;
}

GstBuffer *
gst_dmix_filter_stream_pop (GstDmixFilterStream *self)
{
  GstBuffer *buffer = gst_dmix_timeline_pop (self->timeline);

  if (buffer && CLASS (self)->annotate)
    CLASS (self)->annotate (self->filter, buffer);
  return buffer;
}

static GstFlowReturn
push_ready (GstDmixFilterStream *self)
{
  GstFlowReturn ret = GST_FLOW_OK;
  GstBuffer *buffer;

  while ((buffer = gst_dmix_filter_stream_pop (self))) {
    if (ret == GST_FLOW_OK)
      ret = gst_pad_push (GST_BASE_TRANSFORM_SRC_PAD (self->filter), buffer);
    else
      gst_buffer_unref (buffer);
  }
  return ret;
}

/* Drains: processes silence until the delayed sound and up to `most` frames of
 * the tail are pushed, then resets the processor. */
static GstFlowReturn
finish (GstDmixFilterStream *self, guint64 most, gboolean at_end)
{
  GstDmixTimeline *timeline = self->timeline;
  GstFlowReturn ret = GST_FLOW_OK;
  guint64 end, left;

  if (!gst_dmix_timeline_is_running (timeline))
    return GST_FLOW_OK;
  GST_DEBUG_OBJECT (self->filter,
      "draining %u frames of delay and a tail of %u frames, at most "
      "%" G_GUINT64_FORMAT,
      self->latency, gst_dmix_filter_stream_tail (self), most);
  end = gst_dmix_timeline_frames_in (timeline)
      + MIN (gst_dmix_filter_stream_tail (self), most);
  while (ret == GST_FLOW_OK
      && (left = end - gst_dmix_timeline_frames_out (timeline)) > 0) {
    left = MIN (left + gst_dmix_timeline_skip (timeline),
        gst_dmix_filter_stream_block_frames (self));
    ret = process_block (self, new_silence (self, left));
    if (ret == GST_FLOW_OK)
      ret = push_ready (self);
  }
  at_end &= CLASS (self)->end != NULL;
  if (at_end)
    CLASS (self)->end (self->filter);
  end_interval (self, gst_dmix_timeline_frames_out (timeline), at_end);
  gst_dmix_filter_stream_restart (self);
  return ret;
}

GstFlowReturn
gst_dmix_filter_stream_finish (GstDmixFilterStream *self)
{
  return finish (self, G_MAXUINT64, FALSE);
}

GstFlowReturn
gst_dmix_filter_stream_finish_within (GstDmixFilterStream *self, guint64 most)
{
  return finish (self, most, FALSE);
}

GstFlowReturn
gst_dmix_filter_stream_end (GstDmixFilterStream *self)
{
  return finish (self, G_MAXUINT64, TRUE);
}

GstFlowReturn
gst_dmix_filter_stream_push_silence (GstDmixFilterStream *self,
    GstClockTime pts, guint64 frames)
{
  GstFlowReturn ret = GST_FLOW_OK;

  while (frames > 0 && ret == GST_FLOW_OK) {
    const guint run = MIN (frames, gst_dmix_filter_stream_block_frames (self));
    GstBuffer *silence = new_silence (self, run);

    if (!silence)
      return no_memory (self);
    GST_BUFFER_FLAG_SET (silence, GST_BUFFER_FLAG_GAP);
    GST_BUFFER_PTS (silence) = pts;
    pts = GST_CLOCK_TIME_NONE;
    ret = gst_dmix_filter_stream_take (self, silence);
    if (ret == GST_FLOW_OK)
      ret = push_ready (self);
    frames -= run;
  }
  return ret;
}

/*** formats ***/

static void
set_formats (GstDmixFilterStream *self, const GstAudioInfo *in,
    const GstAudioInfo *out)
{
  self->in = *in;
  self->out = *out;
  GST_AUDIO_FILTER (self->filter)->info = *in;
  GST_OBJECT_LOCK (self->filter);
  self->rate = GST_AUDIO_INFO_RATE (in);
  GST_OBJECT_UNLOCK (self->filter);
}

static void
unset_formats (GstDmixFilterStream *self)
{
  GstAudioInfo none;

  gst_audio_info_init (&none);
  set_formats (self, &none, &none);
}

gboolean
gst_dmix_filter_stream_open (GstDmixFilterStream *self, const GstAudioInfo *in,
    const GstAudioInfo *out)
{
  gconstpointer settings;

  /* no tail: it would overlap with the sound in the new formats */
  finish (self, 0, FALSE);
  unset_formats (self);
  gst_dmix_settings_take (&self->settings);
  settings = gst_dmix_settings_get_current (&self->settings);
  if (!CLASS (self)->setup (self->filter, in, out, settings))
    return FALSE;
  set_formats (self, in, out);
  CLASS (self)->apply (self->filter, settings);
  GST_DEBUG_OBJECT (self->filter,
      "processor set up: %d Hz, %d channels in, %d out, latency %u frames",
      GST_AUDIO_INFO_RATE (in), GST_AUDIO_INFO_CHANNELS (in),
      GST_AUDIO_INFO_CHANNELS (out), CLASS (self)->latency (self->filter));
  gst_dmix_filter_stream_restart (self);
  return gst_dmix_filter_stream_update_latency (self) == GST_FLOW_OK;
}

void
gst_dmix_filter_stream_close (GstDmixFilterStream *self)
{
  unset_formats (self);
  gst_dmix_filter_stream_restart (self);
  CLASS (self)->cleanup (self->filter);
}

GstClockTime
gst_dmix_filter_stream_latency (GstDmixFilterStream *self)
{
  GstClockTime latency;

  GST_OBJECT_LOCK (self->filter);
  latency = self->rate == 0
      ? 0
      : gst_util_uint64_scale_round (self->latency, GST_SECOND, self->rate);
  GST_OBJECT_UNLOCK (self->filter);
  return latency;
}

void
gst_dmix_filter_stream_init (GstDmixFilterStream *self, GstDmixFilter *filter,
    gpointer values)
{
  GstDmixFilterClass *klass = GST_DMIX_FILTER_GET_CLASS (filter);

  self->filter = filter;
  gst_dmix_settings_init (&self->settings, filter, klass->properties,
      klass->property_count, values, klass->settings_size);
  gst_dmix_interval_init (&self->interval, GST_ELEMENT (filter));
  gst_audio_info_init (&self->in);
  gst_audio_info_init (&self->out);
  self->timeline = gst_dmix_timeline_new ();
}

void
gst_dmix_filter_stream_clear (GstDmixFilterStream *self)
{
  CLASS (self)->cleanup (self->filter);
  gst_dmix_timeline_free (self->timeline);
  gst_dmix_interval_clear (&self->interval);
  gst_dmix_settings_clear (&self->settings);
}

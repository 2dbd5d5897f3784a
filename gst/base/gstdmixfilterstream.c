/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilterStream: see the header. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixfilterstream.h"
#include "base/gstdmixfilterinterval.h"

#include <string.h>

/* A stream whose timestamps jump by more than this is a new one for the
 * processor, as it is for GStreamer's sinks and mixers. Smaller jumps are
 * jitter: the sound goes on, and the timestamps are kept. */
#define LARGEST_JITTER (40 * GST_MSECOND)
/* Silence beyond this changes nothing in any processor. */
#define LONGEST_GAP (60 * GST_SECOND)
/* Silence is made in blocks of this length, and control bindings are asked
 * this often. */
#define BLOCKS_PER_SECOND 100

#define CLASS(self) GST_DMIX_FILTER_GET_CLASS ((self)->filter)

/*** settings ***/

void
gst_dmix_filter_stream_settings_changed (GstDmixFilterStream *self)
{
  GST_OBJECT_LOCK (self->filter);
  self->changed = TRUE;
  GST_OBJECT_UNLOCK (self->filter);
}

/* TRUE if they have changed. */
static gboolean
take_settings (GstDmixFilterStream *self)
{
  gboolean changed;

  GST_OBJECT_LOCK (self->filter);
  changed = self->changed;
  self->changed = FALSE;
  if (changed)
    memcpy (self->current, self->settings, self->settings_size);
  GST_OBJECT_UNLOCK (self->filter);
  return changed;
}

/*** samples ***/

gboolean
gst_dmix_filter_stream_is_open (GstDmixFilterStream *self)
{
  return GST_AUDIO_INFO_IS_VALID (&self->in);
}

static guint
tail (GstDmixFilterStream *self)
{
  return CLASS (self)->tail ? CLASS (self)->tail (self->filter) : 0;
}

void
gst_dmix_filter_stream_restart (GstDmixFilterStream *self)
{
  self->interval_frames = 0;
  self->processed = 0;
  gst_dmix_timeline_restart (self->timeline,
      gst_dmix_filter_stream_is_open (self) ? GST_AUDIO_INFO_RATE (&self->in)
                                            : 1);
  if (gst_dmix_filter_stream_is_open (self))
    CLASS (self)->reset (self->filter);
}

static void
process (GstDmixFilterStream *self, const gfloat **in, gfloat **out,
    guint frames)
{
  CLASS (self)->process (self->filter, *in, *out, frames);
  self->processed += frames;
  *in += (gsize) frames * GST_AUDIO_INFO_CHANNELS (&self->in);
  *out += (gsize) frames * GST_AUDIO_INFO_CHANNELS (&self->out);
}

/* Messages end where their interval does, and tell nothing of what is
 * dropped. */
static void
process_metered (GstDmixFilterStream *self, const gfloat *in, gfloat *out,
    guint frames)
{
  const guint dropped = MIN (gst_dmix_timeline_skip (self->timeline), frames);
  guint64 frame = gst_dmix_timeline_frames_out (self->timeline);

  if (dropped > 0) {
    process (self, &in, &out, dropped);
    gst_dmix_filter_interval_forget (self);
    frames -= dropped;
  }
  while (frames > 0) {
    const guint run = MIN (frames, gst_dmix_filter_interval_left (self, frame));

    process (self, &in, &out, run);
    frames -= run;
    frame += run;
    gst_dmix_filter_interval_go_on (self, frame, run);
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
    process (self, &samples_in, &samples_out, frames);
  if (from != to)
    gst_buffer_unmap (from, &in);
  gst_buffer_unmap (to, &out);
  return TRUE;
}

/* Metas that tell the number of samples would be wrong from here on, and
 * interleaved audio needs none. */
static void
remove_audio_meta (GstBuffer *buffer)
{
  GstAudioMeta *meta = gst_buffer_get_audio_meta (buffer);

  if (meta)
    gst_buffer_remove_meta (buffer, (GstMeta *) meta);
}

static GstBuffer *
new_output (GstDmixFilterStream *self, GstBuffer *block)
{
  const gsize frames =
      gst_buffer_get_size (block) / GST_AUDIO_INFO_BPF (&self->in);
  GstBuffer *out =
      gst_buffer_new_and_alloc (frames * GST_AUDIO_INFO_BPF (&self->out));

  gst_buffer_copy_into (out, block,
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_META, 0, -1);
  return out;
}

/* Takes a block of whole frames through the processor to the timeline. */
static GstFlowReturn
process_block (GstDmixFilterStream *self, GstBuffer *block)
{
  const gsize bpf = GST_AUDIO_INFO_BPF (&self->out);
  const gboolean in_place = bpf == (gsize) GST_AUDIO_INFO_BPF (&self->in);
  GstBuffer *out =
      in_place ? gst_buffer_make_writable (block) : new_output (self, block);
  const gboolean processed = process_memory (self, in_place ? out : block, out);

  if (!in_place)
    gst_buffer_unref (block);
  if (!processed) {
    gst_buffer_unref (out);
    GST_ELEMENT_ERROR (self->filter, RESOURCE, READ, (NULL),
        ("The memory of a buffer cannot be read and written; put audioconvert "
         "before this element"));
    return GST_FLOW_ERROR;
  }
  remove_audio_meta (out);
  gst_dmix_timeline_put (self->timeline, out, bpf, tail (self));
  return GST_FLOW_OK;
}

/*** settings to the processor ***/

/* The delay has become shorter: what is due comes out at once. */
static void
catch_up (GstDmixFilterStream *self, guint frames)
{
  const gsize bpf = GST_AUDIO_INFO_BPF (&self->out);
  GstBuffer *buffer = gst_buffer_new_and_alloc (frames * bpf);
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_WRITE);
  CLASS (self)->catch_up (self->filter, (gfloat *) map.data, frames);
  gst_buffer_unmap (buffer, &map);
  gst_dmix_timeline_put (self->timeline, buffer, bpf, tail (self));
}

static void
update_latency (GstDmixFilterStream *self)
{
  const guint latency = CLASS (self)->latency (self->filter);
  const gboolean changed = latency != self->latency;
  guint due;

  GST_OBJECT_LOCK (self->filter);
  self->latency = latency;
  GST_OBJECT_UNLOCK (self->filter);
  due = gst_dmix_timeline_set_delay (self->timeline, latency);
  if (due > 0)
    catch_up (self, due);
  if (changed)
    gst_element_post_message (GST_ELEMENT (self->filter),
        gst_message_new_latency (GST_OBJECT (self->filter)));
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

  gst_dmix_timeline_take (self->timeline,
      gst_buffer_get_size (block) / GST_AUDIO_INFO_BPF (&self->in),
      GST_BUFFER_PTS (block), GST_BUFFER_OFFSET (block), is_gap);
  if (is_gap) {
    block = gst_buffer_make_writable (block);
    gst_buffer_memset (block, 0, 0, -1);
  }
  /* Bindings set properties, which take our lock: sync before any. */
  sync_bindings (self);
  if (take_settings (self))
    CLASS (self)->apply (self->filter, self->current);
  update_latency (self);
  return process_block (self, block);
}

static GstBuffer *
new_silence (GstDmixFilterStream *self, guint frames)
{
  const gsize size = (gsize) frames * GST_AUDIO_INFO_BPF (&self->in);
  GstBuffer *silence = gst_buffer_new_and_alloc (size);

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

/* Silence in, until all that was inside is out, and up to `most` frames of what
 * sounds on; then all starts anew. */
static GstFlowReturn
finish (GstDmixFilterStream *self, guint64 most)
{
  GstDmixTimeline *timeline = self->timeline;
  GstFlowReturn ret = GST_FLOW_OK;
  guint64 end, left;

  if (!gst_dmix_timeline_is_running (timeline))
    return GST_FLOW_OK;
  end = gst_dmix_timeline_frames_in (timeline) + MIN (tail (self), most);
  while (ret == GST_FLOW_OK
      && (left = end - gst_dmix_timeline_frames_out (timeline)) > 0) {
    left = MIN (left + gst_dmix_timeline_skip (timeline),
        gst_dmix_filter_stream_block_frames (self));
    ret = process_block (self, new_silence (self, left));
    if (ret == GST_FLOW_OK)
      ret = push_ready (self);
  }
  gst_dmix_filter_interval_finish (self,
      gst_dmix_timeline_frames_out (timeline));
  gst_dmix_filter_stream_restart (self);
  return ret;
}

GstFlowReturn
gst_dmix_filter_stream_finish (GstDmixFilterStream *self)
{
  return finish (self, G_MAXUINT64);
}

/* Ends the stream before what does not go on where it stopped. What sounds on
 * fills the hole, if there is one; it must not overlap with what comes. */
GstFlowReturn
gst_dmix_filter_stream_check (GstDmixFilterStream *self, gboolean starts,
    GstClockTime pts)
{
  const GstClockTimeDiff jump = gst_dmix_timeline_jump (self->timeline, pts);
  const gint rate = MAX (GST_AUDIO_INFO_RATE (&self->in), 0);

  if (!starts && ABS (jump) <= LARGEST_JITTER)
    return GST_FLOW_OK;
  return finish (self,
      gst_util_uint64_scale_round (MAX (jump, 0), rate, GST_SECOND));
}

/* A gap is silence with a timestamp. What is longer than any processor can
 * tell goes on as an event. */
GstFlowReturn
gst_dmix_filter_stream_take_gap (GstDmixFilterStream *self, GstClockTime pts,
    GstClockTime duration)
{
  guint64 left = gst_util_uint64_scale_round (MIN (duration, LONGEST_GAP),
      GST_AUDIO_INFO_RATE (&self->in), GST_SECOND);
  GstClockTime next = pts;
  GstFlowReturn ret = gst_dmix_filter_stream_check (self, FALSE, pts);

  while (left > 0 && ret == GST_FLOW_OK) {
    const guint frames = MIN (left, gst_dmix_filter_stream_block_frames (self));
    GstBuffer *silence = new_silence (self, frames);

    GST_BUFFER_FLAG_SET (silence, GST_BUFFER_FLAG_GAP);
    GST_BUFFER_PTS (silence) = next;
    next = GST_CLOCK_TIME_NONE;
    ret = gst_dmix_filter_stream_take (self, silence);
    if (ret == GST_FLOW_OK)
      ret = push_ready (self);
    left -= frames;
  }
  if (ret != GST_FLOW_OK || duration <= LONGEST_GAP)
    return ret;
  ret = gst_dmix_filter_stream_finish (self);
  gst_pad_push_event (GST_BASE_TRANSFORM_SRC_PAD (self->filter),
      gst_event_new_gap (pts + LONGEST_GAP, duration - LONGEST_GAP));
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
  /* what sounds on would overlap with what comes in the new formats */
  finish (self, 0);
  unset_formats (self);
  take_settings (self);
  if (!CLASS (self)->setup (self->filter, in, out, self->current))
    return FALSE;
  set_formats (self, in, out);
  CLASS (self)->apply (self->filter, self->current);
  gst_dmix_filter_stream_restart (self);
  update_latency (self);
  return TRUE;
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
    gpointer settings, gsize settings_size)
{
  self->filter = filter;
  self->settings = settings;
  self->settings_size = settings_size;
  self->current = g_memdup2 (settings, settings_size);
  gst_audio_info_init (&self->in);
  gst_audio_info_init (&self->out);
  self->timeline = gst_dmix_timeline_new ();
}

void
gst_dmix_filter_stream_clear (GstDmixFilterStream *self)
{
  CLASS (self)->cleanup (self->filter);
  gst_dmix_timeline_free (self->timeline);
  g_free (self->current);
}

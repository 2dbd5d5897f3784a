/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixTimeline: timestamps of frames behind a processor with a delay.
 *
 * Upstream rounds each timestamp down to whole nanoseconds. A new mark is set
 * only where a timestamp differs by more than that from the one counted from
 * the last mark: a steady stream has one mark, and rounding errors do not add
 * up.
 *
 * State
 *   marks      frames with a known timestamp, oldest first; the first one is
 *              at or before the next output frame
 *   in, out    frames of input and output so far
 *   sound_end  the input frame behind the last one that is not in a gap
 *   delay      of the processor, frames
 *   skip       output frames that are still to be dropped
 *   ready      stamped buffers that wait for gst_dmix_timeline_pop()
 * */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixtimeline.h"
#include "base/gstdmixlog.h"

#include <gst/base/gstqueuearray.h>

GST_DMIX_LOG_CATEGORY ("dmixtimeline", "timestamps behind a delay");

#define ROUNDING 1 /* ns */

typedef struct
{
  guint64 frame;
  GstClockTime pts;
  guint64 offset;
} Mark;

struct _GstDmixTimeline
{
  GstQueueArray *marks;
  gint rate;
  guint64 in, out, sound_end;
  guint delay, skip;
  gboolean running;
  GQueue ready;
};

GstDmixTimeline *
gst_dmix_timeline_new (void)
{
  GstDmixTimeline *self = g_new0 (GstDmixTimeline, 1);

  self->marks = gst_queue_array_new_for_struct (sizeof (Mark), 16);
  self->rate = 1;
  g_queue_init (&self->ready);
  return self;
}

void
gst_dmix_timeline_free (GstDmixTimeline *self)
{
  g_queue_clear_full (&self->ready, (GDestroyNotify) gst_buffer_unref);
  gst_queue_array_free (self->marks);
  g_free (self);
}

void
gst_dmix_timeline_restart (GstDmixTimeline *self, gint rate)
{
  gst_queue_array_clear (self->marks);
  g_queue_clear_full (&self->ready, (GDestroyNotify) gst_buffer_unref);
  self->rate = rate;
  self->in = self->out = self->sound_end = 0;
  self->skip = self->delay;
  self->running = FALSE;
}

guint
gst_dmix_timeline_set_delay (GstDmixTimeline *self, guint frames)
{
  const guint old = self->delay;

  if (frames != old)
    GST_DEBUG ("delay changes from %u to %u frames", old, frames);
  self->delay = frames;
  if (frames >= old) {
    self->skip += frames - old;
    return 0;
  }
  if (self->running)
    return old - frames;
  self->skip -= old - frames;
  return 0;
}

/*** marks ***/

static GstClockTime
pts_from (const GstDmixTimeline *self, const Mark *mark, guint64 frame)
{
  return mark && GST_CLOCK_TIME_IS_VALID (mark->pts) ? mark->pts
          + gst_util_uint64_scale (frame - mark->frame, GST_SECOND, self->rate)
                                                     : GST_CLOCK_TIME_NONE;
}

static guint64
offset_from (const Mark *mark, guint64 frame)
{
  return mark && mark->offset != GST_BUFFER_OFFSET_NONE
      ? mark->offset + (frame - mark->frame)
      : GST_BUFFER_OFFSET_NONE;
}

static const Mark *
last_mark (const GstDmixTimeline *self)
{
  return gst_queue_array_peek_tail_struct (self->marks);
}

/* Index of the last mark at or before the frame. */
static guint
mark_place (const GstDmixTimeline *self, guint64 frame)
{
  guint place = gst_queue_array_get_length (self->marks);

  while (place > 1) {
    const Mark *mark = gst_queue_array_peek_nth_struct (self->marks, --place);

    if (mark->frame <= frame)
      return place;
  }
  return 0;
}

static const Mark *
mark_of (const GstDmixTimeline *self, guint64 frame)
{
  return gst_queue_array_is_empty (self->marks)
      ? NULL
      : gst_queue_array_peek_nth_struct (self->marks, mark_place (self, frame));
}

/* How many of the next `frames` output frames have contiguous timestamps. */
static guint
run_length (const GstDmixTimeline *self, guint frames)
{
  const guint next = mark_place (self, self->out) + 1;
  const Mark *mark;

  if (next >= gst_queue_array_get_length (self->marks))
    return frames;
  mark = gst_queue_array_peek_nth_struct (self->marks, next);
  return MIN (frames, mark->frame - self->out);
}

static void
drop_old_marks (GstDmixTimeline *self)
{
  for (guint places = mark_place (self, self->out); places > 0; places--)
    gst_queue_array_pop_head_struct (self->marks);
}

GstClockTime
gst_dmix_timeline_pts (const GstDmixTimeline *self, guint64 frame)
{
  return pts_from (self, mark_of (self, frame), frame);
}

/*** in ***/

static gboolean
follows (const GstDmixTimeline *self, GstClockTime pts, guint64 offset)
{
  const GstClockTime expected = pts_from (self, last_mark (self), self->in);

  if (GST_CLOCK_TIME_IS_VALID (pts)
      && (!GST_CLOCK_TIME_IS_VALID (expected)
          || ABS (GST_CLOCK_DIFF (expected, pts)) > ROUNDING))
    return FALSE;
  return offset == GST_BUFFER_OFFSET_NONE
      || offset == offset_from (last_mark (self), self->in);
}

void
gst_dmix_timeline_take (GstDmixTimeline *self, guint frames, GstClockTime pts,
    guint64 offset, gboolean is_gap)
{
  if (!follows (self, pts, offset)) {
    Mark mark = { self->in, pts, offset };

    if (!GST_CLOCK_TIME_IS_VALID (pts))
      mark.pts = pts_from (self, last_mark (self), self->in);
    if (offset == GST_BUFFER_OFFSET_NONE)
      mark.offset = offset_from (last_mark (self), self->in);
    GST_DEBUG ("mark at frame %" G_GUINT64_FORMAT ": pts %" GST_TIME_FORMAT,
        mark.frame, GST_TIME_ARGS (mark.pts));
    gst_queue_array_push_tail_struct (self->marks, &mark);
  }
  self->in += frames;
  if (!is_gap)
    self->sound_end = self->in;
}

GstClockTimeDiff
gst_dmix_timeline_jump (const GstDmixTimeline *self, GstClockTime pts)
{
  const GstClockTime expected = pts_from (self, last_mark (self), self->in);

  return GST_CLOCK_TIME_IS_VALID (pts) && GST_CLOCK_TIME_IS_VALID (expected)
      ? GST_CLOCK_DIFF (expected, pts)
      : 0;
}

guint64
gst_dmix_timeline_frames_in (const GstDmixTimeline *self)
{
  return self->in;
}

/*** out ***/

/* Sets times and flags of a buffer with the next `frames` output frames. */
static void
stamp (GstDmixTimeline *self, GstBuffer *buffer, guint frames, guint tail)
{
  const Mark *mark = mark_of (self, self->out);
  const GstClockTime pts = pts_from (self, mark, self->out);

  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_IS_VALID (pts)
      ? pts_from (self, mark, self->out + frames) - pts
      : gst_util_uint64_scale (frames, GST_SECOND, self->rate);
  GST_BUFFER_OFFSET (buffer) = offset_from (mark, self->out);
  GST_BUFFER_OFFSET_END (buffer) = offset_from (mark, self->out + frames);
  if (self->out >= self->sound_end + tail)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
  else
    GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_GAP);
  self->out += frames;
  g_queue_push_tail (&self->ready, buffer);
}

void
gst_dmix_timeline_put (GstDmixTimeline *self, GstBuffer *buffer, gsize bpf,
    guint tail)
{
  const guint frames = gst_buffer_get_size (buffer) / bpf;
  guint done = MIN (self->skip, frames), run;

  self->running = TRUE;
  self->skip -= done;
  while (done < frames
      && (run = run_length (self, frames - done)) < frames - done) {
    GstBuffer *part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_ALL,
        done * bpf, run * bpf);

    if (!part) /* no memory: one buffer with the timestamp of its start */
      break;
    stamp (self, part, run, tail);
    GST_BUFFER_FLAG_UNSET (buffer, GST_BUFFER_FLAG_DISCONT);
    done += run;
  }
  if (done < frames) {
    gst_buffer_resize (buffer, done * bpf, (frames - done) * bpf);
    stamp (self, buffer, frames - done, tail);
  } else {
    gst_buffer_unref (buffer);
  }
  drop_old_marks (self);
}

GstBuffer *
gst_dmix_timeline_pop (GstDmixTimeline *self)
{
  return g_queue_pop_head (&self->ready);
}

gboolean
gst_dmix_timeline_is_empty (const GstDmixTimeline *self)
{
  return self->ready.length == 0;
}

gboolean
gst_dmix_timeline_is_running (const GstDmixTimeline *self)
{
  return self->running;
}

guint64
gst_dmix_timeline_frames_out (const GstDmixTimeline *self)
{
  return self->out;
}

guint
gst_dmix_timeline_skip (const GstDmixTimeline *self)
{
  return self->skip;
}

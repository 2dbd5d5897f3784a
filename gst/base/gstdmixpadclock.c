/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixPadClock: see the header for the rule. The expected timestamp is
 * counted in frames from an anchor, the buffer at which the last jump went. The
 * mean of the deviation from it is exponential with MEAN_S: that takes the
 * jitter of independent packets of 20 ms down to a fourteenth, and follows a
 * clock that is 200 ppm off within 0.4 ms. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixpadclock.h"
#include "base/gstdmixlevelmeta.h"
#include "base/gstdmixlog.h"
#include "base/splice.h"

#include <math.h>
#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixpadclock", "timestamps of inputs");

#define MEAN_S 2.0
/* A step back by more than this, or by more buffers, is a jump. Decoders that
 * count wrongly step back by some buffers. */
#define LARGEST_STEP_BACK (200 * GST_MSECOND)
#define STEP_BACK_BUFFERS 4
/* But however long the buffers are, this is an edit. */
#define LARGEST_LONG_STEP_BACK (500 * GST_MSECOND)
/* So much sound may come too early in all, as after a stall of a network. */
#define LARGEST_BURST (1 * GST_SECOND)
/* Smaller deviations are rounding, and no jitter. */
#define ROUNDING (2 * GST_MSECOND)
#define EXACT_S 0.25
/* A second step back within this time makes the samples the clock. */
#define SUSPECT_S 1.0
#define FADE_S 0.005
#define LARGEST_PIECE_S 0.02
#define REST_S 0.25 /* between two corrections */

void
gst_dmix_pad_clock_init (GstDmixPadClock *self)
{
  *self = (GstDmixPadClock){ .rate = 0 };
}

void
gst_dmix_pad_clock_restart (GstDmixPadClock *self)
{
  self->rate = 0;
  self->late = FALSE;
}

gint64
gst_dmix_pad_clock_deviation (const GstDmixPadClock *self)
{
  return (gint64) self->mean;
}

static guint64
seconds_to_frames (const GstDmixPadClock *self, gdouble seconds)
{
  return (guint64) (seconds * self->rate);
}

static GstClockTime
expected_pts (const GstDmixPadClock *self)
{
  return self->anchor
      + gst_util_uint64_scale_ceil (self->frames, GST_SECOND, self->rate);
}

GstClockTime
gst_dmix_pad_clock_next (const GstDmixPadClock *self)
{
  return self->rate > 0 ? expected_pts (self) : GST_CLOCK_TIME_NONE;
}

void
gst_dmix_pad_clock_missed (GstDmixPadClock *self)
{
  self->rate = 0;
  self->late = TRUE;
}

/*** jumps ***/

static void
start_at (GstDmixPadClock *self, gint rate, GstClockTime pts)
{
  self->rate = rate;
  self->anchor = pts;
  self->frames = 0;
  self->shift = 0;
  self->mean = 0.0;
  self->rest = self->suspect = 0;
  self->away = GST_CLOCK_TIME_NONE;
  self->exact = 0;
  self->silent = FALSE;
}

/* A deviation forward has to last for limits->wait. */
static gboolean
goes_forward (GstDmixPadClock *self, const GstDmixPadClockLimits *limits,
    GstClockTime pts)
{
  if (!GST_CLOCK_TIME_IS_VALID (self->away))
    self->away = pts;
  return pts >= self->away && pts - self->away >= limits->wait;
}

/* The timestamp steps back from the end of the last buffer. The second time
 * within SUSPECT_S the samples are the clock: from now on, the timestamp counts
 * as the expected one. Returns the deviation after that. */
static GstClockTimeDiff
step_back (GstDmixPadClock *self, GstClockTime pts, GstClockTimeDiff off)
{
  const gboolean again = self->suspect > 0;

  GST_DEBUG ("timestamps step back from %" GST_TIME_FORMAT
             " to %" GST_TIME_FORMAT "%s",
      GST_TIME_ARGS (self->end), GST_TIME_ARGS (pts),
      again ? " again: the samples are the clock" : "");
  self->suspect = seconds_to_frames (self, SUSPECT_S);
  if (!again)
    return off;
  self->shift -= off;
  self->mean = 0.0;
  return 0;
}

static gboolean
goes_back (GstDmixPadClock *self, const GstDmixPadClockLimits *limits,
    GstClockTime pts, GstClockTimeDiff off, guint64 frames)
{
  const GstClockTimeDiff back = GST_CLOCK_DIFF (pts, self->end);
  const GstClockTimeDiff buffers =
      gst_util_uint64_scale (frames * STEP_BACK_BUFFERS, GST_SECOND,
          self->rate);

  if (limits->strict)
    return MAX (back, -off) > (GstClockTimeDiff) limits->tolerance;
  return back > CLAMP (buffers, (GstClockTimeDiff) LARGEST_STEP_BACK,
             (GstClockTimeDiff) LARGEST_LONG_STEP_BACK)
      || -off > (GstClockTimeDiff) LARGEST_BURST;
}

static gboolean
jumps (GstDmixPadClock *self, const GstDmixPadClockLimits *limits,
    GstBuffer *buffer, GstClockTimeDiff off, guint64 frames)
{
  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DISCONT)
      || GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_RESYNC))
    return ABS (off) > (GstClockTimeDiff) limits->flagged;
  if (off > (GstClockTimeDiff) limits->tolerance)
    return goes_forward (self, limits, GST_BUFFER_PTS (buffer));
  self->away = GST_CLOCK_TIME_NONE;
  if (self->silent && self->exact >= seconds_to_frames (self, EXACT_S)
      && off > (GstClockTimeDiff) ROUNDING)
    return TRUE;
  return goes_back (self, limits, GST_BUFFER_PTS (buffer), off, frames);
}

/*** drift ***/

static void
follow_drift (GstDmixPadClock *self, GstClockTimeDiff off, guint64 frames)
{
  if (!GST_CLOCK_TIME_IS_VALID (self->away))
    self->mean += (1.0 - exp (-(gdouble) frames / (MEAN_S * self->rate)))
        * (off - self->mean);
  self->exact =
      ABS (off) <= (GstClockTimeDiff) ROUNDING ? self->exact + frames : 0;
  self->rest -= MIN (self->rest, frames);
  self->suspect -= MIN (self->suspect, frames);
}

/* Frames by which the input has to get longer (> 0) or shorter by now. */
static gint64
due_frames (const GstDmixPadClock *self, const GstDmixPadClockLimits *limits)
{
  const gboolean kept = self->late && self->mean < 0.0;
  const gdouble most = limits->tolerance / (kept ? 1.0 : 4.0);

  return self->rest == 0 && self->suspect == 0 && ABS (self->mean) > most
      ? (gint64) (self->mean * self->rate / GST_SECOND)
      : 0;
}

static void
count (GstDmixPadClock *self, gint64 frames)
{
  if (self->silent)
    ; /* nothing of it is heard */
  else if (frames > 0)
    self->inserted += frames;
  else
    self->dropped -= frames;
  self->mean -= (gdouble) frames * GST_SECOND / self->rate;
  self->rest = seconds_to_frames (self, REST_S);
}

/* Leaves out (due < 0) or repeats a piece of about the length of `due`. Returns
 * the new buffer, or NULL if this one is too short or memory is. */
static GstBuffer *
splice (GstDmixPadClock *self, const GstAudioInfo *info, GstBuffer *buffer,
    guint64 frames, gint64 due)
{
  const guint channels = GST_AUDIO_INFO_CHANNELS (info);
  const gsize bpf = GST_AUDIO_INFO_BPF (info);
  const guint64 want =
      MIN ((guint64) ABS (due), seconds_to_frames (self, LARGEST_PIECE_S));
  const guint64 fade = MIN (seconds_to_frames (self, FADE_S), frames / 2);
  const guint64 most = MIN (want + want / 2, frames - fade);
  const guint64 least = MAX (MIN (want / 2, most), 1);
  const guint64 room = due < 0 ? frames - least : frames + most;
  GstBuffer *spliced;
  GstMapInfo in, out;
  gint64 change;

  if (fade == 0 || most == 0)
    return NULL;
  spliced = gst_buffer_new_allocate (NULL, room * bpf, NULL);
  if (!spliced)
    return NULL;
  if (!gst_buffer_map (buffer, &in, GST_MAP_READ)) {
    gst_buffer_unref (spliced);
    return NULL;
  }
  gst_buffer_map (spliced, &out, GST_MAP_WRITE);
  if (due < 0)
    change = -(gint64) dmix_splice_drop ((const gfloat *) in.data, frames,
        channels, least, most, fade, (gfloat *) out.data);
  else
    change = dmix_splice_repeat ((const gfloat *) in.data, frames, channels,
        least, most, fade, (gfloat *) out.data);
  gst_buffer_unmap (spliced, &out);
  gst_buffer_unmap (buffer, &in);
  gst_buffer_set_size (spliced, (frames + change) * bpf);
  gst_buffer_copy_into (spliced, buffer,
      GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_TIMESTAMPS, 0, -1);
  gst_dmix_level_meta_copy (spliced, buffer);
  count (self, change);
  return spliced;
}

static GstBuffer *
correct (GstDmixPadClock *self, const GstAudioInfo *info, GstBuffer *buffer,
    guint64 *frames, gint64 due)
{
  GstBuffer *spliced;

  if (gst_buffer_get_size (buffer) == 0) { /* a GAP event: silence */
    const gint64 changed = MAX ((gint64) *frames + due, 1);

    count (self, changed - (gint64) *frames);
    *frames = changed;
    return buffer;
  }
  spliced = splice (self, info, buffer, *frames, due);
  if (!spliced)
    return buffer;
  gst_buffer_unref (buffer);
  *frames = gst_buffer_get_size (spliced) / GST_AUDIO_INFO_BPF (info);
  return spliced;
}

/*** buffers ***/

/* Of a run of samples; 0.0 and -0.0 are silence, NaN is not. */
#define RUN 64

static gboolean
is_silent_run (const gfloat *x)
{
  guint32 any = 0;

  for (gsize i = 0; i < RUN; i++) {
    guint32 bits;

    memcpy (&bits, &x[i], sizeof bits);
    any |= bits << 1;
  }
  return any == 0;
}

static gboolean
is_silent (GstBuffer *buffer)
{
  const gfloat *x;
  gsize count, i = 0;
  GstMapInfo map;

  if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP))
    return TRUE;
  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return FALSE;
  x = (const gfloat *) map.data;
  count = map.size / sizeof *x;
  while (i + RUN <= count && is_silent_run (x + i))
    i += RUN;
  while (i < count && x[i] == 0.0f)
    i++;
  gst_buffer_unmap (buffer, &map);
  return i == count;
}

/* A gap event arrives as an empty buffer with a duration. */
static guint64
frames_of (const GstAudioInfo *info, GstBuffer *buffer)
{
  const gsize size = gst_buffer_get_size (buffer);

  if (size > 0)
    return size / GST_AUDIO_INFO_BPF (info);
  return GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)
          && GST_BUFFER_DURATION_IS_VALID (buffer)
      ? gst_util_uint64_scale_round (GST_BUFFER_DURATION (buffer),
          GST_AUDIO_INFO_RATE (info), GST_SECOND)
      : 0;
}

static GstBuffer *
follow (GstDmixPadClock *self, const GstDmixPadClockLimits *limits,
    const GstAudioInfo *info, GstBuffer *buffer, guint64 *frames)
{
  const GstClockTime expected = expected_pts (self);
  const GstClockTime pts = GST_BUFFER_PTS (buffer);
  const guint64 before = *frames;
  gint64 due;

  due = due_frames (self, limits);
  if (due != 0)
    buffer = correct (self, info, buffer, frames, due);
  if ((guint64) ABS (GST_CLOCK_DIFF (pts, expected)) * 2 * self->rate
          <= GST_SECOND
      && before == *frames)
    return buffer;
  GST_BUFFER_PTS (buffer) = expected;
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale_ceil (*frames, GST_SECOND, self->rate);
  return buffer;
}

/* Others round the duration of a gap down to frames. */
static GstBuffer *
with_whole_frames (GstBuffer *gap, guint64 frames, gint rate)
{
  if (gst_util_uint64_scale (GST_BUFFER_DURATION (gap), rate, GST_SECOND)
      == frames)
    return gap;
  GST_BUFFER_DURATION (gap) =
      gst_util_uint64_scale_ceil (frames, GST_SECOND, rate);
  return gap;
}

GstBuffer *
gst_dmix_pad_clock_take (GstDmixPadClock *self,
    const GstDmixPadClockLimits *limits, const GstAudioInfo *info,
    GstBuffer *buffer)
{
  const gint rate = GST_AUDIO_INFO_RATE (info);
  const GstClockTime pts = GST_BUFFER_PTS (buffer);
  guint64 frames = frames_of (info, buffer);
  const guint64 taken = frames;
  const gsize size = gst_buffer_get_size (buffer);
  GstClockTimeDiff off = 0;
  gboolean silent;

  if (frames == 0)
    return buffer;
  buffer = gst_buffer_make_writable (buffer);
  if (!buffer)
    return NULL;
  silent = is_silent (buffer);
  if (!GST_CLOCK_TIME_IS_VALID (pts)) {
    self->frames += frames;
    if (self->rate == rate)
      self->end = expected_pts (self) - self->shift;
    return buffer;
  }
  if (self->rate == rate)
    off = GST_CLOCK_DIFF (expected_pts (self), pts) + self->shift;
  if (self->rate != rate) {
    start_at (self, rate, pts);
  } else if (jumps (self, limits, buffer, off, frames)) {
    GST_DEBUG ("jump: expected %" GST_TIME_FORMAT ", got %" GST_TIME_FORMAT,
        GST_TIME_ARGS (expected_pts (self)), GST_TIME_ARGS (pts));
    start_at (self, rate, pts);
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_RESYNC);
  } else {
    if (GST_CLOCK_DIFF (pts, self->end) > (GstClockTimeDiff) limits->tolerance)
      off = step_back (self, pts, off);
    follow_drift (self, off, frames);
    self->silent = silent;
    buffer = follow (self, limits, info, buffer, &frames);
  }
  self->end = pts + gst_util_uint64_scale (taken, GST_SECOND, rate);
  self->frames += frames;
  self->silent = silent;
  return size > 0 ? buffer : with_whole_frames (buffer, frames, rate);
}

GstStructure *
gst_dmix_pad_clock_message (const GstDmixPadClock *self, const gchar *pad,
    const GstSegment *segment, GstBuffer *buffer)
{
  const GstClockTime pts = GST_BUFFER_PTS (buffer);
  const GstClockTime stream_time =
      gst_segment_to_stream_time (segment, GST_FORMAT_TIME, pts);
  const GstClockTime running_time =
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, pts);

  return gst_structure_new ("dmix-clock", "pad", G_TYPE_STRING, pad,
      "timestamp", G_TYPE_UINT64, pts, "stream-time", G_TYPE_UINT64,
      stream_time, "running-time", G_TYPE_UINT64, running_time, "duration",
      G_TYPE_UINT64, GST_BUFFER_DURATION (buffer), "dropped", G_TYPE_UINT64,
      self->dropped, "inserted", G_TYPE_UINT64, self->inserted, "deviation",
      G_TYPE_INT64, gst_dmix_pad_clock_deviation (self), NULL);
}

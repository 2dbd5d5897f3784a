/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAdrPad: buffers with timestamps as one contiguous row of frames. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "adr/gstdmixadrpad.h"
#include "base/gstdmixaggregatorpad.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixpadclock.h"

GST_DMIX_LOG_CATEGORY ("dmixadrpad", "inputs of dmixadr");

/* Smaller deviations of a flagged buffer are rounding. */
#define THRESHOLD (2 * GST_MSECOND)
/* Longest piece, s: a huge buffer is not copied as a whole. */
#define MOST_S 1
/* Most that is kept between the flushes of two pads, s. */
#define KEPT_S 10

struct _GstDmixAdrPad
{
  GstAudioAggregatorPad parent;

  /* streaming thread only */
  gboolean started, formless, no_memory;
  GstAudioInfo info; /* of the row: format of its first buffer */
  GstClockTime running_time, timestamp; /* of frame 0 */
  guint64 frames;                       /* of the row so far */
  guint64 silence;                      /* frames still before `buffer` */
  GstBuffer *buffer;
  gsize first; /* next frame of it */
  GstDmixPadClock clock;
  GstStructure *correction; /* message about the last one, or NULL */

  /* GstAggregator flushes pad by pad, and the element once all are flushed. In
   * between it may hand over new data of this pad beside old data of the other
   * one: what was taken then is kept, and taken again after the last flush. */
  GMutex lock;
  GQueue kept, again;
  guint64 kept_frames;
  gboolean keeping;
};

G_DEFINE_TYPE (GstDmixAdrPad, gst_dmix_adr_pad, GST_TYPE_AUDIO_AGGREGATOR_PAD)
static void
drop_kept (GstDmixAdrPad *self, gboolean keeping)
{
  g_queue_clear_full (&self->kept, (GDestroyNotify) gst_buffer_unref);
  self->kept_frames = 0;
  self->keeping = keeping;
}

static void
drop_again (GstDmixAdrPad *self)
{
  g_queue_clear_full (&self->again, (GDestroyNotify) gst_buffer_unref);
}

static void
gst_dmix_adr_pad_finalize (GObject *object)
{
  GstDmixAdrPad *self = GST_DMIX_ADR_PAD (object);

  gst_clear_buffer (&self->buffer);
  gst_clear_structure (&self->correction);
  drop_kept (self, FALSE);
  drop_again (self);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (gst_dmix_adr_pad_parent_class)->finalize (object);
}

/* A flush of this pad alone, by its own streaming thread. */
static GstFlowReturn
gst_dmix_adr_pad_flush (GstAggregatorPad *pad, GstAggregator *agg)
{
  GstDmixAdrPad *self = GST_DMIX_ADR_PAD (pad);

  g_mutex_lock (&self->lock);
  drop_again (self);
  drop_kept (self, TRUE);
  g_mutex_unlock (&self->lock);
  return GST_AGGREGATOR_PAD_CLASS (gst_dmix_adr_pad_parent_class)
      ->flush (pad, agg);
}

static void
gst_dmix_adr_pad_class_init (GstDmixAdrPadClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gst_dmix_adr_pad_finalize;
  GST_AGGREGATOR_PAD_CLASS (klass)->flush = gst_dmix_adr_pad_flush;
}

static void
gst_dmix_adr_pad_init (GstDmixAdrPad *self)
{
  g_mutex_init (&self->lock);
  g_queue_init (&self->kept);
  g_queue_init (&self->again);
  gst_dmix_pad_clock_init (&self->clock);
  gst_dmix_adr_pad_restart (self);
}

void
gst_dmix_adr_pad_restart (GstDmixAdrPad *self)
{
  GstBuffer *buffer;

  g_mutex_lock (&self->lock);
  drop_again (self);
  while ((buffer = g_queue_pop_head (&self->kept)))
    g_queue_push_tail (&self->again, buffer);
  drop_kept (self, FALSE);
  g_mutex_unlock (&self->lock);
  gst_clear_buffer (&self->buffer);
  self->started = self->formless = self->no_memory = FALSE;
  gst_audio_info_init (&self->info);
  self->running_time = self->timestamp = GST_CLOCK_TIME_NONE;
  self->frames = self->silence = 0;
  self->first = 0;
  gst_dmix_pad_clock_restart (&self->clock);
}

/*** time ***/

GstBuffer *
gst_dmix_adr_pad_retime (GstDmixAdrPad *self, GstBuffer *buffer)
{
  static const GstDmixPadClockLimits limits = {
    .tolerance = GST_DMIX_ALIGNMENT_THRESHOLD,
    .wait = GST_DMIX_DISCONT_WAIT,
    .flagged = THRESHOLD,
    .strict = TRUE, /* the length of the guide is that of its timestamps */
  };
  const guint64 before = self->clock.dropped + self->clock.inserted;

  buffer = gst_dmix_pad_clock_take (&self->clock, &limits,
      &GST_AUDIO_AGGREGATOR_PAD (self)->info, buffer);
  if (!buffer) {
    self->no_memory = TRUE;
    return NULL;
  }
  if (self->clock.dropped + self->clock.inserted != before) {
    gst_clear_structure (&self->correction);
    self->correction = gst_dmix_pad_clock_message (&self->clock,
        GST_PAD_NAME (self), &GST_AGGREGATOR_PAD (self)->segment, buffer);
  }
  return buffer;
}

void
gst_dmix_adr_pad_restart_clock (GstDmixAdrPad *self)
{
  gst_dmix_pad_clock_restart (&self->clock);
}

void
gst_dmix_adr_pad_report (GstDmixAdrPad *self, GstElement *element)
{
  if (self->correction)
    gst_element_post_message (element,
        gst_message_new_element (GST_OBJECT (element),
            g_steal_pointer (&self->correction)));
}

gboolean
gst_dmix_adr_pad_start (GstDmixAdrPad *self, GstClockTime *running_time,
    GstClockTime *timestamp)
{
  *running_time = self->running_time;
  *timestamp = self->timestamp;
  return self->started;
}

const GstAudioInfo *
gst_dmix_adr_pad_info (GstDmixAdrPad *self)
{
  return &self->info;
}

gboolean
gst_dmix_adr_pad_is_formless (GstDmixAdrPad *self)
{
  return self->formless;
}

/* The format of the data that arrives now. */
static GstAudioInfo
current_info (GstDmixAdrPad *self)
{
  GstAudioInfo info;

  GST_OBJECT_LOCK (self);
  info = GST_AUDIO_AGGREGATOR_PAD (self)->info;
  GST_OBJECT_UNLOCK (self);
  return info;
}

/* A gap event arrives as an empty buffer with a duration. */
static guint64
silent_frames (GstBuffer *buffer, gint rate)
{
  if (gst_buffer_get_size (buffer) > 0
      || !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)
      || !GST_BUFFER_DURATION_IS_VALID (buffer))
    return 0;
  return gst_util_uint64_scale_round (GST_BUFFER_DURATION (buffer), rate,
      GST_SECOND);
}

/* Compares the time of a buffer with the end of the row: the difference is
 * silence before the buffer, or frames of it that overlap with the row. */
static void
place (GstDmixAdrPad *self, GstBuffer *buffer, gint rate)
{
  const GstSegment *segment = &GST_AGGREGATOR_PAD (self)->segment;
  GstClockTime time = GST_CLOCK_TIME_NONE;
  GstClockTimeDiff off;

  if (GST_BUFFER_PTS_IS_VALID (buffer) && segment->format == GST_FORMAT_TIME)
    time = gst_segment_to_running_time (segment, GST_FORMAT_TIME,
        GST_BUFFER_PTS (buffer));
  if (!self->started) {
    self->started = TRUE;
    self->info = current_info (self);
    self->running_time = GST_CLOCK_TIME_IS_VALID (time) ? time : 0;
    self->timestamp =
        GST_BUFFER_PTS_IS_VALID (buffer) ? GST_BUFFER_PTS (buffer) : 0;
    return;
  }
  if (!GST_CLOCK_TIME_IS_VALID (time))
    return;
  off = GST_CLOCK_DIFF (self->running_time
          + gst_util_uint64_scale (self->frames, GST_SECOND, rate),
      time);
  if (ABS (off) > (GstClockTimeDiff) THRESHOLD)
    GST_DEBUG_OBJECT (self,
        "discontinuity: expected running time %" GST_TIME_FORMAT
        ", got %" GST_TIME_FORMAT,
        GST_TIME_ARGS (time - off), GST_TIME_ARGS (time));
  if (off > (GstClockTimeDiff) THRESHOLD)
    self->silence = gst_util_uint64_scale_round (off, rate, GST_SECOND);
  else if (off < -(GstClockTimeDiff) THRESHOLD)
    self->first = gst_util_uint64_scale_round (-off, rate, GST_SECOND);
}

/* Mixes a buffer to the layout of the row, which cannot change: the aligner has
 * read ahead of the output. NULL if memory is short. */
static GstBuffer *
in_layout_of_row (GstDmixAdrPad *self, const GstAudioInfo *info,
    GstBuffer *buffer)
{
  GstBuffer *placed;

  if (gst_audio_info_is_equal (info, &self->info))
    return buffer;
  placed = gst_dmix_aggregator_place (info, &self->info, buffer);
  gst_buffer_unref (buffer);
  return placed;
}

static void
keep (GstDmixAdrPad *self, GstBuffer *buffer, const GstAudioInfo *info)
{
  if (GST_AUDIO_INFO_IS_VALID (info))
    self->kept_frames +=
        gst_buffer_get_size (buffer) / GST_AUDIO_INFO_BPF (info);
  g_queue_push_tail (&self->kept, gst_buffer_ref (buffer));
  if (self->kept_frames > (guint64) KEPT_S * GST_AUDIO_INFO_RATE (info)) {
    GST_DEBUG_OBJECT (self, "flushed without the other pad");
    drop_kept (self, FALSE);
  }
}

static GstBuffer *
next_buffer (GstDmixAdrPad *self, const GstAudioInfo *info)
{
  GstBuffer *buffer;

  g_mutex_lock (&self->lock);
  buffer = g_queue_pop_head (&self->again);
  if (!buffer) {
    buffer = gst_aggregator_pad_pop_buffer (GST_AGGREGATOR_PAD (self));
    if (buffer && self->keeping)
      keep (self, buffer, info);
  }
  g_mutex_unlock (&self->lock);
  return buffer;
}

/* Takes the next buffer of the pad. */
static gboolean
pop (GstDmixAdrPad *self)
{
  const GstAudioInfo info = current_info (self);
  GstBuffer *buffer = next_buffer (self, &info);
  guint64 silent;

  if (!buffer)
    return FALSE;
  self->first = 0;
  if (!GST_AUDIO_INFO_IS_VALID (&info)) {
    self->formless |= gst_buffer_get_size (buffer) > 0;
    gst_buffer_unref (buffer);
    return TRUE;
  }
  silent = silent_frames (buffer, GST_AUDIO_INFO_RATE (&info));
  if (silent > 0) {
    place (self, buffer, GST_AUDIO_INFO_RATE (&info));
    self->silence += silent > self->first ? silent - self->first : 0;
  } else if (gst_buffer_get_size (buffer) > 0) {
    place (self, buffer, GST_AUDIO_INFO_RATE (&info));
    self->buffer = in_layout_of_row (self, &info, gst_buffer_ref (buffer));
    self->no_memory |= !self->buffer;
  }
  gst_buffer_unref (buffer);
  return TRUE;
}

gboolean
gst_dmix_adr_pad_lacks_memory (GstDmixAdrPad *self)
{
  return self->no_memory;
}

gboolean
gst_dmix_adr_pad_look (GstDmixAdrPad *self)
{
  while (!self->started && pop (self))
    ;
  return self->started;
}

gboolean
gst_dmix_adr_pad_next (GstDmixAdrPad *self, GstDmixAdrPiece *piece)
{
  *piece = (GstDmixAdrPiece){ NULL, 0, 0 };
  while (piece->frames == 0) {
    const guint64 most = (guint64) MOST_S * GST_AUDIO_INFO_RATE (&self->info);

    if (self->silence > 0) {
      piece->frames = MIN (self->silence, most);
      self->silence -= piece->frames;
    } else if (self->buffer) {
      const gsize all =
          gst_buffer_get_size (self->buffer) / GST_AUDIO_INFO_BPF (&self->info);

      if (self->first < all) {
        piece->first = self->first;
        piece->frames = MIN (all - self->first, most);
        if (!GST_BUFFER_FLAG_IS_SET (self->buffer, GST_BUFFER_FLAG_GAP))
          piece->buffer = gst_buffer_ref (self->buffer);
        self->first += piece->frames;
      }
      if (self->first >= all)
        gst_clear_buffer (&self->buffer);
    } else if (!pop (self))
      return FALSE;
  }
  self->frames += piece->frames;
  return TRUE;
}

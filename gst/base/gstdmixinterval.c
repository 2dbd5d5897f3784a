/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixInterval: counts output frames into intervals and stamps the element
 * messages about them. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixinterval.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixinterval", "element messages of dmix elements");

void
gst_dmix_interval_init (GstDmixInterval *self, GstElement *element)
{
  self->element = element;
  self->frames = 0;
  self->start = GST_CLOCK_TIME_NONE;
  g_queue_init (&self->messages);
}

void
gst_dmix_interval_reset (GstDmixInterval *self)
{
  g_queue_clear_full (&self->messages, (GDestroyNotify) gst_message_unref);
  gst_dmix_interval_next (self);
}

void
gst_dmix_interval_clear (GstDmixInterval *self)
{
  gst_dmix_interval_reset (self);
}

static guint64
gst_dmix_interval_frames (const GstDmixIntervalSettings *settings, gint rate)
{
  return gst_util_uint64_scale_round (settings->length, rate, GST_SECOND);
}

guint
gst_dmix_interval_left (const GstDmixInterval *self,
    const GstDmixIntervalSettings *settings, gint rate)
{
  const guint64 all = gst_dmix_interval_frames (settings, rate);

  return all > self->frames ? MIN (all - self->frames, G_MAXUINT) : 1;
}

void
gst_dmix_interval_add (GstDmixInterval *self, guint frames, GstClockTime pts)
{
  if (self->frames == 0)
    self->start = pts;
  self->frames += frames;
}

void
gst_dmix_interval_next (GstDmixInterval *self)
{
  self->frames = 0;
  self->start = GST_CLOCK_TIME_NONE;
}

void
gst_dmix_interval_queue (GstDmixInterval *self, GstStructure *message,
    const GstSegment *segment, GstClockTime end)
{
  const GstClockTime start = self->start;
  GstClockTime stream_time = GST_CLOCK_TIME_NONE;
  GstClockTime running_time = GST_CLOCK_TIME_NONE;
  GstClockTime duration = GST_CLOCK_TIME_NONE;

  if (segment->format == GST_FORMAT_TIME && GST_CLOCK_TIME_IS_VALID (start)) {
    stream_time = gst_segment_to_stream_time (segment, GST_FORMAT_TIME, start);
    running_time =
        gst_segment_to_running_time (segment, GST_FORMAT_TIME, start);
    if (GST_CLOCK_TIME_IS_VALID (end))
      duration = end - start;
  }
  gst_structure_set (message, "timestamp", G_TYPE_UINT64, start, NULL);
  gst_structure_set (message, "stream-time", G_TYPE_UINT64, stream_time, NULL);
  gst_structure_set (message, "running-time", G_TYPE_UINT64, running_time,
      NULL);
  gst_structure_set (message, "duration", G_TYPE_UINT64, duration, NULL);
  GST_LOG_OBJECT (self->element, "message %" GST_PTR_FORMAT,
      (gpointer) message);
  g_queue_push_tail (&self->messages,
      gst_message_new_element (GST_OBJECT (self->element), message));
}

void
gst_dmix_interval_post (GstDmixInterval *self)
{
  GstMessage *message;

  while ((message = g_queue_pop_head (&self->messages)))
    gst_element_post_message (self->element, message);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilterInterval: see the header. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixfilterinterval.h"

#define CLASS(self) GST_DMIX_FILTER_GET_CLASS ((self)->filter)

static const GstDmixFilterSettings *
common_settings (GstDmixFilterStream *self)
{
  return self->current;
}

static guint64
length (GstDmixFilterStream *self)
{
  return gst_util_uint64_scale_round (common_settings (self)->interval,
      GST_AUDIO_INFO_RATE (&self->in), GST_SECOND);
}

/* end: frame after the last one that the message tells of */
static void
post (GstDmixFilterStream *self, GstStructure *meter, guint64 end)
{
  const GstSegment *segment = &GST_BASE_TRANSFORM (self->filter)->segment;
  const GstClockTime pts = self->interval_pts;
  const gboolean timed =
      segment->format == GST_FORMAT_TIME && GST_CLOCK_TIME_IS_VALID (pts);

  gst_structure_set (meter, "timestamp", G_TYPE_UINT64, pts, "stream-time",
      G_TYPE_UINT64,
      timed ? gst_segment_to_stream_time (segment, GST_FORMAT_TIME, pts)
            : GST_CLOCK_TIME_NONE,
      "running-time", G_TYPE_UINT64,
      timed ? gst_segment_to_running_time (segment, GST_FORMAT_TIME, pts)
            : GST_CLOCK_TIME_NONE,
      "duration", G_TYPE_UINT64,
      timed ? gst_dmix_timeline_pts (self->timeline, end) - pts
            : GST_CLOCK_TIME_NONE,
      NULL);
  gst_element_post_message (GST_ELEMENT (self->filter),
      gst_message_new_element (GST_OBJECT (self->filter), meter));
}

void
gst_dmix_filter_interval_finish (GstDmixFilterStream *self, guint64 frame)
{
  const gboolean wanted = common_settings (self)->post_messages;

  if (self->interval_frames == 0)
    return;
  self->interval_frames = 0;
  if (!wanted)
    gst_dmix_filter_interval_forget (self);
  else if (!CLASS (self)->has_news || CLASS (self)->has_news (self->filter))
    post (self, CLASS (self)->meter (self->filter), frame);
}

guint
gst_dmix_filter_interval_left (GstDmixFilterStream *self, guint64 frame)
{
  const guint64 gone = self->interval_frames;

  if (gone == 0)
    self->interval_pts = gst_dmix_timeline_pts (self->timeline, frame);
  return length (self) > gone ? MIN (length (self) - gone, G_MAXUINT) : 1;
}

void
gst_dmix_filter_interval_go_on (GstDmixFilterStream *self, guint64 frame,
    guint frames)
{
  self->interval_frames += frames;
  if (self->interval_frames >= length (self))
    gst_dmix_filter_interval_finish (self, frame);
}

void
gst_dmix_filter_interval_forget (GstDmixFilterStream *self)
{
  gst_structure_free (CLASS (self)->meter (self->filter));
}

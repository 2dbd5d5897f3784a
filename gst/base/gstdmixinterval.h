/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixInterval: the clock of element messages, for filters and aggregators.
 *
 * A message covers one interval of the output, which begins with the first
 * frame behind the interval before. Each message carries the same four fields
 * of time as those of the element `level`, all guint64 in ns:
 *
 *   timestamp     of the first frame of the interval
 *   stream-time   of the same frame
 *   running-time  of the same frame
 *   duration      of the interval
 *
 * A time that is not known, and one outside the segment, is
 * GST_CLOCK_TIME_NONE. Streaming thread only. */
#ifndef GST_DMIX_INTERVAL_H
#define GST_DMIX_INTERVAL_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* The settings of every element that posts messages. */
typedef struct
{
  gboolean post;  /* property post-messages */
  guint64 length; /* property interval, ns */
} GstDmixIntervalSettings;

typedef struct
{
  GstElement *element;
  guint64 frames;     /* of the current interval so far */
  GstClockTime start; /* timestamp of its first frame */
  GQueue messages;    /* complete, to be posted with no lock held */
} GstDmixInterval;

void gst_dmix_interval_init (GstDmixInterval *self, GstElement *element);
void gst_dmix_interval_clear (GstDmixInterval *self);

/* Drops the current interval and all messages that are not posted. */
void gst_dmix_interval_reset (GstDmixInterval *self);

/* How many frames at `rate` Hz are missing to the end of the interval; at
 * least 1. */
guint gst_dmix_interval_left (const GstDmixInterval *self,
    const GstDmixIntervalSettings *settings, gint rate);

/* `frames` frames have come out, the first of them with the timestamp `pts`
 * (NONE: not known). */
void gst_dmix_interval_add (GstDmixInterval *self, guint frames,
    GstClockTime pts);

/* Adds the fields of time to a message about the current interval, which ends
 * at the timestamp `end`, and queues it. Takes `message`. */
void gst_dmix_interval_queue (GstDmixInterval *self, GstStructure *message,
    const GstSegment *segment, GstClockTime end);

/* The next frame begins a new interval. */
void gst_dmix_interval_next (GstDmixInterval *self);

/* Posts what is queued. Call with no lock held. */
void gst_dmix_interval_post (GstDmixInterval *self);

G_END_DECLS

#endif

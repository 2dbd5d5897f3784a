/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixPadClock: the timestamps of an input as measurements of a clock.
 *
 * Timestamps of a live source are times of arrival: they jitter, and the clock
 * of the source runs a little faster or slower than that of the pipeline. The
 * samples are all there. So a buffer follows the one before it without a hole
 * and without an overlap, unless its timestamp jumps:
 *
 *   DISCONT or RESYNC         the buffer goes where its timestamp says
 *   forward, > tolerance      the same, at once or after `wait`
 *   forward, behind silence   the same, if there has been no jitter for 0.25 s
 *   back, by 0.2 s or four    no sample is lost: the buffer follows, and what
 *     buffers, 0.5 s at most  is late by then is caught up with as below. If
 *                             it happens again and again, as with decoders
 *                             that count wrongly, the samples are the better
 *                             clock and nothing is caught up with
 *   back, further, or by 1 s  the buffer goes where its timestamp says; the
 *     in all                  owner leaves out what overlaps
 *   else                      jitter
 *
 * The mean of the deviation is the drift. Beyond a quarter of the tolerance a
 * piece of up to 30 ms is left out or repeated with a cross-fade, at most four
 * times a second, and counted. Digital silence gets longer or shorter without
 * being counted.
 *
 * Live data that comes too late for its output goes where its timestamp says,
 * behind a hole. From then on the input runs later, and up to the tolerance
 * this is kept: the next data that is as late is in time. */
#ifndef GST_DMIX_PAD_CLOCK_H
#define GST_DMIX_PAD_CLOCK_H

#include <gst/audio/audio.h>

G_BEGIN_DECLS

/* What the properties alignment-threshold and discont-wait are by default. */
#define GST_DMIX_ALIGNMENT_THRESHOLD (40 * GST_MSECOND)
#define GST_DMIX_DISCONT_WAIT 0

typedef struct
{
  GstClockTime tolerance; /* larger deviations are jumps */
  GstClockTime wait;      /* for so long forward jumps are doubted, ns */
  GstClockTime flagged;   /* a flagged buffer that deviates by less follows */
  gboolean strict; /* steps back by more than the tolerance are jumps, too */
} GstDmixPadClockLimits;

typedef struct
{
  guint64 dropped, inserted; /* frames since _init() */

  /*< private >*/
  gint rate;              /* Hz, 0: the next buffer starts anew */
  GstClockTime anchor;    /* timestamp at the last jump */
  guint64 frames;         /* since the anchor */
  GstClockTimeDiff shift; /* added to timestamps that stepped back, ns */
  GstClockTime end;       /* of the last buffer, by its own timestamp */
  gdouble mean;           /* of the deviation, ns; > 0: timestamps are later */
  guint64 rest;           /* frames until the next correction may come */
  guint64 suspect;        /* frames for which a step back is remembered */
  GstClockTime away;      /* timestamp from which on jumps are doubted */
  guint64 exact;          /* frames without jitter so far */
  gboolean silent;        /* the last buffer was */
  gboolean late;          /* data came too late */
} GstDmixPadClock;

void gst_dmix_pad_clock_init (GstDmixPadClock *self);

/* The next buffer goes where its timestamp says. The counts stay. */
void gst_dmix_pad_clock_restart (GstDmixPadClock *self);

/* Takes the next buffer of the input, in format `info`, F32 and interleaved.
 * Returns it with the timestamp at which its first frame is due: marked with
 * RESYNC if that is a jump, else contiguous with the last one. Its size changes
 * where a drift is corrected; the counts tell. NULL if memory is short. */
GstBuffer *gst_dmix_pad_clock_take (GstDmixPadClock *self,
    const GstDmixPadClockLimits *limits, const GstAudioInfo *info,
    GstBuffer *buffer);

/* Timestamp at which the next frame is due; NONE: any. */
GstClockTime gst_dmix_pad_clock_next (const GstDmixPadClock *self);

/* Output has passed the next frame, which was not there in time. */
void gst_dmix_pad_clock_missed (GstDmixPadClock *self);

/* Mean deviation of the timestamps, ns; > 0: they are later than the frames. */
gint64 gst_dmix_pad_clock_deviation (const GstDmixPadClock *self);

/* The element message `dmix-clock` about the correction in `buffer`, which
 * gst_dmix_pad_clock_take() has just returned for the pad of this name. */
GstStructure *gst_dmix_pad_clock_message (const GstDmixPadClock *self,
    const gchar *pad, const GstSegment *segment, GstBuffer *buffer);

G_END_DECLS

#endif

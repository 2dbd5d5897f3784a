/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixTimeline: gives frames that were delayed their timestamps back.
 *
 * A processor with a delay puts out as many frames as it takes, the first of
 * them from before the stream. The timeline drops these; from then on frame n
 * out is frame n in, and gets the timestamp that it came with. Frames are
 * counted from 0 since the last restart. */
#ifndef GST_DMIX_TIMELINE_H
#define GST_DMIX_TIMELINE_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstDmixTimeline GstDmixTimeline;

GstDmixTimeline *gst_dmix_timeline_new (void);
void gst_dmix_timeline_free (GstDmixTimeline *self);

/* To frame 0, with no timestamp known and nothing inside. rate: frames a
 * second, 1 or more. */
void gst_dmix_timeline_restart (GstDmixTimeline *self, gint rate);

/* The processor delays by `frames` from now on. Returns how many frames are
 * inside and due at once, for the delay is that much shorter: they have to be
 * put next. */
guint gst_dmix_timeline_set_delay (GstDmixTimeline *self, guint frames);

/*** in ***/

/* `frames` more go in, of which the first has the timestamp `pts` (NONE: they
 * follow the ones before) and the sample offset `offset` (NONE likewise). */
void gst_dmix_timeline_take (GstDmixTimeline *self, guint frames,
    GstClockTime pts, guint64 offset, gboolean is_gap);

/* How far `pts` is from the timestamp of the next frame to go in, ns, signed;
 * 0 if one of the two is not known. */
GstClockTimeDiff gst_dmix_timeline_jump (const GstDmixTimeline *self,
    GstClockTime pts);

/* Frames that have gone in. */
guint64 gst_dmix_timeline_frames_in (const GstDmixTimeline *self);

/*** out ***/

/* What the processor put out for one block, in frames of `bpf` bytes. Drops
 * what is from before the stream, and makes the rest ready for
 * gst_dmix_timeline_pop(), cut wherever timestamps jump. tail: frames for
 * which sound goes on after the last that came in; GAP is set behind it.
 * Takes the buffer, which has to be writable. */
void gst_dmix_timeline_put (GstDmixTimeline *self, GstBuffer *buffer, gsize bpf,
    guint tail);

/* The next buffer that is ready, or NULL. */
GstBuffer *gst_dmix_timeline_pop (GstDmixTimeline *self);
gboolean gst_dmix_timeline_is_empty (const GstDmixTimeline *self);

/* TRUE if anything has been put since the restart. */
gboolean gst_dmix_timeline_is_running (const GstDmixTimeline *self);

/* Frames that have come out, and those that will be dropped before the next
 * one does. */
guint64 gst_dmix_timeline_frames_out (const GstDmixTimeline *self);
guint gst_dmix_timeline_skip (const GstDmixTimeline *self);

/* Timestamp of a frame that is not out yet, NONE if it is not known. */
GstClockTime gst_dmix_timeline_pts (const GstDmixTimeline *self, guint64 frame);

G_END_DECLS

#endif

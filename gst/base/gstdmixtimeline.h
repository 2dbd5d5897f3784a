/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixTimeline: timestamps of frames behind a processor with a delay.
 *
 * A processor with a delay puts out one frame for each frame of input; the
 * first frames are from before the stream. The timeline drops those, so that
 * output frame n is input frame n, and gives it the timestamp that it had at
 * the input. Frames are counted from 0 since the last restart. */
#ifndef GST_DMIX_TIMELINE_H
#define GST_DMIX_TIMELINE_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _GstDmixTimeline GstDmixTimeline;

GstDmixTimeline *gst_dmix_timeline_new (void);
void gst_dmix_timeline_free (GstDmixTimeline *self);

/* Back to frame 0, without marks and buffers. rate: Hz, 1 or more. */
void gst_dmix_timeline_restart (GstDmixTimeline *self, gint rate);

/* Sets the delay of the processor. If it shrinks, returns by how many frames:
 * these are inside the processor, are due at once, and have to be put next. */
guint gst_dmix_timeline_set_delay (GstDmixTimeline *self, guint frames);

/*** in ***/

/* Counts `frames` frames of input. The first one has the timestamp `pts` and
 * the sample offset `offset`; NONE: contiguous with the frames before. */
void gst_dmix_timeline_take (GstDmixTimeline *self, guint frames,
    GstClockTime pts, guint64 offset, gboolean is_gap);

/* `pts` minus the expected timestamp of the next input frame, ns; 0 if one of
 * the two is not known. */
GstClockTimeDiff gst_dmix_timeline_jump (const GstDmixTimeline *self,
    GstClockTime pts);

/* Frames of input so far. */
guint64 gst_dmix_timeline_frames_in (const GstDmixTimeline *self);

/*** out ***/

/* Takes the output of the processor for one block, in frames of `bpf` bytes.
 * Drops frames from before the stream and makes the rest ready for
 * gst_dmix_timeline_pop(), split where timestamps jump. tail: frames of sound
 * behind the last input; GAP is set on buffers after it. Takes the buffer,
 * which has to be writable. */
void gst_dmix_timeline_put (GstDmixTimeline *self, GstBuffer *buffer, gsize bpf,
    guint tail);

/* The next stamped buffer, or NULL. */
GstBuffer *gst_dmix_timeline_pop (GstDmixTimeline *self);
gboolean gst_dmix_timeline_is_empty (const GstDmixTimeline *self);

/* TRUE if there was output since the restart. */
gboolean gst_dmix_timeline_is_running (const GstDmixTimeline *self);

/* Frames of output so far, and frames that will be dropped before the next
 * one. */
guint64 gst_dmix_timeline_frames_out (const GstDmixTimeline *self);
guint gst_dmix_timeline_skip (const GstDmixTimeline *self);

/* Timestamp of a frame at or behind the next output frame; NONE: not known. */
GstClockTime gst_dmix_timeline_pts (const GstDmixTimeline *self, guint64 frame);

G_END_DECLS

#endif

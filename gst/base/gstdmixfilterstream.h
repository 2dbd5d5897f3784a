/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilterStream: samples on their way through the processor of a
 * GstDmixFilter. It hands settings and blocks to the processor, ends message
 * intervals where they are due, and lets the timeline stamp the output.
 * Private to GstDmixFilter. */
#ifndef GST_DMIX_FILTER_STREAM_H
#define GST_DMIX_FILTER_STREAM_H

#include "base/gstdmixfilter.h"
#include "base/gstdmixsettings.h"
#include "base/gstdmixtimeline.h"

G_BEGIN_DECLS

typedef struct
{
  GstDmixFilter *filter;
  GstDmixSettings settings;
  guint latency; /* of the processor, frames; object lock */
  gint rate;     /* Hz, 0: no format yet; object lock */

  /* streaming thread only */
  GstAudioInfo in, out; /* of the processor; invalid: there is none */
  GstDmixTimeline *timeline;
  guint64 processed; /* frames since the restart */
  GstDmixInterval interval;
} GstDmixFilterStream;

/* values: begin with GstDmixFilterSettings */
void gst_dmix_filter_stream_init (GstDmixFilterStream *self,
    GstDmixFilter *filter, gpointer values);
void gst_dmix_filter_stream_clear (GstDmixFilterStream *self);

/* From any thread. */
GstClockTime gst_dmix_filter_stream_latency (GstDmixFilterStream *self);

/*** streaming thread ***/

/* Drains the old processor and makes one for new formats. FALSE, after an
 * element error, if that fails. */
gboolean gst_dmix_filter_stream_open (GstDmixFilterStream *self,
    const GstAudioInfo *in, const GstAudioInfo *out);
void gst_dmix_filter_stream_close (GstDmixFilterStream *self);
gboolean gst_dmix_filter_stream_is_open (GstDmixFilterStream *self);

/* Drops all sound and resets the processor. */
void gst_dmix_filter_stream_restart (GstDmixFilterStream *self);

/* Another stream begins: the processor forgets what it knows of the last one. */
void gst_dmix_filter_stream_forget (GstDmixFilterStream *self);

/* Drains the processor: pushes its delayed sound and its tail, then resets
 * it. */
GstFlowReturn gst_dmix_filter_stream_finish (GstDmixFilterStream *self);

/* The same with up to `most` frames of the tail. */
GstFlowReturn gst_dmix_filter_stream_finish_within (GstDmixFilterStream *self,
    guint64 most);

/* The same as finish() at the end of the stream. */
GstFlowReturn gst_dmix_filter_stream_end (GstDmixFilterStream *self);

/* Processes a buffer of whole frames; the output is then ready for
 * gst_dmix_filter_stream_pop(). */
GstFlowReturn gst_dmix_filter_stream_take (GstDmixFilterStream *self,
    GstBuffer *block);

/* The next buffer to be pushed, or NULL. */
GstBuffer *gst_dmix_filter_stream_pop (GstDmixFilterStream *self);

/* Processes `frames` frames of silence from `pts` on (NONE: from the end of the
 * last block) and pushes the output. */
GstFlowReturn gst_dmix_filter_stream_push_silence (GstDmixFilterStream *self,
    GstClockTime pts, guint64 frames);

/* Stream time of a frame, counted from the next one to be processed, or
 * NONE. */
GstClockTime gst_dmix_filter_stream_time (GstDmixFilterStream *self,
    guint frame);

/* Frames of a block of silence, and of a block while control bindings move
 * properties: 10 ms. */
guint gst_dmix_filter_stream_block_frames (GstDmixFilterStream *self);

G_END_DECLS

#endif

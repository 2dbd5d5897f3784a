/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilterStream: the sound of a GstDmixFilter on its way through the
 * processor. It brings settings to the processor and blocks through it, ends
 * messages where they are due, and has all that comes out stamped by the
 * timeline. Part of GstDmixFilter; nobody else needs it. */
#ifndef GST_DMIX_FILTER_STREAM_H
#define GST_DMIX_FILTER_STREAM_H

#include "base/gstdmixfilter.h"
#include "base/gstdmixtimeline.h"

G_BEGIN_DECLS

typedef struct
{
  GstDmixFilter *filter;
  gpointer settings; /* of the filter; object lock */
  gsize settings_size;
  gboolean changed; /* they have; object lock */
  guint latency;    /* of the processor, frames; object lock */
  gint rate;        /* 0: no format yet; object lock */

  /* streaming thread only */
  gpointer current;     /* settings of this block */
  GstAudioInfo in, out; /* of the processor; invalid: there is none */
  GstDmixTimeline *timeline;
  guint64 processed;     /* frames since the restart */
  guint interval_frames; /* of the current message */
  GstClockTime interval_pts;
} GstDmixFilterStream;

/* settings: begin with GstDmixFilterSettings */
void gst_dmix_filter_stream_init (GstDmixFilterStream *self,
    GstDmixFilter *filter, gpointer settings, gsize settings_size);
void gst_dmix_filter_stream_clear (GstDmixFilterStream *self);

/* From any thread. */
void gst_dmix_filter_stream_settings_changed (GstDmixFilterStream *self);
GstClockTime gst_dmix_filter_stream_latency (GstDmixFilterStream *self);

/*** streaming thread ***/

/* A new processor for new formats, after all that was inside has left in the
 * old ones. FALSE, after an element error, if there can be none. */
gboolean gst_dmix_filter_stream_open (GstDmixFilterStream *self,
    const GstAudioInfo *in, const GstAudioInfo *out);
void gst_dmix_filter_stream_close (GstDmixFilterStream *self);
gboolean gst_dmix_filter_stream_is_open (GstDmixFilterStream *self);

/* Forgets all sound. */
void gst_dmix_filter_stream_restart (GstDmixFilterStream *self);

/* Silence in, until all that was inside is pushed; then all starts anew. */
GstFlowReturn gst_dmix_filter_stream_finish (GstDmixFilterStream *self);

/* Ends the stream before what does not go on where it stopped; `starts`: it
 * says so itself. */
GstFlowReturn gst_dmix_filter_stream_check (GstDmixFilterStream *self,
    gboolean starts, GstClockTime pts);

/* Takes a buffer of whole frames through the processor; what comes out is
 * ready to be popped. */
GstFlowReturn gst_dmix_filter_stream_take (GstDmixFilterStream *self,
    GstBuffer *block);

/* The next buffer to be pushed, or NULL. */
GstBuffer *gst_dmix_filter_stream_pop (GstDmixFilterStream *self);

/* Takes silence through the processor and pushes what comes out. */
GstFlowReturn gst_dmix_filter_stream_take_gap (GstDmixFilterStream *self,
    GstClockTime pts, GstClockTime duration);

/* Stream time of a frame, counted from the next that will be processed, or
 * NONE. */
GstClockTime gst_dmix_filter_stream_time (GstDmixFilterStream *self,
    guint frame);

/* Frames of a block of silence, and of one under control bindings. */
guint gst_dmix_filter_stream_block_frames (GstDmixFilterStream *self);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAdrPad: a sink pad of dmixadr, guide or take.
 *
 * It turns buffers with timestamps into one contiguous row of frames in one
 * format: fills gaps with silence, drops overlaps, and mixes other channel
 * layouts to that of the first buffer. */
#ifndef GST_DMIX_ADR_PAD_H
#define GST_DMIX_ADR_PAD_H

#include <gst/audio/gstaudioaggregator.h>

G_BEGIN_DECLS

#define GST_TYPE_DMIX_ADR_PAD (gst_dmix_adr_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixAdrPad, gst_dmix_adr_pad, GST, DMIX_ADR_PAD,
    GstAudioAggregatorPad)

/* The next piece of the row: `frames` frames of `buffer` from `first` on, or
 * silence if there is no buffer. */
typedef struct
{
  GstBuffer *buffer;
  gsize first, frames;
} GstDmixAdrPiece;

/* Takes the next piece; unref its buffer. FALSE if the pad has no data now, or
 * has ended. No lock held. */
gboolean gst_dmix_adr_pad_next (GstDmixAdrPad *self, GstDmixAdrPiece *piece);

/* The format of the row; valid after its first frame. */
const GstAudioInfo *gst_dmix_adr_pad_info (GstDmixAdrPad *self);

/* TRUE if data arrived before caps. */
gboolean gst_dmix_adr_pad_is_formless (GstDmixAdrPad *self);

/* TRUE if memory was short for a buffer in another layout, which is lost. */
gboolean gst_dmix_adr_pad_lacks_memory (GstDmixAdrPad *self);

/* Running time and timestamp of the first frame. FALSE: none yet. */
gboolean gst_dmix_adr_pad_start (GstDmixAdrPad *self,
    GstClockTime *running_time, GstClockTime *timestamp);

/* Takes buffers until the first frame. FALSE: it has not arrived. */
gboolean gst_dmix_adr_pad_look (GstDmixAdrPad *self);

/* Takes the next buffer through the clock of the pad; in clip(), with locks
 * held. */
GstBuffer *gst_dmix_adr_pad_retime (GstDmixAdrPad *self, GstBuffer *buffer);
/* The next buffer goes where its timestamp says. */
void gst_dmix_adr_pad_restart_clock (GstDmixAdrPad *self);
/* Posts the message about the last correction of the clock, if there is a new
 * one. No lock held. */
void gst_dmix_adr_pad_report (GstDmixAdrPad *self, GstElement *element);

/* Begins a new row. */
void gst_dmix_adr_pad_restart (GstDmixAdrPad *self);

G_END_DECLS

#endif

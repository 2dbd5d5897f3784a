/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAdrPad: a sink pad of dmixadr, guide or take.
 *
 * Turns buffers with timestamps into an unbroken row of frames in one format:
 * gaps are filled with silence, what overlaps is left out, and channels that
 * change are mixed to those that the row began with. */
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

/* FALSE if the pad has nothing now; at its end too. Free the piece's buffer.
 * No lock held. */
gboolean gst_dmix_adr_pad_next (GstDmixAdrPad *self, GstDmixAdrPiece *piece);

/* The format of the row; valid once there is a frame 0. */
const GstAudioInfo *gst_dmix_adr_pad_info (GstDmixAdrPad *self);

/* Data came before any format. */
gboolean gst_dmix_adr_pad_is_formless (GstDmixAdrPad *self);

/* Running time and timestamp of frame 0, once there is one. */
gboolean gst_dmix_adr_pad_start (GstDmixAdrPad *self,
    GstClockTime *running_time, GstClockTime *timestamp);

/* Looks for the first frame, if there is none yet. FALSE: none has come. */
gboolean gst_dmix_adr_pad_look (GstDmixAdrPad *self);

/* A new row begins. */
void gst_dmix_adr_pad_restart (GstDmixAdrPad *self);

G_END_DECLS

#endif

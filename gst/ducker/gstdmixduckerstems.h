/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixDuckerStems: the two stems of a block of dmixducker. Several pads may
 * carry background, and several dialogue; the stems are their sums. The
 * background is collected in the output buffer, the dialogue in memory of its
 * own. */
#ifndef GST_DMIX_DUCKER_STEMS_H
#define GST_DMIX_DUCKER_STEMS_H

#include <gst/audio/gstaudioaggregator.h>

G_BEGIN_DECLS

typedef struct
{
  GstAudioInfo info;                        /* of both stems */
  gfloat *dialogue;                         /* of the block */
  guint room;                               /* allocated frames of it */
  guint8 *spoken;                           /* voice flag of its frames */
  gboolean flagged, warned;                 /* a buffer had a voice flag; it
                                                  was warned that none has */
  guint background_filled, dialogue_filled; /* frames of the block so far */
  gint64 background_end;           /* output frame behind the background */
  GstClockTime background_gap_end; /* end of its gaps, running time */
} GstDmixDuckerStems;

void gst_dmix_ducker_stems_init (GstDmixDuckerStems *self);
/* Frees its memory; `info` stays. */
void gst_dmix_ducker_stems_clear (GstDmixDuckerStems *self);

/* Sets the format; a block that has begun is mixed to it. FALSE if memory is
 * short: nothing has changed then. */
gboolean gst_dmix_ducker_stems_set_info (GstDmixDuckerStems *self,
    const GstAudioInfo *info);

/* Begins an empty block. */
void gst_dmix_ducker_stems_begin (GstDmixDuckerStems *self, guint frames);

/* Adds frames of a pad at `offset` of the block. background: samples of the
 * output buffer. */
void gst_dmix_ducker_stems_add_background (GstDmixDuckerStems *self,
    gfloat *background, const gfloat *in, guint offset, guint frames);
void gst_dmix_ducker_stems_add_dialogue (GstDmixDuckerStems *self,
    const gfloat *in, guint offset, guint frames);

/* Sets the voice flag of frames of the block, if `in` has a GstAudioLevelMeta. */
void gst_dmix_ducker_stems_add_flag (GstDmixDuckerStems *self, GstBuffer *in,
    guint offset, guint frames);

/* Posts a warning, once, if no buffer had a voice flag. */
void gst_dmix_ducker_stems_warn_unflagged (GstDmixDuckerStems *self,
    GstElement *element, GstPad *pad);

/* Completes the block: fills both stems up with silence. background: NULL if it
 * is silent already. */
void gst_dmix_ducker_stems_finish (GstDmixDuckerStems *self, gfloat *background,
    guint frames);

gboolean gst_dmix_ducker_stems_is_background (gpointer pad);

/* Notes the end of a gap of the background: gaps count for its length but are
 * never added. */
void gst_dmix_ducker_stems_note_gap (GstDmixDuckerStems *self,
    GstAggregatorPad *pad, GstBuffer *buffer);

/* The output frame at which the background has ended, or -1: not yet. */
gint64 gst_dmix_ducker_stems_end (GstDmixDuckerStems *self, GstAggregator *agg);

/* A new buffer with the last `frames` frames of the dialogue of a block of
 * `block_frames`, times a gain. NULL: no memory. */
GstBuffer *gst_dmix_ducker_stems_copy_dialogue (GstDmixDuckerStems *self,
    guint block_frames, guint frames, gfloat gain);

G_END_DECLS

#endif

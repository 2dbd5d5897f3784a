/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What comes from the ducker's pads, on its way into a block: several pads may
 * bring background, and several dialogue; they add up. The background lies in
 * the output buffer, the dialogue beside it. */
#ifndef GST_DMIX_DUCKER_STEMS_H
#define GST_DMIX_DUCKER_STEMS_H

#include <gst/audio/gstaudioaggregator.h>

G_BEGIN_DECLS

typedef struct
{
  GstAudioInfo info;                        /* of both */
  gfloat *dialogue;                         /* of the block */
  guint room;                               /* frames it can hold */
  guint background_filled, dialogue_filled; /* frames of the block so far */
  gint64 background_end;           /* frame after the last of the background */
  GstClockTime background_gap_end; /* the same of its gaps, running time */
} GstDmixDuckerStems;

void gst_dmix_ducker_stems_init (GstDmixDuckerStems *self);
/* Gives its memory back; `info` stays. */
void gst_dmix_ducker_stems_clear (GstDmixDuckerStems *self);

/* From now on in this format; a block that has begun is put into it. */
void gst_dmix_ducker_stems_set_info (GstDmixDuckerStems *self,
    const GstAudioInfo *info);

/* A block begins; nothing is in it. */
void gst_dmix_ducker_stems_begin (GstDmixDuckerStems *self, guint frames);

/* Adds frames of a pad at `offset` of the block; background: the block's. */
void gst_dmix_ducker_stems_add_background (GstDmixDuckerStems *self,
    gfloat *background, const gfloat *in, guint offset, guint frames);
void gst_dmix_ducker_stems_add_dialogue (GstDmixDuckerStems *self,
    const gfloat *in, guint offset, guint frames);

/* The block is over: what nothing has come for is silence. background: NULL if
 * it is silence already. */
void gst_dmix_ducker_stems_finish (GstDmixDuckerStems *self, gfloat *background,
    guint frames);

gboolean gst_dmix_ducker_stems_is_background (gpointer pad);

/* Gaps are never added, but they, too, are background: remembers their end. */
void gst_dmix_ducker_stems_note_gap (GstDmixDuckerStems *self,
    GstAggregatorPad *pad, GstBuffer *buffer);

/* The output frame at which the background has ended, or -1: it has not. */
gint64 gst_dmix_ducker_stems_end (GstDmixDuckerStems *self, GstAggregator *agg);

G_END_DECLS

#endif

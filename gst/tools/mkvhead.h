/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What stands around the clusters of a Matroska file that is edited. */
#pragma once

#include "tools/ebml.h"
#include "tools/graft.h"

#define DMIX_MKV_VIDEO 1
#define DMIX_MKV_AUDIO 2
#define DMIX_MKV_SEEK_ROOM 600 /* bytes for the seek head */

typedef struct
{
  const DmixGraft *graft;
  const guint8 *data, *end, *segment; /* segment: its first byte of data */
  guint64 scale;                      /* ns a tick */
  GHashTable *dropped;                /* track numbers */
  GHashTable *dropped_uids;
  guint64 number, uid; /* of the new track */
  GHashTable *moved;   /* old position of a cluster -> new one */
  guint64 written;     /* bytes of the segment's data so far */
  off_t segment_at;    /* of the segment's data in the output */
  GByteArray *seek;
  guint next;       /* packet that waits */
  guint64 position; /* in samples, of that packet */
  GByteArray *cluster;
} DmixMkv;

/* Finds the segment of a file whose `data` and `end` are set, and its scale. */
gboolean dmix_mkv_open (DmixMkv *g, DmixElement *ebml, GError **error);

/* Track number of a block; its time in ticks, in a cluster of time `base`. */
guint64 dmix_mkv_track_of (const DmixElement *block);
gint64 dmix_mkv_time_of (const DmixElement *block, gint64 base);

/* Writes into the segment and counts. */
gboolean dmix_mkv_emit (DmixMkv *g, const GByteArray *bytes, GError **error);

/* The element that is written next gets an entry of the seek head. */
void dmix_mkv_note_seek (DmixMkv *g, guint32 id);

/* Each writes its element: tracks with the new one, information with the
 * duration, tags without those of tracks that went, cues with the new places of
 * clusters; and any other as it is. */
gboolean dmix_mkv_copy_tracks (DmixMkv *g, const DmixElement *tracks,
    GError **error);
gboolean dmix_mkv_copy_info (DmixMkv *g, const DmixElement *info,
    GError **error);
gboolean dmix_mkv_copy_tags (DmixMkv *g, const DmixElement *tags,
    GError **error);
gboolean dmix_mkv_copy_whole (DmixMkv *g, const DmixElement *e, GError **error);
gboolean dmix_mkv_write_cues (DmixMkv *g, const DmixElement *cues,
    GError **error);

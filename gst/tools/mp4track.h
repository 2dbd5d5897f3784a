/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Boxes of MP4 and QuickTime, and those of a sound track that is added. */
#pragma once

#include "tools/graft.h"

typedef struct
{
  const guint8 *start, *data, *end; /* data: behind size and type */
} DmixBox;

gboolean dmix_box_read (const guint8 *at, const guint8 *end, DmixBox *box);
gboolean dmix_box_is (const DmixBox *box, const gchar *type);
guint64 dmix_box_size (const DmixBox *box); /* of the data */
gboolean dmix_box_find (const DmixBox *parent, const gchar *type, DmixBox *box);
/* "mdia/minf/stbl" */
gboolean dmix_box_path (const DmixBox *parent, const gchar *path, DmixBox *box);

/* Of a trak. */
guint32 dmix_box_track_id (const DmixBox *trak);
guint32 dmix_box_handler (const DmixBox *trak); /* GST_STR_FOURCC ("soun") */
guint32 dmix_box_timescale (const DmixBox *trak);

/* Big-endian numbers; begin gives what end wants. */
void dmix_box_put (GByteArray *to, guint64 value, guint bytes);
guint dmix_box_begin (GByteArray *to, const gchar *type);
void dmix_box_end (GByteArray *to, guint begun);

/* The mvhd with the duration and the next track number as they become; returns
 * the timescale of the movie. */
guint32 dmix_mp4_put_mvhd (GByteArray *to, const DmixBox *mvhd,
    const DmixGraft *graft, guint32 next_id);

/* A kept trak begins later: its tkhd, and its edts (or NULL for none). later:
 * in units of the movie. */
void dmix_mp4_put_later_tkhd (GByteArray *to, const DmixBox *tkhd,
    guint64 later);
void dmix_mp4_put_later_edits (GByteArray *to, const DmixBox *edts,
    guint64 later, guint64 length);
/* Length in units of the movie that a tkhd has. */
guint64 dmix_mp4_read_length (const DmixBox *tkhd);

/* A trak with the language, handler, references and flags of `old`. runs:
 * packets of each chunk (guint); offsets: the box with their places. */
void dmix_mp4_put_track (GByteArray *to, const DmixGraft *graft,
    const DmixBox *old, guint32 id, guint32 movie_timescale, const GArray *runs,
    const GByteArray *offsets);

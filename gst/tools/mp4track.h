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

/* A tkhd with another number, length (in units of the movie), and, where
 * wanted, without the flag of what is played first. */
void dmix_mp4_put_tkhd (GByteArray *to, const DmixBox *tkhd, guint32 id,
    guint64 length, gboolean disable);

/* One edit: length in units of the movie, from in those of the media (-1: a
 * pause), rate as 16.16. */
typedef struct
{
  guint64 length;
  gint64 from;
  guint32 rate;
} DmixEdit;

/* The edits (of DmixEdit) of a trak that begins later, in units of the movie,
 * and is shown to its last picture: mp4mux of GStreamer 1.22 ends the edit when
 * the last one is decoded. Free them. */
GArray *dmix_mp4_read_edits (const DmixBox *trak, guint64 later,
    guint32 timescale);
void dmix_mp4_put_edits (GByteArray *to, const GArray *edits);
guint64 dmix_mp4_count_edits (const GArray *edits);

/* A trak with the language, handler, references and flags of `old`. runs:
 * packets of each chunk (guint); offsets: the box with their places. */
void dmix_mp4_put_track (GByteArray *to, const DmixGraft *graft,
    const DmixBox *old, guint32 id, guint32 movie_timescale, const GArray *runs,
    const GByteArray *offsets);

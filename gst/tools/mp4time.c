/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* When the first picture of an MP4 is shown, by its edit list and tables, and an
 * edit list that shows all later. */
#include "tools/mp4track.h"

#define PICTURES 32 /* the first in time is among so many of the first */

static guint64
field (const DmixBox *box, guint64 at, guint bytes)
{
  if (at + bytes > dmix_box_size (box))
    return 0;
  return bytes == 8 ? GST_READ_UINT64_BE (box->data + at)
                    : GST_READ_UINT32_BE (box->data + at);
}

/* Earliest presentation time in the time of the media. */
static gint64
first_of_media (const DmixBox *stbl)
{
  DmixBox stts, ctts;
  const gboolean moved = dmix_box_find (stbl, "ctts", &ctts);
  gint64 first = G_MAXINT64, time = 0;
  guint64 durations = 8, offsets = 8;
  guint32 left = 0, left_offset = 0, delta = 0;
  gint32 offset = 0;

  if (!dmix_box_find (stbl, "stts", &stts))
    return 0;
  for (guint i = 0; i < PICTURES; i++) {
    if (left == 0) {
      left = (guint32) field (&stts, durations, 4);
      delta = (guint32) field (&stts, durations + 4, 4);
      durations += 8;
    }
    if (moved && left_offset == 0) {
      left_offset = (guint32) field (&ctts, offsets, 4);
      offset = (gint32) field (&ctts, offsets + 4, 4);
      offsets += 8;
    }
    if (left == 0)
      break;
    first = MIN (first, time + offset);
    time += delta;
    left--;
    left_offset -= left_offset > 0;
  }
  return first == G_MAXINT64 ? 0 : first;
}

static gint64
first_of_track (const DmixBox *trak, guint32 timescale)
{
  DmixBox stbl, elst;
  gint64 empty = 0, from = 0;

  if (!dmix_box_path (trak, "mdia/minf/stbl", &stbl))
    return 0;
  if (dmix_box_path (trak, "edts/elst", &elst)) {
    const guint wide = elst.data[0] ? 8 : 4;
    guint64 at = 8;

    for (guint64 i = field (&elst, 4, 4); i > 0; i--, at += 2 * wide + 4) {
      const guint64 length = field (&elst, at, wide);

      from = wide == 8 ? (gint64) field (&elst, at + 8, 8)
                       : (gint32) field (&elst, at + 4, 4);
      if (from >= 0)
        break;
      empty += (gint64) length;
      from = 0;
    }
  }
  return (gint64) (empty * 1e9 / timescale
      + MAX (first_of_media (&stbl) - from, 0) * 1e9
          / MAX (dmix_box_timescale (trak), 1)
      + 0.5);
}

gboolean
dmix_mp4_first_picture (const gchar *path, gint64 *time_ns, GError **error)
{
  const guint8 *data;
  DmixBox whole, moov, mvhd, box;
  gboolean found = FALSE;
  gsize size;
  GMappedFile *file = dmix_graft_map (path, &data, &size, error);

  if (!file)
    return FALSE;
  whole = (DmixBox){ .start = data, .data = data, .end = data + size };
  if (dmix_box_find (&whole, "moov", &moov)
      && dmix_box_find (&moov, "mvhd", &mvhd) && dmix_box_size (&mvhd) >= 24) {
    const guint32 timescale =
        MAX ((guint32) field (&mvhd, mvhd.data[0] ? 20 : 12, 4), 1);

    for (const guint8 *at = moov.data;
         !found && dmix_box_read (at, moov.end, &box); at = box.end)
      if (dmix_box_is (&box, "trak")
          && dmix_box_handler (&box) == GST_STR_FOURCC ("vide")) {
        *time_ns = first_of_track (&box, timescale);
        found = TRUE;
      }
  }
  if (!found)
    dmix_error_set (error, DMIX_EXIT_INPUT, path, "there is no picture in it");
  g_mapped_file_unref (file);
  return found;
}

/*** a later begin ***/

guint64
dmix_mp4_read_length (const DmixBox *tkhd)
{
  return tkhd->data[0] ? field (tkhd, 28, 8) : field (tkhd, 20, 4);
}

void
dmix_mp4_put_later_tkhd (GByteArray *to, const DmixBox *tkhd, guint64 later)
{
  const guint64 length = dmix_mp4_read_length (tkhd) + later;
  const guint begun = to->len;
  guint8 *data;

  g_byte_array_append (to, tkhd->start, (guint) (tkhd->end - tkhd->start));
  data = to->data + begun + (tkhd->data - tkhd->start);
  if (dmix_box_size (tkhd) < 36)
    return;
  if (data[0])
    GST_WRITE_UINT64_BE (data + 28, length);
  else
    GST_WRITE_UINT32_BE (data + 20, (guint32) MIN (length, G_MAXUINT32));
}

void
dmix_mp4_put_later_edits (GByteArray *to, const DmixBox *edts, guint64 later,
    guint64 length)
{
  const guint box = dmix_box_begin (to, "edts");
  const guint list = dmix_box_begin (to, "elst");
  DmixBox elst;
  const gboolean had = edts && dmix_box_find (edts, "elst", &elst)
      && dmix_box_size (&elst) >= 8;
  const guint wide = had && elst.data[0] ? 8 : 4;
  const guint64 entries = had ? field (&elst, 4, 4) : 1;

  dmix_box_put (to, 1u << 24, 4);
  dmix_box_put (to, entries + 1, 4);
  dmix_box_put (to, later, 8);
  dmix_box_put (to, G_MAXUINT64, 8);
  dmix_box_put (to, 0x10000, 4);
  for (guint64 i = 0, at = 8; i < entries; i++, at += 2 * wide + 4) {
    dmix_box_put (to, had ? field (&elst, at, wide) : length, 8);
    dmix_box_put (to,
        !had         ? 0
            : wide == 8 ? field (&elst, at + 8, 8)
                        : (guint64) (gint64) (gint32) field (&elst, at + 4, 4),
        8);
    dmix_box_put (to, had ? field (&elst, at + 2 * wide, 4) : 0x10000, 4);
  }
  dmix_box_end (to, list);
  dmix_box_end (to, box);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* When the first picture of an MP4 is shown, by its edit list and tables; an edit
 * list that shows all later; which tracks are enabled. */
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

/*** flags ***/

gboolean
dmix_mp4_is_enabled (const gchar *path, guint64 track)
{
  const guint8 *data;
  DmixBox whole, moov, box, tkhd;
  gboolean enabled = FALSE;
  gsize size;
  GMappedFile *file = dmix_graft_map (path, &data, &size, NULL);

  if (!file)
    return FALSE;
  whole = (DmixBox){ .start = data, .data = data, .end = data + size };
  if (dmix_mp4_is (data, size) && dmix_box_find (&whole, "moov", &moov))
    for (const guint8 *at = moov.data; dmix_box_read (at, moov.end, &box);
         at = box.end)
      if (dmix_box_is (&box, "trak") && dmix_box_track_id (&box) == track
          && dmix_box_find (&box, "tkhd", &tkhd))
        enabled = (field (&tkhd, 0, 4) & 1) != 0;
  g_mapped_file_unref (file);
  return enabled;
}

/*** edit lists of a copy ***/

/* Where the last picture ends, in the time of the media. */
static guint64
end_of_media (const DmixBox *stbl)
{
  DmixBox stts, ctts;
  const gboolean moved = dmix_box_find (stbl, "ctts", &ctts);
  guint64 durations = 8, offsets = 8, left_offset = 0, end = 0, time = 0;
  gint64 offset = 0;

  if (!dmix_box_find (stbl, "stts", &stts))
    return 0;
  for (guint64 entries = field (&stts, 4, 4); entries > 0; entries--) {
    const guint64 delta = field (&stts, durations + 4, 4);

    for (guint64 left = field (&stts, durations, 4); left > 0; left--) {
      if (moved && left_offset == 0) {
        left_offset = field (&ctts, offsets, 4);
        offset = (gint32) field (&ctts, offsets + 4, 4);
        offsets += 8;
      }
      left_offset -= left_offset > 0;
      end = MAX (end, (guint64) MAX ((gint64) (time + delta) + offset, 0));
      time += delta;
    }
    durations += 8;
  }
  return end;
}

/* The edits of a trak; a trak without has one that shows all. */
static GArray *
read_edits (const DmixBox *trak)
{
  GArray *edits = g_array_new (FALSE, TRUE, sizeof (DmixEdit));
  DmixBox elst;
  guint64 at = 8;

  if (dmix_box_path (trak, "edts/elst", &elst) && dmix_box_size (&elst) >= 8) {
    const guint wide = elst.data[0] ? 8 : 4;

    for (guint64 i = field (&elst, 4, 4); i > 0; i--, at += 2 * wide + 4) {
      const DmixEdit edit = { field (&elst, at, wide),
        wide == 8 ? (gint64) field (&elst, at + 8, 8)
                  : (gint32) field (&elst, at + 4, 4),
        (guint32) field (&elst, at + 2 * wide, 4) };

      g_array_append_val (edits, edit);
    }
  }
  if (edits->len == 0) {
    const DmixEdit all = { 0, 0, 0x10000 };

    g_array_append_val (edits, all);
  }
  return edits;
}

GArray *
dmix_mp4_read_edits (const DmixBox *trak, guint64 later, guint32 timescale)
{
  GArray *edits = read_edits (trak);
  DmixEdit *last = &g_array_index (edits, DmixEdit, edits->len - 1);
  const guint32 media = MAX (dmix_box_timescale (trak), 1);
  DmixBox stbl;

  if (last->from >= 0 && dmix_box_path (trak, "mdia/minf/stbl", &stbl)) {
    const guint64 end = end_of_media (&stbl);

    if (end > (guint64) last->from)
      last->length = MAX (last->length,
          gst_util_uint64_scale_ceil (end - (guint64) last->from, timescale,
              media));
  }
  if (later) {
    const DmixEdit empty = { later, -1, 0x10000 };

    g_array_prepend_val (edits, empty);
  }
  return edits;
}

void
dmix_mp4_put_edits (GByteArray *to, const GArray *edits)
{
  const guint box = dmix_box_begin (to, "edts");
  const guint list = dmix_box_begin (to, "elst");

  dmix_box_put (to, 1u << 24, 4);
  dmix_box_put (to, edits->len, 4);
  for (guint i = 0; i < edits->len; i++) {
    const DmixEdit *edit = &g_array_index (edits, DmixEdit, i);

    dmix_box_put (to, edit->length, 8);
    dmix_box_put (to, (guint64) edit->from, 8);
    dmix_box_put (to, edit->rate, 4);
  }
  dmix_box_end (to, list);
  dmix_box_end (to, box);
}

guint64
dmix_mp4_count_edits (const GArray *edits)
{
  guint64 length = 0;

  for (guint i = 0; i < edits->len; i++)
    length += g_array_index (edits, DmixEdit, i).length;
  return length;
}

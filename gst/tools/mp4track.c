/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The delay of the encoder is signalled by an edit list, as ISO/IEC 14496-12
 * section 8.6.6 has it. Sample entries: AAC in an esds (14496-14), FLAC and Opus
 * by the specifications of Xiph.Org "in ISOBMFF". */
#include "tools/mp4track.h"

#include <string.h>

/*** boxes ***/

gboolean
dmix_box_read (const guint8 *at, const guint8 *end, DmixBox *box)
{
  guint64 size;
  guint head = 8;

  if (end - at < 8)
    return FALSE;
  size = GST_READ_UINT32_BE (at);
  if (size == 1) {
    if (end - at < 16)
      return FALSE;
    size = GST_READ_UINT64_BE (at + 8);
    head = 16;
  } else if (size == 0) {
    size = (guint64) (end - at);
  }
  if (size < head)
    return FALSE;
  box->start = at;
  box->data = at + head;
  box->end = size > (guint64) (end - at) ? end : at + size;
  return TRUE;
}

gboolean
dmix_box_is (const DmixBox *box, const gchar *type)
{
  return memcmp (box->start + 4, type, 4) == 0;
}

guint64
dmix_box_size (const DmixBox *box)
{
  return (guint64) (box->end - box->data);
}

gboolean
dmix_box_find (const DmixBox *parent, const gchar *type, DmixBox *box)
{
  const guint8 *at = parent->data;

  for (; dmix_box_read (at, parent->end, box); at = box->end)
    if (dmix_box_is (box, type))
      return TRUE;
  return FALSE;
}

gboolean
dmix_box_path (const DmixBox *parent, const gchar *path, DmixBox *box)
{
  DmixBox inside = *parent;

  for (;; path += 5) {
    if (!dmix_box_find (&inside, path, box))
      return FALSE;
    if (!path[4])
      return TRUE;
    inside = *box;
  }
}

guint32
dmix_box_track_id (const DmixBox *trak)
{
  DmixBox tkhd;
  guint at;

  if (!dmix_box_find (trak, "tkhd", &tkhd) || dmix_box_size (&tkhd) < 24)
    return 0;
  at = tkhd.data[0] ? 20 : 12;
  return GST_READ_UINT32_BE (tkhd.data + at);
}

guint32
dmix_box_handler (const DmixBox *trak)
{
  DmixBox hdlr;

  if (!dmix_box_path (trak, "mdia/hdlr", &hdlr) || dmix_box_size (&hdlr) < 12)
    return 0;
  return GST_READ_UINT32_LE (hdlr.data + 8);
}

guint32
dmix_box_timescale (const DmixBox *trak)
{
  DmixBox mdhd;

  if (!dmix_box_path (trak, "mdia/mdhd", &mdhd) || dmix_box_size (&mdhd) < 24)
    return 0;
  return GST_READ_UINT32_BE (mdhd.data + (mdhd.data[0] ? 20 : 12));
}

void
dmix_box_put (GByteArray *to, guint64 value, guint bytes)
{
  while (bytes-- > 0) {
    const guint8 byte = (guint8) (value >> (8 * bytes));

    g_byte_array_append (to, &byte, 1);
  }
}

guint
dmix_box_begin (GByteArray *to, const gchar *type)
{
  const guint begun = to->len;

  dmix_box_put (to, 0, 4);
  g_byte_array_append (to, (const guint8 *) type, 4);
  return begun;
}

void
dmix_box_end (GByteArray *to, guint begun)
{
  GST_WRITE_UINT32_BE (to->data + begun, to->len - begun);
}

static void
put_box (GByteArray *to, const DmixBox *box)
{
  g_byte_array_append (to, box->start, (guint) (box->end - box->start));
}

/*** headers ***/

/* Time of the first sample in the movie, ns. */
static guint64
begin_of (const DmixGraft *graft)
{
  return (guint64) MAX ((gint64) graft->track->first + graft->origin_ns, 0);
}

static guint64
movie_length (const DmixGraft *graft, guint32 timescale)
{
  const DmixTrack *track = graft->track;

  return gst_util_uint64_scale_ceil (track->frames, timescale, track->rate)
      + gst_util_uint64_scale_round (begin_of (graft), timescale, GST_SECOND);
}

guint32
dmix_mp4_put_mvhd (GByteArray *to, const DmixBox *mvhd, const DmixGraft *graft,
    guint32 next_id)
{
  const guint begun = to->len;
  const gboolean wide = mvhd->data[0] == 1;
  const guint scale_at = wide ? 20 : 12;
  guint32 timescale;
  guint64 length, later;
  guint8 *data;

  put_box (to, mvhd);
  if (dmix_box_size (mvhd) < 100)
    return 1000;
  data = to->data + begun + (mvhd->data - mvhd->start);
  timescale = MAX (GST_READ_UINT32_BE (data + scale_at), 1);
  length = movie_length (graft, timescale);
  later = gst_util_uint64_scale_round ((guint64) graft->shift_ns, timescale,
      GST_SECOND);
  if (wide) {
    length = MAX (length, GST_READ_UINT64_BE (data + scale_at + 4) + later);
    GST_WRITE_UINT64_BE (data + scale_at + 4, length);
  } else {
    length = MAX (length, GST_READ_UINT32_BE (data + scale_at + 4) + later);
    GST_WRITE_UINT32_BE (data + scale_at + 4,
        (guint32) MIN (length, G_MAXUINT32));
  }
  GST_WRITE_UINT32_BE (to->data + to->len - 4, next_id);
  return timescale;
}

/* Flag 1 is "enabled", by which players choose what to play first. */
void
dmix_mp4_put_tkhd (GByteArray *to, const DmixBox *tkhd, guint32 id,
    guint64 length, gboolean disable)
{
  const guint begun = to->len;
  guint8 *data;

  put_box (to, tkhd);
  data = to->data + begun + (tkhd->data - tkhd->start);
  if (disable)
    data[3] &= (guint8) ~1;
  if (data[0] == 1) {
    GST_WRITE_UINT32_BE (data + 20, id);
    GST_WRITE_UINT64_BE (data + 28, length);
  } else {
    GST_WRITE_UINT32_BE (data + 12, id);
    GST_WRITE_UINT32_BE (data + 20, (guint32) MIN (length, G_MAXUINT32));
  }
}

/* A pause in front has the resolution of the movie: what it is too long is cut
 * from the start of the sound, so that the rest is in its place to the sample. */
static void
put_edits (GByteArray *to, const DmixGraft *graft, guint32 timescale)
{
  const DmixTrack *track = graft->track;
  const guint64 first = begin_of (graft);
  GArray *edits = g_array_new (FALSE, FALSE, sizeof (DmixEdit));
  const guint64 pause =
      gst_util_uint64_scale_ceil (first, timescale, GST_SECOND);
  const guint64 cut =
      gst_util_uint64_scale_round (gst_util_uint64_scale_round (pause,
                                       GST_SECOND, timescale)
              - first,
          track->rate, GST_SECOND);
  const DmixEdit empty = { pause, -1, 0x10000 };
  const DmixEdit all = { gst_util_uint64_scale_ceil (track->frames
                                 - MIN (cut, track->frames),
                             timescale, track->rate),
    (gint64) (track->delay + cut), 0x10000 };

  if (pause)
    g_array_append_val (edits, empty);
  g_array_append_val (edits, all);
  dmix_mp4_put_edits (to, edits);
  g_array_unref (edits);
}

/*** sample entries ***/

static void
put_descriptor (GByteArray *to, guint tag, guint bytes)
{
  dmix_box_put (to, tag, 1);
  dmix_box_put (to, 0x808080, 3);
  dmix_box_put (to, bytes, 1);
}

static void
put_esds (GByteArray *to, const guint8 *config, gsize bytes)
{
  const guint box = dmix_box_begin (to, "esds");

  dmix_box_put (to, 0, 4);
  put_descriptor (to, 3, (guint) bytes + 32);
  dmix_box_put (to, 0, 3); /* ES_ID and flags */
  put_descriptor (to, 4, (guint) bytes + 18);
  dmix_box_put (to, 0x40, 1); /* MPEG-4 audio */
  dmix_box_put (to, 0x15, 1);
  dmix_box_put (to, 0, 3);
  dmix_box_put (to, 0, 8);
  put_descriptor (to, 5, (guint) bytes);
  g_byte_array_append (to, config, (guint) bytes);
  put_descriptor (to, 6, 1);
  dmix_box_put (to, 2, 1);
  dmix_box_end (to, box);
}

static void
put_dops (GByteArray *to, const guint8 *head, gsize bytes)
{
  const guint box = dmix_box_begin (to, "dOps");

  dmix_box_put (to, 0, 1);
  if (bytes >= 19) {
    dmix_box_put (to, head[9], 1);
    dmix_box_put (to, GST_READ_UINT16_LE (head + 10), 2);
    dmix_box_put (to, GST_READ_UINT32_LE (head + 12), 4);
    dmix_box_put (to, GST_READ_UINT16_LE (head + 16), 2);
    g_byte_array_append (to, head + 18, (guint) bytes - 18);
  }
  dmix_box_end (to, box);
}

static void
put_dfla (GByteArray *to, const guint8 *head, gsize bytes)
{
  const guint box = dmix_box_begin (to, "dfLa");

  dmix_box_put (to, 0, 4);
  if (bytes > 4)
    g_byte_array_append (to, head + 4, (guint) bytes - 4);
  dmix_box_end (to, box);
}

static void
put_stsd (GByteArray *to, const DmixTrack *track)
{
  const guint stsd = dmix_box_begin (to, "stsd");
  GBytes *header = dmix_track_header (track);
  gsize bytes;
  const guint8 *data = g_bytes_get_data (header, &bytes);
  const gboolean aac = g_str_equal (track->codec, "aac");
  const gboolean opus = g_str_equal (track->codec, "opus");
  guint entry;

  dmix_box_put (to, 0, 4);
  dmix_box_put (to, 1, 4);
  entry = dmix_box_begin (to, aac ? "mp4a" : opus ? "Opus" : "fLaC");
  dmix_box_put (to, 0, 6);
  dmix_box_put (to, 1, 2);
  dmix_box_put (to, 0, 8);
  dmix_box_put (to, (guint64) track->channels, 2);
  dmix_box_put (to, aac || opus ? 16 : 24, 2);
  dmix_box_put (to, 0, 4);
  dmix_box_put (to, track->rate <= 65535 ? (guint64) track->rate << 16 : 0, 4);
  if (aac)
    put_esds (to, data, bytes);
  else if (opus)
    put_dops (to, data, bytes);
  else
    put_dfla (to, data, bytes);
  dmix_box_end (to, entry);
  dmix_box_end (to, stsd);
  g_bytes_unref (header);
}

/*** sample tables ***/

static void
put_stts (GByteArray *to, const DmixTrack *track)
{
  const guint box = dmix_box_begin (to, "stts"), count_at = to->len + 4;
  guint entries = 0, count = 0, frames = 0;

  dmix_box_put (to, 0, 8);
  for (guint i = 0; i <= track->packets->len; i++) {
    const gboolean end = i == track->packets->len;
    const guint now =
        end ? 0 : g_array_index (track->packets, DmixPacket, i).frames;

    if (count && (end || now != frames)) {
      dmix_box_put (to, count, 4);
      dmix_box_put (to, frames, 4);
      entries++;
      count = 0;
    }
    frames = now;
    count++;
  }
  GST_WRITE_UINT32_BE (to->data + count_at, entries);
  dmix_box_end (to, box);
}

static void
put_stsc (GByteArray *to, const GArray *runs)
{
  const guint box = dmix_box_begin (to, "stsc"), count_at = to->len + 4;
  guint entries = 0, last = 0;

  dmix_box_put (to, 0, 8);
  for (guint i = 0; i < runs->len; i++) {
    const guint run = g_array_index (runs, guint, i);

    if (run == last)
      continue;
    dmix_box_put (to, i + 1, 4);
    dmix_box_put (to, run, 4);
    dmix_box_put (to, 1, 4);
    last = run;
    entries++;
  }
  GST_WRITE_UINT32_BE (to->data + count_at, entries);
  dmix_box_end (to, box);
}

static void
put_stsz (GByteArray *to, const DmixTrack *track)
{
  const guint box = dmix_box_begin (to, "stsz");

  dmix_box_put (to, 0, 8);
  dmix_box_put (to, track->packets->len, 4);
  for (guint i = 0; i < track->packets->len; i++)
    dmix_box_put (to, g_array_index (track->packets, DmixPacket, i).bytes, 4);
  dmix_box_end (to, box);
}

static void
put_stbl (GByteArray *to, const DmixTrack *track, const GArray *runs,
    const GByteArray *offsets)
{
  const guint stbl = dmix_box_begin (to, "stbl");

  put_stsd (to, track);
  put_stts (to, track);
  put_stsc (to, runs);
  put_stsz (to, track);
  g_byte_array_append (to, offsets->data, offsets->len);
  dmix_box_end (to, stbl);
}

static void
put_mdhd (GByteArray *to, const DmixBox *old, const DmixTrack *track,
    guint64 total)
{
  const guint box = dmix_box_begin (to, "mdhd");
  guint language = 0x55c4; /* und */

  if (old && dmix_box_size (old) >= (old->data[0] ? 34 : 22))
    language = GST_READ_UINT16_BE (old->data + (old->data[0] ? 32 : 20));
  dmix_box_put (to, 1u << 24, 4);
  dmix_box_put (to, 0, 8);
  dmix_box_put (to, 0, 8);
  dmix_box_put (to, (guint64) track->rate, 4);
  dmix_box_put (to, total, 8);
  dmix_box_put (to, language, 2);
  dmix_box_put (to, 0, 2);
  dmix_box_end (to, box);
}

static guint64
count_frames (const DmixTrack *track)
{
  guint64 total = 0;

  for (guint i = 0; i < track->packets->len; i++)
    total += g_array_index (track->packets, DmixPacket, i).frames;
  return total;
}

/* The handler with a name of its own where the track has a title. */
static void
put_hdlr (GByteArray *to, const DmixBox *old, const gchar *title)
{
  guint box;

  if (!title) {
    put_box (to, old);
    return;
  }
  box = dmix_box_begin (to, "hdlr");
  g_byte_array_append (to, old->data, (guint) MIN (dmix_box_size (old), 24));
  g_byte_array_append (to, (const guint8 *) title, (guint) strlen (title) + 1);
  dmix_box_end (to, box);
}

static void
put_minf (GByteArray *to, const DmixBox *old, const DmixTrack *track,
    const GArray *runs, const GByteArray *offsets)
{
  const guint minf = dmix_box_begin (to, "minf");
  DmixBox box;

  for (const guint8 *at = old->data; dmix_box_read (at, old->end, &box);
       at = box.end)
    if (!dmix_box_is (&box, "stbl"))
      put_box (to, &box);
  put_stbl (to, track, runs, offsets);
  dmix_box_end (to, minf);
}

static void
put_mdia (GByteArray *to, const DmixBox *old, const DmixTrack *track,
    const GArray *runs, const GByteArray *offsets)
{
  const guint mdia = dmix_box_begin (to, "mdia");
  DmixBox box;

  for (const guint8 *at = old->data; dmix_box_read (at, old->end, &box);
       at = box.end) {
    if (dmix_box_is (&box, "mdhd"))
      put_mdhd (to, &box, track, count_frames (track));
    else if (dmix_box_is (&box, "hdlr"))
      put_hdlr (to, &box, track->title);
    else if (dmix_box_is (&box, "minf"))
      put_minf (to, &box, track, runs, offsets);
    else
      put_box (to, &box);
  }
  dmix_box_end (to, mdia);
}

void
dmix_mp4_put_track (GByteArray *to, const DmixGraft *graft, const DmixBox *old,
    guint32 id, guint32 movie_timescale, const GArray *runs,
    const GByteArray *offsets)
{
  const DmixTrack *track = graft->track;
  const guint trak = dmix_box_begin (to, "trak");
  DmixBox box;

  for (const guint8 *at = old->data; dmix_box_read (at, old->end, &box);
       at = box.end) {
    if (dmix_box_is (&box, "tkhd")) {
      dmix_mp4_put_tkhd (to, &box, id, movie_length (graft, movie_timescale),
          graft->add || !dmix_graft_is_default (graft, graft->replace));
      put_edits (to, graft, movie_timescale);
    } else if (dmix_box_is (&box, "mdia")) {
      put_mdia (to, &box, track, runs, offsets);
    } else if (!dmix_box_is (&box, "edts")
        && !(track->title && dmix_box_is (&box, "udta"))) {
      put_box (to, &box);
    }
  }
  dmix_box_end (to, trak);
}

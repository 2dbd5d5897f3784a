/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* MP4 and QuickTime (ISO/IEC 14496-12). Method: the chunks of the tracks that
 * stay are copied in their order, with those of the new track between them, into
 * one mdat behind moov; in moov only the chunk offsets and the boxes of the new
 * track are new, so that edit lists, times, chapters, covers and tags stay. */
#include "tools/chapters.h"
#include "tools/graft.h"
#include "tools/mp4track.h"

#include <string.h>

typedef struct
{
  guint64 from, bytes; /* of the film; from: of the scratch for the new track */
  guint64 to;          /* in the data of the new mdat */
  gint64 time;         /* ns, of video chunks and the new track; else -1 */
  gint track;          /* index; -1: the new track */
  guint first, count;  /* packets of the new track */
} Chunk;

typedef struct
{
  DmixBox box;
  guint32 id, kind;
  gboolean keep;
  GArray *chunks; /* of Chunk, in the order of its table */
} Trak;

typedef struct
{
  const DmixGraft *graft;
  DmixBox moov;
  GArray *traks;
  GPtrArray *order; /* of Chunk *, as they are written */
  GArray *added;    /* of Chunk, the new track */
  guint64 bytes;    /* of all chunks */
} Film;

static gboolean
damaged (const Film *film, const gchar *what, GError **error)
{
  dmix_error_set (error, DMIX_EXIT_INPUT, film->graft->path,
      "%s; write a copy in another container first (gst-launch-1.0 or ffmpeg)",
      what);
  return FALSE;
}

/*** chunk tables ***/

typedef struct
{
  DmixBox stsc, stsz, stts, offsets;
  gboolean wide;
} Tables;

static gboolean
find_tables (const Trak *trak, Tables *t)
{
  DmixBox stbl;

  if (!dmix_box_path (&trak->box, "mdia/minf/stbl", &stbl)
      || !dmix_box_find (&stbl, "stsc", &t->stsc)
      || !dmix_box_find (&stbl, "stsz", &t->stsz)
      || !dmix_box_find (&stbl, "stts", &t->stts))
    return FALSE;
  t->wide = dmix_box_find (&stbl, "co64", &t->offsets);
  return (t->wide || dmix_box_find (&stbl, "stco", &t->offsets))
      && dmix_box_size (&t->stsc) >= 8 && dmix_box_size (&t->stsz) >= 12
      && dmix_box_size (&t->stts) >= 8 && dmix_box_size (&t->offsets) >= 8;
}

static guint32
table_u32 (const DmixBox *box, guint64 at)
{
  return at + 4 <= dmix_box_size (box) ? GST_READ_UINT32_BE (box->data + at)
                                       : 0;
}

/* Time of a sample, walked from that before it. */
typedef struct
{
  guint entry;
  guint64 sample, time; /* of the entry's first sample */
} Clock;

static guint64
sample_time (const DmixBox *stts, Clock *clock, guint64 sample)
{
  const guint32 entries = table_u32 (stts, 4);

  while (clock->entry < entries) {
    const guint32 count = table_u32 (stts, 8 + 8 * (guint64) clock->entry);
    const guint32 delta = table_u32 (stts, 12 + 8 * (guint64) clock->entry);

    if (sample < clock->sample + count)
      return clock->time + (sample - clock->sample) * delta;
    clock->sample += count;
    clock->time += (guint64) count * delta;
    clock->entry++;
  }
  return clock->time;
}

static guint64
chunk_bytes (const Tables *t, guint64 sample, guint32 count)
{
  const guint32 same = table_u32 (&t->stsz, 4);
  guint64 bytes = 0;

  if (same)
    return (guint64) same * count;
  for (guint32 i = 0; i < count; i++)
    bytes += table_u32 (&t->stsz, 12 + 4 * (sample + i));
  return bytes;
}

static gboolean
read_chunks (Film *film, gint index, GError **error)
{
  Trak *trak = &g_array_index (film->traks, Trak, index);
  const guint32 timescale = MAX (dmix_box_timescale (&trak->box), 1);
  Tables t;
  Clock clock = { 0 };
  guint64 sample = 0;
  guint32 entry = 0, count;

  if (!find_tables (trak, &t))
    return damaged (film, "a track has no sample tables", error);
  if (table_u32 (&t.stsz, 4) == 1 && trak->kind == GST_STR_FOURCC ("soun"))
    return damaged (film, "it has sample tables of old QuickTime", error);
  count = table_u32 (&t.offsets, 4);
  for (guint32 i = 0; i < count; i++) {
    const guint64 at = 8 + (t.wide ? 8 : 4) * (guint64) i;
    Chunk chunk = { .track = index, .time = -1 };
    guint32 samples;

    while (entry + 1 < table_u32 (&t.stsc, 4)
        && table_u32 (&t.stsc, 8 + 12 * (guint64) (entry + 1)) <= i + 1)
      entry++;
    samples = table_u32 (&t.stsc, 12 + 12 * (guint64) entry);
    chunk.from = table_u32 (&t.offsets, at);
    if (t.wide)
      chunk.from = chunk.from << 32 | table_u32 (&t.offsets, at + 4);
    chunk.bytes = chunk_bytes (&t, sample, samples);
    if (trak->kind == GST_STR_FOURCC ("vide"))
      chunk.time =
          (gint64) gst_util_uint64_scale (sample_time (&t.stts, &clock, sample),
              GST_SECOND, timescale);
    sample += samples;
    g_array_append_val (trak->chunks, chunk);
  }
  return TRUE;
}

/*** the new track ***/

/* Half a second a chunk. */
static void
cut_chunks (Film *film)
{
  const DmixTrack *track = film->graft->track;
  const guint64 longest = (guint64) track->rate / 2;
  guint64 position = 0;
  Chunk chunk = { .track = -1 };
  guint64 in_chunk = 0;

  for (guint i = 0; i < track->packets->len; i++) {
    const DmixPacket *packet = &g_array_index (track->packets, DmixPacket, i);

    if (chunk.count == 0) {
      chunk.from = packet->offset;
      chunk.time =
          (gint64) gst_util_uint64_scale (position, GST_SECOND, track->rate);
      chunk.first = i;
    }
    chunk.bytes += packet->bytes;
    chunk.count++;
    in_chunk += packet->frames;
    position += packet->frames;
    if (in_chunk >= longest || i + 1 == track->packets->len) {
      g_array_append_val (film->added, chunk);
      chunk = (Chunk){ .track = -1 };
      in_chunk = 0;
    }
  }
}

static gint
by_place (gconstpointer a, gconstpointer b)
{
  const Chunk *const *x = a, *const *y = b;

  return ((*x)->from > (*y)->from) - ((*x)->from < (*y)->from);
}

/* The order of the film; a chunk of the new track stands before the first
 * chunk of pictures that is later. */
static void
order_chunks (Film *film)
{
  GPtrArray *kept = g_ptr_array_new ();
  guint next = 0;

  for (guint t = 0; t < film->traks->len; t++) {
    const Trak *trak = &g_array_index (film->traks, Trak, t);

    for (guint c = 0; trak->keep && c < trak->chunks->len; c++)
      g_ptr_array_add (kept, &g_array_index (trak->chunks, Chunk, c));
  }
  g_ptr_array_sort (kept, by_place);
  for (guint i = 0; i < kept->len; i++) {
    const Chunk *chunk = g_ptr_array_index (kept, i);

    while (next < film->added->len && chunk->time >= 0
        && g_array_index (film->added, Chunk, next).time <= chunk->time)
      g_ptr_array_add (film->order,
          &g_array_index (film->added, Chunk, next++));
    g_ptr_array_add (film->order, (gpointer) chunk);
  }
  while (next < film->added->len)
    g_ptr_array_add (film->order, &g_array_index (film->added, Chunk, next++));
  g_ptr_array_unref (kept);
  for (guint i = 0; i < film->order->len; i++) {
    Chunk *chunk = g_ptr_array_index (film->order, i);

    chunk->to = film->bytes;
    film->bytes += chunk->bytes;
  }
}

/*** moov ***/

static void
put_offsets (GByteArray *to, const GArray *chunks, guint64 base)
{
  const guint box = dmix_box_begin (to, "co64");

  dmix_box_put (to, 0, 4);
  dmix_box_put (to, chunks->len, 4);
  for (guint i = 0; i < chunks->len; i++)
    dmix_box_put (to, base + g_array_index (chunks, Chunk, i).to, 8);
  dmix_box_end (to, box);
}

/* A box with the chunk offsets inside replaced, however deep. */
static void
put_moved (GByteArray *to, const DmixBox *box, const GArray *chunks,
    guint64 base)
{
  static const gchar *const around[] = { "trak", "mdia", "minf", "stbl" };
  DmixBox child;
  guint begun;

  if (dmix_box_is (box, "stco") || dmix_box_is (box, "co64")) {
    put_offsets (to, chunks, base);
    return;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (around); i++) {
    if (!dmix_box_is (box, around[i]))
      continue;
    begun = dmix_box_begin (to, around[i]);
    for (const guint8 *at = box->data; dmix_box_read (at, box->end, &child);
         at = child.end)
      put_moved (to, &child, chunks, base);
    dmix_box_end (to, begun);
    return;
  }
  g_byte_array_append (to, box->start, (guint) (box->end - box->start));
}

/* A kept trak; in a copy its edits are made anew. */
static void
put_kept (const Film *film, GByteArray *to, const Trak *trak, guint32 timescale,
    guint64 base)
{
  const guint64 later =
      gst_util_uint64_scale_round ((guint64) film->graft->shift_ns, timescale,
          GST_SECOND);
  DmixBox tkhd, child;
  GArray *edits;
  guint begun;

  if (!film->graft->dress || !dmix_box_find (&trak->box, "tkhd", &tkhd)) {
    put_moved (to, &trak->box, trak->chunks, base);
    return;
  }
  begun = dmix_box_begin (to, "trak");
  edits = dmix_mp4_read_edits (&trak->box, later, timescale);
  dmix_mp4_put_tkhd (to, &tkhd, trak->id, dmix_mp4_count_edits (edits),
      !dmix_graft_is_default (film->graft, trak->id));
  dmix_mp4_put_edits (to, edits);
  g_array_unref (edits);
  for (const guint8 *at = trak->box.data;
       dmix_box_read (at, trak->box.end, &child); at = child.end)
    if (!dmix_box_is (&child, "tkhd") && !dmix_box_is (&child, "edts"))
      put_moved (to, &child, trak->chunks, base);
  dmix_box_end (to, begun);
}

static void
put_new (const Film *film, GByteArray *to, const Trak *old, guint32 id,
    guint32 movie_timescale, guint64 base)
{
  GArray *runs = g_array_new (FALSE, FALSE, sizeof (guint));
  GByteArray *offsets = g_byte_array_new ();

  for (guint i = 0; i < film->added->len; i++)
    g_array_append_val (runs, g_array_index (film->added, Chunk, i).count);
  put_offsets (offsets, film->added, base);
  dmix_mp4_put_track (to, film->graft, &old->box, id, movie_timescale, runs,
      offsets);
  g_array_unref (runs);
  g_byte_array_unref (offsets);
}

/* The metadata with the chapters of a copy. */
static void
put_udta (const Film *film, GByteArray *to, const DmixBox *old)
{
  const guint udta = dmix_box_begin (to, "udta");

  if (old)
    g_byte_array_append (to, old->data, (guint) dmix_box_size (old));
  dmix_chapters_put_mp4 (to, film->graft->dress->chapters);
  dmix_box_end (to, udta);
}

static GByteArray *
make_moov (const Film *film, guint64 base)
{
  GByteArray *to = g_byte_array_new ();
  const guint moov = dmix_box_begin (to, "moov");
  const Trak *chosen = NULL;
  guint32 timescale = 1000, next_id = 1;
  const gboolean chapters =
      film->graft->dress && film->graft->dress->chapters->len;
  gboolean has_udta = FALSE;
  guint index = 0;
  DmixBox box;

  for (guint t = 0; t < film->traks->len; t++) {
    const Trak *trak = &g_array_index (film->traks, Trak, t);

    next_id = MAX (next_id, trak->id + 1);
    if (trak->id == film->graft->replace)
      chosen = trak;
  }
  for (const guint8 *at = film->moov.data;
       dmix_box_read (at, film->moov.end, &box); at = box.end) {
    if (dmix_box_is (&box, "mvhd")) {
      timescale = dmix_mp4_put_mvhd (to, &box, film->graft,
          next_id + (film->graft->add ? 1 : 0));
    } else if (dmix_box_is (&box, "trak")) {
      const Trak *trak = &g_array_index (film->traks, Trak, index++);

      if (trak->keep)
        put_kept (film, to, trak, timescale, base);
      if (trak == chosen)
        put_new (film, to, trak, film->graft->add ? next_id : trak->id,
            timescale, base);
    } else if (chapters && dmix_box_is (&box, "udta")) {
      put_udta (film, to, &box);
      has_udta = TRUE;
    } else {
      g_byte_array_append (to, box.start, (guint) (box.end - box.start));
    }
  }
  if (chapters && !has_udta)
    put_udta (film, to, NULL);
  dmix_box_end (to, moov);
  return to;
}

/*** the file ***/

static gboolean
read_traks (Film *film, GError **error)
{
  gboolean found = FALSE;
  DmixBox box;

  for (const guint8 *at = film->moov.data;
       dmix_box_read (at, film->moov.end, &box); at = box.end) {
    Trak trak = { box };

    if (!dmix_box_is (&box, "trak"))
      continue;
    trak.id = dmix_box_track_id (&box);
    trak.kind = dmix_box_handler (&box);
    trak.keep = TRUE;
    if (trak.id == film->graft->replace) {
      found = TRUE;
      trak.keep = film->graft->add;
    } else if (trak.kind == GST_STR_FOURCC ("soun")) {
      trak.keep = !film->graft->drop_others;
    }
    trak.chunks = g_array_new (FALSE, FALSE, sizeof (Chunk));
    g_array_append_val (film->traks, trak);
    if (!read_chunks (film, (gint) film->traks->len - 1, error))
      return FALSE;
  }
  return found || damaged (film, "its sound track has no entry", error);
}

static gboolean
write_chunks (const Film *film, const guint8 *data, gsize size, GError **error)
{
  GByteArray *piece = g_byte_array_new ();
  gboolean good = TRUE;

  for (guint i = 0; good && i < film->order->len; i++) {
    const Chunk *chunk = g_ptr_array_index (film->order, i);

    if (chunk->track >= 0 && chunk->from + chunk->bytes > size) {
      good = damaged (film, "the end of the file is missing", error);
    } else if (chunk->track >= 0) {
      good = dmix_graft_write (film->graft->out, data + chunk->from,
          chunk->bytes, error);
    } else {
      g_byte_array_set_size (piece, 0);
      for (guint p = 0; good && p < chunk->count; p++)
        good = dmix_track_read (film->graft->track, chunk->first + p, piece,
            error);
      good = good
          && dmix_graft_write (film->graft->out, piece->data, piece->len,
              error);
    }
  }
  g_byte_array_unref (piece);
  return good;
}

static gboolean
write_film (Film *film, const guint8 *data, gsize size, GError **error)
{
  GByteArray *head = g_byte_array_new (), *moov;
  gboolean good;
  DmixBox box;

  for (const guint8 *at = data; dmix_box_read (at, data + size, &box);
       at = box.end)
    if (!dmix_box_is (&box, "moov") && !dmix_box_is (&box, "mdat")
        && !dmix_box_is (&box, "free") && !dmix_box_is (&box, "skip")
        && !dmix_box_is (&box, "wide"))
      g_byte_array_append (head, box.start, (guint) (box.end - box.start));
  order_chunks (film);
  moov = make_moov (film, 0); /* its length does not depend on the offsets */
  {
    const guint64 base = head->len + moov->len + 16;

    g_byte_array_unref (moov);
    moov = make_moov (film, base);
  }
  g_byte_array_append (head, moov->data, moov->len);
  dmix_box_put (head, 1, 4);
  g_byte_array_append (head, (const guint8 *) "mdat", 4);
  dmix_box_put (head, film->bytes + 16, 8);
  good = dmix_graft_write (film->graft->out, head->data, head->len, error)
      && write_chunks (film, data, size, error);
  g_byte_array_unref (head);
  g_byte_array_unref (moov);
  return good;
}

gboolean
dmix_mp4_is (const guint8 *data, gsize size)
{
  static const gchar *const types[] = { "ftyp", "moov", "mdat", "wide", "free",
    "skip" };

  for (gsize i = 0; size > 8 && i < G_N_ELEMENTS (types); i++)
    if (memcmp (data + 4, types[i], 4) == 0)
      return TRUE;
  return FALSE;
}

gboolean
dmix_mp4_is_fragmented (const guint8 *data, gsize size)
{
  DmixBox box, mvex;

  for (const guint8 *at = data; dmix_box_read (at, data + size, &box);
       at = box.end)
    if (dmix_box_is (&box, "moov"))
      return dmix_box_find (&box, "mvex", &mvex);
  return FALSE;
}

gboolean
dmix_mp4_graft (const DmixGraft *graft, GError **error)
{
  Film film = { graft };
  const guint8 *data;
  GMappedFile *file;
  gboolean good;
  DmixBox whole;
  gsize size;

  if (!(file = dmix_graft_map (graft->path, &data, &size, error)))
    return FALSE;
  film.traks = g_array_new (FALSE, FALSE, sizeof (Trak));
  film.added = g_array_new (FALSE, FALSE, sizeof (Chunk));
  film.order = g_ptr_array_new ();
  whole = (DmixBox){ .start = data, .data = data, .end = data + size };
  good = dmix_box_find (&whole, "moov", &film.moov)
      || damaged (&film, "it has no index (moov): its recording was broken off",
          error);
  good = good && read_traks (&film, error);
  cut_chunks (&film);
  good = good && write_film (&film, data, size, error);
  for (guint t = 0; t < film.traks->len; t++)
    g_array_unref (g_array_index (film.traks, Trak, t).chunks);
  g_array_unref (film.traks);
  g_array_unref (film.added);
  g_ptr_array_unref (film.order);
  g_mapped_file_unref (file);
  return good;
}

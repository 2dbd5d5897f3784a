/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/mkvhead.h"

#include <string.h>

#define SEEK_BYTES 42 /* of an entry of the seek head */

gboolean
dmix_mkv_emit (DmixMkv *g, const GByteArray *bytes, GError **error)
{
  g->written += bytes->len;
  return dmix_graft_write (g->graft->out, bytes->data, bytes->len, error);
}

void
dmix_mkv_note_seek (DmixMkv *g, guint32 id)
{
  GByteArray *seek, *name;

  if (g->seek->len + SEEK_BYTES > DMIX_MKV_SEEK_ROOM - 24)
    return; /* players find the others on their way */
  seek = g_byte_array_new ();
  name = g_byte_array_new ();
  dmix_ebml_put_id (name, id);
  dmix_ebml_put_inside (seek, 0x53ab, name);
  dmix_ebml_put_uint (seek, 0x53ac, g->written);
  dmix_ebml_put_inside (g->seek, 0x4dbb, seek);
}

/*** tracks ***/

static const gchar *
codec_id (const gchar *codec)
{
  if (g_str_equal (codec, "flac"))
    return "A_FLAC";
  if (g_str_equal (codec, "opus"))
    return "A_OPUS";
  return g_str_equal (codec, "ac3") ? "A_AC3" : "A_AAC";
}

/* What the new track has from the old one: everything but the codec. */
static gboolean
is_of_codec (guint32 id)
{
  static const guint32 ids[] = { ID_NUMBER, ID_UID, ID_TYPE, 0x86, 0x63a2,
    0x258688, 0x56aa, 0x56bb, 0xe1, 0x23e383, 0x234e7a, 0x6d80, 0x9c, 0x6de7,
    0x6df8, 0x23314f, 0x537f, 0x7446, ID_CRC, ID_VOID };

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    if (ids[i] == id)
      return TRUE;
  return FALSE;
}

/* Flags of use: default, forced, for the hard of hearing, original, comment. */
static gboolean
is_flag (guint32 id)
{
  return id == ID_DEFAULT || (id >= 0x55aa && id <= 0x55af);
}

static void
put_audio (GByteArray *entry, const DmixTrack *track)
{
  GByteArray *audio = g_byte_array_new ();
  GBytes *header = dmix_track_header (track);
  gsize size;
  const guint8 *data = g_bytes_get_data (header, &size);

  dmix_ebml_put_text (entry, 0x86, codec_id (track->codec));
  if (size)
    dmix_ebml_put_data (entry, 0x63a2, data, size);
  if (g_str_equal (track->codec, "opus")) {
    dmix_ebml_put_uint (entry, 0x56aa,
        gst_util_uint64_scale_round (track->delay, GST_SECOND, track->rate));
    dmix_ebml_put_uint (entry, 0x56bb, 80 * GST_MSECOND);
  }
  dmix_ebml_put_double (audio, 0xb5, track->rate);
  dmix_ebml_put_uint (audio, 0x9f, track->channels);
  if (g_str_equal (track->codec, "flac"))
    dmix_ebml_put_uint (audio, 0x6264, 24);
  dmix_ebml_put_inside (entry, 0xe1, audio);
  g_bytes_unref (header);
}

/* A copy's name and flag are those of GStreamer's muxer. */
static gboolean
is_of_film (const DmixMkv *g, guint32 id)
{
  return g->graft->dress && (id == ID_NAME || id == ID_DEFAULT);
}

static void
put_of_film (const DmixMkv *g, GByteArray *entry, guint64 track)
{
  const gchar *title = dmix_graft_title (g->graft, track);

  if (!g->graft->dress)
    return;
  if (title && !(track == g->graft->replace && g->graft->track->title))
    dmix_ebml_put_text (entry, ID_NAME, title);
  if (!(track == g->graft->replace && g->graft->add))
    dmix_ebml_put_uint (entry, ID_DEFAULT,
        dmix_graft_is_default (g->graft, track));
}

/* An entry that stays. */
static void
put_kept (const DmixMkv *g, GByteArray *tracks, const DmixElement *entry)
{
  GByteArray *kept;
  const gchar *title;
  guint64 track;
  DmixElement e;

  if (!g->graft->dress) {
    dmix_ebml_put_element (tracks, entry);
    return;
  }
  kept = g_byte_array_new ();
  track = dmix_ebml_child_uint (entry, ID_NUMBER, 0);
  title = dmix_graft_title (g->graft, track);
  if (title)
    dmix_ebml_put_text (kept, ID_NAME, title);
  dmix_ebml_put_uint (kept, ID_DEFAULT,
      dmix_graft_is_default (g->graft, track));
  for (const guint8 *at = entry->data;
       dmix_ebml_read_element (at, entry->end, &e); at = e.end)
    if (!is_of_film (g, e.id) && e.id != ID_CRC)
      dmix_ebml_put_element (kept, &e);
  dmix_ebml_put_inside (tracks, ID_TRACK_ENTRY, kept);
}

static void
put_track (DmixMkv *g, GByteArray *tracks, const DmixElement *old)
{
  const DmixTrack *track = g->graft->track;
  GByteArray *entry = g_byte_array_new ();
  DmixElement e;

  dmix_ebml_put_uint (entry, ID_NUMBER, g->number);
  dmix_ebml_put_uint (entry, ID_UID, g->uid);
  dmix_ebml_put_uint (entry, ID_TYPE, DMIX_MKV_AUDIO);
  if (track->title)
    dmix_ebml_put_text (entry, ID_NAME, track->title);
  if (g->graft->add)
    dmix_ebml_put_uint (entry, ID_DEFAULT, 0);
  put_of_film (g, entry, g->graft->replace);
  for (const guint8 *at = old->data; dmix_ebml_read_element (at, old->end, &e);
       at = e.end) {
    if (is_of_codec (e.id) || is_of_film (g, e.id)
        || (track->title && e.id == ID_NAME)
        || (g->graft->add && is_flag (e.id)))
      continue;
    dmix_ebml_put_element (entry, &e);
  }
  put_audio (entry, track);
  dmix_ebml_put_inside (tracks, ID_TRACK_ENTRY, entry);
}

static void
drop_track (DmixMkv *g, const DmixElement *entry)
{
  guint64 *number = g_new (guint64, 1), *uid = g_new (guint64, 1);

  *number = dmix_ebml_child_uint (entry, ID_NUMBER, 0);
  *uid = dmix_ebml_child_uint (entry, ID_UID, 0);
  g_hash_table_add (g->dropped, number);
  g_hash_table_add (g->dropped_uids, uid);
}

/* Unlike those of the other tracks, and the same when the same film is remixed
 * again, so that results can be compared. */
static guint64
new_uid (const DmixElement *tracks)
{
  gchar *hash = g_compute_checksum_for_data (G_CHECKSUM_SHA256, tracks->data,
      (gsize) (tracks->end - tracks->data));
  guint64 uid;

  hash[14] = '\0'; /* 56 bit: never negative where it is read as signed */
  uid = g_ascii_strtoull (hash, NULL, 16) | 1;
  g_free (hash);
  return uid;
}

gboolean
dmix_mkv_copy_tracks (DmixMkv *g, const DmixElement *tracks, GError **error)
{
  GByteArray *inside = g_byte_array_new (), *out = g_byte_array_new ();
  guint64 most = 0;
  gboolean found = FALSE, good;
  DmixElement e;

  for (const guint8 *at = tracks->data;
       dmix_ebml_read_element (at, tracks->end, &e); at = e.end)
    if (e.id == ID_TRACK_ENTRY)
      most = MAX (most, dmix_ebml_child_uint (&e, ID_NUMBER, 0));
  g->number = g->graft->add ? most + 1 : g->graft->replace;
  g->uid = new_uid (tracks);
  for (const guint8 *at = tracks->data;
       dmix_ebml_read_element (at, tracks->end, &e); at = e.end) {
    const gboolean chosen = e.id == ID_TRACK_ENTRY
        && dmix_ebml_child_uint (&e, ID_NUMBER, 0) == g->graft->replace;

    if (e.id == ID_CRC)
      continue;
    if (e.id != ID_TRACK_ENTRY || (chosen && g->graft->add)
        || (!chosen
            && !(g->graft->drop_others
                && dmix_ebml_child_uint (&e, ID_TYPE, 0) == DMIX_MKV_AUDIO))) {
      if (e.id == ID_TRACK_ENTRY)
        put_kept (g, inside, &e);
      else
        dmix_ebml_put_element (inside, &e);
    } else {
      drop_track (g, &e);
    }
    if (chosen)
      put_track (g, inside, &e);
    found |= chosen;
  }
  dmix_mkv_note_seek (g, ID_TRACKS);
  dmix_ebml_put_inside (out, ID_TRACKS, inside);
  good = dmix_mkv_emit (g, out, error);
  g_byte_array_unref (out);
  if (good && !found) {
    dmix_error_set (error, DMIX_EXIT_INPUT, g->graft->path,
        "its sound track has no entry; the file is damaged");
    good = FALSE;
  }
  return good;
}

/*** other elements ***/

/* The duration becomes that of the new sound where that is longer. */
gboolean
dmix_mkv_copy_info (DmixMkv *g, const DmixElement *info, GError **error)
{
  const DmixTrack *track = g->graft->track;
  GByteArray *inside = g_byte_array_new (), *out = g_byte_array_new ();
  const gdouble end = ((gdouble) track->first + g->graft->origin_ns
                          + track->frames * 1e9 / track->rate)
      / g->scale;
  gboolean good;
  DmixElement e;

  for (const guint8 *at = info->data;
       dmix_ebml_read_element (at, info->end, &e); at = e.end) {
    if (e.id == ID_DURATION) {
      gdouble before = e.size == 4 ? GST_READ_FLOAT_BE (e.data)
          : e.size == 8            ? GST_READ_DOUBLE_BE (e.data)
                                   : 0;

      dmix_ebml_put_double (inside, ID_DURATION, MAX (before, end));
    } else if (e.id != ID_CRC) {
      dmix_ebml_put_element (inside, &e);
    }
  }
  dmix_mkv_note_seek (g, ID_INFO);
  dmix_ebml_put_inside (out, ID_INFO, inside);
  good = dmix_mkv_emit (g, out, error);
  g_byte_array_unref (out);
  return good;
}

/* Tags of tracks that went, mostly statistics, go with them. */
gboolean
dmix_mkv_copy_tags (DmixMkv *g, const DmixElement *tags, GError **error)
{
  GByteArray *inside = g_byte_array_new (), *out = g_byte_array_new ();
  gboolean good;
  DmixElement e, targets;

  for (const guint8 *at = tags->data;
       dmix_ebml_read_element (at, tags->end, &e); at = e.end) {
    guint64 uid = 0;

    if (e.id == ID_TAG && dmix_ebml_find_child (&e, ID_TARGETS, &targets))
      uid = dmix_ebml_child_uint (&targets, ID_TAG_TRACK_UID, 0);
    if (e.id != ID_CRC
        && !(uid && g_hash_table_contains (g->dropped_uids, &uid)))
      dmix_ebml_put_element (inside, &e);
  }
  dmix_mkv_note_seek (g, ID_TAGS);
  dmix_ebml_put_inside (out, ID_TAGS, inside);
  good = dmix_mkv_emit (g, out, error);
  g_byte_array_unref (out);
  return good;
}

gboolean
dmix_mkv_copy_whole (DmixMkv *g, const DmixElement *e, GError **error)
{
  dmix_mkv_note_seek (g, e->id);
  g->written += (guint64) (e->end - e->start);
  return dmix_graft_write (g->graft->out, e->start, (gsize) (e->end - e->start),
      error);
}

static void
put_cue (DmixMkv *g, GByteArray *cues, const DmixElement *point)
{
  GByteArray *out = g_byte_array_new ();
  gboolean any = FALSE;
  DmixElement e;

  for (const guint8 *at = point->data;
       dmix_ebml_read_element (at, point->end, &e); at = e.end) {
    guint64 number, place, *moved;
    GByteArray *one;

    if (e.id != 0xb7) { /* its time */
      dmix_ebml_put_element (out, &e);
      continue;
    }
    number = dmix_ebml_child_uint (&e, 0xf7, 0);
    place = dmix_ebml_child_uint (&e, 0xf1, 0);
    moved = g_hash_table_lookup (g->moved, &place);
    if (!moved || g_hash_table_contains (g->dropped, &number))
      continue;
    one = g_byte_array_new ();
    dmix_ebml_put_uint (one, 0xf7, number);
    dmix_ebml_put_uint (one, 0xf1, *moved);
    dmix_ebml_put_inside (out, 0xb7, one);
    any = TRUE;
  }
  if (any)
    dmix_ebml_put_inside (cues, 0xbb, out);
  else
    g_byte_array_unref (out);
}

gboolean
dmix_mkv_write_cues (DmixMkv *g, const DmixElement *cues, GError **error)
{
  GByteArray *inside = g_byte_array_new (), *out = g_byte_array_new ();
  gboolean good;
  DmixElement e;

  for (const guint8 *at = cues->data;
       dmix_ebml_read_element (at, cues->end, &e); at = e.end)
    if (e.id == 0xbb)
      put_cue (g, inside, &e);
  dmix_mkv_note_seek (g, ID_CUES);
  dmix_ebml_put_inside (out, ID_CUES, inside);
  good = dmix_mkv_emit (g, out, error);
  g_byte_array_unref (out);
  return good;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Matroska and WebM (RFC 9559). Method: clusters are written anew from the
 * blocks of the tracks that stay, with the blocks of the new track between
 * them; cues and the seek head are rebuilt, for positions change; every other
 * element is copied as it is. The file may have an unknown size (live). */
#include "tools/graft.h"

#include <string.h>
#include <unistd.h>

#define ID_EBML 0x1a45dfa3
#define ID_SEGMENT 0x18538067
#define ID_SEEK_HEAD 0x114d9b74
#define ID_INFO 0x1549a966
#define ID_TRACKS 0x1654ae6b
#define ID_CLUSTER 0x1f43b675
#define ID_CUES 0x1c53bb6b
#define ID_TAGS 0x1254c367
#define ID_CHAPTERS 0x1043a770
#define ID_ATTACHMENTS 0x1941a469
#define ID_VOID 0xec
#define ID_CRC 0xbf
#define ID_TIMESTAMP 0xe7
#define ID_SIMPLE_BLOCK 0xa3
#define ID_BLOCK_GROUP 0xa0
#define ID_BLOCK 0xa1
#define ID_POSITION 0xa7
#define ID_PREV_SIZE 0xab
#define ID_SCALE 0x2ad7b1
#define ID_DURATION 0x4489
#define ID_TRACK_ENTRY 0xae
#define ID_NUMBER 0xd7
#define ID_UID 0x73c5
#define ID_TYPE 0x83
#define ID_NAME 0x536e
#define ID_DEFAULT 0x88
#define ID_TAG 0x7373
#define ID_TARGETS 0x63c0
#define ID_TAG_TRACK_UID 0x63c5

#define UNKNOWN G_MAXUINT64
#define TYPE_VIDEO 1
#define TYPE_AUDIO 2
#define SEEK_ROOM 160   /* bytes for the seek head */
#define CLUSTER_MS 5000 /* of clusters that have the new track alone */

/*** reading ***/

typedef struct
{
  guint32 id;
  const guint8 *data; /* behind the header */
  guint64 size;       /* UNKNOWN: to the next element of its level */
  const guint8 *start, *end;
} Element;

/* Variable-size integer; bytes it takes, or 0. */
static guint
read_vint (const guint8 *at, const guint8 *end, guint64 *value)
{
  guint bytes = 1;

  if (at >= end || !*at)
    return 0;
  while (!(*at & (0x80 >> (bytes - 1))))
    bytes++;
  if (at + bytes > end)
    return 0;
  *value = *at & (0xff >> bytes);
  for (guint i = 1; i < bytes; i++)
    *value = *value << 8 | at[i];
  if (*value == (G_GUINT64_CONSTANT (1) << (7 * bytes)) - 1)
    *value = UNKNOWN;
  return bytes;
}

static gboolean
read_element (const guint8 *at, const guint8 *end, Element *e)
{
  guint64 id = 0;
  guint bytes = 0, more;

  if (at < end)
    for (bytes = 1; bytes <= 4 && !(*at & (0x80 >> (bytes - 1))); bytes++)
      ;
  if (bytes < 1 || bytes > 4 || at + bytes > end)
    return FALSE;
  for (guint i = 0; i < bytes; i++)
    id = id << 8 | at[i];
  more = read_vint (at + bytes, end, &e->size);
  if (!more)
    return FALSE;
  e->id = (guint32) id;
  e->start = at;
  e->data = at + bytes + more;
  if (e->size != UNKNOWN && e->size > (guint64) (end - e->data))
    e->size = (guint64) (end - e->data); /* a file that was cut */
  e->end = e->size == UNKNOWN ? end : e->data + e->size;
  return TRUE;
}

static gboolean
is_top (guint32 id)
{
  return id == ID_CLUSTER || id == ID_CUES || id == ID_TAGS || id == ID_INFO
      || id == ID_TRACKS || id == ID_CHAPTERS || id == ID_ATTACHMENTS
      || id == ID_SEEK_HEAD;
}

/* Where a cluster of unknown size ends. */
static void
find_end (Element *e, const guint8 *end)
{
  Element child;

  if (e->size != UNKNOWN)
    return;
  e->end = e->data;
  while (read_element (e->end, end, &child) && !is_top (child.id)
      && child.size != UNKNOWN)
    e->end = child.end;
  e->size = (guint64) (e->end - e->data);
}

static guint64
read_uint (const Element *e)
{
  guint64 value = 0;

  for (guint64 i = 0; i < MIN (e->size, 8); i++)
    value = value << 8 | e->data[i];
  return value;
}

static gboolean
find_child (const Element *parent, guint32 id, Element *child)
{
  const guint8 *at = parent->data;

  for (; read_element (at, parent->end, child); at = child->end)
    if (child->id == id)
      return TRUE;
  return FALSE;
}

static guint64
child_uint (const Element *parent, guint32 id, guint64 otherwise)
{
  Element child;

  return find_child (parent, id, &child) ? read_uint (&child) : otherwise;
}

/*** writing ***/

static void
put_id (GByteArray *to, guint32 id)
{
  for (gint shift = 24; shift >= 0; shift -= 8)
    if (id >> shift) {
      const guint8 byte = (guint8) (id >> shift);

      g_byte_array_append (to, &byte, 1);
    }
}

static void
put_be (GByteArray *to, guint64 value, guint bytes)
{
  while (bytes-- > 0) {
    const guint8 byte = (guint8) (value >> (8 * bytes));

    g_byte_array_append (to, &byte, 1);
  }
}

static void
put_size (GByteArray *to, guint64 size)
{
  put_be (to, size | G_GUINT64_CONSTANT (1) << 56, 8);
}

static void
put_data (GByteArray *to, guint32 id, gconstpointer data, gsize bytes)
{
  put_id (to, id);
  put_size (to, bytes);
  g_byte_array_append (to, data, (guint) bytes);
}

static void
put_uint (GByteArray *to, guint32 id, guint64 value)
{
  put_id (to, id);
  put_size (to, 8);
  put_be (to, value, 8);
}

static void
put_double (GByteArray *to, guint32 id, gdouble value)
{
  guint64 bits;

  memcpy (&bits, &value, 8);
  put_uint (to, id, bits);
}

static void
put_text (GByteArray *to, guint32 id, const gchar *text)
{
  put_data (to, id, text, strlen (text));
}

static void
put_inside (GByteArray *to, guint32 id, GByteArray *inside)
{
  put_data (to, id, inside->data, inside->len);
  g_byte_array_unref (inside);
}

static void
put_element (GByteArray *to, const Element *e)
{
  g_byte_array_append (to, e->start, (guint) (e->end - e->start));
}

/*** the job ***/

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
} Graft;

static gboolean
emit (Graft *g, const GByteArray *bytes, GError **error)
{
  g->written += bytes->len;
  return dmix_graft_write (g->graft->out, bytes->data, bytes->len, error);
}

static void
note_seek (Graft *g, guint32 id)
{
  GByteArray *seek = g_byte_array_new (), *name = g_byte_array_new ();

  put_id (name, id);
  put_inside (seek, 0x53ab, name);
  put_uint (seek, 0x53ac, g->written);
  put_inside (g->seek, 0x4dbb, seek);
}

/* Time of the waiting packet in ticks; codecs without a field for their delay
 * begin earlier by it. */
static gint64
packet_tick (const Graft *g)
{
  const DmixTrack *track = g->graft->track;
  gint64 samples = (gint64) g->position, ns;

  if (!g_str_equal (track->codec, "opus"))
    samples -= track->delay;
  ns = (gint64) track->first + g->graft->origin_ns;
  ns += samples < 0 ? -(gint64) gst_util_uint64_scale_round ((guint64) -samples,
            GST_SECOND, track->rate)
                    : (gint64) gst_util_uint64_scale_round ((guint64) samples,
                        GST_SECOND, track->rate);
  return (ns + (gint64) g->scale / 2) / (gint64) g->scale;
}

static gboolean
has_packet (const Graft *g)
{
  return g->next < g->graft->track->packets->len;
}

static void
step_packet (Graft *g)
{
  g->position +=
      g_array_index (g->graft->track->packets, DmixPacket, g->next).frames;
  g->next++;
}

/* The packets before `until` go into the cluster that begins at `base`. */
static gboolean
insert_packets (Graft *g, gint64 base, gint64 until, GError **error)
{
  while (has_packet (g)) {
    const DmixPacket *packet =
        &g_array_index (g->graft->track->packets, DmixPacket, g->next);
    const gint64 tick = packet_tick (g);

    if (tick >= until || tick - base > G_MAXINT16)
      break;
    if (tick >= 0 && tick - base >= G_MININT16) {
      put_id (g->cluster, ID_SIMPLE_BLOCK);
      put_be (g->cluster, 0x10000000 | (packet->bytes + 5), 4);
      put_be (g->cluster, 0x4000 | g->number, 2);
      put_be (g->cluster, (guint16) (tick - base), 2);
      put_be (g->cluster, 0x80, 1);
      if (!dmix_track_read (g->graft->track, g->next, g->cluster, error))
        return FALSE;
    }
    step_packet (g);
  }
  return TRUE;
}

static gboolean
end_cluster (Graft *g, GError **error)
{
  GByteArray *out = g_byte_array_new ();
  gboolean good;

  put_data (out, ID_CLUSTER, g->cluster->data, g->cluster->len);
  g_byte_array_set_size (g->cluster, 0);
  good = emit (g, out, error);
  g_byte_array_unref (out);
  return good;
}

/* Clusters of the new track alone: before the first and behind the last. */
static gboolean
fill_until (Graft *g, gint64 until, GError **error)
{
  const gint64 length = CLUSTER_MS * 1000000LL / (gint64) g->scale;

  while (has_packet (g) && packet_tick (g) < until) {
    const gint64 base = MAX (packet_tick (g), 0);

    put_uint (g->cluster, ID_TIMESTAMP, (guint64) base);
    if (!insert_packets (g, base, MIN (until, base + MAX (length, 1)), error)
        || !end_cluster (g, error))
      return FALSE;
  }
  return TRUE;
}

static guint64
track_of (const Element *block)
{
  guint64 number = 0;

  read_vint (block->data, block->end, &number);
  return number;
}

static gint64
time_of (const Element *block, gint64 base)
{
  guint64 number;
  const guint bytes = read_vint (block->data, block->end, &number);

  if (!bytes || block->data + bytes + 2 > block->end)
    return base;
  return base + (gint16) GST_READ_UINT16_BE (block->data + bytes);
}

static gboolean
is_dropped (Graft *g, const Element *block)
{
  const guint64 number = track_of (block);

  return g_hash_table_contains (g->dropped, &number);
}

/* Time of the next cluster behind `at`, or the end of time. */
static gint64
next_cluster (Graft *g, const guint8 *at)
{
  Element e;

  for (; read_element (at, g->end, &e); at = e.end) {
    if (e.id == ID_CLUSTER)
      return (gint64) child_uint (&e, ID_TIMESTAMP, 0);
    if (e.size == UNKNOWN)
      break;
  }
  return G_MAXINT64;
}

static gboolean
copy_cluster (Graft *g, const Element *cluster, GError **error)
{
  const gint64 base = (gint64) child_uint (cluster, ID_TIMESTAMP, 0);
  guint64 *key = g_new (guint64, 1), *place = g_new (guint64, 1);
  Element e, block;

  if (!fill_until (g, base, error))
    return FALSE;
  *key = (guint64) (cluster->start - g->segment);
  *place = g->written;
  g_hash_table_insert (g->moved, key, place);
  put_uint (g->cluster, ID_TIMESTAMP, (guint64) base);
  for (const guint8 *at = cluster->data; read_element (at, cluster->end, &e);
       at = e.end) {
    if (e.id == ID_TIMESTAMP || e.id == ID_POSITION || e.id == ID_PREV_SIZE
        || e.id == ID_CRC || e.id == ID_VOID)
      continue;
    block = e;
    if (e.id == ID_SIMPLE_BLOCK
        || (e.id == ID_BLOCK_GROUP && find_child (&e, ID_BLOCK, &block))) {
      if (is_dropped (g, &block))
        continue;
      if (!insert_packets (g, base, time_of (&block, base), error))
        return FALSE;
    }
    put_element (g->cluster, &e);
  }
  return insert_packets (g, base, next_cluster (g, cluster->end), error)
      && end_cluster (g, error);
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

  put_text (entry, 0x86, codec_id (track->codec));
  if (size)
    put_data (entry, 0x63a2, data, size);
  if (g_str_equal (track->codec, "opus")) {
    put_uint (entry, 0x56aa,
        gst_util_uint64_scale_round (track->delay, GST_SECOND, track->rate));
    put_uint (entry, 0x56bb, 80 * GST_MSECOND);
  }
  put_double (audio, 0xb5, track->rate);
  put_uint (audio, 0x9f, track->channels);
  if (g_str_equal (track->codec, "flac"))
    put_uint (audio, 0x6264, 24);
  put_inside (entry, 0xe1, audio);
  g_bytes_unref (header);
}

static void
put_track (Graft *g, GByteArray *tracks, const Element *old)
{
  const DmixTrack *track = g->graft->track;
  GByteArray *entry = g_byte_array_new ();
  Element e;

  put_uint (entry, ID_NUMBER, g->number);
  put_uint (entry, ID_UID, g->uid);
  put_uint (entry, ID_TYPE, TYPE_AUDIO);
  if (track->title)
    put_text (entry, ID_NAME, track->title);
  if (g->graft->add)
    put_uint (entry, ID_DEFAULT, 0);
  for (const guint8 *at = old->data; read_element (at, old->end, &e);
       at = e.end) {
    if (is_of_codec (e.id) || (track->title && e.id == ID_NAME)
        || (g->graft->add && is_flag (e.id)))
      continue;
    put_element (entry, &e);
  }
  put_audio (entry, track);
  put_inside (tracks, ID_TRACK_ENTRY, entry);
}

static void
drop_track (Graft *g, const Element *entry)
{
  guint64 *number = g_new (guint64, 1), *uid = g_new (guint64, 1);

  *number = child_uint (entry, ID_NUMBER, 0);
  *uid = child_uint (entry, ID_UID, 0);
  g_hash_table_add (g->dropped, number);
  g_hash_table_add (g->dropped_uids, uid);
}

static gboolean
copy_tracks (Graft *g, const Element *tracks, GError **error)
{
  GByteArray *inside = g_byte_array_new (), *out = g_byte_array_new ();
  guint64 most = 0;
  gboolean found = FALSE, good;
  Element e;

  for (const guint8 *at = tracks->data; read_element (at, tracks->end, &e);
       at = e.end)
    if (e.id == ID_TRACK_ENTRY)
      most = MAX (most, child_uint (&e, ID_NUMBER, 0));
  g->number = g->graft->add ? most + 1 : g->graft->replace;
  g->uid = (guint64) g_random_int () << 31 | g_random_int () | 1;
  for (const guint8 *at = tracks->data; read_element (at, tracks->end, &e);
       at = e.end) {
    const gboolean chosen = e.id == ID_TRACK_ENTRY
        && child_uint (&e, ID_NUMBER, 0) == g->graft->replace;

    if (e.id == ID_CRC)
      continue;
    if (e.id != ID_TRACK_ENTRY || (chosen && g->graft->add)
        || (!chosen
            && !(g->graft->drop_others
                && child_uint (&e, ID_TYPE, 0) == TYPE_AUDIO)))
      put_element (inside, &e);
    else
      drop_track (g, &e);
    if (chosen)
      put_track (g, inside, &e);
    found |= chosen;
  }
  note_seek (g, ID_TRACKS);
  put_inside (out, ID_TRACKS, inside);
  good = emit (g, out, error);
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
static gboolean
copy_info (Graft *g, const Element *info, GError **error)
{
  const DmixTrack *track = g->graft->track;
  GByteArray *inside = g_byte_array_new (), *out = g_byte_array_new ();
  const gdouble end = ((gdouble) track->first + g->graft->origin_ns
                          + track->frames * 1e9 / track->rate)
      / g->scale;
  gboolean good;
  Element e;

  for (const guint8 *at = info->data; read_element (at, info->end, &e);
       at = e.end) {
    if (e.id == ID_DURATION) {
      gdouble before = e.size == 4 ? GST_READ_FLOAT_BE (e.data)
          : e.size == 8            ? GST_READ_DOUBLE_BE (e.data)
                                   : 0;

      put_double (inside, ID_DURATION, MAX (before, end));
    } else if (e.id != ID_CRC) {
      put_element (inside, &e);
    }
  }
  note_seek (g, ID_INFO);
  put_inside (out, ID_INFO, inside);
  good = emit (g, out, error);
  g_byte_array_unref (out);
  return good;
}

/* Tags of tracks that went, mostly statistics, go with them. */
static gboolean
copy_tags (Graft *g, const Element *tags, GError **error)
{
  GByteArray *inside = g_byte_array_new (), *out = g_byte_array_new ();
  gboolean good;
  Element e, targets;

  for (const guint8 *at = tags->data; read_element (at, tags->end, &e);
       at = e.end) {
    guint64 uid = 0;

    if (e.id == ID_TAG && find_child (&e, ID_TARGETS, &targets))
      uid = child_uint (&targets, ID_TAG_TRACK_UID, 0);
    if (e.id != ID_CRC
        && !(uid && g_hash_table_contains (g->dropped_uids, &uid)))
      put_element (inside, &e);
  }
  note_seek (g, ID_TAGS);
  put_inside (out, ID_TAGS, inside);
  good = emit (g, out, error);
  g_byte_array_unref (out);
  return good;
}

static gboolean
copy_whole (Graft *g, const Element *e, GError **error)
{
  note_seek (g, e->id);
  g->written += (guint64) (e->end - e->start);
  return dmix_graft_write (g->graft->out, e->start, (gsize) (e->end - e->start),
      error);
}

static void
put_cue (Graft *g, GByteArray *cues, const Element *point)
{
  GByteArray *out = g_byte_array_new ();
  gboolean any = FALSE;
  Element e;

  for (const guint8 *at = point->data; read_element (at, point->end, &e);
       at = e.end) {
    guint64 number, place, *moved;
    GByteArray *one;

    if (e.id != 0xb7) { /* its time */
      put_element (out, &e);
      continue;
    }
    number = child_uint (&e, 0xf7, 0);
    place = child_uint (&e, 0xf1, 0);
    moved = g_hash_table_lookup (g->moved, &place);
    if (!moved || g_hash_table_contains (g->dropped, &number))
      continue;
    one = g_byte_array_new ();
    put_uint (one, 0xf7, number);
    put_uint (one, 0xf1, *moved);
    put_inside (out, 0xb7, one);
    any = TRUE;
  }
  if (any)
    put_inside (cues, 0xbb, out);
  else
    g_byte_array_unref (out);
}

static gboolean
write_cues (Graft *g, const Element *cues, GError **error)
{
  GByteArray *inside = g_byte_array_new (), *out = g_byte_array_new ();
  gboolean good;
  Element e;

  for (const guint8 *at = cues->data; read_element (at, cues->end, &e);
       at = e.end)
    if (e.id == 0xbb)
      put_cue (g, inside, &e);
  note_seek (g, ID_CUES);
  put_inside (out, ID_CUES, inside);
  good = emit (g, out, error);
  g_byte_array_unref (out);
  return good;
}

static gboolean
copy_elements (Graft *g, GError **error)
{
  Element e, cues = { 0 };
  gboolean good = TRUE;

  for (const guint8 *at = g->segment; good && read_element (at, g->end, &e);
       at = e.end) {
    if (e.size == UNKNOWN && e.id != ID_CLUSTER)
      break;
    find_end (&e, g->end);
    if (e.id == ID_CUES)
      cues = e;
    else if (e.id == ID_CLUSTER)
      good = copy_cluster (g, &e, error);
    else if (e.id == ID_INFO)
      good = copy_info (g, &e, error);
    else if (e.id == ID_TRACKS)
      good = copy_tracks (g, &e, error);
    else if (e.id == ID_TAGS)
      good = copy_tags (g, &e, error);
    else if (e.id != ID_SEEK_HEAD && e.id != ID_VOID && e.id != ID_CRC)
      good = copy_whole (g, &e, error);
  }
  return good && fill_until (g, G_MAXINT64, error)
      && (!cues.data || write_cues (g, &cues, error));
}

/* The size of the segment and the seek head, in the room that was left. */
static gboolean
complete (Graft *g, GError **error)
{
  GByteArray *out = g_byte_array_new ();
  gboolean good;

  put_size (out, g->written);
  put_data (out, ID_SEEK_HEAD, g->seek->data, g->seek->len);
  if (out->len < 8 + SEEK_ROOM - 9) {
    const guint room = 8 + SEEK_ROOM - 9 - out->len;

    put_id (out, ID_VOID);
    put_size (out, room);
    g_byte_array_set_size (out, out->len + room);
    memset (out->data + out->len - room, 0, room);
  }
  good = pwrite (g->graft->out, out->data, out->len, g->segment_at - 8)
      == (gssize) out->len;
  if (!good)
    dmix_error_set (error, DMIX_EXIT_TRY_AGAIN, NULL,
        "the output cannot be written");
  g_byte_array_unref (out);
  return good;
}

static gboolean
open_segment (Graft *g, Element *ebml, GError **error)
{
  Element segment, info;

  if (!read_element (g->data, g->end, ebml) || ebml->id != ID_EBML
      || !read_element (ebml->end, g->end, &segment)
      || segment.id != ID_SEGMENT) {
    dmix_error_set (error, DMIX_EXIT_INPUT, g->graft->path,
        "the Matroska file is damaged at its start");
    return FALSE;
  }
  g->segment = segment.data;
  g->end = segment.end;
  g->scale = 1000000;
  if (find_child (&segment, ID_INFO, &info))
    g->scale = MAX (child_uint (&info, ID_SCALE, 1000000), 1);
  return TRUE;
}

gboolean
dmix_mkv_is (const guint8 *data, gsize size)
{
  return size > 4 && GST_READ_UINT32_BE (data) == ID_EBML;
}

gboolean
dmix_mkv_graft (const DmixGraft *graft, GError **error)
{
  Graft g = { graft };
  GByteArray *head = g_byte_array_new ();
  GMappedFile *file;
  gsize size;
  Element ebml;
  gboolean good;

  if (!(file = dmix_graft_map (graft->path, &g.data, &size, error)))
    return FALSE;
  g.end = g.data + size;
  g.dropped = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g.dropped_uids =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g.moved = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  g.seek = g_byte_array_new ();
  g.cluster = g_byte_array_new ();
  good = open_segment (&g, &ebml, error);
  if (good) {
    put_element (head, &ebml);
    put_id (head, ID_SEGMENT);
    g.segment_at = head->len + 8;
    g_byte_array_set_size (head, head->len + 8 + SEEK_ROOM);
    good = dmix_graft_write (graft->out, head->data, head->len, error);
    g.written = SEEK_ROOM;
  }
  good = good && copy_elements (&g, error) && complete (&g, error);
  g_hash_table_unref (g.dropped);
  g_hash_table_unref (g.dropped_uids);
  g_hash_table_unref (g.moved);
  g_byte_array_unref (g.seek);
  g_byte_array_unref (g.cluster);
  g_byte_array_unref (head);
  g_mapped_file_unref (file);
  return good;
}

/*** the clock ***/

/* Blocks come in decoding order: the earliest of the first clusters. */
static gboolean
first_block (const Graft *g, guint64 number, gint64 *tick)
{
  guint clusters = 0;
  gboolean found = FALSE;
  Element e, child, block;

  for (const guint8 *at = g->segment;
       clusters < 3 && read_element (at, g->end, &e); at = e.end) {
    gint64 base;

    if (e.size == UNKNOWN && e.id != ID_CLUSTER)
      break;
    find_end (&e, g->end);
    if (e.id != ID_CLUSTER)
      continue;
    clusters++;
    base = (gint64) child_uint (&e, ID_TIMESTAMP, 0);
    for (const guint8 *in = e.data; read_element (in, e.end, &child);
         in = child.end) {
      block = child;
      if (child.id != ID_SIMPLE_BLOCK
          && !(child.id == ID_BLOCK_GROUP
              && find_child (&child, ID_BLOCK, &block)))
        continue;
      if (track_of (&block) != number)
        continue;
      if (!found || time_of (&block, base) < *tick)
        *tick = time_of (&block, base);
      found = TRUE;
    }
  }
  return found;
}

gboolean
dmix_mkv_first_picture (const gchar *path, gint64 *time_ns, GError **error)
{
  const DmixGraft graft = { path };
  Graft g = { &graft };
  Element ebml, segment, tracks, e;
  GMappedFile *file;
  gboolean found = FALSE;
  gsize size;
  gint64 tick = 0;

  if (!(file = dmix_graft_map (path, &g.data, &size, error)))
    return FALSE;
  g.end = g.data + size;
  if (!open_segment (&g, &ebml, error)) {
    g_mapped_file_unref (file);
    return FALSE;
  }
  segment.data = g.segment;
  segment.end = g.end;
  if (find_child (&segment, ID_TRACKS, &tracks))
    for (const guint8 *at = tracks.data;
         !found && read_element (at, tracks.end, &e); at = e.end)
      if (e.id == ID_TRACK_ENTRY && child_uint (&e, ID_TYPE, 0) == TYPE_VIDEO)
        found = first_block (&g, child_uint (&e, ID_NUMBER, 0), &tick);
  *time_ns = tick * (gint64) g.scale;
  g_mapped_file_unref (file);
  if (!found)
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "no picture is in the first clusters of the file");
  return found;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Matroska and WebM (RFC 9559). Method: clusters are written anew from the
 * blocks of the tracks that stay, with the blocks of the new track between
 * them; cues and the seek head are rebuilt, for positions change; every other
 * element is copied as it is. The file may have an unknown size (live). */
#include "tools/chapters.h"
#include "tools/mkvhead.h"

#include <string.h>
#include <unistd.h>

#define CLUSTER_MS 5000 /* of clusters that have the new track alone */

/* Time of the waiting packet in ticks; codecs without a field for their delay
 * begin earlier by it. */
static gint64
packet_tick (const DmixMkv *g)
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
has_packet (const DmixMkv *g)
{
  return g->next < g->graft->track->packets->len;
}

static void
step_packet (DmixMkv *g)
{
  g->position +=
      g_array_index (g->graft->track->packets, DmixPacket, g->next).frames;
  g->next++;
}

/* The packets before `until` go into the cluster that begins at `base`. */
static gboolean
insert_packets (DmixMkv *g, gint64 base, gint64 until, GError **error)
{
  while (has_packet (g)) {
    const DmixPacket *packet =
        &g_array_index (g->graft->track->packets, DmixPacket, g->next);
    const gint64 tick = packet_tick (g);

    if (tick >= until || tick - base > G_MAXINT16)
      break;
    if (tick >= 0 && tick - base >= G_MININT16) {
      dmix_ebml_put_id (g->cluster, ID_SIMPLE_BLOCK);
      dmix_ebml_put_be (g->cluster, 0x10000000 | (packet->bytes + 5), 4);
      dmix_ebml_put_be (g->cluster, 0x4000 | g->number, 2);
      dmix_ebml_put_be (g->cluster, (guint16) (tick - base), 2);
      dmix_ebml_put_be (g->cluster, 0x80, 1);
      if (!dmix_track_read (g->graft->track, g->next, g->cluster, error))
        return FALSE;
    }
    step_packet (g);
  }
  return TRUE;
}

static gboolean
end_cluster (DmixMkv *g, GError **error)
{
  GByteArray *out = g_byte_array_new ();
  gboolean good;

  dmix_ebml_put_data (out, ID_CLUSTER, g->cluster->data, g->cluster->len);
  g_byte_array_set_size (g->cluster, 0);
  good = dmix_mkv_emit (g, out, error);
  g_byte_array_unref (out);
  return good;
}

/* Clusters of the new track alone: before the first and behind the last. */
static gboolean
fill_until (DmixMkv *g, gint64 until, GError **error)
{
  const gint64 length = CLUSTER_MS * 1000000LL / (gint64) g->scale;

  while (has_packet (g) && packet_tick (g) < until) {
    const gint64 base = MAX (packet_tick (g), 0);

    dmix_ebml_put_uint (g->cluster, ID_TIMESTAMP, (guint64) base);
    if (!insert_packets (g, base, MIN (until, base + MAX (length, 1)), error)
        || !end_cluster (g, error))
      return FALSE;
  }
  return TRUE;
}

guint64
dmix_mkv_track_of (const DmixElement *block)
{
  guint64 number = 0;

  dmix_ebml_read_vint (block->data, block->end, &number);
  return number;
}

gint64
dmix_mkv_time_of (const DmixElement *block, gint64 base)
{
  guint64 number;
  const guint bytes = dmix_ebml_read_vint (block->data, block->end, &number);

  if (!bytes || block->data + bytes + 2 > block->end)
    return base;
  return base + (gint16) GST_READ_UINT16_BE (block->data + bytes);
}

static gboolean
is_dropped (DmixMkv *g, const DmixElement *block)
{
  const guint64 number = dmix_mkv_track_of (block);

  return g_hash_table_contains (g->dropped, &number);
}

/* Time of the next cluster behind `at`, or the end of time. */
static gint64
next_cluster (DmixMkv *g, const guint8 *at)
{
  DmixElement e;

  for (; dmix_ebml_read_element (at, g->end, &e); at = e.end) {
    if (e.id == ID_CLUSTER)
      return (gint64) dmix_ebml_child_uint (&e, ID_TIMESTAMP, 0);
    if (e.size == DMIX_EBML_UNKNOWN)
      break;
  }
  return G_MAXINT64;
}

static gboolean
copy_cluster (DmixMkv *g, const DmixElement *cluster, GError **error)
{
  const gint64 base = (gint64) dmix_ebml_child_uint (cluster, ID_TIMESTAMP, 0);
  guint64 *key = g_new (guint64, 1), *place = g_new (guint64, 1);
  DmixElement e, block;

  if (!fill_until (g, base, error))
    return FALSE;
  *key = (guint64) (cluster->start - g->segment);
  *place = g->written;
  g_hash_table_insert (g->moved, key, place);
  dmix_ebml_put_uint (g->cluster, ID_TIMESTAMP, (guint64) base);
  for (const guint8 *at = cluster->data;
       dmix_ebml_read_element (at, cluster->end, &e); at = e.end) {
    if (e.id == ID_TIMESTAMP || e.id == ID_POSITION || e.id == ID_PREV_SIZE
        || e.id == ID_CRC || e.id == ID_VOID)
      continue;
    block = e;
    if (e.id == ID_SIMPLE_BLOCK
        || (e.id == ID_BLOCK_GROUP
            && dmix_ebml_find_child (&e, ID_BLOCK, &block))) {
      if (is_dropped (g, &block))
        continue;
      if (!insert_packets (g, base, dmix_mkv_time_of (&block, base), error))
        return FALSE;
    }
    dmix_ebml_put_element (g->cluster, &e);
  }
  return insert_packets (g, base, next_cluster (g, cluster->end), error)
      && end_cluster (g, error);
}

/* The cover of an MP4 as Matroska has it: an attachment of this name. */
static void
put_cover (GByteArray *to, const GstTagList *tags)
{
  GstSample *sample = NULL;
  GByteArray *file, *list;
  const gchar *type;
  GstMapInfo map;

  if (!tags || !gst_tag_list_get_sample (tags, GST_TAG_IMAGE, &sample))
    return;
  type = gst_structure_get_name (
      gst_caps_get_structure (gst_sample_get_caps (sample), 0));
  file = g_byte_array_new ();
  list = g_byte_array_new ();
  dmix_ebml_put_text (file, ID_FILE_NAME,
      g_str_has_suffix (type, "png") ? "cover.png" : "cover.jpg");
  dmix_ebml_put_text (file, ID_FILE_TYPE, type);
  dmix_ebml_put_uint (file, ID_FILE_UID, 1);
  if (gst_buffer_map (gst_sample_get_buffer (sample), &map, GST_MAP_READ)) {
    dmix_ebml_put_data (file, ID_FILE_DATA, map.data, map.size);
    gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
  }
  dmix_ebml_put_inside (list, ID_FILE, file);
  dmix_ebml_put_inside (to, ID_ATTACHMENTS, list);
  gst_sample_unref (sample);
}

static gboolean
put_lost_cover (DmixMkv *g, GError **error)
{
  GByteArray *out = g_byte_array_new ();
  gboolean good = TRUE;

  if (g->graft->dress)
    put_cover (out, g->graft->dress->cover);
  if (out->len) {
    dmix_mkv_note_seek (g, ID_ATTACHMENTS);
    good = dmix_mkv_emit (g, out, error);
  }
  g_byte_array_unref (out);
  return good;
}

/* The chapters that a copy has lost. */
static gboolean
put_chapters (DmixMkv *g, GError **error)
{
  const DmixTrack *track = g->graft->track;
  GByteArray *out = g_byte_array_new ();
  gboolean good = TRUE;

  if (g->graft->dress)
    dmix_chapters_put_mkv (out, g->graft->dress->chapters,
        (guint64) track->first
            + gst_util_uint64_scale (track->frames, GST_SECOND,
                (guint64) track->rate));
  if (out->len) {
    dmix_mkv_note_seek (g, ID_CHAPTERS);
    good = dmix_mkv_emit (g, out, error);
  }
  g_byte_array_unref (out);
  return good;
}

static gboolean
copy_elements (DmixMkv *g, GError **error)
{
  DmixElement e, cues = { 0 };
  gboolean good = TRUE;

  for (const guint8 *at = g->segment;
       good && dmix_ebml_read_element (at, g->end, &e); at = e.end) {
    if (e.size == DMIX_EBML_UNKNOWN && e.id != ID_CLUSTER)
      break;
    dmix_ebml_find_end (&e, g->end);
    if (e.id == ID_CUES)
      cues = e;
    else if (e.id == ID_CLUSTER)
      good = copy_cluster (g, &e, error);
    else if (e.id == ID_INFO)
      good = dmix_mkv_copy_info (g, &e, error);
    else if (e.id == ID_TRACKS)
      good = dmix_mkv_copy_tracks (g, &e, error) && put_chapters (g, error)
          && put_lost_cover (g, error);
    else if (e.id == ID_TAGS)
      good = dmix_mkv_copy_tags (g, &e, error);
    else if (e.id == ID_CHAPTERS && g->graft->dress
        && g->graft->dress->chapters->len)
      continue;
    else if (e.id != ID_SEEK_HEAD && e.id != ID_VOID && e.id != ID_CRC)
      good = dmix_mkv_copy_whole (g, &e, error);
  }
  return good && fill_until (g, G_MAXINT64, error)
      && (!cues.data || dmix_mkv_write_cues (g, &cues, error));
}

/* The size of the segment and the seek head, in the room that was left. */
static gboolean
complete (DmixMkv *g, GError **error)
{
  GByteArray *out = g_byte_array_new ();
  gboolean good;

  dmix_ebml_put_size (out, g->written);
  dmix_ebml_put_data (out, ID_SEEK_HEAD, g->seek->data, g->seek->len);
  if (out->len < 8 + DMIX_MKV_SEEK_ROOM - 9) {
    const guint room = 8 + DMIX_MKV_SEEK_ROOM - 9 - out->len;

    dmix_ebml_put_id (out, ID_VOID);
    dmix_ebml_put_size (out, room);
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

gboolean
dmix_mkv_open (DmixMkv *g, DmixElement *ebml, GError **error)
{
  DmixElement segment, info;

  if (!dmix_ebml_read_element (g->data, g->end, ebml) || ebml->id != ID_EBML
      || !dmix_ebml_read_element (ebml->end, g->end, &segment)
      || segment.id != ID_SEGMENT) {
    dmix_error_set (error, DMIX_EXIT_INPUT, g->graft->path,
        "the Matroska file is damaged at its start");
    return FALSE;
  }
  g->segment = segment.data;
  g->end = segment.end;
  g->scale = 1000000;
  if (dmix_ebml_find_child (&segment, ID_INFO, &info))
    g->scale = MAX (dmix_ebml_child_uint (&info, ID_SCALE, 1000000), 1);
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
  DmixMkv g = { graft };
  GByteArray *head = g_byte_array_new ();
  GMappedFile *file;
  gsize size;
  DmixElement ebml;
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
  good = dmix_mkv_open (&g, &ebml, error);
  if (good) {
    dmix_ebml_put_element (head, &ebml);
    dmix_ebml_put_id (head, ID_SEGMENT);
    g.segment_at = head->len + 8;
    g_byte_array_set_size (head, head->len + 8 + DMIX_MKV_SEEK_ROOM);
    good = dmix_graft_write (graft->out, head->data, head->len, error);
    g.written = DMIX_MKV_SEEK_ROOM;
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

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Transport streams (ISO/IEC 13818-1). Method: packets are copied as they are,
 * whatever they carry; those of the old sound are left out, those of the new one
 * stand before the first picture that is decoded later, and the programme map
 * names the new codec. A sound that its decoder delays begins earlier by that. */
#include "tools/graft.h"
#include "tools/tspacket.h"

#include <math.h>
#include <string.h>

#define PICTURES 20 /* the first in time is among so many of the first */
#define JUMP (10 * DMIX_TS_CLOCK) /* ticks from picture to picture */
#define BACK (DMIX_TS_CLOCK / 2)  /* ticks back, in decoding order */
#define PIECE (1 << 20)           /* bytes to write at once */

typedef struct
{
  const guint8 *data, *end; /* data: the first byte 0x47 */
  guint stride, before;     /* before: bytes before each packet */
  guint map_pid, video_pid, video_type, pcr_pid;
  guint sound_pid;
  GArray *map_pids; /* of guint, all programmes */
  gboolean used[DMIX_TS_PIDS];
  gint64 first; /* ticks, the first picture */
  gboolean any_picture, jumps;
} Film;

/*** looking ***/

/* The programmes of a PAT. */
static void
note_programmes (Film *film, const GByteArray *section)
{
  if (section->len < 12 || section->data[0] != 0)
    return;
  for (guint at = 8; at + 4 + 4 <= section->len; at += 4) {
    const guint pid = GST_READ_UINT16_BE (section->data + at + 2) & 0x1fff;

    if (GST_READ_UINT16_BE (section->data + at) != 0)
      g_array_append_val (film->map_pids, pid);
  }
}

static gboolean
is_map (const Film *film, guint pid)
{
  for (guint i = 0; i < film->map_pids->len; i++)
    if (g_array_index (film->map_pids, guint, i) == pid)
      return TRUE;
  return FALSE;
}

/* TRUE for the map of the programme with the sound. */
static gboolean
has_sound (const Film *film, const GByteArray *section)
{
  DmixTsEntry entry;

  for (gboolean more = dmix_ts_first_entry (section, &entry); more;
       more = dmix_ts_next_entry (section, &entry))
    if (entry.pid == film->sound_pid)
      return TRUE;
  return FALSE;
}

static void
note_map (Film *film, guint pid, const GByteArray *section)
{
  DmixTsEntry entry;

  if (film->map_pid || !has_sound (film, section))
    return;
  film->map_pid = pid;
  film->pcr_pid = GST_READ_UINT16_BE (section->data + 8) & 0x1fff;
  for (gboolean more = dmix_ts_first_entry (section, &entry); more;
       more = dmix_ts_next_entry (section, &entry))
    if (!film->video_pid && dmix_ts_is_video (&entry)) {
      film->video_pid = entry.pid;
      film->video_type = entry.type;
    }
}

/* TRUE where the codec's headers begin in this packet. GStreamer's parsers drop
 * the pictures before them. */
static gboolean
has_headers (const Film *film, const DmixTsPacket *packet)
{
  for (const guint8 *at = packet->payload; at + 4 <= packet->end; at++) {
    if (GST_READ_UINT24_BE (at) != 1)
      continue;
    if ((film->video_type == 0x1b && (at[3] & 0x1f) == 7)
        || (film->video_type == 0x24 && (at[3] >> 1 & 0x3f) == 33)
        || (film->video_type <= 2 && at[3] == 0xb3))
      return TRUE;
  }
  return film->video_type > 2 && film->video_type != 0x1b
      && film->video_type != 0x24;
}

/* Where the walk through the pictures is. */
typedef struct
{
  gint64 last;    /* decoding time of the last picture */
  guint pictures; /* since the headers */
  gboolean any, headers;
  gint64 waiting; /* presentation time of the one that has begun */
} Walk;

static void
note_picture (Film *film, Walk *walk, const DmixTsPacket *packet)
{
  guint64 pts, dts;

  if (dmix_ts_read_times (packet, &pts, &dts)) {
    const gint64 at =
        walk->any ? dmix_ts_unwrap (dts, walk->last) : (gint64) dts;

    film->jumps |=
        walk->any && (at < walk->last - BACK || at > walk->last + JUMP);
    walk->last = at;
    walk->any = TRUE;
    walk->waiting = dmix_ts_unwrap (pts, at);
    if (!film->any_picture || (walk->headers && ++walk->pictures <= PICTURES))
      film->first =
          film->any_picture ? MIN (film->first, walk->waiting) : walk->waiting;
    film->any_picture = TRUE;
  }
  if (!walk->headers && walk->any && has_headers (film, packet)) {
    walk->headers = TRUE;
    film->first = walk->waiting;
  }
}

static void
look (Film *film)
{
  DmixTsSections tables = { g_byte_array_new () },
                 maps = { g_byte_array_new () };
  DmixTsPacket packet;
  GByteArray *section;
  Walk walk = { 0 };

  for (const guint8 *at = film->data; at + DMIX_TS_BYTES <= film->end;
       at += film->stride) {
    if (!dmix_ts_read (at, &packet))
      continue;
    film->used[packet.pid] = TRUE;
    if (packet.pid == 0 && film->map_pids->len == 0) {
      dmix_ts_feed (&tables, &packet);
      while ((section = dmix_ts_take (&tables))) {
        note_programmes (film, section);
        g_byte_array_unref (section);
      }
    } else if (!film->map_pid && is_map (film, packet.pid)) {
      dmix_ts_feed (&maps, &packet);
      while ((section = dmix_ts_take (&maps))) {
        note_map (film, packet.pid, section);
        g_byte_array_unref (section);
      }
    } else if (packet.pid == film->video_pid && film->map_pid) {
      note_picture (film, &walk, &packet);
    }
  }
  g_byte_array_unref (tables.bytes);
  g_byte_array_unref (maps.bytes);
}

static gboolean
open_film (Film *film, const guint8 *data, gsize size, guint64 sound)
{
  film->stride = dmix_ts_stride (data, size);
  if (!film->stride)
    return FALSE;
  film->before = film->stride - DMIX_TS_BYTES;
  film->data = data + film->before;
  film->end = data + size;
  film->sound_pid = (guint) sound;
  film->map_pids = g_array_new (FALSE, FALSE, sizeof (guint));
  look (film);
  return TRUE;
}

/* The clock of the film must go on, and must not be in the sound. */
static gboolean
can_edit (const Film *film)
{
  return film->map_pid && film->video_pid && !film->jumps
      && film->pcr_pid != film->sound_pid;
}

/*** writing ***/

typedef struct
{
  const DmixGraft *graft;
  Film *film;
  GByteArray *out;
  guint pid, counter, map_counter; /* of the new sound; of the map */
  gboolean dropped[DMIX_TS_PIDS];
  guint8 stamp[4];
  guint next;       /* packet of the sound that waits */
  guint64 position; /* in samples, of that packet */
} Writer;

static const guint8 *
stamp_of (const Writer *w)
{
  return w->film->before ? w->stamp : NULL;
}

static gboolean
flush (Writer *w, guint more_than, GError **error)
{
  gboolean good = TRUE;

  if (w->out->len > more_than) {
    good = dmix_graft_write (w->graft->out, w->out->data, w->out->len, error);
    g_byte_array_set_size (w->out, 0);
  }
  return good;
}

/* Ticks by the clock of the film, of the waiting packet. */
static gint64
packet_ticks (const Writer *w)
{
  const DmixTrack *track = w->graft->track;
  const gdouble samples = (gdouble) w->position - track->delay;
  const gdouble ns = (gdouble) track->first + (gdouble) w->graft->origin_ns;

  return w->film->first
      + (gint64) floor (ns * DMIX_TS_CLOCK / 1e9
          + samples * DMIX_TS_CLOCK / track->rate + 0.5);
}

/* The header that AAC has in a transport stream before each packet (ADTS),
 * from its AudioSpecificConfig. */
static void
put_adts (GByteArray *to, const DmixTrack *track, guint bytes)
{
  GBytes *header = dmix_track_header (track);
  gsize size;
  const guint8 *config = g_bytes_get_data (header, &size);
  const guint length = bytes + 7;
  guint8 head[7] = { 0xff, 0xf1 };

  if (size >= 2) {
    const guint rate = (GST_READ_UINT16_BE (config) >> 7) & 15;
    const guint channels = config[1] >> 3 & 15;

    head[2] =
        (guint8) (((config[0] >> 3) - 1) << 6 | rate << 2 | channels >> 2);
    head[3] = (guint8) ((channels & 3) << 6);
  }
  head[3] |= (guint8) (length >> 11);
  head[4] = (guint8) (length >> 3);
  head[5] = (guint8) ((length & 7) << 5 | 0x1f);
  head[6] = 0xfc;
  g_byte_array_append (to, head, sizeof head);
  g_bytes_unref (header);
}

static gboolean
put_sound (Writer *w, gint64 until, GError **error)
{
  const DmixTrack *track = w->graft->track;
  const gboolean aac = g_str_equal (track->codec, "aac");
  gboolean good = TRUE;

  while (good && w->next < track->packets->len && packet_ticks (w) <= until) {
    const DmixPacket *packet =
        &g_array_index (track->packets, DmixPacket, w->next);
    GByteArray *pes = g_byte_array_new ();

    dmix_ts_put_header (pes, track->codec,
        (guint64) packet_ticks (w) & ((G_GUINT64_CONSTANT (1) << 33) - 1),
        packet->bytes + (aac ? 7 : 0));
    if (aac)
      put_adts (pes, track, packet->bytes);
    good = dmix_track_read (track, w->next, pes, error);
    dmix_ts_put_pes (w->out, w->pid, &w->counter, pes, stamp_of (w));
    g_byte_array_unref (pes);
    w->position += packet->frames;
    w->next++;
  }
  return good;
}

/* The map with the new sound in place of, or behind, the old one. */
static GByteArray *
edit_map (Writer *w, const GByteArray *section)
{
  GByteArray *to = g_byte_array_new ();
  DmixTsEntry entry;

  if (!has_sound (w->film, section)) {
    g_byte_array_append (to, section->data, section->len);
    return to;
  }
  for (gboolean more = dmix_ts_first_entry (section, &entry); more;
       more = dmix_ts_next_entry (section, &entry)) {
    const gboolean chosen = entry.pid == w->film->sound_pid;
    const gboolean keep = chosen
        ? w->graft->add
        : !(w->graft->drop_others && dmix_ts_is_audio (&entry));

    if (to->len == 0)
      g_byte_array_append (to, section->data,
          (guint) (entry.start - section->data));
    if (keep)
      g_byte_array_append (to, entry.start, (guint) (entry.end - entry.start));
    else
      w->dropped[entry.pid] = TRUE;
    if (chosen)
      dmix_ts_put_entry (to, w->pid, w->graft->track->codec, &entry);
  }
  dmix_ts_seal (to);
  return to;
}

static void
copy_map (Writer *w, DmixTsSections *maps, const DmixTsPacket *packet)
{
  GByteArray *section, *edited;

  dmix_ts_feed (maps, packet);
  while ((section = dmix_ts_take (maps))) {
    edited = edit_map (w, section);
    dmix_ts_put_section (w->out, w->film->map_pid, &w->map_counter, edited,
        stamp_of (w));
    g_byte_array_unref (edited);
    g_byte_array_unref (section);
  }
}

static gboolean
write_film (Writer *w, GError **error)
{
  const Film *film = w->film;
  DmixTsSections maps = { g_byte_array_new () };
  gint64 last = film->first;
  DmixTsPacket packet;
  gboolean good = TRUE;
  guint64 pts, dts;

  for (const guint8 *at = film->data; good && at + DMIX_TS_BYTES <= film->end;
       at += film->stride) {
    const gboolean whole = dmix_ts_read (at, &packet);

    if (film->before)
      memcpy (w->stamp, at - film->before, sizeof w->stamp);
    if (whole && packet.pid == film->map_pid) {
      copy_map (w, &maps, &packet);
      continue;
    }
    if (whole && w->dropped[packet.pid])
      continue;
    if (whole && packet.pid == film->video_pid && w->map_counter
        && dmix_ts_read_times (&packet, &pts, &dts)) {
      last = dmix_ts_unwrap (dts, last);
      good = put_sound (w, last, error);
    }
    g_byte_array_append (w->out, at - film->before, film->stride);
    good = good && flush (w, PIECE, error);
  }
  g_byte_array_unref (maps.bytes);
  return good && put_sound (w, G_MAXINT64, error) && flush (w, 0, error);
}

static guint
free_pid (const Film *film)
{
  guint pid = film->sound_pid;

  while (pid < 0x20 || film->used[pid])
    pid = pid + 1 < DMIX_TS_PIDS - 1 ? pid + 1 : 0x20;
  return pid;
}

gboolean
dmix_ts_is (const guint8 *data, gsize size)
{
  return dmix_ts_stride (data, size) != 0;
}

gboolean
dmix_ts_can_edit (const gchar *path, guint64 sound, guint *stride)
{
  Film *film = g_new0 (Film, 1);
  const guint8 *data;
  gsize size;
  GMappedFile *file = dmix_graft_map (path, &data, &size, NULL);
  gboolean can = FALSE;

  if (file && open_film (film, data, size, sound)) {
    can = can_edit (film);
    *stride = film->stride;
    g_array_unref (film->map_pids);
  }
  if (file)
    g_mapped_file_unref (file);
  g_free (film);
  return can;
}

gboolean
dmix_ts_graft (const DmixGraft *graft, GError **error)
{
  Film *film = g_new0 (Film, 1);
  Writer *w = g_new0 (Writer, 1);
  GMappedFile *file;
  const guint8 *data;
  gboolean good = FALSE;
  gsize size;

  if ((file = dmix_graft_map (graft->path, &data, &size, error))) {
    if (open_film (film, data, size, graft->replace) && can_edit (film)) {
      w->graft = graft;
      w->film = film;
      w->out = g_byte_array_new ();
      w->pid = graft->add ? free_pid (film) : film->sound_pid;
      w->dropped[film->sound_pid] = !graft->add;
      good = write_film (w, error);
      g_byte_array_unref (w->out);
    } else {
      dmix_error_set (error, DMIX_EXIT_INPUT, graft->path,
          "the transport stream has no programme with this sound and a "
          "picture; write .mkv");
    }
    if (film->map_pids)
      g_array_unref (film->map_pids);
    g_mapped_file_unref (file);
  }
  g_free (w);
  g_free (film);
  return good;
}

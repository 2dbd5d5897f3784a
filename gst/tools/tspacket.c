/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/tspacket.h"

#include <string.h>

#define SYNC 0x47
#define WRAP (G_GINT64_CONSTANT (1) << 33)
#define PAYLOAD 184 /* bytes of a packet behind its header */

guint
dmix_ts_stride (const guint8 *data, gsize size)
{
  static const guint strides[][2] = { { 188, 0 }, { 192, 4 } };

  for (gsize i = 0; i < G_N_ELEMENTS (strides); i++) {
    const guint stride = strides[i][0], at = strides[i][1];
    const guint packets = (guint) MIN (size / stride, 5);
    guint found = 0;

    for (guint p = 0; p < packets; p++)
      found += data[at + p * stride] == SYNC;
    if (packets && found == packets)
      return stride;
  }
  return 0;
}

gboolean
dmix_ts_read (const guint8 *at, DmixTsPacket *packet)
{
  const guint control = at[3] >> 4 & 3;

  if (at[0] != SYNC || at[1] & 0x80 || at[3] & 0xc0)
    return FALSE;
  packet->pid = GST_READ_UINT16_BE (at + 1) & 0x1fff;
  packet->begins = (at[1] & 0x40) != 0;
  packet->end = at + DMIX_TS_BYTES;
  packet->payload = at + 4;
  if (control & 2)
    packet->payload += 1 + at[4];
  if (!(control & 1) || packet->payload > packet->end)
    packet->payload = packet->end;
  return TRUE;
}

static guint64
read_ticks (const guint8 *at)
{
  return (guint64) (at[0] >> 1 & 7) << 30
      | (guint64) (GST_READ_UINT16_BE (at + 1) >> 1) << 15
      | GST_READ_UINT16_BE (at + 3) >> 1;
}

gboolean
dmix_ts_read_times (const DmixTsPacket *packet, guint64 *pts, guint64 *dts)
{
  const guint8 *at = packet->payload;

  if (!packet->begins || packet->end - at < 14 || GST_READ_UINT24_BE (at) != 1
      || !(at[7] & 0x80))
    return FALSE;
  *pts = *dts = read_ticks (at + 9);
  if (at[7] & 0x40 && packet->end - at >= 19)
    *dts = read_ticks (at + 14);
  return TRUE;
}

gint64
dmix_ts_unwrap (guint64 ticks, gint64 last)
{
  gint64 difference = ((gint64) ticks - last) % WRAP;

  if (difference < -WRAP / 2)
    difference += WRAP;
  else if (difference >= WRAP / 2)
    difference -= WRAP;
  return last + difference;
}

/*** sections ***/

static guint32
checksum (const guint8 *data, gsize bytes)
{
  guint32 sum = 0xffffffff;

  for (gsize i = 0; i < bytes; i++) {
    sum ^= (guint32) data[i] << 24;
    for (guint bit = 0; bit < 8; bit++)
      sum = sum << 1 ^ (sum & 0x80000000 ? 0x04c11db7 : 0);
  }
  return sum;
}

void
dmix_ts_feed (DmixTsSections *sections, const DmixTsPacket *packet)
{
  const guint8 *at = packet->payload;

  if (packet->begins && at < packet->end) {
    const guint8 *first = at + 1 + at[0];

    at = sections->going ? at + 1 : MIN (first, packet->end);
    sections->going = TRUE;
  }
  if (sections->going)
    g_byte_array_append (sections->bytes, at, (guint) (packet->end - at));
}

GByteArray *
dmix_ts_take (DmixTsSections *sections)
{
  GByteArray *bytes = sections->bytes, *section;
  guint length;

  while (bytes->len >= 3 && bytes->data[0] != 0xff) {
    length = 3 + (GST_READ_UINT16_BE (bytes->data + 1) & 0xfff);
    if (bytes->len < length)
      return NULL;
    section = g_byte_array_new ();
    g_byte_array_append (section, bytes->data, length);
    g_byte_array_remove_range (bytes, 0, length);
    if (checksum (section->data, length) == 0)
      return section;
    g_byte_array_unref (section); /* a packet was lost in it */
  }
  if (bytes->len && bytes->data[0] == 0xff) {
    g_byte_array_set_size (bytes, 0);
    sections->going = FALSE;
  }
  return NULL;
}

void
dmix_ts_seal (GByteArray *section)
{
  guint8 *length = section->data + 1;
  guint8 sum[4];

  GST_WRITE_UINT16_BE (length,
      (guint16) ((GST_READ_UINT16_BE (length) & 0xf000)
          | (section->len + 4 - 3)));
  GST_WRITE_UINT32_BE (sum, checksum (section->data, section->len));
  g_byte_array_append (section, sum, 4);
}

static gboolean
read_entry (const GByteArray *map, const guint8 *at, DmixTsEntry *entry)
{
  const guint8 *end = map->data + map->len - 4; /* the checksum */

  if (end - at < 5)
    return FALSE;
  entry->type = at[0];
  entry->pid = GST_READ_UINT16_BE (at + 1) & 0x1fff;
  entry->start = at;
  entry->descriptors = at + 5;
  entry->end = at + 5 + (GST_READ_UINT16_BE (at + 3) & 0xfff);
  return entry->end <= end;
}

gboolean
dmix_ts_first_entry (const GByteArray *map, DmixTsEntry *entry)
{
  if (map->len < 16 || map->data[0] != 2)
    return FALSE;
  return read_entry (map,
      map->data + 12 + (GST_READ_UINT16_BE (map->data + 10) & 0xfff), entry);
}

gboolean
dmix_ts_next_entry (const GByteArray *map, DmixTsEntry *entry)
{
  return read_entry (map, entry->end, entry);
}

gboolean
dmix_ts_is_video (const DmixTsEntry *entry)
{
  static const guint8 types[] = { 0x01, 0x02, 0x10, 0x1b, 0x21, 0x24, 0x33,
    0x42, 0xd1, 0xea };

  return memchr (types, (gint) entry->type, sizeof types) != NULL;
}

/* Private data (6) is sound where a descriptor of DVB or a registration says. */
gboolean
dmix_ts_is_audio (const DmixTsEntry *entry)
{
  static const guint8 types[] = { 0x03, 0x04, 0x0f, 0x11, 0x80, 0x81, 0x82,
    0x83, 0x84, 0x85, 0x86, 0x87, 0xa1, 0xa2 };
  static const guint8 tags[] = { 0x6a, 0x7a, 0x7b, 0x7c };

  if (memchr (types, (gint) entry->type, sizeof types))
    return TRUE;
  for (const guint8 *at = entry->descriptors;
       entry->type == 6 && at + 2 <= entry->end; at += 2 + at[1])
    if (memchr (tags, at[0], sizeof tags)
        || (at[0] == 5 && at + 6 <= entry->end
            && (memcmp (at + 2, "AC-3", 4) == 0
                || memcmp (at + 2, "Opus", 4) == 0)))
      return TRUE;
  return FALSE;
}

/* Audio, registration, MPEG-4 and MPEG-2 audio, AC-3, E-AC-3, DTS, AAC. */
static gboolean
is_of_codec (guint tag)
{
  static const guint8 tags[] = { 0x03, 0x05, 0x1c, 0x2b, 0x2e, 0x6a, 0x7a, 0x7b,
    0x7c, 0x7f, 0x81, 0xcc };

  return memchr (tags, (gint) tag, sizeof tags) != NULL;
}

void
dmix_ts_put_entry (GByteArray *to, guint pid, const gchar *codec,
    const DmixTsEntry *old)
{
  const gboolean ac3 = g_str_equal (codec, "ac3");
  const guint begun = to->len;
  guint8 head[5] = { ac3 ? 0x81 : 0x0f };

  GST_WRITE_UINT16_BE (head + 1, (guint16) (0xe000 | pid));
  g_byte_array_append (to, head, sizeof head);
  if (ac3)
    g_byte_array_append (to,
        (const guint8 *) "\x05\x04"
                         "AC-3",
        6);
  for (const guint8 *at = old ? old->descriptors : NULL;
       at && at + 2 <= old->end && at + 2 + at[1] <= old->end; at += 2 + at[1])
    if (!is_of_codec (at[0]))
      g_byte_array_append (to, at, 2u + at[1]);
  GST_WRITE_UINT16_BE (to->data + begun + 3,
      (guint16) (0xf000 | (to->len - begun - sizeof head)));
}

/*** writing ***/

/* A packet whose payload is these bytes (184 at most); what is missing is filled
 * by an adaptation field. */
static void
put_packet (GByteArray *to, guint pid, gboolean begins, guint *counter,
    const guint8 *data, guint bytes, const guint8 *stamp)
{
  const guint fill = PAYLOAD - bytes;
  guint8 head[4 + PAYLOAD];

  if (stamp)
    g_byte_array_append (to, stamp, 4);
  head[0] = SYNC;
  GST_WRITE_UINT16_BE (head + 1, (guint16) ((begins ? 0x4000 : 0) | pid));
  head[3] = (guint8) ((fill ? 0x30 : 0x10) | (*counter & 15));
  *counter += 1;
  if (fill) {
    memset (head + 4, 0xff, fill);
    head[4] = (guint8) (fill - 1);
    if (fill > 1)
      head[5] = 0;
  }
  g_byte_array_append (to, head, 4 + fill);
  g_byte_array_append (to, data, bytes);
}

void
dmix_ts_put_section (GByteArray *to, guint pid, guint *counter,
    const GByteArray *section, const guint8 *stamp)
{
  GByteArray *bytes = g_byte_array_new ();
  const guint8 pointer = 0;
  guint full;

  g_byte_array_append (bytes, &pointer, 1);
  g_byte_array_append (bytes, section->data, section->len);
  full = (bytes->len + PAYLOAD - 1) / PAYLOAD * PAYLOAD;
  while (bytes->len < full)
    g_byte_array_append (bytes, (const guint8 *) "\xff", 1);
  for (guint at = 0; at < full; at += PAYLOAD)
    put_packet (to, pid, at == 0, counter, bytes->data + at, PAYLOAD, stamp);
  g_byte_array_unref (bytes);
}

void
dmix_ts_put_pes (GByteArray *to, guint pid, guint *counter,
    const GByteArray *pes, const guint8 *stamp)
{
  for (guint at = 0; at < pes->len; at += PAYLOAD)
    put_packet (to, pid, at == 0, counter, pes->data + at,
        MIN (pes->len - at, PAYLOAD), stamp);
}

void
dmix_ts_put_header (GByteArray *to, const gchar *codec, guint64 ticks,
    guint bytes)
{
  guint8 head[14] = { 0, 0, 1, g_str_equal (codec, "ac3") ? 0xbd : 0xc0 };

  GST_WRITE_UINT16_BE (head + 4, (guint16) (bytes + 8));
  head[6] = 0x84; /* the sound begins behind the header */
  head[7] = 0x80;
  head[8] = 5;
  head[9] = (guint8) (0x21 | (ticks >> 30 & 7) << 1);
  GST_WRITE_UINT16_BE (head + 10, (guint16) ((ticks >> 15 & 0x7fff) << 1 | 1));
  GST_WRITE_UINT16_BE (head + 12, (guint16) ((ticks & 0x7fff) << 1 | 1));
  g_byte_array_append (to, head, sizeof head);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/track.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* Samples that libavcodec's AAC and AC-3 encoders put before the first. */
#define AAC_DELAY 1024
#define AAC_FRAME 1024
#define AC3_DELAY 256
#define AC3_FRAME 1536
#define OPUS_RATE 48000

DmixTrack *
dmix_track_new (const gchar *codec, gint scratch)
{
  DmixTrack *track = g_new0 (DmixTrack, 1);

  track->codec = g_strdup (codec);
  track->fd = scratch;
  track->packets = g_array_new (FALSE, FALSE, sizeof (DmixPacket));
  track->first = GST_CLOCK_TIME_NONE;
  return track;
}

void
dmix_track_free (DmixTrack *track)
{
  if (!track)
    return;
  if (track->fd >= 0)
    close (track->fd);
  g_array_unref (track->packets);
  gst_clear_caps (&track->caps);
  g_clear_error (&track->error);
  g_free (track->language);
  g_free (track->title);
  g_free (track->codec);
  g_free (track);
}

static gboolean
write_all (gint fd, const guint8 *data, gsize bytes)
{
  while (bytes > 0) {
    const gssize wrote = write (fd, data, bytes);

    if (wrote < 0 && errno == EINTR)
      continue;
    if (wrote <= 0)
      return FALSE;
    data += wrote;
    bytes -= (gsize) wrote;
  }
  return TRUE;
}

static void
keep_packet (DmixTrack *track, GstBuffer *buffer)
{
  const DmixPacket *last = track->packets->len
      ? &g_array_index (track->packets, DmixPacket, track->packets->len - 1)
      : NULL;
  DmixPacket packet = { last ? last->offset + last->bytes : 0 };
  GstMapInfo map;

  if (!GST_CLOCK_TIME_IS_VALID (track->first))
    track->first =
        GST_BUFFER_PTS_IS_VALID (buffer) ? GST_BUFFER_PTS (buffer) : 0;
  if (GST_BUFFER_DURATION_IS_VALID (buffer))
    packet.frames =
        (guint32) gst_util_uint64_scale_round (GST_BUFFER_DURATION (buffer),
            track->rate, GST_SECOND);
  if (g_str_equal (track->codec, "aac"))
    packet.frames = AAC_FRAME;
  else if (g_str_equal (track->codec, "ac3"))
    packet.frames = AC3_FRAME;
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  packet.bytes = (guint32) map.size;
  if (!write_all (track->fd, map.data, map.size) && !track->error)
    dmix_error_set_errno (&track->error, errno, NULL,
        "scratch file beside the output");
  gst_buffer_unmap (buffer, &map);
  g_array_append_val (track->packets, packet);
}

static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  DmixTrack *track = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) {
    if (!GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_HEADER))
      keep_packet (track, buffer);
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_CAPS) {
    GstCaps *caps;

    gst_event_parse_caps (GST_PAD_PROBE_INFO_EVENT (info), &caps);
    gst_caps_replace (&track->caps, caps);
  }
  /* an encoder goes on; the fault is told at the end, or by the disk itself */
  return GST_PAD_PROBE_OK;
}

GstElement *
dmix_track_sink (DmixTrack *track, gint bitrate, const GstAudioInfo *format,
    GError **error)
{
  GstElement *bin, *encoder, *sink;
  GstPad *pad;

  track->rate = g_str_equal (track->codec, "opus") ? OPUS_RATE : format->rate;
  track->channels = format->channels;
  if (format->channels > 2)
    gst_audio_channel_positions_to_mask (format->position, format->channels,
        FALSE, &track->mask);
  encoder = dmix_encode_codec (track->codec, bitrate, format, error);
  if (!encoder)
    return NULL;
  sink = gst_element_factory_make ("fakesink", NULL);
  g_object_set (sink, "sync", FALSE, NULL);
  bin = dmix_encode_bin (encoder, sink, track->codec, format, error);
  if (!bin)
    return NULL;
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_packet, track, NULL);
  gst_object_unref (pad);
  return bin;
}

static void
append_buffer (GByteArray *to, GstBuffer *buffer)
{
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_byte_array_append (to, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
}

#define STREAMINFO 42 /* bytes: "fLaC", the block's header and the block */

/* The layout in a comment, as FLAC has it, in place of other comments: without
 * it some players take 5.1 for 5.1(side). */
static void
put_flac_mask (GByteArray *bytes, guint64 mask)
{
  gchar *text =
      g_strdup_printf ("WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x%" G_GINT64_MODIFIER
                       "X",
          mask);
  const guint length = (guint) strlen (text);
  guint8 head[4 + 4 + 4 + 4 + 4] = { 0x84, 0, 0, (guint8) (length + 16), 4, 0,
    0, 0, 'd', 'm', 'i', 'x', 1, 0, 0, 0, (guint8) length, 0, 0, 0 };

  g_byte_array_set_size (bytes, STREAMINFO);
  bytes->data[4] &= 0x7f; /* not the last block any more */
  g_byte_array_append (bytes, head, sizeof head);
  g_byte_array_append (bytes, (const guint8 *) text, length);
  g_free (text);
}

GBytes *
dmix_track_header (const DmixTrack *track)
{
  const GstStructure *s = gst_caps_get_structure (track->caps, 0);
  const GValue *headers = gst_structure_get_value (s, "streamheader");
  const GValue *data = gst_structure_get_value (s, "codec_data");
  GByteArray *bytes = g_byte_array_new ();

  if (g_str_equal (track->codec, "aac") && data) {
    append_buffer (bytes, gst_value_get_buffer (data));
  } else if (headers) {
    guint count = gst_value_array_get_size (headers);

    if (g_str_equal (track->codec, "opus"))
      count = MIN (count, 1); /* the comment belongs to Ogg */
    for (guint i = 0; i < count; i++)
      append_buffer (bytes,
          gst_value_get_buffer (gst_value_array_get_value (headers, i)));
    if (g_str_equal (track->codec, "flac") && bytes->len > 9
        && memcmp (bytes->data,
               "\x7f"
               "FLAC",
               5)
            == 0)
      g_byte_array_remove_range (bytes, 0, 9); /* the mapping to Ogg */
    if (g_str_equal (track->codec, "flac") && bytes->len >= STREAMINFO
        && track->mask)
      put_flac_mask (bytes, track->mask);
  }
  return g_byte_array_free_to_bytes (bytes);
}

static guint
delay_of (const DmixTrack *track)
{
  guint delay = 0;

  if (g_str_equal (track->codec, "aac"))
    return AAC_DELAY;
  if (g_str_equal (track->codec, "ac3"))
    return AC3_DELAY;
  if (g_str_equal (track->codec, "opus")) {
    GBytes *header = dmix_track_header (track);
    gsize size;
    const guint8 *data = g_bytes_get_data (header, &size);

    delay = size >= 12 ? GST_READ_UINT16_LE (data + 10) : 0;
    g_bytes_unref (header);
  }
  return delay;
}

gboolean
dmix_track_complete (DmixTrack *track, guint64 frames,
    const GstAudioInfo *format, GError **error)
{
  if (track->error) {
    g_propagate_error (error, g_steal_pointer (&track->error));
    return FALSE;
  }
  if (!track->caps || track->packets->len == 0) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "the encoder for %s put nothing out", track->codec);
    return FALSE;
  }
  track->frames =
      gst_util_uint64_scale_ceil (frames, track->rate, format->rate);
  track->delay = delay_of (track);
  return TRUE;
}

gboolean
dmix_track_read (const DmixTrack *track, guint index, GByteArray *to,
    GError **error)
{
  const DmixPacket *packet = &g_array_index (track->packets, DmixPacket, index);
  const guint before = to->len;

  g_byte_array_set_size (to, before + packet->bytes);
  if (pread (track->fd, to->data + before, packet->bytes,
          (off_t) packet->offset)
      == (gssize) packet->bytes)
    return TRUE;
  dmix_error_set_errno (error, errno, NULL, "scratch file beside the output");
  return FALSE;
}

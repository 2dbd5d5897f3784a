/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Layout, as EBU Tech 3306 has it: "JUNK" of the size of "ds64" stands behind
 * "WAVE", so that a file that becomes too long for RIFF only changes names. The
 * format is WAVE_FORMAT_EXTENSIBLE, which has the channel mask. */
#include "tools/wav.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define HEADER 104 /* bytes: RIFF 12, JUNK 8 + 28, fmt 8 + 40, data 8 */
#define BITS 24

/* Chunks have even lengths. wavparse of GStreamer 1.22 takes a file that ends with
 * the byte that this needs for an empty one: a chunk behind it keeps it readable. */
static const guint8 odd_end[] = { 0, 'J', 'U', 'N', 'K', 4, 0, 0, 0, 0, 0, 0,
  0 };

static GstPadProbeReturn
prepend_room (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstMemory *room = gst_allocator_alloc (NULL, HEADER, NULL);

  gst_memory_resize (room, 0, HEADER);
  buffer = gst_buffer_make_writable (buffer);
  gst_buffer_prepend_memory (buffer, room);
  gst_buffer_memset (buffer, 0, 0, HEADER);
  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  return GST_PAD_PROBE_REMOVE;
}

/* fdsink begins at the start of the file whatever its descriptor points to. */
void
dmix_wav_begin (GstElement *sink)
{
  GstPad *pad = gst_element_get_static_pad (sink, "sink");

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, prepend_room, NULL, NULL);
  gst_object_unref (pad);
}

static guint8 *
put (guint8 *at, const gchar *name, guint64 value, guint bytes)
{
  if (name) {
    memcpy (at, name, 4);
    at += 4;
  }
  for (guint i = 0; i < bytes; i++)
    *at++ = (guint8) (value >> (8 * i));
  return at;
}

gboolean
dmix_wav_complete (const gchar *path, gint fd, const GstAudioInfo *format,
    GError **error)
{
  const off_t size = lseek (fd, 0, SEEK_END);
  const guint frame = format->channels * BITS / 8;
  guint8 header[HEADER], *at = header;
  guint64 data, all, mask = 0;
  gboolean large;

  if (size < HEADER) {
    dmix_error_set_errno (error, errno, path, "cannot be written");
    return FALSE;
  }
  data = (guint64) size - HEADER;
  if (data % 2 && write (fd, odd_end, sizeof odd_end) != sizeof odd_end) {
    dmix_error_set_errno (error, errno, path, "cannot be written");
    return FALSE;
  }
  all = data + (data % 2 ? sizeof odd_end : 0) + HEADER - 8;
  large = all > G_MAXUINT32;
  gst_audio_channel_positions_to_mask (format->position, format->channels,
      FALSE, &mask);
  if (format->channels == 1)
    mask = 4; /* the front centre */
  at = put (at, large ? "RF64" : "RIFF", large ? G_MAXUINT32 : all, 4);
  at = put (at, "WAVE", 0, 0);
  at = put (at, large ? "ds64" : "JUNK", 28, 4);
  at = put (at, NULL, large ? all : 0, 8);
  at = put (at, NULL, large ? data : 0, 8);
  at = put (at, NULL, large ? data / frame : 0, 8);
  at = put (at, NULL, 0, 4);
  at = put (at, "fmt ", 40, 4);
  at = put (at, NULL, 0xfffe, 2);
  at = put (at, NULL, format->channels, 2);
  at = put (at, NULL, format->rate, 4);
  at = put (at, NULL, (guint64) format->rate * frame, 4);
  at = put (at, NULL, frame, 2);
  at = put (at, NULL, BITS, 2);
  at = put (at, NULL, 22, 2);
  at = put (at, NULL, BITS, 2);
  at = put (at, NULL, mask, 4);
  at = put (at, NULL, 1, 4); /* PCM: 00000001-0000-0010-8000-00AA00389B71 */
  memcpy (at, "\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71", 12);
  at = put (at + 12, "data", large ? G_MAXUINT32 : data, 4);
  if (pwrite (fd, header, HEADER, 0) == HEADER)
    return TRUE;
  dmix_error_set_errno (error, errno, path, "cannot be written");
  return FALSE;
}

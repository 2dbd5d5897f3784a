/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the header is read here, filesrc and rawaudioparse play; a probe between
 * them cuts out what is no sound. The queue keeps filesrc pushing, for a parser
 * that pulls would pass the probe by. */
#include "tools/wavsource.h"
#include "tools/runner.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_CHUNKS 1000
#define LONG G_MAXINT32 /* bytes of sound that wavparse reads */

/* Sizes from here on, and of 2 GiB less 4 KiB, are those of programs that did not
 * know the length (pipes). */
#define UNKNOWN 0xfffff000u
#define UNKNOWN_SIGNED 0x7ffff000u

/* Wave64 has GUIDs in place of four letters, and sizes of 8 bytes that count the
 * chunk's header of 24. */
static const guint8 riff64[16] = "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1";
static const guint8 wave64[16] = "wave\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e";

typedef struct
{
  gint fd;
  guint64 size; /* of the file */
  gboolean is_w64, is_rf64;
  guint64 data_size; /* of "ds64", 0: none */
} File;

typedef struct
{
  guint8 name[4];
  guint64 offset, bytes; /* of its content */
} Chunk;

static gboolean
read_at (const File *file, guint64 offset, guint8 *to, gsize bytes)
{
  return pread (file->fd, to, bytes, (off_t) offset) == (gssize) bytes;
}

/* Reads the form and returns the place of the first chunk, 0: no WAV. */
static guint64
read_form (File *file)
{
  guint8 head[40];

  if (!read_at (file, 0, head, sizeof head))
    return 0;
  if (memcmp (head, riff64, 14) == 0 && memcmp (head + 24, wave64, 14) == 0) {
    file->is_w64 = TRUE;
    return sizeof head;
  }
  file->is_rf64 =
      memcmp (head, "RF64", 4) == 0 || memcmp (head, "BW64", 4) == 0;
  if ((file->is_rf64 || memcmp (head, "RIFF", 4) == 0)
      && memcmp (head + 8, "WAVE", 4) == 0)
    return 12;
  return 0;
}

static gboolean
read_chunk (const File *file, guint64 at, Chunk *chunk)
{
  guint8 head[24];
  const gsize length = file->is_w64 ? 24 : 8;

  if (at + length > file->size || !read_at (file, at, head, length))
    return FALSE;
  memcpy (chunk->name, head, 4);
  chunk->offset = at + length;
  chunk->bytes = file->is_w64 ? GST_READ_UINT64_LE (head + 16)
                              : GST_READ_UINT32_LE (head + 4);
  if (file->is_w64)
    chunk->bytes -= MIN (chunk->bytes, length);
  return TRUE;
}

static guint64
behind (const File *file, const Chunk *chunk)
{
  const guint64 align = file->is_w64 ? 8 : 2;

  return chunk->offset + (chunk->bytes + align - 1) / align * align;
}

static GstAudioFormat
format_of (guint tag, guint bits)
{
  if (tag == 3)
    return bits == 32 ? GST_AUDIO_FORMAT_F32LE
        : bits == 64  ? GST_AUDIO_FORMAT_F64LE
                      : GST_AUDIO_FORMAT_UNKNOWN;
  if (tag != 1)
    return GST_AUDIO_FORMAT_UNKNOWN;
  return bits == 8 ? GST_AUDIO_FORMAT_U8
      : bits == 16 ? GST_AUDIO_FORMAT_S16LE
      : bits == 24 ? GST_AUDIO_FORMAT_S24LE
      : bits == 32 ? GST_AUDIO_FORMAT_S32LE
                   : GST_AUDIO_FORMAT_UNKNOWN;
}

/* Positions by the mask of WAVE_FORMAT_EXTENSIBLE; without one mono and stereo
 * have theirs. */
static void
set_positions (guint64 mask, gint channels, GstAudioChannelPosition *position)
{
  if (channels == 1)
    position[0] = GST_AUDIO_CHANNEL_POSITION_MONO;
  else if (channels == 2 && !mask)
    gst_audio_channel_positions_from_mask (2, 3, position);
  else if (!mask
      || !gst_audio_channel_positions_from_mask (channels, mask, position))
    for (gint i = 0; i < channels; i++)
      position[i] = GST_AUDIO_CHANNEL_POSITION_NONE;
}

static gboolean
read_format (const File *file, const Chunk *chunk, GstAudioInfo *info)
{
  guint8 data[40] = { 0 };
  GstAudioChannelPosition position[64];
  GstAudioFormat format;
  guint tag, channels, rate;
  guint64 mask = 0;

  if (chunk->bytes < 16
      || !read_at (file, chunk->offset, data,
          (gsize) MIN (chunk->bytes, sizeof data)))
    return FALSE;
  tag = GST_READ_UINT16_LE (data);
  if (tag == 0xfffe && chunk->bytes >= 26) {
    mask = GST_READ_UINT32_LE (data + 20);
    tag = GST_READ_UINT16_LE (data + 24);
  }
  channels = GST_READ_UINT16_LE (data + 2);
  rate = GST_READ_UINT32_LE (data + 4);
  format = format_of (tag, GST_READ_UINT16_LE (data + 14));
  if (format == GST_AUDIO_FORMAT_UNKNOWN || channels < 1 || channels > 64
      || rate < 1 || rate > G_MAXINT32)
    return FALSE;
  set_positions (mask, (gint) channels, position);
  gst_audio_info_set_format (info, format, (gint) rate, (gint) channels,
      position);
  return TRUE;
}

/* Walks through the chunks up to the sound. */
static gboolean
find_sound (File *file, guint64 at, DmixWav *wav)
{
  gboolean has_format = FALSE;
  guint8 sizes[16];
  Chunk chunk;

  for (guint i = 0; i < MOST_CHUNKS && read_chunk (file, at, &chunk); i++) {
    if (memcmp (chunk.name, "fmt ", 4) == 0) {
      has_format = read_format (file, &chunk, &wav->format);
    } else if (memcmp (chunk.name, "ds64", 4) == 0
        && read_at (file, chunk.offset, sizes, sizeof sizes)) {
      file->data_size = GST_READ_UINT64_LE (sizes + 8);
    } else if (memcmp (chunk.name, "data", 4) == 0) {
      wav->offset = chunk.offset;
      wav->bytes = file->is_rf64 && chunk.bytes == G_MAXUINT32 ? file->data_size
                                                               : chunk.bytes;
      return has_format;
    }
    at = behind (file, &chunk);
  }
  return FALSE;
}

static gboolean
is_known (guint64 bytes)
{
  return bytes && bytes != G_MAXUINT64
      && !(bytes >= UNKNOWN_SIGNED && bytes <= G_MAXINT32)
      && !(bytes >= UNKNOWN && bytes <= G_MAXUINT32);
}

gboolean
dmix_wavsource_read (const gchar *path, DmixWav *wav)
{
  File file = { open (path, O_RDONLY | O_CLOEXEC) };
  struct stat info;
  gboolean good;
  guint64 first;

  if (file.fd < 0)
    return FALSE;
  good = fstat (file.fd, &info) == 0 && S_ISREG (info.st_mode);
  file.size = good ? (guint64) info.st_size : 0;
  first = good ? read_form (&file) : 0;
  good = first && find_sound (&file, first, wav);
  close (file.fd);
  if (!good)
    return FALSE;
  /* a recorder that was stopped leaves a size of 0 or a wrong one */
  wav->missing = 0;
  if (wav->bytes > file.size - wav->offset && is_known (wav->bytes))
    wav->missing = wav->bytes - (file.size - wav->offset);
  if (wav->bytes == 0 || wav->bytes > file.size - wav->offset)
    wav->bytes = file.size - wav->offset;
  if (!file.is_rf64 && !file.is_w64 && !wav->missing && wav->bytes <= LONG
      && !(wav->bytes % 2 && wav->offset + wav->bytes + 1 == file.size))
    return FALSE;
  wav->bytes -= wav->bytes % GST_AUDIO_INFO_BPF (&wav->format);
  return TRUE;
}

/*** playing ***/

typedef struct
{
  guint64 skip, left; /* bytes */
} Cut;

static GstPadProbeReturn
cut_sound (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Cut *cut = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info), *part;
  const guint64 size = gst_buffer_get_size (buffer);
  const guint64 skip = MIN (size, cut->skip);
  const guint64 rest = MIN (size - skip, cut->left);

  cut->skip -= skip;
  cut->left -= rest;
  if (rest == 0)
    return GST_PAD_PROBE_DROP;
  if (rest < size) {
    part = gst_buffer_copy_region (buffer, GST_BUFFER_COPY_MEMORY, skip, rest);
    gst_buffer_unref (buffer);
    GST_PAD_PROBE_INFO_DATA (info) = part;
  }
  return GST_PAD_PROBE_OK;
}

static void
set_raw (GstElement *parser, const GstAudioInfo *format)
{
  GValue positions = G_VALUE_INIT, position = G_VALUE_INIT;

  g_object_set (parser, "use-sink-caps", FALSE, "pcm-format",
      GST_AUDIO_INFO_FORMAT (format), "sample-rate", format->rate,
      "num-channels", format->channels, NULL);
  if (GST_AUDIO_INFO_IS_UNPOSITIONED (format))
    return;
  g_value_init (&positions, GST_TYPE_ARRAY);
  g_value_init (&position, GST_TYPE_AUDIO_CHANNEL_POSITION);
  for (gint i = 0; i < format->channels; i++) {
    g_value_set_enum (&position, format->position[i]);
    gst_value_array_append_value (&positions, &position);
  }
  g_object_set_property (G_OBJECT (parser), "channel-positions", &positions);
  g_value_unset (&positions);
  g_value_unset (&position);
}

GstElement *
dmix_wavsource_new (const gchar *path, const DmixWav *wav, GError **error)
{
  static const gchar *const row[] = { "filesrc", "queue", "rawaudioparse",
    NULL };
  GstElement *bin = gst_bin_new (NULL), *source, *parser;
  Cut *cut = g_new0 (Cut, 1);
  GstPad *pad;

  if (!dmix_runner_chain (GST_BIN (bin), row, &source, &parser, error)) {
    gst_object_unref (gst_object_ref_sink (bin));
    g_free (cut);
    return NULL;
  }
  g_object_set (source, "location", path, NULL);
  set_raw (parser, &wav->format);
  cut->skip = wav->offset;
  cut->left = wav->bytes;
  pad = gst_element_get_static_pad (parser, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, cut_sound, cut, g_free);
  gst_object_unref (pad);
  pad = gst_element_get_static_pad (parser, "src");
  gst_element_add_pad (bin, gst_ghost_pad_new ("src", pad));
  gst_object_unref (pad);
  return bin;
}

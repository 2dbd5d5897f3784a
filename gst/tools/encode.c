/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/encode.h"
#include "tools/ending.h"
#include "tools/wav.h"

#include <string.h>

/*** layouts ***/

static const struct
{
  const gchar *name;
  guint64 mask;
} layouts[] = {
  { "mono", 0 },
  { "stereo", 0x3 },
  { "2.1", 0xb },
  { "3.0", 0x7 },
  { "quad", 0x33 },
  { "5.0", 0x37 },
  { "5.1", 0x3f },
  { "5.1(side)", 0x60f },
  { "7.1", 0xc3f },
  { "5.1.2", 0x303f },
  { "5.1.4", 0x3303f },
  { "7.1.4", 0x33c3f },
};

gboolean
dmix_encode_layout (const gchar *layout, GstAudioInfo *format, GError **error)
{
  GString *names;

  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++) {
    GstAudioChannelPosition position[64];
    guint channels = 0;

    if (!g_str_equal (layouts[i].name, layout))
      continue;
    for (guint64 rest = layouts[i].mask; rest; rest &= rest - 1)
      channels++;
    if (channels == 0) {
      channels = 1;
      position[0] = GST_AUDIO_CHANNEL_POSITION_MONO;
    } else {
      gst_audio_channel_positions_from_mask (channels, layouts[i].mask,
          position);
    }
    gst_audio_info_set_format (format, GST_AUDIO_FORMAT_F32, format->rate,
        channels, position);
    return TRUE;
  }
  names = g_string_new (NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (layouts); i++)
    g_string_append_printf (names, " %s", layouts[i].name);
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "--layout %s: there is no such layout; there are:%s", layout, names->str);
  g_string_free (names, TRUE);
  return FALSE;
}

/*** codecs ***/

static const struct
{
  const gchar *name, *encoder;
  gint per_channel; /* bit/s, 0: lossless */
  gint most_channels;
} codecs[] = {
  { "flac", "flacenc", 0, 8 },
  { "opus", "opusenc", 96000, 8 },
  { "aac", "avenc_aac", 128000, 8 },
  { "ac3", "avenc_ac3", 96000, 6 },
  { "mp3", "lamemp3enc", 128000, 2 },
  { "alac", "avenc_alac", 0, 8 },
};

/* bitrate is in bit/s, but lamemp3enc takes kbit/s. */
static void
set_bitrate (GstElement *encoder, const gchar *codec, gint bitrate)
{
  if (g_str_equal (codec, "mp3"))
    g_object_set (encoder, "target", 1, "cbr", TRUE, "bitrate", bitrate / 1000,
        NULL);
  else
    g_object_set (encoder, "bitrate", bitrate, NULL);
}

GstElement *
dmix_encode_codec (const gchar *codec, gint bitrate, const GstAudioInfo *format,
    GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (codecs); i++) {
    GstElement *encoder;

    if (!g_str_equal (codecs[i].name, codec))
      continue;
    if (format->channels > codecs[i].most_channels) {
      dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
          "%s carries at most %d channels, not %d; choose another --codec or "
          "--layout",
          codec, codecs[i].most_channels, format->channels);
      return NULL;
    }
    encoder = dmix_runner_make (codecs[i].encoder, error);
    if (encoder && codecs[i].per_channel)
      set_bitrate (encoder, codec,
          bitrate ? bitrate : codecs[i].per_channel * format->channels);
    return encoder;
  }
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "--codec %s: there is none of this name; there are flac opus aac ac3 mp3 "
      "alac",
      codec);
  return NULL;
}

/*** files ***/

/* NULL for a name that is none of a sound file. */
static const DmixEnding *
sound_of (const gchar *path)
{
  const DmixEnding *ending = dmix_ending_of (path);

  return ending && ending->kind == DMIX_KIND_SOUND ? ending : NULL;
}

gboolean
dmix_encode_check (const gchar *path, GError **error)
{
  if (sound_of (path))
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, path,
      "no sound format is known by this ending; use .wav .flac .opus .ogg "
      ".m4a .mp3 or .mka");
  return FALSE;
}

/* Integers of 24 bit where the codec has them; else what it takes. */
static GstElement *
format_filter (const gchar *codec, const GstAudioInfo *format)
{
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  GstCaps *caps = gst_caps_new_simple ("audio/x-raw", "channels", G_TYPE_INT,
      format->channels, NULL);
  guint64 mask = 0;

  if (!codec)
    gst_caps_set_simple (caps, "format", G_TYPE_STRING, "S24LE", NULL);
  else if (g_str_equal (codec, "flac"))
    gst_caps_set_simple (caps, "format", G_TYPE_STRING, "S24_32LE", NULL);
  if (format->channels > 1
      && gst_audio_channel_positions_to_mask (format->position,
          format->channels, FALSE, &mask)
      && mask)
    gst_caps_set_simple (caps, "channel-mask", GST_TYPE_BITMASK, mask, NULL);
  g_object_set (filter, "caps", caps, NULL);
  gst_caps_unref (caps);
  return filter;
}

static void
append (GstBin *bin, GstElement **last, GstElement *next)
{
  gst_bin_add (bin, next);
  if (*last)
    gst_element_link (*last, next);
  *last = next;
}

static void
show_sink (GstElement *bin, GstElement *first)
{
  GstPad *pad = gst_element_get_static_pad (first, "sink");

  gst_element_add_pad (bin, gst_ghost_pad_new ("sink", pad));
  gst_object_unref (pad);
}

GstElement *
dmix_encode_bin (GstElement *encoder, GstElement *sink, const gchar *codec,
    const GstAudioInfo *format, GError **error)
{
  static const gchar *const converting[] = { "audioconvert", "audioresample",
    NULL };
  GstElement *bin = gst_bin_new (NULL), *first, *last;

  if (!dmix_runner_chain (GST_BIN (bin), converting, &first, &last, error)) {
    gst_object_unref (gst_object_ref_sink (bin));
    gst_object_unref (gst_object_ref_sink (encoder));
    gst_object_unref (gst_object_ref_sink (sink));
    return NULL;
  }
  append (GST_BIN (bin), &last, format_filter (codec, format));
  append (GST_BIN (bin), &last, encoder);
  append (GST_BIN (bin), &last, sink);
  show_sink (bin, first);
  return bin;
}

GstElement *
dmix_encode_file (const gchar *path, gint fd, const gchar *codec, gint bitrate,
    const GstAudioInfo *format, GError **error)
{
  static const gchar *const converting[] = { "audioconvert", "audioresample",
    NULL };
  const DmixEnding *ending = sound_of (path);
  GstElement *bin = gst_bin_new (NULL), *first, *last, *next;

  if (!dmix_encode_check (path, error)
      || !dmix_runner_chain (GST_BIN (bin), converting, &first, &last, error))
    goto failed;
  codec = codec ? codec : ending->codec;
  append (GST_BIN (bin), &last, format_filter (codec, format));
  if (codec && ending->codec) {
    if (!(next = dmix_encode_codec (codec, bitrate, format, error)))
      goto failed;
    append (GST_BIN (bin), &last, next);
  }
  if (ending->muxer) {
    if (!(next = dmix_runner_make (ending->muxer, error)))
      goto failed;
    append (GST_BIN (bin), &last, next);
  }
  if (!(next = dmix_runner_make ("fdsink", error)))
    goto failed;
  g_object_set (next, "fd", fd, "sync", FALSE, NULL);
  if (!ending->codec)
    dmix_wav_begin (next);
  append (GST_BIN (bin), &last, next);
  dmix_runner_set_file (bin, path);
  show_sink (bin, first);
  return bin;

failed:
  gst_object_unref (gst_object_ref_sink (bin));
  return NULL;
}

gboolean
dmix_encode_complete (const gchar *path, gint fd, const GstAudioInfo *format,
    GError **error)
{
  const DmixEnding *ending = sound_of (path);

  if (ending && !ending->codec)
    return dmix_wav_complete (path, fd, format, error);
  return TRUE;
}

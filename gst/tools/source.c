/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: parsebin splits the file; the chosen stream goes through decodebin,
 * audioconvert and audioresample; the others end in fakesinks, since a demuxer
 * without a link stops. */
#include "tools/source.h"

static gboolean
is_chosen (GstPad *pad, GstElement *bin)
{
  gchar *id = gst_pad_get_stream_id (pad);
  const gboolean chosen =
      g_strcmp0 (id, g_object_get_data (G_OBJECT (bin), "stream")) == 0;

  g_free (id);
  return chosen;
}

static void
link_to (GstPad *pad, GstElement *element)
{
  GstPad *sink = gst_element_get_static_pad (element, "sink");

  if (!gst_pad_is_linked (sink))
    gst_pad_link (pad, sink);
  gst_object_unref (sink);
}

static void
drop (GstElement *bin, GstPad *pad)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);

  g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (bin), sink);
  gst_element_sync_state_with_parent (sink);
  link_to (pad, sink);
}

static void
on_stream (GstElement *parsebin, GstPad *pad, gpointer data)
{
  if (is_chosen (pad, data))
    link_to (pad, g_object_get_data (data, "decoder"));
  else
    drop (data, pad);
}

static void
on_sound (GstElement *decoder, GstPad *pad, gpointer data)
{
  link_to (pad, g_object_get_data (data, "convert"));
}

GstElement *
dmix_source_new (const gchar *path, const DmixStream *stream, GError **error)
{
  static const gchar *const reading[] = { "filesrc", "parsebin", NULL };
  static const gchar *const decoding[] = { "decodebin", NULL };
  static const gchar *const converting[] = { "audioconvert", "audioresample",
    NULL };
  GstElement *bin = gst_bin_new (NULL), *source, *parsebin, *decoder, *same,
             *convert, *last;
  GstPad *end;

  dmix_runner_set_file (bin, path);
  if (!dmix_runner_chain (GST_BIN (bin), reading, &source, &parsebin, error)
      || !dmix_runner_chain (GST_BIN (bin), decoding, &decoder, &same, error)
      || !dmix_runner_chain (GST_BIN (bin), converting, &convert, &last,
          error)) {
    gst_object_unref (gst_object_ref_sink (bin));
    return NULL;
  }
  g_object_set (source, "location", path, NULL);
  g_object_set_data_full (G_OBJECT (bin), "stream", g_strdup (stream->id),
      g_free);
  g_object_set_data (G_OBJECT (bin), "decoder", decoder);
  g_object_set_data (G_OBJECT (bin), "convert", convert);
  g_signal_connect (parsebin, "pad-added", G_CALLBACK (on_stream), bin);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (on_sound), bin);
  end = gst_element_get_static_pad (last, "src");
  gst_element_add_pad (bin, gst_ghost_pad_new ("src", end));
  gst_object_unref (end);
  return bin;
}

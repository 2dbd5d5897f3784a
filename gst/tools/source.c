/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: parsebin splits the file; the chosen stream goes through decodebin,
 * audioconvert and audioresample; what the others have is dropped at the
 * pad, since a demuxer without a link stops. */
#include "tools/source.h"

#include <gst/pbutils/pbutils.h>

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

static GstPadProbeReturn
drop_data (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

void
dmix_source_drop (GstPad *pad)
{
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST
          | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      drop_data, NULL, NULL);
}

static void
on_stream (GstElement *parsebin, GstPad *pad, gpointer data)
{
  if (is_chosen (pad, data))
    link_to (pad, g_object_get_data (data, "decoder"));
  else
    dmix_source_drop (pad);
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

/*** the format ***/

static GstPadProbeReturn
on_caps (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  GstElement *bin = data;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS) {
    gst_event_parse_caps (event, &caps);
    gst_element_post_message (bin,
        gst_message_new_application (GST_OBJECT (bin),
            gst_structure_new ("decoded", "caps", GST_TYPE_CAPS, caps, NULL)));
  }
  return GST_PAD_PROBE_OK;
}

/* The first message that decides; the name of a decoder that is missing. */
static GstMessage *
wait_for_caps (GstBus *bus, gchar **missing)
{
  GstMessage *message;

  while ((message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
              GST_MESSAGE_APPLICATION | GST_MESSAGE_ERROR | GST_MESSAGE_EOS
                  | GST_MESSAGE_ELEMENT))
      && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
    if (!*missing && gst_is_missing_plugin_message (message))
      *missing = gst_missing_plugin_message_get_description (message);
    gst_message_unref (message);
  }
  return message;
}

gboolean
dmix_source_format (const gchar *path, const DmixStream *stream,
    GstAudioInfo *format, GError **error)
{
  GstElement *pipeline, *source, *sink;
  GstMessage *message;
  GstCaps *caps = NULL;
  gchar *missing = NULL;
  GstBus *bus;
  GstPad *pad;

  source = dmix_source_new (path, stream, error);
  if (!source)
    return FALSE;
  pipeline = gst_pipeline_new (NULL);
  sink = gst_element_factory_make ("fakesink", NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, sink, NULL);
  gst_element_link (source, sink);
  pad = gst_element_get_static_pad (sink, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_caps, source,
      NULL);
  gst_object_unref (pad);
  bus = gst_element_get_bus (pipeline);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = wait_for_caps (bus, &missing);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  if (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_APPLICATION)
    gst_structure_get (gst_message_get_structure (message), "caps",
        GST_TYPE_CAPS, &caps, NULL);
  if (!caps && missing) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "no %s is installed; Debian has it in gstreamer1.0-plugins-good, -bad "
        "or gstreamer1.0-libav",
        missing);
  } else if (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    GError *bus_error = NULL;
    gchar *detail = NULL;

    gst_message_parse_error (message, &bus_error, &detail);
    dmix_error_set_gst (error, path, bus_error, detail);
    g_error_free (bus_error);
    g_free (detail);
  } else if (!caps || !gst_audio_info_from_caps (format, caps)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "no sound comes out of its decoder");
    gst_clear_caps (&caps);
  }
  g_clear_pointer (&message, gst_message_unref);
  g_free (missing);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  if (!caps)
    return FALSE;
  gst_caps_unref (caps);
  return TRUE;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: parsebin to matroskamux. The pads of the muxer are requested in the
 * order of the streams, which numbers the tracks. */
#include "tools/transmux.h"

#include "tools/source.h"

typedef struct
{
  const DmixProbe *film;
  GstElement *pipeline, *muxer;
  GHashTable *pads; /* stream-id -> pad of the muxer */
} Transmux;

static GstPad *
request (Transmux *self, const DmixStream *stream)
{
  GstPadTemplate *fit = gst_element_get_compatible_pad_template (self->muxer,
      gst_pad_template_new ("any", GST_PAD_SRC, GST_PAD_ALWAYS, stream->caps));

  return fit ? gst_element_request_pad (self->muxer, fit, NULL, NULL) : NULL;
}

static const gchar *
kind_name (DmixStreamKind kind)
{
  static const gchar *const names[] = { "sound", "video", "picture", "subtitle",
    "data" };

  return names[kind];
}

static void
on_pad (GstElement *parsebin, GstPad *pad, gpointer data)
{
  Transmux *self = data;
  gchar *id = gst_pad_get_stream_id (pad);
  GstPad *into = id ? g_hash_table_lookup (self->pads, id) : NULL;

  if (into) {
    GstElement *queue = gst_element_factory_make ("queue", NULL);
    GstPad *in = gst_element_get_static_pad (queue, "sink");
    GstPad *out = gst_element_get_static_pad (queue, "src");

    g_object_set (queue, "max-size-buffers", 0, "max-size-bytes", 0,
        "max-size-time", (guint64) (20 * GST_SECOND), NULL);
    gst_bin_add (GST_BIN (self->pipeline), queue);
    gst_element_sync_state_with_parent (queue);
    if (GST_PAD_LINK_FAILED (gst_pad_link (pad, in))
        || GST_PAD_LINK_FAILED (gst_pad_link (out, into)))
      GST_ELEMENT_ERROR (self->muxer, STREAM, MUX, (NULL),
          ("Stream %s does not fit into Matroska", id));
    gst_object_unref (in);
    gst_object_unref (out);
  } else {
    dmix_source_drop (pad);
  }
  g_free (id);
}

/* The pads in the order of the streams; FALSE where the sound has none. */
static gboolean
request_all (Transmux *self, const DmixStream *sound, DmixSay *say,
    guint64 *number)
{
  guint count = 0;

  *number = 0;
  for (guint i = 0; i < self->film->streams->len; i++) {
    const DmixStream *stream = g_ptr_array_index (self->film->streams, i);
    GstPad *pad = request (self, stream);

    if (!pad) {
      gchar *name = dmix_printable (self->film->path);

      dmix_say_warning (say,
          "%s: a %s stream (%s) cannot go into Matroska and is left out", name,
          kind_name (stream->kind),
          gst_structure_get_name (gst_caps_get_structure (stream->caps, 0)));
      g_free (name);
      continue;
    }
    count++;
    g_hash_table_insert (self->pads, g_strdup (stream->id), pad);
    if (stream == sound)
      *number = count;
  }
  return *number > 0;
}

/* matroskamux 1.22 writes no flags of tracks, and qtdemux 1.22 does not know
 * all chapters, so that nothing here can tell whether there are any. */
static void
tell_losses (const DmixProbe *film, DmixSay *say)
{
  gchar *name = dmix_printable (film->path);

  dmix_say_warning (say,
      "%s: is copied into Matroska, which keeps packets, times, languages and "
      "text subtitles; lost, where there are any: flags of tracks (default, "
      "forced, comment), chapters, covers, attachments",
      name);
  g_free (name);
}

gboolean
dmix_transmux (const DmixProbe *film, const DmixStream *sound, gint fd,
    DmixContext *context, guint64 *number, GError **error)
{
  static const gchar *const reading[] = { "filesrc", "parsebin", NULL };
  static const gchar *const writing[] = { "matroskamux", "fdsink", NULL };
  Transmux self = { film };
  GstElement *source, *parsebin, *sink;
  DmixContext quiet = { context->say };
  GstPad *watched;
  gboolean good = FALSE;

  self.pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  self.pads =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, gst_object_unref);
  if (!dmix_runner_chain (GST_BIN (self.pipeline), reading, &source, &parsebin,
          error)
      || !dmix_runner_chain (GST_BIN (self.pipeline), writing, &self.muxer,
          &sink, error)) {
    gst_object_unref (self.pipeline);
  } else if (!request_all (&self, sound, context->say, number)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, film->path,
        "its sound cannot go into Matroska");
    gst_object_unref (self.pipeline);
  } else {
    tell_losses (film, context->say);
    dmix_runner_set_file (source, film->path);
    dmix_runner_set_file (parsebin, film->path);
    g_object_set (source, "location", film->path, NULL);
    g_object_set (sink, "fd", fd, "sync", FALSE, NULL);
    g_signal_connect (parsebin, "pad-added", G_CALLBACK (on_pad), &self);
    watched = gst_element_get_static_pad (self.muxer, "src");
    good = dmix_runner_play (&quiet, self.pipeline, watched, "copying",
        film->duration, error);
    gst_object_unref (watched);
  }
  g_hash_table_unref (self.pads);
  return good;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: parsebin, for each stream what the muxer wants before it, and the
 * muxer. Its pads are requested in the order of the streams, which numbers the
 * tracks. H.264 and H.265 of Matroska and MP4 pass no parser: it would put a
 * copy of the headers into the first packet. */
#include "tools/transmux.h"

#include "tools/graft.h"
#include "tools/plaintext.h"
#include "tools/source.h"

#include <string.h>

#define FIRST_PID 0x100 /* of a transport stream; one more for each stream */

typedef struct
{
  const DmixTransmux *what;
  GstElement *pipeline, *muxer;
  GHashTable *pads; /* stream-id -> pad of the muxer */
} Transmux;

#define TIMESCALE 90000 /* of MP4's pictures: milliseconds are whole numbers */

/* What stands before the muxer for streams of these caps. */
typedef struct
{
  DmixKind kind;
  const gchar *caps;
  const gchar *row[2]; /* elements; "CAPS" is the filter of the next field */
  const gchar *filter;
} Adapter;

static const Adapter adapters[] = {
  { DMIX_KIND_MP4, "video/x-h264,stream-format=byte-stream",
      { "h264parse", "CAPS" }, "video/x-h264,stream-format=avc,alignment=au" },
  { DMIX_KIND_MP4, "video/x-h265,stream-format=byte-stream",
      { "h265parse", "CAPS" }, "video/x-h265,stream-format=hvc1,alignment=au" },
  { DMIX_KIND_MP4, "audio/mpeg,mpegversion=(int){2,4}", { "aacparse", "CAPS" },
      "audio/mpeg,mpegversion=4,stream-format=raw" },
  { DMIX_KIND_MP4, "text/x-raw", { "CAPS" }, "text/x-raw,format=utf8" },
  { DMIX_KIND_TS, "video/x-h264", { "h264parse", "CAPS" },
      "video/x-h264,stream-format=byte-stream,alignment=au" },
  { DMIX_KIND_TS, "video/x-h265", { "h265parse", "CAPS" },
      "video/x-h265,stream-format=byte-stream,alignment=au" },
};

static const Adapter *
adapter_of (DmixKind kind, GstCaps *caps)
{
  for (gsize i = 0; i < G_N_ELEMENTS (adapters); i++) {
    GstCaps *fit = gst_caps_from_string (adapters[i].caps);
    const gboolean fits =
        adapters[i].kind == kind && gst_caps_can_intersect (fit, caps);

    gst_caps_unref (fit);
    if (fits)
      return &adapters[i];
  }
  return NULL;
}

/*** pads of the muxer ***/

static GstPad *
request_for (Transmux *self, GstCaps *caps, guint index)
{
  GstPadTemplate *any =
      gst_pad_template_new ("any", GST_PAD_SRC, GST_PAD_ALWAYS, caps);
  GstPadTemplate *fit =
      gst_element_get_compatible_pad_template (self->muxer, any);
  gchar *name = self->what->into->kind == DMIX_KIND_TS
      ? g_strdup_printf ("sink_%u", FIRST_PID + index)
      : NULL;
  GstPad *pad =
      fit ? gst_element_request_pad (self->muxer, fit, name, NULL) : NULL;

  gst_object_unref (gst_object_ref_sink (any));
  g_free (name);
  return pad;
}

static GstPad *
request (Transmux *self, const DmixStream *stream, guint index)
{
  const Adapter *adapter = adapter_of (self->what->into->kind, stream->caps);
  GstCaps *caps = adapter && adapter->filter
      ? gst_caps_from_string (adapter->filter)
      : gst_caps_ref (stream->caps);
  GstPad *pad = request_for (self, caps, index);

  gst_caps_unref (caps);
  return pad;
}

static const gchar *
kind_name (DmixStreamKind kind)
{
  static const gchar *const names[] = { "sound", "video", "picture", "subtitle",
    "data" };

  return names[kind];
}

static const gchar *
container_name (const DmixEnding *into)
{
  return into->kind == DMIX_KIND_MP4 ? "MP4"
      : into->kind == DMIX_KIND_TS   ? "a transport stream"
      : into->webm                   ? "WebM"
                                     : "Matroska";
}

/*** silence in place of a sound that does not fit ***/

static gboolean
add_silence (Transmux *self, guint index, GError **error)
{
  static const gchar *const row[] = { "audiotestsrc", "audioconvert", NULL };
  const DmixStream *sound = self->what->sound;
  const gboolean webm = self->what->into->webm;
  gchar *language = dmix_stream_language (sound);
  GstElement *source, *convert, *encoder, *tags;
  GstCaps *caps = gst_caps_from_string (webm
          ? "audio/x-opus,channel-mapping-family=0"
          : "audio/mpeg,mpegversion=4,stream-format=raw,framed=true");
  GstPad *into = request_for (self, caps, index), *out;
  gboolean good;

  gst_caps_unref (caps);
  if (!into)
    return FALSE;
  good = dmix_runner_chain (GST_BIN (self->pipeline), row, &source, &convert,
             error)
      && (encoder = dmix_runner_make (webm ? "opusenc" : "avenc_aac", error))
      && (tags = dmix_runner_make ("taginject", error));
  if (good) {
    gst_bin_add_many (GST_BIN (self->pipeline), encoder, tags, NULL);
    gst_util_set_object_arg (G_OBJECT (source), "wave", "silence");
    g_object_set (source, "num-buffers", 4, NULL);
    if (language) {
      gchar *text = g_strdup_printf ("language-code=%s", language);

      g_object_set (tags, "tags", text, NULL);
      g_free (text);
    }
    gst_util_set_object_arg (G_OBJECT (tags), "scope", "stream");
    out = gst_element_get_static_pad (tags, "src");
    good = gst_element_link_many (convert, encoder, tags, NULL)
        && GST_PAD_LINK_SUCCESSFUL (gst_pad_link (out, into));
    gst_object_unref (out);
  }
  gst_object_unref (into);
  g_free (language);
  return good;
}

/*** streams ***/

static GstElement *
make_filter (const gchar *text)
{
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  GstCaps *caps = gst_caps_from_string (text);

  g_object_set (filter, "caps", caps, NULL);
  gst_caps_unref (caps);
  return filter;
}

/* The adapter's elements and a queue, in a row; the first is returned. */
static GstElement *
add_row (Transmux *self, const Adapter *adapter, GstElement **last)
{
  GstElement *queue = gst_element_factory_make ("queue", NULL), *first = NULL;

  g_object_set (queue, "max-size-buffers", 0, "max-size-bytes", 0,
      "max-size-time", (guint64) (20 * GST_SECOND), NULL);
  *last = NULL;
  for (gsize i = 0; i <= G_N_ELEMENTS (adapter->row); i++) {
    const gchar *name =
        adapter && i < G_N_ELEMENTS (adapter->row) ? adapter->row[i] : NULL;
    GstElement *element = !name      ? queue
        : g_str_equal (name, "CAPS") ? make_filter (adapter->filter)
                                     : gst_element_factory_make (name, NULL);

    if (!element)
      continue;
    if (name && g_str_has_suffix (name, "parse")
        && g_object_class_find_property (G_OBJECT_GET_CLASS (element),
            "config-interval"))
      g_object_set (element, "config-interval",
          self->what->into->kind == DMIX_KIND_TS ? -1 : 0, NULL);
    gst_bin_add (GST_BIN (self->pipeline), element);
    if (*last)
      gst_element_link (*last, element);
    first = first ? first : element;
    *last = element;
    if (!name)
      break;
  }
  return first;
}

static void
sync_row (GstElement *last)
{
  while (last) {
    GstPad *sink = gst_element_get_static_pad (last, "sink");
    GstPad *peer = sink ? gst_pad_get_peer (sink) : NULL;
    GstElement *before = peer ? gst_pad_get_parent_element (peer) : NULL;

    gst_element_sync_state_with_parent (last);
    gst_clear_object (&sink);
    gst_clear_object (&peer);
    last = before;
    gst_clear_object (&before);
  }
}

/*** decoding times ***/

typedef struct
{
  GArray *times; /* of gint64 */
  guint next;
} Decoding;

static void
decoding_free (gpointer data)
{
  Decoding *decoding = data;

  g_array_unref (decoding->times);
  g_free (decoding);
}

static GstPadProbeReturn
set_decoding_time (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Decoding *decoding = data;

  if (decoding->next < decoding->times->len) {
    GstBuffer *buffer =
        gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));

    GST_BUFFER_DTS (buffer) = (GstClockTime) MAX (0,
        g_array_index (decoding->times, gint64, decoding->next));
    decoding->next++;
    GST_PAD_PROBE_INFO_DATA (info) = buffer;
  }
  return GST_PAD_PROBE_OK;
}

/* matroskademux knows none for pictures that are not shown in this order. */
static void
add_decoding_times (const Transmux *self, GstPad *pad, const gchar *id,
    GstCaps *caps)
{
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  const gchar *last = strrchr (id, '/');
  Decoding *decoding;
  GArray *times;

  if (!self->what->film_is_mkv || self->what->into->kind == DMIX_KIND_MKV
      || !g_str_has_prefix (name, "video/"))
    return;
  times = dmix_mkv_decoding_times (self->what->film->path,
      g_ascii_strtoull (last ? last + 1 : id, NULL, 10), NULL);
  if (!times)
    return;
  decoding = g_new0 (Decoding, 1);
  decoding->times = times;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, set_decoding_time,
      decoding, decoding_free);
}

/*** the film's streams ***/

static void
on_pad (GstElement *parsebin, GstPad *pad, gpointer data)
{
  Transmux *self = data;
  gchar *id = gst_pad_get_stream_id (pad);
  GstPad *into = id ? g_hash_table_lookup (self->pads, id) : NULL;
  GstCaps *caps = gst_pad_get_current_caps (pad);

  if (!caps)
    caps = gst_pad_query_caps (pad, NULL);
  if (into) {
    GstElement *last,
        *first =
            add_row (self, adapter_of (self->what->into->kind, caps), &last);
    GstPad *in = gst_element_get_static_pad (first, "sink");
    GstPad *out = gst_element_get_static_pad (last, "src");

    if (self->what->into->kind == DMIX_KIND_MP4)
      dmix_plaintext_attach (pad, caps);
    add_decoding_times (self, pad, id, caps);
    if (GST_PAD_LINK_FAILED (gst_pad_link (out, into)))
      GST_ELEMENT_ERROR (self->muxer, STREAM, MUX, (NULL),
          ("Stream %s does not fit into %s", id,
              container_name (self->what->into)));
    sync_row (last);
    /* markup becomes plain text on the pad itself, which its caps do not say */
    if (GST_PAD_LINK_FAILED (
            gst_pad_link_full (pad, in, GST_PAD_LINK_CHECK_NOTHING)))
      GST_ELEMENT_ERROR (self->muxer, STREAM, MUX, (NULL),
          ("Stream %s does not fit into %s", id,
              container_name (self->what->into)));
    gst_object_unref (in);
    gst_object_unref (out);
  } else {
    dmix_source_drop (pad);
  }
  gst_caps_unref (caps);
  g_free (id);
}

/* FALSE: no parser. */
static gboolean
on_continue (GstElement *parsebin, GstPad *pad, GstCaps *caps, gpointer data)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);
  const gchar *format = gst_structure_get_string (s, "stream-format");

  return !(gst_structure_has_field (s, "codec_data") && format
      && (g_str_equal (format, "avc") || g_str_equal (format, "hvc1")));
}

static void
tell_left_out (const Transmux *self, const DmixStream *stream, DmixSay *say)
{
  gchar *name = dmix_printable (self->what->film->path);

  dmix_say_warning (say,
      "%s: a %s stream (%s) cannot go into %s and is left out", name,
      kind_name (stream->kind),
      gst_structure_get_name (gst_caps_get_structure (stream->caps, 0)),
      container_name (self->what->into));
  g_free (name);
}

/* FALSE and an error for a stream that must not be left out. say: NULL while it
 * plays. */
static gboolean
place (Transmux *self, const DmixStream *stream, guint index, gboolean *placed,
    DmixSay *say, GError **error)
{
  const DmixTransmux *what = self->what;
  GstPad *pad = request (self, stream, index);

  *placed = TRUE;
  if (pad) {
    if (what->into->kind == DMIX_KIND_MP4 && stream->kind == DMIX_STREAM_VIDEO)
      g_object_set (pad, "trak-timescale", TIMESCALE, NULL);
    g_hash_table_insert (self->pads, g_strdup (stream->id), pad);
  } else if (stream == what->sound && !what->add) {
    return say || add_silence (self, index, error);
  } else if (stream == what->sound
      || stream == dmix_probe_first (what->film, DMIX_STREAM_VIDEO)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, what->film->path,
        "its %s (%s) cannot go into %s; write .mkv", kind_name (stream->kind),
        gst_structure_get_name (gst_caps_get_structure (stream->caps, 0)),
        container_name (what->into));
    return FALSE;
  } else {
    *placed = FALSE;
    if (say)
      tell_left_out (self, stream, say);
  }
  return TRUE;
}

static gboolean
request_all (Transmux *self, DmixSay *say, guint64 *number, GPtrArray *tracks,
    GError **error)
{
  guint count = 0;
  gboolean placed;

  for (guint i = 0; i < self->what->film->streams->len; i++) {
    const DmixStream *stream = g_ptr_array_index (self->what->film->streams, i);

    if (!place (self, stream, count, &placed, say, error))
      return FALSE;
    count += placed;
    if (placed && tracks)
      g_ptr_array_add (tracks, (gpointer) stream);
    if (stream == self->what->sound)
      *number = self->what->into->kind == DMIX_KIND_TS ? FIRST_PID + count - 1
                                                       : count;
  }
  return TRUE;
}

/* Chapters, the flag "default" and covers come from the graft. */
static void
tell_losses (const DmixTransmux *what, DmixSay *say)
{
  static const gchar *const kept[] = {
    [DMIX_KIND_MP4] = "packets, times, languages, text subtitles, chapters and "
                      "the cover; lost, where there are any: titles of tracks, "
                      "styles of subtitles, the flags forced and comment, "
                      "attachments",
    [DMIX_KIND_MKV] = "packets, times, languages, text subtitles, chapters and "
                      "the cover; lost, where there are any: the flags forced "
                      "and comment, attachments",
    [DMIX_KIND_TS] = "pictures, times and languages of the sound; lost, where "
                     "there are any: titles, flags of tracks, text subtitles, "
                     "chapters, covers, attachments",
  };
  gchar *name = dmix_printable (what->film->path);

  dmix_say_warning (say, "%s: is copied into %s, which keeps %s", name,
      container_name (what->into), kept[what->into->kind]);
  g_free (name);
}

static const gchar *
muxer_of (const DmixEnding *into)
{
  return into->kind == DMIX_KIND_MP4
      ? (g_str_equal (into->ending, ".mov") ? "qtmux" : "mp4mux")
      : into->kind == DMIX_KIND_TS ? "mpegtsmux"
      : into->webm                 ? "webmmux"
                                   : "matroskamux";
}

static gboolean
play (Transmux *self, GstElement *source, GstElement *parsebin,
    GstElement *sink, gint fd, DmixContext *context, GError **error)
{
  DmixContext quiet = { context->say };
  const DmixProbe *film = self->what->film;
  GstPad *watched = gst_element_get_static_pad (self->muxer, "src");
  gboolean good;

  dmix_runner_set_file (source, film->path);
  dmix_runner_set_file (parsebin, film->path);
  g_object_set (source, "location", film->path, NULL);
  g_object_set (sink, "fd", fd, "sync", FALSE, NULL);
  if (self->what->into->m2ts)
    g_object_set (self->muxer, "m2ts-mode", TRUE, NULL);
  g_signal_connect (parsebin, "pad-added", G_CALLBACK (on_pad), self);
  g_signal_connect (parsebin, "autoplug-continue", G_CALLBACK (on_continue),
      self);
  good = dmix_runner_play (&quiet, self->pipeline, watched, "copying",
      film->duration, error);
  gst_object_unref (watched);
  return good;
}

gboolean
dmix_transmux_check (const DmixTransmux *what, DmixSay *say, GError **error)
{
  Transmux self = { what };
  guint64 number;
  gboolean good;

  self.muxer = dmix_runner_make (muxer_of (what->into), error);
  if (!self.muxer)
    return FALSE;
  gst_object_ref_sink (self.muxer);
  self.pads =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, gst_object_unref);
  good = request_all (&self, say, &number, NULL, error);
  if (good)
    tell_losses (what, say);
  g_hash_table_unref (self.pads);
  gst_object_unref (self.muxer);
  return good;
}

gboolean
dmix_transmux (const DmixTransmux *what, gint fd, DmixContext *context,
    guint64 *number, GPtrArray *tracks, GError **error)
{
  static const gchar *const reading[] = { "filesrc", "parsebin", NULL };
  const gchar *writing[] = { muxer_of (what->into), "fdsink", NULL };
  Transmux self = { what };
  GstElement *source, *parsebin, *sink;
  gboolean good = FALSE;

  self.pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  self.pads =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, gst_object_unref);
  if (!dmix_runner_chain (GST_BIN (self.pipeline), reading, &source, &parsebin,
          error)
      || !dmix_runner_chain (GST_BIN (self.pipeline), writing, &self.muxer,
          &sink, error)
      || !request_all (&self, NULL, number, tracks, error))
    gst_object_unref (self.pipeline);
  else
    good = play (&self, source, parsebin, sink, fd, context, error);
  g_hash_table_unref (self.pads);
  return good;
}

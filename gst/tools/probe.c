/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: filesrc and parsebin play into probes that drop every buffer, until
 * each stream has shown where it begins, or for LONGEST at most. */
#include "tools/probe.h"
#include "tools/graft.h"
#include "tools/runner.h"
#include "tools/wavsource.h"

#include <errno.h>
#include <fcntl.h>
#include <gst/pbutils/pbutils.h>
#include <gst/tag/tag.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST (20 * GST_SECOND)
/* Pictures come in decoding order: the first in time is among these. */
#define PICTURES 20

typedef struct
{
  DmixProbe *probe;
  GstElement *pipeline;
  GMutex lock;
  GCond changed;
  gboolean complete; /* all streams are known */
} Reading;

typedef struct
{
  Reading *reading;
  DmixStream *stream;
  guint buffers;
  gboolean done;
} Watch;

static void
stream_free (gpointer data)
{
  DmixStream *stream = data;

  g_free (stream->id);
  gst_clear_caps (&stream->caps);
  g_clear_pointer (&stream->tags, gst_tag_list_unref);
  g_free (stream);
}

void
dmix_probe_free (DmixProbe *probe)
{
  if (!probe)
    return;
  g_ptr_array_unref (probe->streams);
  if (probe->toc)
    gst_toc_unref (probe->toc);
  g_clear_pointer (&probe->tags, gst_tag_list_unref);
  g_free (probe->path);
  g_free (probe);
}

static DmixStreamKind
kind_of (GstCaps *caps)
{
  const gchar *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  if (g_str_has_prefix (name, "audio/"))
    return DMIX_STREAM_AUDIO;
  if (g_str_has_prefix (name, "image/"))
    return DMIX_STREAM_PICTURE;
  if (g_str_has_prefix (name, "video/"))
    return DMIX_STREAM_VIDEO;
  if (g_str_has_prefix (name, "text/") || strstr (name, "subtitle")
      || strstr (name, "subpicture") || strstr (name, "application/x-ssa")
      || strstr (name, "application/x-ass"))
    return DMIX_STREAM_TEXT;
  return DMIX_STREAM_OTHER;
}

static void
note_buffer (Watch *watch, GstPad *pad, GstBuffer *buffer)
{
  DmixStream *stream = watch->stream;
  GstEvent *event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;
  guint64 time;

  if (event && GST_BUFFER_PTS_IS_VALID (buffer)) {
    gst_event_parse_segment (event, &segment);
    if (segment->format != GST_FORMAT_TIME)
      time = 0; /* a container without its demuxer */
    else if (gst_segment_to_running_time_full (segment, GST_FORMAT_TIME,
                 GST_BUFFER_PTS (buffer), &time)
        < 0)
      time = 0; /* decoder delay in front of the start */
    if (GST_CLOCK_TIME_IS_VALID (time)
        && (!GST_CLOCK_TIME_IS_VALID (stream->first) || time < stream->first))
      stream->first = time;
  }
  gst_clear_event (&event);
  watch->buffers++;
  watch->done |=
      watch->buffers >= (stream->kind == DMIX_STREAM_VIDEO ? PICTURES : 1);
}

static void
note_event (Watch *watch, GstEvent *event)
{
  DmixProbe *probe = watch->reading->probe;
  GstTagList *list;
  GstToc *toc;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_TAG:
      gst_event_parse_tag (event, &list);
      if (gst_tag_list_get_scope (list) == GST_TAG_SCOPE_GLOBAL) {
        GstTagList *all =
            gst_tag_list_merge (probe->tags, list, GST_TAG_MERGE_KEEP);

        g_clear_pointer (&probe->tags, gst_tag_list_unref);
        probe->tags = all;
      } else {
        GstTagList *all = gst_tag_list_merge (watch->stream->tags, list,
            GST_TAG_MERGE_REPLACE);

        g_clear_pointer (&watch->stream->tags, gst_tag_list_unref);
        watch->stream->tags = all;
      }
      break;
    case GST_EVENT_TOC:
      gst_event_parse_toc (event, &toc, NULL);
      if (probe->toc)
        gst_toc_unref (probe->toc);
      probe->toc = toc;
      break;
    case GST_EVENT_EOS:
      watch->done = TRUE;
      break;
    default:
      break;
  }
}

static GstPadProbeReturn
on_data (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Watch *watch = data;
  GstPadProbeReturn result = GST_PAD_PROBE_OK;

  g_mutex_lock (&watch->reading->lock);
  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) {
    note_buffer (watch, pad, GST_PAD_PROBE_INFO_BUFFER (info));
    result = GST_PAD_PROBE_DROP;
  } else {
    note_event (watch, GST_PAD_PROBE_INFO_EVENT (info));
  }
  g_cond_signal (&watch->reading->changed);
  g_mutex_unlock (&watch->reading->lock);
  return result;
}

static gboolean
read_sticky (GstPad *pad, GstEvent **event, gpointer data)
{
  note_event (data, *event);
  return TRUE;
}

static void
describe (DmixStream *stream, GstPad *pad, GstCaps *caps)
{
  GstStream *known = gst_pad_get_stream (pad);
  const GstStructure *s = gst_caps_get_structure (caps, 0);

  stream->id = gst_pad_get_stream_id (pad);
  stream->kind = kind_of (caps);
  stream->caps = gst_caps_ref (caps);
  if (known) {
    stream->is_default =
        (gst_stream_get_stream_flags (known) & GST_STREAM_FLAG_SELECT) != 0;
    gst_object_unref (known);
  }
  gst_audio_info_init (&stream->audio);
  if (gst_structure_has_name (s, "audio/x-raw"))
    gst_audio_info_from_caps (&stream->audio, caps);
  gst_structure_get_int (s, "channels", &stream->audio.channels);
  gst_structure_get_int (s, "rate", &stream->audio.rate);
}

static void
on_pad (GstElement *parsebin, GstPad *pad, gpointer data)
{
  Reading *reading = data;
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstPad *end = gst_element_get_static_pad (sink, "sink");
  GstCaps *caps = gst_pad_get_current_caps (pad);
  Watch *watch = g_new0 (Watch, 1);

  if (!caps)
    caps = gst_pad_query_caps (pad, NULL);
  watch->reading = reading;
  watch->stream = g_new0 (DmixStream, 1);
  watch->stream->first = watch->stream->said = GST_CLOCK_TIME_NONE;
  describe (watch->stream, pad, caps);
  g_mutex_lock (&reading->lock);
  g_ptr_array_add (reading->probe->streams, watch->stream);
  gst_pad_sticky_events_foreach (pad, read_sticky, watch);
  g_object_set_data_full (G_OBJECT (pad), "watch", watch, g_free);
  g_mutex_unlock (&reading->lock);
  gst_pad_add_probe (pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_data,
      watch, NULL);
  g_object_set (sink, "async", FALSE, "sync", FALSE, NULL);
  gst_bin_add (GST_BIN (reading->pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  gst_pad_link (pad, end);
  gst_object_unref (end);
  gst_caps_unref (caps);
}

static void
on_complete (GstElement *parsebin, gpointer data)
{
  Reading *reading = data;

  g_mutex_lock (&reading->lock);
  reading->complete = TRUE;
  g_cond_signal (&reading->changed);
  g_mutex_unlock (&reading->lock);
}

/* Text and others may begin anywhere and are not waited for. */
static gboolean
has_all (Reading *reading, GstElement *parsebin)
{
  gboolean all = reading->complete;

  GST_OBJECT_LOCK (parsebin);
  for (GList *pads = parsebin->srcpads; pads && all; pads = pads->next) {
    const Watch *watch = g_object_get_data (pads->data, "watch");

    all = watch
        && (watch->done
            || (watch->stream->kind != DMIX_STREAM_AUDIO
                && watch->stream->kind != DMIX_STREAM_VIDEO));
  }
  GST_OBJECT_UNLOCK (parsebin);
  return all;
}

/* Handles what the bus has; FALSE after an error or the end. */
static gboolean
read_bus (Reading *reading, GstBus *bus, gchar **missing, GError **error)
{
  GstMessage *message;
  gboolean going = TRUE;

  while (going && (message = gst_bus_pop (bus))) {
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      GError *bus_error = NULL;
      gchar *detail = NULL;

      gst_message_parse_error (message, &bus_error, &detail);
      if (*missing)
        dmix_error_set (error, DMIX_EXIT_INPUT, reading->probe->path,
            "no %s is installed", *missing);
      else
        dmix_error_set_gst (error, reading->probe->path, bus_error, detail);
      g_error_free (bus_error);
      g_free (detail);
      going = FALSE;
    } else if (gst_is_missing_plugin_message (message) && !*missing) {
      *missing = gst_missing_plugin_message_get_description (message);
    } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
      going = FALSE;
    }
    gst_message_unref (message);
  }
  return going;
}

static void
wait_for_all (Reading *reading, GstElement *parsebin, GError **error)
{
  GstBus *bus = gst_element_get_bus (reading->pipeline);
  const gint64 end = g_get_monotonic_time () + LONGEST / 1000;
  gchar *missing = NULL;
  gboolean going = TRUE;

  while (going && g_get_monotonic_time () < end) {
    g_mutex_lock (&reading->lock);
    if (has_all (reading, parsebin))
      going = FALSE;
    else
      g_cond_wait_until (&reading->changed, &reading->lock,
          g_get_monotonic_time () + 20000);
    g_mutex_unlock (&reading->lock);
    going = read_bus (reading, bus, &missing, error) && going;
  }
  if (missing && !*error
      && !dmix_probe_first (reading->probe, DMIX_STREAM_AUDIO))
    dmix_error_set (error, DMIX_EXIT_INPUT, reading->probe->path,
        "no %s is installed; Debian has it in gstreamer1.0-plugins-good, -bad "
        "or gstreamer1.0-libav",
        missing);
  g_free (missing);
  gst_object_unref (bus);
}

static GstClockTime
read_duration (GstElement *parsebin)
{
  gint64 longest = -1, one;

  GST_OBJECT_LOCK (parsebin);
  GList *pads =
      g_list_copy_deep (parsebin->srcpads, (GCopyFunc) gst_object_ref, NULL);
  GST_OBJECT_UNLOCK (parsebin);
  for (GList *pad = pads; pad; pad = pad->next)
    if (gst_pad_query_duration (pad->data, GST_FORMAT_TIME, &one))
      longest = MAX (longest, one);
  g_list_free_full (pads, gst_object_unref);
  return longest > 0 ? (GstClockTime) longest : GST_CLOCK_TIME_NONE;
}

static gboolean
check_file (const gchar *path, GError **error)
{
  struct stat info;

  if (stat (path, &info) < 0)
    dmix_error_set_errno (error, errno, path, "cannot be read");
  else if (S_ISDIR (info.st_mode))
    dmix_error_set (error, DMIX_EXIT_INPUT, path, "is a folder, not a file");
  else if (S_ISREG (info.st_mode) && info.st_size == 0)
    dmix_error_set (error, DMIX_EXIT_INPUT, path, "the file is empty");
  else if (!S_ISREG (info.st_mode))
    dmix_error_set (error, DMIX_EXIT_INPUT, path, "is no file");
  else
    return TRUE;
  return FALSE;
}

/* Containers whose header has the length; of others it is a guess by the bit
 * rate. */
static gboolean
knows_length (const gchar *path)
{
  guint8 head[12] = { 0 };
  const gint fd = open (path, O_RDONLY | O_CLOEXEC);
  const gboolean read_all =
      fd >= 0 && read (fd, head, sizeof head) == sizeof head;

  if (fd >= 0)
    close (fd);
  return read_all
      && (memcmp (head, "fLaC", 4) == 0
          || memcmp (head, "\x1a\x45\xdf\xa3", 4) == 0
          || memcmp (head + 4, "ftyp", 4) == 0);
}

static void
set_lengths (DmixProbe *probe)
{
  for (guint i = 0; i < probe->streams->len; i++)
    ((DmixStream *) g_ptr_array_index (probe->streams, i))->said =
        probe->duration;
}

static DmixProbe *
probe_new (const gchar *path)
{
  DmixProbe *probe = g_new0 (DmixProbe, 1);

  probe->path = g_strdup (path);
  probe->streams = g_ptr_array_new_with_free_func (stream_free);
  probe->duration = GST_CLOCK_TIME_NONE;
  return probe;
}

static GstClockTime
length_of (const DmixWav *wav, guint64 bytes)
{
  return gst_util_uint64_scale (bytes / GST_AUDIO_INFO_BPF (&wav->format),
      GST_SECOND, GST_AUDIO_INFO_RATE (&wav->format));
}

/* A file that dmix_wavsource_new() reads. */
static DmixProbe *
probe_of_wav (const gchar *path, const DmixWav *wav)
{
  DmixProbe *probe = probe_new (path);
  DmixStream *stream = g_new0 (DmixStream, 1);

  stream->id = g_strdup (DMIX_STREAM_WAV);
  stream->said = GST_CLOCK_TIME_NONE;
  stream->kind = DMIX_STREAM_AUDIO;
  stream->caps = gst_audio_info_to_caps (&wav->format);
  stream->audio = wav->format;
  g_ptr_array_add (probe->streams, stream);
  probe->duration = length_of (wav, wav->bytes);
  if (wav->missing)
    stream->said = length_of (wav, wav->bytes + wav->missing);
  return probe;
}

DmixProbe *
dmix_probe_new (const gchar *path, GError **error)
{
  Reading reading = { NULL };
  DmixWav wav;
  GstElement *source, *parsebin;
  GError *wrong = NULL;
  static const gchar *const row[] = { "filesrc", "parsebin", NULL };

  if (!check_file (path, error))
    return NULL;
  if (dmix_wavsource_read (path, &wav))
    return probe_of_wav (path, &wav);
  reading.probe = probe_new (path);
  reading.pipeline = gst_pipeline_new (NULL);
  g_mutex_init (&reading.lock);
  g_cond_init (&reading.changed);
  if (dmix_runner_chain (GST_BIN (reading.pipeline), row, &source, &parsebin,
          &wrong)) {
    g_object_set (source, "location", path, NULL);
    g_signal_connect (parsebin, "pad-added", G_CALLBACK (on_pad), &reading);
    g_signal_connect (parsebin, "no-more-pads", G_CALLBACK (on_complete),
        &reading);
    gst_element_set_state (reading.pipeline, GST_STATE_PLAYING);
    wait_for_all (&reading, parsebin, &wrong);
    reading.probe->duration = read_duration (parsebin);
    if (knows_length (path))
      set_lengths (reading.probe);
  }
  gst_element_set_state (reading.pipeline, GST_STATE_NULL);
  gst_object_unref (reading.pipeline);
  g_mutex_clear (&reading.lock);
  g_cond_clear (&reading.changed);
  if (!wrong && reading.probe->streams->len == 0)
    dmix_error_set (&wrong, DMIX_EXIT_INPUT, path,
        "there is no sound and no picture in it");
  if (wrong && !dmix_probe_first (reading.probe, DMIX_STREAM_AUDIO)) {
    g_propagate_error (error, wrong);
    dmix_probe_free (reading.probe);
    return NULL;
  }
  g_clear_error (&wrong); /* what plays until an error is told there */
  return reading.probe;
}

/*** choices ***/

gchar *
dmix_stream_language (const DmixStream *stream)
{
  gchar *code = NULL;

  if (stream->tags)
    gst_tag_list_get_string (stream->tags, GST_TAG_LANGUAGE_CODE, &code);
  return code;
}

const DmixStream *
dmix_probe_first (const DmixProbe *probe, DmixStreamKind kind)
{
  for (guint i = 0; i < probe->streams->len; i++) {
    const DmixStream *stream = g_ptr_array_index (probe->streams, i);

    if (stream->kind == kind)
      return stream;
  }
  return NULL;
}

/* de, deu and ger are one language. */
static gboolean
is_language (const DmixStream *stream, const gchar *wanted)
{
  gchar *code = dmix_stream_language (stream);
  const gchar *a = gst_tag_get_language_code_iso_639_2T (wanted);
  const gchar *b = code ? gst_tag_get_language_code_iso_639_2T (code) : NULL;
  const gboolean same = code
      && (g_ascii_strcasecmp (code, wanted) == 0
          || (a && b && g_str_equal (a, b)));

  g_free (code);
  return same;
}

static gchar *
list_audio (const DmixProbe *probe)
{
  GString *text = g_string_new (NULL);
  guint number = 0;

  for (guint i = 0; i < probe->streams->len; i++) {
    const DmixStream *stream = g_ptr_array_index (probe->streams, i);
    gchar *code;

    if (stream->kind != DMIX_STREAM_AUDIO)
      continue;
    code = dmix_stream_language (stream);
    g_string_append_printf (text, "%s%u %s, %d channels", number ? "; " : "",
        number + 1, code ? code : "(no language)", stream->audio.channels);
    number++;
    g_free (code);
  }
  return g_string_free (text, FALSE);
}

/* qtdemux 1.22 does not tell which tracks of an MP4 are enabled. */
gboolean
dmix_stream_is_default (const gchar *path, const DmixStream *stream)
{
  const gchar *last = strrchr (stream->id, '/');

  return stream->is_default
      || dmix_mp4_is_enabled (path,
          g_ascii_strtoull (last ? last + 1 : stream->id, NULL, 10));
}

const DmixStream *
dmix_probe_audio (const DmixProbe *probe, const gchar *wanted, GError **error)
{
  const DmixStream *first = NULL, *by_default = NULL;
  guint64 number = 0, count = 0;
  gchar *list;

  if (wanted
      && !g_ascii_string_to_unsigned (wanted, 10, 1, 1000, &number, NULL))
    number = 0;
  for (guint i = 0; i < probe->streams->len; i++) {
    const DmixStream *stream = g_ptr_array_index (probe->streams, i);

    if (stream->kind != DMIX_STREAM_AUDIO)
      continue;
    count++;
    if (wanted && (number ? count == number : is_language (stream, wanted)))
      return stream;
    first = first ? first : stream;
    if (!by_default && dmix_stream_is_default (probe->path, stream))
      by_default = stream;
  }
  if (!first) {
    dmix_error_set (error, DMIX_EXIT_INPUT, probe->path,
        "there is no sound in it");
    return NULL;
  }
  if (!wanted)
    return by_default ? by_default : first;
  list = list_audio (probe);
  dmix_error_set (error, DMIX_EXIT_INPUT, probe->path,
      "it has no sound track %s; it has %s", wanted, list);
  g_free (list);
  return NULL;
}

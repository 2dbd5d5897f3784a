/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/runner.h"
#include "tools/signals.h"

#include <glib-unix.h>
#include <gst/audio/audio.h>
#include <gst/pbutils/pbutils.h>
#include <string.h>

#define PROGRESS_MS 100

typedef struct
{
  DmixContext *context;
  GMainLoop *loop;
  GstElement *pipeline;
  guint64 position; /* ns, of the watched pad; atomic through `lock` */
  GMutex lock;
  gchar *missing; /* description of a decoder that is not installed */
  GHashTable *warned;
  GError *error;
} Run;

static GQuark
file_quark (void)
{
  return g_quark_from_static_string ("dmix-file");
}

void
dmix_runner_set_file (GstElement *element, const gchar *path)
{
  g_object_set_qdata_full (G_OBJECT (element), file_quark (), g_strdup (path),
      g_free);
}

/* The file of an element: its own or that of a bin around it. */
static gchar *
file_of (GstObject *object)
{
  gchar *path = NULL;

  for (object = gst_object_ref (object); object && !path;) {
    GstObject *parent = gst_object_get_parent (object);

    path = g_strdup (g_object_get_qdata (G_OBJECT (object), file_quark ()));
    gst_object_unref (object);
    object = parent;
  }
  if (object)
    gst_object_unref (object);
  return path;
}

GstElement *
dmix_runner_make (const gchar *factory, GError **error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element)
    return element;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      g_str_has_prefix (factory, "dmix")
          ? "GStreamer does not find the element %s; install dmix, or set "
            "GST_PLUGIN_PATH to the folder of its plugin"
          : "GStreamer does not find the element %s; install "
            "gstreamer1.0-plugins-base, -good, -bad and gstreamer1.0-libav",
      factory);
  return NULL;
}

gboolean
dmix_runner_chain (GstBin *bin, const gchar *const *factories,
    GstElement **first, GstElement **last, GError **error)
{
  *first = *last = NULL;
  for (; *factories; factories++) {
    const gchar *name = strchr (*factories, ' ');
    gchar *factory = name ? g_strndup (*factories, name - *factories)
                          : g_strdup (*factories);
    GstElement *next = dmix_runner_make (factory, error);

    g_free (factory);
    if (!next)
      return FALSE;
    if (name)
      gst_object_set_name (GST_OBJECT (next), name + 1);
    gst_bin_add (bin, next);
    if (*last)
      gst_element_link (*last, next);
    else
      *first = next;
    *last = next;
  }
  return TRUE;
}

/*** messages ***/

static void
stop (Run *run)
{
  g_main_loop_quit (run->loop);
}

static void
on_error (Run *run, GstMessage *message)
{
  GError *bus_error = NULL;
  gchar *detail = NULL, *path = file_of (GST_MESSAGE_SRC (message));

  gst_message_parse_error (message, &bus_error, &detail);
  GST_DEBUG ("%s: %s", bus_error->message, detail);
  if (!run->error) {
    if (run->missing)
      dmix_error_set (&run->error, DMIX_EXIT_INPUT, path,
          "no %s is installed; Debian has decoders in gstreamer1.0-libav, "
          "gstreamer1.0-plugins-bad and -ugly",
          run->missing);
    else
      dmix_error_set_gst (&run->error, path, bus_error, detail);
  }
  g_error_free (bus_error);
  g_free (detail);
  g_free (path);
  stop (run);
}

/* Elements of this set say in the detail what to do; the message is then that of
 * GStreamer for all of its kind. Each kind of warning of a file comes once. */
static void
on_warning (Run *run, GstMessage *message)
{
  DmixContext *context = run->context;
  GError *warning = NULL;
  gchar *path = file_of (GST_MESSAGE_SRC (message)), *detail = NULL;
  gchar *name = path ? dmix_printable (path) : NULL, *kind;
  const gchar *text;

  gst_message_parse_warning (message, &warning, &detail);
  text =
      g_error_matches (warning, GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS)
          && detail
      ? dmix_error_detail (detail)
      : warning->message;
  kind = g_strdup_printf ("%s %s", name, warning->message);
  if (context->warned && context->warned (text, context->data)) {
    g_free (kind);
  } else if (g_hash_table_add (run->warned, kind)) {
    dmix_report_warn (context->report, text);
    dmix_say_warning (context->say, "%s%s%s", name ? name : "",
        name ? ": " : "", text);
  }
  g_error_free (warning);
  g_free (detail);
  g_free (name);
  g_free (path);
}

static void
on_element (Run *run, GstMessage *message)
{
  if (gst_is_missing_plugin_message (message)) {
    if (!run->missing)
      run->missing = gst_missing_plugin_message_get_description (message);
  } else if (run->context->listener) {
    run->context->listener (GST_MESSAGE_SRC_NAME (message),
        gst_message_get_structure (message), run->context->data);
  }
}

static gboolean
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  Run *run = data;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      on_error (run, message);
      break;
    case GST_MESSAGE_WARNING:
      on_warning (run, message);
      break;
    case GST_MESSAGE_ELEMENT:
      on_element (run, message);
      break;
    case GST_MESSAGE_EOS:
      stop (run);
      break;
    default:
      break;
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_signal (gint fd, GIOCondition condition, gpointer data)
{
  Run *run = data;

  if (!run->error)
    dmix_signals_check (&run->error);
  stop (run);
  return G_SOURCE_REMOVE;
}

/*** progress ***/

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Run *run = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  if (GST_BUFFER_PTS_IS_VALID (buffer)) {
    g_mutex_lock (&run->lock);
    run->position = GST_BUFFER_PTS (buffer);
    g_mutex_unlock (&run->lock);
  }
  return GST_PAD_PROBE_OK;
}

static gboolean
on_tick (gpointer data)
{
  Run *run = data;
  guint64 position;

  g_mutex_lock (&run->lock);
  position = run->position;
  g_mutex_unlock (&run->lock);
  dmix_say_position (run->context->say, position);
  return G_SOURCE_CONTINUE;
}

static GstPadProbeReturn
count_frames (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  guint64 *frames = data;
  GstAudioMeta *meta;
  GstCaps *caps = gst_pad_get_current_caps (pad);
  GstAudioInfo audio;

  meta = gst_buffer_get_audio_meta (GST_PAD_PROBE_INFO_BUFFER (info));
  if (meta)
    *frames += meta->samples;
  else if (caps && gst_audio_info_from_caps (&audio, caps))
    *frames +=
        gst_buffer_get_size (GST_PAD_PROBE_INFO_BUFFER (info)) / audio.bpf;
  gst_clear_caps (&caps);
  return GST_PAD_PROBE_OK;
}

void
dmix_runner_count (GstPad *pad, guint64 *frames)
{
  *frames = 0;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, count_frames, frames,
      NULL);
}

/* Sources of the loop, which are of this run alone. */
static void
attach (Run *run, guint ids[3])
{
  GstBus *bus = gst_element_get_bus (run->pipeline);

  ids[0] = gst_bus_add_watch (bus, on_message, run);
  ids[1] = dmix_signals_fd () >= 0
      ? g_unix_fd_add (dmix_signals_fd (), G_IO_IN, on_signal, run)
      : 0;
  ids[2] = g_timeout_add (PROGRESS_MS, on_tick, run);
  gst_object_unref (bus);
}

static void
detach (Run *run, guint ids[3])
{
  GstBus *bus = gst_element_get_bus (run->pipeline);

  gst_bus_remove_watch (bus);
  gst_object_unref (bus);
  if (ids[1] && !dmix_signals_pending ())
    g_source_remove (ids[1]);
  g_source_remove (ids[2]);
}

static void
play (Run *run)
{
  if (gst_element_set_state (run->pipeline, GST_STATE_PLAYING)
      == GST_STATE_CHANGE_FAILURE) {
    GstBus *bus = gst_element_get_bus (run->pipeline);
    GstMessage *message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);

    if (message)
      on_error (run, message);
    else
      dmix_error_set (&run->error, DMIX_EXIT_INPUT, NULL,
          "GStreamer could not start");
    g_clear_pointer (&message, gst_message_unref);
    gst_object_unref (bus);
    return;
  }
  g_main_loop_run (run->loop);
}

gboolean
dmix_runner_play (DmixContext *context, GstElement *pipeline, GstPad *watched,
    const gchar *step, GstClockTime duration, GError **error)
{
  Run run = { .context = context, .pipeline = pipeline };
  guint ids[3];
  gulong probe;

  if (!dmix_signals_check (error)) {
    gst_object_unref (pipeline);
    return FALSE;
  }
  g_mutex_init (&run.lock);
  run.loop = g_main_loop_new (NULL, FALSE);
  run.warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  probe = gst_pad_add_probe (watched, GST_PAD_PROBE_TYPE_BUFFER, on_buffer,
      &run, NULL);
  attach (&run, ids);
  dmix_say_begin (context->say, step, duration);
  play (&run);
  detach (&run, ids);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_pad_remove_probe (watched, probe);
  dmix_say_end (context->say);
  gst_object_unref (pipeline);
  g_main_loop_unref (run.loop);
  g_hash_table_unref (run.warned);
  g_mutex_clear (&run.lock);
  g_free (run.missing);
  if (!run.error)
    return TRUE;
  g_propagate_error (error, run.error);
  return FALSE;
}

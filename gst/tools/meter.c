/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/meter.h"
#include "tools/settings.h"
#include "tools/source.h"

#include <math.h>

/* LU; phrases whose speech is less above its background are reported. */
#define HARD_TO_HEAR 10.0

typedef struct
{
  DmixReport *report;
  GstStructure *last; /* message */
} Meter;

static void
note_message (const gchar *element, const GstStructure *s, gpointer data)
{
  Meter *self = data;
  GstStructure **last = &self->last;

  dmix_report_note (self->report, TRUE, element, s);

  if (!gst_structure_has_name (s, "dmixmeter"))
    return;
  g_clear_pointer (last, gst_structure_free);
  *last = gst_structure_copy (s);
}

static gdouble
number (const GstStructure *s, const gchar *name)
{
  gdouble value = NAN;

  gst_structure_get_double (s, name, &value);
  return value;
}

static gdouble
highest_peak (const GstStructure *s)
{
  const GValue *peaks = gst_structure_get_value (s, "true-peak");
  gdouble most = -120;

  for (guint i = 0; peaks && i < gst_value_array_get_size (peaks); i++)
    most =
        MAX (most, g_value_get_double (gst_value_array_get_value (peaks, i)));
  return most;
}

static void
show (const DmixJob *job, DmixContext *context, GstStructure *s)
{
  DmixSay *say = context->say;
  const gchar *text = gst_structure_get_string (s, "verdict-text");

  dmix_say_line (say,
      "integrated %.1f LUFS, range %.1f LU, true peak %.1f dBTP",
      number (s, "integrated"), number (s, "range"), highest_peak (s));
  dmix_say_line (say, "maxima: momentary %.1f LUFS, short-term %.1f LUFS",
      number (s, "max-momentary"), number (s, "max-shortterm"));
  if (number (s, "speech-share") > 0)
    dmix_say_line (say,
        "dialogue %.1f LUFS, range %.1f LU, speech %.0f %% of the time, LDR "
        "%.1f LU",
        number (s, "dialogue-loudness"), number (s, "dialogue-range"),
        number (s, "speech-share"), number (s, "ldr"));
  dmix_say_line (say, "%s: %s%s%s%s",
      gst_structure_get_string (s, "specification"),
      gst_structure_get_string (s, "verdict"), text && *text ? " (" : "",
      text ? text : "", text && *text ? ")" : "");
  gst_structure_set (s, "command", G_TYPE_STRING, "meter", "input",
      G_TYPE_STRING, job->video, NULL);
  dmix_report_set_figures (context->report, s);
  dmix_say_event (say, "done", gst_structure_copy (s));
}

void
dmix_meter_watch_dialogue (GstElement *meter, gboolean phrases)
{
  gst_util_set_object_arg (G_OBJECT (meter), "dialogue", "both");
  if (phrases)
    g_object_set (meter, "hard-to-hear", HARD_TO_HEAR, NULL);
}

/* Sets the specification by its name, and then what --set says. */
static gboolean
set_up (const DmixJob *job, GstElement *meter, gboolean report, GError **error)
{
  static const gchar *const objects[] = { "meter", NULL };
  DmixJob *named = dmix_job_new (job->command);
  gboolean good;

  dmix_meter_watch_dialogue (meter, report);
  if (job->specification)
    g_ptr_array_add (named->settings,
        g_strdup_printf ("specification=%s", job->specification));
  good = dmix_settings_check (job, objects, error)
      && dmix_settings_apply (named, meter, "meter", TRUE, error)
      && dmix_settings_apply (job, meter, "meter", TRUE, error);
  dmix_job_free (named);
  return good;
}

static gboolean
play (const DmixJob *job, const DmixProbe *probe, const DmixStream *stream,
    DmixContext *context, Meter *self, GError **error)
{
  static const gchar *const row[] = { "dmixmeter meter", "fakesink", NULL };
  GstElement *pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  DmixContext inner = { context->say, note_message, self, NULL,
    context->report };
  GstElement *source, *meter, *sink;
  GstPad *watched;
  gboolean good;

  source = dmix_source_new (probe->path, stream, error);
  if (source)
    gst_bin_add (GST_BIN (pipeline), source);
  if (!source
      || !dmix_runner_chain (GST_BIN (pipeline), row, &meter, &sink, error)
      || !set_up (job, meter, context->report != NULL, error)) {
    gst_object_unref (pipeline);
    return FALSE;
  }
  g_object_set (sink, "sync", FALSE, NULL);
  gst_element_link (source, meter);
  dmix_report_watch (context->report, GST_BIN (pipeline));
  watched = gst_element_get_static_pad (meter, "src");
  good = dmix_runner_play (&inner, pipeline, watched, "measuring",
      probe->duration, error);
  gst_object_unref (watched);
  return good;
}

gboolean
dmix_meter (const DmixJob *job, DmixContext *context, GError **error)
{
  g_autoptr (DmixProbe) probe = NULL;
  const DmixStream *stream;
  Meter self = { context->report };
  GstAudioInfo format;
  gboolean good;

  if (!job->video) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "write: dmix meter FILE");
    return FALSE;
  }
  if (!(probe = dmix_probe_new (job->video, error))
      || !(stream = dmix_probe_audio (probe, job->track, error)))
    return FALSE;
  if (context->report
      && dmix_source_format (job->video, stream, &format, error))
    dmix_report_add_file (context->report, "file", job->video, 0,
        probe->duration, format.rate, format.channels);
  good = play (job, probe, stream, context, &self, error);
  if (good && !self.last) {
    dmix_error_set (error, DMIX_EXIT_INPUT, job->video,
        "there is no sound in it");
    good = FALSE;
  }
  if (good)
    show (job, context, self.last);
  g_clear_pointer (&self.last, gst_structure_free);
  return good;
}

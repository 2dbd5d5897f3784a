/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/meter.h"
#include "tools/mix.h"
#include "tools/settings.h"
#include "tools/source.h"

#include <math.h>

#define BAR_WIDTH 30   /* characters */
#define BAR_LOWEST -60 /* LUFS */

typedef struct
{
  const DmixJob *job;
  DmixSay *say;
  DmixReport *report;
  GstStructure *last;
  gdouble band; /* Hz, in which the last speech loses most; 0: none */
} Meter;

static gdouble
number (const GstStructure *s, const gchar *name)
{
  gdouble value = NAN;

  gst_structure_get_double (s, name, &value);
  return value;
}

static gboolean
is_critical (const GstStructure *s)
{
  gboolean critical = FALSE;

  gst_structure_get_boolean (s, "critical", &critical);
  return critical;
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

/* One line of a log: the time, loudness, and for stems what is heard. */
static void
show_line (DmixSay *say, const GstStructure *s)
{
  const gdouble momentary = number (s, "momentary");
  const gint full =
      (gint) (BAR_WIDTH * CLAMP ((momentary - BAR_LOWEST) / -BAR_LOWEST, 0, 1));
  gchar *bar = g_strnfill (full, '#');
  guint64 time = 0;

  gst_structure_get_uint64 (s, "stream-time", &time);
  if (gst_structure_has_field (s, "sii"))
    dmix_say_line (say,
        "%8.1f s  difference %5.1f LU  heard %3.0f %%  SII %.2f%s", time / 1e9,
        number (s, "difference-shortterm"),
        100 * number (s, "glimpse-proportion-shortterm"),
        number (s, "sii-shortterm"), is_critical (s) ? "  critical" : "");
  else
    dmix_say_line (say,
        "%8.1f s  M %6.1f  S %6.1f  I %6.1f LUFS  TP %5.1f dBTP  %s",
        time / 1e9, momentary, number (s, "shortterm"),
        number (s, "integrated"), highest_peak (s), bar);
  dmix_say_event (say, "line", gst_structure_copy (s));
  g_free (bar);
}

static void
note_message (const gchar *element, const GstStructure *s, gpointer data)
{
  Meter *meter = data;
  guint64 duration = 0;

  dmix_report_note (meter->report, TRUE, element, s);
  if (!meter->job->video && gst_structure_has_name (s, "dmixmeter"))
    dmix_report_note (meter->report, TRUE, "meter", s); /* of their mix */
  if (!gst_structure_has_name (s, "dmixmeter"))
    return;
  gst_structure_get_uint64 (s, "duration", &duration);
  if ((meter->job->lines || meter->job->live) && duration > 0)
    show_line (meter->say, s);
  if (number (s, "limiting-band") > 0)
    meter->band = number (s, "limiting-band");
  g_clear_pointer (&meter->last, gst_structure_free);
  meter->last = gst_structure_copy (s);
}

static void
show_stems (DmixSay *say, const GstStructure *s, gdouble band)
{
  dmix_say_line (say, "dialogue %.1f LUFS, background %.1f LUFS",
      number (s, "dialogue-loudness"), number (s, "background-loudness"));
  if (gst_structure_has_field (s, "difference"))
    dmix_say_line (say, "difference while somebody speaks: %.1f LU",
        number (s, "difference"));
  else
    dmix_say_line (say, "difference while somebody speaks: too little speech");
  dmix_say_line (say, "heard: %.0f %% of the speech, SII %.2f",
      100 * number (s, "glimpse-proportion"), number (s, "sii"));
  if (band > 0)
    dmix_say_line (say, "at the last words most is lost around %.0f Hz", band);
}

static void
show_file (DmixSay *say, const GstStructure *s)
{
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
}

static void
show (const Meter *meter)
{
  const DmixJob *job = meter->job;
  GstStructure *done = gst_structure_copy (meter->last);

  if (job->video)
    show_file (meter->say, done);
  else
    show_stems (meter->say, done, meter->band);
  gst_structure_set (done, "command", G_TYPE_STRING, "meter", NULL);
  if (job->video)
    gst_structure_set (done, "input", G_TYPE_STRING, job->video, NULL);
  dmix_report_set_figures (meter->report, done);
  dmix_say_event (meter->say, "done", done);
}

/* Sets the specification by its name, and then what --set says. */
static gboolean
set_up (const DmixJob *job, GstElement *meter, gboolean report, GError **error)
{
  static const gchar *const objects[] = { "meter", NULL };
  DmixJob *named = dmix_job_new (job->command);
  gboolean good;

  dmix_settings_watch_dialogue (meter, report);
  if (job->specification)
    g_ptr_array_add (named->settings,
        g_strdup_printf ("specification=%s", job->specification));
  good = dmix_settings_check (job, objects, error)
      && dmix_settings_apply (named, meter, "meter", TRUE, error)
      && dmix_settings_apply (job, meter, "meter", TRUE, error);
  dmix_job_free (named);
  return good;
}

/* The end of the pipeline: a loudspeaker with --live. */
static gboolean
add_sink (const DmixJob *job, GstElement *pipeline, GstElement *from,
    GError **error)
{
  const gchar *const live[] = { "audioconvert", "audioresample",
    "autoaudiosink", NULL };
  const gchar *const quick[] = { "fakesink", NULL };
  GstElement *first, *last;

  if (!dmix_runner_chain (GST_BIN (pipeline), job->live ? live : quick, &first,
          &last, error))
    return FALSE;
  if (!job->live)
    g_object_set (last, "sync", FALSE, NULL);
  gst_element_link (from, first);
  return TRUE;
}

/* Plays until the end; takes the pipeline. */
static gboolean
play (Meter *meter, GstElement *pipeline, GstElement *measures,
    GstClockTime duration, GError **error)
{
  DmixContext inner = { meter->say, note_message, meter, NULL, meter->report };
  GstPad *watched;
  gboolean good;

  if (meter->job->lines || meter->job->live)
    g_object_set (measures, "interval", (guint64) GST_SECOND, NULL);
  if (!add_sink (meter->job, pipeline, measures, error)) {
    gst_object_unref (pipeline);
    return FALSE;
  }
  dmix_report_watch (meter->report, GST_BIN (pipeline));
  watched = gst_element_get_static_pad (measures, "src");
  good = dmix_runner_play (&inner, pipeline, watched, "measuring", duration,
      error);
  gst_object_unref (watched);
  if (good && !meter->last) {
    dmix_error_set (error, DMIX_EXIT_INPUT, meter->job->video,
        "there is no sound in it");
    good = FALSE;
  }
  return good;
}

static gboolean
measure_file (Meter *meter, GError **error)
{
  const DmixJob *job = meter->job;
  g_autoptr (DmixProbe) probe = dmix_probe_new (job->video, error);
  const DmixStream *stream =
      probe ? dmix_probe_audio (probe, job->track, error) : NULL;
  GstElement *pipeline, *source, *measures;
  GstAudioInfo format;

  if (!stream || !dmix_source_format (job->video, stream, &format, error))
    return FALSE;
  dmix_report_add_file (meter->report, "file", job->video, 0, probe->duration,
      format.rate, format.channels);
  pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  source = dmix_source_new (probe->path, stream, error);
  if (source)
    gst_bin_add (GST_BIN (pipeline), source);
  measures = source ? dmix_runner_make ("dmixmeter", error) : NULL;
  if (measures) {
    gst_object_set_name (GST_OBJECT (measures), "meter");
    gst_bin_add (GST_BIN (pipeline), measures);
  }
  if (!measures || !set_up (job, measures, meter->report != NULL, error)) {
    gst_object_unref (pipeline);
    return FALSE;
  }
  gst_element_link (source, measures);
  return play (meter, pipeline, measures, probe->duration, error);
}

/* The stems as they are, or with --duck the ducked background. */
static gboolean
measure_stems (Meter *meter, GError **error)
{
  static const gchar *const objects[] = { "ducker", NULL };
  const DmixJob *job = meter->job;
  g_autoptr (DmixPlan) plan = NULL;
  GstElement *pipeline, *ducker;

  if (!dmix_mix_check_roles (job, error)
      || !dmix_settings_check (job, objects, error)
      || !(plan = dmix_plan_new (job, error)))
    return FALSE;
  pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  ducker = dmix_runner_make ("dmixducker", error);
  dmix_mix_list_files (plan, meter->report);
  if (ducker) {
    gst_object_set_name (GST_OBJECT (ducker), "ducker");
    gst_bin_add (GST_BIN (pipeline), ducker);
    g_object_set (ducker, "meter", TRUE, "bypass", !job->duck, NULL);
  }
  if (!ducker || !dmix_settings_apply (job, ducker, "ducker", TRUE, error)
      || !dmix_mix_add_sources (job, plan, pipeline, ducker, error)) {
    gst_object_unref (pipeline);
    return FALSE;
  }
  return play (meter, pipeline, ducker, plan->duration, error);
}

gboolean
dmix_meter (const DmixJob *job, DmixContext *context, GError **error)
{
  Meter meter = { job, context->say, context->report };
  gboolean good;

  if (!job->video == !job->inputs->len) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "write: dmix meter FILE, or dmix meter --dialogue FILE --background "
        "FILE");
    return FALSE;
  }
  good =
      job->video ? measure_file (&meter, error) : measure_stems (&meter, error);
  if (good)
    show (&meter);
  g_clear_pointer (&meter.last, gst_structure_free);
  return good;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Order: guide and take -> dmixadr -> the encoder of the ending. With several
 * takes each is aligned first without an output (analyse-only), and the one
 * with the fewest lines that do not match is rendered; of equals the one with
 * the higher sum of confidence. Where that pass has found the drift of the
 * take's clock, the drift is known from the first line on. */
#include "tools/adr.h"
#include "tools/encode.h"
#include "tools/lines.h"
#include "tools/output.h"
#include "tools/probe.h"
#include "tools/settings.h"
#include "tools/source.h"
#include "tools/value.h"

#include <math.h>
#include <string.h>

#define LEAST_RATE 44100 /* Hz */

/* A file and its sound, as in DmixPart. */
typedef struct
{
  DmixProbe *probe;
  const DmixStream *stream;
  GstAudioInfo format;
} File;

typedef struct
{
  const DmixJob *job;
  DmixContext *context;
  File guide;
  File *takes;
  GstAudioInfo format; /* of the output */
  DmixLines **lines;   /* of each take */
  gdouble drift_ppm;   /* of the take to render, from the first pass */
} Adr;

/* What the messages of one run go to. */
typedef struct
{
  DmixLines *lines;
  DmixReport *report;
} Run;

static gboolean
look_into (File *file, const gchar *path, const gchar *track, GError **error)
{
  return (file->probe = dmix_probe_new (path, error))
      && (file->stream = dmix_probe_audio (file->probe, track, error))
      && dmix_source_format (path, file->stream, &file->format, error);
}

static const DmixInput *
take_of (const Adr *adr, guint index)
{
  return g_ptr_array_index (adr->job->inputs, index);
}

static gboolean
look_into_all (Adr *adr, GError **error)
{
  const DmixJob *job = adr->job;
  gint rate;

  if (!look_into (&adr->guide, job->video, job->track, error))
    return FALSE;
  rate = adr->guide.format.rate;
  for (guint i = 0; i < job->inputs->len; i++) {
    if (!look_into (&adr->takes[i], take_of (adr, i)->path,
            take_of (adr, i)->track, error))
      return FALSE;
    rate = MAX (rate, adr->takes[i].format.rate);
  }
  gst_audio_info_set_format (&adr->format, GST_AUDIO_FORMAT_F32,
      job->rate ? job->rate : MAX (rate, LEAST_RATE), 2, NULL);
  return TRUE;
}

/* Everything of a take but its place in the output's layout. */
static void
use_channels_of (Adr *adr, guint take)
{
  const GstAudioInfo *format = &adr->takes[take].format;

  gst_audio_info_set_format (&adr->format, GST_AUDIO_FORMAT_F32,
      adr->format.rate, format->channels,
      GST_AUDIO_INFO_IS_UNPOSITIONED (format) ? NULL : format->position);
}

/*** the pipeline ***/

/* A meter behind `last`, which it becomes. */
static gboolean
add_meter (GstBin *bin, const gchar *name, GstElement **last, GError **error)
{
  GstElement *meter = dmix_runner_make ("dmixmeter", error);

  if (!meter)
    return FALSE;
  gst_object_set_name (GST_OBJECT (meter), name);
  dmix_settings_watch_dialogue (meter, FALSE);
  gst_bin_add (bin, meter);
  gst_element_link (*last, meter);
  *last = meter;
  return TRUE;
}

static gboolean
add_file (GstBin *bin, const File *file, gint rate, GstElement *adr,
    const gchar *pad, gboolean meter, GError **error)
{
  static const gchar *const row[] = { "capsfilter", "queue", NULL };
  GstElement *source = dmix_source_new (file->probe->path, file->stream, error);
  GstElement *first, *last;
  GstCaps *caps;

  if (source)
    gst_bin_add (bin, source);
  if (!source || !dmix_runner_chain (bin, row, &first, &last, error))
    return FALSE;
  caps = gst_caps_new_simple ("audio/x-raw", "rate", G_TYPE_INT, rate, NULL);
  g_object_set (first, "caps", caps, NULL);
  gst_caps_unref (caps);
  gst_element_link (source, first);
  if (meter && !add_meter (bin, "guide-meter", &last, error))
    return FALSE;
  gst_element_link_pads (last, "src", adr, pad);
  return TRUE;
}

/* Both meters are "meter" in the report: that of the guide before the work. */
static void
on_message (const gchar *element, const GstStructure *message, gpointer data)
{
  Run *run = data;

  dmix_lines_note (run->lines, message);
  if (g_str_equal (element, "guide-meter"))
    dmix_report_note (run->report, FALSE, "meter", message);
  else
    dmix_report_note (run->report, TRUE, element, message);
}

static gboolean
on_warning (const gchar *text, gpointer data)
{
  return dmix_lines_note_warning (((Run *) data)->lines, text);
}

static void
begin_report (Adr *adr, guint take)
{
  const DmixJob *job = adr->job;
  DmixReport *report = adr->context->report;
  const File *files[] = { &adr->guide, &adr->takes[take] };
  const gchar *const names[] = { "guide", "take" };
  const gchar *const paths[] = { job->video, take_of (adr, take)->path };

  for (guint i = 0; i < 2; i++)
    dmix_report_add_file (report, names[i], paths[i], 0,
        files[i]->probe->duration, files[i]->format.rate,
        files[i]->format.channels);
}

/* sink: taken; NULL: align only. */
static gboolean
play (Adr *adr, guint take, GstElement *sink, guint64 *frames, GError **error)
{
  static const gchar *const row[] = { "dmixadr adr", NULL };
  GstElement *pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  const gboolean only = !sink;
  gdouble drift_ppm;
  Run run = { adr->lines[take] = dmix_lines_new (),
    only ? NULL : adr->context->report };
  DmixContext inner = { adr->context->say, on_message, &run, on_warning,
    run.report };
  GstElement *align, *last;
  GstPad *watched;
  gboolean good;

  if (only) {
    sink = gst_element_factory_make ("fakesink", NULL);
    g_object_set (sink, "sync", FALSE, NULL);
  }
  gst_object_ref_sink (sink);
  good = dmix_runner_chain (GST_BIN (pipeline), row, &align, &last, error)
      && dmix_settings_apply (adr->job, align, "adr", TRUE, error)
      && add_file (GST_BIN (pipeline), &adr->guide, adr->format.rate, align,
          "guide", run.report != NULL, error)
      && add_file (GST_BIN (pipeline), &adr->takes[take], adr->format.rate,
          align, "take", FALSE, error)
      && (!run.report || add_meter (GST_BIN (pipeline), "meter", &last, error));
  if (!good) {
    gst_object_unref (pipeline);
    gst_object_unref (sink);
    return FALSE;
  }
  g_object_set (align, "post-messages", TRUE, NULL);
  if (only)
    g_object_set (align, "analyse-only", TRUE, NULL);
  g_object_get (align, "clock-drift", &drift_ppm, NULL);
  if (drift_ppm == 0)
    g_object_set (align, "clock-drift", adr->drift_ppm, NULL);
  gst_bin_add (GST_BIN (pipeline), sink);
  gst_element_link (last, sink);
  dmix_report_watch (run.report, GST_BIN (pipeline));
  watched = gst_element_get_static_pad (align, "src");
  dmix_runner_count (watched, frames);
  good = dmix_runner_play (&inner, pipeline, watched,
      only ? "comparing" : "aligning", adr->guide.probe->duration, error);
  gst_object_unref (watched);
  gst_object_unref (sink);
  return good;
}

/*** several takes ***/

/* The take to render; with one there is nothing to compare. */
static gboolean
choose (Adr *adr, guint *best, GError **error)
{
  const guint count = adr->job->inputs->len;
  guint64 frames;

  *best = 0;
  for (guint i = 0; count > 1 && i < count; i++) {
    if (!play (adr, i, NULL, &frames, error))
      return FALSE;
    if (dmix_lines_are_better (adr->lines[i], adr->lines[*best]))
      *best = i;
  }
  return TRUE;
}

/* Lines for which another take is better, one line each. */
static void
tell_others (Adr *adr, guint best)
{
  for (guint i = 0; i < adr->job->inputs->len; i++)
    if (i != best && adr->lines[i])
      dmix_lines_compare (adr->lines[best], adr->lines[i],
          take_of (adr, i)->path);
}

/*** the result ***/

static void
show (const Adr *adr, guint best, guint64 frames, gdouble took_s)
{
  const DmixJob *job = adr->job;
  DmixSay *say = adr->context->say;
  const DmixLines *lines = adr->lines[best];
  const gdouble seconds = (gdouble) frames / adr->format.rate;
  gchar *name = dmix_printable (job->output);
  gchar *take = dmix_printable (take_of (adr, best)->path);
  GstStructure *done = dmix_lines_figures (lines);

  if (job->inputs->len > 1)
    dmix_say_line (say, "best take: %s", take);
  dmix_lines_show (lines, say);
  dmix_say_line (say, "%s: %.2f s in %.1f s (%.0f x real time)", name, seconds,
      took_s, seconds / MAX (took_s, 1e-3));
  gst_structure_set (done, "command", G_TYPE_STRING, job->command, "output",
      G_TYPE_STRING, job->output, "take", G_TYPE_STRING,
      take_of (adr, best)->path, "frames", G_TYPE_UINT64, frames, "rate",
      G_TYPE_INT, adr->format.rate, "channels", G_TYPE_INT,
      adr->format.channels, "took-seconds", G_TYPE_DOUBLE, took_s, NULL);
  dmix_report_set_figures (adr->context->report, done);
  dmix_say_event (say, "done", done);
  g_free (name);
  g_free (take);
}

static gboolean
render (Adr *adr, DmixOutput *output, GError **error)
{
  const DmixJob *job = adr->job;
  const gint64 begun = g_get_monotonic_time ();
  guint64 frames = 0;
  GstElement *sink;
  guint best;

  if (!choose (adr, &best, error))
    return FALSE;
  if (adr->lines[best])
    adr->drift_ppm = dmix_lines_drift (adr->lines[best]);
  g_clear_pointer (&adr->lines[best], dmix_lines_free);
  use_channels_of (adr, best);
  begin_report (adr, best);
  if (job->layout && !dmix_encode_layout (job->layout, &adr->format, error))
    return FALSE;
  sink = dmix_encode_file (job->output, dmix_output_fd (output), job->codec,
      job->bitrate, &adr->format, error);
  if (!sink || !play (adr, best, sink, &frames, error))
    return FALSE;
  if (frames == 0) {
    dmix_error_set (error, DMIX_EXIT_INPUT, job->video,
        "the guide ended without any sound");
    return FALSE;
  }
  tell_others (adr, best);
  if (!dmix_encode_complete (job->output, dmix_output_fd (output), &adr->format,
          error)
      || !dmix_output_finish (output, error))
    return FALSE;
  show (adr, best, frames, (g_get_monotonic_time () - begun) / 1e6);
  return TRUE;
}

static gboolean
check (const DmixJob *job, GError **error)
{
  static const gchar *const objects[] = { "adr", NULL };
  const gchar **inputs;
  gboolean good;

  if (!job->video || !job->inputs->len || !job->output) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "write: dmix adr GUIDE TAKE --output FILE");
    return FALSE;
  }
  inputs = dmix_job_inputs (job);
  good = dmix_settings_check (job, objects, error)
      && dmix_encode_check (job->output, error)
      && dmix_output_check (job->output, inputs, error);
  g_free (inputs);
  return good;
}

gboolean
dmix_adr (const DmixJob *job, DmixContext *context, GError **error)
{
  const guint count = job->inputs->len;
  g_autoptr (DmixOutput) output = NULL;
  Adr adr = { job, context };
  gboolean good;

  if (!check (job, error))
    return FALSE;
  adr.takes = g_new0 (File, count);
  adr.lines = g_new0 (DmixLines *, count);
  good = look_into_all (&adr, error)
      && (output = dmix_output_new (job->output, error))
      && render (&adr, output, error);
  for (guint i = 0; i < count; i++) {
    dmix_probe_free (adr.takes[i].probe);
    dmix_lines_free (adr.lines[i]);
  }
  dmix_probe_free (adr.guide.probe);
  g_free (adr.takes);
  g_free (adr.lines);
  return good;
}

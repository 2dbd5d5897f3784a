/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Order: each file -> its own steps (--set NAME::denoise=9) -> dmixducker ->
 * layout (-> dmixdialogue for a finished file) -> dmixlevel, which has the gain of --loudness and the limiter ->
 * dmixmeter -> the sink. Nothing lies between in a file, so that no format of
 * one limits the length. */
#include "tools/mix.h"
#include "tools/encode.h"
#include "tools/output.h"
#include "tools/settings.h"
#include "tools/source.h"

#include <math.h>
#include <string.h>

#define INTERVAL (100 * GST_MSECOND)

/*** the pipeline ***/

typedef struct
{
  GstElement *pipeline, *ducker, *level, *meter;
  GstElement *split; /* dmixdialogue, NULL where stems are mixed */
  gboolean report;   /* measure what only the report shows */
  GstPad *watched;
} Graph;

static GstElement *
filter_new (const GstAudioInfo *format, gboolean layout)
{
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  GstCaps *caps;

  if (layout) {
    caps = gst_audio_info_to_caps (format);
  } else {
    caps = gst_caps_new_simple ("audio/x-raw", "rate", G_TYPE_INT, format->rate,
        NULL);
  }
  g_object_set (filter, "caps", caps, NULL);
  gst_caps_unref (caps);
  return filter;
}

/* A file up to its pad of the ducker. */
static gboolean
add_source (const DmixJob *job, const DmixPlan *plan, const DmixPart *part,
    GstElement *pipeline, GstElement *ducker, gboolean is_first, GError **error)
{
  GstElement *source, *filter, *chain, *from;
  GstPad *pad, *out;
  const gboolean background = dmix_part_is_background (part);

  source = dmix_source_new (part->probe->path, part->stream, error);
  if (!source)
    return FALSE;
  gst_bin_add (GST_BIN (pipeline), source);
  if (!dmix_settings_chain (job, part->name, &chain, error))
    return FALSE;
  filter = filter_new (&plan->format, background && !job->layout);
  gst_bin_add (GST_BIN (pipeline), filter);
  gst_element_link (source, filter);
  from = filter;
  if (chain) {
    gst_bin_add (GST_BIN (pipeline), chain);
    gst_element_link (filter, chain);
    from = chain;
  }
  pad = gst_element_request_pad_simple (ducker,
      background ? (is_first ? "background" : "background_%u")
                 : (is_first ? "dialogue" : "dialogue_%u"));
  out = gst_element_get_static_pad (from, "src");
  gst_pad_set_offset (pad, (gint64) part->offset);
  gst_pad_link (out, pad);
  gst_object_unref (out);
  gst_object_unref (pad);
  return TRUE;
}

gboolean
dmix_mix_add_sources (const DmixJob *job, const DmixPlan *plan,
    GstElement *pipeline, GstElement *ducker, GError **error)
{
  guint count[2] = { 0, 0 };

  for (guint i = 0; i < plan->parts->len; i++) {
    const DmixPart *part = g_ptr_array_index (plan->parts, i);

    if (!add_source (job, plan, part, pipeline, ducker,
            count[dmix_part_is_background (part)]++ == 0, error))
      return FALSE;
  }
  return TRUE;
}

static void
set_up_report (Graph *graph)
{
  dmix_settings_watch_dialogue (graph->meter, graph->split != NULL);
  if (!graph->split)
    g_object_set (graph->ducker, "meter", TRUE, NULL);
}

static gboolean
graph_new (const DmixJob *job, const DmixPlan *plan, Graph *graph,
    GError **error)
{
  static const gchar *const ducking[] = { "dmixducker ducker", "queue",
    "audioconvert", NULL };
  static const gchar *const levelling[] = { "dmixlevel level",
    "dmixmeter meter", NULL };
  GstElement *convert, *filter;

  graph->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  if (!dmix_runner_chain (GST_BIN (graph->pipeline), ducking, &graph->ducker,
          &convert, error)
      || !dmix_runner_chain (GST_BIN (graph->pipeline), levelling,
          &graph->level, &graph->meter, error))
    return FALSE;
  filter = filter_new (&plan->format, TRUE);
  gst_bin_add (GST_BIN (graph->pipeline), filter);
  gst_element_link (convert, filter);
  if (g_str_equal (job->command, "dialogue")) {
    graph->split = dmix_runner_make ("dmixdialogue", error);
    if (!graph->split)
      return FALSE;
    gst_object_set_name (GST_OBJECT (graph->split), "dialogue");
    gst_bin_add (GST_BIN (graph->pipeline), graph->split);
    gst_element_link_many (filter, graph->split, graph->level, NULL);
  } else {
    gst_element_link (filter, graph->level);
  }
  g_object_set (graph->ducker, "interval", (guint64) INTERVAL, NULL);
  g_object_set (graph->level, "interval", (guint64) INTERVAL, "anchor", 0,
      NULL);
  g_object_set (graph->meter, "interval", (guint64) INTERVAL, NULL);
  if (graph->report)
    set_up_report (graph);
  return dmix_settings_apply (job, graph->split ? graph->split : graph->ducker,
             graph->split ? "dialogue" : "ducker", TRUE, error)
      && dmix_settings_apply (job, graph->level, "level", FALSE, error)
      && dmix_settings_apply (job, graph->meter, "meter", FALSE, error)
      && dmix_mix_add_sources (job, plan, graph->pipeline, graph->ducker,
          error);
}

/*** figures ***/

typedef struct
{
  DmixContext *context;
  DmixResult *result;
  gboolean final;
  const gchar *command;
  gboolean before; /* a pass of the report, of the sound as it was */
} Figures;

static gdouble
loudest (const GstStructure *s, const gchar *name)
{
  const GValue *array = gst_structure_get_value (s, name);
  gdouble most = -120;

  if (array && GST_VALUE_HOLDS_ARRAY (array))
    for (guint i = 0; i < gst_value_array_get_size (array); i++)
      most =
          MAX (most, g_value_get_double (gst_value_array_get_value (array, i)));
  return most;
}

static void
note_message (const gchar *element, const GstStructure *s, gpointer data)
{
  Figures *figures = data;
  DmixResult *result = figures->result;
  guint64 duration = 0;
  gdouble value;

  if (gst_structure_has_name (s, "dmixdialogue")) {
    gst_structure_get_uint64 (s, "duration", &duration);
    gst_structure_get_double (s, "difference", &result->difference);
    if (gst_structure_get_double (s, "duck", &value)) {
      result->deepest = MIN (result->deepest, value);
      result->ducked_s += value < -1 ? duration / 1e9 : 0;
    }
  } else if (gst_structure_has_name (s, "dmixducker")
      && !g_str_equal (figures->command, "dialogue")) {
    gst_structure_get_uint64 (s, "duration", &duration);
    gst_structure_get_double (s, "difference", &result->difference);
    if (gst_structure_get_double (s, "gain", &value))
      result->deepest = MIN (result->deepest, value);
    if (gst_structure_get_double (s, "gain-mean", &value) && value < -1)
      result->ducked_s += duration / 1e9;
  } else if (gst_structure_has_name (s, "dmixlevel")) {
    if (!figures->final)
      gst_structure_get_double (s, "gain", &result->gain);
    else if (gst_structure_get_double (s, "limiter", &value))
      result->limiter = MIN (result->limiter, value);
  } else if (gst_structure_has_name (s, "dmixmeter")
      && !gst_structure_has_field (s, "sii")) {
    gst_structure_get_double (s, "integrated", &result->loudness);
    gst_structure_get_double (s, "range", &result->range);
    result->true_peak = loudest (s, "true-peak");
  }
  if (figures->final || figures->before)
    dmix_report_note (figures->context->report, figures->final, element, s);
  if (figures->final && figures->context->listener)
    figures->context->listener (element, s, figures->context->data);
}

/*** passes ***/

typedef enum
{
  PASS_BEFORE,  /* for the report: the sound as it was */
  PASS_ANALYSE, /* for --loudness: the gain that it needs */
  PASS_FINAL,
} Pass;

static void
set_up_pass (const DmixJob *job, Graph *graph, Pass pass,
    const DmixResult *result)
{
  if (pass == PASS_FINAL)
    g_object_set (graph->level, "mode", 2, "gain",
        CLAMP (result->gain, -60, 60), "ceiling", job->ceiling, NULL);
  else
    g_object_set (graph->level, "mode", 1, "target",
        isnan (job->loudness) ? -23.0 : job->loudness, NULL);
  if (pass == PASS_BEFORE)
    g_object_set (graph->split ? graph->split : graph->ducker, "bypass", TRUE,
        NULL);
}

static gboolean
play_pass (const DmixJob *job, const DmixPlan *plan, DmixContext *context,
    GstElement *sink, DmixResult *result, Pass pass, GError **error)
{
  static const gchar *const steps[] = { "measuring what it was", "measuring",
    "mixing" };
  Figures figures = { context, result, pass == PASS_FINAL, job->command,
    pass == PASS_BEFORE };
  DmixContext inner = { context->say, note_message, &figures, NULL,
    pass == PASS_FINAL ? context->report : NULL };
  Graph graph = { NULL };
  GstPad *watched;
  gboolean good;

  gst_object_ref_sink (sink);
  graph.report = context->report && pass != PASS_ANALYSE;
  if (!graph_new (job, plan, &graph, error)) {
    gst_clear_object (&graph.pipeline);
    gst_object_unref (sink);
    return FALSE;
  }
  set_up_pass (job, &graph, pass, result);
  gst_bin_add (GST_BIN (graph.pipeline), sink);
  gst_element_link (graph.meter, sink);
  watched = gst_element_get_static_pad (graph.meter, "src");
  dmix_runner_count (watched, &result->frames);
  dmix_report_watch (inner.report, GST_BIN (graph.pipeline));
  good = dmix_runner_play (&inner, graph.pipeline, watched, steps[pass],
      plan->duration, error);
  gst_object_unref (watched);
  gst_object_unref (sink);
  return good;
}

/* A pass whose sound goes nowhere. */
static gboolean
measure (const DmixJob *job, const DmixPlan *plan, DmixContext *context,
    DmixResult *result, Pass pass, GError **error)
{
  GstElement *nothing = gst_element_factory_make ("fakesink", NULL);

  g_object_set (nothing, "sync", FALSE, NULL);
  return play_pass (job, plan, context, nothing, result, pass, error);
}

void
dmix_mix_list_files (const DmixPlan *plan, DmixReport *report)
{
  dmix_report_set_zero (report, plan->zero);
  for (guint i = 0; i < plan->parts->len; i++) {
    const DmixPart *part = g_ptr_array_index (plan->parts, i);

    dmix_report_add_file (report, part->name, part->probe->path,
        part->input ? part->input->at_ns : 0, part->probe->duration,
        part->format.rate, part->format.channels);
  }
}

static void
forget_figures (DmixResult *result)
{
  result->difference = NAN;
  result->deepest = result->ducked_s = result->limiter = 0;
  result->loudness = result->true_peak = -120;
}

gboolean
dmix_mix_play (const DmixJob *job, const DmixPlan *plan, DmixContext *context,
    GstElement *sink, DmixResult *result, GError **error)
{
  const gint64 begun = g_get_monotonic_time ();
  gboolean good = TRUE;

  result->gain = 0;
  if (context->report) {
    dmix_mix_list_files (plan, context->report);
    good = measure (job, plan, context, result, PASS_BEFORE, error);
    result->gain = 0;
  }
  if (good && !isnan (job->loudness))
    good = measure (job, plan, context, result, PASS_ANALYSE, error);
  forget_figures (result);
  if (good) {
    good = play_pass (job, plan, context, sink, result, PASS_FINAL, error);
  } else {
    gst_object_unref (gst_object_ref_sink (sink));
  }
  if (good && result->frames == 0) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "the inputs ended without any sound");
    good = FALSE;
  }
  result->took_s = (g_get_monotonic_time () - begun) / 1e6;
  return good;
}

/*** the command ***/

void
dmix_mix_show (const DmixJob *job, const DmixPlan *plan, DmixContext *context,
    const DmixResult *result)
{
  DmixSay *say = context->say;
  const gdouble seconds = (gdouble) result->frames / plan->format.rate;
  gchar *name = dmix_printable (job->output);
  GstStructure *done;

  if (isnan (result->difference))
    dmix_say_line (say, "difference while somebody speaks: too little speech");
  else
    dmix_say_line (say, "difference while somebody speaks: %.1f LU",
        result->difference);
  dmix_say_line (say, "ducked for %.1f s, by up to %.1f dB", result->ducked_s,
      -result->deepest);
  dmix_say_line (say, "loudness %.1f LUFS, range %.1f LU, true peak %.1f dBTP",
      result->loudness, result->range, result->true_peak);
  if (!isnan (job->loudness))
    dmix_say_line (say, "gain %+.1f dB", result->gain);
  if (result->limiter < -0.05)
    dmix_say_line (say, "limited by up to %.1f dB to stay below %.1f dBTP",
        -result->limiter, job->ceiling);
  dmix_say_line (say, "%s: %.2f s in %.1f s (%.0f x real time)", name, seconds,
      result->took_s, seconds / MAX (result->took_s, 1e-3));
  done = gst_structure_new ("done", "command", G_TYPE_STRING, job->command,
      "output", G_TYPE_STRING, job->output, "difference", G_TYPE_DOUBLE,
      result->difference, "ducking", G_TYPE_DOUBLE, result->deepest,
      "ducked-seconds", G_TYPE_DOUBLE, result->ducked_s, "loudness",
      G_TYPE_DOUBLE, result->loudness, "range", G_TYPE_DOUBLE, result->range,
      "true-peak", G_TYPE_DOUBLE, result->true_peak, "gain", G_TYPE_DOUBLE,
      result->gain, "limiter", G_TYPE_DOUBLE, result->limiter, "frames",
      G_TYPE_UINT64, result->frames, "rate", G_TYPE_INT, plan->format.rate,
      "channels", G_TYPE_INT, plan->format.channels, "took-seconds",
      G_TYPE_DOUBLE, result->took_s, NULL);
  dmix_report_set_figures (context->report, done);
  dmix_say_event (say, "done", done);
  g_free (name);
}

static gboolean
check_settings (const DmixJob *job, GError **error)
{
  static const gchar *const of_mix[] = { "ducker", "level", "meter", NULL };
  static const gchar *const of_split[] = { "dialogue", "level", "meter", NULL };

  return dmix_settings_check (job,
      g_str_equal (job->command, "dialogue") ? of_split : of_mix, error);
}

gboolean
dmix_mix_check_roles (const DmixJob *job, GError **error)
{
  guint count[2] = { 0, 0 };

  for (guint i = 0; i < job->inputs->len; i++)
    count[((DmixInput *) g_ptr_array_index (job->inputs, i))->role]++;
  if (count[DMIX_ROLE_DIALOGUE] && count[DMIX_ROLE_BACKGROUND])
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "name a --dialogue and something below it (--music, --ambience, "
      "--effects or --background)");
  return FALSE;
}

static gboolean
check (const DmixJob *job, GError **error)
{
  if (!dmix_mix_check_roles (job, error))
    return FALSE;
  if (job->output)
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "name the file to write with --output");
  return FALSE;
}

gboolean
dmix_mix_to_file (const DmixJob *job, DmixContext *context, GError **error)
{
  const gchar **inputs = dmix_job_inputs (job);
  g_autoptr (DmixOutput) output = NULL;
  g_autoptr (DmixPlan) plan = NULL;
  GstElement *sink;
  DmixResult result = { 0 };
  gboolean good;

  good = check_settings (job, error) && dmix_encode_check (job->output, error)
      && dmix_output_check (job->output, inputs, error);
  g_free (inputs);
  if (!good || !(plan = dmix_plan_new (job, error))
      || !(output = dmix_output_new (job->output, error)))
    return FALSE;
  sink = dmix_encode_file (job->output, dmix_output_fd (output), job->codec,
      job->bitrate, &plan->format, error);
  if (!sink || !dmix_mix_play (job, plan, context, sink, &result, error)
      || !dmix_encode_complete (job->output, dmix_output_fd (output),
          &plan->format, error)
      || !dmix_output_finish (output, error))
    return FALSE;
  dmix_mix_show (job, plan, context, &result);
  return TRUE;
}

gboolean
dmix_mix (const DmixJob *job, DmixContext *context, GError **error)
{
  return check (job, error) && dmix_mix_to_file (job, context, error);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Order: messages are noted while the job plays, as curves, passages and the last
 * one of each kind; at the end they become one JSON object, and that the page.
 * So the page has no figure that the JSON has not. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "tools/report.h"
#include "tools/again.h"
#include "tools/output.h"
#include "tools/page.h"
#include "tools/passages.h"
#include "tools/properties.h"

#include <math.h>
#include <string.h>

#define MOST_POINTS 2400 /* of a curve: 3 s each of two hours */
#define SILENCE -119.0   /* LUFS; what is softer is unknown */

/* Curves: of which message, and how the values are written. */
static const struct
{
  const gchar *name, *element, *message, *field, *unit;
  DmixCurveJoin join;
  gboolean before; /* also of the sound as it was */
  gdouble scale;
} curves[] = {
  { "loudness", "meter", "dmixmeter", "shortterm", "LUFS", DMIX_CURVE_MAX, TRUE,
      10 },
  { "difference", "ducker", "dmixmeter", "difference-shortterm", "LU",
      DMIX_CURVE_MIN, TRUE, 10 },
  { "sii", "ducker", "dmixmeter", "sii-shortterm", "", DMIX_CURVE_MIN, TRUE,
      1000 },
  { "gain", "ducker", "dmixducker", "gain", "dB", DMIX_CURVE_MIN, FALSE, 10 },
  { "gain", "dialogue", "dmixdialogue", "duck", "dB", DMIX_CURVE_MIN, FALSE,
      10 },
  { "limiter", "level", "dmixlevel", "limiter", "dB", DMIX_CURVE_MIN, FALSE,
      10 },
};
#define DIFFERENCE 1 /* index of the curve */
#define CURVES G_N_ELEMENTS (curves)

static const gchar *const specifications[] = { "r128", "r128-s1", "r128-s4",
  "a85", "a85-anchor", "netflix", "td1008", "streaming", "podcast" };

typedef struct
{
  DmixCurve *curve[CURVES];
  GArray *passages;            /* of DmixPassage */
  GstStructure *meter, *stems; /* last message of each meter */
  GArray *speech;              /* of gdouble: start, stop, start, stop ... */
} Phase;

typedef struct
{
  gdouble noise, reduction; /* sums */
  guint count;
} Denoise;

struct _DmixReport
{
  const DmixJob *job;
  GMutex lock; /* verdicts: the probe runs in a streaming thread */
  GstClockTime zero;
  Phase phase[2]; /* before, after */
  JsonArray *files, *verdicts, *settings, *warnings;
  GHashTable *denoise; /* element name to Denoise */
  GstStructure *figures;
};

static gchar *
json_path (const DmixJob *job)
{
  return g_strdup_printf ("%.*s.json",
      (int) (strlen (job->report) - strlen (".html")), job->report);
}

static gboolean
check_path (const DmixJob *job, const gchar *path, GError **error)
{
  const gchar **inputs = dmix_job_inputs (job);
  const gchar *const output[] = { job->output, NULL };
  gboolean good = dmix_output_check (path, inputs, error)
      && dmix_output_check (path, output, error);
  DmixOutput *try = NULL;

  if (good && job->output && g_str_equal (path, job->output)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "the report is the output; name another file");
    good = FALSE;
  }
  if (good)
    good = (try = dmix_output_new (path, error)) != NULL;
  dmix_output_free (try);
  g_free (inputs);
  return good;
}

gboolean
dmix_report_check (const DmixJob *job, GError **error)
{
  gchar *data;
  gboolean good;

  if (!job->report)
    return TRUE;
  if (!g_str_has_suffix (job->report, ".html")) {
    dmix_error_set (error, DMIX_EXIT_INPUT, job->report,
        "the name of a report ends with .html; the .json is put beside it");
    return FALSE;
  }
  data = json_path (job);
  good = check_path (job, job->report, error) && check_path (job, data, error);
  g_free (data);
  return good;
}

static void
phase_init (Phase *phase)
{
  for (gsize i = 0; i < CURVES; i++)
    phase->curve[i] = dmix_curve_new (curves[i].join);
  phase->passages = g_array_new (FALSE, FALSE, sizeof (DmixPassage));
  phase->speech = g_array_new (FALSE, FALSE, sizeof (gdouble));
}

static void
phase_clear (Phase *phase)
{
  for (gsize i = 0; i < CURVES; i++)
    dmix_curve_free (phase->curve[i]);
  g_array_unref (phase->passages);
  g_array_unref (phase->speech);
  g_clear_pointer (&phase->meter, gst_structure_free);
  g_clear_pointer (&phase->stems, gst_structure_free);
}

DmixReport *
dmix_report_new (const DmixJob *job)
{
  DmixReport *report;

  if (!job->report)
    return NULL;
  report = g_new0 (DmixReport, 1);
  report->job = job;
  g_mutex_init (&report->lock);
  for (guint i = 0; i < 2; i++)
    phase_init (&report->phase[i]);
  report->files = json_array_new ();
  report->verdicts = json_array_new ();
  report->settings = json_array_new ();
  report->warnings = json_array_new ();
  report->denoise =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return report;
}

void
dmix_report_free (DmixReport *report)
{
  if (!report)
    return;
  for (guint i = 0; i < 2; i++)
    phase_clear (&report->phase[i]);
  json_array_unref (report->files);
  json_array_unref (report->verdicts);
  json_array_unref (report->settings);
  json_array_unref (report->warnings);
  g_hash_table_unref (report->denoise);
  g_clear_pointer (&report->figures, gst_structure_free);
  g_mutex_clear (&report->lock);
  g_free (report);
}

void
dmix_report_set_zero (DmixReport *report, GstClockTime zero)
{
  if (report)
    report->zero = zero;
}

static void
set_name (JsonObject *object, const gchar *name, const gchar *text)
{
  gchar *printable = dmix_printable (text);

  json_object_set_string_member (object, name, printable);
  g_free (printable);
}

void
dmix_report_add_file (DmixReport *report, const gchar *name, const gchar *path,
    GstClockTime at, GstClockTime duration, gint rate, gint channels)
{
  JsonObject *file;

  if (!report)
    return;
  file = json_object_new ();
  json_object_set_string_member (file, "name", name);
  set_name (file, "file", path);
  dmix_json_set_number (file, "at", at / 1e9);
  dmix_json_set_number (file, "duration",
      GST_CLOCK_TIME_IS_VALID (duration) ? duration / 1e9 : NAN);
  json_object_set_int_member (file, "rate", rate);
  json_object_set_int_member (file, "channels", channels);
  json_array_add_object_element (report->files, file);
}

void
dmix_report_warn (DmixReport *report, const gchar *text)
{
  if (report)
    json_array_add_string_element (report->warnings, text);
}

void
dmix_report_set_figures (DmixReport *report, const GstStructure *figures)
{
  if (!report)
    return;
  g_clear_pointer (&report->figures, gst_structure_free);
  report->figures = gst_structure_copy (figures);
}

/*** messages ***/

/* ns of the report, or negative before its zero. */
static gint64
time_of (const DmixReport *report, const GstStructure *s)
{
  guint64 time = 0;

  gst_structure_get_uint64 (s, "running-time", &time);
  return (gint64) time - (gint64) report->zero;
}

/* Figures of stems stay at their last value, or fall to 0, while nobody speaks. */
static gboolean
is_about_speech (const GstStructure *s)
{
  gdouble activity = 1;

  gst_structure_get_double (s, "dialogue-activity", &activity);
  return activity > 0;
}

static void
note_curves (Phase *phase, gint64 time, const gchar *element,
    const GstStructure *s)
{
  for (gsize i = 0; i < CURVES; i++) {
    gdouble value;

    if (time >= 0 && is_about_speech (s)
        && g_str_equal (element, curves[i].element)
        && gst_structure_has_name (s, curves[i].message)
        && gst_structure_get_double (s, curves[i].field, &value))
      dmix_curve_note (phase->curve[i], (GstClockTime) time,
          value > SILENCE ? value : NAN);
  }
}

static void
note_last (GstStructure **last, const GstStructure *s)
{
  g_clear_pointer (last, gst_structure_free);
  *last = gst_structure_copy (s);
}

static void
note_speech (Phase *phase, gint64 time, gboolean starts)
{
  const gdouble seconds = MAX (0, time) / 1e9;

  if (starts == (phase->speech->len % 2 == 0))
    g_array_append_val (phase->speech, seconds);
}

static void
note_denoise (DmixReport *report, const gchar *element, const GstStructure *s)
{
  Denoise *sum = g_hash_table_lookup (report->denoise, element);
  gdouble noise = 0, reduction = 0;

  if (!sum) {
    sum = g_new0 (Denoise, 1);
    g_hash_table_insert (report->denoise, g_strdup (element), sum);
  }
  gst_structure_get_double (s, "noise-level", &noise);
  gst_structure_get_double (s, "reduction", &reduction);
  sum->noise += noise;
  sum->reduction += reduction;
  sum->count++;
}

/* Stream time to time of the report, from a message that has both. */
static gint64
shift_of (const DmixReport *report, const GstStructure *s)
{
  guint64 stream = 0;

  if (!s || !gst_structure_get_uint64 (s, "stream-time", &stream))
    return 0;
  return time_of (report, s) - (gint64) stream;
}

void
dmix_report_note (DmixReport *report, gboolean after, const gchar *element,
    const GstStructure *s)
{
  Phase *phase;
  gint64 time;

  if (!report)
    return;
  phase = &report->phase[after != FALSE];
  time = time_of (report, s);
  note_curves (phase, time, element, s);
  if (gst_structure_has_name (s, "dmixdenoise") && after)
    note_denoise (report, element, s);
  if (g_str_equal (element, "ducker")
      && gst_structure_has_name (s, "dmixmeter")) {
    note_last (&phase->stems, s);
    dmix_passages_note_stems (phase->passages, time, s);
  } else if (g_str_equal (element, "meter")) {
    if (gst_structure_has_name (s, "dmixmeter"))
      note_last (&phase->meter, s);
    else if (gst_structure_has_name (s, "dialogue-hard-to-hear"))
      dmix_passages_note_phrase (phase->passages,
          shift_of (report, phase->meter), s);
    else
      note_speech (phase, time, gst_structure_has_name (s, "speech-start"));
  }
}

/*** the pipeline ***/

static GstPadProbeReturn
on_end (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  DmixReport *report = data;
  GstElement *meter;

  if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) != GST_EVENT_EOS)
    return GST_PAD_PROBE_OK;
  meter = gst_pad_get_parent_element (pad);
  g_mutex_lock (&report->lock);
  for (gsize i = 0; i < G_N_ELEMENTS (specifications); i++) {
    GstStructure *verdict = NULL;

    g_signal_emit_by_name (meter, "judge", specifications[i], &verdict);
    if (verdict)
      json_array_add_object_element (report->verdicts,
          dmix_json_object (verdict));
    g_clear_pointer (&verdict, gst_structure_free);
  }
  g_mutex_unlock (&report->lock);
  gst_object_unref (meter);
  return GST_PAD_PROBE_REMOVE;
}

void
dmix_report_watch (DmixReport *report, GstBin *bin)
{
  GstElement *meter;

  if (!report)
    return;
  dmix_properties_list (bin, report->settings);
  meter = gst_bin_get_by_name (bin, "meter");
  if (meter) {
    GstPad *pad = gst_element_get_static_pad (meter, "src");

    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_end, report,
        NULL);
    gst_object_unref (pad);
    gst_object_unref (meter);
  }
}

/*** JSON ***/

static guint
length_of (const DmixReport *report)
{
  guint most = 0;

  for (guint p = 0; p < 2; p++)
    for (gsize i = 0; i < CURVES; i++)
      most = MAX (most, report->phase[p].curve[i]->values->len);
  return most;
}

static JsonObject *
curves_json (const DmixReport *report)
{
  JsonObject *all = json_object_new ();
  const guint step =
      MAX (1, (length_of (report) + MOST_POINTS - 1) / MOST_POINTS);

  json_object_set_int_member (all, "step-ms",
      (gint64) (step * DMIX_CURVE_INTERVAL / GST_MSECOND));
  for (guint p = 0; p < 2; p++)
    for (gsize i = 0; i < CURVES; i++) {
      const DmixCurve *curve = report->phase[p].curve[i];
      gchar *name;
      JsonObject *one;

      if (curve->values->len == 0 || (p == 0 && !curves[i].before))
        continue;
      name = g_strdup_printf ("%s-%s", curves[i].name, p ? "after" : "before");
      one = json_object_new ();
      json_object_set_string_member (one, "unit", curves[i].unit);
      json_object_set_int_member (one, "scale", (gint64) curves[i].scale);
      json_object_set_array_member (one, "values",
          dmix_curve_json (curve, step, curves[i].scale));
      json_object_set_object_member (all, name, one);
      g_free (name);
    }
  return all;
}

static JsonObject *
phase_json (const DmixReport *report, guint of)
{
  const Phase *phase = &report->phase[of];
  JsonObject *object = json_object_new ();

  json_object_set_object_member (object, "meter",
      dmix_json_object (phase->meter));
  if (phase->stems)
    json_object_set_object_member (object, "stems",
        dmix_json_object (phase->stems));
  json_object_set_array_member (object, "hard-to-hear",
      dmix_passages_json (phase->passages,
          of == 0 ? report->phase[1].passages : NULL,
          report->phase[1].curve[DIFFERENCE]));
  dmix_json_set_number (object, "hard-to-hear-seconds",
      dmix_passages_length (phase->passages));
  return object;
}

static JsonArray *
speech_json (const DmixReport *report)
{
  const GArray *times = report->phase[1].speech;
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < times->len; i++)
    json_array_add_int_element (array,
        (gint64) (g_array_index (times, gdouble, i) * 10 + 0.5));
  return array;
}

static JsonArray *
denoise_json (const DmixReport *report)
{
  JsonArray *array = json_array_new ();
  GList *names = g_list_sort (g_hash_table_get_keys (report->denoise),
      (GCompareFunc) strcmp);

  for (GList *name = names; name; name = name->next) {
    const Denoise *sum = g_hash_table_lookup (report->denoise, name->data);
    JsonObject *object = json_object_new ();

    json_object_set_string_member (object, "name", name->data);
    dmix_json_set_number (object, "noise-level", sum->noise / sum->count);
    dmix_json_set_number (object, "reduction", sum->reduction / sum->count);
    json_array_add_object_element (array, object);
  }
  g_list_free (names);
  return array;
}

/* The file that the report is about; of stems the first one. */
static const gchar *
title_of (const DmixJob *job)
{
  if (job->output)
    return job->output;
  return job->video ? job->video
                    : ((DmixInput *) g_ptr_array_index (job->inputs, 0))->path;
}

static JsonObject *
to_json (const DmixReport *report)
{
  JsonObject *root = json_object_new ();
  GDateTime *now = g_date_time_new_now_utc ();
  gchar *date = g_date_time_format (now, "%Y-%m-%dT%H:%M:%SZ");
  gchar *version = gst_version_string ();
  gchar *again = dmix_again (report->job), *path = json_path (report->job);
  gchar *leaf = g_path_get_basename (path);

  json_object_set_int_member (root, "report", 1);
  json_object_set_string_member (root, "dmix", VERSION);
  json_object_set_string_member (root, "gstreamer", version);
  json_object_set_string_member (root, "date", date);
  json_object_set_string_member (root, "command", report->job->command);
  json_object_set_string_member (root, "again", again);
  set_name (root, "json", leaf);
  set_name (root, "title", title_of (report->job));
  json_object_set_array_member (root, "files", json_array_ref (report->files));
  json_object_set_object_member (root, "figures",
      dmix_json_object (report->figures));
  if (report->phase[0].meter)
    json_object_set_object_member (root, "before", phase_json (report, 0));
  if (report->phase[1].meter)
    json_object_set_object_member (root, "after", phase_json (report, 1));
  json_object_set_array_member (root, "verdicts",
      json_array_ref (report->verdicts));
  json_object_set_array_member (root, "denoise", denoise_json (report));
  json_object_set_array_member (root, "settings",
      json_array_ref (report->settings));
  json_object_set_array_member (root, "warnings",
      json_array_ref (report->warnings));
  json_object_set_array_member (root, "speech", speech_json (report));
  json_object_set_object_member (root, "curves", curves_json (report));
  g_date_time_unref (now);
  g_free (date);
  g_free (version);
  g_free (again);
  g_free (path);
  g_free (leaf);
  return root;
}

gboolean
dmix_report_write (DmixReport *report, GError **error)
{
  JsonObject *root;
  gchar *text, *page, *path;
  gboolean good;

  if (!report || !report->figures)
    return TRUE;
  root = to_json (report);
  text = dmix_json_to_text (root);
  page = dmix_page (root);
  path = json_path (report->job);
  good = dmix_output_write_both (path, text, report->job->report, page, error);
  json_object_unref (root);
  g_free (path);
  g_free (page);
  g_free (text);
  return good;
}

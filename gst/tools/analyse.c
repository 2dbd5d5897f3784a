/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the files play into dmixbin with `analyse`, whose proposal has settings
 * of its own and of its pads. Each becomes a setting of `dmix mix`, which has the
 * same elements under other names. */
#include "tools/analyse.h"
#include "tools/mix.h"
#include "tools/output.h"
#include "tools/session.h"
#include "tools/settings.h"
#include "tools/source.h"

#include <math.h>
#include <string.h>

#define LOOKAHEAD "3000" /* ms, of levelled voices, as dmixbin has it */

typedef struct
{
  const DmixJob *job;
  DmixPlan *plan;
  GPtrArray *pads;    /* of gchar *: the pad of each part */
  DmixJob *proposed;  /* inputs and settings of the session */
  GPtrArray *reasons; /* of gchar * */
  GstStructure *message;
} Analysis;

/* dmixbin has no pads "background_N" and "film": these are further ambiences. */
static gchar *
pad_of (const DmixPlan *plan, const gchar *name)
{
  guint number = 0;

  if (!g_str_equal (name, "film") && !g_str_has_prefix (name, "background_"))
    return g_strdup (name);
  for (guint i = 0; i < plan->parts->len; i++) {
    const DmixPart *part = g_ptr_array_index (plan->parts, i);

    if (g_str_equal (part->name, name))
      break;
    number += !g_str_has_prefix (part->name, "ambience_");
  }
  for (guint i = 0; i < plan->parts->len; i++)
    number +=
        g_str_has_prefix (((DmixPart *) g_ptr_array_index (plan->parts, i))
                              ->name,
            "ambience_");
  return g_strdup_printf ("ambience_%u", number);
}

static const gchar *
name_of (const Analysis *self, const gchar *pad)
{
  for (guint i = 0; i < self->pads->len; i++)
    if (g_str_equal (g_ptr_array_index (self->pads, i), pad))
      return ((DmixPart *) g_ptr_array_index (self->plan->parts, i))->name;
  return pad;
}

/*** the pipeline ***/

static gboolean
add_part (Analysis *self, GstElement *pipeline, GstElement *bin,
    const DmixPart *part, GError **error)
{
  GstElement *source = dmix_source_new (part->probe->path, part->stream, error);
  gchar *name = pad_of (self->plan, part->name);
  GstPad *pad, *out;

  g_ptr_array_add (self->pads, name);
  if (!source)
    return FALSE;
  gst_bin_add (GST_BIN (pipeline), source);
  pad = gst_element_request_pad_simple (bin, name);
  g_object_set (pad, "start", (guint64) part->offset, NULL);
  out = gst_element_get_static_pad (source, "src");
  gst_pad_link (out, pad);
  gst_object_unref (out);
  gst_object_unref (pad);
  return TRUE;
}

static void
note_message (const gchar *element, const GstStructure *s, gpointer data)
{
  Analysis *self = data;

  if (!gst_structure_has_name (s, "dmixbin-proposal"))
    return;
  g_clear_pointer (&self->message, gst_structure_free);
  self->message = gst_structure_copy (s);
}

static gboolean
set_up (const DmixJob *job, GstElement *bin, GError **error)
{
  if (!dmix_settings_apply (job, bin, "bin", TRUE, error))
    return FALSE;
  g_object_set (bin, "analyse", TRUE, "ceiling", job->ceiling, NULL);
  if (!isnan (job->loudness))
    g_object_set (bin, "loudness", job->loudness, NULL);
  return TRUE;
}

static gboolean
play (Analysis *self, DmixContext *context, GError **error)
{
  static const gchar *const row[] = { "dmixbin", "fakesink", NULL };
  GstElement *pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  DmixContext inner = { context->say, note_message, self };
  GstElement *bin, *sink;
  GstPad *watched;
  gboolean good;

  good = dmix_runner_chain (GST_BIN (pipeline), row, &bin, &sink, error)
      && set_up (self->job, bin, error);
  for (guint i = 0; good && i < self->plan->parts->len; i++)
    good = add_part (self, pipeline, bin,
        g_ptr_array_index (self->plan->parts, i), error);
  if (!good) {
    gst_object_unref (pipeline);
    return FALSE;
  }
  g_object_set (sink, "sync", FALSE, NULL);
  watched = gst_element_get_static_pad (bin, "src");
  good = dmix_runner_play (&inner, pipeline, watched, "analysing",
      self->plan->duration, error);
  gst_object_unref (watched);
  if (good && !self->message) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "the inputs ended without any sound");
    good = FALSE;
  }
  return good;
}

/*** the session ***/

static void G_GNUC_PRINTF (2, 3) set (Analysis *self, const gchar *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (self->proposed->settings,
      g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

/* A setting of a pad or of an element inside: "dialogue_0::denoise",
 * "ducker::depth". */
static void
take_inner (Analysis *self, const gchar *object, const gchar *property,
    const gchar *value)
{
  set (self, "%s::%s=%s", name_of (self, object), property, value);
}

/* One setting of dmixbin itself. Limits of the gain (max-gain) have no
 * counterpart: two passes of `dmix mix` reach the loudness with any gain. */
static void
take_own (Analysis *self, const gchar *property, const gchar *value)
{
  const gdouble number = g_ascii_strtod (value, NULL);

  if (g_str_equal (property, "target"))
    set (self, "target=%s", value);
  else if (g_str_equal (property, "loudness"))
    self->proposed->loudness = number;
  else if (g_str_equal (property, "ceiling"))
    self->proposed->ceiling = number;
  else if (g_str_equal (property, "voices"))
    for (guint i = 0; i < self->job->inputs->len; i++) {
      const DmixInput *input = g_ptr_array_index (self->job->inputs, i);

      if (input->role == DMIX_ROLE_DIALOGUE) {
        set (self, "%s::level.target=%s", input->name, value);
        set (self, "%s::level.lookahead=" LOOKAHEAD, input->name);
      }
    }
}

static void
take_settings (Analysis *self)
{
  const gchar *text = gst_structure_get_string (self->message, "settings");
  gchar **words = g_strsplit (text ? text : "", " ", -1);

  for (gchar **word = words; *word; word++) {
    gchar **parts = g_strsplit (*word, "=", 2);
    gchar *colons = parts[0] ? strstr (parts[0], "::") : NULL;

    if (colons && parts[1]) {
      *colons = '\0';
      take_inner (self, parts[0], colons + 2, parts[1]);
    } else if (parts[0] && parts[1]) {
      take_own (self, parts[0], parts[1]);
    }
    g_strfreev (parts);
  }
  g_strfreev (words);
}

/* The reasons name pads; they are read as inputs. */
static void
take_reasons (Analysis *self)
{
  const GValue *array = gst_structure_get_value (self->message, "reasons");

  for (guint i = 0; array && i < gst_value_array_get_size (array); i++) {
    gchar *text = g_value_dup_string (gst_value_array_get_value (array, i));

    for (guint p = 0; p < self->pads->len; p++) {
      const gchar *pad = g_ptr_array_index (self->pads, p);
      gchar *pattern = g_strdup_printf ("\\b%s\\b", pad);
      GRegex *regex = g_regex_new (pattern, 0, 0, NULL);
      gchar *named = g_regex_replace_literal (regex, text, -1, 0,
          name_of (self, pad), 0, NULL);

      g_regex_unref (regex);
      g_free (pattern);
      g_free (text);
      text = named;
    }
    g_ptr_array_add (self->reasons, text);
  }
}

static gboolean
write_session (Analysis *self, GError **error)
{
  const gchar *path = self->job->output;
  gchar *text;
  gboolean good;

  if (!path)
    return TRUE;
  text = dmix_session_text (self->proposed, path, error);
  good = text && dmix_output_write (path, text, error);
  g_free (text);
  return good;
}

/*** results ***/

static void
take_strings (GstStructure *s, const gchar *name, const GPtrArray *texts)
{
  GValue array = G_VALUE_INIT, value = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  g_value_init (&value, G_TYPE_STRING);
  for (guint i = 0; i < texts->len; i++) {
    g_value_set_string (&value, g_ptr_array_index (texts, i));
    gst_value_array_append_value (&array, &value);
  }
  g_value_unset (&value);
  gst_structure_take_value (s, name, &array);
}

static void
show (const Analysis *self, DmixSay *say)
{
  const DmixJob *job = self->job, *proposed = self->proposed;
  GstStructure *done = gst_structure_new ("done", "command", G_TYPE_STRING,
      job->command, "session", G_TYPE_STRING, job->output, "loudness",
      G_TYPE_DOUBLE, proposed->loudness, "ceiling", G_TYPE_DOUBLE,
      proposed->ceiling, "bin-settings", G_TYPE_STRING,
      gst_structure_get_string (self->message, "settings"), NULL);

  for (guint i = 0; i < self->reasons->len; i++)
    dmix_say_line (say, "%s",
        (const gchar *) g_ptr_array_index (self->reasons, i));
  dmix_say_line (say, "settings:");
  if (!isnan (proposed->loudness))
    dmix_say_line (say, "  --loudness %g", proposed->loudness);
  dmix_say_line (say, "  --ceiling %g", proposed->ceiling);
  for (guint i = 0; i < proposed->settings->len; i++)
    dmix_say_line (say, "  --set %s",
        (const gchar *) g_ptr_array_index (proposed->settings, i));
  if (job->output) {
    gchar *name = dmix_printable (job->output);

    dmix_say_line (say, "%s: dmix %s --session %s --output FILE", name,
        job->video ? "remix VIDEO" : "mix", name);
    g_free (name);
  }
  take_strings (done, "reasons", self->reasons);
  take_strings (done, "settings", proposed->settings);
  dmix_say_event (say, "done", done);
}

/*** the command ***/

static gboolean
check (const DmixJob *job, GError **error)
{
  static const gchar *const objects[] = { "bin", NULL };
  guint count[2] = { 0, job->video != NULL };
  const gchar **inputs;
  gboolean good;

  for (guint i = 0; i < job->inputs->len; i++)
    count[((DmixInput *) g_ptr_array_index (job->inputs, i))->role]++;
  if (!count[DMIX_ROLE_DIALOGUE] || !count[DMIX_ROLE_BACKGROUND]) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "name a --dialogue and something below it (a film, --music, "
        "--ambience, --effects or --background)");
    return FALSE;
  }
  inputs = dmix_job_inputs (job);
  good = dmix_settings_check (job, objects, error)
      && (!job->output || dmix_output_check (job->output, inputs, error));
  g_free (inputs);
  return good;
}

static DmixJob *
session_of (const DmixJob *job)
{
  DmixJob *session = dmix_job_new ("mix");

  session->ceiling = job->ceiling;
  session->rate = job->rate;
  session->layout = g_strdup (job->layout);
  for (guint i = 0; i < job->inputs->len; i++) {
    const DmixInput *input = g_ptr_array_index (job->inputs, i);
    gchar *role =
        g_strndup (input->name, strrchr (input->name, '_') - input->name);

    dmix_job_add_input (session, role, g_strdup (input->path), input->at_ns,
        g_strdup (input->track));
    g_free (role);
  }
  return session;
}

gboolean
dmix_analyse (const DmixJob *job, DmixContext *context, GError **error)
{
  Analysis self = { job };
  gboolean good;

  if (!check (job, error) || !(self.plan = dmix_plan_new (job, error)))
    return FALSE;
  self.pads = g_ptr_array_new_with_free_func (g_free);
  self.reasons = g_ptr_array_new_with_free_func (g_free);
  self.proposed = session_of (job);
  good = play (&self, context, error);
  if (good) {
    take_settings (&self);
    take_reasons (&self);
    good = write_session (&self, error);
  }
  if (good)
    show (&self, context->say);
  dmix_job_free (self.proposed);
  g_ptr_array_unref (self.pads);
  g_ptr_array_unref (self.reasons);
  g_clear_pointer (&self.message, gst_structure_free);
  dmix_plan_free (self.plan);
  return good;
}

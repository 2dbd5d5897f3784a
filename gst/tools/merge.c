/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Writes results.jsonl (a line for each row, in the order of the plan) and
 * results.html beside the plan; the exit code says whether to run it again. */
#include "tools/merge.h"
#include "tools/options.h"
#include "tools/output.h"
#include "tools/signals.h"
#include "tools/summary.h"

#include <string.h>

typedef struct
{
  gboolean json, quiet;
  gchar *output;
  gchar **files;
} Options;

typedef struct
{
  DmixBatch *batch;
  GString *lines;       /* of results.jsonl */
  DmixSummary *summary; /* the page */
  guint count[DMIX_ROW_MISSING + 1];
  guint again; /* failed rows that may work later */
} Merge;

static const gchar *const states[] = { "done", "failed", "missing" };

/* The row's number and state stand before what its result file says. */
static JsonObject *
line_object (guint number, const DmixRow *row, DmixRowState state,
    const gchar *reason, JsonObject *result)
{
  JsonObject *line = json_object_new (), *job = dmix_json_from_job (row->job);
  JsonNode *output = json_object_get_member (job, "output");
  JsonNode *input = json_object_get_member (job, "video");

  json_object_set_int_member (line, "row", number);
  json_object_set_string_member (line, "status", states[state]);
  json_object_set_string_member (line, "hash", row->hash);
  json_object_set_string_member (line, "command", row->job->command);
  if (input)
    json_object_set_member (line, "input", json_node_copy (input));
  if (output)
    json_object_set_member (line, "output", json_node_copy (output));
  if (reason)
    json_object_set_string_member (line, "reason", reason);
  for (guint i = 0; result && i < 5; i++) {
    static const gchar *const kept[] = { "code", "host", "bytes", "warnings",
      "figures" };
    JsonNode *member = json_object_get_member (result, kept[i]);

    if (member)
      json_object_set_member (line, kept[i], json_node_copy (member));
  }
  json_object_unref (job);
  return line;
}

static gboolean
merge_row (Merge *merge, guint number, GError **error)
{
  g_autoptr (DmixRow) row = dmix_batch_row (merge->batch, number, error);
  JsonObject *result = NULL, *line;
  gchar *reason = NULL, *text;
  DmixRowState state;

  if (!row)
    return FALSE;
  state = dmix_batch_state (merge->batch, row, &result, &reason);
  line = line_object (number, row, state, reason, result);
  text = dmix_json_to_text (line);
  g_string_append_printf (merge->lines, "%s\n", text);
  merge->count[state]++;
  if (state == DMIX_ROW_FAILED && json_object_has_member (line, "code"))
    merge->again +=
        json_object_get_int_member (line, "code") == DMIX_EXIT_TRY_AGAIN;
  dmix_summary_add (merge->summary, line);
  g_clear_pointer (&result, json_object_unref);
  json_object_unref (line);
  g_free (reason);
  g_free (text);
  return TRUE;
}

static gchar *
beside (const DmixBatch *batch, const Options *options, const gchar *ending)
{
  if (options->output)
    return g_strconcat (options->output, ending, NULL);
  return g_strconcat (batch->results, ending, NULL);
}

static gboolean
write_all (const Merge *merge, const Options *options, GError **error)
{
  gchar *lines = beside (merge->batch, options, ".jsonl");
  gchar *page = beside (merge->batch, options, ".html");
  const gchar *const inputs[] = { merge->batch->path, NULL };
  gchar *text = dmix_summary_page (merge->summary, merge->batch->path);
  const gboolean good = dmix_output_check (lines, inputs, error)
      && dmix_output_check (page, inputs, error)
      && dmix_output_write_both (lines, merge->lines->str, page, text, error);

  g_free (text);
  g_free (lines);
  g_free (page);
  return good;
}

/* 75 where another run may help, 1 where rows fail for good. */
static void
conclude (const Merge *merge, const Options *options, DmixSay *say,
    GError **error)
{
  const guint *count = merge->count;
  const gboolean again = count[DMIX_ROW_MISSING] || merge->again;
  gchar *lines = beside (merge->batch, options, ".jsonl");
  gchar *page = beside (merge->batch, options, ".html");

  dmix_say_line (say, "%u rows: %u done, %u failed, %u missing",
      merge->batch->rows, count[DMIX_ROW_DONE], count[DMIX_ROW_FAILED],
      count[DMIX_ROW_MISSING]);
  dmix_say_line (say, "%s, %s", lines, page);
  dmix_say_event (say, "done",
      gst_structure_new ("done", "command", G_TYPE_STRING, "merge", "output",
          G_TYPE_STRING, lines, "page", G_TYPE_STRING, page, "rows",
          G_TYPE_UINT, merge->batch->rows, "done", G_TYPE_UINT,
          count[DMIX_ROW_DONE], "failed", G_TYPE_UINT, count[DMIX_ROW_FAILED],
          "missing", G_TYPE_UINT, count[DMIX_ROW_MISSING], NULL));
  if (count[DMIX_ROW_FAILED] || count[DMIX_ROW_MISSING])
    dmix_error_set (error, again ? DMIX_EXIT_TRY_AGAIN : DMIX_EXIT_INPUT,
        merge->batch->path, "%u rows failed and %u are missing; %s",
        count[DMIX_ROW_FAILED], count[DMIX_ROW_MISSING],
        again ? "run the plan again, which leaves out what is done"
              : "the reasons are in the results");
  g_free (lines);
  g_free (page);
}

static gboolean
parse (gchar **words, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &options->output,
        "name of both results without ending (PLAN.results)", "NAME" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json,
        "print JSON, one object a line", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet,
        "print errors and warnings only", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files,
        NULL, "PLAN" },
    { NULL },
  };

  if (!dmix_options_read (entries, "merge", words, error))
    return FALSE;
  if (options->files && options->files[0] && !options->files[1])
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "write: dmix merge PLAN");
  return FALSE;
}

gboolean
dmix_merge (gchar **words, DmixSay **say, GError **error)
{
  Options options = { FALSE };
  Merge merge = { .lines = g_string_new (NULL),
    .summary = dmix_summary_new () };
  gboolean good = parse (words, &options, error);

  *say = dmix_say_new (options.json, options.quiet);
  good = good && (merge.batch = dmix_batch_read (options.files[0], error));
  for (guint i = 1; good && i <= merge.batch->rows; i++)
    good = dmix_signals_check (error) && merge_row (&merge, i, error);
  good = good && write_all (&merge, &options, error);
  if (good)
    conclude (&merge, &options, *say, error);
  dmix_summary_free (merge.summary);
  g_string_free (merge.lines, TRUE);
  dmix_batch_free (merge.batch);
  g_strfreev (options.files);
  g_free (options.output);
  return good;
}

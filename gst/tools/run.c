/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Rows run one after the other in this process; what distributes them is
 * another program (docs/batch.md). A row that fails does not stop the next. */
#include "tools/run.h"
#include "tools/options.h"
#include "tools/signals.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NO_ROW G_MININT

typedef struct
{
  DmixBatch *batch;
  DmixExecute execute;
  DmixSay *say;
  gboolean again;                          /* also rows that are done */
  guint done, before, failed, again_later; /* rows; the last of exit code 75 */
} Run;

typedef struct
{
  gboolean json, quiet, again;
  gint row;
  gchar *slice;
  gchar **files;
} Options;

/*** one row ***/

static const gchar *
name_of (const DmixJob *job)
{
  if (job->output)
    return job->output;
  return job->video ? job->video : job->command;
}

static void
tell (Run *run, guint number, const DmixRow *row, const gchar *status,
    const gchar *reason, gdouble took_s)
{
  gchar *name = dmix_printable (name_of (row->job));

  if (reason)
    dmix_say_warning (run->say, "row %u: %s", number, reason);
  else
    dmix_say_line (run->say, "row %u: %s: %s", number, name, status);
  dmix_say_event (run->say, "row",
      gst_structure_new ("row", "row", G_TYPE_UINT, number, "hash",
          G_TYPE_STRING, row->hash, "status", G_TYPE_STRING, status, "reason",
          G_TYPE_STRING, reason, "took-seconds", G_TYPE_DOUBLE, took_s, NULL));
  g_free (name);
}

/* The folder of an output may be new. */
static gboolean
make_folder (const DmixJob *job, GError **error)
{
  gchar *folder;
  gboolean good;

  if (!job->output)
    return TRUE;
  folder = g_path_get_dirname (job->output);
  good = g_mkdir_with_parents (folder, 0777) == 0;
  if (!good)
    dmix_error_set_errno (error, errno, folder, "cannot be made");
  g_free (folder);
  return good;
}

static gboolean
execute_row (Run *run, guint number, const DmixRow *row, GError **error)
{
  DmixContext context = { dmix_say_new_kept () };
  const gint64 begun = g_get_monotonic_time ();
  GError *failed = NULL;
  gboolean good = TRUE;

  if (make_folder (row->job, &failed))
    run->execute (row->job, &context, &failed);
  if (failed && dmix_signals_pending ()) {
    g_propagate_error (error, failed);
    dmix_say_free (context.say);
    return FALSE;
  }
  good = dmix_batch_write (run->batch, row, context.say, failed, error);
  if (good)
    tell (run, number, row, failed ? "failed" : "done",
        failed ? failed->message : NULL,
        (g_get_monotonic_time () - begun) / 1e6);
  run->done += !failed;
  run->failed += failed != NULL;
  run->again_later +=
      failed && g_error_matches (failed, DMIX_ERROR, DMIX_EXIT_TRY_AGAIN);
  g_clear_error (&failed);
  dmix_say_free (context.say);
  return good;
}

static gboolean
run_row (Run *run, guint number, GError **error)
{
  g_autoptr (DmixRow) row = NULL;

  if (!dmix_signals_check (error)
      || !(row = dmix_batch_row (run->batch, number, error)))
    return FALSE;
  if (!run->again
      && dmix_batch_state (run->batch, row, NULL, NULL) == DMIX_ROW_DONE) {
    run->before++;
    tell (run, number, row, "done before", NULL, 0);
    return TRUE;
  }
  return execute_row (run, number, row, error);
}

/*** the command ***/

/* "I/N": rows I, I + N, I + 2 N ..., so that neighbours, which are often of one
 * length, are spread. */
static gboolean
parse_slice (const gchar *text, guint *first, guint *step, GError **error)
{
  gchar rest = 0;

  if (g_ascii_isdigit (*text)
      && sscanf (text, "%9u/%9u%c", first, step, &rest) == 2 && *first >= 1
      && *first <= *step)
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "--slice %s: write I/N with I from 1 to N", text);
  return FALSE;
}

static gboolean
parse (gchar **words, Options *options, GError **error)
{
  const GOptionEntry entries[] = {
    { "row", 'r', 0, G_OPTION_ARG_INT, &options->row,
        "run row N, the Nth line of the plan", "N" },
    { "slice", 's', 0, G_OPTION_ARG_STRING, &options->slice,
        "run part I of N: rows I, I + N, I + 2 N and so on", "I/N" },
    { "again", 0, 0, G_OPTION_ARG_NONE, &options->again,
        "also run rows that are done", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json,
        "print JSON, one object a line", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &options->quiet,
        "print errors and warnings only", NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->files,
        NULL, "PLAN" },
    { NULL },
  };

  if (!dmix_options_read (entries, "run", words, error))
    return FALSE;
  if (options->files && options->files[0] && !options->files[1]
      && !(options->slice && options->row != NO_ROW))
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "write: dmix run PLAN [--row N | --slice I/N]");
  return FALSE;
}

/* Failed rows decide on the exit code: 75 where one of them may work later. */
static void
conclude (const Run *run, GError **error)
{
  dmix_say_event (run->say, "done",
      gst_structure_new ("done", "command", G_TYPE_STRING, "run", "done",
          G_TYPE_UINT, run->done, "done-before", G_TYPE_UINT, run->before,
          "failed", G_TYPE_UINT, run->failed, NULL));
  if (run->failed)
    dmix_error_set (error,
        run->again_later ? DMIX_EXIT_TRY_AGAIN : DMIX_EXIT_INPUT, NULL,
        "%u of %u rows failed; the lines above say why", run->failed,
        run->done + run->before + run->failed);
}

gboolean
dmix_run (gchar **words, DmixExecute execute, DmixSay **say, GError **error)
{
  Options options = { .row = NO_ROW };
  Run run = { .execute = execute };
  guint first = 1, step = 1;
  gboolean good = parse (words, &options, error);

  *say = run.say = dmix_say_new (options.json, options.quiet);
  run.again = options.again;
  good = good
      && (!options.slice || parse_slice (options.slice, &first, &step, error))
      && (run.batch = dmix_batch_read (options.files[0], error));
  if (good && options.row != NO_ROW)
    good = run_row (&run, (guint) MAX (options.row, 0), error);
  else
    for (guint i = first; good && i <= run.batch->rows; i += step)
      good = run_row (&run, i, error);
  if (good)
    conclude (&run, error);
  dmix_batch_free (run.batch);
  g_strfreev (options.files);
  g_free (options.slice);
  return good;
}

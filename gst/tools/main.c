/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix COMMAND ...: dialogue above its background, from files to files. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "tools/adr.h"
#include "tools/analyse.h"
#include "tools/merge.h"
#include "tools/meter.h"
#include "tools/mix.h"
#include "tools/options.h"
#include "tools/plan.h"
#include "tools/remix.h"
#include "tools/run.h"
#include "tools/signals.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct
{
  const gchar *name, *does;
  gboolean (*run) (const DmixJob *, DmixContext *, GError **);
} commands[] = {
  { "mix", "mix a dialogue with music, ambience and effects", dmix_mix },
  { "remix", "put a dialogue into the sound of a video; the video stays",
      dmix_remix },
  { "dialogue", "bring the dialogue of a finished file forward",
      dmix_dialogue },
  { "adr", "put a new take of a dialogue where the old one was", dmix_adr },
  { "analyse", "propose settings, and say why", dmix_analyse },
  { "meter", "measure loudness, true peak and dialogue of a file", dmix_meter },
};

static gboolean
perform (gsize command, const DmixJob *job, DmixContext *context,
    GError **error)
{
  gboolean good = dmix_report_check (job, error);

  if (!good)
    return FALSE;
  context->report = dmix_report_new (job);
  good = commands[command].run (job, context, error)
      && dmix_report_write (context->report, error);
  g_clear_pointer (&context->report, dmix_report_free);
  return good;
}

static gboolean
execute (const DmixJob *job, DmixContext *context, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (job->command, commands[i].name))
      return perform (i, job, context, error);
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "there is no command '%s'",
      job->command);
  return FALSE;
}

/*** commands of batches, which have other jobs inside ***/

static gboolean
plan (gchar **words, DmixSay **say, GError **error)
{
  const gchar *names[G_N_ELEMENTS (commands) + 1] = { NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    names[i] = commands[i].name;
  return dmix_plan_write (words, names, say, error);
}

static gboolean
run_rows (gchar **words, DmixSay **say, GError **error)
{
  return dmix_run (words, execute, say, error);
}

static const struct
{
  const gchar *name, *does;
  gboolean (*run) (gchar **words, DmixSay **say, GError **error);
} of_batches[] = {
  { "plan", "make the plan of a batch: a row for each file", plan },
  { "run", "run rows of a plan, but for those that are done", run_rows },
  { "merge", "sum up a batch: results and a page", dmix_merge },
};

static void
usage (FILE *to)
{
  fprintf (to, "usage: dmix COMMAND [OPTION...] [FILE...]\n\n");
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (to, "  %-10s %s\n", commands[i].name, commands[i].does);
  for (gsize i = 0; i < G_N_ELEMENTS (of_batches); i++)
    fprintf (to, "  %-10s %s\n", of_batches[i].name, of_batches[i].does);
  fprintf (to,
      "\n`dmix COMMAND --help` lists the options, `dmix --version` says which "
      "dmix this is.\n"
      "Exit status: 0 done, 1 the input or the request has to change, 75 try "
      "again.\n");
}

static int
end (DmixSay *say, GError *error)
{
  int code = 0;

  if (error) {
    code = error->domain == DMIX_ERROR ? error->code : DMIX_EXIT_INPUT;
    dmix_say_error (say, error);
    g_error_free (error);
  }
  dmix_say_free (say);
  if (code > 128)
    dmix_signals_end (code - 128);
  return code;
}

/* The words behind the subcommand, with the program's name before them. */
static gchar **
words_of (int argc, char **argv)
{
  GPtrArray *words = g_ptr_array_new ();

  g_ptr_array_add (words, g_strdup_printf ("dmix %s", argv[1]));
  for (int i = 2; i < argc; i++)
    g_ptr_array_add (words, g_strdup (argv[i]));
  g_ptr_array_add (words, NULL);
  return (gchar **) g_ptr_array_free (words, FALSE);
}

static int
run (gsize command, int argc, char **argv)
{
  DmixOptions options = { 0 };
  DmixContext context = { NULL };
  GError *error = NULL;
  gchar **words = words_of (argc, argv);
  DmixJob *job =
      dmix_options_parse (commands[command].name, words, &options, &error);

  g_strfreev (words);
  context.say = dmix_say_new (options.json, options.quiet);
  if (job)
    perform (command, job, &context, &error);
  dmix_job_free (job);
  return end (context.say, error);
}

static int
run_batch (gsize command, int argc, char **argv)
{
  gchar **words = words_of (argc, argv);
  GError *error = NULL;
  DmixSay *say = NULL;

  of_batches[command].run (words, &say, &error);
  g_strfreev (words);
  return end (say, error);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  dmix_signals_install ();
  gst_init (NULL, NULL);
  if (argc < 2) {
    usage (stderr);
    return DMIX_EXIT_INPUT;
  }
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")) {
    usage (stdout);
    return 0;
  }
  if (g_str_equal (argv[1], "--version")) {
    printf ("dmix %s\n", VERSION);
    return 0;
  }
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      return run (i, argc, argv);
  for (gsize i = 0; i < G_N_ELEMENTS (of_batches); i++)
    if (g_str_equal (argv[1], of_batches[i].name))
      return run_batch (i, argc, argv);
  fprintf (stderr, "dmix: there is no command '%s'; `dmix --help` lists them\n",
      argv[1]);
  return DMIX_EXIT_INPUT;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/options.h"
#include "tools/output.h"
#include "tools/session.h"
#include "tools/value.h"

#include <gio/gio.h>
#include <math.h>
#include <string.h>

typedef struct
{
  DmixJob *job;
  DmixOptions *options;
  gchar *session, *loudness, *ceiling, *output, *report;
  gchar **rest;
} Parse;

/*** callbacks ***/

static gboolean
on_role (const gchar *option, const gchar *value, gpointer data, GError **error)
{
  Parse *parse = data;
  gchar *path;
  gint64 at_ns;

  dmix_value_place (value, &path, &at_ns);
  dmix_job_add_input (parse->job, option + 2, path, at_ns, NULL);
  return TRUE;
}

static gboolean
on_boost (const gchar *option, const gchar *value, gpointer data,
    GError **error)
{
  Parse *parse = data;

  g_ptr_array_add (parse->job->settings, g_strdup_printf ("boost=%s", value));
  return TRUE;
}

static gboolean
on_set (const gchar *option, const gchar *value, gpointer data, GError **error)
{
  Parse *parse = data;

  g_ptr_array_add (parse->job->settings, g_strdup (value));
  return TRUE;
}

/*** the command line ***/

/* GLib keeps callbacks in a gpointer, which POSIX allows and ISO C does not. */
#define CALLBACK(function) ((gpointer) (gintptr) (function))

static void
add_roles (GOptionGroup *group)
{
  for (guint i = 0; dmix_session_roles[i]; i++) {
    const GOptionEntry entries[] = {
      { dmix_session_roles[i], 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK,
          CALLBACK (on_role),
          i == 0 ? "what is understood; repeat it for further ones"
                 : "what makes room for it",
          "FILE[@TIME]" },
      { NULL },
    };

    g_option_group_add_entries (group, entries);
  }
}

static void
add_entries (GOptionGroup *group, Parse *parse)
{
  DmixJob *job = parse->job;
  const GOptionEntry common[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &parse->options->json,
        "print JSON, one object a line", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &parse->options->quiet,
        "print errors and warnings only", NULL },
    { "preset", 'p', 0, G_OPTION_ARG_STRING, &job->preset,
        "preset of the main element", "NAME" },
    { "set", 's', 0, G_OPTION_ARG_CALLBACK, CALLBACK (on_set),
        "property of the main element, of OBJECT::PROPERTY", "NAME=VALUE" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &parse->rest, NULL,
        NULL },
    { NULL },
  };
  const GOptionEntry writes[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &parse->output,
        "file to write; its ending says the format", "FILE" },
    { "layout", 0, 0, G_OPTION_ARG_STRING, &job->layout,
        "channel layout: stereo, 5.1 and others", "NAME" },
    { "rate", 0, 0, G_OPTION_ARG_INT, &job->rate, "sample rate in Hz", "HZ" },
    { "codec", 0, 0, G_OPTION_ARG_STRING, &job->codec,
        "sound codec: flac opus aac ac3 mp3 alac", "NAME" },
    { "bitrate", 0, 0, G_OPTION_ARG_INT, &job->bitrate, "bit rate in bit/s",
        "N" },
    { NULL },
  };
  const GOptionEntry delivery[] = {
    { "loudness", 'l', 0, G_OPTION_ARG_STRING, &parse->loudness,
        "loudness of the result in LUFS, in two passes", "LUFS" },
    { "ceiling", 0, 0, G_OPTION_ARG_STRING, &parse->ceiling,
        "highest true peak in dBTP (-1)", "DBTP" },
    { "session", 0, 0, G_OPTION_ARG_FILENAME, &parse->session,
        "read roles and settings from a file", "FILE" },
    { NULL },
  };
  const GOptionEntry film[] = {
    { "add", 0, 0, G_OPTION_ARG_NONE, &job->add,
        "add the mix as a further track instead of replacing one", NULL },
    { "title", 0, 0, G_OPTION_ARG_STRING, &job->title,
        "title of the new track (with --add: Clear dialogue)", "TEXT" },
    { "drop-others", 0, 0, G_OPTION_ARG_NONE, &job->drop_others,
        "leave the other sound tracks out", NULL },
    { NULL },
  };
  const GOptionEntry report[] = {
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &parse->report,
        "write a page with all figures, and them as .json beside it",
        "FILE.html" },
    { NULL },
  };
  const GOptionEntry split[] = {
    { "boost", 'b', 0, G_OPTION_ARG_CALLBACK, CALLBACK (on_boost),
        "gain of the dialogue in dB", "DB" },
    { NULL },
  };
  const GOptionEntry measures[] = {
    { "specification", 0, 0, G_OPTION_ARG_STRING, &job->specification,
        "delivery specification of the verdict (r128)", "NAME" },
    { "duck", 0, 0, G_OPTION_ARG_NONE, &job->duck,
        "with roles: duck the background before it is measured", NULL },
    { "lines", 0, 0, G_OPTION_ARG_NONE, &job->lines, "print a line a second",
        NULL },
    { "live", 0, 0, G_OPTION_ARG_NONE, &job->live,
        "play it through the loudspeaker, in real time", NULL },
    { NULL },
  };
  const GOptionEntry track[] = {
    { "track", 't', 0, G_OPTION_ARG_STRING, &job->track,
        "sound track of the file: a number from 1 or a language", "LANG|N" },
    { NULL },
  };

  const struct
  {
    const gchar *command;
    const GOptionEntry *entries[6];
    gboolean roles;
  } sets[] = {
    { "mix", { writes, delivery, report }, TRUE },
    { "remix", { writes, delivery, track, film, report }, TRUE },
    { "dialogue", { split, writes, delivery, track, film, report }, FALSE },
    { "adr", { writes, track, report }, FALSE },
    { "analyse", { writes, delivery, track }, TRUE },
    { "meter", { measures, track, report }, TRUE },
  };

  g_option_group_add_entries (group, common);
  for (gsize i = 0; i < G_N_ELEMENTS (sets); i++) {
    if (!g_str_equal (job->command, sets[i].command))
      continue;
    if (sets[i].roles)
      add_roles (group);
    for (guint k = 0; k < 6 && sets[i].entries[k]; k++)
      g_option_group_add_entries (group, sets[i].entries[k]);
  }
}

/* Words without an option: the video of a remix, guide and takes. */
static gboolean
take_rest (Parse *parse, GError **error)
{
  gchar **rest = parse->rest, *word;

  if (parse->options->files) {
    *parse->options->files = g_steal_pointer (&parse->rest);
    return TRUE;
  }
  if (rest && rest[0] && !g_str_equal (parse->job->command, "mix")
      && !parse->job->video)
    parse->job->video = g_strdup (*rest++);
  for (; rest && rest[0] && g_str_equal (parse->job->command, "adr"); rest++)
    dmix_job_add_input (parse->job, "dialogue", g_strdup (*rest), 0, NULL);
  if (!rest || !rest[0])
    return TRUE;
  word = dmix_printable (rest[0]);
  if (!g_str_equal (parse->job->command, "mix")
      && !g_str_equal (parse->job->command, "remix")
      && !g_str_equal (parse->job->command, "analyse")) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "'%s' is one file too many; name one", word);
    g_free (word);
    return FALSE;
  }
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "'%s' has no role; name it with --dialogue, --music, --ambience, "
      "--effects, --background or --output",
      word);
  g_free (word);
  return FALSE;
}

static gboolean
finish (Parse *parse, GError **error)
{
  DmixJob *job = parse->job;

  if (parse->output) {
    g_free (job->output);
    job->output = g_strdup (parse->output);
  }
  if (parse->report) {
    g_free (job->report);
    job->report = g_strdup (parse->report);
  }
  if (parse->session) {
    const gchar *const session[] = { parse->session, NULL };

    if (!dmix_session_read (job, parse->session, error)
        || (job->output && !dmix_output_check (job->output, session, error)))
      return FALSE;
  }
  if (parse->loudness
      && !dmix_value_number ("--loudness", parse->loudness, -60, 0,
          &job->loudness, error))
    return FALSE;
  if (parse->ceiling
      && !dmix_value_number ("--ceiling", parse->ceiling, -60, 20,
          &job->ceiling, error))
    return FALSE;
  if (job->rate && (job->rate < 8000 || job->rate > 384000)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "--rate %d: write a number from 8000 to 384000", job->rate);
    return FALSE;
  }
  return take_rest (parse, error);
}

static gboolean
parse_words (GOptionContext *context, const gchar *command, gchar **argv,
    GError **error)
{
  gchar **words = g_strdupv (argv);
  GError *wrong = NULL;
  gboolean good;

  g_option_context_set_description (context,
      "The manual page dmix(1) and docs/dmix.md say more.");
  good = g_option_context_parse_strv (context, &words, &wrong);
  if (!good) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "%s; dmix %s --help",
        wrong->message, command);
    g_error_free (wrong);
  }
  g_strfreev (words);
  return good;
}

gboolean
dmix_options_read (const GOptionEntry *entries, const gchar *command,
    gchar **words, GError **error)
{
  GOptionContext *context = g_option_context_new (NULL);
  gboolean good;

  g_option_context_add_main_entries (context, entries, NULL);
  good = parse_words (context, command, words, error);
  g_option_context_free (context);
  return good;
}

/* GOption overwrites the strings of a job and frees none of them. */
#define STRINGS 6

static void
strings_of (DmixJob *job, gchar *strings[STRINGS])
{
  gchar *all[STRINGS] = { job->preset, job->layout, job->codec, job->track,
    job->title, job->specification };

  memcpy (strings, all, sizeof all);
}

static void
free_replaced (DmixJob *job, gchar *before[STRINGS])
{
  gchar *now[STRINGS];

  strings_of (job, now);
  for (guint i = 0; i < STRINGS; i++)
    if (before[i] != now[i])
      g_free (before[i]);
}

gboolean
dmix_options_add (DmixJob *job, gchar **argv, DmixOptions *options,
    GError **error)
{
  Parse parse = { job, options };
  GOptionContext *context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new (job->command, "", "", &parse, NULL);
  gchar *before[STRINGS];
  gboolean good;

  if (options->more)
    g_option_group_add_entries (group, options->more);
  add_entries (group, &parse);
  g_option_context_set_main_group (context, group);
  strings_of (job, before);
  good = parse_words (context, job->command, argv, error);
  free_replaced (job, before);
  good = good && finish (&parse, error);
  g_option_context_free (context);
  g_free (parse.session);
  g_free (parse.loudness);
  g_free (parse.ceiling);
  g_free (parse.output);
  g_free (parse.report);
  g_strfreev (parse.rest);
  return good;
}

DmixJob *
dmix_options_parse (const gchar *command, gchar **argv, DmixOptions *options,
    GError **error)
{
  DmixJob *job = dmix_job_new (command);

  if (!dmix_options_add (job, argv, options, error))
    g_clear_pointer (&job, dmix_job_free);
  return job;
}

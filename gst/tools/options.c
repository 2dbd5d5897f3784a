/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/options.h"
#include "tools/output.h"

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

static const gchar *const roles[] = { "dialogue", "background", "music",
  "ambience", "effects", NULL };

/* Seconds of S, M:S or H:M:S; FALSE for other text. */
static gboolean
parse_time (const gchar *text, gdouble *seconds)
{
  gchar **parts = g_strsplit (text, ":", 4);
  const guint count = g_strv_length (parts);
  gboolean good = count >= 1 && count <= 3;

  *seconds = 0;
  for (guint i = 0; good && i < count; i++) {
    gchar *end;
    const gdouble value = g_ascii_strtod (parts[i], &end);

    good = g_ascii_isdigit (*parts[i]) && !*end && (i == 0 || value < 60)
        && isfinite (value) && (i == count - 1 || !strchr (parts[i], '.'))
        && !strpbrk (parts[i], "eExXpP");
    *seconds = *seconds * 60 + value;
  }
  g_strfreev (parts);
  return good && *seconds < 1e6;
}

void
dmix_options_split_time (const gchar *word, gchar **path, gint64 *at_ns)
{
  const gchar *at = strrchr (word, '@');
  gdouble seconds;

  *at_ns = 0;
  if (at && at != word && !g_file_test (word, G_FILE_TEST_EXISTS)
      && parse_time (at + 1, &seconds)) {
    *path = g_strndup (word, at - word);
    *at_ns = (gint64) (seconds * 1e9 + 0.5);
  } else {
    *path = g_strdup (word);
  }
}

gboolean
dmix_options_number (const gchar *option, const gchar *text, gdouble least,
    gdouble most, gdouble *number, GError **error)
{
  gchar *end;

  *number = g_ascii_strtod (text, &end);
  if (*text && !*end && *number >= least && *number <= most)
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "%s %s: write a number from %g to %g", option, text, least, most);
  return FALSE;
}

/*** callbacks ***/

static gboolean
on_role (const gchar *option, const gchar *value, gpointer data, GError **error)
{
  Parse *parse = data;
  gchar *path;
  gint64 at_ns;

  dmix_options_split_time (value, &path, &at_ns);
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

/*** session files ***/

#define GROUP "dmix"

static gchar *
beside (const gchar *session, const gchar *path)
{
  gchar *folder, *full;

  if (g_path_is_absolute (path))
    return g_strdup (path);
  folder = g_path_get_dirname (session);
  full = g_build_filename (folder, path, NULL);
  g_free (folder);
  return full;
}

static gboolean
read_role (DmixJob *job, GKeyFile *file, const gchar *session,
    const gchar *group, GError **error)
{
  static const gchar *const keys[] = { "file", "at", "track", NULL };
  gchar **found = g_key_file_get_keys (file, group, NULL, NULL);
  gchar *role = g_strdup (group), *path, *at, *space = strchr (role, ' ');
  gdouble seconds = 0;

  if (space)
    *space = '\0'; /* "[dialogue 2]" */
  if (!g_strv_contains (roles, role)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, session,
        "[%s] is no part of a session; there are [dmix], [dialogue], "
        "[background], [music], [ambience], [effects] and [set]",
        group);
    g_free (role);
    g_strfreev (found);
    return FALSE;
  }
  for (gchar **key = found; key && *key; key++)
    if (!g_strv_contains (keys, *key)) {
      dmix_error_set (error, DMIX_EXIT_INPUT, session,
          "[%s] has no '%s'; it has file, at and track", group, *key);
      g_free (role);
      g_strfreev (found);
      return FALSE;
    }
  g_strfreev (found);
  path = g_key_file_get_string (file, group, "file", NULL);
  at = g_key_file_get_string (file, group, "at", NULL);
  if (!path || (at && !parse_time (at, &seconds))) {
    dmix_error_set (error, DMIX_EXIT_INPUT, session,
        path ? "[%s]: at is seconds, MM:SS or HH:MM:SS"
             : "[%s] has no file=...",
        group);
    g_free (path);
    g_free (at);
    g_free (role);
    return FALSE;
  }
  dmix_job_add_input (job, role, beside (session, path),
      (gint64) (seconds * 1e9 + 0.5),
      g_key_file_get_string (file, group, "track", NULL));
  g_free (path);
  g_free (at);
  g_free (role);
  return TRUE;
}

static gboolean
read_main (DmixJob *job, GKeyFile *file, const gchar *session, GError **error)
{
  gchar **keys = g_key_file_get_keys (file, GROUP, NULL, NULL);
  gboolean good = TRUE;

  for (gchar **key = keys; good && key && *key; key++) {
    gchar *value = g_key_file_get_string (file, GROUP, *key, NULL);
    gdouble number = 0;

    if (!value)
      value = g_strdup ("");
    if (g_str_equal (*key, "output") && !job->output)
      job->output = beside (session, value);
    else if (g_str_equal (*key, "preset") && !job->preset)
      job->preset = g_strdup (value);
    else if (g_str_equal (*key, "layout") && !job->layout)
      job->layout = g_strdup (value);
    else if (g_str_equal (*key, "codec") && !job->codec)
      job->codec = g_strdup (value);
    else if (g_str_equal (*key, "rate")) {
      good = dmix_options_number ("rate", value, 8000, 384000, &number, error);
      job->rate = job->rate ? job->rate : (gint) number;
    } else if (g_str_equal (*key, "loudness")) {
      good = dmix_options_number ("loudness", value, -60, 0, &number, error);
      job->loudness = number;
    } else if (g_str_equal (*key, "ceiling")) {
      good = dmix_options_number ("ceiling", value, -60, 20, &number, error);
      job->ceiling = number;
    } else if (!strstr ("output preset layout codec", *key)) {
      dmix_error_set (error, DMIX_EXIT_INPUT, session,
          "[" GROUP "] has no '%s'; it has output, preset, layout, codec, "
          "rate, loudness and ceiling",
          *key);
      good = FALSE;
    }
    g_free (value);
  }
  g_strfreev (keys);
  return good;
}

gboolean
dmix_session_read (DmixJob *job, const gchar *path, GError **error)
{
  GKeyFile *file = g_key_file_new ();
  GError *wrong = NULL;
  gchar **groups;
  gboolean good = TRUE;

  if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &wrong)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path, "%s", wrong->message);
    g_error_free (wrong);
    g_key_file_unref (file);
    return FALSE;
  }
  groups = g_key_file_get_groups (file, NULL);
  for (gchar **group = groups; good && *group; group++) {
    if (g_str_equal (*group, GROUP)) {
      good = read_main (job, file, path, error);
    } else if (g_str_equal (*group, "set")) {
      gchar **keys = g_key_file_get_keys (file, "set", NULL, NULL);

      for (gchar **key = keys; key && *key; key++) {
        gchar *value = g_key_file_get_string (file, "set", *key, NULL);

        g_ptr_array_add (job->settings, g_strdup_printf ("%s=%s", *key, value));
        g_free (value);
      }
      g_strfreev (keys);
    } else {
      good = read_role (job, file, path, *group, error);
    }
  }
  g_strfreev (groups);
  g_key_file_unref (file);
  return good;
}

/*** the command line ***/

/* GLib keeps callbacks in a gpointer, which POSIX allows and ISO C does not. */
#define CALLBACK(function) ((gpointer) (gintptr) (function))

static void
add_roles (GOptionGroup *group)
{
  for (guint i = 0; roles[i]; i++) {
    const GOptionEntry entries[] = {
      { roles[i], 0, G_OPTION_FLAG_FILENAME, G_OPTION_ARG_CALLBACK,
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
    { "loudness", 'l', 0, G_OPTION_ARG_STRING, &parse->loudness,
        "loudness of the result in LUFS, in two passes", "LUFS" },
    { "ceiling", 0, 0, G_OPTION_ARG_STRING, &parse->ceiling,
        "highest true peak in dBTP (-1)", "DBTP" },
    { "layout", 0, 0, G_OPTION_ARG_STRING, &job->layout,
        "channel layout: stereo, 5.1 and others", "NAME" },
    { "rate", 0, 0, G_OPTION_ARG_INT, &job->rate, "sample rate in Hz", "HZ" },
    { "codec", 0, 0, G_OPTION_ARG_STRING, &job->codec,
        "sound codec: flac opus aac ac3 mp3 alac", "NAME" },
    { "bitrate", 0, 0, G_OPTION_ARG_INT, &job->bitrate, "bit rate in bit/s",
        "N" },
    { "session", 0, 0, G_OPTION_ARG_FILENAME, &parse->session,
        "read roles and settings from a file", "FILE" },
    { NULL },
  };

  const GOptionEntry film[] = {
    { "track", 't', 0, G_OPTION_ARG_STRING, &job->track,
        "sound track of the video: a number from 1 or a language", "LANG|N" },
    { "add", 0, 0, G_OPTION_ARG_NONE, &job->add,
        "add the mix as a further track instead of replacing one", NULL },
    { "title", 0, 0, G_OPTION_ARG_STRING, &job->title,
        "title of the new track (with --add: Clear dialogue)", "TEXT" },
    { "drop-others", 0, 0, G_OPTION_ARG_NONE, &job->drop_others,
        "leave the other sound tracks out", NULL },
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
    { "track", 't', 0, G_OPTION_ARG_STRING, &job->track,
        "sound track: a number from 1 or a language", "LANG|N" },
    { "duck", 0, 0, G_OPTION_ARG_NONE, &job->duck,
        "with roles: duck the background before it is measured", NULL },
    { "lines", 0, 0, G_OPTION_ARG_NONE, &job->lines, "print a line a second",
        NULL },
    { "live", 0, 0, G_OPTION_ARG_NONE, &job->live,
        "play it through the loudspeaker, in real time", NULL },
    { NULL },
  };

  g_option_group_add_entries (group, common);
  if (g_str_equal (job->command, "meter")) {
    add_roles (group);
    g_option_group_add_entries (group, measures);
    return;
  }
  if (g_str_equal (job->command, "dialogue"))
    g_option_group_add_entries (group, split);
  else
    add_roles (group);
  g_option_group_add_entries (group, writes);
  if (!g_str_equal (job->command, "mix"))
    g_option_group_add_entries (group, film);
}

/* Words without an option: the video of a remix. */
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
  if (!rest || !rest[0])
    return TRUE;
  word = dmix_printable (rest[0]);
  if (!g_str_equal (parse->job->command, "mix")
      && !g_str_equal (parse->job->command, "remix")) {
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
  if (parse->session) {
    const gchar *const session[] = { parse->session, NULL };

    if (!dmix_session_read (job, parse->session, error)
        || (job->output && !dmix_output_check (job->output, session, error)))
      return FALSE;
  }
  if (parse->loudness
      && !dmix_options_number ("--loudness", parse->loudness, -60, 0,
          &job->loudness, error))
    return FALSE;
  if (parse->ceiling
      && !dmix_options_number ("--ceiling", parse->ceiling, -60, 20,
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

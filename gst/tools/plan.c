/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the options on the command line make one job; each row is a copy of it
 * to which the file, or the cells of a table as options, are added. So a plan
 * knows every option of every command, and its mistakes are found here and not
 * on the machines. */
#include "tools/plan.h"
#include "tools/csv.h"
#include "tools/options.h"
#include "tools/output.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PLAN "plan.jsonl"

typedef struct
{
  const gchar *program; /* words[0] */
  DmixJob *common;      /* what all rows share */
  gchar *path, *csv;    /* the plan; a table, or NULL */
  gchar *folder;        /* of the plan, absolute */
  gchar **files;        /* or NULL */
  GPtrArray *jobs;      /* the rows */
  GPtrArray *inputs;    /* gchar *: files that any row reads */
} Plan;

/*** placeholders ***/

typedef struct
{
  const gchar *file;
  guint row;
} Place;

/* The value of a name in braces, or NULL for an unknown one. */
static gchar *
value_of (const Place *place, const gchar *name)
{
  gchar *base, *dot, *value = NULL;

  if (g_str_equal (name, "row"))
    return g_strdup_printf ("%u", place->row);
  if (!place->file)
    return NULL;
  if (g_str_equal (name, "file"))
    return g_strdup (place->file);
  if (g_str_equal (name, "folder"))
    return g_path_get_dirname (place->file);
  base = g_path_get_basename (place->file);
  dot = strrchr (base, '.');
  if (g_str_equal (name, "name"))
    value = g_strndup (base,
        dot && dot != base ? (gsize) (dot - base) : strlen (base));
  g_free (base);
  return value;
}

/* Replaces {name} and others in place; NULL stays. */
static gboolean
fill (gchar **text, const Place *place, GError **error)
{
  GString *out;
  const gchar *at = *text;
  gboolean good = TRUE;

  if (!at || !strchr (at, '{'))
    return TRUE;
  out = g_string_new (NULL);
  while (good && *at) {
    const gchar *end = *at == '{' ? strchr (at, '}') : NULL;
    gchar *name, *value;

    if (!end) {
      g_string_append_c (out, *at++);
      continue;
    }
    name = g_strndup (at + 1, end - at - 1);
    value = value_of (place, name);
    good = value != NULL;
    if (good)
      g_string_append (out, value);
    else
      dmix_error_set (error, DMIX_EXIT_INPUT, *text,
          place->file
              ? "{%s} stands for nothing; there are {file}, {folder}, {name} "
                "and {row}"
              : "{%s} stands for nothing; for rows of a table there is {row}",
          name);
    g_free (value);
    g_free (name);
    at = end + 1;
  }
  g_free (*text);
  *text = g_string_free (out, FALSE);
  return good;
}

static gboolean
fill_job (DmixJob *job, const Place *place, GError **error)
{
  gboolean good = fill (&job->output, place, error)
      && fill (&job->report, place, error) && fill (&job->title, place, error);

  for (guint i = 0; good && i < job->inputs->len; i++)
    good = fill (&((DmixInput *) g_ptr_array_index (job->inputs, i))->path,
        place, error);
  return good;
}

/*** rows ***/

/* A copy of the common job with the words of this row added. */
static gboolean
add_job (Plan *plan, gchar **words, const gchar *file, GError **error)
{
  const Place place = { file, plan->jobs->len + 1 };
  JsonObject *object = dmix_json_from_job (plan->common);
  DmixJob *job = dmix_json_to_job (object, error);
  DmixOptions options = { FALSE };

  json_object_unref (object);
  if (!job)
    return FALSE;
  g_ptr_array_add (plan->jobs, job);
  return fill_job (job, &place, error)
      && dmix_options_add (job, words, &options, error);
}

static gboolean
add_files (Plan *plan, GError **error)
{
  const gboolean positional = !g_str_equal (plan->common->command, "mix");

  for (gchar **file = plan->files; *file; file++) {
    gchar *words[] = { (gchar *) plan->program, (gchar *) "--",
      positional ? *file : NULL, NULL };

    if (!add_job (plan, words, *file, error))
      return FALSE;
  }
  return TRUE;
}

/* Column names that are words without an option, and those of files, whose
 * relative names count from the folder of the table. */
static const gchar *const plain[] = { "file", "video", "guide", "take", NULL };
static const gchar *const paths[] = { "file", "video", "guide", "take",
  "dialogue", "background", "music", "ambience", "effects", "output", "report",
  "session", NULL };

static gchar *
cell_value (const Plan *plan, const gchar *column, const gchar *cell)
{
  gchar *folder, *path;

  if (!g_strv_contains (paths, column) || g_path_is_absolute (cell))
    return g_strdup (cell);
  folder = g_path_get_dirname (plan->csv);
  path = g_str_equal (folder, ".") ? g_strdup (cell)
                                   : g_build_filename (folder, cell, NULL);
  g_free (folder);
  return path;
}

/* "--dialogue=a.wav", then "--" and the words without an option. */
static gchar **
row_words (const Plan *plan, const GPtrArray *head, const GPtrArray *row)
{
  GPtrArray *words = g_ptr_array_new (), *rest = g_ptr_array_new ();

  g_ptr_array_add (words, g_strdup (plan->program));
  for (guint i = 0; i < MIN (head->len, row->len); i++) {
    const gchar *column = g_ptr_array_index (head, i);
    const gchar *cell = g_ptr_array_index (row, i);
    gchar *value = *cell ? cell_value (plan, column, cell) : NULL;

    if (value && g_strv_contains (plain, column))
      g_ptr_array_add (rest, g_strdup (value));
    else if (value)
      g_ptr_array_add (words, g_strdup_printf ("--%s=%s", column, value));
    g_free (value);
  }
  g_ptr_array_add (words, g_strdup ("--"));
  g_ptr_array_extend_and_steal (words, rest);
  g_ptr_array_add (words, NULL);
  return (gchar **) g_ptr_array_free (words, FALSE);
}

static gboolean
check_head (const Plan *plan, const GPtrArray *head, GError **error)
{
  for (guint i = 0; i < head->len; i++) {
    gchar *column = g_ptr_array_index (head, i);

    g_strstrip (column);
    if (!*column || g_str_equal (column, "help")
        || strspn (column, "abcdefghijklmnopqrstuvwxyz-") != strlen (column)) {
      gchar *text = dmix_printable (column);

      dmix_error_set (error, DMIX_EXIT_INPUT, plan->csv,
          "the first line names the columns as options without '--' (file, "
          "dialogue, output ...); column %u is '%s'",
          i + 1, text);
      g_free (text);
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
add_table (Plan *plan, GError **error)
{
  GPtrArray *rows = dmix_csv_read (plan->csv, error), *head;
  GError *wrong = NULL;

  if (!rows)
    return FALSE;
  if (rows->len < 2) {
    dmix_error_set (error, DMIX_EXIT_INPUT, plan->csv,
        "the table has no rows below the names of its columns");
    g_ptr_array_unref (rows);
    return FALSE;
  }
  head = g_ptr_array_index (rows, 0);
  if (!check_head (plan, head, error)) {
    g_ptr_array_unref (rows);
    return FALSE;
  }
  for (guint i = 1; !wrong && i < rows->len; i++) {
    const GPtrArray *row = g_ptr_array_index (rows, i);
    gchar **words = row_words (plan, head, row);

    if (row->len > head->len)
      dmix_error_set (&wrong, DMIX_EXIT_INPUT, NULL,
          "%u cells below %u columns", row->len, head->len);
    else
      add_job (plan, words, NULL, &wrong);
    g_strfreev (words);
    if (wrong)
      dmix_error_set (error, DMIX_EXIT_INPUT, plan->csv, "row %u: %s", i,
          wrong->message);
  }
  g_ptr_array_unref (rows);
  if (!wrong)
    return TRUE;
  g_error_free (wrong);
  return FALSE;
}

/*** outputs ***/

/* One name for a file: links of its folder followed, or itself where it is
 * there. */
static gchar *
real_name (const gchar *path)
{
  gchar *real = realpath (path, NULL), *name, *folder, *base;

  if (!real) {
    folder = g_path_get_dirname (path);
    base = g_path_get_basename (path);
    real = realpath (folder, NULL);
    name = real ? g_build_filename (real, base, NULL)
                : g_canonicalize_filename (path, NULL);
    g_free (folder);
    g_free (base);
  } else {
    name = g_strdup (real);
  }
  free (real);
  return name;
}

/* Device and inode, which hard links share; NULL for no file. */
static gchar *
identity (const gchar *path)
{
  GStatBuf found;

  if (g_stat (path, &found) < 0)
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT,
      (guint64) found.st_dev, (guint64) found.st_ino);
}

/* Notes the files that row `number` reads, by name and identity. */
static void
note_inputs (Plan *plan, GHashTable *read, guint number)
{
  const gchar **inputs =
      dmix_job_inputs (g_ptr_array_index (plan->jobs, number - 1));

  for (const gchar **input = inputs; *input; input++) {
    gchar *id = identity (*input);

    g_ptr_array_add (plan->inputs, g_strdup (*input));
    g_hash_table_insert (read, real_name (*input), GUINT_TO_POINTER (number));
    if (id)
      g_hash_table_insert (read, id, GUINT_TO_POINTER (number));
  }
  g_free (inputs);
}

static gboolean
check_output (const gchar *output, guint number, GHashTable *read,
    GHashTable *written, GError **error)
{
  gchar *name = real_name (output), *id = identity (output);
  gpointer reader = g_hash_table_lookup (read, name), writer;

  if (!reader && id)
    reader = g_hash_table_lookup (read, id);
  writer = g_hash_table_lookup (written, name);
  if (!writer && id)
    writer = g_hash_table_lookup (written, id);
  if (reader)
    dmix_error_set (error, DMIX_EXIT_INPUT, output,
        "row %u writes it and row %u reads it; name another output", number,
        GPOINTER_TO_UINT (reader));
  else if (writer)
    dmix_error_set (error, DMIX_EXIT_INPUT, output,
        "rows %u and %u both write it; {name} or {row} in --output makes "
        "names differ",
        GPOINTER_TO_UINT (writer), number);
  g_hash_table_insert (written, name, GUINT_TO_POINTER (number));
  if (id)
    g_hash_table_insert (written, id, GUINT_TO_POINTER (number));
  return !reader && !writer;
}

/* Commands that only measure write no file. */
static gboolean
has_output (const DmixJob *job)
{
  return job->output || g_str_equal (job->command, "meter")
      || g_str_equal (job->command, "analyse");
}

static gboolean
check_rows (Plan *plan, GError **error)
{
  GHashTable *read =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GHashTable *written =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean good = TRUE;

  for (guint i = 1; i <= plan->jobs->len; i++)
    note_inputs (plan, read, i);
  for (guint i = 1; good && i <= plan->jobs->len; i++) {
    const DmixJob *job = g_ptr_array_index (plan->jobs, i - 1);

    good = has_output (job);
    if (!good)
      dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
          "row %u has no output; write for example --output 'out/{name}.flac'",
          i);
    else if (job->output)
      good = check_output (job->output, i, read, written, error);
    if (good && job->report)
      good = check_output (job->report, i, read, written, error);
  }
  if (plan->csv)
    g_ptr_array_add (plan->inputs, g_strdup (plan->csv));
  g_ptr_array_add (plan->inputs, NULL);
  g_hash_table_unref (read);
  g_hash_table_unref (written);
  return good
      && dmix_output_check (plan->path,
          (const gchar *const *) plan->inputs->pdata, error);
}

/*** the file ***/

/* Names below the folder of the plan count from there, so that the folder can
 * be moved, or have another name on another machine. */
static void
make_portable (const Plan *plan, gchar **path)
{
  gchar *whole;
  const gsize length = strlen (plan->folder);

  if (!*path || g_path_is_absolute (*path))
    return;
  whole = g_canonicalize_filename (*path, NULL);
  g_free (*path);
  if (g_str_has_prefix (whole, plan->folder) && whole[length] == G_DIR_SEPARATOR
      && g_utf8_validate (whole, -1, NULL))
    *path = g_strdup (whole + length + 1);
  else
    *path = g_strdup (whole);
  g_free (whole);
}

static gboolean
write_plan (const Plan *plan, GError **error)
{
  GString *text = g_string_new (NULL);
  gboolean good;

  for (guint i = 0; i < plan->jobs->len; i++) {
    DmixJob *job = g_ptr_array_index (plan->jobs, i);
    gchar *line;

    make_portable (plan, &job->video);
    make_portable (plan, &job->output);
    make_portable (plan, &job->report);
    for (guint k = 0; k < job->inputs->len; k++)
      make_portable (plan,
          &((DmixInput *) g_ptr_array_index (job->inputs, k))->path);
    line = dmix_batch_row_text (job);
    g_string_append_printf (text, "%s\n", line);
    g_free (line);
  }
  good = dmix_output_write (plan->path, text->str, error);
  g_string_free (text, TRUE);
  return good;
}

/*** the command ***/

static const gchar usage[] =
    "write: dmix plan COMMAND [OPTION...] FILE..., or: dmix plan COMMAND "
    "[OPTION...] --csv TABLE";

/* Reads the common options. */
static gboolean
parse (Plan *plan, gchar **words, const gchar *const *commands,
    DmixOptions *options, GError **error)
{
  const GOptionEntry more[] = {
    { "plan", 0, 0, G_OPTION_ARG_FILENAME, &plan->path,
        "file to write (" DEFAULT_PLAN ")", "FILE" },
    { "csv", 0, 0, G_OPTION_ARG_FILENAME, &plan->csv,
        "a row for each row of a table, whose columns are options", "FILE" },
    { NULL },
  };
  gboolean good;

  if (words[1] && *words[1] == '-'
      && !dmix_options_read (more, "plan", words, error))
    return FALSE; /* --help ends the process */
  if (!words[1] || !g_strv_contains (commands, words[1])) {
    gchar *list = g_strjoinv (", ", (gchar **) commands);

    dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "%s; COMMAND is one of %s",
        usage, list);
    g_free (list);
    return FALSE;
  }
  plan->common = dmix_job_new (words[1]);
  options->more = more;
  options->files = &plan->files;
  plan->program = words[0];
  words[0] = words[1];
  words[1] = (gchar *) plan->program; /* before the options */
  good = dmix_options_add (plan->common, words + 1, options, error);
  options->more = NULL;
  if (good && !plan->csv == !plan->files) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "%s", usage);
    good = FALSE;
  }
  if (good && !plan->path)
    plan->path = g_strdup (DEFAULT_PLAN);
  return good;
}

static void
show (const Plan *plan, DmixSay *say)
{
  gchar *quoted = g_shell_quote (plan->path);

  dmix_say_line (say,
      "%s: %u rows. To run them on all cores and to sum up:", quoted,
      plan->jobs->len);
  dmix_say_line (say, "  seq %u | parallel -q --bar dmix run -q %s --row {}",
      plan->jobs->len, quoted);
  dmix_say_line (say, "  dmix merge %s", quoted);
  dmix_say_event (say, "done",
      gst_structure_new ("done", "command", G_TYPE_STRING, "plan", "output",
          G_TYPE_STRING, plan->path, "rows", G_TYPE_UINT, plan->jobs->len,
          NULL));
  g_free (quoted);
}

gboolean
dmix_plan_write (gchar **words, const gchar *const *commands, DmixSay **say,
    GError **error)
{
  Plan plan = { NULL };
  DmixOptions options = { FALSE };
  gboolean good = parse (&plan, words, commands, &options, error);

  *say = dmix_say_new (options.json, options.quiet);
  plan.jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) dmix_job_free);
  plan.inputs = g_ptr_array_new_with_free_func (g_free);
  if (good) {
    plan.folder = dmix_batch_folder (plan.path);
    good = (plan.csv ? add_table (&plan, error) : add_files (&plan, error))
        && check_rows (&plan, error) && write_plan (&plan, error);
  }
  if (good)
    show (&plan, *say);
  dmix_job_free (plan.common);
  g_ptr_array_unref (plan.jobs);
  g_ptr_array_unref (plan.inputs);
  g_strfreev (plan.files);
  g_free (plan.folder);
  g_free (plan.path);
  g_free (plan.csv);
  return good;
}

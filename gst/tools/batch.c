/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the name of a result file is the hash of its row, so that the state of
 * a batch is in no database and needs no lock. A worker writes the output, gives
 * it its name, and then does the same with the result file: whenever it is
 * killed, the row is done or looks as if it had never begun. Two workers with
 * the same row do it twice, with the same bits. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "tools/batch.h"
#include "tools/output.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define ENDING ".jsonl"
#define NAME_LENGTH 32 /* hexadecimal digits of a hash in a file's name */

/*** the plan ***/

gchar *
dmix_batch_folder (const gchar *path)
{
  gchar *whole = g_canonicalize_filename (path, NULL);
  gchar *folder = g_path_get_dirname (whole);

  g_free (whole);
  return folder;
}

gchar *
dmix_batch_results (const gchar *path)
{
  const gsize length =
      strlen (path) - (g_str_has_suffix (path, ENDING) ? strlen (ENDING) : 0);

  return g_strdup_printf ("%.*s.results", (gint) length, path);
}

DmixBatch *
dmix_batch_read (const gchar *path, GError **error)
{
  DmixBatch *batch;
  GError *wrong = NULL;
  gchar *text;
  guint lines;

  if (!g_file_get_contents (path, &text, NULL, &wrong)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path, "the plan cannot be read: %s",
        wrong->message);
    g_error_free (wrong);
    return NULL;
  }
  batch = g_new0 (DmixBatch, 1);
  batch->path = g_strdup (path);
  batch->folder = dmix_batch_folder (path);
  batch->results = dmix_batch_results (path);
  batch->lines = g_strsplit (text, "\n", -1);
  g_free (text);
  lines = g_strv_length (batch->lines);
  while (lines > 0 && !*batch->lines[lines - 1])
    lines--;
  batch->rows = lines;
  if (lines > 0)
    return batch;
  dmix_error_set (error, DMIX_EXIT_INPUT, path, "the plan is empty");
  dmix_batch_free (batch);
  return NULL;
}

void
dmix_batch_free (DmixBatch *batch)
{
  if (!batch)
    return;
  g_free (batch->path);
  g_free (batch->folder);
  g_free (batch->results);
  g_strfreev (batch->lines);
  g_free (batch);
}

/*** rows ***/

static gchar *
hash_of (const gchar *job_text)
{
  gchar *text = g_strdup_printf (VERSION "\n%s", job_text);
  gchar *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  g_free (text);
  return hash;
}

static gchar *
job_text (const DmixJob *job)
{
  JsonObject *object = dmix_json_from_job (job);
  gchar *text = dmix_json_to_text (object);

  json_object_unref (object);
  return text;
}

gchar *
dmix_batch_row_text (const DmixJob *job)
{
  gchar *text = job_text (job), *hash = hash_of (text);
  gchar *line = g_strdup_printf ("{\"hash\":\"%s\",\"version\":\"" VERSION
                                 "\",\"job\":%s}",
      hash, text);

  g_free (hash);
  g_free (text);
  return line;
}

static void
make_absolute (const DmixBatch *batch, gchar **path)
{
  gchar *relative = *path;

  if (!relative || g_path_is_absolute (relative))
    return;
  *path = g_build_filename (batch->folder, relative, NULL);
  g_free (relative);
}

static JsonObject *
parse_object (const gchar *text)
{
  JsonNode *node = json_from_string (text, NULL);
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node)
      ? json_node_dup_object (node)
      : NULL;

  g_clear_pointer (&node, json_node_unref);
  return object;
}

/* The text of a member, or "" for one that is not there or no text. */
static const gchar *
text_of (JsonObject *object, const gchar *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_VALUE (node)
          && json_node_get_value_type (node) == G_TYPE_STRING
      ? json_node_get_string (node)
      : "";
}

static gint64
number_of (JsonObject *object, const gchar *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_int (node) : 0;
}

static DmixJob *
parse_row (JsonObject *object, gchar **hash, GError **error)
{
  JsonNode *node = json_object_get_member (object, "job");
  DmixJob *job = NULL;
  gchar *text;

  if (!g_str_equal (text_of (object, "version"), VERSION)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
        "dmix %s made it and this is " VERSION "; make the plan anew",
        text_of (object, "version"));
    return NULL;
  }
  if (node && JSON_NODE_HOLDS_OBJECT (node))
    job = dmix_json_to_job (json_node_get_object (node), error);
  if (!job)
    return NULL;
  text = job_text (job);
  *hash = hash_of (text);
  g_free (text);
  if (g_str_equal (*hash, text_of (object, "hash")))
    return job;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "it is not as dmix plan wrote it; make the plan anew");
  g_clear_pointer (hash, g_free);
  dmix_job_free (job);
  return NULL;
}

DmixRow *
dmix_batch_row (const DmixBatch *batch, guint number, GError **error)
{
  JsonObject *object;
  DmixRow *row = NULL;
  DmixJob *job = NULL;
  GError *wrong = NULL;
  gchar *hash = NULL;

  if (number < 1 || number > batch->rows) {
    dmix_error_set (error, DMIX_EXIT_INPUT, batch->path,
        "there is no row %u; it has rows 1 to %u", number, batch->rows);
    return NULL;
  }
  object = parse_object (batch->lines[number - 1]);
  if (object) {
    job = parse_row (object, &hash, &wrong);
    json_object_unref (object);
  }
  if (!job) {
    dmix_error_set (error, DMIX_EXIT_INPUT, batch->path, "row %u: %s", number,
        wrong ? wrong->message : "it is no row of a plan");
    g_clear_error (&wrong);
    return NULL;
  }
  make_absolute (batch, &job->video);
  make_absolute (batch, &job->output);
  make_absolute (batch, &job->report);
  for (guint i = 0; i < job->inputs->len; i++)
    make_absolute (batch,
        &((DmixInput *) g_ptr_array_index (job->inputs, i))->path);
  row = g_new0 (DmixRow, 1);
  row->hash = hash;
  row->job = job;
  return row;
}

void
dmix_row_free (DmixRow *row)
{
  if (!row)
    return;
  g_free (row->hash);
  dmix_job_free (row->job);
  g_free (row);
}

/*** results ***/

static gchar *
result_path (const DmixBatch *batch, const DmixRow *row)
{
  return g_strdup_printf ("%s" G_DIR_SEPARATOR_S "%.*s.json", batch->results,
      NAME_LENGTH, row->hash);
}

static JsonObject *
read_result (const DmixBatch *batch, const DmixRow *row)
{
  gchar *path = result_path (batch, row), *text = NULL;
  JsonObject *object = NULL;

  if (g_file_get_contents (path, &text, NULL, NULL))
    object = parse_object (text);
  if (object && !g_str_equal (text_of (object, "hash"), row->hash))
    g_clear_pointer (&object, json_object_unref);
  g_free (text);
  g_free (path);
  return object;
}

/* Size in bytes, -1 for a file that is not there. */
static gint64
size_of (const gchar *path)
{
  GStatBuf found;

  return g_stat (path, &found) == 0 ? (gint64) found.st_size : -1;
}

DmixRowState
dmix_batch_state (const DmixBatch *batch, const DmixRow *row,
    JsonObject **result, gchar **reason)
{
  JsonObject *object = read_result (batch, row);
  DmixRowState state = DMIX_ROW_MISSING;
  const gchar *why = "not run, or its worker was stopped";

  if (object && g_str_equal (text_of (object, "status"), "done")) {
    const gint64 size = row->job->output ? size_of (row->job->output) : 0;

    if (size == number_of (object, "bytes"))
      state = DMIX_ROW_DONE;
    else
      why = size < 0 ? "done, but its output is not there any more"
                     : "done, but its output was changed since";
  } else if (object) {
    state = DMIX_ROW_FAILED;
    why = text_of (object, "reason");
  }
  if (reason)
    *reason = state == DMIX_ROW_DONE ? NULL : g_strdup (why);
  if (result)
    *result = object;
  else
    g_clear_pointer (&object, json_object_unref);
  return state;
}

static JsonObject *
result_object (const DmixRow *row, const DmixSay *say, const GError *failed)
{
  JsonObject *object = json_object_new ();
  JsonArray *warnings = json_array_new ();
  const GPtrArray *texts = dmix_say_warnings (say);

  json_object_set_string_member (object, "hash", row->hash);
  json_object_set_string_member (object, "version", VERSION);
  json_object_set_string_member (object, "status", failed ? "failed" : "done");
  json_object_set_string_member (object, "host", g_get_host_name ());
  if (failed) {
    json_object_set_int_member (object, "code",
        failed->domain == DMIX_ERROR ? failed->code : DMIX_EXIT_INPUT);
    json_object_set_string_member (object, "reason", failed->message);
  } else if (row->job->output) {
    json_object_set_int_member (object, "bytes", size_of (row->job->output));
  }
  for (guint i = 0; i < texts->len; i++) {
    gchar *text = dmix_printable (g_ptr_array_index (texts, i));

    json_array_add_string_element (warnings, text);
    g_free (text);
  }
  json_object_set_array_member (object, "warnings", warnings);
  if (!failed && dmix_say_done (say))
    json_object_set_object_member (object, "figures",
        dmix_json_object (dmix_say_done (say)));
  return object;
}

gboolean
dmix_batch_write (const DmixBatch *batch, const DmixRow *row,
    const DmixSay *say, const GError *failed, GError **error)
{
  JsonObject *object = result_object (row, say, failed);
  gchar *text = dmix_json_to_text (object), *path = result_path (batch, row);
  gchar *line = g_strconcat (text, "\n", NULL);
  gboolean good = FALSE;

  if (g_mkdir_with_parents (batch->results, 0777) < 0)
    dmix_error_set_errno (error, errno, batch->results, "cannot be made");
  else
    good = dmix_output_write (path, line, error);
  json_object_unref (object);
  g_free (line);
  g_free (text);
  g_free (path);
  return good;
}

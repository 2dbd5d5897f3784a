/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/session.h"
#include "tools/value.h"

#include <math.h>
#include <string.h>

const gchar *const dmix_session_roles[] = { "dialogue", "background", "music",
  "ambience", "effects", NULL };

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
  if (!g_strv_contains (dmix_session_roles, role)) {
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
  if (!path || (at && !dmix_value_time (at, &seconds))) {
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
      good = dmix_value_number ("rate", value, 8000, 384000, &number, error);
      job->rate = job->rate ? job->rate : (gint) number;
    } else if (g_str_equal (*key, "loudness")) {
      good = dmix_value_number ("loudness", value, -60, 0, &number, error);
      job->loudness = number;
    } else if (g_str_equal (*key, "ceiling")) {
      good = dmix_value_number ("ceiling", value, -60, 20, &number, error);
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

/*** writing ***/

/* The name as the session has it; NULL and an error for bytes that a key file
 * cannot hold. */
static gchar *
name_in (const gchar *folder, const gchar *path, GError **error)
{
  gchar *full;

  if (!g_utf8_validate (path, -1, NULL)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "a session file holds names in UTF-8 only; rename this file");
    return NULL;
  }
  full = g_canonicalize_filename (path, NULL);
  if (g_str_has_prefix (full, folder) && full[strlen (folder)] == '/') {
    gchar *name = g_strdup (full + strlen (folder) + 1);

    g_free (full);
    return name;
  }
  return full;
}

static gboolean
write_input (GKeyFile *file, const DmixInput *input, const gchar *folder,
    GError **error)
{
  gchar *group = g_strdup (input->name);
  gchar *number = strrchr (group, '_'),
        *name = name_in (folder, input->path, error);

  if (name) {
    const guint64 nth = g_ascii_strtoull (number + 1, NULL, 10);

    *number = '\0';
    if (nth > 0) {
      gchar *numbered =
          g_strdup_printf ("%s %" G_GUINT64_FORMAT, group, nth + 1);

      g_free (group);
      group = numbered;
    }
    g_key_file_set_string (file, group, "file", name);
    if (input->at_ns != 0) {
      gchar *at = g_strdup_printf ("%.6f", input->at_ns / 1e9);

      g_key_file_set_string (file, group, "at", at);
      g_free (at);
    }
    if (input->track)
      g_key_file_set_string (file, group, "track", input->track);
  }
  g_free (group);
  g_free (name);
  return name != NULL;
}

static void
write_main (GKeyFile *file, const DmixJob *job)
{
  const gdouble decibels[] = { job->loudness, job->ceiling };
  const gchar *const names[] = { "loudness", "ceiling" };

  if (job->preset)
    g_key_file_set_string (file, GROUP, "preset", job->preset);
  if (job->layout)
    g_key_file_set_string (file, GROUP, "layout", job->layout);
  if (job->rate)
    g_key_file_set_integer (file, GROUP, "rate", job->rate);
  for (guint i = 0; i < G_N_ELEMENTS (decibels); i++)
    if (!isnan (decibels[i])) {
      gchar *text = g_strdup_printf ("%g", decibels[i]);

      g_key_file_set_string (file, GROUP, names[i], text);
      g_free (text);
    }
}

gchar *
dmix_session_text (const DmixJob *job, const gchar *path, GError **error)
{
  GKeyFile *file = g_key_file_new ();
  gchar *full = g_canonicalize_filename (path, NULL);
  gchar *folder = g_path_get_dirname (full), *text = NULL;
  gboolean good = TRUE;

  write_main (file, job);
  for (guint i = 0; good && i < job->inputs->len; i++)
    good =
        write_input (file, g_ptr_array_index (job->inputs, i), folder, error);
  for (guint i = 0; good && i < job->settings->len; i++) {
    gchar **parts = g_strsplit (g_ptr_array_index (job->settings, i), "=", 2);

    g_key_file_set_string (file, "set", parts[0], parts[1]);
    g_strfreev (parts);
  }
  if (good)
    text = g_key_file_to_data (file, NULL, NULL);
  g_key_file_unref (file);
  g_free (folder);
  g_free (full);
  return text;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/job.h"

#include <math.h>
#include <string.h>

#define CEILING_DBTP -1.0

static void
input_free (gpointer data)
{
  DmixInput *input = data;

  g_free (input->name);
  g_free (input->path);
  g_free (input->track);
  g_free (input);
}

DmixJob *
dmix_job_new (const gchar *command)
{
  DmixJob *job = g_new0 (DmixJob, 1);

  job->command = g_intern_string (command);
  job->inputs = g_ptr_array_new_with_free_func (input_free);
  job->settings = g_ptr_array_new_with_free_func (g_free);
  job->loudness = NAN;
  job->ceiling = CEILING_DBTP;
  return job;
}

void
dmix_job_free (DmixJob *job)
{
  if (!job)
    return;
  g_ptr_array_unref (job->inputs);
  g_ptr_array_unref (job->settings);
  g_free (job->video);
  g_free (job->output);
  g_free (job->preset);
  g_free (job->layout);
  g_free (job->codec);
  g_free (job->track);
  g_free (job->title);
  g_free (job->specification);
  g_free (job->report);
  g_free (job);
}

void
dmix_job_add_input (DmixJob *job, const gchar *role, gchar *path, gint64 at_ns,
    gchar *track)
{
  DmixInput *input = g_new0 (DmixInput, 1);
  guint number = 0;

  for (guint i = 0; i < job->inputs->len; i++) {
    const DmixInput *other = g_ptr_array_index (job->inputs, i);

    number += g_str_has_prefix (other->name, role)
        && other->name[strlen (role)] == '_';
  }
  input->role = g_str_equal (role, "dialogue") ? DMIX_ROLE_DIALOGUE
                                               : DMIX_ROLE_BACKGROUND;
  input->name = g_strdup_printf ("%s_%u", role, number);
  input->path = path;
  input->at_ns = at_ns;
  input->track = track;
  g_ptr_array_add (job->inputs, input);
}

const gchar **
dmix_job_inputs (const DmixJob *job)
{
  GPtrArray *paths = g_ptr_array_new ();

  if (job->video)
    g_ptr_array_add (paths, job->video);
  for (guint i = 0; i < job->inputs->len; i++)
    g_ptr_array_add (paths,
        ((DmixInput *) g_ptr_array_index (job->inputs, i))->path);
  g_ptr_array_add (paths, NULL);
  return (const gchar **) g_ptr_array_free (paths, FALSE);
}

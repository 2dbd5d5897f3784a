/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Command lines and session files to jobs. */
#pragma once

#include "tools/job.h"

typedef struct
{
  gboolean json, quiet;
  const GOptionEntry *more; /* further options, or NULL */
  gchar ***files; /* receives the words without an option; NULL: they are the
                   * job's */
} DmixOptions;

/* Reads the words behind the subcommand; NULL and an error for a wrong one.
 * --help prints and ends the process. */
DmixJob *dmix_options_parse (const gchar *command, gchar **argv,
    DmixOptions *options, GError **error);

/* Reads the words of a command that has no job into the places of `entries`
 * (the first word is the program's name). */
gboolean dmix_options_read (const GOptionEntry *entries, const gchar *command,
    gchar **words, GError **error);

/* Adds what the words say (the first is the program's name) to a job. */
gboolean dmix_options_add (DmixJob *job, gchar **argv, DmixOptions *options,
    GError **error);

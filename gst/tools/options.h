/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Command lines and session files to jobs. */
#pragma once

#include "tools/job.h"

typedef struct
{
  gboolean json, quiet, version;
} DmixOptions;

/* Reads the words behind the subcommand; NULL and an error for a wrong one.
 * --help prints and ends the process. */
DmixJob *dmix_options_parse (const gchar *command, gint argc, gchar **argv,
    DmixOptions *options, GError **error);

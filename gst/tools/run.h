/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix run: executes rows of a plan. */
#pragma once

#include "tools/batch.h"
#include "tools/runner.h"

/* Executes a job by the command that it names. */
typedef gboolean (
    *DmixExecute) (const DmixJob *job, DmixContext *context, GError **error);

/* words: those behind the subcommand, after the program's name. */
gboolean dmix_run (gchar **words, DmixExecute execute, DmixSay **say,
    GError **error);

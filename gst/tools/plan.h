/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmix plan: files, or the rows of a table, to the rows of a plan. */
#pragma once

#include "tools/batch.h"

/* words: those behind the subcommand, after the program's name; the first is a
 * command. commands: those that have jobs, NULL-terminated. */
gboolean dmix_plan_write (gchar **words, const gchar *const *commands,
    DmixSay **say, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tables as spreadsheets write them (RFC 4180): fields in commas, semicolons or
 * tabs, quoted where they hold one of these, a quote or a newline. */
#pragma once

#include "tools/error.h"

/* Rows (GPtrArray) of fields (gchar *). The separator is the one that the first
 * line has most of. Empty lines are left out. */
GPtrArray *dmix_csv_read (const gchar *path, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The page of a batch: one HTML file that needs nothing else. */
#pragma once

#include "tools/json.h"

typedef struct _DmixSummary DmixSummary;

DmixSummary *dmix_summary_new (void);
void dmix_summary_free (DmixSummary *summary);

/* One line of results.jsonl. */
void dmix_summary_add (DmixSummary *summary, JsonObject *line);

/* The page; free it. */
gchar *dmix_summary_page (DmixSummary *summary, const gchar *plan);

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The JSON of a report as a page: one HTML file that needs nothing else. */
#pragma once

#include "tools/json.h"

/* The page; free it. */
gchar *dmix_page (JsonObject *report);

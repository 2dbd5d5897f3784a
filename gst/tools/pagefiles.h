/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The files of gst/tools/page/, which the build compiles in. */
#pragma once

#include <glib.h>

extern const gchar dmix_page_html[], dmix_page_css[], dmix_page_js[];

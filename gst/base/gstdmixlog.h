/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Debug category of a file, created at its first log line, for files that
 * register no type. All categories are named dmix..., so that
 * GST_DEBUG=dmix*:6 shows everything. Usage, after the includes:
 *
 *   GST_DMIX_LOG_CATEGORY ("dmixtimeline", "timestamps behind a delay");
 *
 * GST_DEBUG_OBJECT() and its kind then log there. A disabled line costs one
 * comparison with the highest level in use. */
#ifndef GST_DMIX_LOG_H
#define GST_DMIX_LOG_H

#include <gst/gst.h>

#define GST_CAT_DEFAULT gst_dmix_log_category ()

#define GST_DMIX_LOG_CATEGORY(name, description)                               \
  static inline GstDebugCategory *gst_dmix_log_category (void)                 \
  {                                                                            \
    static gsize category = 0;                                                 \
                                                                               \
    if (g_once_init_enter (&category))                                         \
      g_once_init_leave (&category,                                            \
          (gsize) _gst_debug_category_new (name, 0, description));             \
    return (GstDebugCategory *) category;                                      \
  }                                                                            \
  typedef int gst_dmix_log_category_needs_semicolon

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Curves of a report as SVG inside HTML. Lines and areas stretch with the page,
 * text is HTML beside them and keeps its size. */
#pragma once

#include "tools/json.h"

typedef struct
{
  const gchar *title, *unit;
  const gchar *curves[3];  /* names in the report's "curves", or NULL */
  const gchar *classes[3]; /* of the page's style, one for each curve */
  const gchar *labels[3];  /* in the legend */
  gdouble low, high;       /* of the axis; equal: from the values */
  gdouble goal;            /* a dashed line; NAN: none */
  const gchar *goal_label;
  gboolean small;
} DmixChart;

/* Appends the chart unless the report has none of its curves. The first one of a
 * page also says where speech is and which passages are hard to hear. */
void dmix_chart_append (GString *page, JsonObject *report,
    const DmixChart *chart, gboolean is_first);

/* The lines of dmixadr, as high as their confidence. */
void dmix_chart_append_lines (GString *page, JsonObject *report);

/* Length of the time axis, s. */
gdouble dmix_chart_duration (JsonObject *report);

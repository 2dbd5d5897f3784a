/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A figure over time, one value for each 100 ms, made smaller for a page. */
#pragma once

#include "tools/json.h"

#define DMIX_CURVE_INTERVAL (100 * GST_MSECOND)

typedef enum
{
  DMIX_CURVE_MIN, /* of values that are joined the smallest stays */
  DMIX_CURVE_MAX,
} DmixCurveJoin;

typedef struct
{
  GArray *values; /* of gfloat; NAN: unknown */
  DmixCurveJoin join;
} DmixCurve;

DmixCurve *dmix_curve_new (DmixCurveJoin join);
void dmix_curve_free (DmixCurve *curve);

/* The value of the interval that begins at this time. */
void dmix_curve_note (DmixCurve *curve, GstClockTime time, gdouble value);

/* Lowest value from start to stop (seconds); NAN where there is none. */
gdouble dmix_curve_lowest (const DmixCurve *curve, gdouble start, gdouble stop);

/* `step` values joined into one, times `scale` and rounded; null: unknown. */
JsonArray *dmix_curve_json (const DmixCurve *curve, guint step, gdouble scale);

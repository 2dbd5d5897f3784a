/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/curve.h"

#include <math.h>

#define LONGEST (48 * 3600 * (GST_SECOND / DMIX_CURVE_INTERVAL)) /* values */

DmixCurve *
dmix_curve_new (DmixCurveJoin join)
{
  DmixCurve *curve = g_new0 (DmixCurve, 1);

  curve->values = g_array_new (FALSE, FALSE, sizeof (gfloat));
  curve->join = join;
  return curve;
}

void
dmix_curve_free (DmixCurve *curve)
{
  g_array_unref (curve->values);
  g_free (curve);
}

/* NAN has no place among the smallest and largest. */
static gfloat
join (const DmixCurve *curve, gfloat a, gfloat b)
{
  if (isnan (a) || isnan (b))
    return isnan (a) ? b : a;
  return curve->join == DMIX_CURVE_MIN ? MIN (a, b) : MAX (a, b);
}

void
dmix_curve_note (DmixCurve *curve, GstClockTime time, gdouble value)
{
  const guint64 index = (time + DMIX_CURVE_INTERVAL / 2) / DMIX_CURVE_INTERVAL;
  const gfloat unknown = NAN;
  gfloat *place;

  if (index >= LONGEST)
    return;
  while (curve->values->len <= index)
    g_array_append_val (curve->values, unknown);
  place = &g_array_index (curve->values, gfloat, index);
  *place = join (curve, *place, (gfloat) value);
}

gdouble
dmix_curve_lowest (const DmixCurve *curve, gdouble start, gdouble stop)
{
  const gdouble per_s = (gdouble) GST_SECOND / DMIX_CURVE_INTERVAL;
  gdouble least = NAN;

  for (gsize i = (gsize) (start * per_s + 0.5);
       i < curve->values->len && i < stop * per_s; i++) {
    const gfloat value = g_array_index (curve->values, gfloat, i);

    if (!isnan (value))
      least = isnan (least) ? value : MIN (least, value);
  }
  return least;
}

JsonArray *
dmix_curve_json (const DmixCurve *curve, guint step, gdouble scale)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < curve->values->len; i += step) {
    gfloat value = NAN;

    for (guint k = i; k < MIN (i + step, curve->values->len); k++)
      value = join (curve, value, g_array_index (curve->values, gfloat, k));
    if (isnan (value))
      json_array_add_null_element (array);
    else
      json_array_add_int_element (array, (gint64) floor (value * scale + 0.5));
  }
  return array;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Values of control bindings on a grid of times. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixcurves.h"
#include "base/gstdmixlog.h"

#include <math.h>
#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixcurves", "control bindings on a grid");

static void
sample_one (GstControlBinding *binding, const GstDmixProperty *property,
    gsize size, const GstClockTime *time, guint points, gpointer row)
{
  guint8 *place = (guint8 *) row + property->offset;

  if (gst_control_binding_is_disabled (binding))
    return;
  for (guint i = 0; i < points; i++, place += size) {
    gdouble value = NAN;

    /* an array of one value needs no GValue */
    if (gst_control_binding_get_value_array (binding, time[i], 1, 1, &value)
        && !isnan (value))
      *(gdouble *) place = CLAMP (value, property->minimum, property->maximum);
  }
}

void
gst_dmix_curves_sample (GstObject *object, const GstDmixProperty *table,
    guint count, gconstpointer settings, gsize size, const GstClockTime *time,
    guint points, gpointer row)
{
  for (guint i = 0; i < points; i++)
    memcpy ((guint8 *) row + i * size, settings, size);
  for (guint p = 0; p < count; p++) {
    GstControlBinding *binding;

    if (table[p].kind != GST_DMIX_DOUBLE
        || !(table[p].flags & GST_PARAM_CONTROLLABLE))
      continue;
    binding = gst_object_get_control_binding (object, table[p].name);
    if (binding) {
      GST_LOG_OBJECT (object, "%u values of property %s from its binding",
          points, table[p].name);
      sample_one (binding, &table[p], size, time, points, row);
      gst_object_unref (binding);
    }
  }
}

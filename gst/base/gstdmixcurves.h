/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Control bindings on a grid of frames.
 *
 * gst_object_sync_values() gives properties the values of one moment, once a
 * block. What moves has to be asked more often, at times that do not depend on
 * where blocks begin: these functions fill a row of settings structs with the
 * values that the bindings have at each point of a grid. */
#ifndef GST_DMIX_CURVES_H
#define GST_DMIX_CURVES_H

#include "base/gstdmixproperties.h"

G_BEGIN_DECLS

#define GST_DMIX_CURVES_MOST 32u /* points at a time */

/* row[i] becomes `settings` with the values that the bindings of all doubles
 * of the table have at the stream time time[i]. points: up to
 * GST_DMIX_CURVES_MOST. Call with no lock held: bindings have locks. */
void gst_dmix_curves_sample (GstObject *object, const GstDmixProperty *table,
    guint count, gconstpointer settings, gsize size, const GstClockTime *time,
    guint points, gpointer row);

G_END_DECLS

#endif

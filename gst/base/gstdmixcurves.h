/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Control bindings on a grid of frames.
 *
 * gst_object_sync_values() sets properties to the values of one moment, once a
 * block. A position that moves needs values more often, at times that do not
 * depend on where blocks begin: this function fills a row of settings structs
 * with the values at each point of a grid. */
#ifndef GST_DMIX_CURVES_H
#define GST_DMIX_CURVES_H

#include "base/gstdmixproperties.h"

G_BEGIN_DECLS

#define GST_DMIX_CURVES_MOST 32u /* points at a time */

/* Sets row[i] to `settings` with the values that the bindings of all properties
 * of type double have at the stream time time[i]. points: up to
 * GST_DMIX_CURVES_MOST. Call with no lock held: bindings take locks. */
void gst_dmix_curves_sample (GstObject *object, const GstDmixProperty *table,
    guint count, gconstpointer settings, gsize size, const GstClockTime *time,
    guint points, gpointer row);

G_END_DECLS

#endif

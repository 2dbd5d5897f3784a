/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Properties of dmixbin itself: the table and the struct of their values. */
#ifndef GST_DMIX_BIN_SETTINGS_H
#define GST_DMIX_BIN_SETTINGS_H

#include "base/gstdmixinterval.h"
#include "base/gstdmixproperties.h"

G_BEGIN_DECLS

typedef struct
{
  GstDmixIntervalSettings messages;
  gdouble target, loudness, voices, max_gain, max_cut, ceiling, lookahead;
  gint layout, specification;
  gboolean analyse, meter;
} GstDmixBinValues;

/* Highest value of `ceiling`, dBTP: no limiter. */
#define GST_DMIX_BIN_NO_CEILING 20.0
/* `loudness` and `voices`: no leveller. */
#define GST_DMIX_BIN_NO_LOUDNESS 0.0
/* Values of `layout`. */
#define GST_DMIX_BIN_LAYOUT_AUTO 0
#define GST_DMIX_BIN_LAYOUT_BINAURAL 10

GType gst_dmix_bin_layout_get_type (void);

extern const GstDmixProperty gst_dmix_bin_properties[];
extern const guint gst_dmix_bin_property_count;

G_END_DECLS

#endif

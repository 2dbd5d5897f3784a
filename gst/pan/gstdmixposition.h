/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixPosition: the position of a sound, as properties that dmixpan and the
 * pads of dmixpanmix share. */
#ifndef GST_DMIX_POSITION_H
#define GST_DMIX_POSITION_H

#include "base/gstdmixproperties.h"

#include "pan/pan.h"

G_BEGIN_DECLS

typedef struct
{
  gdouble azimuth, elevation, distance, gain, width, spread, divergence;
  gdouble lfe_send, reference_distance, max_distance, rolloff;
  gint distance_model;
  gboolean air_absorption, near_field;
} GstDmixPosition;

#define GST_DMIX_POSITION_PROPERTIES 14

/* Copies the properties to a table, for a settings struct that has its
 * GstDmixPosition at `offset`. */
void gst_dmix_position_fill_table (GstDmixProperty *table, gsize offset);

void gst_dmix_position_to_params (const GstDmixPosition *self, gboolean bypass,
    DmixPanParams *params);

GType gst_dmix_distance_model_get_type (void);

G_END_DECLS

#endif

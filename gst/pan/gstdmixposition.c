/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Where a sound is, see the header. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "pan/gstdmixposition.h"
#include "base/gstdmixenum.h"

#include <string.h>

static const GEnumValue distance_model_values[] = {
  { DMIX_DISTANCE_NONE, "The level stays", "none" },
  { DMIX_DISTANCE_INVERSE, "Half the level at twice the distance (rolloff 1)",
      "inverse" },
  { DMIX_DISTANCE_INVERSE_CLAMPED,
      "Inverse, between reference and max "
      "distance",
      "inverse-clamped" },
  { DMIX_DISTANCE_LINEAR,
      "In a straight line, to silence at the max "
      "distance (rolloff 1)",
      "linear" },
  { DMIX_DISTANCE_LINEAR_CLAMPED,
      "Linear, between reference and max "
      "distance",
      "linear-clamped" },
  { DMIX_DISTANCE_EXPONENTIAL, "(distance / reference) ^ -rolloff",
      "exponential" },
  { DMIX_DISTANCE_EXPONENTIAL_CLAMPED,
      "Exponential, between reference and "
      "max distance",
      "exponential-clamped" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDistanceModel, gst_dmix_distance_model,
    distance_model_values)

#define PLACE(field) G_STRUCT_OFFSET (GstDmixPosition, field)
#define LIVE GST_PARAM_CONTROLLABLE

static const GstDmixProperty properties[GST_DMIX_POSITION_PROPERTIES] = {
  { "azimuth", "Azimuth",
      "Direction, positive to the left, in degrees (of the "
      "whole, where there are several channels)",
      GST_DMIX_DOUBLE, -360, 360, 0, PLACE (azimuth), LIVE, NULL },
  { "elevation", "Elevation", "Direction upwards, in degrees", GST_DMIX_DOUBLE,
      -90, 90, 0, PLACE (elevation), LIVE, NULL },
  { "distance", "Distance", "Distance from the listener, in metres",
      GST_DMIX_DOUBLE, 0, 1000, 1, PLACE (distance), LIVE, NULL },
  { "gain", "Gain", "Gain of the source, in dB (-120: silence)",
      GST_DMIX_DOUBLE, -120, 24, 0, PLACE (gain), LIVE, NULL },
  { "width", "Width",
      "Angle between left and right of a stereo source, in "
      "degrees",
      GST_DMIX_DOUBLE, 0, 360, 60, PLACE (width), LIVE, NULL },
  { "spread", "Spread",
      "How wide each channel sounds, in degrees (360: from "
      "everywhere)",
      GST_DMIX_DOUBLE, 0, 360, 0, PLACE (spread), LIVE, NULL },
  { "divergence", "Divergence",
      "How much goes to both sides, 45 degrees away: "
      "0 (none) to 1 (all)",
      GST_DMIX_DOUBLE, 0, 1, 0, PLACE (divergence), LIVE, NULL },
  { "lfe-send", "LFE send",
      "Level of the source in the LFE channel, in dB "
      "(-120: none; loudspeakers only)",
      GST_DMIX_DOUBLE, -120, 24, -120, PLACE (lfe_send), LIVE, NULL },
  { "distance-model", "Distance model", "How the level falls with the distance",
      GST_DMIX_ENUM, 0, 6, DMIX_DISTANCE_NONE, PLACE (distance_model), LIVE,
      gst_dmix_distance_model_get_type },
  { "reference-distance", "Reference distance",
      "Where the level is what it "
      "was, in metres",
      GST_DMIX_DOUBLE, 0.01, 1000, 1, PLACE (reference_distance), LIVE, NULL },
  { "max-distance", "Max distance",
      "Where clamped models stop and the linear "
      "one ends, in metres",
      GST_DMIX_DOUBLE, 0.01, 10000, 1000, PLACE (max_distance), LIVE, NULL },
  { "rolloff", "Rolloff",
      "How fast the level falls with the distance (a "
      "factor)",
      GST_DMIX_DOUBLE, 0, 10, 1, PLACE (rolloff), LIVE, NULL },
  { "air-absorption", "Air absorption",
      "Take the high tones that air takes on "
      "the way (ISO 9613-1)",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (air_absorption), LIVE, NULL },
  { "near-field", "Near field",
      "Nearer than 1.4 metres, let the near ear hear "
      "more (headphones only)",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (near_field), LIVE, NULL },
};

void
gst_dmix_position_fill_table (GstDmixProperty *table, gsize offset)
{
  memcpy (table, properties, sizeof properties);
  for (guint i = 0; i < GST_DMIX_POSITION_PROPERTIES; i++)
    table[i].offset += offset;
}

void
gst_dmix_position_to_params (const GstDmixPosition *self, gboolean bypass,
    DmixPanParams *params)
{
  memset (params, 0, sizeof *params);
  params->azimuth_deg = self->azimuth;
  params->elevation_deg = self->elevation;
  params->width_deg = self->width;
  params->spread_deg = self->spread;
  params->divergence = self->divergence;
  params->gain_db = self->gain;
  params->lfe_send_db = self->lfe_send;
  params->distance.model = (DmixDistanceModel) self->distance_model;
  params->distance.distance_m = self->distance;
  params->distance.reference_m = self->reference_distance;
  params->distance.max_m = self->max_distance;
  params->distance.rolloff = self->rolloff;
  params->air = self->air_absorption;
  params->near_field = self->near_field;
  params->bypass = bypass;
}

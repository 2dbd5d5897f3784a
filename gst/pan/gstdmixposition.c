/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Properties of a position and their conversion to the parameters of a panner. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "pan/gstdmixposition.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixenum.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixposition", "positions of sounds");

static const GEnumValue distance_model_values[] = {
  { DMIX_DISTANCE_NONE, "Level independent of distance", "none" },
  { DMIX_DISTANCE_INVERSE, "Half the level at twice the distance (rolloff 1)",
      "inverse" },
  { DMIX_DISTANCE_INVERSE_CLAMPED,
      "Inverse between reference and max distance, constant outside",
      "inverse-clamped" },
  { DMIX_DISTANCE_LINEAR,
      "Linear, down to silence at the max distance (rolloff 1)", "linear" },
  { DMIX_DISTANCE_LINEAR_CLAMPED,
      "Linear between reference and max distance, constant outside",
      "linear-clamped" },
  { DMIX_DISTANCE_EXPONENTIAL, "(distance / reference) ^ -rolloff",
      "exponential" },
  { DMIX_DISTANCE_EXPONENTIAL_CLAMPED,
      "Exponential between reference and max distance, constant outside",
      "exponential-clamped" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixDistanceModel, gst_dmix_distance_model,
    distance_model_values)

#define PLACE(field) G_STRUCT_OFFSET (GstDmixPosition, field)
#define LIVE GST_PARAM_CONTROLLABLE

static const GstDmixProperty properties[GST_DMIX_POSITION_PROPERTIES] = {
  { "azimuth", "Azimuth",
      "Horizontal angle, positive to the left, in degrees (a sound of several "
      "channels is rotated as a whole)",
      GST_DMIX_DOUBLE, -360, 360, 0, PLACE (azimuth), LIVE, NULL },
  { "elevation", "Elevation", "Vertical angle, positive upwards, in degrees",
      GST_DMIX_DOUBLE, -90, 90, 0, PLACE (elevation), LIVE, NULL },
  { "distance", "Distance", "Distance from the listener, in metres",
      GST_DMIX_DOUBLE, 0, 1000, 1, PLACE (distance), LIVE, NULL },
  { "gain", "Gain", "Gain of the sound, in dB (-120: silence)", GST_DMIX_DOUBLE,
      -120, 24, 0, PLACE (gain), LIVE, NULL },
  { "width", "Width",
      "Angle between the left and right channel of a stereo sound, in degrees",
      GST_DMIX_DOUBLE, 0, 360, 60, PLACE (width), LIVE, NULL },
  { "spread", "Spread",
      "Width of each channel, in degrees (360: from all around)",
      GST_DMIX_DOUBLE, 0, 360, 0, PLACE (spread), LIVE, NULL },
  { "divergence", "Divergence",
      "Share that goes to two sources 45 degrees to both sides, from 0 (none) "
      "to 1 (all)",
      GST_DMIX_DOUBLE, 0, 1, 0, PLACE (divergence), LIVE, NULL },
  { "lfe-send", "LFE send",
      "Level of the sound in the LFE channel, in dB (-120: none; loudspeakers "
      "only)",
      GST_DMIX_DOUBLE, -120, 24, -120, PLACE (lfe_send), LIVE, NULL },
  { "distance-model", "Distance model", "Attenuation with distance",
      GST_DMIX_ENUM, 0, 6, DMIX_DISTANCE_NONE, PLACE (distance_model), LIVE,
      gst_dmix_distance_model_get_type },
  { "reference-distance", "Reference distance",
      "Distance at which the distance model has 0 dB, in metres",
      GST_DMIX_DOUBLE, 0.01, 1000, 1, PLACE (reference_distance), LIVE, NULL },
  { "max-distance", "Max distance",
      "End of the attenuation in clamped models, distance of silence in the "
      "linear one, in metres",
      GST_DMIX_DOUBLE, 0.01, 10000, 1000, PLACE (max_distance), LIVE, NULL },
  { "rolloff", "Rolloff", "Steepness of the distance model, as a factor",
      GST_DMIX_DOUBLE, 0, 10, 1, PLACE (rolloff), LIVE, NULL },
  { "air-absorption", "Air absorption",
      "Attenuate high frequencies with distance as air does (ISO 9613-1)",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (air_absorption), LIVE, NULL },
  { "near-field", "Near field",
      "Raise the level in the near ear at distances below 1.4 metres "
      "(headphones only)",
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
  GST_TRACE ("azimuth %g, elevation %g, distance %g m, gain %g dB",
      self->azimuth, self->elevation, self->distance, self->gain);
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

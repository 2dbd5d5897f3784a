/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Directions relative to the listener, as in ITU-R BS.2051 and BS.2127: azimuth
 * 0 in front, positive to the LEFT; elevation positive upwards; both in
 * degrees. As a vector: x to the right, y to the front, z up.
 */
#ifndef DMIX_VECTOR_H
#define DMIX_VECTOR_H

#include "base/units.h"

#define DMIX_RADIANS(deg) ((deg) * (DMIX_PI / 180.0))

typedef struct
{
  double x, y, z;
} DmixVector;

static inline DmixVector
dmix_vector_from_angles (double azimuth_deg, double elevation_deg)
{
  const double azimuth = DMIX_RADIANS (azimuth_deg);
  const double elevation = DMIX_RADIANS (elevation_deg);

  return (DmixVector){
    -sin (azimuth) * cos (elevation),
    cos (azimuth) * cos (elevation),
    sin (elevation),
  };
}

static inline double
dmix_vector_dot (DmixVector a, DmixVector b)
{
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline DmixVector
dmix_vector_cross (DmixVector a, DmixVector b)
{
  return (DmixVector){
    a.y * b.z - a.z * b.y,
    a.z * b.x - a.x * b.z,
    a.x * b.y - a.y * b.x,
  };
}

/* a + b * share */
static inline DmixVector
dmix_vector_add_scaled (DmixVector a, DmixVector b, double share)
{
  return (DmixVector){
    a.x + b.x * share,
    a.y + b.y * share,
    a.z + b.z * share,
  };
}

static inline double
dmix_vector_length (DmixVector a)
{
  return sqrt (dmix_vector_dot (a, a));
}

static inline DmixVector
dmix_vector_unit (DmixVector a)
{
  const double length = dmix_vector_length (a);

  return (DmixVector){ a.x / length, a.y / length, a.z / length };
}

/* Rotates by pitch (the front goes up), then by yaw to the left. */
static inline DmixVector
dmix_vector_rotate (DmixVector a, double yaw_deg, double pitch_deg)
{
  const double yaw = DMIX_RADIANS (yaw_deg), pitch = DMIX_RADIANS (pitch_deg);
  const double y = a.y * cos (pitch) - a.z * sin (pitch);

  return (DmixVector){
    a.x * cos (yaw) - y * sin (yaw),
    a.x * sin (yaw) + y * cos (yaw),
    a.y * sin (pitch) + a.z * cos (pitch),
  };
}

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the formulas of the OpenAL specification; for the ears, the length of
 * the shortest path around a rigid sphere.
 *
 * State: none.
 */
#include "pan/distance.h"

#include "base/units.h"
#include "pan/vector.h"

#define HEAD_M 0.0875 /* radius */
#define FAR_M 1.4

static double
bounded (double gain)
{
  /* NaN, from 0 / 0, becomes the limit, too */
  return gain < DMIX_DISTANCE_MOST_GAIN ? fmax (gain, 0)
                                        : DMIX_DISTANCE_MOST_GAIN;
}

static int
is_clamped (DmixDistanceModel model)
{
  return model == DMIX_DISTANCE_INVERSE_CLAMPED
      || model == DMIX_DISTANCE_LINEAR_CLAMPED
      || model == DMIX_DISTANCE_EXPONENTIAL_CLAMPED;
}

double
dmix_distance_gain (const DmixDistanceParams *p)
{
  const double r = fmax (p->reference_m, 1e-9), max = fmax (p->max_m, r);
  double d = fmax (p->distance_m, 0);

  if (is_clamped (p->model))
    d = dmix_clamp (d, r, max);
  switch (p->model) {
    case DMIX_DISTANCE_INVERSE:
    case DMIX_DISTANCE_INVERSE_CLAMPED: {
      const double way = r + p->rolloff * (d - r);

      return way > 0 ? bounded (r / way) : DMIX_DISTANCE_MOST_GAIN;
    }
    case DMIX_DISTANCE_LINEAR:
    case DMIX_DISTANCE_LINEAR_CLAMPED:
      if (max - r < 1e-9)
        return d > r && p->rolloff > 0 ? 0 : 1;
      return bounded (1 - p->rolloff * (d - r) / (max - r));
    case DMIX_DISTANCE_EXPONENTIAL:
    case DMIX_DISTANCE_EXPONENTIAL_CLAMPED:
      return bounded (pow (d / r, -p->rolloff));
    default:
      return 1;
  }
}

/* Length of the path to an ear, m; cosine: of the angle between the directions
 * of the ear and of the source. Behind the tangent point the path follows the
 * sphere. */
static double
path_to_ear (double distance, double cosine)
{
  const double straight = sqrt (
      distance * distance + HEAD_M * HEAD_M - 2 * distance * HEAD_M * cosine);
  const double tangent = sqrt (distance * distance - HEAD_M * HEAD_M);

  if (straight <= tangent)
    return straight;
  return tangent + HEAD_M * (acos (cosine) - acos (HEAD_M / distance));
}

static double
ear_level (double distance, double cosine)
{
  return distance / path_to_ear (distance, cosine);
}

void
dmix_distance_ears (double distance_m, double x, double gain[2])
{
  const double d = dmix_clamp (distance_m, 1.1 * HEAD_M, FAR_M);

  x = dmix_clamp (x, -1, 1);
  for (int ear = 0; ear < 2; ear++) {
    const double cosine = ear ? x : -x;

    gain[ear] = ear_level (d, cosine) / ear_level (FAR_M, cosine);
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: x = side * level - start is the distance (dB) past the start of the
 * knee, h = x limited to 0..knee the part inside it, x - h the part beyond.
 * The parabola h^2 / (2 knee) ends at knee / 2 with slope 1, so
 * slope * (h^2 / (2 knee) + x - h) is the whole curve, without a branch. The
 * gate is a step instead, smoothed to an S over the knee.
 */
#include "dynamics/gaincomputer.h"

#include "base/units.h"

#include <math.h>

#define STEEP 1e6f /* slope, in knees per dB, of a gate without knee */

static inline float
limited (float value, float low, float high)
{
  value = DMIX_MAX (value, low);
  return DMIX_MIN (value, high);
}

void
dmix_gaincomputer_init (DmixGainComputer *self,
    const DmixDynamicsParams *params)
{
  const double knee = params->knee_db;
  const double inverse = 1.0 / params->ratio; /* 0 for an infinite ratio */

  self->gate = params->mode == DMIX_DYNAMICS_GATE;
  self->side = params->mode == DMIX_DYNAMICS_COMPRESS ? 1.0f : -1.0f;
  self->start = (float) (self->side * params->threshold_db - knee / 2.0);
  self->knee = (float) knee;
  self->per_knee = knee > 0.0 ? (float) (0.5 / knee) : 0.0f;
  self->range = (float) params->range_db;
  switch (params->mode) {
    case DMIX_DYNAMICS_COMPRESS:
      self->slope = (float) (inverse - 1.0);
      break;
    case DMIX_DYNAMICS_UPWARD:
      self->slope = (float) (1.0 - inverse);
      break;
    case DMIX_DYNAMICS_EXPAND:
      self->slope = (float) -(fmin (params->ratio, 1000.0) - 1.0);
      break;
    case DMIX_DYNAMICS_GATE:
      self->per_knee = knee > 0.0 ? (float) (1.0 / knee) : STEEP;
      self->slope = -self->range;
      break;
    default:
      self->slope = 0.0f;
      break;
  }
}

void
dmix_gaincomputer_process (const DmixGainComputer *self, float *db,
    size_t count)
{
  const DmixGainComputer s = *self;

  if (s.gate) {
    for (size_t i = 0; i < count; i++) {
      const float u = limited ((-db[i] - s.start) * s.per_knee, 0.0f, 1.0f);

      db[i] = s.slope * (u * u * (3.0f - 2.0f * u));
    }
    return;
  }
  for (size_t i = 0; i < count; i++) {
    const float x = s.side * db[i] - s.start;
    const float inside = limited (x, 0.0f, s.knee);
    const float beyond = x > s.knee ? x - s.knee : 0.0f;
    const float curve = inside * inside * s.per_knee + beyond;

    db[i] = limited (s.slope * curve, -s.range, s.range);
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: vectors of eight, whose parts never see more than one channel
 * (base/blockloops.c).
 */
#include "base/level.h"

#include "base/blockloops.h"
#include "base/units.h"

#define LOOK 64u /* samples at a time */

void
dmix_level_peak (const float *x, unsigned channels, size_t frames, float *peak)
{
  dmix_level_steps (x, channels, frames, 1, peak, NULL);
}

float
dmix_level_peak_all (const float *x, size_t count)
{
  float peak;

  dmix_level_peak (x, 1, count, &peak);
  return peak;
}

int
dmix_level_is_silent (const float *x, size_t count)
{
  for (size_t at = 0; at < count; at += LOOK) {
    const size_t left = count - at;

    if (dmix_blockloops ()->largest (x + at, DMIX_MIN (left, LOOK)) > 0.0f)
      return 0;
  }
  return 1;
}

void
dmix_level_energy (const float *x, unsigned channels, size_t frames,
    float *energy)
{
  dmix_level_steps (x, channels, frames, 1, NULL, energy);
}

void
dmix_level_both (const float *x, unsigned channels, size_t frames, float *peak,
    float *energy)
{
  dmix_level_steps (x, channels, frames, 1, peak, energy);
}

void
dmix_level_steps (const float *x, unsigned channels, size_t frames,
    size_t steps, float *peak, float *energy)
{
  dmix_blockloops ()->level (x, channels, frames, steps, peak, energy);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: eight accumulators side by side (base/blockloops.c). With 1, 2, 4 or 8
 * channels an accumulator never sees more than one channel; other numbers have
 * one accumulator for each channel, in plain loops over the channels.
 */
#include "base/level.h"

#include "base/blockloops.h"
#include "base/format.h"
#include "base/units.h"

#include <math.h>

#define LANES 8
#define NOTHING 1e-15f

static inline float
magnitude (float x)
{
  return dmix_larger (fabsf (x), NOTHING);
}

static int
fits_lanes (unsigned channels)
{
  return channels <= LANES && (channels & (channels - 1)) == 0;
}

/* Fallback for any number of channels. */
static void
take_channels (const float *restrict x, unsigned channels, size_t frames,
    float *restrict peak, float *restrict sum)
{
  for (unsigned c = 0; c < channels; c++)
    peak[c] = sum[c] = 0.0f;
  for (size_t i = 0; i < frames; i++)
    for (unsigned c = 0; c < channels; c++) {
      const float a = magnitude (x[i * channels + c]);

      peak[c] = dmix_larger (a, peak[c]);
      sum[c] += a * a;
    }
}

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
  float most[DMIX_MAX_CHANNELS], sum[DMIX_MAX_CHANNELS];

  if (fits_lanes (channels)) {
    dmix_blockloops ()->level (x, channels, frames, steps, peak, energy);
    return;
  }
  for (size_t s = 0; s < steps; s++)
    take_channels (x + s * frames * channels, channels, frames,
        peak ? peak + s * channels : most,
        energy ? energy + s * channels : sum);
}

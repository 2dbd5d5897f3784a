/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: eight accumulators side by side, two vectors. With 1, 2, 4 or 8
 * channels an accumulator never sees more than one channel; other numbers have
 * one accumulator for each channel, in plain loops over the channels.
 */
#include "base/level.h"

#include "base/units.h"
#include "base/format.h"
#include "base/four.h"

#include <math.h>

#define LANES 8
#define NOTHING 1e-15f

static inline float
magnitude (float x)
{
  return dmix_larger (fabsf (x), NOTHING);
}

static inline DmixFour
magnitudes (const float *x)
{
  return dmix_four_larger (dmix_four_absolute (dmix_four_load (x)),
      dmix_four_all (NOTHING));
}

static int
fits_lanes (unsigned channels)
{
  return channels <= LANES && (channels & (channels - 1)) == 0;
}

/* Peak and sum of eight lanes: lane i takes samples i, i + 8, ... When inlined
 * with constant `peaks` and `sums`, an unneeded result costs nothing. */
static inline void
take_lanes (const float *x, size_t count, float *peak, float *sum,
    const int peaks, const int sums)
{
  DmixFour most[2], total[2];
  size_t i = 0;

  most[0] = most[1] = total[0] = total[1] = dmix_four_all (0.0f);
  for (; i + LANES <= count; i += LANES)
    for (int h = 0; h < 2; h++) {
      const DmixFour a = magnitudes (x + i + 4 * h);

      if (peaks)
        most[h] = dmix_four_larger (a, most[h]);
      if (sums)
        total[h] += a * a;
    }
  for (int h = 0; h < 2; h++) {
    dmix_four_store (peak + 4 * h, most[h]);
    dmix_four_store (sum + 4 * h, total[h]);
  }
  for (unsigned l = 0; i + l < count; l++) {
    const float a = magnitude (x[i + l]);

    peak[l] = dmix_larger (a, peak[l]);
    sum[l] += a * a;
  }
}

/* Folds the eight lanes into `channels` lanes. */
static void
fold_largest (float *lane, unsigned channels)
{
  for (unsigned half = LANES / 2; half >= channels; half /= 2)
    for (unsigned l = 0; l < half; l++)
      lane[l] = dmix_larger (lane[l], lane[l + half]);
}

static void
fold_sum (float *lane, unsigned channels)
{
  for (unsigned half = LANES / 2; half >= channels; half /= 2)
    for (unsigned l = 0; l < half; l++)
      lane[l] += lane[l + half];
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
  float most[LANES], sum[DMIX_MAX_CHANNELS];

  if (!fits_lanes (channels)) {
    take_channels (x, channels, frames, peak, sum);
    return;
  }
  take_lanes (x, channels * frames, most, sum, 1, 0);
  fold_largest (most, channels);
  memcpy (peak, most, channels * sizeof *peak);
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
  float peak[DMIX_MAX_CHANNELS], sum[LANES];

  if (!fits_lanes (channels)) {
    take_channels (x, channels, frames, peak, energy);
    return;
  }
  take_lanes (x, channels * frames, peak, sum, 0, 1);
  fold_sum (sum, channels);
  memcpy (energy, sum, channels * sizeof *energy);
}

void
dmix_level_both (const float *x, unsigned channels, size_t frames, float *peak,
    float *energy)
{
  float most[LANES], sum[LANES];

  if (!fits_lanes (channels)) {
    take_channels (x, channels, frames, peak, energy);
    return;
  }
  take_lanes (x, channels * frames, most, sum, 1, 1);
  fold_largest (most, channels);
  fold_sum (sum, channels);
  memcpy (peak, most, channels * sizeof *peak);
  memcpy (energy, sum, channels * sizeof *energy);
}

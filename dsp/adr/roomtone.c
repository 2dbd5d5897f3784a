/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: white noise of variance 1 (the sum of four uniform random numbers,
 * near enough to Gaussian) through a filter with the room's spectrum. Random
 * numbers: G. Marsaglia, "Xorshift RNGs", J. Stat. Soft. 8(14), 2003.
 *
 * A bin of power p in a spectrum of n bins stands for a density of p (n - 1)
 * of white noise of variance 1: the gain is its root.
 *
 * State
 *   random    state of the random generator
 *   audible   the spectrum set last is not silence
 */
#include "adr/roomtone.h"
#include "spectral/fir.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SMOOTH_OCTAVES (1.0 / 12.0) /* of the spectrum, to each side */

struct DmixRoomTone
{
  unsigned channels;
  DmixFir *fir;
  float *magnitude;
  uint32_t seed, random;
  int audible;
};

DmixRoomTone *
dmix_roomtone_new (const DmixFormat *format, uint32_t seed)
{
  DmixRoomTone *self;

  if (!dmix_format_is_valid (format) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->channels = format->channels;
  self->seed = seed ? seed : 1;
  self->fir = dmix_fir_new (format);
  if (self->fir)
    self->magnitude = calloc (dmix_fir_bins (self->fir), sizeof (float));
  if (!self->magnitude) {
    dmix_roomtone_free (self);
    return NULL;
  }
  dmix_roomtone_reset (self);
  return self;
}

void
dmix_roomtone_free (DmixRoomTone *self)
{
  if (!self)
    return;
  dmix_fir_free (self->fir);
  free (self->magnitude);
  free (self);
}

void
dmix_roomtone_reset (DmixRoomTone *self)
{
  dmix_fir_reset (self->fir);
  self->random = self->seed;
  self->audible = 0;
}

void
dmix_roomtone_set_spectrum (DmixRoomTone *self, const double *power,
    unsigned bins)
{
  const unsigned own = dmix_fir_bins (self->fir);
  const double ratio = pow (2.0, SMOOTH_OCTAVES);
  float most = 0.0f;

  for (unsigned b = 0; b < own; b++) {
    const double at = (double) b * (bins - 1) / (own - 1);
    const unsigned low = (unsigned) fmax (at / ratio, 0.0);
    const unsigned high = (unsigned) fmin (ceil (at * ratio), bins - 1);
    double sum = 0.0;

    for (unsigned k = low; k <= high; k++)
      sum += power[k];
    self->magnitude[b] = (float) sqrt (sum / (high - low + 1) * (bins - 1));
    most = fmaxf (most, self->magnitude[b]);
  }
  if (most <= 0.0f)
    return;
  dmix_fir_set_response (self->fir, self->magnitude);
  self->audible = 1;
}

static float
white (DmixRoomTone *self)
{
  float sum = 0.0f;

  for (int k = 0; k < 4; k++) {
    self->random ^= self->random << 13;
    self->random ^= self->random >> 17;
    self->random ^= self->random << 5;
    sum += (float) (int32_t) self->random * (1.0f / 2147483648.0f);
  }
  return sum * 0.8660254f; /* sqrt (3/4): each has variance 1/3 */
}

void
dmix_roomtone_process (DmixRoomTone *self, float *out, size_t frames)
{
  if (!self->audible) {
    memset (out, 0, frames * self->channels * sizeof (float));
    return;
  }
  for (size_t i = 0; i < frames * self->channels; i++)
    out[i] = white (self);
  dmix_fir_process (self->fir, out, frames);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: two biquads in series in transposed direct form II, the recursion in
 * double (a 20 Hz pole at 384 kHz needs it), channels side by side in the inner
 * loop. Coefficients: bilinear transform of 1 / (s^2 + sqrt(2) s + 1) and its
 * high-pass twin, with the frequency prewarped so that the cutoff is exact.
 *
 * State
 *   z1[], z2[]   delay states of each filter and channel
 */
#include "dynamics/sidechain.h"

#include "base/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HIGHEST 0.49     /* highest cutoff over the rate */
#define GONE 1e-60       /* far below hearing, far above denormals */
#define SETTLE_FRAMES 64 /* frames between clearings of GONE state */

typedef struct
{
  int on;
  double b0, b1, b2, a1, a2;
} Biquad;

struct DmixSideChain
{
  DmixFormat format;
  Biquad pass[2];
  double *z1[2], *z2[2]; /* one allocation, at z1[0] */
  unsigned frames;       /* frames since the last clearing */
};

DmixSideChain *
dmix_sidechain_new (const DmixFormat *format)
{
  DmixSideChain *self;

  if (!dmix_format_is_valid (format) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->z1[0] = calloc (4 * format->channels, sizeof (double));
  if (!self->z1[0]) {
    free (self);
    return NULL;
  }
  self->z2[0] = self->z1[0] + format->channels;
  self->z1[1] = self->z2[0] + format->channels;
  self->z2[1] = self->z1[1] + format->channels;
  return self;
}

void
dmix_sidechain_free (DmixSideChain *self)
{
  if (!self)
    return;
  free (self->z1[0]);
  free (self);
}

void
dmix_sidechain_reset (DmixSideChain *self)
{
  memset (self->z1[0], 0, 4 * self->format.channels * sizeof (double));
  self->frames = 0;
}

/* high: 1 for a high-pass, 0 for a low-pass */
static Biquad
butterworth (double cutoff, int high)
{
  const double k = tan (DMIX_PI * cutoff);
  const double a0 = 1.0 + sqrt (2.0) * k + k * k;
  const double b0 = (high ? 1.0 : k * k) / a0;

  return (Biquad){
    .on = 1,
    .b0 = b0,
    .b1 = high ? -2.0 * b0 : 2.0 * b0,
    .b2 = b0,
    .a1 = 2.0 * (k * k - 1.0) / a0,
    .a2 = (1.0 - sqrt (2.0) * k + k * k) / a0,
  };
}

static void
use (DmixSideChain *self, int p, Biquad filter)
{
  if (!self->pass[p].on) { /* was off: its state is outdated */
    memset (self->z1[p], 0, self->format.channels * sizeof (double));
    memset (self->z2[p], 0, self->format.channels * sizeof (double));
  }
  self->pass[p] = filter;
}

void
dmix_sidechain_set_cutoffs (DmixSideChain *self, double highpass_hz,
    double lowpass_hz)
{
  const double high = highpass_hz / self->format.rate_hz;
  const double low = lowpass_hz / self->format.rate_hz;
  const Biquad off = { 0 };

  use (self, 0, high > 0.0 ? butterworth (fmin (high, HIGHEST), 1) : off);
  use (self, 1, low > 0.0 && low < HIGHEST ? butterworth (low, 0) : off);
}

int
dmix_sidechain_is_on (const DmixSideChain *self)
{
  return self->pass[0].on || self->pass[1].on;
}

static inline void
filter (const Biquad b, const float *in, float *out, double *restrict z1,
    double *restrict z2, const unsigned channels, size_t frames)
{
  for (size_t i = 0; i < frames; i++)
    for (unsigned c = 0; c < channels; c++) {
      const double x = in[i * channels + c];
      const double y = b.b0 * x + z1[c];

      z1[c] = b.b1 * x - b.a1 * y + z2[c];
      z2[c] = b.b2 * x - b.a2 * y;
      out[i * channels + c] = (float) y;
    }
}

static void
settle (double *value, size_t count)
{
  for (size_t i = 0; i < count; i++)
    value[i] = fabs (value[i]) < GONE ? 0.0 : value[i];
}

static void
run (DmixSideChain *self, const float *in, float *out, size_t frames)
{
  const unsigned channels = self->format.channels;

  for (int p = 0; p < 2; p++) {
    if (!self->pass[p].on)
      continue;
    if (channels == 1)
      filter (self->pass[p], in, out, self->z1[p], self->z2[p], 1, frames);
    else if (channels == 2)
      filter (self->pass[p], in, out, self->z1[p], self->z2[p], 2, frames);
    else
      filter (self->pass[p], in, out, self->z1[p], self->z2[p], channels,
          frames);
    in = out;
  }
}

void
dmix_sidechain_process (DmixSideChain *self, const float *in, float *out,
    size_t frames)
{
  const unsigned channels = self->format.channels;

  if (!dmix_sidechain_is_on (self)) {
    memcpy (out, in, frames * channels * sizeof *out);
    return;
  }
  while (frames > 0) {
    size_t n = SETTLE_FRAMES - self->frames;

    n = DMIX_MIN (n, frames);
    run (self, in, out, n);
    self->frames += (unsigned) n;
    if (self->frames == SETTLE_FRAMES) {
      self->frames = 0;
      settle (self->z1[0], 4 * channels);
    }
    in += n * channels;
    out += n * channels;
    frames -= n;
  }
}

void
dmix_sidechain_take_over (DmixSideChain *self, const DmixSideChain *from)
{
  self->pass[0] = from->pass[0];
  self->pass[1] = from->pass[1];
  self->frames = from->frames;
  memcpy (self->z1[0], from->z1[0],
      4 * self->format.channels * sizeof (double));
}

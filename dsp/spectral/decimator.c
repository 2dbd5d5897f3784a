/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a sinc low-pass with a Kaiser window (J. Kaiser, R. Schafer, IEEE
 * Trans. ASSP 28(1), 1980), computed only for the output samples.
 *
 * State
 *   tap       impulse response, `half` taps on each side of its middle, padded
 *             with zeros to a multiple of STEP (`taps`)
 *   past      latest frames of each channel, oldest first; `filled` of them
 *   ahead     index in `past` of the first tap of the next output sample; may
 *             be beyond `filled`
 */
#include "spectral/decimator.h"

#include "base/units.h"
#include "spectral/sinc.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STOP_DB 63.0 /* Kaiser's formulas give about 3 dB too much */
#define BETA 5.98386 /* 0.1102 (STOP_DB - 8.7), Kaiser's formula */
#define WIDTH 4
#define STEP (4 * WIDTH) /* independent sums: no addition waits for another */

typedef float Lanes __attribute__ ((vector_size (WIDTH * sizeof (float))));
typedef Lanes Stored __attribute__ ((aligned (sizeof (float)), may_alias));

struct DmixDecimator
{
  unsigned channels, factor, half, taps;
  float *tap, *past;
  size_t filled, ahead, room;
};

static void
make_taps (DmixDecimator *self)
{
  const double centre = self->half;
  double sum = 0.0;

  for (unsigned i = 0; i <= 2 * self->half; i++) {
    const double value = dmix_sinc_kaiser ((i - centre) / self->factor,
        (centre + 1.0) / self->factor, BETA);

    self->tap[i] = (float) value;
    sum += value;
  }
  for (unsigned i = 0; i <= 2 * self->half; i++)
    self->tap[i] = (float) (self->tap[i] / sum);
}

DmixDecimator *
dmix_decimator_new (const DmixFormat *format, unsigned factor, double pass_hz)
{
  DmixDecimator *self;
  double transition;

  if (!dmix_format_is_valid (format) || factor < 1 || factor > 64)
    return NULL;
  transition = (double) format->rate_hz / factor - 2.0 * pass_hz;
  if (!(pass_hz > 0.0 && transition > 0.0)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->channels = format->channels;
  self->factor = factor;
  self->half = (unsigned) ceil (
      0.5 * (STOP_DB - 7.95) / 14.36 * format->rate_hz / transition);
  self->taps = (2 * self->half + STEP) / STEP * STEP;
  self->room = self->taps + DMIX_DECIMATOR_BLOCK + factor;
  self->tap = calloc (self->taps, sizeof (float));
  self->past = calloc (self->room * self->channels, sizeof (float));
  if (!self->tap || !self->past) {
    dmix_decimator_free (self);
    return NULL;
  }
  make_taps (self);
  dmix_decimator_reset (self);
  return self;
}

void
dmix_decimator_free (DmixDecimator *self)
{
  if (!self)
    return;
  free (self->tap);
  free (self->past);
  free (self);
}

void
dmix_decimator_reset (DmixDecimator *self)
{
  memset (self->past, 0, self->room * self->channels * sizeof (float));
  self->filled = self->half;
  self->ahead = 0;
}

unsigned
dmix_decimator_latency_frames (const DmixDecimator *self)
{
  return self->taps - self->half;
}

static float
filter (const float *tap, const float *in, unsigned taps)
{
  Lanes sum[4] = { { 0.0f } };

  for (unsigned i = 0; i < taps; i += STEP) {
    const Stored *t = (const Stored *) (tap + i);
    const Stored *x = (const Stored *) (in + i);

    sum[0] += t[0] * x[0];
    sum[1] += t[1] * x[1];
    sum[2] += t[2] * x[2];
    sum[3] += t[3] * x[3];
  }
  sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  return (sum[0][0] + sum[0][1]) + (sum[0][2] + sum[0][3]);
}

size_t
dmix_decimator_process (DmixDecimator *self, const float *in, size_t frames,
    float *out, size_t stride)
{
  const size_t filled = self->filled + frames;
  size_t count = 0, gone;

  for (unsigned c = 0; c < self->channels; c++) {
    float *past = self->past + c * self->room, *new = past + self->filled;

    for (size_t i = 0; i < frames; i++)
      new[i] = in ? in[i * self->channels + c] : 0.0f;
    count = 0;
    for (size_t at = self->ahead; at + self->taps <= filled; at += self->factor)
      out[c * stride + count++] = filter (self->tap, past + at, self->taps);
  }
  self->ahead += count * self->factor;
  gone = DMIX_MIN (self->ahead, filled);
  for (unsigned c = 0; c < self->channels; c++)
    memmove (self->past + c * self->room, self->past + c * self->room + gone,
        (filled - gone) * sizeof (float));
  self->ahead -= gone;
  self->filled = filled - gone;
  return count;
}

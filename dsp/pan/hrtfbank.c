/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: responses are resampled with a sinc (J. O. Smith, Digital Audio
 * Resampling, CCRMA) and a Kaiser window, from a table of 512 points per zero
 * crossing with linear interpolation (errors below -100 dB). They are aligned
 * by multiplying their spectra by exp (i w arrival). The loop `mix` of
 * binauralloops.h interpolates aligned spectra and puts the interpolated
 * arrival time back.
 *
 * With spread or divergence the filters of several directions are added, and
 * the sum is scaled to the mean of their energies.
 *
 * State
 *   ready[]      non-zero for directions whose spectra are in `aligned`
 *   aligned      [directions][2] spectra
 *   late[]       [directions][2]: arrival time plus extra delay, frames
 *   kernel[]     right half of the resampling kernel (see hrtf.h)
 *   time, work   work space
 */
#include "pan/hrtfbank.h"

#include "base/floats.h"
#include "base/units.h"
#include "pan/binauralloops.h"
#include "pan/spread.h"
#include "spectral/fft.h"

#include <stdlib.h>
#include <string.h>

#define CROSSINGS DMIX_HRTF_KERNEL_CROSSINGS
#define FINE DMIX_HRTF_KERNEL_POINTS
#define SLACK 16u /* frames in which fractional delays decay */

struct DmixHrtfBank
{
  const DmixHrtf *hrtf;
  const DmixBinauralLoops *loops;
  DmixFft *fft;
  double ratio; /* output rate over measured rate */
  unsigned size, stride, taps;
  unsigned char *ready;
  float *aligned, *time, *work;
  const float *kernel;
  double *late;
};

/*** resampling ***/

/* Output frames that the kernel adds at the end of a response. */
static unsigned
reach (double ratio)
{
  return ratio == 1 ? 0 : (unsigned) ceil (CROSSINGS * fmax (ratio, 1));
}

/* Interpolates the response at the time `at`, measured frames; cutoff: of the
 * kernel, over half of the measured rate. */
static float
response_at (const DmixHrtfBank *self, const float *response, double at,
    double cutoff)
{
  const int taps = (int) dmix_hrtf_taps (self->hrtf);
  const double wide = CROSSINGS / cutoff;
  const int first = (int) ceil (fmax (at - wide, 0));
  const int last = (int) floor (fmin (at + wide, taps - 1));
  double sum = 0;

  for (int n = first; n <= last; n++) {
    const double place = fabs (at - n) * cutoff * FINE;
    const unsigned i = (unsigned) place;
    const double part = place - i;

    sum += response[n]
        * (self->kernel[i] * (1 - part) + self->kernel[i + 1] * part);
  }
  return (float) (sum * cutoff);
}

/* Writes the resampled response to self->time; the division by the ratio keeps
 * the gain of the filter. */
static void
resample (DmixHrtfBank *self, const float *response)
{
  const double cutoff = DMIX_MIN (self->ratio, 1);
  const unsigned taps = dmix_hrtf_taps (self->hrtf);
  const unsigned all =
      (unsigned) ceil (taps * self->ratio) + reach (self->ratio);

  memset (self->time, 0, self->size * sizeof *self->time);
  if (self->ratio == 1) {
    memcpy (self->time, response, taps * sizeof *response);
    return;
  }
  for (unsigned n = 0; n < all; n++)
    self->time[n] =
        (float) (response_at (self, response, n / self->ratio, cutoff)
            / self->ratio);
}

/*** spectra ***/

static float *
spectrum_of (const DmixHrtfBank *self, unsigned index, unsigned ear)
{
  return self->aligned + (2 * (size_t) index + ear) * 2 * self->stride;
}

/* Advances a spectrum in time: rotates bin k by k * radians. */
static void
advance (float *spectrum, unsigned bins, unsigned stride, double radians)
{
  for (unsigned k = 0; k < bins; k++) {
    const double c = cos (radians * k), s = sin (radians * k);
    const double re = spectrum[k], im = spectrum[stride + k];

    spectrum[k] = (float) (re * c - im * s);
    spectrum[stride + k] = (float) (re * s + im * c);
  }
}

static void
make_ready (DmixHrtfBank *self, unsigned index)
{
  for (unsigned ear = 0; ear < 2; ear++) {
    float *to = spectrum_of (self, index, ear);
    const double arrival =
        dmix_hrtf_get_arrival (self->hrtf, index, ear) * self->ratio;

    resample (self, dmix_hrtf_get_response (self->hrtf, index, ear));
    dmix_fft_forward (self->fft, self->time, to, to + self->stride);
    advance (to, self->size / 2 + 1, self->stride,
        2 * DMIX_PI * arrival / self->size);
    self->late[2 * index + ear] = arrival
        + dmix_hrtf_get_extra_delay (self->hrtf, index, ear) * self->ratio;
  }
  self->ready[index] = 1;
}

DmixHrtfBank *
dmix_hrtfbank_new (const DmixHrtf *hrtf, unsigned rate_hz, unsigned block)
{
  const size_t directions = hrtf ? dmix_hrtf_directions (hrtf) : 0;
  DmixHrtfBank *self;

  if (!hrtf || rate_hz < 1 || block < 1 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->hrtf = hrtf;
  self->loops = dmix_binauralloops_get ();
  self->ratio = rate_hz / dmix_hrtf_rate_hz (hrtf);
  self->taps = (unsigned) ceil (dmix_hrtf_length_frames (hrtf) * self->ratio)
      + reach (self->ratio) + SLACK;
  self->size = dmix_fft_size_for (self->taps + block);
  self->fft = self->size ? dmix_fft_new (self->size) : NULL;
  self->stride = (self->size / 2 + DMIX_BINAURALLOOPS_WIDTH)
      / DMIX_BINAURALLOOPS_WIDTH * DMIX_BINAURALLOOPS_WIDTH;
  self->ready = calloc (directions, sizeof *self->ready);
  self->late = calloc (2 * directions, sizeof *self->late);
  self->aligned = dmix_floats_new (directions * 4 * self->stride);
  self->time = dmix_floats_new (self->size + 1);
  self->work = dmix_floats_new (4 * (size_t) self->stride);
  self->kernel = dmix_hrtf_get_kernel (hrtf);
  if (!self->fft || !self->ready || !self->late || !self->aligned || !self->time
      || !self->work) {
    dmix_hrtfbank_free (self);
    return NULL;
  }
  return self;
}

void
dmix_hrtfbank_free (DmixHrtfBank *self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  free (self->ready);
  free (self->late);
  dmix_floats_free (self->aligned);
  dmix_floats_free (self->time);
  dmix_floats_free (self->work);
  free (self);
}

unsigned
dmix_hrtfbank_size (const DmixHrtfBank *self)
{
  return self->size;
}

unsigned
dmix_hrtfbank_stride (const DmixHrtfBank *self)
{
  return self->stride;
}

unsigned
dmix_hrtfbank_taps (const DmixHrtfBank *self)
{
  return self->taps;
}

/*** filters ***/

static void
scale (float *spectrum, unsigned count, float factor)
{
  for (unsigned k = 0; k < count; k++)
    spectrum[k] *= factor;
}

/* Energy of both ears, in eight partial sums: vector code with a fixed order of
 * additions. */
static double
energy (const float *spectrum, unsigned count)
{
  float lane[8] = { 0 };
  double sum = 0;

  for (unsigned k = 0; k + 8 <= count; k += 8)
    for (unsigned i = 0; i < 8; i++)
      lane[i] += spectrum[k + i] * spectrum[k + i];
  for (unsigned i = 0; i < 8; i++)
    sum += lane[i];
  return sum;
}

/* Moves a weight of 0 to the end, because `mix` is faster with two directions.
 */
static void
put_zero_last (unsigned index[3], double weight[3])
{
  for (unsigned j = 0; j < 2; j++)
    if (weight[j] == 0) {
      const unsigned last = index[2];

      weight[j] = weight[2];
      weight[2] = 0;
      index[2] = index[j];
      index[j] = last;
    }
}

static void
find_direction (DmixHrtfBank *self, DmixVector direction, const double gain[2],
    unsigned *hint, DmixBinauralTurn *const turn[2])
{
  unsigned index[3];
  double weight[3];

  dmix_hrtf_find (self->hrtf, direction, hint, index, weight);
  put_zero_last (index, weight);
  for (unsigned j = 0; j < 3; j++)
    if (weight[j] > 0 && !self->ready[index[j]])
      make_ready (self, index[j]);
  for (unsigned ear = 0; ear < 2; ear++) {
    double late = 0;

    for (unsigned j = 0; j < 3; j++) {
      turn[ear]->from[j] = spectrum_of (self, index[j], ear);
      turn[ear]->weight[j] = (float) (weight[j] * gain[ear]);
      late += weight[j] * self->late[2 * index[j] + ear];
    }
    turn[ear]->radians = 2 * DMIX_PI * late / self->size;
  }
}

static void
one_direction (DmixHrtfBank *self, DmixVector direction, const double gain[2],
    unsigned *hint, float *to)
{
  DmixBinauralTurn left, right;
  DmixBinauralTurn *const turn[2] = { &left, &right };

  find_direction (self, direction, gain, hint, turn);
  for (unsigned ear = 0; ear < 2; ear++)
    self->loops->mix (to + 2 * ear * self->stride, turn[ear]->from,
        turn[ear]->weight, turn[ear]->radians, self->stride);
}

/* Weighted sum of filters, with the sums of their energies and weights. */
typedef struct
{
  float *sum;
  double energy, weight;
} Sum;

static void
add_part (DmixHrtfBank *self, Sum *sum, DmixVector direction, double weight,
    const double gain[2], unsigned *hint)
{
  const unsigned count = 4 * self->stride;

  one_direction (self, direction, gain, hint, self->work);
  for (unsigned k = 0; k < count; k++)
    sum->sum[k] += (float) weight * self->work[k];
  sum->energy += weight * energy (self->work, count);
  sum->weight += weight;
}

static void
many_directions (DmixHrtfBank *self, const DmixHrtfBankParams *params,
    unsigned *hint, float *to)
{
  Sum sum = { to, 0, 0 };
  DmixVector side[3], part[DMIX_SPREAD_MOST];
  double power[3], weight[DMIX_SPREAD_MOST], level;
  const unsigned sides = dmix_spread_get_divergence (params->direction,
      params->divergence, side, power);

  memset (to, 0, 4 * self->stride * sizeof *to);
  for (unsigned s = 0; s < sides; s++) {
    const unsigned parts =
        dmix_spread_get_parts (side[s], params->spread_deg, part, weight);

    for (unsigned i = 0; i < parts; i++)
      add_part (self, &sum, part[i], sqrt (power[s]) * weight[i], params->gain,
          hint);
  }
  level = energy (to, 4 * self->stride);
  if (level > 0)
    scale (to, 4 * self->stride,
        (float) sqrt (sum.energy / sum.weight / level));
}

void
dmix_hrtfbank_get_filter (DmixHrtfBank *self, const DmixHrtfBankParams *params,
    unsigned *hint, float *to)
{
  if (params->flat) {
    for (unsigned ear = 0; ear < 2; ear++)
      for (unsigned k = 0; k < 2 * self->stride; k++)
        to[2 * ear * self->stride + k] =
            k < self->stride ? (float) params->gain[ear] : 0;
  } else if (params->spread_deg > 0 || params->divergence > 0) {
    many_directions (self, params, hint, to);
  } else {
    one_direction (self, params->direction, params->gain, hint, to);
  }
}

int
dmix_hrtfbank_find_turn (DmixHrtfBank *self, const DmixHrtfBankParams *params,
    unsigned *hint, DmixBinauralTurn *const turn[2])
{
  if (params->flat || params->spread_deg > 0 || params->divergence > 0)
    return 0;
  find_direction (self, params->direction, params->gain, hint, turn);
  return 1;
}

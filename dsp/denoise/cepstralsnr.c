/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: C. Breithaupt, T. Gerkmann, R. Martin, "A novel a priori SNR
 * estimation approach based on selective cepstro-temporal smoothing", ICASSP
 * 2008. The cepstrum is the inverse transform of the logarithm of the maximum
 * likelihood estimate of each frame, power / noise - 1. The envelope of speech
 * lies in the lowest coefficients and its pitch in one peak: these are
 * smoothed with short time constants. All others, which hold the fluctuations
 * of the noise, are smoothed with a long one. After the transform back a
 * constant factor raises the SNR, because the exponential of a mean logarithm
 * is lower than the mean.
 *
 * State, for each of the 2 (bins - 1) coefficients, which are symmetric
 *   cepstrum   smoothed, in octaves
 *   share      smoothing coefficient, used where there is no pitch
 */
#include "denoise/cepstralsnr.h"

#include "denoise/binloops.h"
#include "spectral/fft.h"
#include "base/smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Quefrencies (the time axis of the cepstrum) and time constants */
#define ENVELOPE_S 83e-6 /* below it lies the rough envelope */
#define DETAIL_S 0.5e-3  /* below it the envelope's details */
#define ENVELOPE_TAU_S 0.0066
#define DETAIL_TAU_S 0.0154
#define REST_TAU_S 0.100
#define PITCH_LOW_HZ 70.0
#define PITCH_HIGH_HZ 300.0
#define PITCH_WIDTH_S 42e-6 /* half width of the pitch peak */
#define PITCH_OCTAVES 0.29f /* least height of a pitch peak */
#define MAKE_UP 1.4f        /* factor that makes up for the mean logarithm */
#define MOST_WIDTH 40       /* coefficients to each side of the peak */

struct DmixCepstralSnr
{
  unsigned bins, size;
  unsigned pitch_first, pitch_last, width;
  float fast;
  const DmixBinLoops *loops;
  DmixFft *fft;
  float *memory;
  float *cepstrum, *share, *current; /* size */
  float *octaves, *zero, *prior;     /* bins */
};

/* Sets each coefficient q and its mirror image. */
static void
set_shares (DmixCepstralSnr *self, double rate_hz, double hop_s)
{
  for (unsigned q = 0; q < self->bins; q++) {
    const double time_s = q / rate_hz;
    const double tau_s = time_s < ENVELOPE_S ? ENVELOPE_TAU_S
        : time_s < DETAIL_S                  ? DETAIL_TAU_S
                                             : REST_TAU_S;

    self->share[q] = (float) dmix_smooth_share (tau_s, hop_s);
    self->share[(self->size - q) % self->size] = self->share[q];
  }
}

static void
find_pitch_range (DmixCepstralSnr *self, double rate_hz)
{
  const double last = self->bins - 1.0;

  self->width = (unsigned) fmin (rate_hz * PITCH_WIDTH_S, MOST_WIDTH);
  self->pitch_first = (unsigned) fmin (rate_hz / PITCH_HIGH_HZ, last);
  self->pitch_last =
      (unsigned) fmin (rate_hz / PITCH_LOW_HZ, last - self->width);
}

DmixCepstralSnr *
dmix_cepstralsnr_new (const DmixGainShape *shape)
{
  DmixCepstralSnr *self;
  double rate_hz;

  if (!shape || shape->bins < 2 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->bins = shape->bins;
  self->size = 2 * (shape->bins - 1);
  self->loops = dmix_binloops_get ();
  self->fft = dmix_fft_new (self->size);
  self->memory = calloc (3 * (size_t) self->size + 3 * (size_t) self->bins,
      sizeof (float));
  if (!self->fft || !self->memory) {
    dmix_cepstralsnr_free (self);
    return NULL;
  }
  self->cepstrum = self->memory;
  self->share = self->cepstrum + self->size;
  self->current = self->share + self->size;
  self->octaves = self->current + self->size;
  self->zero = self->octaves + self->bins;
  self->prior = self->zero + self->bins;
  rate_hz = shape->hz_per_bin * self->size;
  set_shares (self, rate_hz, shape->hop_s);
  find_pitch_range (self, rate_hz);
  self->fast = (float) dmix_smooth_share (ENVELOPE_TAU_S, shape->hop_s);
  return self;
}

void
dmix_cepstralsnr_free (DmixCepstralSnr *self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  free (self->memory);
  free (self);
}

void
dmix_cepstralsnr_reset (DmixCepstralSnr *self)
{
  memset (self->cepstrum, 0, self->size * sizeof (float));
}

void
dmix_cepstralsnr_take_over (DmixCepstralSnr *self, const DmixCepstralSnr *from)
{
  memcpy (self->cepstrum, from->cepstrum, self->size * sizeof (float));
}

/* Returns the coefficient of the pitch, or 0 without a voiced sound. */
static unsigned
find_pitch (const DmixCepstralSnr *self)
{
  const int place = self->loops->peak (self->current + self->pitch_first,
      self->pitch_last - self->pitch_first + 1, PITCH_OCTAVES);

  return place < 0 ? 0 : self->pitch_first + (unsigned) place;
}

static void
smooth (DmixCepstralSnr *self)
{
  const unsigned pitch = find_pitch (self), width = self->width;
  float kept[2 * MOST_WIDTH + 1];

  if (pitch)
    memcpy (kept, self->cepstrum + pitch - width,
        (2 * width + 1) * sizeof (float));
  self->loops->follow (self->cepstrum, self->current, self->share, self->size);
  for (unsigned i = 0; i < 2 * width + 1 && pitch; i++) {
    const unsigned q = pitch - width + i;

    self->cepstrum[q] = kept[i] + self->fast * (self->current[q] - kept[i]);
    self->cepstrum[(self->size - q) % self->size] = self->cepstrum[q];
  }
}

const float *
dmix_cepstralsnr_step (DmixCepstralSnr *self, const float *power,
    const float *noise, float least)
{
  self->loops->octaves (power, noise, least, self->octaves, self->bins);
  memset (self->zero, 0, self->bins * sizeof (float));
  dmix_fft_inverse (self->fft, self->octaves, self->zero, self->current);
  smooth (self);
  dmix_fft_forward (self->fft, self->cepstrum, self->octaves, self->zero);
  self->loops->ratios (self->octaves, MAKE_UP, least, self->prior, self->bins);
  return self->prior;
}

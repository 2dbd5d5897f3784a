/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: overlap-save convolution (A. Oppenheim, R. Schafer, "Discrete-Time
 * Signal Processing", 8.7). The minimum-phase response comes from the
 * magnitude by the real cepstrum, folded (ibid. 12.4), at four times the
 * length so that aliasing of the cepstrum stays small; its end is faded out.
 *
 * State
 *   taps      length of the response and of a block, and the delay, frames
 *   in        of each channel: the previous block and the one being filled
 *   out       the last result, put out while the next block is filled
 *   at        frames in the block being filled
 *   re[], im[]   spectra of the response (0) and of the previous one (1),
 *             which the next block fades out if `change` is set
 *   settled   a block has been processed since the reset
 */
#include "spectral/fir.h"
#include "base/units.h"
#include "spectral/fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_S 0.040  /* shortest response */
#define LEAST_PART 1e-6 /* of the largest magnitude: -120 dB */
#define FADE_PART 4     /* the last quarter of the response fades out */

struct DmixFir
{
  unsigned channels, taps;
  DmixFft *fft, *big; /* sizes 2 * taps and 4 * taps */
  float *in, *out;
  unsigned at;
  float *re[2], *im[2];
  float *time, *spare, *sre, *sim;
  int change, settled;
};

static int
allocate (DmixFir *self)
{
  const unsigned taps = self->taps;
  int failed = 0;

  failed |= !(self->fft = dmix_fft_new (2 * taps));
  failed |= !(self->big = dmix_fft_new (4 * taps));
  failed |=
      !(self->in = calloc ((size_t) 2 * taps * self->channels, sizeof (float)));
  failed |=
      !(self->out = calloc ((size_t) taps * self->channels, sizeof (float)));
  for (int k = 0; k < 2; k++) {
    failed |= !(self->re[k] = calloc (taps + 1, sizeof (float)));
    failed |= !(self->im[k] = calloc (taps + 1, sizeof (float)));
  }
  failed |= !(self->time = calloc (4 * taps, sizeof (float)));
  failed |= !(self->spare = calloc (4 * taps, sizeof (float)));
  failed |= !(self->sre = calloc (2 * taps + 1, sizeof (float)));
  failed |= !(self->sim = calloc (2 * taps + 1, sizeof (float)));
  return !failed;
}

DmixFir *
dmix_fir_new (const DmixFormat *format)
{
  DmixFir *self;
  unsigned taps = DMIX_FFT_MIN_SIZE;

  if (!dmix_format_is_valid (format) || format->rate_hz > 384000
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  while (taps < LENGTH_S * format->rate_hz)
    taps *= 2;
  self->channels = format->channels;
  self->taps = taps < DMIX_FFT_MAX_SIZE / 4 ? taps : DMIX_FFT_MAX_SIZE / 4;
  if (!allocate (self)) {
    dmix_fir_free (self);
    return NULL;
  }
  for (unsigned b = 0; b <= self->taps; b++)
    self->re[0][b] = 1.0f;
  return self;
}

void
dmix_fir_free (DmixFir *self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  dmix_fft_free (self->big);
  free (self->in);
  free (self->out);
  for (int k = 0; k < 2; k++) {
    free (self->re[k]);
    free (self->im[k]);
  }
  free (self->time);
  free (self->spare);
  free (self->sre);
  free (self->sim);
  free (self);
}

void
dmix_fir_reset (DmixFir *self)
{
  memset (self->in, 0,
      (size_t) 2 * self->taps * self->channels * sizeof (float));
  memset (self->out, 0, (size_t) self->taps * self->channels * sizeof (float));
  self->at = 0;
  self->change = self->settled = 0;
}

unsigned
dmix_fir_latency_frames (const DmixFir *self)
{
  return self->taps;
}

unsigned
dmix_fir_tail_frames (const DmixFir *self)
{
  return 2 * self->taps;
}

unsigned
dmix_fir_bins (const DmixFir *self)
{
  return 2 * self->taps + 1;
}

/* Writes the minimum-phase impulse response of a magnitude to self->time. */
static void
minimum_phase (DmixFir *self, const float *magnitude)
{
  const unsigned size = 4 * self->taps, half = size / 2;
  float most = 0.0f;

  for (unsigned b = 0; b <= half; b++)
    most = fmaxf (most, magnitude[b]);
  most = fmaxf (most, 1e-20f);
  for (unsigned b = 0; b <= half; b++) {
    self->sre[b] = logf (fmaxf (magnitude[b], most * (float) LEAST_PART));
    self->sim[b] = 0.0f;
  }
  dmix_fft_inverse (self->big, self->sre, self->sim, self->time);
  for (unsigned i = 1; i < half; i++) {
    self->time[i] *= 2.0f;
    self->time[half + i] = 0.0f;
  }
  dmix_fft_forward (self->big, self->time, self->sre, self->sim);
  for (unsigned b = 0; b <= half; b++) {
    const float gain = expf (self->sre[b]), phase = self->sim[b];

    self->sre[b] = gain * cosf (phase);
    self->sim[b] = gain * sinf (phase);
  }
  dmix_fft_inverse (self->big, self->sre, self->sim, self->time);
}

void
dmix_fir_set_response (DmixFir *self, const float *magnitude)
{
  const unsigned taps = self->taps, fade = taps / FADE_PART;

  minimum_phase (self, magnitude);
  for (unsigned i = 0; i < fade; i++)
    self->time[taps - fade + i] *=
        (float) (0.5 + 0.5 * cos (DMIX_PI * (i + 0.5) / fade));
  memset (self->time + taps, 0, taps * sizeof (float));
  if (self->settled && !self->change) {
    memcpy (self->re[1], self->re[0], (taps + 1) * sizeof (float));
    memcpy (self->im[1], self->im[0], (taps + 1) * sizeof (float));
    self->change = 1;
  }
  dmix_fft_forward (self->fft, self->time, self->re[0], self->im[0]);
}

/* Filters the newest block of one channel by response k. The result is the
 * second half of `time`. */
static void
convolve (DmixFir *self, int k, const float *in, float *time)
{
  const float *re = self->re[k], *im = self->im[k];

  dmix_fft_forward (self->fft, in, self->sre, self->sim);
  for (unsigned b = 0; b <= self->taps; b++) {
    const float r = self->sre[b] * re[b] - self->sim[b] * im[b];

    self->sim[b] = self->sre[b] * im[b] + self->sim[b] * re[b];
    self->sre[b] = r;
  }
  dmix_fft_inverse (self->fft, self->sre, self->sim, time);
}

static void
process_block (DmixFir *self)
{
  const unsigned taps = self->taps, channels = self->channels;

  for (unsigned c = 0; c < channels; c++) {
    float *in = self->in + (size_t) 2 * taps * c;
    const float *now = self->time + taps, *old = self->spare + taps;

    convolve (self, 0, in, self->time);
    if (self->change)
      convolve (self, 1, in, self->spare);
    for (unsigned i = 0; i < taps; i++) {
      const float part = (i + 0.5f) / taps;

      self->out[(size_t) i * channels + c] =
          self->change ? old[i] + part * (now[i] - old[i]) : now[i];
    }
    memcpy (in, in + taps, taps * sizeof (float));
  }
  self->change = 0;
  self->settled = 1;
}

void
dmix_fir_process (DmixFir *self, float *io, size_t frames)
{
  const unsigned taps = self->taps, channels = self->channels;

  for (size_t i = 0; i < frames; i++) {
    for (unsigned c = 0; c < channels; c++) {
      float *sample = &io[i * channels + c];

      self->in[(size_t) 2 * taps * c + taps + self->at] = *sample;
      *sample = self->out[(size_t) self->at * channels + c];
    }
    if (++self->at == taps) {
      self->at = 0;
      process_block (self);
    }
  }
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the power spectrum of a Hann window of 2048 / 48000 s, every 20 ms;
 * a band is the sum of the bins from its lower edge up to, not including, its
 * upper edge. Edges are a sixth of an octave from the centre.
 *
 * State
 *   past[2]   latest window of both signals, oldest sample first
 *   at        samples in `past`; a full window completes a frame
 *   first[], end[]   first bin of each band, and the bin after its last
 */
#include "speech/speechbands.h"

#include "base/blockloops.h"
#include "base/floats.h"
#include "base/units.h"
#include "spectral/fft.h"
#include "spectral/powerframe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_S (2048.0 / 48000.0)
#define BANDS DMIX_SPEECHBANDS

const double dmix_speechbands_hz[BANDS] = {
  160,
  200,
  250,
  315,
  400,
  500,
  630,
  800,
  1000,
  1250,
  1600,
  2000,
  2500,
  3150,
  4000,
  5000,
  6300,
  8000,
};

struct DmixSpeechBands
{
  unsigned window, hop, size, bins, at; /* bins: up to the end of the bands */
  unsigned first[BANDS], end[BANDS];
  DmixPowerFrame *power;
  float *memory, *past[2], *re, *im;
  DmixSpeechBandsFrame frame;
};

static void
find_bins (DmixSpeechBands *self, unsigned rate_hz)
{
  const double step = (double) rate_hz / self->size;
  const double most = self->size / 2 + 1;

  for (int b = 0; b < BANDS; b++) {
    const double half = pow (2.0, 1.0 / 6.0), hz = dmix_speechbands_hz[b];

    self->first[b] = (unsigned) fmin (ceil (hz / half / step), most);
    self->end[b] = (unsigned) fmin (ceil (hz * half / step), most);
  }
  self->bins = self->end[BANDS - 1];
}

DmixSpeechBands *
dmix_speechbands_new (unsigned rate_hz)
{
  DmixSpeechBands *self;

  if (rate_hz < DMIX_SPEECHBANDS_MIN_RATE_HZ || rate_hz > 768000
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->window = (unsigned) lround (WINDOW_S * rate_hz);
  self->hop = (unsigned) lround (DMIX_SPEECHBANDS_HOP_S * rate_hz);
  self->size = dmix_fft_size_for (self->window);
  self->power = dmix_powerframe_new (self->window, self->size, 1.0);
  self->memory = dmix_floats_new (2 * DMIX_FLOATS_WHOLE (self->window)
      + 2 * DMIX_FLOATS_WHOLE (self->size / 2 + 1));
  if (!self->power || !self->memory) {
    dmix_speechbands_free (self);
    return NULL;
  }
  self->past[0] = self->memory;
  self->past[1] = self->past[0] + DMIX_FLOATS_WHOLE (self->window);
  self->re = self->past[1] + DMIX_FLOATS_WHOLE (self->window);
  self->im = self->re + DMIX_FLOATS_WHOLE (self->size / 2 + 1);
  find_bins (self, rate_hz);
  return self;
}

void
dmix_speechbands_free (DmixSpeechBands *self)
{
  if (!self)
    return;
  dmix_powerframe_free (self->power);
  dmix_floats_free (self->memory);
  free (self);
}

void
dmix_speechbands_reset (DmixSpeechBands *self)
{
  self->at = 0; /* new samples overwrite `past` */
}

static void
analyse (DmixSpeechBands *self, const float *past, double *band)
{
  const float *power = self->re;

  dmix_powerframe_transform_low (self->power, past, self->bins, self->re,
      self->im);
  dmix_blockloops ()->square (self->re, self->im, self->bins);
  for (int b = 0; b < BANDS; b++) {
    double sum = 0.0;

    for (unsigned k = self->first[b]; k < self->end[b]; k++)
      sum += power[k];
    band[b] = sum;
  }
}

size_t
dmix_speechbands_process (DmixSpeechBands *self, const float *dialogue,
    const float *background, size_t frames, const DmixSpeechBandsFrame **frame)
{
  const size_t left = self->window - self->at;
  const size_t n = DMIX_MIN (frames, left);
  const size_t keep = self->window - self->hop;

  memcpy (self->past[0] + self->at, dialogue, n * sizeof *dialogue);
  if (background)
    memcpy (self->past[1] + self->at, background, n * sizeof *background);
  self->at += (unsigned) n;
  *frame = NULL;
  if (self->at < self->window)
    return n;
  analyse (self, self->past[0], self->frame.dialogue);
  if (background)
    analyse (self, self->past[1], self->frame.background);
  for (int s = 0; s < (background ? 2 : 1); s++)
    memmove (self->past[s], self->past[s] + self->hop,
        keep * sizeof *self->past[s]);
  self->at = (unsigned) keep;
  *frame = &self->frame;
  return n;
}

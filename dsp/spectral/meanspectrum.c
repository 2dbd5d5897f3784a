/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: mean of windowed periodograms (P. Welch, IEEE Trans. AU 15(2),
 * 1967), window of powerframe.h. Third octaves as in IEC 61260-1 (base ten):
 * centres 1000 * 10^(n/10) Hz, edges 10^(1/20) to each side. A bin across an
 * edge counts in proportion to the part inside.
 *
 * State
 *   sum       summed power of each bin, over `count` windows
 *   mean      last result of dmix_meanspectrum_get_power()
 */
#include "spectral/meanspectrum.h"
#include "spectral/fft.h"
#include "spectral/powerframe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_S 0.125  /* rounded up to a size of fft.h */
#define FIRST_THIRD -11 /* 80 Hz */

struct DmixMeanSpectrum
{
  unsigned rate_hz, channels, size;
  unsigned char left_out[DMIX_MAX_CHANNELS];
  DmixPowerFrame *frame;
  float *re, *im;
  double *sum, *mean;
  size_t count;
};

DmixMeanSpectrum *
dmix_meanspectrum_new (const DmixFormat *format)
{
  DmixMeanSpectrum *self;

  if (!dmix_format_is_valid (format) || format->rate_hz < 4000
      || format->rate_hz > 384000 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->rate_hz = format->rate_hz;
  self->channels = format->channels;
  self->size = dmix_fft_size_for ((unsigned) (WINDOW_S * format->rate_hz));
  self->frame =
      dmix_powerframe_new (self->size, self->size, 1.0 / self->channels);
  self->re = calloc (self->size / 2 + 1, sizeof (float));
  self->im = calloc (self->size / 2 + 1, sizeof (float));
  self->sum = calloc (self->size / 2 + 1, sizeof (double));
  self->mean = calloc (self->size / 2 + 1, sizeof (double));
  if (!self->frame || !self->re || !self->im || !self->sum || !self->mean) {
    dmix_meanspectrum_free (self);
    return NULL;
  }
  return self;
}

void
dmix_meanspectrum_free (DmixMeanSpectrum *self)
{
  if (!self)
    return;
  dmix_powerframe_free (self->frame);
  free (self->re);
  free (self->im);
  free (self->sum);
  free (self->mean);
  free (self);
}

void
dmix_meanspectrum_leave_out (DmixMeanSpectrum *self, unsigned channel)
{
  if (channel < self->channels)
    self->left_out[channel] = 1;
}

void
dmix_meanspectrum_reset (DmixMeanSpectrum *self)
{
  memset (self->sum, 0, (self->size / 2 + 1) * sizeof (double));
  self->count = 0;
}

unsigned
dmix_meanspectrum_window_frames (const DmixMeanSpectrum *self)
{
  return self->size;
}

unsigned
dmix_meanspectrum_bins (const DmixMeanSpectrum *self)
{
  return self->size / 2 + 1;
}

void
dmix_meanspectrum_add (DmixMeanSpectrum *self, const float *in)
{
  for (unsigned c = 0; c < self->channels; c++) {
    if (self->left_out[c])
      continue;
    dmix_powerframe_transform (self->frame, in + c, self->channels, self->re,
        self->im);
    for (unsigned b = 0; b <= self->size / 2; b++)
      self->sum[b] += (double) self->re[b] * self->re[b]
          + (double) self->im[b] * self->im[b];
  }
  self->count++;
}

size_t
dmix_meanspectrum_get_count (const DmixMeanSpectrum *self)
{
  return self->count;
}

const double *
dmix_meanspectrum_get_power (DmixMeanSpectrum *self)
{
  for (unsigned b = 0; b <= self->size / 2; b++)
    self->mean[b] = self->count ? self->sum[b] / (double) self->count : 0.0;
  return self->mean;
}

double
dmix_meanspectrum_third_hz (unsigned i)
{
  return 1000.0 * pow (10.0, ((int) i + FIRST_THIRD) / 10.0);
}

void
dmix_meanspectrum_get_thirds (DmixMeanSpectrum *self, double *third)
{
  const double *power = dmix_meanspectrum_get_power (self);
  const double bin_hz = (double) self->rate_hz / self->size;
  const double edge = pow (10.0, 0.05);

  for (unsigned i = 0; i < DMIX_MEANSPECTRUM_THIRDS; i++) {
    const double low = dmix_meanspectrum_third_hz (i) / edge / bin_hz;
    const double high = dmix_meanspectrum_third_hz (i) * edge / bin_hz;

    third[i] = 0.0;
    if (high > self->size / 2)
      continue;
    for (unsigned b = (unsigned) (low + 0.5); b <= (unsigned) (high + 0.5); b++)
      third[i] +=
          power[b] * fmax (fmin (high, b + 0.5) - fmax (low, b - 0.5), 0.0);
  }
}

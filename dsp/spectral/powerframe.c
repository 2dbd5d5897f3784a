/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: P. Welch's scale of a windowed periodogram (IEEE Trans. AU 15(2),
 * 1967): by Parseval's theorem the squares of all bins of a real signal of
 * mean square 1 add up to transform_frames * energy / 2 in the bins from 0 to
 * half the rate. The scale is part of the window, at no cost per frame.
 *
 * State: only the window and work space.
 */
#include "spectral/powerframe.h"

#include "base/blockloops.h"
#include "base/floats.h"
#include "base/level.h"
#include "base/units.h"
#include "spectral/fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct DmixPowerFrame
{
  unsigned window_frames, transform_frames;
  DmixFft *fft;
  float *memory, *window, *time, *re, *im;
};

double
dmix_powerframe_window_energy (unsigned window_frames)
{
  return 0.375 * window_frames;
}

double
dmix_powerframe_plain_weight (unsigned window_frames, unsigned transform_frames)
{
  return dmix_powerframe_window_energy (window_frames) * transform_frames / 2.0;
}

static void
make_window (DmixPowerFrame *self, double weight)
{
  const unsigned count = self->window_frames;
  const float scale = (float) sqrt (
      weight / dmix_powerframe_plain_weight (count, self->transform_frames));

  for (unsigned i = 0; i < count; i++)
    self->window[i] =
        scale * (float) (0.5 - 0.5 * cos (2.0 * DMIX_PI * (i + 0.5) / count));
}

DmixPowerFrame *
dmix_powerframe_new (unsigned window_frames, unsigned transform_frames,
    double weight)
{
  const unsigned bins = transform_frames / 2 + 1;
  DmixPowerFrame *self;

  if (window_frames < 3 || window_frames > transform_frames || !(weight > 0.0)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->window_frames = window_frames;
  self->transform_frames = transform_frames;
  self->fft = dmix_fft_new (transform_frames);
  self->memory = dmix_floats_new (DMIX_FLOATS_WHOLE (window_frames)
      + DMIX_FLOATS_WHOLE (transform_frames) + 2 * DMIX_FLOATS_WHOLE (bins));
  if (!self->fft || !self->memory) {
    dmix_powerframe_free (self);
    return NULL;
  }
  self->window = self->memory;
  self->time = self->window + DMIX_FLOATS_WHOLE (window_frames);
  self->re = self->time + DMIX_FLOATS_WHOLE (transform_frames);
  self->im = self->re + DMIX_FLOATS_WHOLE (bins);
  make_window (self, weight);
  return self;
}

void
dmix_powerframe_free (DmixPowerFrame *self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  dmix_floats_free (self->memory);
  free (self);
}

void
dmix_powerframe_transform (DmixPowerFrame *self, const float *in, size_t stride,
    float *re, float *im)
{
  const unsigned count = self->window_frames;
  const float *restrict window = self->window;
  float *restrict time = self->time; /* the zero padding is never overwritten */

  if (stride == 1 && dmix_level_is_silent (in, count)) {
    memset (re, 0, (self->transform_frames / 2 + 1) * sizeof *re);
    memset (im, 0, (self->transform_frames / 2 + 1) * sizeof *im);
    return;
  }
  if (stride == 1)
    dmix_blockloops ()->multiply (time, in, window, count);
  else
    for (unsigned i = 0; i < count; i++)
      time[i] = in[i * stride] * window[i];
  dmix_fft_forward (self->fft, time, re, im);
}

void
dmix_powerframe_transform_low (DmixPowerFrame *self, const float *in,
    unsigned bins, float *re, float *im)
{
  if (dmix_level_is_silent (in, self->window_frames)) {
    memset (re, 0, bins * sizeof *re);
    memset (im, 0, bins * sizeof *im);
    return;
  }
  dmix_blockloops ()->multiply (self->time, in, self->window,
      self->window_frames);
  dmix_fft_forward_low (self->fft, self->time, bins, re, im);
}

const float *
dmix_powerframe_process (DmixPowerFrame *self, const float *in, size_t stride)
{
  const unsigned bins = self->transform_frames / 2 + 1;

  dmix_powerframe_transform (self, in, stride, self->re, self->im);
  dmix_blockloops ()->square (self->re, self->im, bins);
  return self->re;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* State
 *   window, framed   2 * hop frames; framed is padded with zeros to `size`
 *   power            sum of what was added
 *   above            noise level above half the rate (dmix_netrows_fill_above)
 */
#include "net/netsound.h"

#include "base/floats.h"
#include "base/level.h"
#include "base/units.h"
#include "net/netrows.h"
#include "spectral/fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOP_S 0.016
#define NOT_KNOWN -1.0f
#define MOST_HZ 768000

struct DmixNetSound
{
  unsigned hop, size, bins;
  DmixFft *fft;
  DmixNetRows *rows;
  float *memory, *window, *framed, *re, *im, *power;
  float above;
};

static int
take_memory (DmixNetSound *self, unsigned rate_hz)
{
  const DmixNetSpectrum spectrum = {
    .bins = self->bins,
    .hz_per_bin = (double) rate_hz / self->size,
    .window_energy = self->hop,
  };

  self->fft = dmix_fft_new (self->size);
  self->rows = dmix_netrows_new (&spectrum);
  self->memory = dmix_floats_new (DMIX_FLOATS_WHOLE (2 * self->hop)
      + DMIX_FLOATS_WHOLE (self->size) + 3 * DMIX_FLOATS_WHOLE (self->bins));
  return self->fft && self->rows && self->memory;
}

DmixNetSound *
dmix_netsound_new (unsigned rate_hz)
{
  const unsigned hop = (unsigned) lround (HOP_S * rate_hz);
  DmixNetSound *self;

  if (hop == 0 || rate_hz > MOST_HZ || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->hop = hop;
  self->size = dmix_fft_size_for (2 * hop);
  self->bins = self->size / 2 + 1;
  if (!take_memory (self, rate_hz)) {
    dmix_netsound_free (self);
    return NULL;
  }
  self->window = self->memory;
  self->framed = self->window + DMIX_FLOATS_WHOLE (2 * hop);
  self->re = self->framed + DMIX_FLOATS_WHOLE (self->size);
  self->im = self->re + DMIX_FLOATS_WHOLE (self->bins);
  self->power = self->im + DMIX_FLOATS_WHOLE (self->bins);
  for (unsigned i = 0; i < 2 * hop; i++)
    self->window[i] = (float) sin (DMIX_PI * (i + 0.5) / (2 * hop));
  self->above = NOT_KNOWN;
  return self;
}

void
dmix_netsound_free (DmixNetSound *self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  dmix_netrows_free (self->rows);
  dmix_floats_free (self->memory);
  free (self);
}

void
dmix_netsound_reset (DmixNetSound *self)
{
  self->above = NOT_KNOWN;
  memset (self->power, 0, self->bins * sizeof *self->power);
}

void
dmix_netsound_take_over (DmixNetSound *self, const DmixNetSound *from)
{
  self->above = from->above;
}

unsigned
dmix_netsound_hop (const DmixNetSound *self)
{
  return self->hop;
}

void
dmix_netsound_add (DmixNetSound *self, const float *sound, float weight)
{
  if (dmix_level_is_silent (sound, 2 * (size_t) self->hop))
    return;
  for (unsigned i = 0; i < 2 * self->hop; i++) /* the rest stays 0 */
    self->framed[i] = self->window[i] * sound[i];
  dmix_fft_forward (self->fft, self->framed, self->re, self->im);
  for (unsigned b = 0; b < self->bins; b++)
    self->power[b] +=
        weight * (self->re[b] * self->re[b] + self->im[b] * self->im[b]);
}

void
dmix_netsound_take_rows (DmixNetSound *self, float *energy)
{
  dmix_netrows_energy (self->rows, self->power, energy);
  memset (self->power, 0, self->bins * sizeof *self->power);
}

void
dmix_netsound_take_mid (DmixNetSound *self, float *energy)
{
  dmix_netsound_take_rows (self, energy);
  self->above = dmix_netrows_fill_above (self->rows, self->above, energy);
}

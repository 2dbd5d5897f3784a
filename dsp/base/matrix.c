/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a list of routes, one per non-zero gain; conversions between layouts
 * have few of them even with many channels.
 *
 * State
 *   route[]   from, to, gain: sorted by source
 */
#include "base/matrix.h"

#include "base/format.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  unsigned from, to;
  float gain;
} Route;

struct DmixMatrix
{
  unsigned in_channels, out_channels;
  unsigned routes;
  Route *route;
};

DmixMatrix *
dmix_matrix_new (unsigned in_channels, unsigned out_channels, const float *gain)
{
  DmixMatrix *self;

  if (in_channels < 1 || in_channels > DMIX_MAX_CHANNELS || out_channels < 1
      || out_channels > DMIX_MAX_CHANNELS || !gain
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->in_channels = in_channels;
  self->out_channels = out_channels;
  self->route =
      calloc ((size_t) in_channels * out_channels, sizeof *self->route);
  if (!self->route) {
    free (self);
    return NULL;
  }
  for (unsigned i = 0; i < in_channels; i++)
    for (unsigned o = 0; o < out_channels; o++, gain++)
      if (*gain != 0.0f)
        self->route[self->routes++] = (Route){ i, o, *gain };
  return self;
}

void
dmix_matrix_free (DmixMatrix *self)
{
  if (!self)
    return;
  free (self->route);
  free (self);
}

int
dmix_matrix_is_identity (const DmixMatrix *self)
{
  if (self->in_channels != self->out_channels
      || self->routes != self->in_channels)
    return 0;
  for (unsigned r = 0; r < self->routes; r++)
    if (self->route[r].from != self->route[r].to || self->route[r].gain != 1.0f)
      return 0;
  return 1;
}

void
dmix_matrix_process (const DmixMatrix *self, const float *in, float *out,
    size_t frames)
{
  memset (out, 0, frames * self->out_channels * sizeof *out);
  for (unsigned r = 0; r < self->routes; r++) {
    const float *source = in + self->route[r].from;
    float *target = out + self->route[r].to;
    const float gain = self->route[r].gain;

    for (size_t i = 0; i < frames; i++) {
      *target += *source * gain;
      source += self->in_channels;
      target += self->out_channels;
    }
  }
}

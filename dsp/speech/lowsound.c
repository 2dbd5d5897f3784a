/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: see lowsound.h.
 *
 * State
 *   latest   the window
 *   fresh    what the decimator gives for a block
 */
#include "speech/lowsound.h"

#include "base/floats.h"
#include "base/units.h"
#include "spectral/decimator.h"

#include <stdlib.h>
#include <string.h>

struct DmixLowSound
{
  unsigned window;
  DmixDecimator *decimator; /* NULL: the sound stays as it is */
  float *latest, *fresh;
};

DmixLowSound *
dmix_lowsound_new (unsigned rate_hz, unsigned factor, double pass_hz,
    unsigned window)
{
  const DmixFormat mono = { rate_hz, 1 };
  DmixLowSound *self;

  if (window < 1 || factor < 1 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->window = window;
  if (factor > 1)
    self->decimator = dmix_decimator_new (&mono, factor, pass_hz);
  self->latest = dmix_floats_new (window);
  self->fresh = dmix_floats_new (DMIX_DECIMATOR_BLOCK);
  if ((factor > 1 && !self->decimator) || !self->latest || !self->fresh) {
    dmix_lowsound_free (self);
    return NULL;
  }
  return self;
}

void
dmix_lowsound_free (DmixLowSound *self)
{
  if (!self)
    return;
  dmix_decimator_free (self->decimator);
  dmix_floats_free (self->latest);
  dmix_floats_free (self->fresh);
  free (self);
}

void
dmix_lowsound_reset (DmixLowSound *self)
{
  memset (self->latest, 0, self->window * sizeof *self->latest);
  if (self->decimator)
    dmix_decimator_reset (self->decimator);
}

void
dmix_lowsound_take_over (DmixLowSound *self, const DmixLowSound *from)
{
  memcpy (self->latest, from->latest, self->window * sizeof *self->latest);
  if (self->decimator)
    dmix_decimator_take_over (self->decimator, from->decimator);
}

/* Puts samples behind those of the window. */
static void
push (DmixLowSound *self, const float *new, size_t count)
{
  const size_t gone = DMIX_MIN (count, self->window);
  const size_t kept = self->window - gone;

  memmove (self->latest, self->latest + gone, kept * sizeof *new);
  memcpy (self->latest + kept, new + count - gone, gone * sizeof *new);
}

void
dmix_lowsound_process (DmixLowSound *self, const float *in, size_t frames)
{
  size_t n, count;

  if (!self->decimator) {
    push (self, in, frames);
    return;
  }
  for (; frames > 0; frames -= n, in += n) {
    n = DMIX_MIN (frames, (size_t) DMIX_DECIMATOR_BLOCK);
    count = dmix_decimator_process (self->decimator, in, n, self->fresh, 0);
    push (self, self->fresh, count);
  }
}

const float *
dmix_lowsound_get (const DmixLowSound *self)
{
  return self->latest;
}

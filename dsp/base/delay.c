/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a ring exactly as long as the delay. Each new sample is swapped with
 * the oldest one, so a block is one exchange of two arrays, which compilers
 * vectorise.
 *
 * State
 *   ring   `length` samples (frames * channels)
 *   at     index of the oldest sample
 */
#include "base/delay.h"

#include "base/blockloops.h"

#include <stdlib.h>
#include <string.h>

struct DmixDelay
{
  float *ring;
  size_t length, at;
  size_t frames;
  unsigned channels;
};

DmixDelay *
dmix_delay_new (size_t frames, unsigned channels)
{
  DmixDelay *self;

  if (channels == 0 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->frames = frames;
  self->channels = channels;
  self->length = frames * channels;
  self->ring = calloc (self->length + 1, sizeof *self->ring);
  if (!self->ring) {
    free (self);
    return NULL;
  }
  return self;
}

void
dmix_delay_free (DmixDelay *self)
{
  if (!self)
    return;
  free (self->ring);
  free (self);
}

void
dmix_delay_reset (DmixDelay *self)
{
  memset (self->ring, 0, self->length * sizeof *self->ring);
  self->at = 0;
}

void
dmix_delay_process (DmixDelay *self, float *io, size_t frames)
{
  const DmixBlockLoops *loops = dmix_blockloops ();
  size_t count = frames * self->channels;

  if (self->length == 0)
    return;
  while (count > 0) {
    size_t run = self->length - self->at;

    if (run > count)
      run = count;
    loops->exchange (io, self->ring + self->at, run);
    self->at = self->at + run == self->length ? 0 : self->at + run;
    io += run;
    count -= run;
  }
}

size_t
dmix_delay_latency_frames (const DmixDelay *self)
{
  return self->frames;
}

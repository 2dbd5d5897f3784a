/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: see binaural.c.
 *
 * State of a source
 *   history[]    the last `size` frames, the current block at the end; it
 *                walks through `memory` and goes back to its start when it
 *                gets to the end
 *   now          filter at the start of the block: 2 spectra
 *   wanted       where it goes in this block, if it `turns`
 *   still        blocks since the filter has changed
 *   part         filters of the partitions, if `parted`: [2][parts] spectra
 *   past         ring of input spectra, `fresh` of which are of the last
 *                blocks, the newest at `newest`
 *   quiet        frames of silence at the end of the history
 *   taps         zero latency: filters in the time domain, [now, next][2],
 *                backwards
 */
#include "pan/binauralsource.h"

#include <stdlib.h>
#include <string.h>

static size_t
memory_size (const DmixBinauralSource *self)
{
  return self->size + (size_t) DMIX_BINAURAL_ROOM * self->block;
}

DmixBinauralSource *
dmix_binaural_source_new (const DmixBinaural *renderer)
{
  DmixBinauralSource *self = calloc (1, sizeof *self);
  const size_t spectrum = 2 * (size_t) renderer->stride;
  const size_t small = 2 * (size_t) renderer->small_stride;

  if (!self)
    return NULL;
  self->block = renderer->block;
  self->size = renderer->size;
  self->stride = renderer->stride;
  self->small_stride = renderer->small_stride;
  self->parts = renderer->parts;
  self->taps = renderer->taps;
  self->memory = calloc (memory_size (self), sizeof (float));
  self->now = calloc (2 * spectrum, sizeof (float));
  self->part = calloc (2 * self->parts * small, sizeof (float));
  self->past = calloc (self->parts * small, sizeof (float));
  for (unsigned i = 0; i < 2; i++)
    self->tap[i] = calloc (2 * (size_t) self->taps, sizeof (float));
  if (!self->memory || !self->now || !self->part || !self->past || !self->tap[0]
      || !self->tap[1]) {
    dmix_binaural_source_free (self);
    return NULL;
  }
  dmix_binaural_source_reset (self);
  return self;
}

void
dmix_binaural_source_free (DmixBinauralSource *self)
{
  if (!self)
    return;
  free (self->memory);
  free (self->now);
  free (self->part);
  free (self->past);
  free (self->tap[0]);
  free (self->tap[1]);
  free (self);
}

void
dmix_binaural_source_reset (DmixBinauralSource *self)
{
  memset (self->memory, 0, memory_size (self) * sizeof *self->memory);
  self->history = self->memory;
  self->quiet = self->size;
  self->still = self->fresh = self->newest = 0;
  self->begun = self->moves = self->parted = self->turns = 0;
}

static void
begin_block (DmixBinauralSource *self)
{
  const size_t end = (size_t) (self->history - self->memory) + self->size;

  if (end + self->block <= memory_size (self)) {
    self->history += self->block;
    return;
  }
  memmove (self->memory, self->history + self->block,
      (self->size - self->block) * sizeof *self->memory);
  self->history = self->memory;
}

void
dmix_binaural_source_put (DmixBinauralSource *self, unsigned at,
    const float *sample, unsigned frames)
{
  if (at == 0)
    begin_block (self);
  memcpy (self->history + self->size - self->block + at, sample,
      frames * sizeof *sample);
  for (unsigned i = 0; i < frames; i++)
    if (sample[i] != 0.0f) {
      self->quiet = 0;
      return;
    }
  self->quiet += self->quiet < self->size ? frames : 0;
}

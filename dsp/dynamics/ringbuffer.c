/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a ring of whole steps, so the wrap never splits a step. */
#include "dynamics/ringbuffer.h"

#include "base/units.h"

#include <stdlib.h>
#include <string.h>

struct DmixRingBuffer
{
  unsigned channels;
  size_t length; /* frames */
  float *sound;
};

DmixRingBuffer *
dmix_ringbuffer_new (unsigned channels, unsigned step_frames, size_t frames)
{
  DmixRingBuffer *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->channels = channels;
  self->length = (frames + step_frames - 1) / step_frames * step_frames;
  self->sound = calloc (self->length * channels, sizeof *self->sound);
  if (!self->sound) {
    free (self);
    return NULL;
  }
  return self;
}

void
dmix_ringbuffer_free (DmixRingBuffer *self)
{
  if (!self)
    return;
  free (self->sound);
  free (self);
}

void
dmix_ringbuffer_reset (DmixRingBuffer *self)
{
  memset (self->sound, 0, self->length * self->channels * sizeof *self->sound);
}

void
dmix_ringbuffer_write (DmixRingBuffer *self, const float *in, uint64_t frame,
    size_t frames)
{
  const size_t channels = self->channels, at = frame % self->length;
  const size_t first = DMIX_MIN (frames, self->length - at);

  memcpy (self->sound + at * channels, in, first * channels * sizeof *in);
  memcpy (self->sound, in + first * channels,
      (frames - first) * channels * sizeof *in);
}

const float *
dmix_ringbuffer_read (const DmixRingBuffer *self, uint64_t frame,
    size_t *frames)
{
  const size_t at = frame % self->length;

  if (*frames > self->length - at)
    *frames = self->length - at;
  return self->sound + at * self->channels;
}

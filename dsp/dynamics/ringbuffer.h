/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The sound of the last frames, by frame number: steps that lie whole in one
 * piece, and any frames to be read again as long as they are there.
 */
#ifndef DMIX_RINGBUFFER_H
#define DMIX_RINGBUFFER_H

#include <stddef.h>
#include <stdint.h>

typedef struct DmixRingBuffer DmixRingBuffer;

/* frames: kept at least. Frame numbers that are multiples of step_frames begin
 * steps. Returns NULL if memory is short. */
DmixRingBuffer *dmix_ringbuffer_new (unsigned channels, unsigned step_frames,
    size_t frames);
void dmix_ringbuffer_free (DmixRingBuffer *self);

/* To silence. */
void dmix_ringbuffer_reset (DmixRingBuffer *self);

/* Puts in frames from number `frame` on. */
void dmix_ringbuffer_write (DmixRingBuffer *self, const float *in,
    uint64_t frame, size_t frames);

/* Frame `frame` and what follows; *frames, how many are wanted, comes back as
 * how many lie there in one piece. */
const float *dmix_ringbuffer_read (const DmixRingBuffer *self, uint64_t frame,
    size_t *frames);

#endif

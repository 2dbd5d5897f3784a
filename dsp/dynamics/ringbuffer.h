/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Ring buffer of audio, addressed by frame number. Every step is contiguous in
 * memory; frames can be read again until they are overwritten.
 */
#ifndef DMIX_RINGBUFFER_H
#define DMIX_RINGBUFFER_H

#include <stddef.h>
#include <stdint.h>

typedef struct DmixRingBuffer DmixRingBuffer;

/* frames: capacity at least. Frame numbers that are multiples of step_frames
 * begin steps. Returns NULL if memory is short. */
DmixRingBuffer *dmix_ringbuffer_new (unsigned channels, unsigned step_frames,
    size_t frames);
void dmix_ringbuffer_free (DmixRingBuffer *self);

/* Fills the buffer with silence. */
void dmix_ringbuffer_reset (DmixRingBuffer *self);

/* Writes frames from number `frame` on. */
void dmix_ringbuffer_write (DmixRingBuffer *self, const float *in,
    uint64_t frame, size_t frames);

/* Returns frame `frame` and its successors. *frames: the number wanted; becomes
 * the number that is contiguous. */
const float *dmix_ringbuffer_read (const DmixRingBuffer *self, uint64_t frame,
    size_t *frames);

#endif

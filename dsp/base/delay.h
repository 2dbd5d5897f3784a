/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A delay line for interleaved audio: what leaves is what came `frames`
 * frames ago, to the bit, and silence before that.
 */
#ifndef DMIX_DELAY_H
#define DMIX_DELAY_H

#include <stddef.h>

typedef struct DmixDelay DmixDelay;

/* frames: the delay, 0 or more; channels: 1 or more.
 * Returns NULL if memory is short or channels is 0. */
DmixDelay *dmix_delay_new (size_t frames, unsigned channels);
void dmix_delay_free (DmixDelay *self);

/* Fills the delay line with silence. */
void dmix_delay_reset (DmixDelay *self);

/* Delays `frames` frames in place; any number of them at a time. */
void dmix_delay_process (DmixDelay *self, float *io, size_t frames);

size_t dmix_delay_latency_frames (const DmixDelay *self);

#endif

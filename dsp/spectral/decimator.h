/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Fewer samples of a sound whose low part is all that is wanted: every
 * `factor`-th one, after what would fold back into that part has been taken
 * out.
 *
 * Sample k of the output belongs to frame k * factor of the input: the filter's
 * delay is made up for, by waiting for what comes. Channels come out one by
 * one. All memory is taken by dmix_decimator_new(). Any split of the input
 * gives the same bits. Samples must be finite.
 */
#ifndef DMIX_DECIMATOR_H
#define DMIX_DECIMATOR_H

#include "base/format.h"

#include <stddef.h>

#define DMIX_DECIMATOR_BLOCK 1024 /* frames at a time, at most */

typedef struct DmixDecimator DmixDecimator;

/* pass_hz: up to here sound passes (0.02 dB), and what would fold to there is
 * 60 dB down. Below rate_hz / factor / 2. NULL on bad arguments or short
 * memory. */
DmixDecimator *dmix_decimator_new (const DmixFormat *format, unsigned factor,
    double pass_hz);
void dmix_decimator_free (DmixDecimator *self);

/* Silence before; the next frame is frame 0. */
void dmix_decimator_reset (DmixDecimator *self);

/* in: up to DMIX_DECIMATOR_BLOCK frames, interleaved, or NULL for silence.
 * Writes the samples of channel c to out + c * stride, and returns how many
 * (of each channel); up to DMIX_DECIMATOR_BLOCK / factor + 1. */
size_t dmix_decimator_process (DmixDecimator *self, const float *in,
    size_t frames, float *out, size_t stride);

/* A sample is complete when so many frames have come after its own. */
unsigned dmix_decimator_latency_frames (const DmixDecimator *self);

#endif

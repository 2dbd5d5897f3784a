/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Decimation by an integer factor, with an anti-alias filter.
 *
 * Output sample k has the time of input frame k * factor, and is written after
 * the latency of the filter. Channels are written to separate arrays. All
 * memory is taken by dmix_decimator_new(). Any split of the input gives the
 * same bits. Samples must be finite.
 */
#ifndef DMIX_DECIMATOR_H
#define DMIX_DECIMATOR_H

#include "base/format.h"

#include <stddef.h>

#define DMIX_DECIMATOR_BLOCK 1024 /* most frames per call */

typedef struct DmixDecimator DmixDecimator;

/* pass_hz: end of the pass band (ripple 0.02 dB), below rate_hz / factor / 2.
 * Frequencies that alias into the pass band are attenuated by 60 dB. NULL on
 * bad arguments or short memory. */
DmixDecimator *dmix_decimator_new (const DmixFormat *format, unsigned factor,
    double pass_hz);
void dmix_decimator_free (DmixDecimator *self);

/* Clears the filter; the next frame is frame 0. */
void dmix_decimator_reset (DmixDecimator *self);

/* Takes over the state of a decimator with the same arguments. */
void dmix_decimator_take_over (DmixDecimator *self, const DmixDecimator *from);

/* in: up to DMIX_DECIMATOR_BLOCK frames, interleaved, or NULL for silence.
 * Writes the samples of channel c to out + c * stride. Returns their number
 * per channel, at most DMIX_DECIMATOR_BLOCK / factor + 1. */
size_t dmix_decimator_process (DmixDecimator *self, const float *in,
    size_t frames, float *out, size_t stride);

/* Output sample k needs k * factor + latency frames of input. */
unsigned dmix_decimator_latency_frames (const DmixDecimator *self);

#endif

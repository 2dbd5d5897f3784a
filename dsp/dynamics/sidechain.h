/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* High-pass and low-pass in front of a detector: second order Butterworth
 * (12 dB per octave, -3.01 dB at the cutoff, by bilinear transform), any
 * number of channels.
 */
#ifndef DMIX_SIDECHAIN_H
#define DMIX_SIDECHAIN_H

#include "base/format.h"

#include <stddef.h>

typedef struct DmixSideChain DmixSideChain;

/* Starts with both filters off. Returns NULL on bad arguments or if memory is
 * short. */
DmixSideChain *dmix_sidechain_new (const DmixFormat *format);
void dmix_sidechain_free (DmixSideChain *self);

/* Clears the filter states; the cutoffs stay. */
void dmix_sidechain_reset (DmixSideChain *self);

/* Cutoffs in Hz; 0 or less, NaN, and for the low-pass 0.49 * rate and more
 * turn a filter off (a high-pass stops there). One that was off starts from
 * silence. */
void dmix_sidechain_set_cutoffs (DmixSideChain *self, double highpass_hz,
    double lowpass_hz);

/* Non-zero if any filter is on: else process() only copies. */
int dmix_sidechain_is_on (const DmixSideChain *self);

/* out may not be in. Samples must be finite (dmix_sanitize_clean()). */
void dmix_sidechain_process (DmixSideChain *self, const float *in, float *out,
    size_t frames);

/* Takes over cutoffs and state of a filter of the same format. */
void dmix_sidechain_take_over (DmixSideChain *self, const DmixSideChain *from);

#endif

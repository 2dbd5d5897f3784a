/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Minimum-phase FIR filter for any magnitude response, by fast convolution.
 *
 * It equalizes towards a measured spectrum or shapes noise without pre-ringing,
 * and delays by one block of at least 40 ms. A new response fades in over one
 * block.
 *
 * All memory is taken by dmix_fir_new(). Any split of the input into blocks
 * gives the same bits. Samples must be finite (dmix_sanitize_clean()).
 */
#ifndef DMIX_FIR_H
#define DMIX_FIR_H

#include "base/format.h"

#include <stddef.h>

typedef struct DmixFir DmixFir;

/* Rates up to 384000 Hz. NULL on bad arguments or short memory. The initial
 * response is flat. */
DmixFir *dmix_fir_new (const DmixFormat *format);
void dmix_fir_free (DmixFir *self);

/* Clears the state; the next response takes effect without a fade. */
void dmix_fir_reset (DmixFir *self);

/* magnitude[b]: linear gain at b * rate / (2 * (bins - 1)), >= 0; values below
 * -120 dB of the largest are raised to -120 dB. Costs four FFTs. */
unsigned dmix_fir_bins (const DmixFir *self);
void dmix_fir_set_response (DmixFir *self, const float *magnitude);

/* io: interleaved, in place. */
void dmix_fir_process (DmixFir *self, float *io, size_t frames);

unsigned dmix_fir_latency_frames (const DmixFir *self);
unsigned dmix_fir_tail_frames (const DmixFir *self);

#endif

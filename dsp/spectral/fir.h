/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Filter with any magnitude response, minimum phase.
 *
 * For equalizing towards a measured spectrum and for shaping noise: no
 * ringing before a sound, and no delay but that of its blocks. A new response
 * is faded in over one block.
 *
 * All memory is taken by dmix_fir_new(). Any split of the input into blocks
 * gives the same bits. Samples must be finite (dmix_sanitize_clean()).
 */
#ifndef DMIX_FIR_H
#define DMIX_FIR_H

#include "base/format.h"

#include <stddef.h>

typedef struct DmixFir DmixFir;

/* Rates up to 384000 Hz. NULL on bad arguments or short memory. The response
 * is flat. */
DmixFir *dmix_fir_new (const DmixFormat *format);
void dmix_fir_free (DmixFir *self);

/* To silence; a new response is then there at once. */
void dmix_fir_reset (DmixFir *self);

/* magnitude[b]: gain at b * rate / (2 * (bins - 1)), >= 0; values below -120
 * dB of the largest are taken as that. Takes some FFTs. */
unsigned dmix_fir_bins (const DmixFir *self);
void dmix_fir_set_response (DmixFir *self, const float *magnitude);

/* io: interleaved, in place. */
void dmix_fir_process (DmixFir *self, float *io, size_t frames);

unsigned dmix_fir_latency_frames (const DmixFir *self);
unsigned dmix_fir_tail_frames (const DmixFir *self);

#endif

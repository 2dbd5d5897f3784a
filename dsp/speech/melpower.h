/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Mel band powers of speech, 200 times a second, at any rate and for any number
 * of channels: DMIX_MEL_BANDS bands of equal width on the mel scale from 120 Hz
 * to 7 kHz, in windows of 25 ms. The window of row k is centred on input frame
 * k * rate / 200, to within 35 us. The channels' powers are averaged, so that
 * channels of opposite phase do not cancel.
 *
 * A band's value is the mean square of the sound in it (a sine of peak 1 in
 * the middle of a band has about 0.5), at least DMIX_MEL_SILENCE. Bands above
 * 0.45 * rate have DMIX_MEL_SILENCE.
 *
 * All memory is taken by dmix_melpower_new(). Any split of the input gives
 * the same bits. Samples must be finite (dmix_sanitize_clean()).
 */
#ifndef DMIX_MEL_POWER_H
#define DMIX_MEL_POWER_H

#include "base/format.h"

#include <stddef.h>

#define DMIX_MEL_BANDS 32
#define DMIX_MEL_ROWS_PER_S 200
#define DMIX_MEL_SILENCE 1e-14f /* -140 dB */

typedef struct DmixMelPower DmixMelPower;

/* Rates from 4000 to 384000 Hz. NULL on bad arguments or short memory. */
DmixMelPower *dmix_melpower_new (const DmixFormat *format);
void dmix_melpower_free (DmixMelPower *self);

/* Treats a channel (LFE) as silent from now on. */
void dmix_melpower_leave_out (DmixMelPower *self, unsigned channel);

/* Clears the state; the next frame is frame 0. */
void dmix_melpower_reset (DmixMelPower *self);

/* Largest number of rows that process() writes for `frames`. */
size_t dmix_melpower_max_rows (const DmixMelPower *self, size_t frames);

/* in: interleaved, or NULL for silence. Writes the rows (DMIX_MEL_BANDS
 * values each) that these frames complete, and returns their number. */
size_t dmix_melpower_process (DmixMelPower *self, const float *in,
    size_t frames, float *rows);

/* Frequency of a place on the scale: 0 is the lower end of band 0, b + 1 the
 * centre of band b. */
double dmix_melpower_hz (double place);
double dmix_melpower_place (double hz); /* the inverse */

/* Frames of input that a row needs after the centre of its window. */
unsigned dmix_melpower_latency_frames (const DmixMelPower *self);

#endif

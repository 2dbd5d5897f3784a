/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Largest sample and energy of a block, for each channel: vector code for any
 * number of channels.
 *
 * Samples below 1e-15 (-300 dB), and silence, count as that: their squares
 * would be denormal numbers.
 */
#ifndef DMIX_LEVEL_H
#define DMIX_LEVEL_H

#include <stddef.h>

/* peak[c] becomes the largest absolute sample of channel c.
 * x: interleaved, finite; channels: 1 to DMIX_MAX_CHANNELS. */
void dmix_level_peak (const float *x, unsigned channels, size_t frames,
    float *peak);

/* The largest absolute one of `count` samples. */
float dmix_level_peak_all (const float *x, size_t count);

/* Non-zero if all samples are 0; looks no farther than the first that is not.
 */
int dmix_level_is_silent (const float *x, size_t count);

/* energy[c] becomes the sum of the squares of channel c. */
void dmix_level_energy (const float *x, unsigned channels, size_t frames,
    float *energy);

/* Both in one pass. */
void dmix_level_both (const float *x, unsigned channels, size_t frames,
    float *peak, float *energy);

/* The same for each of `steps` steps of `frames` frames: peak[step * channels +
 * c], energy likewise. One of them may be NULL. */
void dmix_level_steps (const float *x, unsigned channels, size_t frames,
    size_t steps, float *peak, float *energy);

#endif

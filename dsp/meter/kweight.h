/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* K-weighted energy of several channels at once, at any sample rate.
 *
 * K-weighting (ITU-R BS.1770) is a high shelf for the effect of the head and
 * a high-pass that removes inaudible low frequencies. Loudness
 * in LUFS is -0.691 + 10 log10 of the K-weighted mean square, added up over
 * the channels with their weights (dmix_kweight_lufs()).
 *
 * The channels ("lanes") may be in different buffers, so that a ducker measures
 * dialogue and background in one pass.
 */
#ifndef DMIX_KWEIGHT_H
#define DMIX_KWEIGHT_H

#include <stddef.h>

typedef struct DmixKWeight DmixKWeight;

/* Reading for silence, LUFS. */
#define DMIX_KWEIGHT_SILENCE_LUFS -120.0

/* rate_hz: 1 to 768000; lanes: 1 or more.
 * Returns NULL on bad arguments or if memory is short. */
DmixKWeight *dmix_kweight_new (unsigned rate_hz, unsigned lanes);
void dmix_kweight_free (DmixKWeight *self);

/* Clears the filters. */
void dmix_kweight_reset (DmixKWeight *self);

/* Takes over the state of a filter of the same rate and number of lanes. */
void dmix_kweight_take_over (DmixKWeight *self, const DmixKWeight *from);

/* lane[l]: first sample of lane l, the next ones `stride` floats apart.
 * Adds the squares of its weighted samples to energy[l], in the order of the
 * samples, so that a split into blocks changes no bit.
 * Samples must be finite (dmix_sanitize_clean()). */
void dmix_kweight_process (DmixKWeight *self, const float *const *lane,
    size_t stride, size_t frames, double *energy);

/* Flushes decayed filter state to zero before it becomes denormal, which would
 * slow the processor down. Call every few milliseconds, at steps that do not
 * depend on the block size. */
void dmix_kweight_settle (DmixKWeight *self);

/* Loudness of a mean square (K-weighted, summed over weighted channels),
 * LUFS, not below DMIX_KWEIGHT_SILENCE_LUFS. BS.1770-5, equation 2. */
double dmix_kweight_lufs (double mean_square);

/* The inverse: the mean square that reads `lufs`. */
double dmix_kweight_mean_square (double lufs);

#endif

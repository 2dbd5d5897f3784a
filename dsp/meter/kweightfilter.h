/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The inner loop of kweight.c, compiled for several kinds of processor.
 * Private to kweight.c. */
#ifndef DMIX_KWEIGHTFILTER_H
#define DMIX_KWEIGHTFILTER_H

#include <stddef.h>

#define DMIX_KWEIGHT_GROUP 4 /* lanes filtered at a time */

typedef struct
{
  double b0, b1, b2, a1, a2;
} DmixBiquad;

/* Of each lane: the last outputs of both filters (y, z); what the next outputs have
 * of older samples (y_next: a sum, z_next: to be subtracted); y_later: what the
 * shelf's output behind it has of the last input. */
typedef struct
{
  double y[DMIX_KWEIGHT_GROUP], y_next[DMIX_KWEIGHT_GROUP];
  double y_later[DMIX_KWEIGHT_GROUP];
  double z[DMIX_KWEIGHT_GROUP], z_next[DMIX_KWEIGHT_GROUP];
} DmixKWeightMemory;

/* Filters four lanes by `shelf` and `pass` (whose numerator is 1, -2, 1). Adds
 * the squares of the output to energy[4], in the order of the samples. A version
 * gives the same bits for any split of the sound; the versions differ by rounding,
 * 10^-13 of an energy. */
typedef void DmixKWeightFilter (const DmixBiquad *shelf, const DmixBiquad *pass,
    DmixKWeightMemory *memory, const float *const *lane, size_t stride,
    size_t frames, double *energy);

DmixKWeightFilter dmix_kweight_filter_plain;
DmixKWeightFilter dmix_kweight_filter_fma;

#endif

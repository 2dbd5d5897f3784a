/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Decibels of whole arrays: loops without branches or library calls, which
 * compilers vectorise. The same bits for the same value, at any place.
 */
#ifndef DMIX_DECIBEL_H
#define DMIX_DECIBEL_H

#include <stddef.h>

#define DMIX_DECIBEL_SILENCE -200.0f

/* 10 log10 of each power, in place; powers below 1e-20, and 0, read -200 dB.
 * Within 1e-5 dB, or two roundings of a float where that is more. 1 gives
 * exactly 0. Powers must be finite. */
void dmix_decibel_from_power (float *power, size_t count);

/* 10^(dB / 20) of each value, in place; beyond +-200 dB it stops there.
 * Within 3e-7 of the result (3e-6 dB) for |dB| < 20, 3e-6 anywhere. 0 gives
 * exactly 1. */
void dmix_decibel_to_gain (float *db, size_t count);

#endif

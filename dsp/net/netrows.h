/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Rows: the 144 bands in which the network sees a spectrum and gives gains.
 * They lie on the bins of its own front end (31.25 Hz wide): bins 1 to 64 (2
 * kHz) alone, 65 to 128 in pairs, then 48 rows of equal width on the ERB-rate
 * scale. Spectra of another rate or transform are mapped to the same
 * frequencies and scaled to what the front end would have measured.
 *
 * Spectra are root-Hann windowed, as those of spectral/stft.h.
 */
#ifndef DMIX_NETROWS_H
#define DMIX_NETROWS_H

#include "net/netmodel.h"

/* Bin b of a spectrum lies at b * hz_per_bin, the last at half the rate; white
 * noise of mean square 1 has power window_energy in each. */
typedef struct
{
  unsigned bins;
  double hz_per_bin, window_energy;
} DmixNetSpectrum;

typedef struct DmixNetRows DmixNetRows;

/* Returns NULL on bad arguments or if memory is short. */
DmixNetRows *dmix_netrows_new (const DmixNetSpectrum *spectrum);
void dmix_netrows_free (DmixNetRows *self);

/* power[bins] to energy[DMIX_NET_ROWS]; 0 in rows above half the rate. */
void dmix_netrows_energy (const DmixNetRows *self, const float *power,
    float *energy);

/* Rows below half the rate. */
unsigned dmix_netrows_count (const DmixNetRows *self);

/* Fills the rows above half the rate with steady noise, because the network was
 * trained with sound in all rows. above: what the call for the frame before
 * returned; < 0 for the first. Once per frame of 16 ms. */
float dmix_netrows_fill_above (const DmixNetRows *self, float above,
    float *energy);

/* Row outputs of the network (gain^.3) to gains of bins: to 4 kHz each has its
 * row's, above it lies between those of the nearest two rows. */
void dmix_netrows_gain (const DmixNetRows *self, const float *u, float *gain);

/* The same in decibels, -400 or more. */
void dmix_netrows_gain_db (const DmixNetRows *self, const float *u, float *db);

/* Bins of the network's own front end in a row. */
unsigned dmix_netrows_width (unsigned row);

#endif

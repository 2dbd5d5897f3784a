/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Mean power spectrum of selected windows, and its third octaves.
 *
 * Windows are 0.125 to 0.19 s (0.128 s at 48 kHz), so that third octaves are
 * resolved from 100 Hz on.
 * The powers of all bins add up to the mean square of the sound; the channels'
 * powers are averaged. Samples must be finite (dmix_sanitize_clean()).
 */
#ifndef DMIX_MEANSPECTRUM_H
#define DMIX_MEANSPECTRUM_H

#include "base/format.h"

#include <stddef.h>

#define DMIX_MEANSPECTRUM_THIRDS 23 /* 80 Hz to 12.5 kHz */

typedef struct DmixMeanSpectrum DmixMeanSpectrum;

/* Rates from 4000 to 384000 Hz. NULL on bad arguments or short memory. */
DmixMeanSpectrum *dmix_meanspectrum_new (const DmixFormat *format);
void dmix_meanspectrum_free (DmixMeanSpectrum *self);

/* Treats a channel (LFE) as silent from now on. */
void dmix_meanspectrum_leave_out (DmixMeanSpectrum *self, unsigned channel);
void dmix_meanspectrum_reset (DmixMeanSpectrum *self);

/* Frames of a window, and bins: bin b lies at b * rate / window. */
unsigned dmix_meanspectrum_window_frames (const DmixMeanSpectrum *self);
unsigned dmix_meanspectrum_bins (const DmixMeanSpectrum *self);

/* Adds one window, interleaved. */
void dmix_meanspectrum_add (DmixMeanSpectrum *self, const float *in);

/* Windows added, and the mean of their powers (all 0 if there is none). */
size_t dmix_meanspectrum_get_count (const DmixMeanSpectrum *self);
const double *dmix_meanspectrum_get_power (DmixMeanSpectrum *self);

/* Exact centre frequency of third octave i, Hz (79.4 for the nominal 80). */
double dmix_meanspectrum_third_hz (unsigned i);

/* Mean square in each third octave; 0 for bands that reach above half the
 * rate. */
void dmix_meanspectrum_get_thirds (DmixMeanSpectrum *self, double *third);

#endif

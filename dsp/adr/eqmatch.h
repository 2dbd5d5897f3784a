/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Matching equalizer: the curve that gives one recording the colour of another.
 *
 * From the third-octave spectra of the speech in both (meanspectrum.h), and of
 * their background, to the magnitude response of a filter (fir.h). The curve
 * changes the colour, not the level: the K-weighted loudness of the take's
 * speech stays what it is.
 */
#ifndef DMIX_EQ_MATCH_H
#define DMIX_EQ_MATCH_H

#include "spectral/meanspectrum.h"

typedef struct
{
  double amount;   /* 0 to 1: part of the difference, in dB */
  double limit_db; /* 0 to 24: most gain and most loss */
} DmixEqMatchParams;

/* One side: third octaves (mean squares) of its speech, background included,
 * and of its background alone. */
typedef struct
{
  const double *speech, *background;
} DmixEqMatchSide;

/* Writes the gain of each third octave, dB. Bands in which either speech is
 * not at least 3 dB over its background take their neighbours' gain. */
void dmix_eqmatch_get_curve (const DmixEqMatchParams *params,
    const DmixEqMatchSide *guide, const DmixEqMatchSide *take, double *gain_db);

/* The curve as gains of `bins` bins from 0 Hz to half of rate_hz: straight
 * lines in dB over the logarithm of frequency, level beyond the ends. */
void dmix_eqmatch_get_response (const double *gain_db, unsigned rate_hz,
    unsigned bins, float *magnitude);

#endif

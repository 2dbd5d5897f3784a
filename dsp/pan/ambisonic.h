/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Ambisonic encoding: the gains of a direction in the channels of AmbiX, in ACN
 * order with SN3D normalisation (C. Nachbar, F. Zotter, E. Deleflie, A.
 * Sontacchi, "AmbiX - a suggested ambisonics format", Ambisonics Symposium
 * 2011).
 */
#ifndef DMIX_AMBISONIC_H
#define DMIX_AMBISONIC_H

#include "pan/vector.h"

#define DMIX_AMBISONIC_MAX_ORDER 3u

/* (order + 1)^2 */
unsigned dmix_ambisonic_channels (unsigned order);

/* gain: one for each channel. order: 1 to 3. direction: of length 1.
 * spread_deg: width of the spherical cap from which the sound comes evenly, 0
 * to 360 (all directions: only channel 0 is left). divergence: see spread.h. */
void dmix_ambisonic_get_gains (unsigned order, DmixVector direction,
    double spread_deg, double divergence, double *gain);

#endif

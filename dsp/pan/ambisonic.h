/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Ambisonic encoding: a direction to the channels of AmbiX, in ACN order with
 * SN3D normalisation (C. Nachbar, F. Zotter, E. Deleflie, A. Sontacchi, "AmbiX
 * - a suggested ambisonics format", Ambisonics Symposium 2011).
 */
#ifndef DMIX_AMBISONIC_H
#define DMIX_AMBISONIC_H

#include "pan/vector.h"

#define DMIX_AMBISONIC_MAX_ORDER 3u

/* (order + 1)^2 */
unsigned dmix_ambisonic_channels (unsigned order);

/* gain: one for each channel. order: 1 to 3. direction: of length 1.
 * spread_deg: the sound comes evenly from a cap of that width (0 to 360: from
 * everywhere, which leaves only channel 0). divergence: see spread.h. */
void dmix_ambisonic_get_gains (unsigned order, DmixVector direction,
    double spread_deg, double divergence, double *gain);

#endif

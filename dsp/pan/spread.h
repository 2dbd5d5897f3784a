/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Replaces a wide source by several point sources: directions and weights of
 * multiple-direction amplitude panning (V. Pulkki, "Uniform spreading of
 * amplitude panned virtual sources", WASPAA 1999), and of the divergence of
 * ITU-R BS.2127-1, 7.3.7. Used for loudspeakers and headphones.
 */
#ifndef DMIX_SPREAD_H
#define DMIX_SPREAD_H

#include "pan/vector.h"

#define DMIX_SPREAD_MOST 17u /* the direction itself, and two rings of 8 */

/* Directions around `direction` (of length 1), up to spread_deg / 2 (0 to 180)
 * away from it. Returns their number, 1 without spread. The weights are of
 * amplitudes; the first one is 1. */
unsigned dmix_spread_get_parts (DmixVector direction, double spread_deg,
    DmixVector part[DMIX_SPREAD_MOST], double weight[DMIX_SPREAD_MOST]);

/* The three directions of divergence (the middle, 45 degrees to the left and to
 * the right) and the power of each, whose sum is 1. Returns their number, 1
 * without divergence. */
unsigned dmix_spread_get_divergence (DmixVector direction, double divergence,
    DmixVector part[3], double power[3]);

#endif

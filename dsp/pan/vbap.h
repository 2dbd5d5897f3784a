/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Amplitude panning: the gains of all loudspeakers for a direction.
 *
 * The point-source panner of ITU-R BS.2127-1 (the EBU ADM renderer): vector
 * base amplitude panning between three loudspeakers, bilinear panning between
 * four in a plane, imaginary loudspeakers in gaps, and a special rule for
 * stereo, where the level of a source behind the listener falls by 3 dB. In all
 * other layouts the power is 1 in every direction. The gains are continuous
 * over the sphere.
 *
 * Spread widens a source, divergence moves it to both sides: see spread.h.
 *
 * In layouts that BS.2127 does not define, imaginary loudspeakers fill each gap
 * of more than 160 degrees at ear height; their gain goes to the nearest real
 * loudspeakers. Of two loudspeakers in one direction only the first is used.
 *
 * A panner is constant after dmix_vbap_new(): several threads can share it.
 */
#ifndef DMIX_VBAP_H
#define DMIX_VBAP_H

#include "pan/vector.h"
#include "pan/layout.h"

typedef struct DmixVbap DmixVbap;

typedef struct
{
  DmixVector direction; /* of length 1 */
  double spread_deg;    /* width of the source, 0 to 360 */
  double divergence;    /* 0 to 1: 0 none, 1 all of the sound at the sides */
} DmixVbapParams;

/* NULL on bad arguments or if memory is short. */
DmixVbap *dmix_vbap_new (const DmixLayout *layout);
void dmix_vbap_free (DmixVbap *self);

/* gain: one for each channel of the layout, linear; 0 for LFE. hint: region in
 * which the search starts, replaced by the one found; 0 at first. */
void dmix_vbap_get_gains (const DmixVbap *self, const DmixVbapParams *params,
    unsigned *hint, double *gain);

#endif

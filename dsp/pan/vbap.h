/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Amplitude panning: a direction to the gains of loudspeakers.
 *
 * The point-source panner of ITU-R BS.2127-1 (the EBU ADM renderer): between
 * three loudspeakers vector base amplitude panning, between four in a plane
 * bilinear panning, imaginary loudspeakers where there are none, and a rule
 * of its own for stereo, which has nothing behind the listener: there the
 * sound falls by 3 dB. In all other layouts the power is 1 everywhere. The
 * gains go without a step from any direction to any other.
 *
 * Spread and divergence (a sound from the front goes to both sides): see
 * spread.h.
 *
 * Layouts that BS.2127 does not know are filled up with imaginary
 * loudspeakers at ear height where there is a gap of more than 160 degrees;
 * what these would get goes to the nearest real ones. Of two loudspeakers in
 * one place, the first gets the sound.
 *
 * After dmix_vbap_new() nothing changes: one may be used by several threads.
 */
#ifndef DMIX_VBAP_H
#define DMIX_VBAP_H

#include "pan/vector.h"
#include "pan/layout.h"

typedef struct DmixVbap DmixVbap;

typedef struct
{
  DmixVector direction; /* of length 1 */
  double spread_deg;    /* 0 to 360: how wide the sound is */
  double divergence;    /* 0 to 1: how much of it goes to the sides */
} DmixVbapParams;

/* NULL if the layout is none or memory is short. */
DmixVbap *dmix_vbap_new (const DmixLayout *layout);
void dmix_vbap_free (DmixVbap *self);

/* gain: one for each channel of the layout, linear; 0 for LFE. hint: where the
 * last search ended, to begin the next one there; start with 0. */
void dmix_vbap_get_gains (const DmixVbap *self, const DmixVbapParams *params,
    unsigned *hint, double *gain);

#endif

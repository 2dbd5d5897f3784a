/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Filters for both ears, for any direction: HRTFs at the rate of the output,
 * interpolated, as spectra.
 *
 * Responses are brought to the rate, transformed and aligned when a direction
 * near them is asked for the first time; all memory is there from the start.
 * On a measured direction the filter is the measured response itself (at its
 * own rate to the rounding of floats).
 *
 * What is not measured is interpolated as J. Breebaart and many others do:
 * responses without their delays, and the delays apart, put back as a linear
 * phase of any fraction of a frame.
 */
#ifndef DMIX_EARBANK_H
#define DMIX_EARBANK_H

#include "pan/hrtf.h"

typedef struct DmixEarBank DmixEarBank;

typedef struct
{
  DmixVector direction;          /* of length 1 */
  double spread_deg, divergence; /* see spread.h */
  double gain[2];                /* of each ear, linear */
  int flat;                      /* no direction: the gains only */
} DmixEarParams;

/* hrtf: has to live longer. block: frames that are filtered at a time; the
 * spectra are for transforms of `size` frames, of which the last `block` are
 * right (overlap-save). NULL if there is no transform that is long enough, or
 * memory is short. */
DmixEarBank *dmix_earbank_new (const DmixHrtf *hrtf, unsigned rate_hz,
    unsigned block);
void dmix_earbank_free (DmixEarBank *self);

unsigned dmix_earbank_size (const DmixEarBank *self);
unsigned dmix_earbank_stride (const DmixEarBank *self);

/* Length of the filters in frames: size - block at most. */
unsigned dmix_earbank_taps (const DmixEarBank *self);

/* to: two spectra (see spectrum.h), left and right. hint: as for
 * dmix_hrtf_find(). Never allocates. */
void dmix_earbank_filter (DmixEarBank *self, const DmixEarParams *params,
    unsigned *hint, float *to);

#endif

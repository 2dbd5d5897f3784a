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
#ifndef DMIX_HRTFBANK_H
#define DMIX_HRTFBANK_H

#include "pan/hrtf.h"

typedef struct DmixHrtfBank DmixHrtfBank;

typedef struct
{
  DmixVector direction;          /* of length 1 */
  double spread_deg, divergence; /* see spread.h */
  double gain[2];                /* of each ear, linear */
  int flat;                      /* no direction: the gains only */
} DmixHrtfBankParams;

/* hrtf: has to live longer. block: frames that are filtered at a time; the
 * spectra are for transforms of `size` frames, of which the last `block` are
 * right (overlap-save). NULL if there is no transform that is long enough, or
 * memory is short. */
DmixHrtfBank *dmix_hrtfbank_new (const DmixHrtf *hrtf, unsigned rate_hz,
    unsigned block);
void dmix_hrtfbank_free (DmixHrtfBank *self);

unsigned dmix_hrtfbank_size (const DmixHrtfBank *self);
unsigned dmix_hrtfbank_stride (const DmixHrtfBank *self);

/* Length of the filters in frames: size - block at most. */
unsigned dmix_hrtfbank_taps (const DmixHrtfBank *self);

/* to: two spectra (see binauralloops.h), left and right. hint: as for
 * dmix_hrtf_find(). Never allocates. */
void dmix_hrtfbank_get_filter (DmixHrtfBank *self,
    const DmixHrtfBankParams *params, unsigned *hint, float *to);

#endif

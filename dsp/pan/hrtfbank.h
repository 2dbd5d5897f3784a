/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Filters of both ears for any direction: interpolated HRTFs at the rate of the
 * output, as spectra.
 *
 * A response is resampled, aligned and transformed at the first use of a
 * direction near it, in memory that dmix_hrtfbank_new() has allocated. In a
 * measured direction the filter is the measured response (at its own rate
 * within the rounding of floats).
 *
 * In other directions aligned responses and arrival times are interpolated
 * separately, a usual method (J. Breebaart and others); the interpolated time
 * is put back as a linear phase, with fractions of a frame.
 */
#ifndef DMIX_HRTFBANK_H
#define DMIX_HRTFBANK_H

#include "pan/binauralloops.h"
#include "pan/hrtf.h"

typedef struct DmixHrtfBank DmixHrtfBank;

typedef struct
{
  DmixVector direction;          /* of length 1 */
  double spread_deg, divergence; /* see spread.h */
  double gain[2];                /* of each ear, linear */
  int flat;                      /* only the gains, without HRTF */
} DmixHrtfBankParams;

/* hrtf: must outlive the bank. block: frames that are filtered at a time. The
 * spectra are for transforms of `size` frames, whose last `block` frames are
 * valid (overlap-save). NULL on bad arguments, if the responses are too long
 * for the longest transform, or if memory is short. */
DmixHrtfBank *dmix_hrtfbank_new (const DmixHrtf *hrtf, unsigned rate_hz,
    unsigned block);
void dmix_hrtfbank_free (DmixHrtfBank *self);

unsigned dmix_hrtfbank_size (const DmixHrtfBank *self);
unsigned dmix_hrtfbank_stride (const DmixHrtfBank *self);

/* Length of the filters, frames; at most size - block. */
unsigned dmix_hrtfbank_taps (const DmixHrtfBank *self);

/* to: receives two spectra (see binauralloops.h), left and right. hint: as for
 * dmix_hrtf_find(). Does not allocate. */
void dmix_hrtfbank_get_filter (DmixHrtfBank *self,
    const DmixHrtfBankParams *params, unsigned *hint, float *to);

/* The same as what binauralloops.h computes it from: sets `from`, `weight` and
 * `radians` for each ear. Returns 0 if it is not the filter of one direction. */
int dmix_hrtfbank_find_turn (DmixHrtfBank *self,
    const DmixHrtfBankParams *params, unsigned *hint,
    DmixBinauralTurn *const turn[2]);

#endif

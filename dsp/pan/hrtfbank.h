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

/* The same where a source changes from one filter to the next: adds the product
 * of its spectrum x and the filter in `to` to `before`, that of x and the next
 * filter to `after` (two spectra each), and leaves the next filter in `to`. */
void dmix_hrtfbank_turn_filter (DmixHrtfBank *self,
    const DmixHrtfBankParams *params, unsigned *hint, const float *x, float *to,
    float *before, float *after);

#endif

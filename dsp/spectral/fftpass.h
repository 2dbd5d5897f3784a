/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The inner loops of fft.c, compiled for several kinds of processor.
 * Private to fft.c. */
#ifndef DMIX_FFTPASS_H
#define DMIX_FFTPASS_H

#include <stddef.h>

#define DMIX_FFT_MAX_PASSES 9
#define DMIX_FFT_WIDTH 8 /* values per vector */

/* One pass of a complex transform: `groups` butterflies of `radix` points
 * for each of `stride` interleaved signals. Butterfly p of signal q reads
 * x[q + stride * (p + j * groups)], 0 <= j < radix, and writes
 * z[q + stride * (radix * p + j)]. */
typedef struct
{
  unsigned radix, groups, stride;
  float *twiddle_re, *twiddle_im; /* factors, [radix - 1][groups] */
} DmixFftPass;

typedef struct
{
  unsigned half; /* complex points: half the real size */
  unsigned passes;
  DmixFftPass pass[DMIX_FFT_MAX_PASSES];
  float *work[2][2];        /* two buffers of re and im, `half` points each */
  float *half_re, *half_im; /* exp (-2 pi i k / size), k < size / 4 + 1 */
} DmixFftPlan;

typedef void DmixFftForward (const DmixFftPlan *plan, const float *time,
    size_t bins, float *re, float *im);
typedef void DmixFftInverse (const DmixFftPlan *plan, const float *re,
    const float *im, float *time);

/* All versions give the same bits. */
DmixFftForward dmix_fft_forward_plain, dmix_fft_forward_avx2;
DmixFftInverse dmix_fft_inverse_plain, dmix_fft_inverse_avx2;

#endif

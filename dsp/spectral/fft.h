/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Fast Fourier transform of real signals.
 *
 *   forward   X[k] = sum of x[n] exp (-2 pi i k n / size)   k = 0 to size / 2
 *   inverse   restores x: dmix_fft_inverse() after dmix_fft_forward() gives the
 *             original signal (the inverse divides by the size)
 *
 * Sizes are 2^n from 32 to 65536, and 3 * 2^n from 96 to 49152. Spectra are
 * two arrays of size / 2 + 1 floats, real and imaginary parts, so that
 * compilers vectorize loops over bins. Rounding errors are about 1e-7 of the
 * largest value (RMS; they grow with log (size)).
 *
 * All memory is taken by dmix_fft_new(). The object holds work space: one
 * transform at a time. The same input gives the same bits on every x86
 * processor.
 */
#ifndef DMIX_FFT_H
#define DMIX_FFT_H

#define DMIX_FFT_MIN_SIZE 32u
#define DMIX_FFT_MAX_SIZE 65536u

typedef struct DmixFft DmixFft;

/* Returns NULL if the size is not supported or memory is short. */
DmixFft *dmix_fft_new (unsigned size);
void dmix_fft_free (DmixFft *self);

/* The smallest supported size >= samples, or 0 if there is none. */
unsigned dmix_fft_size_for (unsigned samples);

/* time: `size` samples, not modified; re, im: size / 2 + 1 bins.
 * im[0] and im[size / 2] are set to 0. The arrays must not overlap. */
void dmix_fft_forward (DmixFft *self, const float *time, float *re, float *im);

/* The same bits in the first `bins` (1 to size / 2 + 1) bins and in the last one; the
 * others are undefined. For a part of the lower half it is faster. */
void dmix_fft_forward_low (DmixFft *self, const float *time, unsigned bins,
    float *re, float *im);

/* The inverse transform; im[0] and im[size / 2] are ignored. */
void dmix_fft_inverse (DmixFft *self, const float *re, const float *im,
    float *time);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Spectrum of one frame of sound: Hann window, zero padding, Fourier transform
 * and scale. All spectra for measurement use this window; stft.h has the
 * windows for resynthesis.
 *
 * The window is 0.5 - 0.5 cos (2 pi (i + 0.5) / N): symmetric about the middle
 * of the frame and not 0 at its ends. Like the periodic Hann window it has the
 * sum N / 2 and the energy 3 N / 8 exactly. Without zero padding a sine at the
 * centre of a bin leaks only into the two bins beside it.
 *
 * Samples must be finite. All memory is taken by dmix_powerframe_new(). The
 * object holds work space: one frame at a time.
 */
#ifndef DMIX_POWERFRAME_H
#define DMIX_POWERFRAME_H

#include <stddef.h>

typedef struct DmixPowerFrame DmixPowerFrame;

/* window_frames: 3 to transform_frames; transform_frames: a size of fft.h.
 * weight: sum over the powers of all bins for a signal of mean square 1 (bins
 * at 0 and half the rate count double), > 0.
 * Returns NULL on bad arguments or if memory is short. */
DmixPowerFrame *dmix_powerframe_new (unsigned window_frames,
    unsigned transform_frames, double weight);
void dmix_powerframe_free (DmixPowerFrame *self);

/* The weight for a plain spectrum: the Fourier transform of the frame under a
 * window of peak 1, without a scale. */
double dmix_powerframe_plain_weight (unsigned window_frames,
    unsigned transform_frames);

/* Energy (sum of squares) of a window of peak 1. */
double dmix_powerframe_window_energy (unsigned window_frames);

/* Writes the spectrum of a frame. in: window_frames samples, `stride` floats
 * apart. re, im: transform_frames / 2 + 1 values each. */
void dmix_powerframe_transform (DmixPowerFrame *self, const float *in,
    size_t stride, float *re, float *im);

/* The same of the first `bins` bins of samples that lie side by side. */
void dmix_powerframe_transform_low (DmixPowerFrame *self, const float *in,
    unsigned bins, float *re, float *im);

/* Returns the power of each bin, re^2 + im^2; valid until the next call. */
const float *dmix_powerframe_process (DmixPowerFrame *self, const float *in,
    size_t stride);

#endif

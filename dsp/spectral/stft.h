/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Short-time Fourier transform: sound to spectra and back, frame by frame.
 *
 * Every `hop_frames` the last `window_frames` of each channel are windowed and
 * transformed; a callback changes the spectra; they are transformed back,
 * windowed and added up (overlap-add). With a callback that changes nothing
 * the output is the input, `output_frames` later, within -120 dB.
 *
 * window_frames is the length of the analysis window and sets the frequency
 * resolution. output_frames is the length of the synthesis window, over the
 * newest end of the frame, and sets the delay. Both are equal for the usual
 * root-Hann windows; a longer analysis window has a finer resolution at the
 * same delay.
 *
 * Any split of the input into blocks gives the same bits. All memory is taken
 * by dmix_stft_new(). Samples must be finite (dmix_sanitize_clean()). Not
 * thread safe.
 */
#ifndef DMIX_STFT_H
#define DMIX_STFT_H

#include <stddef.h>

typedef struct DmixStft DmixStft;

typedef struct
{
  unsigned channels;      /* 1 to DMIX_MAX_CHANNELS */
  unsigned hop_frames;    /* >= 1 */
  unsigned output_frames; /* 2 or more times hop_frames */
  unsigned window_frames; /* output_frames to DMIX_FFT_MAX_SIZE */
} DmixStftShape;

/* Changes the spectra of a frame in place: re[channel][bin], im[channel][bin].
 * A sine of peak 1 has a magnitude of about half the sum of the analysis window
 * in its bin. audible: 0 if the frame's input is silent (below -300 dBFS); the
 * spectra are then not computed, and must not be accessed. Returns 0 if all
 * spectra are now 0; the frame then adds nothing to the output. */
typedef int DmixStftChange (void *user, float *const *re, float *const *im,
    int audible);

/* Returns NULL if the shape is invalid or memory is short. */
DmixStft *dmix_stft_new (const DmixStftShape *shape);
void dmix_stft_free (DmixStft *self);

/* Clears the state; the next frame begins a hop. */
void dmix_stft_reset (DmixStft *self);

/* io: interleaved, in place. */
void dmix_stft_process (DmixStft *self, float *io, size_t frames,
    DmixStftChange *change, void *user);

/* Frames pass as if the callback changed nothing, but it is not called, and there
 * are no transforms (differences of rounding). */
void dmix_stft_set_plain (DmixStft *self, int plain);

/* From the callback: how much of the analysis window is not digital silence,
 * as a share of its energy, 0 to 1. Less than 1 at the edges of a hole and in
 * the first frames. */
double dmix_stft_get_filled (const DmixStft *self);

/* The delay: output_frames. */
unsigned dmix_stft_latency_frames (const DmixStft *self);

/* Frames of silence that flush the rest of the sound. */
unsigned dmix_stft_tail_frames (const DmixStft *self);

/* Number of bins; the frequency of bin b is b * rate / (2 * (bins - 1)). */
unsigned dmix_stft_bins (const DmixStft *self);

/* Energy (sum of squares) of the analysis window. For white noise of mean
 * square s the mean squared magnitude of a bin is s times this. */
double dmix_stft_window_energy (const DmixStft *self);

#endif

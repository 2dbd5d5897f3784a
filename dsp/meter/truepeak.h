/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* True peak (ITU-R BS.1770-5 Annex 2): the largest absolute value of the sound
 * at and between its samples, as a converter or a resampler reproduces it.
 *
 * The standard interpolates four points per sample, which may be 0.6 dB below
 * the peak. Here such points only locate possible peaks; these are then found
 * with eight points per sample, longer filters and a parabola. The result is
 * within 0.05 dB of the ideal interpolation for sound up to 0.4 * rate, and
 * from -0.05 to +0.2 dB up to 0.45 * rate; above that real interpolators differ
 * by more. (Within 0.1 dB for a step that has only the flank of a peak.)
 *
 * Two uses: a meter of the highest peak of each channel, and the detector of
 * a limiter, which needs a peak for every step of a few frames.
 */
#ifndef DMIX_TRUEPEAK_H
#define DMIX_TRUEPEAK_H

#include "base/format.h"

#include <stddef.h>

typedef struct DmixTruePeak DmixTruePeak;

/* Frames after a peak that the filters need. */
#define DMIX_TRUEPEAK_REACH 25u

/* delay_frames: delay of the measured peaks, at most 1024; less than
 * DMIX_TRUEPEAK_REACH, as 0, means DMIX_TRUEPEAK_REACH.
 * Returns NULL on bad arguments or if memory is short. */
DmixTruePeak *dmix_truepeak_new (const DmixFormat *format,
    unsigned delay_frames);
void dmix_truepeak_free (DmixTruePeak *self);

/* Clears the state and the peaks. */
void dmix_truepeak_reset (DmixTruePeak *self);

/* Takes over the state of `from`, which has the same format and delay. */
void dmix_truepeak_take_over (DmixTruePeak *self, const DmixTruePeak *from);

/* Meter. in: interleaved, finite samples. Peaks enter after the delay. */
void dmix_truepeak_process (DmixTruePeak *self, const float *in, size_t frames);

/* Meter. Highest peak of a channel since the last reset, linear. */
double dmix_truepeak_get_peak (const DmixTruePeak *self, unsigned channel);

/* Detector: a gain made of the peaks falls at once and returns by at most
 * release_share of its way (dB) in a step. Then peaks above `least` that do not
 * lower the gain need not be precise: with sound up to a quarter of the rate the
 * gain returns within 0.05 dB of the precise one. Wide-band noise moves it more,
 * 0.1 dB in the median of 2000 steps, 0.4 dB at most in 3000 such runs; there one
 * peak of millions that is less than 0.4 dB above what the gain holds is missed.
 * leader[c]: the channel whose gain channel c shares, itself or an earlier one.
 * NULL, as at first: all peaks are precise. Forgets what is held. */
void dmix_truepeak_follow (DmixTruePeak *self, const unsigned *leader,
    double release_share);

/* Detector, in place of _process(). in: `steps` steps of step_frames (1 to
 * 512) frames. Sets peak[c * stride + s] to the highest peak of channel c
 * between the first frame of step s and the first of the next one, both
 * included, of the input delay_frames ago. Results below `least` are
 * approximate: such peaks are below `least`. */
void dmix_truepeak_process_steps (DmixTruePeak *self, const float *in,
    unsigned step_frames, unsigned steps, float least, float *peak,
    size_t stride);

#endif

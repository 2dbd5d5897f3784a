/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* True peak (ITU-R BS.1770-5 Annex 2): the largest value that the sound
 * reaches between its samples, too, when it is converted or resampled.
 *
 * The standard interpolates four points for each sample and admits that they
 * may miss the top by 0.6 dB. Here they only tell where a top may be: there it
 * is found with eight points a sample, longer filters and a parabola. For
 * sound up to 0.4 * rate what is found is within 0.05 dB of the ideal
 * interpolation, up to 0.45 * rate not more than 0.05 below and 0.2 above;
 * beyond that real interpolators differ by more. (For a step, which may see
 * the flank of a peak only, within 0.1.)
 *
 * Two uses: a meter of the highest peak of each channel, and the detector of
 * a limiter, which wants a peak for every step of some frames.
 */
#ifndef DMIX_TRUEPEAK_H
#define DMIX_TRUEPEAK_H

#include "base/format.h"

#include <stddef.h>

typedef struct DmixTruePeak DmixTruePeak;

/* Frames that the filters look ahead of the place whose peak they find. */
#define DMIX_TRUEPEAK_REACH 25u

/* delay_frames: how much later peaks are found than they came in, at least
 * DMIX_TRUEPEAK_REACH (0 is taken as that), at most 1024.
 * Returns NULL on bad arguments or if memory is short. */
DmixTruePeak *dmix_truepeak_new (const DmixFormat *format,
    unsigned delay_frames);
void dmix_truepeak_free (DmixTruePeak *self);

/* Clears the state and the peaks. */
void dmix_truepeak_reset (DmixTruePeak *self);

/* Takes over the state of `from`, which has the same format and delay. */
void dmix_truepeak_take_over (DmixTruePeak *self, const DmixTruePeak *from);

/* Meter: in: interleaved, finite samples. Peaks are found delay_frames late. */
void dmix_truepeak_process (DmixTruePeak *self, const float *in, size_t frames);

/* Meter: the highest peak of a channel since the last reset; linear, of the
 * absolute value. */
double dmix_truepeak_get_peak (const DmixTruePeak *self, unsigned channel);

/* Detector, in place of _process(): in: `steps` steps of step_frames (1 to
 * 512) frames. peak[c * stride + s] becomes the highest peak of channel c
 * between the first frame of step s and the first of the next one, both
 * included, but of the input delay_frames ago. Peaks below `least` are
 * approximate, but below `least`. */
void dmix_truepeak_process_steps (DmixTruePeak *self, const float *in,
    unsigned step_frames, unsigned steps, float least, float *peak,
    size_t stride);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The level detector of dynamics: a power for every step of some frames.
 *
 *   peak         square of the largest sample of the step
 *   rms          mean square over a sliding window of whole steps
 *   K-weighted   the same behind the filters of BS.1770 (meter/kweight.h), so
 *                that 10 log10 of it is a loudness in LUFS
 *
 * High-pass and low-pass (sidechain.h) may stand before all of them.
 * `joint` is the power of all channels taken as one sound: of the loudest
 * channel, or, K-weighted, the weighted sum that BS.1770-5 defines. Channels of
 * weight 0 (LFE) do not count in it, whatever the kind of detector, unless
 * there are no others.
 */
#ifndef DMIX_DETECTOR_H
#define DMIX_DETECTOR_H

#include "base/format.h"
#include "dynamics/dynamicsparams.h"

#include <stddef.h>

typedef struct DmixDetector DmixDetector;

typedef struct
{
  DmixDetectorKind kind;
  unsigned window_steps; /* 1 to most_window_steps; not for peak */
  double highpass_hz, lowpass_hz;
} DmixDetectorParams;

/* weight: loudness weight of each channel or NULL (see dynamics.h).
 * Starts as a peak detector. Returns NULL on bad arguments or if memory is
 * short. */
DmixDetector *dmix_detector_new (const DmixFormat *format, const float *weight,
    unsigned step_frames, unsigned most_window_steps);
void dmix_detector_free (DmixDetector *self);

/* Clears levels and filters; parameters stay. */
void dmix_detector_reset (DmixDetector *self);

/* A changed window starts filled with the last level; filters that were off
 * start from silence. */
void dmix_detector_set_params (DmixDetector *self,
    const DmixDetectorParams *settings);

/* in: `steps` whole steps of finite samples.
 * joint[s]: the power of all channels together.
 * each[c * stride + s]: that of channel c, or each = NULL. */
void dmix_detector_process (DmixDetector *self, const float *in, unsigned steps,
    float *joint, float *each, size_t stride);

/* Sets the last level of each channel, as a power, for a detector that follows
 * another kind of detector. */
void dmix_detector_set_power (DmixDetector *self, const float *power);

/* Non-zero if the channel counts in the joint power. */
int dmix_detector_counts (const DmixDetector *self, unsigned channel);

/* Takes over settings and state of a detector of the same format. */
void dmix_detector_take_over (DmixDetector *self, const DmixDetector *from);

#endif

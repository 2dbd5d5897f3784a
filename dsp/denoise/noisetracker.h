/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Noise tracker: the mean noise power under speech and the probability of
 * speech in each bin, from the power spectrum of each frame. It follows
 * rising noise within some tenths of a second, does not wait for pauses, and
 * needs no level: all it does scales with the input.
 *
 * Frames that are silent to the last bit carry no noise: call
 * dmix_noisetracker_step_silent() for them instead.
 *
 * All memory is taken by dmix_noisetracker_new(). Not thread safe.
 */
#ifndef DMIX_NOISETRACKER_H
#define DMIX_NOISETRACKER_H

typedef struct DmixNoiseTracker DmixNoiseTracker;

/* bins: 1 or more; hop_s: time from frame to frame, > 0, seconds.
 * Returns NULL on bad arguments or if memory is short. */
DmixNoiseTracker *dmix_noisetracker_new (unsigned bins, double hop_s);
void dmix_noisetracker_free (DmixNoiseTracker *self);

/* To the start: the first 0.1 s count as noise. */
void dmix_noisetracker_reset (DmixNoiseTracker *self);

/* One frame: power[bins], finite and >= 0. */
void dmix_noisetracker_step (DmixNoiseTracker *self, const float *power);

/* A frame of silence. While nothing is known of the noise, a sound that begins
 * after it is no noise at first; later the noise is remembered. */
void dmix_noisetracker_step_silent (DmixNoiseTracker *self);

/* The noise power in each bin, >= DMIX_BINLOOPS_LEAST_NOISE, and the
 * probability of speech, 0 to 1, both as of the last step. */
const float *dmix_noisetracker_get_noise (const DmixNoiseTracker *self);
const float *dmix_noisetracker_get_presence (const DmixNoiseTracker *self);

/* Takes over the state of `from`, its powers times `scale`; no effect if the
 * number of bins differs. */
void dmix_noisetracker_take_over (DmixNoiseTracker *self,
    const DmixNoiseTracker *from, float scale);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Noise tracker: the mean noise power under speech and the probability of
 * speech in each bin, from the power spectrum of each frame. It follows
 * rising noise within some tenths of a second, does not wait for pauses, and
 * needs no level: all it does scales with the input.
 *
 * Leave out frames of digital silence: they hold no noise.
 *
 * All memory is taken by dmix_noisetracker_new(). Not thread safe.
 */
#ifndef DMIX_NOISETRACKER_H
#define DMIX_NOISETRACKER_H

typedef struct DmixNoiseTracker DmixNoiseTracker;

/* bins: 1 or more, hz_per_bin apart; hop_s: time from frame to frame, seconds;
 * both > 0. Returns NULL on bad arguments or if memory is short. */
DmixNoiseTracker *dmix_noisetracker_new (unsigned bins, double hz_per_bin,
    double hop_s);
void dmix_noisetracker_free (DmixNoiseTracker *self);

/* Forgets the noise. What comes next may be speech: noise is known as such
 * within 1 s. */
void dmix_noisetracker_reset (DmixNoiseTracker *self);

/* Begins another part of the same recording: starts from the last noise. */
void dmix_noisetracker_restart (DmixNoiseTracker *self);

/* One frame: power[bins], finite and >= 0. */
void dmix_noisetracker_step (DmixNoiseTracker *self, const float *power);

/* 0 if there was no frame since dmix_noisetracker_reset(). */
int dmix_noisetracker_knows_noise (const DmixNoiseTracker *self);

/* The noise power in each bin, >= DMIX_BINLOOPS_LEAST_NOISE, and the
 * probability of speech, 0 to 1, both as of the last step. */
const float *dmix_noisetracker_get_noise (const DmixNoiseTracker *self);
const float *dmix_noisetracker_get_presence (const DmixNoiseTracker *self);

/* Takes over the state of `from`, its powers times `scale`; no effect if the
 * number of bins differs. */
void dmix_noisetracker_take_over (DmixNoiseTracker *self,
    const DmixNoiseTracker *from, float scale);

#endif

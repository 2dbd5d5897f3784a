/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Noise tracker: estimates the mean noise power under speech and the
 * probability of speech in each bin, from the power spectrum of each frame. It
 * follows rising noise within some tenths of a second and does not need pauses.
 * It has no absolute thresholds: the noise estimate scales with the input.
 *
 * Frames of digital silence hold no noise: leave them out.
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

/* Clears the noise estimate. The next sound may be speech: steady noise is known
 * after some 0.3 s, any other after 0.6 s. */
void dmix_noisetracker_reset (DmixNoiseTracker *self);

/* Starts another part of the same recording, from the last noise estimate. */
void dmix_noisetracker_restart (DmixNoiseTracker *self);

/* One frame: power[bins], finite and >= 0. */
void dmix_noisetracker_step (DmixNoiseTracker *self, const float *power);

/* 0 if there was no frame since dmix_noisetracker_reset(). */
int dmix_noisetracker_knows_noise (const DmixNoiseTracker *self);

/* The noise power in each bin, >= DMIX_BINLOOPS_LEAST_NOISE, and the
 * probability of speech, 0 to 1, both after the last step. */
const float *dmix_noisetracker_get_noise (const DmixNoiseTracker *self);
const float *dmix_noisetracker_get_presence (const DmixNoiseTracker *self);

/* Takes over the state of `from` with its powers multiplied by `scale`; no
 * effect if the number of bins differs. `from` may be `self`. */
void dmix_noisetracker_take_over (DmixNoiseTracker *self,
    const DmixNoiseTracker *from, float scale);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Noise tracker: estimates the mean noise power under speech and the
 * probability of speech in each bin, from the power spectrum of each frame. It
 * follows rising noise within some tenths of a second and does not need pauses.
 * It has no absolute thresholds: the noise estimate scales with the input.
 *
 * Frames of digital silence hold no noise: call
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

/* Forgets the noise; the next 0.1 s are taken as noise, as after _new(). */
void dmix_noisetracker_reset (DmixNoiseTracker *self);

/* One frame: power[bins], finite and >= 0. */
void dmix_noisetracker_step (DmixNoiseTracker *self, const float *power);

/* One frame of digital silence. Within the first 0.1 s it makes the tracker
 * take the sound that follows as speech for up to 1.5 s, because a recording
 * that begins with digital silence may begin with a word. Later frames of
 * silence have no effect, and the noise estimate stays. */
void dmix_noisetracker_step_silent (DmixNoiseTracker *self);

/* The noise power in each bin, >= DMIX_BINLOOPS_LEAST_NOISE, and the
 * probability of speech, 0 to 1, both after the last step. */
const float *dmix_noisetracker_get_noise (const DmixNoiseTracker *self);
const float *dmix_noisetracker_get_presence (const DmixNoiseTracker *self);

/* Takes over the state of `from` with its powers multiplied by `scale`; no
 * effect if the number of bins differs. `from` may be `self`. */
void dmix_noisetracker_take_over (DmixNoiseTracker *self,
    const DmixNoiseTracker *from, float scale);

#endif

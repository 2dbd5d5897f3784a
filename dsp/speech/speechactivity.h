/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Speech activity detector for noisy keys: a whisper triggers it, but not hum,
 * room tone, hiss and bleed of the background, at any level.
 *
 * Speech is sound that rises above the noise of the last seconds between 230
 * and 4000 Hz, lasts longer than a click, and is at most 26 dB quieter than
 * the loudest recent speech, so that distant voices do not count. With the
 * background as a second input the detector estimates its bleed into the key
 * and counts it as noise.
 *
 * One decision every 10 ms, from past samples only. Needs no training;
 * speech/learnedactivity.h is the detector that was trained.
 *
 * All memory is taken by dmix_speechactivity_new(). Any split of the input
 * gives the same decisions. Not thread safe.
 */
#ifndef DMIX_SPEECHACTIVITY_H
#define DMIX_SPEECHACTIVITY_H

#include <stddef.h>

typedef struct DmixSpeechActivity DmixSpeechActivity;

#define DMIX_SPEECHACTIVITY_MIN_RATE_HZ 1600u

/* rate_hz: DMIX_SPEECHACTIVITY_MIN_RATE_HZ to 768000. NULL on bad arguments or
 * short memory. */
DmixSpeechActivity *dmix_speechactivity_new (unsigned rate_hz);
void dmix_speechactivity_free (DmixSpeechActivity *self);

/* Clears the state, including the noise and the speech level. */
void dmix_speechactivity_reset (DmixSpeechActivity *self);

/* key, background: mono, finite samples; background: NULL in all calls if there
 * is none. */
void dmix_speechactivity_process (DmixSpeechActivity *self, const float *key,
    const float *background, size_t frames);

/* The latest decision, without hold: non-zero for speech. */
int dmix_speechactivity_is_speech (const DmixSpeechActivity *self);

/* Divergence of the latest frames from the noise, dB; above 11 for speech. */
double dmix_speechactivity_get_divergence_db (const DmixSpeechActivity *self);

/* Takes over the state of `from`, which has the same rate. */
void dmix_speechactivity_take_over (DmixSpeechActivity *self,
    const DmixSpeechActivity *from);

#endif

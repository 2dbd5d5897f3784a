/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Is it speech, or only sound? A trigger for keys that are no clean dialogue:
 * hum, room tone, hiss and the bleed of the background do not count, however
 * loud; a whisper does.
 *
 * What counts is sound that stands out from the noise of the last seconds in
 * the bands of speech, lasts longer than a click, and is no quieter than
 * background voices would be beside the one that has been heard. Where the
 * background itself is at hand, what of it has got into the key is known and
 * left out.
 *
 * A decision every 10 ms, of what came until then. It needs no training; a
 * learned detector can take its place behind the same functions.
 *
 * All memory is taken by dmix_speechactivity_new(). Any split of the input
 * gives the same decisions. Not thread safe.
 */
#ifndef DMIX_SPEECHACTIVITY_H
#define DMIX_SPEECHACTIVITY_H

#include <stddef.h>

typedef struct DmixSpeechActivity DmixSpeechActivity;

#define DMIX_SPEECHACTIVITY_MIN_RATE_HZ 1600u

/* rate_hz: DMIX_SPEECHACTIVITY_MIN_RATE_HZ to 768000. NULL if it is not, or no
 * memory. */
DmixSpeechActivity *dmix_speechactivity_new (unsigned rate_hz);
void dmix_speechactivity_free (DmixSpeechActivity *self);

/* To silence, and to knowing neither noise nor voice. */
void dmix_speechactivity_reset (DmixSpeechActivity *self);

/* key: mono, finite samples; background: the same, or NULL if there is none
 * (then always NULL). */
void dmix_speechactivity_process (DmixSpeechActivity *self, const float *key,
    const float *background, size_t frames);

/* The last decision: non-zero for speech. There is no hold in it. */
int dmix_speechactivity_is_speech (const DmixSpeechActivity *self);

/* How far the last frame stands out, dB; speech from about 11 on. */
double dmix_speechactivity_get_divergence_db (const DmixSpeechActivity *self);

/* Takes over everything that `from` has learned; both of one rate. */
void dmix_speechactivity_take_over (DmixSpeechActivity *self,
    const DmixSpeechActivity *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Features of a finished programme, 100 a second, that tell speech from music
 * and ambience. They are the input of voicedetector.h.
 *
 * All levels are relative to the programme itself, so that its gain does not
 * matter. A feature describes the 40 ms that end with the step.
 *
 * All memory is taken by dmix_voicefeatures_new(). Not thread safe.
 */
#ifndef DMIX_VOICEFEATURES_H
#define DMIX_VOICEFEATURES_H

#include <stddef.h>

#define DMIX_VOICEFEATURES_BANDS 18u
#define DMIX_VOICEFEATURES_SIDES 6u
#define DMIX_VOICEFEATURES                                                     \
  (3u * DMIX_VOICEFEATURES_BANDS + 2u * DMIX_VOICEFEATURES_SIDES + 8u)
#define DMIX_VOICEFEATURES_MIN_RATE_HZ 1600u

typedef struct DmixVoiceFeatures DmixVoiceFeatures;

/* rate_hz: DMIX_VOICEFEATURES_MIN_RATE_HZ to 768000. NULL on bad arguments or
 * short memory. */
DmixVoiceFeatures *dmix_voicefeatures_new (unsigned rate_hz);
void dmix_voicefeatures_free (DmixVoiceFeatures *self);

/* Clears the state, including the levels that it has learned. */
void dmix_voicefeatures_reset (DmixVoiceFeatures *self);

/* Adds 10 ms: `frames` samples, rate / 100 of them or one more; finite.
 * mid: where dialogue is expected (the centre, the sum of left and right);
 * side: what is beside it (left minus right), or NULL if there is none.
 * Writes DMIX_VOICEFEATURES values to `feature`. */
void dmix_voicefeatures_step (DmixVoiceFeatures *self, const float *mid,
    const float *side, size_t frames, float *feature);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Speech features for comparing two readings of the same words.
 *
 * Input: the mel band powers (melpower.h) of a guide and of a take, and the
 * part of them that is voice (voicegain.h), which counts alone. Both are
 * brought to one condition: without their stationary noise, the take with
 * the guide's average speech spectrum (which cancels microphone, equalizer and
 * level), and with a common noise floor. So pauses are 0 in both, whatever
 * their noise.
 *
 * A frame is one row of powers, 5 ms. Its features: DMIX_MEL_BANDS levels
 * over the floor, their slopes over 30 ms, the mean level and its slope, in
 * units in which a difference of 1 is large (10 dB in a band).
 */
#ifndef DMIX_SPEECH_FEATURES_H
#define DMIX_SPEECH_FEATURES_H

#include "speech/melpower.h"

#include <stddef.h>
#include <stdint.h>

#define DMIX_SPEECH_DIMENSIONS (2 * DMIX_MEL_BANDS + 2)

typedef struct DmixSpeechFeatures DmixSpeechFeatures;

/* One signal: rows of DMIX_MEL_BANDS values, one per frame. */
typedef struct
{
  const float *power; /* melpower.h */
  const float *voice; /* the part that is voice (voicegain.h); NULL: all */
  size_t frames;
  int same_room; /* of the take: it dies away as the guide does */
  int no_slopes; /* of the take: none for a precise fit, half of the work */
} DmixSpeechInput;

/* Features of one signal. */
typedef struct
{
  size_t frames, stride;
  const float *feature; /* [dimension * stride + frame] */
  const float *slope;   /* [band * stride + frame]: slopes for a precise fit, in
                          * which other sounds than voice count more; NULL: as
                          * in feature */
  const uint8_t *trust; /* [band * stride + frame]: how much of the band is
                         * voice, 0 to 255; NULL: all. Only the guide has it */
  const float *level_db; /* [frame]: mean over the bands, 0 = pause */
  int tail; /* of the guide: it dies away more slowly than the take */
} DmixSpeech;

/* The slopes for a precise fit. */
static inline const float *
dmix_speech_slopes (const DmixSpeech *speech)
{
  return speech->slope ? speech->slope
                       : speech->feature + DMIX_MEL_BANDS * speech->stride;
}

/* guide_frames, take_frames: the longest input. NULL if one is 0 or memory is
 * short. */
DmixSpeechFeatures *dmix_speechfeatures_new (size_t guide_frames,
    size_t take_frames);
void dmix_speechfeatures_free (DmixSpeechFeatures *self);

/* Frames beyond the maximum of _new() are ignored. The result is valid until
 * the next call. guide_input NULL: the guide of the last call, whose rows are
 * still there, with another take; the same result for less work. */
void dmix_speechfeatures_process (DmixSpeechFeatures *self,
    const DmixSpeechInput *guide_input, const DmixSpeechInput *take_input,
    DmixSpeech *guide, DmixSpeech *take);

#endif

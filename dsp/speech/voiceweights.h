/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Weights of voicemodel.c, fitted by tests/quality/fit/fit_voice.py. Each
 * row is stored in steps of its own scale: weight = scale * value. */
#ifndef DMIX_VOICEWEIGHTS_H
#define DMIX_VOICEWEIGHTS_H

#include "speech/voicefeatures.h"

#define DMIX_VOICE_TRAITS 14 /* combinations of features */
#define DMIX_VOICE_SPANS 14  /* of time, in which their mean is looked at */
#define DMIX_VOICE_OPINIONS 20
#define DMIX_VOICE_ANSWERS 2 /* log odds of speech: latest, settled */

extern const signed char dmix_voice_trait[DMIX_VOICE_TRAITS]
                                         [DMIX_VOICEFEATURES];
extern const signed char
    dmix_voice_opinion[DMIX_VOICE_OPINIONS]
                      [DMIX_VOICE_SPANS * DMIX_VOICE_TRAITS];
extern const float dmix_voice_trait_scale[DMIX_VOICE_TRAITS];
extern const float dmix_voice_trait_bias[DMIX_VOICE_TRAITS];
extern const float dmix_voice_opinion_scale[DMIX_VOICE_OPINIONS];
extern const float dmix_voice_opinion_bias[DMIX_VOICE_OPINIONS];
extern const float dmix_voice_answer[DMIX_VOICE_ANSWERS][DMIX_VOICE_OPINIONS];
extern const float dmix_voice_answer_bias[DMIX_VOICE_ANSWERS];

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Weights of voicemodel.c, fitted by tests/quality/fit/fit_voice.py. Each
 * row is stored in steps of its own scale: weight = scale * value. */
#ifndef DMIX_VOICEWEIGHTS_H
#define DMIX_VOICEWEIGHTS_H

#include "speech/voicefeatures.h"

#define DMIX_VOICE_INPUTS                                                      \
  (DMIX_VOICEFEATURES + 1u)  /* the last one: odds of the network */
#define DMIX_VOICE_TRAITS 18 /* combinations of inputs */
#define DMIX_VOICE_SPANS 14  /* of time, in which their mean is looked at */
#define DMIX_VOICE_OPINIONS 24
#define DMIX_VOICE_ANSWERS 2 /* log odds of speech: latest, settled */

typedef struct
{
  const short (*trait)[DMIX_VOICE_INPUTS]; /* of each trait */
  const signed char (*opinion)[DMIX_VOICE_SPANS * DMIX_VOICE_TRAITS];
  const float *trait_scale, *trait_bias;
  const float *opinion_scale, *opinion_bias;
  const float (*answer)[DMIX_VOICE_OPINIONS];
  const float *answer_bias;
} DmixVoiceWeights;

/* Without the network, whose weights are 0, and with it. */
extern const DmixVoiceWeights dmix_voice_statistical, dmix_voice_learned;

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The odds of speech, from the features of voicefeatures.h, the odds of the
 * network, and how both went in the last two seconds. Private to voice.c. All
 * memory is taken by dmix_voicemodel_new(). */
#ifndef DMIX_VOICEMODEL_H
#define DMIX_VOICEMODEL_H

#include "speech/voiceweights.h"

typedef struct DmixVoiceModel DmixVoiceModel;

#define DMIX_VOICEMODEL_MOST_ODDS 8.0 /* of the network, and the least: - */

/* NULL if memory is short. */
DmixVoiceModel *dmix_voicemodel_new (const DmixVoiceWeights *weights);
void dmix_voicemodel_free (DmixVoiceModel *self);

/* Clears the memory. */
void dmix_voicemodel_reset (DmixVoiceModel *self);

/* feature: DMIX_VOICEFEATURES values; network: log odds of the network, any number
 * where the weights do not know it. Sets the probability of speech in this step,
 * and in the one DMIX_VOICE_DELAY steps ago. */
void dmix_voicemodel_step (DmixVoiceModel *self, const float *feature,
    double network, double *latest, double *settled);

#endif

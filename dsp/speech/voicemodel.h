/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The odds of speech, from the features of voicefeatures.h and how they went in
 * the last two seconds. Private to voice.c. All memory is taken by
 * dmix_voicemodel_new(). */
#ifndef DMIX_VOICEMODEL_H
#define DMIX_VOICEMODEL_H

typedef struct DmixVoiceModel DmixVoiceModel;

/* NULL if memory is short. */
DmixVoiceModel *dmix_voicemodel_new (void);
void dmix_voicemodel_free (DmixVoiceModel *self);

/* Clears the memory. */
void dmix_voicemodel_reset (DmixVoiceModel *self);

/* feature: DMIX_VOICEFEATURES values. Sets the probability of speech in this
 * step, and in the one DMIX_VOICE_DELAY steps ago. */
void dmix_voicemodel_step (DmixVoiceModel *self, const float *feature,
    double *latest, double *settled);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a discriminant in three layers, fitted to recordings by
 * tests/quality/fit/fit_voice.py.
 *
 *   traits    tanh of weighted sums of the features of one step
 *   spans     mean of each trait over stretches of the last two seconds:
 *             syllables, pauses and held notes show in how traits change
 *   opinions  tanh of weighted sums of the spans
 *   answers   log odds of speech, weighted sums of the opinions
 *
 * State
 *   trait[]   ring of the traits of the last MEMORY steps; `newest`: index of
 *             the latest
 */
#include "speech/voicemodel.h"

#include "speech/voiceweights.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRAITS DMIX_VOICE_TRAITS
#define SPANS DMIX_VOICE_SPANS
#define OPINIONS DMIX_VOICE_OPINIONS
#define INPUTS (SPANS * TRAITS)
#define MEMORY 200

/* Steps ago at which the spans begin and end. */
static const unsigned char edge[SPANS + 1] = { 0, 2, 5, 10, 15, 20, 25, 30, 35,
  40, 50, 60, 80, 120, MEMORY };

struct DmixVoiceModel
{
  float trait[MEMORY][TRAITS];
  unsigned newest;
};

DmixVoiceModel *
dmix_voicemodel_new (void)
{
  return calloc (1, sizeof (DmixVoiceModel));
}

void
dmix_voicemodel_free (DmixVoiceModel *self)
{
  free (self);
}

void
dmix_voicemodel_reset (DmixVoiceModel *self)
{
  memset (self, 0, sizeof *self);
}

static float
weigh (const signed char *weight, const float *x, unsigned count)
{
  float part[4] = { 0 };
  unsigned i;

  for (i = 0; i + 4 <= count; i += 4)
    for (unsigned k = 0; k < 4; k++)
      part[k] += (float) weight[i + k] * x[i + k];
  for (; i < count; i++)
    part[0] += (float) weight[i] * x[i];
  return part[0] + part[1] + (part[2] + part[3]);
}

static void
find_traits (const float *feature, float *trait)
{
  for (int t = 0; t < TRAITS; t++)
    trait[t] = tanhf (dmix_voice_trait_bias[t]
        + dmix_voice_trait_scale[t]
            * weigh (dmix_voice_trait[t], feature, DMIX_VOICEFEATURES));
}

/* Means of the traits over the spans. */
static void
take_means (const DmixVoiceModel *self, float *mean)
{
  for (int s = 0; s < SPANS; s++, mean += TRAITS) {
    const float scale = 1.0f / (float) (edge[s + 1] - edge[s]);

    memset (mean, 0, TRAITS * sizeof *mean);
    for (unsigned ago = edge[s]; ago < edge[s + 1]; ago++) {
      const float *trait = self->trait[(self->newest + MEMORY - ago) % MEMORY];

      for (int t = 0; t < TRAITS; t++)
        mean[t] += trait[t];
    }
    for (int t = 0; t < TRAITS; t++)
      mean[t] *= scale;
  }
}

static double
probability (const float *opinion, int answer)
{
  float odds = dmix_voice_answer_bias[answer];

  for (int o = 0; o < OPINIONS; o++)
    odds += dmix_voice_answer[answer][o] * opinion[o];
  return 1.0 / (1.0 + exp (-odds));
}

void
dmix_voicemodel_step (DmixVoiceModel *self, const float *feature,
    double *latest, double *settled)
{
  float mean[INPUTS], opinion[OPINIONS];

  self->newest = (self->newest + 1) % MEMORY;
  find_traits (feature, self->trait[self->newest]);
  take_means (self, mean);
  for (int o = 0; o < OPINIONS; o++)
    opinion[o] = tanhf (dmix_voice_opinion_bias[o]
        + dmix_voice_opinion_scale[o]
            * weigh (dmix_voice_opinion[o], mean, INPUTS));
  *latest = probability (opinion, 0);
  *settled = probability (opinion, 1);
}

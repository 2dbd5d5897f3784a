/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a discriminant in three layers, fitted to recordings by
 * tests/quality/fit/fit_voice.py.
 *
 *   inputs    the features of one step and the log odds of the network
 *   traits    tanh of weighted sums of the inputs
 *   spans     mean of each trait over stretches of the last two seconds:
 *             syllables, pauses and held notes show in how traits change
 *   opinions  tanh of weighted sums of the spans
 *   answers   log odds of speech, weighted sums of the opinions
 *
 * State
 *   from_input[], from_mean[]   the weights as floats, in rows of whole vectors
 *   trait[]   ring of the traits of the last MEMORY steps, in rows of whole
 *             vectors; `newest`: index of the latest
 */
#include "speech/voicemodel.h"

#include "base/units.h"
#include "speech/voiceloops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INPUTS DMIX_VOICE_INPUTS
#define TRAITS DMIX_VOICE_TRAITS
#define SPANS DMIX_VOICE_SPANS
#define OPINIONS DMIX_VOICE_OPINIONS
#define MEANS (SPANS * TRAITS)
#define WHOLE DMIX_VOICELOOPS_WHOLE
#define MEMORY 200
#define ODDS_SCALE 0.25

/* Steps ago at which the spans begin and end. */
static const unsigned char edge[SPANS + 1] = { 0, 2, 5, 10, 15, 20, 25, 30, 35,
  40, 50, 60, 80, 120, MEMORY };

struct DmixVoiceModel
{
  const DmixVoiceWeights *weights;
  const DmixVoiceLoops *loops;
  float from_input[TRAITS][WHOLE (INPUTS)];
  float from_mean[OPINIONS][WHOLE (MEANS)];
  float trait[MEMORY][WHOLE (TRAITS)];
  unsigned newest;
};

DmixVoiceModel *
dmix_voicemodel_new (const DmixVoiceWeights *weights)
{
  DmixVoiceModel *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->weights = weights;
  self->loops = dmix_voiceloops_get ();
  for (unsigned t = 0; t < TRAITS; t++)
    for (unsigned i = 0; i < INPUTS; i++)
      self->from_input[t][i] =
          weights->trait_scale[t] * (float) weights->trait[t][i];
  for (unsigned o = 0; o < OPINIONS; o++)
    for (unsigned i = 0; i < MEANS; i++)
      self->from_mean[o][i] =
          weights->opinion_scale[o] * (float) weights->opinion[o][i];
  return self;
}

void
dmix_voicemodel_free (DmixVoiceModel *self)
{
  free (self);
}

void
dmix_voicemodel_reset (DmixVoiceModel *self)
{
  memset (self->trait, 0, sizeof self->trait);
  self->newest = 0;
}

static void
find_traits (const DmixVoiceModel *self, const float *input, float *trait)
{
  self->loops->weigh (self->from_input[0], input, WHOLE (INPUTS), trait,
      TRAITS);
  for (unsigned t = 0; t < TRAITS; t++)
    trait[t] = tanhf (self->weights->trait_bias[t] + trait[t]);
}

/* Means of the traits over the spans; writes the rest of a vector, too. */
static void
take_means (const DmixVoiceModel *self, float *mean)
{
  const DmixVoiceRing ring = { self->trait[0], MEMORY, WHOLE (TRAITS) };

  for (int s = 0; s < SPANS; s++, mean += TRAITS) {
    const unsigned count = edge[s + 1] - edge[s];
    const float scale = 1.0f / (float) count;

    self->loops->sum_back (&ring, (self->newest + MEMORY - edge[s]) % MEMORY,
        count, mean);
    for (int t = 0; t < TRAITS; t++)
      mean[t] *= scale;
  }
}

static double
probability (const DmixVoiceWeights *weights, const float *opinion, int answer)
{
  float odds = weights->answer_bias[answer];

  for (int o = 0; o < OPINIONS; o++)
    odds += weights->answer[answer][o] * opinion[o];
  return 1.0 / (1.0 + exp (-odds));
}

void
dmix_voicemodel_step (DmixVoiceModel *self, const float *feature,
    double network, double *latest, double *settled)
{
  float input[WHOLE (INPUTS)] = { 0 };
  float mean[WHOLE (MEANS) + DMIX_VOICELOOPS_WIDE] = { 0 }, opinion[OPINIONS];

  memcpy (input, feature, DMIX_VOICEFEATURES * sizeof *input);
  input[INPUTS - 1] = (float) (ODDS_SCALE
      * dmix_clamp (network, -DMIX_VOICEMODEL_MOST_ODDS,
          DMIX_VOICEMODEL_MOST_ODDS));
  self->newest = (self->newest + 1) % MEMORY;
  find_traits (self, input, self->trait[self->newest]);
  take_means (self, mean);
  self->loops->weigh (self->from_mean[0], mean, WHOLE (MEANS), opinion,
      OPINIONS);
  for (int o = 0; o < OPINIONS; o++)
    opinion[o] = tanhf (self->weights->opinion_bias[o] + opinion[o]);
  *latest = probability (self->weights, opinion, 0);
  *settled = probability (self->weights, opinion, 1);
}

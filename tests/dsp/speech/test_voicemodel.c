/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* voicemodel.h against its formula, written out with all steps in memory. */
#include "signals.h"

#include "speech/voice.h"
#include "speech/voicemodel.h"
#include "speech/voiceweights.h"

#define STEPS 500
#define TRAITS DMIX_VOICE_TRAITS

static const int edge[] = { 0, 2, 5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 80,
  120, 200 };

static float feature[STEPS][DMIX_VOICEFEATURES];
static double network[STEPS], trait[STEPS][TRAITS];

/* The network's odds swing beyond their limits of 8. */
static void
fill_traits (const DmixVoiceWeights *weights)
{
  for (int s = 0; s < STEPS; s++) {
    fill_noise (feature[s], DMIX_VOICEFEATURES, 0.7, s);
    network[s] = 12 * sin (s);
    for (int t = 0; t < TRAITS; t++) {
      double sum = weights->trait[t][DMIX_VOICEFEATURES] * 0.25
          * CLAMP (network[s], -8, 8);

      for (guint f = 0; f < DMIX_VOICEFEATURES; f++)
        sum += weights->trait[t][f] * feature[s][f];
      trait[s][t] =
          tanh (weights->trait_bias[t] + weights->trait_scale[t] * sum);
    }
  }
}

/* Mean of a trait from `first` to `end` steps ago; 0 before the start. */
static double
span (int step, int t, int first, int end)
{
  double sum = 0;

  for (int ago = first; ago < end; ago++)
    sum += step >= ago ? trait[step - ago][t] : 0;
  return sum / (end - first);
}

static double
probability (const DmixVoiceWeights *weights, int step, int answer)
{
  double odds = weights->answer_bias[answer];

  for (int o = 0; o < DMIX_VOICE_OPINIONS; o++) {
    double sum = 0;

    for (int s = 0; s < DMIX_VOICE_SPANS; s++)
      for (int t = 0; t < TRAITS; t++)
        sum += weights->opinion[o][s * TRAITS + t]
            * span (step, t, edge[s], edge[s + 1]);
    odds += weights->answer[answer][o]
        * tanh (weights->opinion_bias[o] + weights->opinion_scale[o] * sum);
  }
  return 1 / (1 + exp (-odds));
}

/* Tolerance: single precision. */
static void
check_formula (const DmixVoiceWeights *weights)
{
  DmixVoiceModel *model = dmix_voicemodel_new (weights);
  double latest, settled;

  fill_traits (weights);
  for (int round = 0; round < 2; round++) {
    for (int s = 0; s < STEPS; s++) {
      dmix_voicemodel_step (model, feature[s], network[s], &latest, &settled);
      g_assert_cmpfloat_with_epsilon (latest, probability (weights, s, 0),
          1e-4);
      g_assert_cmpfloat_with_epsilon (settled, probability (weights, s, 1),
          1e-4);
    }
    dmix_voicemodel_reset (model);
  }
  dmix_voicemodel_free (model);
}

static void
test_formula (void)
{
  g_assert_cmpint (edge[DMIX_VOICE_SPANS], ==, 200);
  check_formula (&dmix_voice_statistical);
  check_formula (&dmix_voice_learned);
}

/* The statistical weights do not know the network. */
static void
test_without_network (void)
{
  for (int t = 0; t < TRAITS; t++)
    g_assert_cmpint (dmix_voice_statistical.trait[t][DMIX_VOICEFEATURES], ==,
        0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/voicemodel/formula", test_formula);
  g_test_add_func ("/voicemodel/without-network", test_without_network);
  return g_test_run ();
}

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
static double trait[STEPS][TRAITS];

static void
fill_traits (void)
{
  for (int s = 0; s < STEPS; s++) {
    fill_noise (feature[s], DMIX_VOICEFEATURES, 0.7, s);
    for (int t = 0; t < TRAITS; t++) {
      double sum = 0;

      for (guint f = 0; f < DMIX_VOICEFEATURES; f++)
        sum += dmix_voice_trait[t][f] * feature[s][f];
      trait[s][t] =
          tanh (dmix_voice_trait_bias[t] + dmix_voice_trait_scale[t] * sum);
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
probability (int step, int answer)
{
  double odds = dmix_voice_answer_bias[answer];

  for (int o = 0; o < DMIX_VOICE_OPINIONS; o++) {
    double sum = 0;

    for (int s = 0; s < DMIX_VOICE_SPANS; s++)
      for (int t = 0; t < TRAITS; t++)
        sum += dmix_voice_opinion[o][s * TRAITS + t]
            * span (step, t, edge[s], edge[s + 1]);
    odds += dmix_voice_answer[answer][o]
        * tanh (dmix_voice_opinion_bias[o] + dmix_voice_opinion_scale[o] * sum);
  }
  return 1 / (1 + exp (-odds));
}

/* Tolerance: single precision. */
static void
test_formula (void)
{
  DmixVoiceModel *model = dmix_voicemodel_new ();
  double latest, settled;

  g_assert_cmpint (edge[DMIX_VOICE_SPANS], ==, 200);
  fill_traits ();
  for (int round = 0; round < 2; round++) {
    for (int s = 0; s < STEPS; s++) {
      dmix_voicemodel_step (model, feature[s], &latest, &settled);
      g_assert_cmpfloat_with_epsilon (latest, probability (s, 0), 1e-4);
      g_assert_cmpfloat_with_epsilon (settled, probability (s, 1), 1e-4);
    }
    dmix_voicemodel_reset (model);
  }
  dmix_voicemodel_free (model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/voicemodel/formula", test_formula);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* splitmodel.h against the formula in double; splitfeatures.h on spectra whose
 * features are known. */
#include "signals.h"

#include "dialogue/splitmodel.h"

enum
{
  BINS = 769,
  ROWS = DMIX_NET_ROWS,
  UNITS = DMIX_SPLIT_UNITS,
  COHERENCE = 13, /* places of features, see splitfeatures.c */
  FORETOLD = 14,
  HAS_SIDE = 17,
  SNR_SLOW = 22,
  RISE_SLOW = 23,
  SNR_SLOW_ALL = 24,
  RISE_SLOW_ALL = 25,
  FIRST_VOICE = 26
};

static const DmixSplitShape shape = { BINS, 31.25, 0.016, 768.0 };
static const DmixSplitWeights *const both[] = { &dmix_splitweights_statistical,
  &dmix_splitweights_learned };
static float mid[BINS], side[BINS], re[BINS], im[BINS];

static double
answer (const DmixSplitWeights *w, const float *features, unsigned row)
{
  double first[UNITS], second[UNITS], odds = w->last_bias;

  for (int k = 0; k < UNITS; k++) {
    double sum = w->first_bias[k];

    for (unsigned i = 0; i < w->features; i++)
      sum += (double) w->first[(unsigned) k * w->features + i]
          * features[i * ROWS + row];
    first[k] = tanh (sum);
  }
  for (int k = 0; k < UNITS; k++) {
    double sum = w->second_bias[k];

    for (int i = 0; i < UNITS; i++)
      sum += (double) w->second[k][i] * first[i];
    second[k] = tanh (sum);
  }
  for (int k = 0; k < UNITS; k++)
    odds += (double) w->last[k] * second[k];
  return 1 / (1 + exp (-odds));
}

/* Within the error of the fast tanh, 1e-6, and of 50 roundings. */
static void
test_formula (void)
{
  static float features[DMIX_SPLIT_MOST * ROWS];
  float u[ROWS];

  fill_noise (features, DMIX_SPLIT_MOST * ROWS, 1.0, 3);
  for (int m = 0; m < 2; m++) {
    dmix_splitmodel_run (both[m], features, 100, u);
    for (unsigned r = 0; r < 100; r++)
      g_assert_cmpfloat_with_epsilon (u[r], answer (both[m], features, r),
          1e-4);
    for (unsigned r = 100; r < ROWS; r++)
      g_assert_cmpfloat (u[r], ==, u[99]);
  }
}

/* Features after `frames` frames of noise of one channel between mid and side:
 * `shared` of the side's power is the mid's. */
static const float *
play (DmixSplitFeatures *self, int frames, double shared, double loud)
{
  GRand *rand = g_rand_new_with_seed (7);
  const float *out = NULL;

  for (int t = 0; t < frames; t++) {
    const DmixSplitSpectra in = { mid, side, re, im, 0.75f };

    for (int b = 0; b < BINS; b++) {
      double x[4];

      for (int i = 0; i < 4; i++)
        x[i] = loud * sqrt (-log (1 - g_rand_double (rand)))
            * cos (2 * M_PI * g_rand_double (rand));
      x[2] = sqrt (shared) * x[0] + sqrt (1 - shared) * x[2];
      x[3] = sqrt (shared) * x[1] + sqrt (1 - shared) * x[3];
      mid[b] = (float) (x[0] * x[0] + x[1] * x[1]);
      side[b] = (float) (x[2] * x[2] + x[3] * x[3]);
      re[b] = (float) (x[0] * x[2] + x[1] * x[3]);
      im[b] = (float) (x[1] * x[2] - x[0] * x[3]);
    }
    out = dmix_splitfeatures_step (self, &in, NULL);
  }
  g_rand_free (rand);
  return out;
}

static double
mean (const float *features, int feature)
{
  double sum = 0;

  for (int r = 0; r < ROWS; r++)
    sum += features[feature * ROWS + r] / ROWS;
  return sum;
}

/* Coherence is 1 where the side is the mid, and small where both are
 * independent; then the side foretells the mid: their logarithms differ by
 * chance alone. */
static void
test_side (void)
{
  DmixSplitFeatures *self = dmix_splitfeatures_new (&shape);
  const float *f = play (self, 300, 0.0, 10);

  g_assert_cmpfloat (mean (f, COHERENCE), <, 0.3);
  g_assert_cmpfloat (fabs (mean (f, FORETOLD)), <, 0.3);
  g_assert_cmpfloat_with_epsilon (mean (f, HAS_SIDE), 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (mean (f, FIRST_VOICE), 0.75, 1e-6);
  g_assert_cmpfloat_with_epsilon (mean (f, FIRST_VOICE + 1), 0.75, 1e-4);
  g_assert_cmpfloat_with_epsilon (mean (f, FIRST_VOICE + 2), 0.75, 1e-4);
  dmix_splitfeatures_reset (self);
  g_assert_cmpfloat (mean (play (self, 50, 1.0, 10), COHERENCE), >, 0.999);
  dmix_splitfeatures_free (self);
}

/* Noise that rises by 20 dB after 4 s is in its first frame 20 dB less 1.4 dB above
 * the mean of 4 s, which has 0.4 % of that frame; steady noise is at its mean, and the mean of the
 * tracked noise is within 1.5 dB of it. */
static void
test_slow (void)
{
  DmixSplitFeatures *self = dmix_splitfeatures_new (&shape);
  const double per_db = log (10) / 40;
  const float *f = play (self, 250, 0.5, 1);
  double rise = 10 * log10 (100 / (1 + 0.016 / 4 * 99));

  g_assert_cmpfloat (fabs (mean (f, SNR_SLOW_ALL)), <, 1.5 * per_db);
  g_assert_cmpfloat (fabs (mean (f, SNR_SLOW)), <, 1.5 * per_db);
  g_assert_cmpfloat (fabs (mean (f, RISE_SLOW_ALL)), <, 0.5 * per_db);
  f = play (self, 1, 0.5, 10);
  g_assert_cmpfloat_with_epsilon (mean (f, RISE_SLOW_ALL), rise * per_db,
      0.7 * per_db);
  g_assert_cmpfloat (mean (f, RISE_SLOW), >, 10 * per_db);
  dmix_splitfeatures_free (self);
}

/* Levels are relative: 40 dB less change no feature by more than .01, for what
 * is added to powers is 60 dB below the softer sound. */
static void
test_level (void)
{
  DmixSplitFeatures *self = dmix_splitfeatures_new (&shape);
  static float loud[DMIX_SPLIT_SHARED * ROWS];
  const float *soft;

  memcpy (loud, play (self, 100, 0.3, 10), sizeof loud);
  dmix_splitfeatures_reset (self);
  soft = play (self, 100, 0.3, 0.1);
  for (unsigned i = 0; i < DMIX_SPLIT_SHARED * ROWS; i++)
    g_assert_cmpfloat_with_epsilon (soft[i], loud[i], 0.01);
  dmix_splitfeatures_free (self);
}

/* Presence is 1 where all power passes, and 0 where 30 dB less do; it falls with
 * a time constant of 100 ms. Without presence the gain is the model's, with it that
 * of noise reduction less most_db, or nearer by `share`. */
static void
test_presence (void)
{
  DmixSplitFeatures *self = dmix_splitfeatures_new (&shape);
  float u[ROWS], least[BINS], model[BINS], bound[BINS], half[BINS];
  float presence;

  play (self, 100, 0.5, 1);
  for (int r = 0; r < ROWS; r++)
    u[r] = 1;
  g_assert_cmpfloat (dmix_splitfeatures_presence (self, u), ==, 1.0f);
  for (int r = 0; r < ROWS; r++)
    u[r] = powf (10.0f, -30 * 0.3f / 20);
  presence = dmix_splitfeatures_presence (self, u);
  g_assert_cmpfloat_with_epsilon (presence, exp (-0.016 / 0.1), 0.02);
  for (int t = 0; t < 100; t++)
    presence = dmix_splitfeatures_presence (self, u);
  g_assert_cmpfloat (presence, <, 1e-3);

  dmix_splitfeatures_gain (self, u, 0, 0.5f, 6, model);
  dmix_splitfeatures_gain (self, u, 1, 0, 300, least);
  dmix_splitfeatures_gain (self, u, 1, 0, 6, bound);
  dmix_splitfeatures_gain (self, u, 1, 0.5f, 6, half);
  for (int b = 1; b < BINS; b++) {
    const float reduced = bound[b] * powf (10, 6.0f / 20);

    g_assert_cmpfloat_with_epsilon (model[b], powf (10, -1.5f), 1e-3);
    g_assert_cmpfloat_with_epsilon (least[b], model[b], 1e-5);
    g_assert_cmpfloat (bound[b], >=, 0.999f * model[b]);
    if (bound[b] > 1.001f * model[b])
      g_assert_cmpfloat_with_epsilon (half[b], sqrtf (bound[b] * reduced),
          1e-3);
  }
  dmix_splitfeatures_free (self);
}

/* After a reset the same sound gives the same bits. */
static void
test_reset (void)
{
  DmixSplitFeatures *self = dmix_splitfeatures_new (&shape);
  static float before[DMIX_SPLIT_SHARED * ROWS];

  memcpy (before, play (self, 60, 0.5, 1), sizeof before);
  dmix_splitfeatures_reset (self);
  g_assert_cmpmem (before, sizeof before, play (self, 60, 0.5, 1),
      sizeof before);
  dmix_splitfeatures_free (self);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/splitmodel/formula", test_formula);
  g_test_add_func ("/splitmodel/side", test_side);
  g_test_add_func ("/splitmodel/slow", test_slow);
  g_test_add_func ("/splitmodel/level", test_level);
  g_test_add_func ("/splitmodel/presence", test_presence);
  g_test_add_func ("/splitmodel/reset", test_reset);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What splitestimator.h promises, for both estimators, on made power spectra. */
#include "signals.h"

#include "dialogue/learnedsplit.h"
#include "dialogue/statisticalsplit.h"

enum
{
  BINS = 769,
  FRAMES = 200
};

static const DmixSplitShape shape = { BINS, 31.25, 0.016, 768.0 };
static const DmixSplitEstimator *const both[] = { &dmix_statisticalsplit,
  &dmix_learnedsplit };

static float power[FRAMES][BINS], other[FRAMES][BINS];
static float mid[BINS], side[BINS], mid2[BINS], side2[BINS];
static float none[BINS];

/* Noise with a louder band now and then. */
static void
fill_power (float (*out)[BINS], guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);

  for (int t = 0; t < FRAMES; t++)
    for (int b = 0; b < BINS; b++)
      out[t][b] = (float) (-log (1 - g_rand_double (rand)))
          * (t % 40 < 20 && b > 10 && b < 60 ? 100.0f : 1.0f);
  g_rand_free (rand);
}

static void
test_range (void)
{
  for (int e = 0; e < 2; e++) {
    void *state = both[e]->make (&shape);

    for (int t = 0; t < FRAMES; t++) {
      const DmixSplitSpectra in = { power[t], other[t], none, none, 0.5f };
      const DmixSplitAnswer answer = both[e]->step (state, &in, mid, side);

      g_assert_true (answer.presence >= 0 && answer.presence <= 1);
      g_assert_true (answer.voice >= 0 && answer.voice <= 1);
      for (int b = 0; b < BINS; b++)
        g_assert_true (mid[b] >= 0.0f && mid[b] <= 1.001f && side[b] >= 0.0f
            && side[b] <= 1.001f);
    }
    both[e]->free (state);
  }
}

/* After a reset the same input gives the same bits. */
static void
test_reset (void)
{
  for (int e = 0; e < 2; e++) {
    void *state = both[e]->make (&shape);

    for (int round = 0; round < 2; round++) {
      for (int t = 0; t < FRAMES; t++) {
        const DmixSplitSpectra in = { power[t], other[t], none, none, 0.5f };

        both[e]->step (state, &in, round ? mid2 : mid, round ? side2 : side);
      }
      both[e]->reset (state);
    }
    g_assert_cmpmem (mid, sizeof mid, mid2, sizeof mid2);
    g_assert_cmpmem (side, sizeof side, side2, sizeof side2);
    both[e]->free (state);
  }
}

/* The gains do not depend on the level: 40 dB more or less change them by less
 * than 5 %. */
static void
test_level (void)
{
  void *state = dmix_statisticalsplit.make (&shape);
  void *loud = dmix_statisticalsplit.make (&shape);
  static float louder[BINS];

  for (int t = 0; t < FRAMES; t++) {
    const DmixSplitSpectra in = { power[t], NULL, NULL, NULL, 0.5f };
    const DmixSplitSpectra in2 = { louder, NULL, NULL, NULL, 0.5f };

    for (int b = 0; b < BINS; b++)
      louder[b] = 1e4f * power[t][b];
    dmix_statisticalsplit.step (state, &in, mid, side);
    dmix_statisticalsplit.step (loud, &in2, mid2, side2);
  }
  for (int b = 0; b < BINS; b++)
    g_assert_cmpfloat_with_epsilon (mid[b], mid2[b], 0.05);
  dmix_statisticalsplit.free (state);
  dmix_statisticalsplit.free (loud);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fill_power (power, 1);
  fill_power (other, 2);
  g_test_add_func ("/splitestimators/range", test_range);
  g_test_add_func ("/splitestimators/reset", test_reset);
  g_test_add_func ("/splitestimators/level", test_level);
  return g_test_run ();
}

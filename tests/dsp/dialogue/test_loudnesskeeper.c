/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The gain of the loudness keeper, against the ratio of energies. */
#include "signals.h"

#include "dialogue/loudnesskeeper.h"

enum
{
  RATE = 48000,
  STEP = 96,
  SECONDS = 90
};

static const DmixFormat stereo = { RATE, 2 };
static float original[2 * STEP], changed[2 * STEP];

/* `seconds` of noise that the change makes louder by `gain`; the last answer. */
static double
feed (DmixLoudnessKeeper *keeper, double seconds, double rms, double gain)
{
  double db = 0;

  for (int i = 0; i < seconds * RATE / STEP; i++) {
    fill_noise (original, 2 * STEP, rms, i);
    for (int s = 0; s < 2 * STEP; s++)
      changed[s] = (float) (original[s] * gain);
    dmix_loudnesskeeper_add (keeper, original, changed, STEP);
    db = dmix_loudnesskeeper_step (keeper);
  }
  return db;
}

static void
test_equal (void)
{
  DmixLoudnessKeeper *keeper = dmix_loudnesskeeper_new (&stereo, NULL, STEP);

  g_assert_cmpfloat (feed (keeper, 2, 0.1, 1), ==, 0);
  g_assert_cmpfloat (feed (keeper, 2, 0, 1), ==, 0);
  dmix_loudnesskeeper_free (keeper);
}

/* Half of the time 6 dB louder: of the energies 1 + 1 and 4 + 1. The quiet
 * programme at the start moves both by less than the tolerance. */
static void
test_ratio (void)
{
  DmixLoudnessKeeper *keeper = dmix_loudnesskeeper_new (&stereo, NULL, STEP);

  g_assert_cmpfloat_with_epsilon (feed (keeper, 5, 0.1, 2), db (0.5), 0.1);
  g_assert_cmpfloat_with_epsilon (feed (keeper, 5, 0.1, 1),
      0.5 * db (2.0 / 5.0), 0.25);
  dmix_loudnesskeeper_free (keeper);
}

/* What is below -70 LUFS does not count; what is half a minute old fades. */
static void
test_memory (void)
{
  DmixLoudnessKeeper *keeper = dmix_loudnesskeeper_new (&stereo, NULL, STEP);
  double expected;

  feed (keeper, 30, 0.1, 2);
  g_assert_cmpfloat_with_epsilon (feed (keeper, 30, 1e-5, 1), db (0.5), 0.1);
  /* sums of 30 s, the older one times 1 / e, energies 4 and 1 */
  expected = 0.5 * db ((1 + exp (-1)) / (1 + 4 * exp (-1)));
  g_assert_cmpfloat_with_epsilon (feed (keeper, 30, 0.1, 1), expected, 0.1);
  dmix_loudnesskeeper_reset (keeper);
  g_assert_cmpfloat (feed (keeper, 1, 0.1, 1), ==, 0);
  dmix_loudnesskeeper_reset (keeper);
  dmix_loudnesskeeper_set_expected (keeper, 6);
  g_assert_cmpfloat_with_epsilon (feed (keeper, 0.1, 1e-5, 1), -6, 1e-6);
  g_assert_cmpfloat_with_epsilon (feed (keeper, 5, 0.1, 1), 0, 0.1);
  dmix_loudnesskeeper_free (keeper);
}

/* A channel of weight 0 does not count. */
static void
test_weight (void)
{
  const float weight[2] = { 1, 0 };
  DmixLoudnessKeeper *keeper = dmix_loudnesskeeper_new (&stereo, weight, STEP);
  double gain = 1;

  for (int i = 0; i < 500; i++) {
    fill_noise (original, 2 * STEP, 0.1, i);
    memcpy (changed, original, sizeof changed);
    for (int s = 1; s < 2 * STEP; s += 2)
      changed[s] *= 5;
    dmix_loudnesskeeper_add (keeper, original, changed, STEP);
    gain = dmix_loudnesskeeper_step (keeper);
  }
  g_assert_cmpfloat (gain, ==, 0);
  dmix_loudnesskeeper_free (keeper);
}

static void
test_arguments (void)
{
  g_assert_null (dmix_loudnesskeeper_new (NULL, NULL, STEP));
  g_assert_null (dmix_loudnesskeeper_new (&stereo, NULL, 0));
  dmix_loudnesskeeper_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/loudnesskeeper/equal", test_equal);
  g_test_add_func ("/loudnesskeeper/ratio", test_ratio);
  g_test_add_func ("/loudnesskeeper/memory", test_memory);
  g_test_add_func ("/loudnesskeeper/weight", test_weight);
  g_test_add_func ("/loudnesskeeper/arguments", test_arguments);
  return g_test_run ();
}

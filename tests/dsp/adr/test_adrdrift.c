/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adrdrift.h, with lines that an actor speaks up to 0.1 s early or
 * late. */
#include "adr/adrdrift.h"

#include <glib.h>
#include <math.h>

/* Lines every 10 s over an hour. */
static double
drift_of (double ppm, double off_s, guint32 seed, int lines)
{
  GRand *rand = g_rand_new_with_seed (seed);
  DmixAdrDrift drift;

  dmix_adrdrift_reset (&drift);
  for (int k = 0; k < lines; k++) {
    const double at = 7200.0 + 10.0 * k;

    dmix_adrdrift_add (&drift, at,
        3.0 + at * ppm * 1e-6
            + (off_s > 0 ? g_rand_double_range (rand, -off_s, off_s) : 0.0));
  }
  g_rand_free (rand);
  return dmix_adrdrift_get_ppm (&drift);
}

/* After an hour within three standard errors, which are 3 ppm with 360 lines of
 * 0.058 s RMS; exact where nothing else moves. */
static void
test_drift (void)
{
  const double ppm[] = { -200, -50, 50, 200 };

  for (guint k = 0; k < G_N_ELEMENTS (ppm); k++) {
    g_assert_cmpfloat_with_epsilon (drift_of (ppm[k], 0.1, k, 360), ppm[k],
        9.0);
    g_assert_cmpfloat_with_epsilon (drift_of (ppm[k], 0, k, 8), ppm[k], 1e-3);
  }
}

/* Chance is no drift, few lines are none, and another speed is none. */
static void
test_none (void)
{
  for (guint32 seed = 1; seed <= 100; seed++)
    g_assert_cmpfloat (drift_of (0, 0.1, seed, 20), ==, 0.0);
  g_assert_cmpfloat (drift_of (200, 0, 1, 7), ==, 0.0);
  g_assert_cmpfloat (drift_of (1000, 0, 1, 100), ==, 0.0);
  g_assert_cmpfloat (drift_of (0, 0, 1, 100), ==, 0.0);
}

/* All lines at one moment: no slope. */
static void
test_one_moment (void)
{
  DmixAdrDrift drift;

  dmix_adrdrift_reset (&drift);
  for (int k = 0; k < 20; k++)
    dmix_adrdrift_add (&drift, 5.0, k);
  g_assert_cmpfloat (dmix_adrdrift_get_ppm (&drift), ==, 0.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrdrift/drift", test_drift);
  g_test_add_func ("/adrdrift/none", test_none);
  g_test_add_func ("/adrdrift/one-moment", test_one_moment);
  return g_test_run ();
}

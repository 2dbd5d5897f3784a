/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of gaincomputer.h: the formulas of Giannoulis et al. (2012),
 * equation 4, case by case in double precision. */
#include "signals.h"

#include "dynamics/gaincomputer.h"

static double
gain_at (const DmixDynamicsParams *p, double level_db)
{
  DmixGainComputer curve;
  float db = (float) level_db;

  dmix_gaincomputer_init (&curve, p);
  dmix_gaincomputer_process (&curve, &db, 1);
  return db;
}

/* Output level of the paper's compressor. */
static double
compressed (double x, double t, double r, double w)
{
  if (2 * (x - t) < -w)
    return x;
  if (w > 0 && 2 * fabs (x - t) <= w)
    return x + (1 / r - 1) * pow (x - t + w / 2, 2) / (2 * w);
  return t + (x - t) / r;
}

static const double thresholds[] = { -40, -20, -10 };
static const double ratios[] = { 1, 1.5, 2, 4, 10, INFINITY };
static const double knees[] = { 0, 6, 12 };

/* Calls `test` for all combinations of the arrays above. */
static void
for_all (DmixDynamicsMode mode, void (*test) (const DmixDynamicsParams *p))
{
  for (int t = 0; t < 3; t++)
    for (int r = 0; r < 6; r++)
      for (int k = 0; k < 3; k++) {
        const DmixDynamicsParams p = {
          .mode = mode,
          .threshold_db = thresholds[t],
          .ratio = ratios[r],
          .knee_db = knees[k],
          .range_db = 120,
        };

        test (&p);
      }
}

static void
check_compress (const DmixDynamicsParams *p)
{
  for (double x = -80; x <= 20; x += 0.25)
    g_assert_cmpfloat_with_epsilon (gain_at (p, x),
        compressed (x, p->threshold_db, p->ratio, p->knee_db) - x, 2e-5);
}

static void
test_compress (void)
{
  for_all (DMIX_DYNAMICS_COMPRESS, check_compress);
}

/* The upward compressor is the same curve seen from the other side. */
static void
check_upward (const DmixDynamicsParams *p)
{
  const double t = p->threshold_db;

  for (double x = -100; x <= 20; x += 0.25)
    g_assert_cmpfloat_with_epsilon (gain_at (p, x),
        -(compressed (2 * t - x, t, p->ratio, p->knee_db) - (2 * t - x)), 2e-5);
}

static void
test_upward (void)
{
  for_all (DMIX_DYNAMICS_UPWARD, check_upward);
}

static void
check_expand (const DmixDynamicsParams *p)
{
  const double t = p->threshold_db, w = p->knee_db;
  const double slope = MIN (p->ratio, 1000) - 1;

  for (double x = -100; x <= 20; x += 0.25) {
    const double d = x - t;
    double right = d < 0 ? slope * d : 0;

    if (w > 0 && 2 * fabs (d) <= w)
      right = -slope * pow (w / 2 - d, 2) / (2 * w);
    right = MAX (right, -120);
    g_assert_cmpfloat_with_epsilon (gain_at (p, x), right, 3e-3);
  }
}

static void
test_expand (void)
{
  for_all (DMIX_DYNAMICS_EXPAND, check_expand);
}

static void
test_gate (void)
{
  DmixDynamicsParams p = {
    .mode = DMIX_DYNAMICS_GATE,
    .threshold_db = -40,
    .ratio = 2,
    .range_db = 50,
  };

  g_assert_cmpfloat (gain_at (&p, -40), ==, 0);
  g_assert_cmpfloat (gain_at (&p, -40.001), ==, -50);
  g_assert_cmpfloat (gain_at (&p, -200), ==, -50);
  p.knee_db = 10;
  g_assert_cmpfloat (gain_at (&p, -35), ==, 0);
  g_assert_cmpfloat_with_epsilon (gain_at (&p, -40), -25, 1e-4);
  g_assert_cmpfloat (gain_at (&p, -45), ==, -50);
}

/* Output (gate and expander: gain) rises monotonically, within the range. */
static void
test_monotone_and_within_range (void)
{
  for (int i = 0; i < 2000; i++) {
    const DmixDynamicsParams p = {
      .mode = (DmixDynamicsMode) g_test_rand_int_range (0, 5),
      .threshold_db = g_test_rand_double_range (-60, 0),
      .ratio = 1 / (1 - g_test_rand_double ()),
      .knee_db = g_test_rand_double_range (0, 30),
      .range_db = g_test_rand_double_range (0, 60),
    };
    double last = -1e9;

    for (double x = -120; x < 20; x += 0.5) {
      const double gain = gain_at (&p, x);

      g_assert_cmpfloat (fabs (gain), <=, (float) p.range_db);
      g_assert_cmpfloat (x + gain, >=, last - 1e-4);
      last = x + gain;
    }
  }
}

static void
test_ratio_one_is_nothing (void)
{
  const DmixDynamicsMode modes[] = {
    DMIX_DYNAMICS_COMPRESS,
    DMIX_DYNAMICS_EXPAND,
    DMIX_DYNAMICS_UPWARD,
  };

  for (int m = 0; m < 3; m++) {
    const DmixDynamicsParams p = {
      .mode = modes[m],
      .threshold_db = -20,
      .ratio = 1,
      .knee_db = 6,
      .range_db = 60,
    };

    for (double x = -200; x < 40; x += 1)
      g_assert_cmpfloat (gain_at (&p, x), ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gaincomputer/compress", test_compress);
  g_test_add_func ("/gaincomputer/upward", test_upward);
  g_test_add_func ("/gaincomputer/expand", test_expand);
  g_test_add_func ("/gaincomputer/gate", test_gate);
  g_test_add_func ("/gaincomputer/monotone-and-within-range",
      test_monotone_and_within_range);
  g_test_add_func ("/gaincomputer/ratio-one-is-nothing",
      test_ratio_one_is_nothing);
  return g_test_run ();
}

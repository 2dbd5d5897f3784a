/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of smooth.h: 63 % after the time constant, then exactly the
 * target. */
#include "signals.h"

#include "base/smooth.h"

static void
test_time_constant (void)
{
  const double times[] = { 0.002, 0.010, 0.250, 3.0 }, step_s = 0.002;

  for (guint t = 0; t < G_N_ELEMENTS (times); t++) {
    DmixSmooth smooth;

    dmix_smooth_init (&smooth, -3.0, times[t], step_s);
    smooth.target = 5.0;
    for (int i = 0; i < lround (times[t] / step_s); i++)
      dmix_smooth_step (&smooth);
    /* equal except for rounding: the coefficient is exact */
    g_assert_cmpfloat_with_epsilon (smooth.value, 5.0 - 8.0 * exp (-1.0), 1e-9);
  }
}

/* Monotonic, never beyond the target, and at rest on it: a step of 1 has
 * shrunk below the 1e-6 of smooth.c after ln (1e6) = 13.8 time constants. */
static void
test_comes_to_rest (void)
{
  const double ends[][2] = { { 0, 1 }, { 1, 0 }, { -1, 0.3 }, { 0.7, 0.7 } };

  for (guint e = 0; e < G_N_ELEMENTS (ends); e++) {
    DmixSmooth smooth;
    double last = ends[e][0];

    dmix_smooth_init (&smooth, ends[e][0], 0.010, 0.002);
    g_assert_cmpfloat (dmix_smooth_step (&smooth), ==, ends[e][0]);
    smooth.target = ends[e][1];
    for (int i = 0; i < 75; i++) {
      const double value = dmix_smooth_step (&smooth);

      g_assert_cmpfloat (fabs (value - ends[e][1]), <=,
          fabs (last - ends[e][1]));
      g_assert_cmpfloat ((value - ends[e][1]) * (ends[e][0] - ends[e][1]), >=,
          0.0);
      last = value;
    }
    g_assert_cmpfloat (last, ==, ends[e][1]);
  }
}

static void
test_jump (void)
{
  DmixSmooth smooth;

  dmix_smooth_init (&smooth, 0.0, 1.0, 0.002);
  smooth.target = 0.25;
  dmix_smooth_jump (&smooth);
  g_assert_cmpfloat (smooth.value, ==, 0.25);
  g_assert_cmpfloat (dmix_smooth_step (&smooth), ==, 0.25);
}

static void
test_share (void)
{
  g_assert_cmpfloat (dmix_smooth_share (0.0, 0.002), ==, 1.0);
  g_assert_cmpfloat (dmix_smooth_share (-1.0, 0.002), ==, 1.0);
  g_assert_cmpfloat_with_epsilon (dmix_smooth_share (0.002, 0.002),
      1.0 - exp (-1.0), 1e-12);
  /* very long times: nearly step/time, not rounded away */
  g_assert_cmpfloat_with_epsilon (dmix_smooth_share (1e9, 1e-3) / 1e-12, 1.0,
      1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/smooth/time-constant", test_time_constant);
  g_test_add_func ("/smooth/comes-to-rest", test_comes_to_rest);
  g_test_add_func ("/smooth/jump", test_jump);
  g_test_add_func ("/smooth/share", test_share);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of distance.h with the formulas of OpenAL, and of the ears' gains for
 * near sources. */
#include "pan/distance.h"
#include "signals.h"

static double
gain (DmixDistanceModel model, double d, double rolloff)
{
  const DmixDistanceParams params = { model, d, 2, 10, rolloff };

  return dmix_distance_gain (&params);
}

/* OpenAL 1.1, 3.4, with a reference of 2 m and a maximum of 10 m. */
static void
test_models (void)
{
  for (double d = 0; d < 20; d += 0.25) {
    const double c = CLAMP (d, 2, 10);

    g_assert_cmpfloat (gain (DMIX_DISTANCE_NONE, d, 1), ==, 1);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_INVERSE, d, 0.5),
        2 / (2 + 0.5 * (d - 2)), 1e-12);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_INVERSE_CLAMPED, d, 1),
        2 / c, 1e-12);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_LINEAR, d, 1),
        MAX (1 - (d - 2) / 8, 0), 1e-12);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_LINEAR_CLAMPED, d, 1),
        1 - (c - 2) / 8, 1e-12);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_EXPONENTIAL, d, 2),
        MIN (pow (d / 2, -2), 100), 1e-9);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_EXPONENTIAL_CLAMPED, d,
                                        2),
        pow (c / 2, -2), 1e-12);
  }
  for (int model = 0; model < 7; model++)
    for (double rolloff = 0; rolloff <= 10; rolloff += 5) {
      const double g = gain ((DmixDistanceModel) model, 0, rolloff);

      g_assert_true (g >= 0 && g <= DMIX_DISTANCE_MOST_GAIN);
    }
}

/* The gains are 1 at 1.4 m. Nearer, the level difference between the ears
 * grows; at 20 cm it is 6 to 20 dB. */
static void
test_ears (void)
{
  double ear[2], last = 0;

  dmix_distance_ears (1.4, 0.7, ear);
  g_assert_cmpfloat (ear[0], ==, 1);
  g_assert_cmpfloat (ear[1], ==, 1);
  for (double d = 1.3; d > 0.15; d -= 0.1) {
    dmix_distance_ears (d, 1, ear);
    g_assert_cmpfloat (db (ear[1] / ear[0]), >, last);
    last = db (ear[1] / ear[0]);
  }
  g_test_message ("%.1f dB between the ears at 20 cm", last);
  g_assert_true (last > 6 && last < 20);
  for (double x = -1; x <= 1; x += 0.1) {
    dmix_distance_ears (0, x, ear);
    g_assert_true (isfinite (ear[0]) && isfinite (ear[1]));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/distance/models", test_models);
  g_test_add_func ("/distance/ears", test_ears);
  return g_test_run ();
}

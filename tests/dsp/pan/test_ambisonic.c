/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of ambisonic.h with the properties of SN3D harmonics. */
#include "pan/ambisonic.h"
#include "signals.h"

/* SN3D: the squares of each degree sum up to 1 in every direction. The first
 * degree is Y (left), Z (up), X (front). */
static void
test_harmonics (void)
{
  for (int i = 0; i < 500; i++) {
    const DmixVector d = dmix_vector_from_angles (i * 7.3, i * 0.31 - 77);
    double y[16];

    dmix_ambisonic_get_gains (3, d, 0, 0, y);
    g_assert_cmpfloat_with_epsilon (y[1], -d.x, 1e-12);
    g_assert_cmpfloat_with_epsilon (y[2], d.z, 1e-12);
    g_assert_cmpfloat_with_epsilon (y[3], d.y, 1e-12);
    for (int l = 0, c = 0; l <= 3; l++) {
      double sum = 0;

      for (; c < (l + 1) * (l + 1); c++)
        sum += y[c] * y[c];
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-12);
    }
  }
}

/* A spread of 360 degrees leaves only channel 0; a small one changes little. */
static void
test_spread (void)
{
  double narrow[16], wide[16];

  dmix_ambisonic_get_gains (3, dmix_vector_from_angles (40, 20), 0, 0, narrow);
  dmix_ambisonic_get_gains (3, dmix_vector_from_angles (40, 20), 0.1, 0, wide);
  for (int c = 0; c < 16; c++)
    g_assert_cmpfloat_with_epsilon (wide[c], narrow[c], 1e-4);
  dmix_ambisonic_get_gains (3, dmix_vector_from_angles (40, 20), 360, 0, wide);
  g_assert_cmpfloat (wide[0], ==, 1);
  for (int c = 1; c < 16; c++)
    g_assert_cmpfloat (fabs (wide[c]), <, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ambisonic/harmonics", test_harmonics);
  g_test_add_func ("/ambisonic/spread", test_spread);
  return g_test_run ();
}

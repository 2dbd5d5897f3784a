/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of units.h: exact values where decibels have them, conversions that
 * invert each other, limits that NaN cannot pass. */
#include "base/units.h"

#include <glib.h>

static void
test_exact (void)
{
  g_assert_cmpfloat (dmix_gain_from_db (0.0), ==, 1.0);
  g_assert_cmpfloat (dmix_power_from_db (0.0), ==, 1.0);
  g_assert_cmpfloat_with_epsilon (dmix_gain_from_db (20.0), 10.0, 1e-13);
  g_assert_cmpfloat_with_epsilon (dmix_gain_from_db (-40.0), 0.01, 1e-15);
  g_assert_cmpfloat_with_epsilon (dmix_power_from_db (20.0), 100.0, 1e-12);
  g_assert_cmpfloat_with_epsilon (dmix_db_from_power (1000.0), 30.0, 1e-13);
  g_assert_cmpfloat_with_epsilon (dmix_db_from_gain (1000.0), 60.0, 1e-13);
  g_assert_cmpfloat (cos (DMIX_PI), ==, -1.0);
}

static void
test_inverse (void)
{
  for (double db = -120.0; db <= 60.0; db += 0.37) {
    g_assert_cmpfloat_with_epsilon (dmix_db_from_gain (dmix_gain_from_db (db)),
        db, 1e-12);
    g_assert_cmpfloat_with_epsilon (dmix_db_from_power (
                                        dmix_power_from_db (db)),
        db, 1e-12);
  }
}

static void
test_clamp (void)
{
  g_assert_cmpfloat (dmix_clamp (0.5, 0.0, 1.0), ==, 0.5);
  g_assert_cmpfloat (dmix_clamp (-3.0, 0.0, 1.0), ==, 0.0);
  g_assert_cmpfloat (dmix_clamp (3.0, 0.0, 1.0), ==, 1.0);
  g_assert_cmpfloat (dmix_clamp (INFINITY, 0.0, 1.0), ==, 1.0);
  g_assert_cmpfloat (dmix_clamp (-INFINITY, 0.0, 1.0), ==, 0.0);
  g_assert_cmpfloat (dmix_clamp (NAN, 0.0, 1.0), ==, 0.0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/units/exact", test_exact);
  g_test_add_func ("/units/inverse", test_inverse);
  g_test_add_func ("/units/clamp", test_clamp);
  return g_test_run ();
}

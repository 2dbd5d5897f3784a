/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of decibel.h, against the C library in double precision. */
#include "signals.h"

#include "base/decibel.h"

#define COUNT 100000

static void
test_from_power (void)
{
  float *power = g_new (float, COUNT), *db = g_new (float, COUNT);

  for (int i = 0; i < COUNT; i++)
    db[i] = power[i] = (float) pow (10, g_test_rand_double_range (-20, 20));
  dmix_decibel_from_power (db, COUNT);
  for (int i = 0; i < COUNT; i++) {
    const double right = 10 * log10 (power[i]);

    g_assert_cmpfloat_with_epsilon (db[i], right,
        MAX (1e-5, fabs (right) * 2.4e-7));
  }
  g_free (power);
  g_free (db);
}

static void
test_to_gain (void)
{
  float *db = g_new (float, COUNT), *gain = g_new (float, COUNT);

  for (int i = 0; i < COUNT; i++)
    gain[i] = db[i] = (float) g_test_rand_double_range (-200, 200);
  dmix_decibel_to_gain (gain, COUNT);
  for (int i = 0; i < COUNT; i++) {
    const double limit = fabs (db[i]) < 20 ? 3e-7 : 3e-6;

    g_assert_cmpfloat_with_epsilon (gain[i] / pow (10, db[i] / 20.0), 1, limit);
  }
  g_free (db);
  g_free (gain);
}

static void
test_ends (void)
{
  float power[] = { 1.0f, 0.0f, 1e-30f, 1e-20f };
  float db[] = { 0.0f, -0.0f, -1000.0f, 1000.0f };

  dmix_decibel_from_power (power, 4);
  g_assert_cmpfloat (power[0], ==, 0.0f);
  for (int i = 1; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (power[i], -200.0f, 2e-5f);
  dmix_decibel_to_gain (db, 4);
  g_assert_cmpfloat (db[0], ==, 1.0f);
  g_assert_cmpfloat (db[1], ==, 1.0f);
  g_assert_cmpfloat_with_epsilon (db[2], 1e-10, 1e-15);
  g_assert_cmpfloat_with_epsilon (db[3] / 1e10, 1, 3e-6);
}

/* Vector body and scalar rest of the loops give the same bits. */
static void
test_place_does_not_matter (void)
{
  float whole[67], part[67];

  for (int i = 0; i < 67; i++)
    part[i] = whole[i] = (float) g_test_rand_double_range (1e-6, 1);
  dmix_decibel_from_power (whole, 67);
  for (int i = 0; i < 67; i++)
    dmix_decibel_from_power (part + i, 1);
  g_assert_cmpmem (whole, sizeof whole, part, sizeof part);
  dmix_decibel_to_gain (whole, 67);
  for (int i = 0; i < 67; i++)
    dmix_decibel_to_gain (part + i, 1);
  g_assert_cmpmem (whole, sizeof whole, part, sizeof part);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decibel/from-power", test_from_power);
  g_test_add_func ("/decibel/to-gain", test_to_gain);
  g_test_add_func ("/decibel/ends", test_ends);
  g_test_add_func ("/decibel/place-does-not-matter",
      test_place_does_not_matter);
  return g_test_run ();
}

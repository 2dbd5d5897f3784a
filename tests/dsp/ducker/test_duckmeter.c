/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of duckmeter.h. */
#include "signals.h"

#include "ducker/duckmeter.h"
#include "meter/kweight.h"

static void
add (DmixDuckMeter *meter, int active, double dialogue_lufs, double gain_db)
{
  const DmixDuckMeterStep step = {
    active,
    dmix_kweight_mean_square (dialogue_lufs),
    dmix_kweight_mean_square (-30),
  };

  dmix_duckmeter_add (meter, &step, gain_db);
}

/* Readings appear with the audio's delay, gains at once. */
static void
test_delay (void)
{
  for (unsigned delay = 0; delay < 50; delay += 7) {
    DmixDuckMeter *meter = dmix_duckmeter_new (delay);
    DmixDuckerMeter r;

    dmix_duckmeter_reset (meter);
    add (meter, 1, -20, -6);
    for (unsigned i = 0; i < delay; i++) {
      dmix_duckmeter_read (meter, 0, 0, 0, &r);
      g_assert_cmpint (r.dialogue_active, ==, 0);
      g_assert_cmpfloat (r.dialogue_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
      add (meter, 0, -40, -6);
    }
    dmix_duckmeter_read (meter, 0, 3, -2, &r);
    g_assert_cmpint (r.dialogue_active, ==, 1);
    g_assert_cmpfloat_with_epsilon (r.dialogue_lufs, -17, 1e-9);
    g_assert_cmpfloat_with_epsilon (r.background_lufs, -30 - 2 - 6, 1e-9);
    add (meter, 0, -40, -6);
    dmix_duckmeter_read (meter, 0, 0, 0, &r);
    g_assert_cmpint (r.dialogue_active, ==, 0);
    g_assert_cmpfloat_with_epsilon (r.dialogue_lufs, -40, 1e-9);
    dmix_duckmeter_free (meter);
  }
}

/* Lowest and mean gain of the interval; active if any step was. An interval
 * without a step reads the current gain. */
static void
test_interval (void)
{
  DmixDuckMeter *meter = dmix_duckmeter_new (0), *next = dmix_duckmeter_new (9);
  DmixDuckerMeter r;

  dmix_duckmeter_reset (meter);
  dmix_duckmeter_reset (next);
  add (meter, 0, -20, -2);
  add (meter, 1, -20, -12);
  add (meter, 0, -25, -1);
  dmix_duckmeter_take_over (next, meter);
  dmix_duckmeter_read (meter, -3, 0, 0, &r);
  g_assert_cmpint (r.dialogue_active, ==, 1);
  g_assert_cmpfloat (r.gain_min_db, ==, -12);
  g_assert_cmpfloat_with_epsilon (r.gain_mean_db, -5, 1e-12);
  dmix_duckmeter_read (meter, -3, 0, 0, &r);
  g_assert_cmpint (r.dialogue_active, ==, 0);
  g_assert_cmpfloat (r.gain_min_db, ==, -3);
  g_assert_cmpfloat (r.gain_mean_db, ==, -3);
  dmix_duckmeter_read (next, 0, 0, 0, &r);
  g_assert_cmpfloat_with_epsilon (r.dialogue_lufs, -25, 1e-9);
  dmix_duckmeter_reset (meter);
  dmix_duckmeter_read (meter, 0, 6, 6, &r);
  g_assert_cmpfloat (r.dialogue_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat (r.background_lufs, ==, DMIX_KWEIGHT_SILENCE_LUFS);
  dmix_duckmeter_free (meter);
  dmix_duckmeter_free (next);
  dmix_duckmeter_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/duckmeter/delay", test_delay);
  g_test_add_func ("/duckmeter/interval", test_interval);
  return g_test_run ();
}

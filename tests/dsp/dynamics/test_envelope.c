/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of envelope.h. Steps of 1/6000 s, as in dynamics. After n steps of a
 * one-pole follower exactly exp (-n step / time) of the distance is left. */
#include "signals.h"

#include "dynamics/envelope.h"

#define STEP_S (1.0 / 6000)
#define STEPS 30000

static float
value_after (DmixEnvelope *e, const DmixEnvelopeTimes *t, float target,
    int steps)
{
  float db = 0;

  for (int i = 0; i < steps; i++) {
    db = target;
    dmix_envelope_process (e, t, &db, 1);
  }
  return db;
}

static void
test_time_constants (void)
{
  const double times[] = { 1, 5, 20, 100, 1000 };

  for (int a = 0; a < 5; a++)
    for (int r = 0; r < 5; r++) {
      DmixEnvelopeTimes t;
      DmixEnvelope e;

      dmix_envelope_times_init (&t, STEP_S, times[a], 0, times[r], 0);
      dmix_envelope_init (&e, 0);
      g_assert_cmpfloat_with_epsilon (value_after (&e, &t, -15,
                                          (int) (times[a] * 6)),
          -15 * (1 - exp (-1)), 1e-4);
      dmix_envelope_init (&e, -15);
      g_assert_cmpfloat_with_epsilon (value_after (&e, &t, 0,
                                          (int) (times[r] * 6)),
          -15 * exp (-1), 1e-4);
    }
}

static void
test_at_once_and_to_the_end (void)
{
  DmixEnvelopeTimes t;
  DmixEnvelope e;

  dmix_envelope_times_init (&t, STEP_S, 0, 0, 100, 0);
  dmix_envelope_init (&e, 0);
  g_assert_cmpfloat (value_after (&e, &t, -20, 1), ==, -20);
  /* ln (20 / 0.0001) = 12.2 time constants to the last 0.0001 dB */
  g_assert_cmpfloat (value_after (&e, &t, 0, 1230 * 6), ==, 0);
  dmix_envelope_times_init (&t, STEP_S, 50, 0, 0, 0);
  dmix_envelope_init (&e, -20);
  g_assert_cmpfloat (value_after (&e, &t, -3, 1), ==, -3);
}

static void
test_hold (void)
{
  const double holds[] = { 0, 1, 50, 500 };

  for (int h = 0; h < 4; h++) {
    DmixEnvelopeTimes t;
    DmixEnvelope e;
    const int steps = (int) (holds[h] * 6);

    dmix_envelope_times_init (&t, STEP_S, 5, holds[h], 100, 0);
    dmix_envelope_init (&e, 0);
    value_after (&e, &t, -20, STEPS);
    g_assert_cmpfloat (value_after (&e, &t, -2, steps), ==, steps ? -20 : 0);
    g_assert_cmpfloat (value_after (&e, &t, -2, 1), >, -20);
    /* a new peak, even an equal one, restarts the hold */
    value_after (&e, &t, -20, STEPS);
    value_after (&e, &t, -2, steps / 2);
    value_after (&e, &t, -20, 1);
    g_assert_cmpfloat (value_after (&e, &t, -2, steps), ==, steps ? -20 : 0);
  }
}

/* Release to 90 %, ms, of a 20 dB reduction that lasted so long. */
static double
recovery_ms (double lasted_ms, int automatic)
{
  DmixEnvelopeTimes t;
  DmixEnvelope e;
  int steps = 0;

  dmix_envelope_times_init (&t, STEP_S, 1, 0, 80, automatic);
  dmix_envelope_init (&e, 0);
  value_after (&e, &t, -20, (int) (lasted_ms * 6));
  while (value_after (&e, &t, 0, 1) < -2)
    steps++;
  return steps / 6.0;
}

/* After a peak: 80 ms * ln 10 = 184 ms. After long reduction: ten times that
 * plus the 80 ms by which a one-pole follower lags its input. After a reduction
 * as long as the slow time: in between. */
static void
test_automatic_release (void)
{
  g_assert_cmpfloat_with_epsilon (recovery_ms (5000, 0), 184, 1);
  g_assert_cmpfloat_with_epsilon (recovery_ms (10, 1), 184, 10);
  g_assert_cmpfloat_with_epsilon (recovery_ms (20000, 1), 1842 + 80, 20);
  g_assert_cmpfloat (recovery_ms (800, 1), >, 800);
  g_assert_cmpfloat (recovery_ms (800, 1), <, 1800);
}

/* Auto release does not change the attack, and never passes the target. */
static void
test_automatic_stays_below (void)
{
  DmixEnvelopeTimes t;
  DmixEnvelope e;
  float target = 0, last = 0;

  dmix_envelope_times_init (&t, STEP_S, 0, 0, 80, 1);
  dmix_envelope_init (&e, 0);
  for (int i = 0; i < STEPS; i++) {
    if (g_test_rand_int_range (0, 50) == 0)
      target = (float) g_test_rand_double_range (-30, 0);
    last = value_after (&e, &t, target, 1);
    g_assert_cmpfloat (last, <=, target);
  }
}

static void
test_blocks_do_not_matter (void)
{
  DmixEnvelopeTimes t;
  DmixEnvelope e, f;
  float *a = g_new (float, STEPS), *b;

  for (int i = 0; i < STEPS; i++)
    a[i] = i % 50 ? a[i - 1] : (float) g_test_rand_double_range (-30, 0);
  b = g_memdup2 (a, STEPS * sizeof *a);
  dmix_envelope_times_init (&t, STEP_S, 3, 4, 50, 1);
  dmix_envelope_init (&e, 0);
  dmix_envelope_init (&f, 0);
  dmix_envelope_process (&e, &t, a, STEPS);
  for (int i = 0; i < STEPS; i++)
    dmix_envelope_process (&f, &t, b + i, 1);
  g_assert_cmpmem (a, STEPS * sizeof *a, b, STEPS * sizeof *b);
  g_free (a);
  g_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/envelope/time-constants", test_time_constants);
  g_test_add_func ("/envelope/at-once-and-to-the-end",
      test_at_once_and_to_the_end);
  g_test_add_func ("/envelope/hold", test_hold);
  g_test_add_func ("/envelope/automatic-release", test_automatic_release);
  g_test_add_func ("/envelope/automatic-stays-below",
      test_automatic_stays_below);
  g_test_add_func ("/envelope/blocks-do-not-matter", test_blocks_do_not_matter);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of lookahead.h, tested as properties on random targets. */
#include "base/lookahead.h"

#include <glib.h>
#include <math.h>
#include <string.h>

#define FRAMES 20000

static const unsigned delays[] = { 0, 1, 2, 5, 66, 480, 4801 };

/* Steps at random times between 0 and -30 dB, as a ducker or limiter has. */
static float *
random_target (void)
{
  float *target = g_new (float, FRAMES);
  float level = 0.0f;

  for (int i = 0; i < FRAMES; i++) {
    if (g_test_rand_int_range (0, 200) == 0)
      level = (float) g_test_rand_double_range (-30.0, 0.0);
    target[i] = level;
  }
  return target;
}

static void
test_never_above_target (void)
{
  for (guint d = 0; d < G_N_ELEMENTS (delays); d++) {
    DmixLookahead *lookahead = dmix_lookahead_new (delays[d]);
    float *target = random_target ();
    float *gain = g_memdup2 (target, FRAMES * sizeof *gain);

    dmix_lookahead_process (lookahead, gain, FRAMES);
    for (guint i = delays[d]; i < FRAMES; i++)
      g_assert_cmpfloat (gain[i], <=, target[i - delays[d]] + 2e-6f);
    g_free (gain);
    g_free (target);
    dmix_lookahead_free (lookahead);
  }
}

static void
test_constant_is_exact (void)
{
  DmixLookahead *lookahead = dmix_lookahead_new (480);
  float gain[2000];

  for (int i = 0; i < 2000; i++)
    gain[i] = -12.0f;
  dmix_lookahead_process (lookahead, gain, 2000);
  for (int i = 961; i < 2000; i++)
    g_assert_cmpfloat (gain[i], ==, -12.0f);
  dmix_lookahead_free (lookahead);
}

static void
test_blocks_do_not_matter (void)
{
  DmixLookahead *whole = dmix_lookahead_new (480),
                *parts = dmix_lookahead_new (480);
  float *a = random_target (), *b = g_memdup2 (a, FRAMES * sizeof *a);

  dmix_lookahead_process (whole, a, FRAMES);
  for (int i = 0; i < FRAMES;) {
    int some = g_test_rand_int_range (0, 700), n = MIN (some, FRAMES - i);

    dmix_lookahead_process (parts, b + i, n);
    i += n;
  }
  g_assert_cmpmem (a, FRAMES * sizeof *a, b, FRAMES * sizeof *b);
  g_free (a);
  g_free (b);
  dmix_lookahead_free (whole);
  dmix_lookahead_free (parts);
}

static void
test_bad_values_do_not_stay (void)
{
  DmixLookahead *lookahead = dmix_lookahead_new (100);
  float gain[1000] = { 0 };

  gain[10] = NAN;
  gain[20] = -INFINITY;
  gain[30] = INFINITY;
  dmix_lookahead_process (lookahead, gain, 1000);
  for (int i = 0; i < 1000; i++)
    g_assert_true (gain[i] >= -200.0f && gain[i] <= 0.0f);
  for (int i = 300; i < 1000; i++)
    g_assert_cmpfloat (gain[i], ==, 0.0f);
  dmix_lookahead_free (lookahead);
}

/* A look-ahead made shorter equals a new one of that length. */
static void
test_resize (void)
{
  DmixLookahead *resized = dmix_lookahead_new (4801);
  float *a = random_target (), *b = g_memdup2 (a, FRAMES * sizeof *a);

  dmix_lookahead_process (resized, a, FRAMES);
  for (guint d = 0; d < G_N_ELEMENTS (delays); d++) {
    DmixLookahead *new = dmix_lookahead_new (delays[d]);

    memcpy (a, b, FRAMES * sizeof *a);
    dmix_lookahead_reset (new, -3.0f);
    dmix_lookahead_set_frames (resized, delays[d], -3.0f);
    g_assert_cmpuint (dmix_lookahead_latency_frames (resized), ==, delays[d]);
    dmix_lookahead_process (new, a, FRAMES);
    dmix_lookahead_process (resized, b, FRAMES);
    g_assert_cmpmem (a, FRAMES * sizeof *a, b, FRAMES * sizeof *b);
    dmix_lookahead_free (new);
  }
  g_free (a);
  g_free (b);
  dmix_lookahead_free (resized);
}

/* After any time at rest a step has the same answer. */
static void
test_rest (void)
{
  enum
  {
    AHEAD = 30,
    ANSWER = 100
  };
  const int waits[] = { 1, AHEAD, 2 * AHEAD + 4, 2 * AHEAD + 5, 1000 };
  float wanted[ANSWER];

  for (int w = 0; w < 5; w++) {
    DmixLookahead *ahead = dmix_lookahead_new (AHEAD);
    float gain[ANSWER];

    dmix_lookahead_reset (ahead, -1.0f);
    for (int i = 0; i < waits[w]; i++) {
      float rest = -1.0f;

      dmix_lookahead_process (ahead, &rest, 1);
      g_assert_cmpfloat (rest, ==, -1.0f);
    }
    g_assert_cmpint (dmix_lookahead_rests_on (ahead, -1.0f), ==,
        waits[w] >= 2 * AHEAD + 4);
    g_assert_false (dmix_lookahead_rests_on (ahead, -1.1f));
    for (int i = 0; i < ANSWER; i++)
      gain[i] = i < 3 ? -7.0f : i < 50 ? -2.0f : 0.0f;
    dmix_lookahead_process (ahead, gain, ANSWER);
    if (w == 0)
      memcpy (wanted, gain, sizeof wanted);
    g_assert_cmpmem (gain, sizeof gain, wanted, sizeof wanted);
    dmix_lookahead_free (ahead);
  }
}

static void
test_bad_arguments (void)
{
  DmixLookahead *longest = dmix_lookahead_new (1u << 18);

  g_assert_nonnull (longest);
  dmix_lookahead_free (longest);
  g_assert_null (dmix_lookahead_new ((1u << 18) + 1));
  g_assert_null (dmix_lookahead_new (1u << 30));
  dmix_lookahead_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lookahead/never-above-target", test_never_above_target);
  g_test_add_func ("/lookahead/constant-is-exact", test_constant_is_exact);
  g_test_add_func ("/lookahead/blocks-do-not-matter",
      test_blocks_do_not_matter);
  g_test_add_func ("/lookahead/bad-values-do-not-stay",
      test_bad_values_do_not_stay);
  g_test_add_func ("/lookahead/resize", test_resize);
  g_test_add_func ("/lookahead/rest", test_rest);
  g_test_add_func ("/lookahead/bad-arguments", test_bad_arguments);
  return g_test_run ();
}

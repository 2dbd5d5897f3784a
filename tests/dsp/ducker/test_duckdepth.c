/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of duckdepth.h, on steps of known levels. */
#include "signals.h"

#include "ducker/duckdepth.h"
#include "meter/kweight.h"

#define STEP_S 0.002
#define SILENCE -200.0

static const DmixDuckDepthParams target = { DMIX_DUCK_TARGET, 15, 12, 15, 0 };

static DmixDuckDepth *
make (const DmixDuckDepthParams *params, double free_s)
{
  DmixDuckDepth *depth = dmix_duckdepth_new (STEP_S, free_s);

  g_assert_nonnull (depth);
  dmix_duckdepth_set_params (depth, params);
  return depth;
}

typedef enum
{
  IDLE,
  HOLD,
  SPEAKING
} Voice;

/* Plays steady levels for some seconds; returns the last gain. */
static double
hear (DmixDuckDepth *depth, Voice voice, double dialogue_lufs,
    double background_lufs, double seconds)
{
  const DmixActivityState state = {
    voice != IDLE,
    voice == SPEAKING,
    dialogue_lufs,
  };
  double gain_db = 0.0;

  for (int i = 0; i < lround (seconds / STEP_S); i++)
    gain_db = dmix_duckdepth_step (depth, &state,
        dmix_kweight_mean_square (dialogue_lufs),
        dmix_kweight_mean_square (background_lufs));
  return gain_db;
}

/* Idle: exactly 0 dB. Speech or hold: the depth, from the first step on. */
static void
test_fixed (void)
{
  const double depths[] = { 0, 6, 12, 30, 80 }, ranges[] = { 0, 15, 60 };

  for (guint d = 0; d < G_N_ELEMENTS (depths); d++) {
    for (guint r = 0; r < G_N_ELEMENTS (ranges); r++) {
      const DmixDuckDepthParams params = {
        DMIX_DUCK_FIXED,
        15,
        depths[d],
        ranges[r],
        0,
      };
      const double want = -MIN (60.0, MIN (depths[d], ranges[r]));
      DmixDuckDepth *depth = make (&params, 0.0);

      g_assert_cmpfloat (hear (depth, IDLE, SILENCE, -30, 1), ==, 0.0);
      g_assert_cmpfloat (hear (depth, SPEAKING, -24, -30, STEP_S), ==, want);
      g_assert_cmpfloat (hear (depth, SPEAKING, -24, -10, 3), ==, want);
      g_assert_cmpfloat (hear (depth, HOLD, SILENCE, -10, 1), ==, want);
      g_assert_cmpfloat (hear (depth, IDLE, SILENCE, -10, 1), ==, 0.0);
      dmix_duckdepth_free (depth);
    }
  }
}

/* depth = clip (target - difference, 0, range) for any loudness of speech;
 * after 6 s of it, what was expected of the first words is forgotten. */
static void
test_target (void)
{
  for (double voice = -40; voice <= -5; voice += 7) {
    for (double difference = -12; difference <= 24; difference += 3) {
      DmixDuckDepth *depth = make (&target, 0.08);
      const double want = -CLAMP (15 - difference, 0.0, 15.0);

      hear (depth, IDLE, SILENCE, voice - difference, 2);
      g_assert_cmpfloat_with_epsilon (hear (depth, SPEAKING, voice,
                                          voice - difference, 6),
          want, 0.05);
      if (difference > 15)
        g_assert_cmpfloat (hear (depth, SPEAKING, voice, voice - difference, 1),
            ==, 0.0);
      dmix_duckdepth_free (depth);
    }
  }
}

/* Dialogue at -24 LUFS, the initial estimate, over a background already far
 * enough below: not even the first step ducks by 0.3 dB. */
static void
test_not_at_all (void)
{
  DmixDuckDepth *depth = make (&target, 0.08);

  hear (depth, IDLE, SILENCE, -40, 1);
  for (int i = 0; i < 1500; i++)
    g_assert_cmpfloat (hear (depth, SPEAKING, -24, -40, STEP_S), >, -0.3);
  dmix_duckdepth_free (depth);
}

static void
test_faders_count (void)
{
  DmixDuckDepthParams params = target;
  DmixDuckDepth *depth;

  params.balance_db = 5;
  depth = make (&params, 0.0);
  hear (depth, IDLE, SILENCE, -30, 1);
  g_assert_cmpfloat_with_epsilon (hear (depth, SPEAKING, -24, -30, 4), -4.0,
      0.03);
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_dialogue (depth)),
      -24, 1e-6);
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_background (depth)),
      -30, 1e-6);
  dmix_duckdepth_free (depth);
}

/* Within a phrase the depth moves by 1 dB a second after 2 s of speech (18 dB a
 * second before); between phrases it may jump. */
static void
test_moves_slowly (void)
{
  DmixDuckDepth *depth = make (&target, 0.08);
  double last, gain;

  hear (depth, IDLE, SILENCE, -40, 2);
  last = hear (depth, SPEAKING, -24, -40, 3);
  g_assert_cmpfloat (last, ==, 0.0);
  for (int i = 0; i < 4000; i++) { /* the background rises by 12 dB */
    gain = hear (depth, SPEAKING, -24, -28, STEP_S);
    g_assert_cmpfloat (fabs (gain - last), <=, 1.0 * STEP_S + 1e-12);
    last = gain;
  }
  g_assert_cmpfloat_with_epsilon (last, -8.0, 0.1); /* 8 s later */
  hear (depth, HOLD, SILENCE, -28, 0.4);
  hear (depth, IDLE, SILENCE, -28, 1);
  g_assert_cmpfloat_with_epsilon (hear (depth, SPEAKING, -24, -28, STEP_S),
      -11.0, 0.3);
  dmix_duckdepth_free (depth);
}

/* In the first 2 s of speech corrections are limited to 50 dB a second, and in
 * the first free_s not limited; the last 2 dB take their time. */
static void
test_learns_fast (void)
{
  DmixDuckDepth *depth = make (&target, 0.08);
  double last = 0.0;

  hear (depth, IDLE, SILENCE, -40, 2);
  for (int i = 0; i < 1000; i++) {
    const double gain = hear (depth, SPEAKING, -36, -40, STEP_S);

    if (i * STEP_S > 0.08)
      g_assert_cmpfloat (fabs (gain - last), <=, 50 * STEP_S + 1e-12);
    g_assert_true (gain <= 0.0 && gain >= -15.0);
    last = gain;
  }
  g_assert_cmpfloat_with_epsilon (last, -11.0, 0.2);
  dmix_duckdepth_free (depth);
}

/* The loudness of speech includes gaps below 0.3 s between words, but not
 * longer pauses. */
static void
test_gaps (void)
{
  DmixDuckDepth *depth = make (&target, 0.0);

  hear (depth, SPEAKING, -20, -60, 1);
  hear (depth, HOLD, SILENCE, -60, 0.2);
  hear (depth, SPEAKING, -20, -60, 1);
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_dialogue (depth)),
      -20 + 10 * log10 (2 / 2.2), 0.01);
  dmix_duckdepth_reset (depth);
  g_assert_cmpfloat (dmix_duckdepth_get_dialogue (depth), ==, 0.0);
  hear (depth, SPEAKING, -20, -60, 1);
  hear (depth, HOLD, SILENCE, -60, 0.35);
  hear (depth, SPEAKING, -20, -60, 1);
  hear (depth, HOLD, SILENCE, -60, 0.2);
  hear (depth, IDLE, SILENCE, -60, 0.05);
  hear (depth, SPEAKING, -20, -60, 1);
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_dialogue (depth)),
      -20, 1e-6);
  dmix_duckdepth_free (depth);
}

/* The background's level: an exponential mean over 6 s (a plain mean in the
 * first 6 s) of levels above -70 LUFS, so digital silence before a film starts
 * does not count. */
static void
test_background (void)
{
  DmixDuckDepth *depth = make (&target, 0.0);

  hear (depth, IDLE, SILENCE, SILENCE, 30);
  hear (depth, IDLE, SILENCE, -70.5, 30);
  g_assert_cmpfloat (dmix_duckdepth_get_background (depth), ==, 0.0);
  g_assert_cmpfloat (hear (depth, SPEAKING, -24, SILENCE, 1), ==, 0.0);
  hear (depth, IDLE, SILENCE, -30, 3);
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_background (depth)),
      -30, 1e-6);
  hear (depth, IDLE, SILENCE, -20, 3);
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_background (depth)),
      10 * log10 ((1e-3 + 1e-2) / 2), 0.01);
  hear (depth, IDLE, SILENCE, -30, 6);
  /* then the mean square makes 63 % of the way in 6 s */
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_background (depth)),
      10 * log10 (1e-3 + (5.5e-3 - 1e-3) * exp (-1)), 0.01);
  dmix_duckdepth_free (depth);
}

/* A gust in the last second counts at once, and not once it is over: the next
 * phrase starts deeper, the one after it does not. */
static void
test_gust (void)
{
  DmixDuckDepth *depth = make (&target, 0.0);
  double before, gust, after;

  hear (depth, SPEAKING, -24, -30, 4);
  hear (depth, IDLE, SILENCE, -30, 10);
  before = hear (depth, SPEAKING, -24, -30, STEP_S);
  hear (depth, IDLE, SILENCE, -26, 1);
  gust = hear (depth, SPEAKING, -24, -26, STEP_S);
  hear (depth, IDLE, SILENCE, -30, 12);
  after = hear (depth, SPEAKING, -24, -30, STEP_S);
  g_assert_cmpfloat_with_epsilon (before, -9, 0.1);
  /* a mean over the last second has made 63 % of the way, in power */
  g_assert_cmpfloat_with_epsilon (gust,
      -9 - 10 * log10 (1 + (pow (10, 0.4) - 1) * (1 - exp (-1))), 0.03);
  g_assert_cmpfloat_with_epsilon (after, -9, 0.4);
  dmix_duckdepth_free (depth);
}

/* Any levels: the gain is never above 0 dB, never below -range. */
static void
test_stays_in_range (void)
{
  GRand *rand = g_rand_new_with_seed (1);

  for (int range = 0; range <= 60; range += 12) {
    DmixDuckDepthParams params = target;
    DmixDuckDepth *depth;

    params.range_db = range;
    params.target_lu = 20;
    depth = make (&params, 0.1);
    for (int i = 0; i < 300; i++) {
      const double gain = hear (depth, g_rand_int_range (rand, 0, 3),
          g_rand_double_range (rand, -90, 10),
          g_rand_double_range (rand, -130, 10),
          g_rand_double_range (rand, 0, 0.5));

      g_assert_true (gain <= 0.0 && gain >= -range);
    }
    dmix_duckdepth_free (depth);
  }
  g_rand_free (rand);
}

static void
test_copy (void)
{
  DmixDuckDepth *a = make (&target, 0.08), *b = make (&target, 0.08);

  hear (a, IDLE, SILENCE, -33, 2);
  hear (a, SPEAKING, -28, -31, 1.3);
  dmix_duckdepth_take_over (b, a);
  for (int i = 0; i < 1000; i++)
    g_assert_cmpfloat (hear (a, i / 300 % 3, -26, -35 + i / 100, STEP_S), ==,
        hear (b, i / 300 % 3, -26, -35 + i / 100, STEP_S));
  g_assert_cmpfloat (dmix_duckdepth_get_dialogue (a), ==,
      dmix_duckdepth_get_dialogue (b));
  dmix_duckdepth_free (a);
  dmix_duckdepth_free (b);
}

static void
test_bad_arguments (void)
{
  g_assert_null (dmix_duckdepth_new (0.0, 0.1));
  g_assert_null (dmix_duckdepth_new (2.0, 0.1));
  g_assert_null (dmix_duckdepth_new (NAN, 0.1));
  g_assert_null (dmix_duckdepth_new (STEP_S, -0.1));
  g_assert_null (dmix_duckdepth_new (STEP_S, NAN));
  dmix_duckdepth_free (NULL);
}

/* The tail that a detector adds to the ends of words does not count as voice; a
 * voice that stays so quiet does, after a second, and the louder voice before it
 * is dropped. */
static void
test_tails (void)
{
  DmixDuckDepth *depth = make (&target, 0.0);

  hear (depth, SPEAKING, -24, -30, 4);
  for (int word = 0; word < 20; word++) {
    hear (depth, SPEAKING, -24, -30, 0.2);
    hear (depth, SPEAKING, -45, -30, 0.06);
    hear (depth, IDLE, SILENCE, -30, 0.5);
  }
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_dialogue (depth)),
      -24, 1e-6);
  hear (depth, SPEAKING, -42, -30, 5);
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_duckdepth_get_dialogue (depth)),
      -42, 0.1);
  dmix_duckdepth_free (depth);
}

/* 2 s that are 14, 24 or 400 dB louder than the speech after them: 4 s later the
 * depth is that of the speech alone, within 1 dB. The running mean alone would
 * still be 6 dB too loud (6 s: e^-0.67 of 2 s of 6 is left). */
static void
test_loud_moment (void)
{
  const double louder[] = { 14, 24, 400 };

  for (guint i = 0; i < G_N_ELEMENTS (louder); i++) {
    DmixDuckDepth *depth = make (&target, 0.0);

    hear (depth, SPEAKING, -30 + louder[i], -35, 2.0);
    g_assert_cmpfloat (hear (depth, SPEAKING, -30, -35, 0.5), >, -1.0);
    g_assert_cmpfloat_with_epsilon (hear (depth, SPEAKING, -30, -35, 3.5), -10,
        1.0);
    g_assert_cmpint (dmix_duckdepth_read_dropped (depth), >, 0);
    g_assert_cmpint (dmix_duckdepth_read_dropped (depth), ==, 0);
    dmix_duckdepth_free (depth);
  }
}

/* Speech whose loudness varies by 5 dB drops nothing. */
static void
test_loud_words_count (void)
{
  DmixDuckDepth *depth = make (&target, 0.0);

  for (guint i = 0; i < 20; i++)
    hear (depth, SPEAKING, i % 2 ? -25 : -30, -35, 0.4);
  g_assert_cmpint (dmix_duckdepth_read_dropped (depth), ==, 0);
  dmix_duckdepth_free (depth);
}

/* Where much more depth is needed than there is, it moves by 50 dB a second while
 * the voice is learned, and by 1 dB a second later. */
static void
test_speeds (void)
{
  const struct
  {
    double heard_s, db_per_s;
  } cases[] = { { 0.3, 50 }, { 8, 1 } };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    DmixDuckDepth *depth = make (&target, 0.0);
    double last;

    hear (depth, IDLE, SILENCE, -40, 4);
    hear (depth, SPEAKING, -24, -40, cases[c].heard_s);
    last = hear (depth, SPEAKING, -24, 0, STEP_S);
    for (int n = 0; n < 50; n++) {
      const double gain = hear (depth, SPEAKING, -24, 0, STEP_S);

      g_assert_cmpfloat_with_epsilon (last - gain, cases[c].db_per_s * STEP_S,
          1e-9);
      last = gain;
    }
    dmix_duckdepth_free (depth);
  }
}

/* A mean over 6 s, to which a step 14.5 dB below it belongs and one 15.5 dB
 * below does not, unless more than a second stays so. */
static void
test_dialogue (void)
{
  const double mean_square = dmix_kweight_mean_square (-24);
  DmixDuckDepth *depth = make (&target, 0.0), *copy = make (&target, 0.0);

  hear (depth, SPEAKING, -24, -40, 8);
  g_assert_cmpfloat_with_epsilon (dmix_duckdepth_get_dialogue (depth),
      mean_square, 1e-9);
  dmix_duckdepth_take_over (copy, depth);
  hear (copy, SPEAKING, -38.5, -40, 0.5);
  g_assert_cmpfloat_with_epsilon (dmix_duckdepth_get_dialogue (copy)
          / mean_square,
      pow (10, -1.45) + (1 - pow (10, -1.45)) * exp (-0.5 / 6), 1e-4);
  dmix_duckdepth_take_over (copy, depth);
  hear (copy, SPEAKING, -39.5, -40, 0.99);
  g_assert_cmpfloat_with_epsilon (dmix_duckdepth_get_dialogue (copy),
      mean_square, 1e-9);
  hear (copy, SPEAKING, -39.5, -40, 0.1);
  g_assert_cmpfloat (dmix_duckdepth_get_dialogue (copy), <,
      0.995 * mean_square);
  dmix_duckdepth_free (depth);
  dmix_duckdepth_free (copy);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/duckdepth/fixed", test_fixed);
  g_test_add_func ("/duckdepth/target", test_target);
  g_test_add_func ("/duckdepth/not-at-all", test_not_at_all);
  g_test_add_func ("/duckdepth/faders-count", test_faders_count);
  g_test_add_func ("/duckdepth/moves-slowly", test_moves_slowly);
  g_test_add_func ("/duckdepth/learns-fast", test_learns_fast);
  g_test_add_func ("/duckdepth/gaps", test_gaps);
  g_test_add_func ("/duckdepth/background", test_background);
  g_test_add_func ("/duckdepth/gust", test_gust);
  g_test_add_func ("/duckdepth/stays-in-range", test_stays_in_range);
  g_test_add_func ("/duckdepth/copy", test_copy);
  g_test_add_func ("/duckdepth/bad-arguments", test_bad_arguments);
  g_test_add_func ("/duckdepth/tails", test_tails);
  g_test_add_func ("/duckdepth/loud-moment", test_loud_moment);
  g_test_add_func ("/duckdepth/loud-words-count", test_loud_words_count);
  g_test_add_func ("/duckdepth/speeds", test_speeds);
  g_test_add_func ("/duckdepth/dialogue", test_dialogue);
  return g_test_run ();
}

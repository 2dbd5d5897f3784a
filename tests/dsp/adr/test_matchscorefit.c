/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of `fit` in matchscore.h. */
#include "signals.h"

#include "adr/matchscore.h"

#define N 400

typedef struct
{
  float feature[DMIX_SPEECH_DIMENSIONS * N], level_db[N];
  double map[N];
  DmixSpeech speech;
} Side;

/* Slopes of a text; the other features are random (and must be ignored).
 * Quiet in [150, 250). */
static Side *
side_new (int text, double delay)
{
  Side *side = g_new0 (Side, 1);

  for (int d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
    for (int t = 0; t < N; t++)
      side->feature[d * N + t] = d < DMIX_MEL_BANDS || d >= 2 * DMIX_MEL_BANDS
          ? (float) g_test_rand_double_range (-1.0, 1.0)
          : (float) sin (
              2.0 * G_PI * (t - delay) / (23.0 + (d * 7 + text * 13) % 31)
              + d * text);
  for (int t = 0; t < N; t++) {
    side->level_db[t] = t >= 150 && t < 250 ? 0.0f : 12.0f;
    side->map[t] = t;
  }
  side->speech.frames = side->speech.stride = N;
  side->speech.feature = side->feature;
  side->speech.level_db = side->level_db;
  return side;
}

/* The same text fits, also late by a fraction of a frame (linear interpolation
 * misses sines of 23 frames and more by up to (pi / 23)^2 / 2 = 1 %); another
 * text does not. */
static void
test_texts (void)
{
  Side *guide = side_new (1, 0.0), *late = side_new (1, 3.4);
  Side *other = side_new (2, 0.0);

  g_assert_cmpfloat_with_epsilon (dmix_matchscore_fit (&guide->speech,
                                      &guide->speech, guide->map, 0, N),
      1.0, 1e-6);
  for (int t = 0; t < N; t++)
    late->map[t] = t + 3.4;
  g_assert_cmpfloat (dmix_matchscore_fit (&guide->speech, &late->speech,
                         late->map, 0, N),
      >, 0.99);
  g_assert_cmpfloat (fabs (dmix_matchscore_fit (&guide->speech, &other->speech,
                         guide->map, 0, N)),
      <, 0.3);
  g_free (guide);
  g_free (late);
  g_free (other);
}

/* Frames quiet on both sides, frames the map skips or waits at, and frames
 * outside the take do not count. */
static void
test_left_out (void)
{
  Side *guide = side_new (1, 0.0), *take = side_new (1, 0.0);

  for (int d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
    for (int t = 0; t < N; t++)
      if (t >= 150 && t < 300)
        take->feature[d * N + t] = -take->feature[d * N + t];
  for (int t = 249; t < 300; t++)
    guide->map[t] = 249.0;
  g_assert_cmpfloat_with_epsilon (dmix_matchscore_fit (&guide->speech,
                                      &take->speech, guide->map, 0, N),
      1.0, 0.01);
  for (int t = 0; t < N; t++)
    guide->map[t] = t < 100 ? t : 1e7 + t;
  g_assert_cmpfloat_with_epsilon (dmix_matchscore_fit (&guide->speech,
                                      &take->speech, guide->map, 0, N),
      1.0, 1e-6);
  g_assert_cmpfloat (dmix_matchscore_fit (&guide->speech, &take->speech,
                         guide->map, 200, N),
      ==, 0.0);
  g_free (guide);
  g_free (take);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/likenessfit/texts", test_texts);
  g_test_add_func ("/likenessfit/left-out", test_left_out);
  return g_test_run ();
}

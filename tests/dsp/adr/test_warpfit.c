/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of warpfit.h. */
#include "signals.h"

#include "adr/warpfit.h"

#define N 300

typedef struct
{
  float feature[DMIX_SPEECH_DIMENSIONS * N], level_db[N];
  DmixSpeech speech;
} Side;

/* Slopes are sinusoids with periods of 0.5 s and more, another one in each
 * band, and constant in [200, 250). The other features are misleading. */
static Side *
side_new (double delay)
{
  Side *side = g_new0 (Side, 1);

  for (int d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
    for (int t = 0; t < N; t++) {
      const double at = t - delay;
      const double wave = 0.2 * sin (2.0 * G_PI * at / (100.0 + 7.0 * d) + d);

      side->feature[d * N + t] = d < DMIX_MEL_BANDS || d >= 2 * DMIX_MEL_BANDS
          ? (float) g_test_rand_double_range (-1.0, 1.0)
          : at >= 200.0 && at < 250.0 ? 0.1f
                                      : (float) wave;
    }
  side->speech.frames = side->speech.stride = N;
  side->speech.feature = side->feature;
  side->speech.level_db = side->level_db;
  return side;
}

/* The take is 2.3 frames late, the map 1 frame: one Newton step is right except
 * for the errors of the gradients' length of 4 frames (1 - sinc of 4 / 100
 * periods: 0.3 %) and of linear interpolation between frames. */
static void
test_step (void)
{
  Side *guide = side_new (0.0), *take = side_new (2.3);
  double delay[N], better[N], weight[N];
  size_t place[N];
  float part[N];
  const DmixWarpFit fit = { better, weight, place, part };

  for (int i = 0; i < N; i++)
    delay[i] = 1.0;
  dmix_warpfit_find (&fit, &guide->speech, &take->speech, 20, 170, delay);
  for (int i = 0; i < 170; i++) {
    g_assert_cmpfloat (weight[i], >, 0.0);
    g_assert_cmpfloat_with_epsilon (better[i], 2.3, 0.02);
  }
  g_free (guide);
  g_free (take);
}

/* Slopes of their own are used instead of those among the features. */
static void
test_slopes (void)
{
  Side *side[2] = { side_new (0.0), side_new (2.3) };
  float slope[2][DMIX_MEL_BANDS * N];
  double delay[N] = { 0.0 }, better[2][N], weight[N];
  size_t place[N];
  float part[N];

  for (int own = 0; own < 2; own++) {
    const DmixWarpFit fit = { better[own], weight, place, part };

    dmix_warpfit_find (&fit, &side[0]->speech, &side[1]->speech, 20, 170,
        delay);
    for (int s = 0; s < 2; s++) {
      float *among = side[s]->feature + DMIX_MEL_BANDS * N;

      memcpy (slope[s], among, sizeof slope[s]);
      memset (among, 0, sizeof slope[s]);
      side[s]->speech.slope = slope[s];
    }
  }
  g_assert_cmpmem (better[0], 170 * sizeof (double), better[1],
      170 * sizeof (double));
  g_assert_cmpfloat_with_epsilon (better[1][100], 2.3, 0.1);
  g_free (side[0]);
  g_free (side[1]);
}

/* A noise moves half of the guide's bands, half as fast again as the voice
 * moves the others: where these bands are known as noise, the step is less than half
 * as far off. */
static void
test_trust (void)
{
  Side *guide = side_new (0.0), *take = side_new (2.3);
  uint8_t trust[DMIX_MEL_BANDS * N];
  double delay[N] = { 0.0 }, better[N], weight[N], miss[2] = { 0.0 };
  size_t place[N];
  float part[N];
  const DmixWarpFit fit = { better, weight, place, part };

  for (int b = 0; b < DMIX_MEL_BANDS; b++)
    for (int t = 0; t < N; t++) {
      trust[b * N + t] = b % 2 ? 255 : 0;
      if (b % 2 == 0)
        guide->feature[(DMIX_MEL_BANDS + b) * N + t] +=
            (float) (0.1 * sin (2.0 * G_PI * t / (31.0 + b)));
    }
  for (int told = 0; told < 2; told++) {
    guide->speech.trust = told ? trust : NULL;
    dmix_warpfit_find (&fit, &guide->speech, &take->speech, 20, 170, delay);
    for (int i = 0; i < 170; i++)
      miss[told] += fabs (better[i] - 2.3) / 170;
  }
  g_assert_cmpfloat (miss[1], <, 0.5 * miss[0]);
  g_free (guide);
  g_free (take);
}

/* A correct map is kept, to the bit. */
static void
test_right (void)
{
  Side *guide = side_new (0.0);
  double delay[N] = { 0.0 }, better[N], weight[N];
  size_t place[N];
  float part[N];
  const DmixWarpFit fit = { better, weight, place, part };

  dmix_warpfit_find (&fit, &guide->speech, &guide->speech, 0, N, delay);
  for (int i = 0; i < N; i++)
    g_assert_true (better[i] == 0.0);
  g_free (guide);
}

/* A steady sound has no weight; positions outside the take read its last
 * frame. */
static void
test_nothing (void)
{
  Side *guide = side_new (0.0);
  double delay[N], better[N], weight[N];
  size_t place[N];
  float part[N];
  const DmixWarpFit fit = { better, weight, place, part };

  for (int i = 0; i < N; i++)
    delay[i] = i < 100 ? 0.0 : 1e6;
  dmix_warpfit_find (&fit, &guide->speech, &guide->speech, 204, 42, delay);
  for (int i = 0; i < 42; i++) {
    g_assert_true (better[i] == 0.0);
    g_assert_true (weight[i] == 0.0);
  }
  dmix_warpfit_find (&fit, &guide->speech, &guide->speech, 0, N, delay);
  for (int i = 0; i < N; i++)
    g_assert_true (isfinite (better[i]) && weight[i] >= 0.0);
  g_free (guide);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/warpfit/step", test_step);
  g_test_add_func ("/warpfit/slopes", test_slopes);
  g_test_add_func ("/warpfit/trust", test_trust);
  g_test_add_func ("/warpfit/right", test_right);
  g_test_add_func ("/warpfit/nothing", test_nothing);
  return g_test_run ();
}

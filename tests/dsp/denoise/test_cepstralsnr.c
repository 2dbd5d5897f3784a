/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of cepstralsnr.h with synthetic power spectra. */
#include "signals.h"

#include "denoise/cepstralsnr.h"

enum
{
  BINS = 769
};

static const DmixGainShape shape = { BINS, 31.25, 0.0107 };

static float power[BINS], noise[BINS];

static const float *
run (DmixCepstralSnr *snr, GRand *rand, int frames, gboolean voice)
{
  const float *prior = NULL;

  for (int i = 0; i < frames; i++) {
    for (int b = 0; b < BINS; b++) {
      const double harmonic = pow (cos (G_PI * b / 5.0), 8.0);

      power[b] = (float) -log (1.0 - g_rand_double (rand));
      if (voice && b < 200) /* 156 Hz, 20 dB */
        power[b] *= (float) (1.0 + 100 * harmonic);
      noise[b] = 1.0f;
    }
    prior = dmix_cepstralsnr_step (snr, power, noise, 0.003f);
  }
  return prior;
}

static double
spread_db (const float *prior)
{
  double sum = 0, squares = 0;

  for (int b = 0; b < BINS; b++) {
    sum += 10 * log10 (prior[b]);
    squares += pow (10 * log10 (prior[b]), 2);
  }
  return sqrt (squares / BINS - pow (sum / BINS, 2));
}

/* In noise, power / noise - 1 varies by some 9 dB (standard deviation) from bin
 * to bin, although it is limited to -25 dB in two bins of three. Smoothed, it
 * varies by less than 4 dB. */
static void
test_noise_is_smooth (void)
{
  DmixCepstralSnr *snr = dmix_cepstralsnr_new (&shape);
  GRand *rand = g_rand_new_with_seed (1);
  const float *prior = run (snr, rand, 100, FALSE);

  g_assert_cmpfloat (spread_db (prior), <, 4.0);
  for (int b = 0; b < BINS; b++)
    g_assert_true (prior[b] >= 0.003f && prior[b] < 1.0f);
  g_rand_free (rand);
  dmix_cepstralsnr_free (snr);
}

/* Harmonics stand out by 5 dB three frames (32 ms) after their onset. */
static void
test_harmonics_stand_out (void)
{
  DmixCepstralSnr *snr = dmix_cepstralsnr_new (&shape);
  GRand *rand = g_rand_new_with_seed (2);
  const float *prior;
  double on = 0, between = 0;

  run (snr, rand, 100, FALSE);
  prior = run (snr, rand, 3, TRUE);
  for (int b = 10; b < 190; b += 5) {
    on += 10 * log10 (prior[b]) / 36;
    between += 10 * log10 (0.5 * (prior[b + 2] + prior[b + 3])) / 36;
  }
  g_assert_cmpfloat (on, >, 5.0);
  g_assert_cmpfloat (on - between, >, 5.0);
  g_rand_free (rand);
  dmix_cepstralsnr_free (snr);
}

static void
test_reset_and_take_over (void)
{
  DmixCepstralSnr *a = dmix_cepstralsnr_new (&shape);
  DmixCepstralSnr *b = dmix_cepstralsnr_new (&shape);
  GRand *rand = g_rand_new_with_seed (3);
  float first[BINS];
  const float *prior;

  prior = run (a, rand, 1, TRUE);
  memcpy (first, prior, sizeof first);
  run (a, rand, 10, TRUE);
  dmix_cepstralsnr_take_over (b, a);
  prior = dmix_cepstralsnr_step (a, power, noise, 0.003f);
  g_assert_cmpmem (prior, sizeof first,
      dmix_cepstralsnr_step (b, power, noise, 0.003f), sizeof first);
  dmix_cepstralsnr_reset (a);
  g_rand_set_seed (rand, 3);
  prior = run (a, rand, 1, TRUE);
  g_assert_cmpmem (prior, sizeof first, first, sizeof first);
  g_rand_free (rand);
  dmix_cepstralsnr_free (a);
  dmix_cepstralsnr_free (b);
}

static void
test_bad_arguments (void)
{
  const DmixGainShape none = { 1, 31.25, 0.01 }, odd = { 500, 31.25, 0.01 };

  g_assert_null (dmix_cepstralsnr_new (&none));
  g_assert_null (dmix_cepstralsnr_new (&odd));
  g_assert_null (dmix_cepstralsnr_new (NULL));
  dmix_cepstralsnr_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cepstralsnr/noise-is-smooth", test_noise_is_smooth);
  g_test_add_func ("/cepstralsnr/harmonics-stand-out",
      test_harmonics_stand_out);
  g_test_add_func ("/cepstralsnr/reset-and-take-over",
      test_reset_and_take_over);
  g_test_add_func ("/cepstralsnr/bad-arguments", test_bad_arguments);
  return g_test_run ();
}

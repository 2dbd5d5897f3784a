/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of speechgain.h with synthetic power spectra: low gains in noise, gains
 * near 1 at the harmonics of a voice. */
#include "signals.h"

#include "denoise/speechgain.h"

enum
{
  BINS = 769
};

static const DmixGainShape shape = { BINS, 31.25, 0.0107 };

static const DmixGainEstimator *const gains = &dmix_speechgain;
static float power[BINS], noise[BINS], gain[BINS];

/* Power of harmonics of 156 Hz from 300 Hz to 6 kHz over that of the noise;
 * snr: its value at the peaks. */
static double
snr_of (int b, double snr)
{
  return b < 10 || b > 192 ? 0 : snr * pow (cos (G_PI * b / 5.0), 8.0);
}

/* Returns the mean probability of speech over the last half of the frames;
 * last: optional, receives the gains of the last frame. */
static double
run (void *state, GRand *rand, int frames, double snr, float *last)
{
  double sum = 0;

  for (int i = 0; i < frames; i++) {
    float voice;

    for (int b = 0; b < BINS; b++) {
      power[b] = (float) (-log (1.0 - g_rand_double (rand)) + snr_of (b, snr));
      noise[b] = 1.0f;
    }
    voice = gains->step (state, power, noise, gain);
    g_assert_true (voice >= 0 && voice <= 1);
    for (int b = 0; b < BINS; b++)
      g_assert_true (gain[b] >= 0 && gain[b] <= 1);
    if (i >= frames / 2)
      sum += voice;
  }
  if (last)
    memcpy (last, gain, sizeof gain);
  return sum / (frames - frames / 2);
}

static double
mean_power (int first, int last)
{
  double sum = 0;

  for (int b = first; b < last; b++)
    sum += gain[b] * gain[b];
  return sum / (last - first);
}

/* The log spectral gain alone is limited by the least a-priori SNR, -25 dB.
 * Without speech the presence lowers it further: noise falls by 30 dB. */
static void
test_noise (void)
{
  void *state = gains->make (&shape);
  GRand *rand = g_rand_new_with_seed (1);

  g_assert_cmpfloat (run (state, rand, 200, 0, NULL), <, 0.05);
  g_assert_cmpfloat (10 * log10 (mean_power (0, BINS)), <, -30);
  g_rand_free (rand);
  gains->free (state);
}

/* At an SNR of 30 dB the Wiener gain is -0.01 dB and the log spectral gain is
 * closer to 0 dB; the peaks lose less than 0.5 dB. At frequencies above the
 * voice, noise falls. */
static void
test_voice (void)
{
  void *state = gains->make (&shape);
  GRand *rand = g_rand_new_with_seed (2);

  g_assert_cmpfloat (run (state, rand, 60, 1000, NULL), >, 0.95);
  for (int b = 15; b <= 190; b += 5)
    g_assert_cmpfloat (20 * log10 (gain[b]), >, -0.5);
  g_assert_cmpfloat (10 * log10 (mean_power (400, BINS)), <, -20);

  /* without the voice the probability falls within 0.3 s */
  g_assert_cmpfloat (run (state, rand, 56, 0, NULL), <, 0.2);
  g_rand_free (rand);
  gains->free (state);
}

/* Power in the lowest octaves only is not speech. */
static void
test_rumble (void)
{
  void *state = gains->make (&shape);

  for (int i = 0; i < 100; i++) {
    for (int b = 0; b < BINS; b++) {
      power[b] = b < 4 ? 1000.0f : 1.0f;
      noise[b] = 1.0f;
    }
    gains->step (state, power, noise, gain);
  }
  g_assert_cmpfloat (10 * log10 (mean_power (0, 4)), <, -20);
  gains->free (state);
}

/* After take_over() both states give the same gains; after a reset, those of a
 * new state. */
static void
test_take_over_and_reset (void)
{
  void *state = gains->make (&shape), *copy = gains->make (&shape);
  GRand *rand = g_rand_new_with_seed (3), *again;
  float first[BINS], second[BINS];

  run (state, rand, 30, 100, NULL);
  gains->take_over (copy, state);
  again = g_rand_copy (rand);
  run (state, rand, 5, 100, first);
  run (copy, again, 5, 100, second);
  g_assert_cmpmem (first, sizeof first, second, sizeof second);

  gains->reset (state);
  gains->free (copy);
  copy = gains->make (&shape);
  g_rand_set_seed (rand, 4);
  g_rand_set_seed (again, 4);
  run (state, rand, 5, 100, first);
  run (copy, again, 5, 100, second);
  g_assert_cmpmem (first, sizeof first, second, sizeof second);
  g_rand_free (rand);
  g_rand_free (again);
  gains->free (state);
  gains->free (copy);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speechgain/noise", test_noise);
  g_test_add_func ("/speechgain/voice", test_voice);
  g_test_add_func ("/speechgain/rumble", test_rumble);
  g_test_add_func ("/speechgain/take-over-and-reset", test_take_over_and_reset);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What noisestart.h promises, on power spectra of noise (exponentially
 * distributed) and of "speech" that comes and goes. */
#include "signals.h"

#include "denoise/noisestart.h"

enum
{
  BINS = 200
};

#define HOP_S 0.010
#define BIN_HZ 40.0

static float power[BINS], noise[BINS];

static void
next_noise (GRand *rand, double scale)
{
  for (int b = 0; b < BINS; b++)
    power[b] = (float) (-log (1.0 - g_rand_double (rand)) * scale);
}

/* Mean level of the bound, dB. */
static double
bound_db (void)
{
  double sum = 0;

  for (int b = 0; b < BINS; b++)
    sum += 10 * log10 (fmax (noise[b], 1e-30));
  return sum / BINS;
}

static void
run (DmixNoiseStart *start, GRand *rand, double scale, double seconds)
{
  for (int i = 0; i < (int) (seconds / HOP_S + 0.5); i++) {
    next_noise (rand, scale);
    dmix_noisestart_step (start, power, noise);
  }
}

/* The first frame is doubted by 25 dB, all of it after 30 ms by more than 20;
 * steady noise is known within 3 dB after 0.25 s, for good. */
static void
test_steady (void)
{
  const double scales[] = { 1e-9, 1.0, 1e9 };

  for (guint i = 0; i < G_N_ELEMENTS (scales); i++) {
    DmixNoiseStart *start = dmix_noisestart_new (BINS, BIN_HZ, HOP_S);
    GRand *rand = g_rand_new_with_seed (1);
    const double level = 10 * log10 (scales[i]);

    memset (noise, 0, sizeof noise);
    for (int b = 0; b < BINS; b++)
      power[b] = (float) scales[i];
    dmix_noisestart_step (start, power, noise);
    g_assert_cmpfloat_with_epsilon (bound_db (), level - 25, 0.1);
    run (start, rand, scales[i], 0.03);
    g_assert_cmpfloat (bound_db (), <, level - 20);
    run (start, rand, scales[i], 0.25);
    g_assert_cmpfloat_with_epsilon (bound_db (), level, 3.0);
    run (start, rand, scales[i], 1.0);
    g_assert_cmpfloat_with_epsilon (bound_db (), level, 3.0);
    g_rand_free (rand);
    dmix_noisestart_free (start);
  }
}

/* "Speech" 30 dB above the noise, 100 ms on, 50 ms off, whose bands change by
 * some dB from sound to sound: the bound is 10 dB below it in the first 0.2 s,
 * and 6 dB after 1 s, because the pauses are so short. */
static void
test_speech_is_no_noise (void)
{
  DmixNoiseStart *start = dmix_noisestart_new (BINS, BIN_HZ, HOP_S);
  GRand *rand = g_rand_new_with_seed (2);
  double band_db[BINS / 12 + 1];

  memset (noise, 0, sizeof noise);
  for (int i = 0; i < 100; i++) {
    next_noise (rand, 1.0);
    for (int n = 0; i % 5 == 0 && n <= BINS / 12; n++)
      band_db[n] = g_rand_double_range (rand, -8, 8);
    for (int b = 0; b < BINS && i % 15 < 10; b++)
      power[b] *= (float) pow (10, 3 + band_db[b / 12] / 10);
    dmix_noisestart_step (start, power, noise);
    if (i < 20)
      g_assert_cmpfloat (bound_db (), <, 20);
  }
  g_assert_cmpfloat (bound_db (), <, 24);
  g_rand_free (rand);
  dmix_noisestart_free (start);
}

/* Sound whose bands change is certain after 0.6 s and no sooner; the least power
 * is then taken as 3 dB below the mean. */
static void
test_doubt_fades (void)
{
  DmixNoiseStart *start = dmix_noisestart_new (BINS, BIN_HZ, HOP_S);
  double before = -100;

  memset (noise, 0, sizeof noise);
  for (int i = 0; i < 120; i++) {
    /* the least stays at 1, the bands move by more than 2.5 dB a window */
    for (int b = 0; b < BINS; b++)
      power[b] = i == 0 ? 1.0f : powf (10.0f, (float) (i * 5 % 23) + 1.0f);
    dmix_noisestart_step (start, power, noise);
    g_assert_cmpfloat (bound_db (), >=, before);
    before = bound_db ();
    g_assert_cmpfloat_with_epsilon (before,
        -25 + 28 * fmin (i * HOP_S / 0.6, 1), 0.1);
  }
  dmix_noisestart_free (start);
}

/* After 1.5 s nothing changes, until a reset. */
static void
test_end (void)
{
  DmixNoiseStart *start = dmix_noisestart_new (BINS, BIN_HZ, HOP_S);
  GRand *rand = g_rand_new_with_seed (3);

  memset (noise, 0, sizeof noise);
  run (start, rand, 1.0, 1.5);
  memset (noise, 0, sizeof noise);
  run (start, rand, 1.0, 0.1);
  for (int b = 0; b < BINS; b++)
    g_assert_cmpfloat (noise[b], ==, 0.0f);
  dmix_noisestart_reset (start);
  run (start, rand, 1.0, HOP_S);
  for (int b = 0; b < BINS; b++)
    g_assert_cmpfloat (noise[b], >, 0.0f);
  g_rand_free (rand);
  dmix_noisestart_free (start);
}

/* The state of another one, scaled, makes the same bound, scaled. Odd sizes:
 * fewer bins than a band has. */
static void
test_take_over (void)
{
  DmixNoiseStart *start = dmix_noisestart_new (BINS, BIN_HZ, HOP_S);
  DmixNoiseStart *other = dmix_noisestart_new (BINS, BIN_HZ, HOP_S);
  DmixNoiseStart *tiny = dmix_noisestart_new (2, 1000.0, HOP_S);
  GRand *rand = g_rand_new_with_seed (4);
  float want[BINS];

  memset (noise, 0, sizeof noise);
  run (start, rand, 1.0, 0.2);
  dmix_noisestart_take_over (other, start, 4.0f);
  next_noise (rand, 1.0);
  memset (noise, 0, sizeof noise);
  dmix_noisestart_step (start, power, noise);
  memcpy (want, noise, sizeof noise);
  for (int b = 0; b < BINS; b++)
    power[b] *= 4.0f;
  memset (noise, 0, sizeof noise);
  dmix_noisestart_step (other, power, noise);
  for (int b = 0; b < BINS; b++)
    g_assert_cmpfloat_with_epsilon (noise[b] / want[b], 4.0, 1e-3);
  dmix_noisestart_step (tiny, power, noise);
  g_assert_true (isfinite (noise[0]) && noise[0] > 0.0f);
  g_rand_free (rand);
  dmix_noisestart_free (start);
  dmix_noisestart_free (other);
  dmix_noisestart_free (tiny);
  dmix_noisestart_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/noisestart/steady", test_steady);
  g_test_add_func ("/noisestart/speech-is-no-noise", test_speech_is_no_noise);
  g_test_add_func ("/noisestart/doubt-fades", test_doubt_fades);
  g_test_add_func ("/noisestart/end", test_end);
  g_test_add_func ("/noisestart/take-over", test_take_over);
  return g_test_run ();
}

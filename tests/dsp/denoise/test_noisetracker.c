/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of noisetracker.h with power spectra of synthetic noise. Their bins are
 * exponentially distributed, like the power of Gaussian noise. */
#include "signals.h"

#include "denoise/binloops.h"
#include "denoise/noisetracker.h"

enum
{
  BINS = 200
};

#define HOP_S 0.010
#define BIN_HZ 40.0

static float power[BINS];

/* A frame of noise; its mean power is 1 in bin 0, rising by 0.1 dB a bin. */
static void
next_noise (GRand *rand, double scale)
{
  for (int b = 0; b < BINS; b++)
    power[b] = (float) (-log (1.0 - g_rand_double (rand)) * scale
        * pow (10.0, b / 100.0));
}

static void
run (DmixNoiseTracker *tracker, GRand *rand, double scale, double seconds)
{
  for (int i = 0; i < (int) (seconds / HOP_S); i++) {
    next_noise (rand, scale);
    dmix_noisetracker_step (tracker, power);
  }
}

/* Error of the noise power, mean over the bins, dB. */
static double
error_db (const DmixNoiseTracker *tracker, double scale)
{
  const float *noise = dmix_noisetracker_get_noise (tracker);
  double sum = 0;

  for (int b = 0; b < BINS; b++)
    sum += 10 * log10 (noise[b] / scale) - b / 10.0;
  return sum / BINS;
}

/* Steady noise is known within 1.5 dB after half a second and within 1 dB later.
 * The mean of a logarithm is below the logarithm of the mean, by 0.3 dB with an
 * average over 150 ms; the rest is room for the effect of the presence. */
static void
test_steady_noise (void)
{
  const double scales[] = { 1e-12, 1.0, 1e9 };

  for (guint i = 0; i < G_N_ELEMENTS (scales); i++) {
    DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
    GRand *rand = g_rand_new_with_seed (1);

    run (tracker, rand, scales[i], 0.5);
    g_assert_cmpfloat_with_epsilon (error_db (tracker, scales[i]), 0.0, 1.5);
    run (tracker, rand, scales[i], 3.0);
    g_assert_cmpfloat_with_epsilon (error_db (tracker, scales[i]), 0.0, 1.0);
    g_rand_free (rand);
    dmix_noisetracker_free (tracker);
  }
}

/* Loud and soft input give the same noise, except for rounding. */
static void
test_level_does_not_matter (void)
{
  DmixNoiseTracker *loud = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
  DmixNoiseTracker *soft = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
  GRand *a = g_rand_new_with_seed (2), *b = g_rand_new_with_seed (2);

  run (loud, a, 1.0, 2.0);
  run (soft, b, 0x1p-30, 2.0);
  for (int i = 0; i < BINS; i++)
    g_assert_cmpfloat_with_epsilon (dmix_noisetracker_get_noise (soft)[i]
            / 0x1p-30 / dmix_noisetracker_get_noise (loud)[i],
        1.0, 1e-4);
  g_rand_free (a);
  g_rand_free (b);
  dmix_noisetracker_free (loud);
  dmix_noisetracker_free (soft);
}

/* After a change of 10 dB the noise is known within 2 dB after a second. */
static void
test_changes_are_followed (void)
{
  const double to[] = { 10.0, 0.1 };

  for (int i = 0; i < 2; i++) {
    DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
    GRand *rand = g_rand_new_with_seed (3);

    run (tracker, rand, 1.0, 2.0);
    run (tracker, rand, to[i], 1.0);
    g_assert_cmpfloat_with_epsilon (error_db (tracker, to[i]), 0.0, 2.0);
    g_rand_free (rand);
    dmix_noisetracker_free (tracker);
  }
}

/* Speech 30 dB above the noise in every fifth bin, 0.3 s of every 0.5 s: the
 * presence is high in these bins, and the noise is overestimated by less than
 * 3 dB. */
static void
test_speech_is_no_noise (void)
{
  DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
  GRand *rand = g_rand_new_with_seed (4);
  double speech = 0, noise = 0, worst = 0;

  run (tracker, rand, 1.0, 1.0);
  for (int i = 0; i < 400; i++) {
    next_noise (rand, 1.0);
    for (int b = 0; b < BINS && i % 50 < 30; b += 5)
      power[b] *= 1000;
    dmix_noisetracker_step (tracker, power);
    if (i % 50 == 29)
      for (int b = 0; b < BINS; b += 5) {
        const double level = pow (10.0, b / 100.0);

        speech += dmix_noisetracker_get_presence (tracker)[b] / 8 / (BINS / 5);
        noise +=
            dmix_noisetracker_get_presence (tracker)[b + 2] / 8 / (BINS / 5);
        worst += 10 * log10 (dmix_noisetracker_get_noise (tracker)[b] / level)
            / 8 / (BINS / 5);
      }
  }
  g_assert_cmpfloat (speech, >, 0.9);
  g_assert_cmpfloat (noise, <, 0.1);
  g_assert_cmpfloat (worst, <, 3.0);
  g_rand_free (rand);
  dmix_noisetracker_free (tracker);
}

/* The first sound is taken as speech at first, whatever it is. */
static void
test_first_sound_is_speech (void)
{
  DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
  GRand *rand = g_rand_new_with_seed (5);

  g_assert_false (dmix_noisetracker_knows_noise (tracker));
  run (tracker, rand, 1.0, HOP_S);
  g_assert_true (dmix_noisetracker_knows_noise (tracker));
  g_assert_cmpfloat (error_db (tracker, 1.0), <, -20.0);
  run (tracker, rand, 1.0, 5 * HOP_S);
  g_assert_cmpfloat (error_db (tracker, 1.0), <, -15.0);
  for (int b = 0; b < BINS; b++)
    g_assert_cmpfloat (dmix_noisetracker_get_presence (tracker)[b], >, 0.9);
  g_rand_free (rand);
  dmix_noisetracker_free (tracker);
}

/* After a restart the last noise is the noise from the first frame on, and
 * another one, 10 dB lower or higher, is known within a second. */
static void
test_restart (void)
{
  const double to[] = { 1.0, 10.0, 0.1 };

  for (int i = 0; i < 3; i++) {
    DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
    GRand *rand = g_rand_new_with_seed (9);

    run (tracker, rand, 1.0, 2.0);
    dmix_noisetracker_restart (tracker);
    g_assert_true (dmix_noisetracker_knows_noise (tracker));
    run (tracker, rand, to[i], HOP_S);
    g_assert_cmpfloat_with_epsilon (error_db (tracker, 1.0), 0.0, 1.5);
    run (tracker, rand, to[i], 1.0);
    g_assert_cmpfloat_with_epsilon (error_db (tracker, to[i]), 0.0, 2.0);
    dmix_noisetracker_reset (tracker);
    g_assert_false (dmix_noisetracker_knows_noise (tracker));
    g_rand_free (rand);
    dmix_noisetracker_free (tracker);
  }
}

/* A sound 30 dB above the noise has a presence of 1, and the noise stays. But a
 * sound that does not stop is not speech: from 0.7 s on the presence is limited
 * to 0.99, and a few seconds later the sound is known as noise. */
static void
test_never_stuck (void)
{
  DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
  const float *noise = dmix_noisetracker_get_noise (tracker);
  const float *presence = dmix_noisetracker_get_presence (tracker);

  for (int i = 0; i < 900; i++) {
    for (int b = 0; b < BINS; b++)
      power[b] = i < 250 ? 1.0f : 1000.0f;
    dmix_noisetracker_step (tracker, power);
    if (i == 300) {
      g_assert_cmpfloat (presence[20], ==, 1.0f);
      g_assert_cmpfloat_with_epsilon (noise[20], 1.0, 0.01);
    }
    if (i == 350) {
      g_assert_cmpfloat_with_epsilon (presence[20], 0.99, 1e-6);
      g_assert_cmpfloat (noise[20], >, 5.0);
    }
  }
  g_assert_cmpfloat_with_epsilon (noise[20], 1000.0, 100.0);
  g_assert_cmpfloat (presence[20], <, 0.1);
  dmix_noisetracker_free (tracker);
}

static void
test_zeros_and_huge_values (void)
{
  DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
  GRand *rand = g_rand_new_with_seed (6);

  memset (power, 0, sizeof power);
  for (int i = 0; i < 100; i++)
    dmix_noisetracker_step (tracker, power);
  run (tracker, rand, 1e25, 1.0);
  for (int b = 0; b < BINS; b++) {
    const float noise = dmix_noisetracker_get_noise (tracker)[b];
    const float presence = dmix_noisetracker_get_presence (tracker)[b];

    g_assert_true (noise >= DMIX_BINLOOPS_LEAST_NOISE && isfinite (noise));
    g_assert_true (presence >= 0.0f && presence <= 1.0f);
  }
  g_rand_free (rand);
  dmix_noisetracker_free (tracker);
}

static void
test_reset_and_take_over (void)
{
  DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
  DmixNoiseTracker *next = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);
  DmixNoiseTracker *other = dmix_noisetracker_new (BINS + 1, BIN_HZ, HOP_S);
  GRand *rand = g_rand_new_with_seed (7);

  run (tracker, rand, 1.0, 1.0);
  dmix_noisetracker_take_over (next, tracker, 4.0f);
  dmix_noisetracker_take_over (other, tracker, 4.0f);
  for (int b = 0; b < BINS; b++) {
    g_assert_cmpfloat (dmix_noisetracker_get_noise (next)[b], ==,
        4.0f * dmix_noisetracker_get_noise (tracker)[b]);
    g_assert_cmpfloat (dmix_noisetracker_get_noise (other)[b], ==,
        DMIX_BINLOOPS_LEAST_NOISE);
  }
  dmix_noisetracker_reset (tracker);
  run (tracker, rand, 1e-6, 0.5);
  g_assert_cmpfloat_with_epsilon (error_db (tracker, 1e-6), 0.0, 1.5);
  g_rand_free (rand);
  dmix_noisetracker_free (tracker);
  dmix_noisetracker_free (next);
  dmix_noisetracker_free (other);
}

static void
step_flat (DmixNoiseTracker *tracker, double value)
{
  for (int b = 0; b < BINS; b++)
    power[b] = (float) value;
  dmix_noisetracker_step (tracker, power);
}

/* A tracker that has had 20 s of constant power 1, and is sure of it. */
static DmixNoiseTracker *
started (void)
{
  DmixNoiseTracker *tracker = dmix_noisetracker_new (BINS, BIN_HZ, HOP_S);

  for (int i = 0; i < 20 / HOP_S; i++)
    step_flat (tracker, 1.0);
  return tracker;
}

/* Presence of speech of an SNR of 18 dB (x), seen in 1.6 independent bins:
 * 1 / (1 + ((1 + x) exp (-s x / (1 + x)))^1.6) at the SNR s. The noise moves by
 * what is left, with 150 ms. Float and a polynomial for 2^x: 1e-5. */
static void
test_law (void)
{
  const double x = pow (10, 1.8);

  for (double s = 0.5; s < 12; s += 0.5) {
    DmixNoiseTracker *tracker = started ();
    const double presence =
        1 / (1 + pow ((1 + x) * exp (-s * x / (1 + x)), 1.6));
    const double noise =
        1 + (1 - exp (-HOP_S / 0.150)) * (1 - presence) * (s - 1);

    step_flat (tracker, s);
    for (int b = 0; b < BINS; b++) {
      g_assert_cmpfloat_with_epsilon (dmix_noisetracker_get_presence (
                                          tracker)[b],
          presence, 1e-5);
      g_assert_cmpfloat_with_epsilon (dmix_noisetracker_get_noise (tracker)[b],
          noise, 1e-5);
    }
    dmix_noisetracker_free (tracker);
  }
}

/* The mean presence runs over 152 ms: from 0 it passes 0.99 at a known frame,
 * and from there on the presence is at most 0.99. */
static void
test_doubt (void)
{
  DmixNoiseTracker *tracker = started ();
  const double left = exp (-HOP_S / 0.152);
  double mean = 0.0;

  for (int n = 0; n < 100; n++) {
    const float *presence = dmix_noisetracker_get_presence (tracker);

    step_flat (tracker, 1000.0);
    mean = 1 - (1 - mean) * left;
    if (fabs (mean - 0.99) > 1e-4)
      g_assert_cmpfloat_with_epsilon (presence[3], mean > 0.99 ? 0.99 : 1.0,
          1e-6);
  }
  dmix_noisetracker_free (tracker);
}

static void
test_bad_arguments (void)
{
  g_assert_null (dmix_noisetracker_new (0, BIN_HZ, HOP_S));
  g_assert_null (dmix_noisetracker_new (10, 0.0, HOP_S));
  g_assert_null (dmix_noisetracker_new (10, BIN_HZ, 0.0));
  g_assert_null (dmix_noisetracker_new (10, BIN_HZ, NAN));
  dmix_noisetracker_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/noisetracker/steady-noise", test_steady_noise);
  g_test_add_func ("/noisetracker/level-does-not-matter",
      test_level_does_not_matter);
  g_test_add_func ("/noisetracker/changes-are-followed",
      test_changes_are_followed);
  g_test_add_func ("/noisetracker/speech-is-no-noise", test_speech_is_no_noise);
  g_test_add_func ("/noisetracker/first-sound-is-speech",
      test_first_sound_is_speech);
  g_test_add_func ("/noisetracker/restart", test_restart);
  g_test_add_func ("/noisetracker/never-stuck", test_never_stuck);
  g_test_add_func ("/noisetracker/zeros-and-huge-values",
      test_zeros_and_huge_values);
  g_test_add_func ("/noisetracker/reset-and-take-over",
      test_reset_and_take_over);
  g_test_add_func ("/noisetracker/bad-arguments", test_bad_arguments);
  g_test_add_func ("/noisetracker/law", test_law);
  g_test_add_func ("/noisetracker/doubt", test_doubt);
  return g_test_run ();
}

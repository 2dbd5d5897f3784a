/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of learnedactivity.h, on synthetic sounds; tests/quality uses
 * recordings. */
#include "speechrig.h"

#include "speech/learnedactivity.h"

enum
{
  RATE = 48000
};

/* The share of time with speech between two times, seconds; first: time of the
 * first decision for speech after from_s. */
static double
share (const float *key, double from_s, double to_s, unsigned rate,
    double *first_s)
{
  DmixLearnedActivity *self = dmix_learnedactivity_new (rate);
  const size_t hop = rate / 100;
  int speech = 0, all = 0;

  *first_s = 1e9;
  for (size_t i = 0; i + hop <= to_s * rate; i += hop) {
    dmix_learnedactivity_process (self, key + i, NULL, hop);
    if (i < from_s * rate)
      continue;
    all++;
    speech += dmix_learnedactivity_is_speech (self);
    if (speech == 1 && *first_s > 1e8)
      *first_s = (double) (i + hop) / rate - from_s;
  }
  dmix_learnedactivity_free (self);
  return (double) speech / all;
}

/* 2 s of noise, then speech in it. */
static float *
make_key (unsigned rate, double noise, double speech, size_t *frames)
{
  const RigText text = rig_text (3);
  double start_s[RIG_SYLLABLES + 1];
  size_t spoken;
  float *voice = rig_speak (&text, NULL, 120, rate, start_s, &spoken);
  const size_t pause = 2 * rate - (size_t) (start_s[1] * rate);
  float *key;

  *frames = pause + spoken;
  key = g_new (float, *frames);
  fill_noise (key, *frames, noise, 5);
  for (size_t i = 0; i < spoken; i++)
    key[pause + i] += (float) speech * voice[i];
  g_free (voice);
  return key;
}

static void
test_speech (void)
{
  const unsigned rates[] = { 16000, 44100, 48000, 96000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    for (double gain = 0.1; gain < 2; gain *= 10) {
      size_t frames;
      float *key = make_key (rates[r], 0.001 * gain, gain, &frames);
      double first_s, ignored;
      const double found =
          share (key, 2, (double) frames / rates[r], rates[r], &first_s);
      const double wrong = share (key, 0, 2, rates[r], &ignored);

      g_test_message ("%u Hz, gain %g: %.2f found, %.2f wrong, after %g s",
          rates[r], gain, found, wrong, first_s);
      /* .55 to .61: a voice of two formants, whose pauses are part of the time */
      g_assert_cmpfloat (found, >, 0.55);
      g_assert_cmpfloat (wrong, ==, 0);
      g_assert_cmpfloat (first_s, <=, 0.1);
      g_free (key);
    }
}

/* Hiss, hum and a tone at any level, and silence, are not speech. */
static void
test_constant_sounds (void)
{
  const double tones[] = { 50, 997, 0 };
  float *key = g_new (float, 6 * RATE);

  for (guint kind = 0; kind < G_N_ELEMENTS (tones); kind++)
    for (double gain_db = -80; gain_db <= 0; gain_db += 20) {
      const double gain = 0.3 * pow (10, gain_db / 20);
      double first_s;

      fill_noise (key, 6 * RATE, tones[kind] > 0 ? 1e-5 : gain, 3);
      for (size_t i = 0; tones[kind] > 0 && i < 6 * RATE; i++)
        for (int h = 1; h <= (tones[kind] < 100 ? 20 : 1); h++)
          key[i] += (float) (gain / h
              * sin (2 * G_PI * h * (double) i * tones[kind] / RATE));
      g_test_message ("%g Hz at %g dB", tones[kind], gain_db);
      g_assert_cmpfloat (share (key, 1, 6, RATE, &first_s), ==, 0);
    }
  memset (key, 0, 6 * RATE * sizeof *key);
  g_assert_cmpfloat (share (key, 0, 6, RATE, (double[1]){ 0 }), ==, 0);
  g_free (key);
}

static void
check_equal (const DmixLearnedActivity *a, const DmixLearnedActivity *b)
{
  g_assert_cmpfloat (dmix_learnedactivity_get_probability (a), ==,
      dmix_learnedactivity_get_probability (b));
  g_assert_cmpint (dmix_learnedactivity_is_speech (a), ==,
      dmix_learnedactivity_is_speech (b));
}

/* Any split, another one's state, and a reset. */
static void
test_blocks (void)
{
  const unsigned rate = 44100;
  size_t frames;
  float *key = make_key (rate, 0.01, 1, &frames);
  DmixLearnedActivity *a = dmix_learnedactivity_new (rate);
  DmixLearnedActivity *b = dmix_learnedactivity_new (rate);
  DmixLearnedActivity *c = dmix_learnedactivity_new (rate);
  DmixLearnedActivity *other = dmix_learnedactivity_new (48000);

  frames = 4 * rate;
  for (size_t done = 0, n; done < frames; done += n) {
    n = (size_t) g_test_rand_int_range (0, 3000);
    n = MIN (n, frames - done);
    dmix_learnedactivity_process (a, key + done, NULL, n);
    for (size_t i = 0; i < n; i++)
      dmix_learnedactivity_process (b, key + done + i, NULL, 1);
    check_equal (a, b);
  }
  g_assert_cmpfloat (dmix_learnedactivity_get_probability (a), >, 0);
  dmix_learnedactivity_take_over (c, a);
  check_equal (a, c);
  dmix_learnedactivity_take_over (other, a); /* another rate: nothing */
  g_assert_cmpfloat (dmix_learnedactivity_get_probability (other), ==, 0);
  dmix_learnedactivity_process (a, key + 3 * rate, NULL, rate);
  dmix_learnedactivity_process (c, key + 3 * rate, NULL, rate);
  check_equal (a, c);
  dmix_learnedactivity_reset (a);
  g_assert_false (dmix_learnedactivity_is_speech (a));
  dmix_learnedactivity_free (b);
  b = dmix_learnedactivity_new (rate);
  for (size_t done = 0; done < frames; done += 441) {
    dmix_learnedactivity_process (a, key + done, NULL, 441);
    dmix_learnedactivity_process (b, key + done, NULL, 441);
    check_equal (a, b);
  }
  dmix_learnedactivity_free (a);
  dmix_learnedactivity_free (b);
  dmix_learnedactivity_free (c);
  dmix_learnedactivity_free (other);
  g_free (key);
}

/* Sound of any height and rate: finite, and forgotten. */
static void
test_limits (void)
{
  const unsigned rates[] = { 16000, 16001, 768000 };
  float *sound = g_new (float, 768000);

  g_assert_null (dmix_learnedactivity_new (0));
  g_assert_null (dmix_learnedactivity_new (15999));
  g_assert_null (dmix_learnedactivity_new (768001));
  dmix_learnedactivity_free (NULL);
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    DmixLearnedActivity *self = dmix_learnedactivity_new (rates[r]);
    float p;

    fill_noise (sound, rates[r], 1e9, 1);
    dmix_learnedactivity_process (self, sound, NULL, rates[r]);
    p = dmix_learnedactivity_get_probability (self);
    g_assert_true (p >= 0 && p <= 1);
    memset (sound, 0, rates[r] * sizeof *sound);
    for (int second = 0; second < 2; second++)
      dmix_learnedactivity_process (self, sound, NULL, rates[r]);
    g_assert_false (dmix_learnedactivity_is_speech (self));
    dmix_learnedactivity_free (self);
  }
  g_free (sound);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/learnedactivity/speech", test_speech);
  g_test_add_func ("/learnedactivity/constant", test_constant_sounds);
  g_test_add_func ("/learnedactivity/blocks", test_blocks);
  g_test_add_func ("/learnedactivity/limits", test_limits);
  return g_test_run ();
}

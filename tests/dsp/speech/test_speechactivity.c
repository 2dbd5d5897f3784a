/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of speechactivity.h, on synthetic sounds; tests/quality uses
 * recordings. */
#include "voices.h"

#include "speech/speechactivity.h"

#define RATE 48000

/* The decisions, one every 10 ms. */
static GArray *
decisions (const float *key, const float *background, size_t frames,
    unsigned rate)
{
  DmixSpeechActivity *detector = dmix_speechactivity_new (rate);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (int));
  const size_t hop = rate / 100;

  for (size_t i = 0; i + hop <= frames; i += hop) {
    int speech;

    dmix_speechactivity_process (detector, key + i,
        background ? background + i : NULL, hop);
    speech = dmix_speechactivity_is_speech (detector);
    g_array_append_val (out, speech);
  }
  dmix_speechactivity_free (detector);
  return out;
}

/* The decisions with a hold of 200 ms, which bridges syllables. */
static GArray *
held (GArray *decision)
{
  GArray *out = g_array_new (FALSE, TRUE, sizeof (int));
  int left = 0;

  for (guint i = 0; i < decision->len; i++) {
    int active;

    left = g_array_index (decision, int, i) ? 20 : left - 1;
    active = left > 0;
    g_array_append_val (out, active);
  }
  g_array_unref (decision);
  return out;
}

/* Share of decisions for speech between two times. */
static double
share (GArray *decision, double from_s, double to_s)
{
  const guint first = (guint) (from_s * 100), end = (guint) (to_s * 100);
  int speech = 0;

  g_assert_cmpuint (end, <=, decision->len);
  for (guint i = first; i < end; i++)
    speech += g_array_index (decision, int, i);
  return (double) speech / (end - first);
}

static double
first_speech_s (GArray *decision, double from_s)
{
  for (guint i = (guint) (from_s * 100); i < decision->len; i++)
    if (g_array_index (decision, int, i))
      return (i + 1) / 100.0 - from_s;
  return 1e9;
}

static const unsigned rates[] = { 8000, 16000, 44100, 48000, 192000 };

/* At any rate, speech over a hiss 40 dB below it is detected within 0.1 s, even
 * at the start of the stream, and its pauses are not detected. */
static void
test_speech (void)
{
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    const unsigned rate = rates[r];
    float *key = g_new (float, 9 * rate);
    GArray *found;

    fill_noise (key, 9 * rate, 0.0005, r);
    add_speech (key, 0, 2, rate, 1);
    add_speech (key, 4 * rate, 3, rate, 1);
    found = held (decisions (key, NULL, 9 * rate, rate));
    g_assert_cmpfloat (first_speech_s (found, 0), <=, 0.1);
    g_assert_cmpfloat (first_speech_s (found, 4), <=, 0.08);
    g_assert_cmpfloat (share (found, 4.1, 6.9), >, 0.9);
    g_assert_cmpfloat (share (found, 2.3, 4), ==, 0);
    g_assert_cmpfloat (share (found, 7.3, 9), ==, 0);
    g_array_unref (found);
    g_free (key);
  }
}

/* The detector learns noise from quiet sound in the first 80 ms: a hiss below
 * -40 dBFS in the band is never detected, and does not hide quiet speech soon
 * after the start. */
static void
test_first_frames (void)
{
  enum
  {
    FRAMES = 3 * RATE
  };
  float *key = g_new (float, FRAMES);

  for (guint32 seed = 1; seed < 20; seed++) {
    GArray *found;

    fill_noise (key, FRAMES, 0.005, seed);
    found = decisions (key, NULL, FRAMES, RATE);
    g_assert_cmpfloat (share (found, 0, 3), ==, 0);
    g_array_unref (found);
    fill_noise (key, FRAMES, 0.0005, seed);
    add_speech (key, RATE / 10, 2, RATE, 0.2);
    found = decisions (key, NULL, FRAMES, RATE);
    g_assert_cmpfloat (share (found, 0, 0.1), ==, 0);
    g_assert_cmpfloat (first_speech_s (found, 0.1), <=, 0.08);
    found = held (found);
    g_assert_cmpfloat (share (found, 0.2, 2), >, 0.95);
    g_array_unref (found);
  }
  g_free (key);
}

/* Constant sounds are not detected after 3 s, at any level: hum with its
 * harmonics, a tone in the middle of the band, white noise. */
static void
test_constant_sounds (void)
{
  enum
  {
    FRAMES = 8 * RATE
  };
  float *key = g_new (float, FRAMES);

  for (int kind = 0; kind < 5; kind++) {
    const double tones[] = { 50, 60, 120, 997, 0 };

    for (double gain_db = -60; gain_db <= 0; gain_db += 20) {
      const double gain = pow (10, gain_db / 20);
      GArray *found;

      fill_noise (key, FRAMES, kind == 4 ? 0.3 * gain : 1e-5, 3);
      for (size_t i = 0; kind < 4 && i < FRAMES; i++)
        for (int h = 1; h <= (kind == 3 ? 1 : 20); h++)
          key[i] += (float) (gain * 0.3 / h
              * sin (2 * G_PI * h * i * tones[kind] / RATE));
      found = decisions (key, NULL, FRAMES, RATE);
      g_assert_cmpfloat (share (found, 3, 8), ==, 0);
      g_array_unref (found);
    }
  }
  g_free (key);
}

/* Tones above the band are not detected when they begin, soft or loud: what is left
 * of them at the low rate counts as leakage. */
static void
test_high_tones (void)
{
  enum
  {
    FRAMES = 4 * RATE
  };
  const double hz[] = { 6500, 8200, 10000, 12500, 14000, 16200, 21000 };
  float *key = g_new (float, FRAMES);

  for (guint h = 0; h < G_N_ELEMENTS (hz); h++)
    for (double gain_db = -40; gain_db <= 0; gain_db += 40) {
      const double gain = pow (10, gain_db / 20);
      GArray *found;

      fill_noise (key, FRAMES, 1e-5, h + 1);
      for (size_t i = 0; i < 2 * RATE; i++)
        key[2 * RATE + i] += (float) (gain * fmin (1, i / (0.05 * RATE))
            * sin (2 * G_PI * i * hz[h] / RATE));
      found = decisions (key, NULL, FRAMES, RATE);
      g_assert_cmpfloat (share (found, 0.5, 4), ==, 0);
      g_array_unref (found);
    }
  g_free (key);
}

/* Shares of decisions for speech on the bleed of a background that resembles speech,
 * 20 dB down, after 3 s: with the background as an input, and without it. */
static void
bleed_shares (guint32 seed, double *with, double *without)
{
  enum
  {
    FRAMES = 12 * RATE
  };
  float *background = g_new0 (float, FRAMES), *key = g_new (float, FRAMES);
  GArray *found;

  for (int second = 0; second < 12; second += 2)
    add_speech (background, second * RATE + 37 * (int) seed, 1, RATE,
        1.0 + second % 3);
  fill_noise (key, FRAMES, 1e-5, seed);
  for (size_t i = 20; i < FRAMES; i++) /* bleed by two acoustic paths */
    key[i] += 0.08f * background[i - 20] + 0.03f * background[i - 3];
  found = decisions (key, NULL, FRAMES, RATE);
  *without = share (found, 3, 12);
  g_array_unref (found);
  found = decisions (key, background, FRAMES, RATE);
  *with = share (found, 3, 12);
  g_array_unref (found);
  g_free (background);
  g_free (key);
}

/* The bleed is not detected. The detector without the background detects it. */
static void
test_bleed (void)
{
  double most = 0.0, sum = 0.0;

  for (guint32 seed = 1; seed <= 8; seed++) {
    double with, without;

    bleed_shares (seed, &with, &without);
    g_assert_cmpfloat (without, >, 0.2);
    most = fmax (most, with);
    sum += with;
  }
  g_assert_cmpfloat (sum / 8, <, 0.03);
  g_assert_cmpfloat (most, <, 0.04);
}

/* A background that does not bleed into the key does not hide speech. */
static void
test_clean_key (void)
{
  enum
  {
    FRAMES = 12 * RATE
  };
  float *background = g_new (float, FRAMES), *key = g_new (float, FRAMES);
  GArray *alone, *beside;

  fill_noise (background, FRAMES, 0.2, 5);
  fill_noise (key, FRAMES, 1e-4, 6);
  for (int second = 1; second < 12; second += 2)
    add_speech (key, second * RATE, 1, RATE, 1);
  alone = decisions (key, NULL, FRAMES, RATE);
  beside = decisions (key, background, FRAMES, RATE);
  g_assert_cmpfloat (share (beside, 0, 12), >, 0.95 * share (alone, 0, 12));
  for (int second = 1; second < 12; second += 2)
    g_assert_cmpfloat (first_speech_s (beside, second), <=, 0.06);
  g_array_unref (alone);
  g_array_unref (beside);
  g_free (background);
  g_free (key);
}

/* Detects a whisper (hiss in syllables) 20 dB below the voice before it. */
static void
test_whisper (void)
{
  enum
  {
    FRAMES = 10 * RATE
  };
  float *key = g_new (float, FRAMES), *hiss = g_new (float, FRAMES);
  GArray *found;

  fill_noise (key, FRAMES, 1e-5, 1);
  fill_noise (hiss, FRAMES, 1, 2);
  add_speech (key, RATE, 4, RATE, 1);
  for (size_t i = 7 * RATE; i < 9 * RATE; i++)
    key[i] += 0.008f * hiss[i] * (float) pow (sin (4 * G_PI * i / RATE), 2);
  found = decisions (key, NULL, FRAMES, RATE);
  g_assert_cmpfloat (share (found, 5.5, 7), ==, 0);
  g_assert_cmpfloat (first_speech_s (found, 7), <=, 0.1);
  g_array_unref (found);
  g_free (key);
  g_free (hiss);
}

/* Clicks of 5 ms are not detected, at two levels and any place in a frame. */
static void
test_click (void)
{
  enum
  {
    FRAMES = 10 * RATE
  };
  float *key = g_new (float, FRAMES), *click = g_new (float, RATE / 200);
  GArray *found;

  fill_noise (key, FRAMES, 1e-4, 1);
  add_speech (key, RATE, 2, RATE, 1);
  for (int n = 0; n < 50; n++) {
    fill_noise (click, RATE / 200, n % 2 ? 0.5 : 0.02, n);
    for (int i = 0; i < RATE / 200; i++)
      key[4 * RATE + n * 5717 + i] += click[i];
  }
  found = held (decisions (key, NULL, FRAMES, RATE));
  g_assert_cmpfloat (share (found, 1.1, 2.9), >, 0.9);
  g_assert_cmpfloat (share (found, 3.5, 10), ==, 0);
  g_array_unref (found);
  g_free (key);
  g_free (click);
}

static void
test_blocks (void)
{
  enum
  {
    FRAMES = 4 * 44100
  };
  float *key = g_new (float, FRAMES), *background = g_new (float, FRAMES);
  DmixSpeechActivity *a = dmix_speechactivity_new (44100);
  DmixSpeechActivity *b = dmix_speechactivity_new (44100);
  DmixSpeechActivity *c = dmix_speechactivity_new (44100);

  fill_noise (key, FRAMES, 1e-3, 1);
  fill_noise (background, FRAMES, 0.1, 2);
  add_speech (key, 44100, 2, 44100, 1);
  for (int done = 0, n; done < FRAMES; done += n) {
    n = g_test_rand_int_range (0, 1500);
    n = MIN (n, FRAMES - done);
    dmix_speechactivity_process (a, key + done, background + done, n);
    for (int i = 0; i < n; i++)
      dmix_speechactivity_process (b, key + done + i, background + done + i, 1);
    g_assert_cmpfloat (dmix_speechactivity_get_divergence_db (a), ==,
        dmix_speechactivity_get_divergence_db (b));
    g_assert_cmpint (dmix_speechactivity_is_speech (a), ==,
        dmix_speechactivity_is_speech (b));
  }
  dmix_speechactivity_take_over (c, a);
  dmix_speechactivity_process (a, key, background, 4410);
  dmix_speechactivity_process (c, key, background, 4410);
  g_assert_cmpfloat (dmix_speechactivity_get_divergence_db (a), ==,
      dmix_speechactivity_get_divergence_db (c));
  dmix_speechactivity_reset (a);
  dmix_speechactivity_reset (b);
  g_assert_false (dmix_speechactivity_is_speech (a));
  dmix_speechactivity_free (a);
  dmix_speechactivity_free (b);
  dmix_speechactivity_free (c);
  g_free (key);
  g_free (background);
}

static void
test_limits (void)
{
  const unsigned odd[] = { 1600, 8001, 11025, 768000 };
  float *sound = g_new0 (float, 768000);

  g_assert_null (dmix_speechactivity_new (0));
  g_assert_null (dmix_speechactivity_new (1599));
  g_assert_null (dmix_speechactivity_new (768001));
  dmix_speechactivity_free (NULL);
  for (guint i = 0; i < G_N_ELEMENTS (odd); i++) {
    DmixSpeechActivity *detector = dmix_speechactivity_new (odd[i]);

    dmix_speechactivity_process (detector, sound, sound, odd[i]);
    g_assert_false (dmix_speechactivity_is_speech (detector));
    fill_noise (sound, odd[i], 1e9, 1);
    dmix_speechactivity_process (detector, sound, sound, odd[i]);
    g_assert_true (isfinite (dmix_speechactivity_get_divergence_db (detector)));
    memset (sound, 0, odd[i] * sizeof *sound);
    for (int second = 0; second < 3; second++)
      dmix_speechactivity_process (detector, sound, sound, odd[i]);
    g_assert_false (dmix_speechactivity_is_speech (detector));
    dmix_speechactivity_free (detector);
  }
  g_free (sound);
}

/* The versions of the loops give the same bits. */
static void
test_loops (void)
{
  static float key[3 * RATE], background[3 * RATE];
  DmixSpeechActivity *fastest = dmix_speechactivity_new (RATE), *plain;

  fill_noise (background, 3 * RATE, 0.1, 5);
  for (int i = 0; i < 3 * RATE; i++)
    key[i] = 0.1f * background[i];
  add_speech (key, RATE, 1, RATE, 1);
  g_setenv ("DMIX_SIMD", "off", TRUE);
  plain = dmix_speechactivity_new (RATE);
  g_unsetenv ("DMIX_SIMD");
  for (int i = 0; i < 300; i++) {
    const int at = i * RATE / 100;

    dmix_speechactivity_process (fastest, key + at, background + at,
        RATE / 100);
    dmix_speechactivity_process (plain, key + at, background + at, RATE / 100);
    g_assert_cmpfloat (dmix_speechactivity_get_divergence_db (plain), ==,
        dmix_speechactivity_get_divergence_db (fastest));
  }
  dmix_speechactivity_free (fastest);
  dmix_speechactivity_free (plain);
}

/* Digital silence, as of a muted microphone, has no bleed: what was learned of it
 * before counts behind it. */
static void
test_silence (void)
{
  enum
  {
    FRAMES = 14 * RATE
  };
  float *background = g_new (float, FRAMES), *key = g_new (float, FRAMES);
  GArray *found;

  fill_noise (background, FRAMES, 0.2, 5);
  for (int i = 0; i < FRAMES; i++) { /* the background comes in pieces */
    if (i / (RATE / 5) % 3 == 0)
      background[i] = 0.0f;
    key[i] = i > 6 * RATE && i < 10 * RATE ? 0.0f : 0.1f * background[i];
  }
  found = decisions (key, background, FRAMES, RATE);
  g_assert_cmpfloat (share (found, 5, 14), <, 0.02);
  g_array_unref (found);
  g_free (background);
  g_free (key);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speechactivity/speech", test_speech);
  g_test_add_func ("/speechactivity/first-frames", test_first_frames);
  g_test_add_func ("/speechactivity/constant", test_constant_sounds);
  g_test_add_func ("/speechactivity/high-tones", test_high_tones);
  g_test_add_func ("/speechactivity/bleed", test_bleed);
  g_test_add_func ("/speechactivity/clean-key", test_clean_key);
  g_test_add_func ("/speechactivity/whisper", test_whisper);
  g_test_add_func ("/speechactivity/click", test_click);
  g_test_add_func ("/speechactivity/blocks", test_blocks);
  g_test_add_func ("/speechactivity/loops", test_loops);
  g_test_add_func ("/speechactivity/silence", test_silence);
  g_test_add_func ("/speechactivity/limits", test_limits);
  return g_test_run ();
}

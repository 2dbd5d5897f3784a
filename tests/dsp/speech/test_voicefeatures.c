/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of voicefeatures.h. */
#include "voices.h"

#include "speech/voicefeatures.h"

#define RATE 48000
#define BANDS DMIX_VOICEFEATURES_BANDS
#define SIDES DMIX_VOICEFEATURES_SIDES

/* Places in the list of features. */
enum
{
  OVER_FLOOR = 0,
  AGAINST_MEAN = BANDS,
  SHAPE = 2 * BANDS,
  VOICING = 3 * BANDS,
  PITCH,
  PITCH_CHANGE,
  TONES_SOON,
  TONES_LATER,
  AGAINST_LOUDEST,
  AGAINST_USUAL,
  LOUDEST_OVER_USUAL,
  SIDE,
  SIDE_AGAINST_MEAN = SIDE + SIDES
};

/* The features of the last step of a sound. */
static void
features_of (const float *mid, const float *side, size_t frames, unsigned rate,
    float *feature)
{
  DmixVoiceFeatures *features = dmix_voicefeatures_new (rate);
  const size_t hop = rate / 100;

  for (size_t i = 0; i + hop <= frames; i += hop)
    dmix_voicefeatures_step (features, mid + i, side ? side + i : NULL, hop,
        feature);
  dmix_voicefeatures_free (features);
}

static void
fill_harmonics (float *out, size_t frames, double pitch_hz, unsigned rate)
{
  for (size_t i = 0; i < frames; i++) {
    double y = 0;

    for (int h = 1; h * pitch_hz < 3500; h++)
      y += sin (2 * G_PI * h * pitch_hz * i / rate) / h;
    out[i] = (float) (0.1 * y);
  }
}

/* The pitch of a row of harmonics is found within a lag of 1/8 ms, and its
 * voicing is well above that of noise. */
static void
test_pitch (void)
{
  const double pitch_hz[] = { 80, 120, 200, 330 };
  const unsigned rates[] = { 16000, 44100, 48000, 96000 };
  float feature[DMIX_VOICEFEATURES], noise[DMIX_VOICEFEATURES];

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    const unsigned rate = rates[r];
    float *sound = g_new (float, rate);

    fill_noise (sound, rate, 0.1, 1);
    features_of (sound, NULL, rate, rate, noise);
    for (guint p = 0; p < G_N_ELEMENTS (pitch_hz); p++) {
      const double lag = 8000 / pitch_hz[p];

      fill_harmonics (sound, rate, pitch_hz[p], rate);
      features_of (sound, NULL, rate, rate, feature);
      g_assert_cmpfloat (feature[VOICING], >, noise[VOICING] + 0.25);
      g_assert_cmpfloat (feature[PITCH], >, log (lag - 1.01) - 3.85);
      g_assert_cmpfloat (feature[PITCH], <, log (lag + 1.01) - 3.85);
      g_assert_cmpfloat (feature[PITCH_CHANGE], <, 0.02);
    }
    g_free (sound);
  }
}

/* Held notes stay, noise changes. */
static void
test_tones (void)
{
  float *sound = g_new (float, 2 * RATE);
  float feature[DMIX_VOICEFEATURES];

  fill_harmonics (sound, RATE, 200, RATE);
  features_of (sound, NULL, RATE, RATE, feature);
  g_assert_cmpfloat (feature[TONES_SOON], >, 0.95);
  g_assert_cmpfloat (feature[TONES_LATER], >, 0.95);
  fill_noise (sound, 2 * RATE, 0.1, 1);
  features_of (sound, NULL, 2 * RATE, RATE, feature);
  g_assert_cmpfloat (feature[TONES_LATER], <, 0.5);
  g_free (sound);
}

/* 70 ms after a change of note the window of 40 ms ago has the new one, that of
 * 100 ms ago the old one. */
static void
test_change_of_note (void)
{
  float *sound = g_new (float, RATE);
  float feature[DMIX_VOICEFEATURES];

  fill_harmonics (sound, RATE / 2, 200, RATE);
  fill_harmonics (sound + RATE / 2, RATE / 2, 310, RATE);
  features_of (sound, NULL, RATE / 2 + 7 * 480, RATE, feature);
  g_assert_cmpfloat (feature[TONES_SOON], >, 0.8);
  g_assert_cmpfloat (feature[TONES_LATER], <, 0.5);
  g_free (sound);
}

/* Noise that falls by 20 dB: 3 s later the loudest level has fallen by 6 dB, so
 * that 14 dB are left. Noise that rises by 30 dB: 1 s later the floor has come
 * up by a fifth of its distance (0.2 % a step). Quarters of nepers of power;
 * tolerance: the noise. */
static void
test_levels (void)
{
  const double neper = 10 / log (10);
  float *sound = g_new (float, 4 * RATE), feature[DMIX_VOICEFEATURES];
  double before = 0, after = 0;

  fill_noise (sound, RATE, 0.1, 1);
  fill_noise (sound + RATE, 3 * RATE, 0.01, 2);
  features_of (sound, NULL, 4 * RATE, RATE, feature);
  g_assert_cmpfloat_with_epsilon (feature[AGAINST_LOUDEST], -0.25 * 14 / neper,
      0.1);
  fill_noise (sound, 3 * RATE, 0.001, 3);
  fill_noise (sound + 3 * RATE, RATE, 0.0316, 4);
  features_of (sound, NULL, 3 * RATE, RATE, feature);
  for (guint b = 0; b < BANDS; b++)
    before += feature[OVER_FLOOR + b] / BANDS;
  features_of (sound, NULL, 4 * RATE, RATE, feature);
  for (guint b = 0; b < BANDS; b++)
    after += feature[OVER_FLOOR + b] / BANDS;
  g_assert_cmpfloat_with_epsilon (after,
      (before + 0.25 * 30 / neper) * exp (-0.2), 0.2);
  g_assert_cmpfloat (feature[AGAINST_USUAL], >, 0.5);
  g_free (sound);
}

/* The gain of the programme does not matter, above the floor of 1e-9. */
static void
test_gain (void)
{
  float *sound = g_new0 (float, 3 * RATE);
  float loud[DMIX_VOICEFEATURES], quiet[DMIX_VOICEFEATURES];

  fill_noise (sound, 3 * RATE, 0.01, 1);
  add_speech (sound, RATE, 2, RATE, 1);
  features_of (sound, NULL, 3 * RATE, RATE, loud);
  for (size_t i = 0; i < 3 * RATE; i++)
    sound[i] *= 0.25f;
  features_of (sound, NULL, 3 * RATE, RATE, quiet);
  for (guint f = 0; f < DMIX_VOICEFEATURES; f++)
    if (f < SIDE)
      g_assert_cmpfloat_with_epsilon (loud[f], quiet[f], 0.01);
  g_free (sound);
}

/* Side and mid of equal power read 0, a side 20 dB below the mid -20 dB in
 * quarters of nepers of power, a missing one the lowest value. */
static void
test_side (void)
{
  float *mid = g_new (float, RATE), *side = g_new (float, RATE);
  float feature[DMIX_VOICEFEATURES];
  double mean = 0;

  fill_noise (mid, RATE, 0.1, 1);
  fill_noise (side, RATE, 0.01, 2);
  features_of (mid, side, RATE, RATE, feature);
  for (guint g = 1; g < SIDES; g++) /* few bins in the lowest ones */
    mean += feature[SIDE + g] / (SIDES - 1);
  g_assert_cmpfloat_with_epsilon (mean, -0.25 * 20 * log (10) / 10, 0.15);
  features_of (mid, mid, RATE, RATE, feature);
  g_assert_cmpfloat_with_epsilon (feature[SIDE], 0, 1e-6);
  features_of (mid, NULL, RATE, RATE, feature);
  g_assert_cmpfloat_with_epsilon (feature[SIDE], -1.5, 1e-6);
  g_assert_cmpfloat_with_epsilon (feature[SIDE_AGAINST_MEAN], 0, 1e-6);
  g_free (mid);
  g_free (side);
}

/* White noise of one density per Hz reads the same at any rate. */
static void
test_rates (void)
{
  const unsigned rates[] = { 16000, 44100, 48000, 192000 };
  double shape[G_N_ELEMENTS (rates)] = { 0 };
  float feature[DMIX_VOICEFEATURES];

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    float *sound = g_new (float, 4 * rates[r]);
    DmixVoiceFeatures *features = dmix_voicefeatures_new (rates[r]);
    const size_t hop = rates[r] / 100;

    fill_noise (sound, 4 * rates[r], 1e-4 * sqrt (rates[r]), 1);
    for (size_t i = 0; i < 400; i++) {
      dmix_voicefeatures_step (features, sound + i * hop, NULL, hop, feature);
      shape[r] += (feature[SHAPE + 17] - feature[SHAPE + 4]) / 400;
    }
    g_assert_cmpfloat_with_epsilon (shape[r], shape[0], 0.05);
    dmix_voicefeatures_free (features);
    g_free (sound);
  }
}

/* Silence and full scale: all features are finite; after a reset they are
 * those of a new object. */
static void
test_limits (void)
{
  DmixVoiceFeatures *features = dmix_voicefeatures_new (RATE);
  float *sound = g_new0 (float, RATE), feature[DMIX_VOICEFEATURES];
  float first[DMIX_VOICEFEATURES];

  g_assert_null (dmix_voicefeatures_new (DMIX_VOICEFEATURES_MIN_RATE_HZ - 1));
  g_assert_null (dmix_voicefeatures_new (768001));
  for (int k = 0; k < 3; k++) {
    if (k > 0)
      fill_noise (sound, RATE, k == 1 ? 1e10 : 1e-30, k);
    for (int i = 0; i < 100; i++) {
      dmix_voicefeatures_step (features, sound + i * 480, sound, 480, feature);
      for (guint f = 0; f < DMIX_VOICEFEATURES; f++)
        g_assert_true (isfinite (feature[f]));
    }
  }
  fill_noise (sound, RATE, 0.1, 9);
  features_of (sound, NULL, 480, RATE, first);
  dmix_voicefeatures_reset (features);
  dmix_voicefeatures_step (features, sound, NULL, 480, feature);
  g_assert_cmpmem (feature, sizeof feature, first, sizeof first);
  dmix_voicefeatures_free (features);
  g_free (sound);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/voicefeatures/pitch", test_pitch);
  g_test_add_func ("/voicefeatures/tones", test_tones);
  g_test_add_func ("/voicefeatures/change-of-note", test_change_of_note);
  g_test_add_func ("/voicefeatures/levels", test_levels);
  g_test_add_func ("/voicefeatures/gain", test_gain);
  g_test_add_func ("/voicefeatures/side", test_side);
  g_test_add_func ("/voicefeatures/rates", test_rates);
  g_test_add_func ("/voicefeatures/limits", test_limits);
  return g_test_run ();
}

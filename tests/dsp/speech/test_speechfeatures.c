/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of speechfeatures.h. */
#include "melrig.h"

#define LEVEL_DB 10.0 /* per unit of the level feature of a band */

static DmixSpeechFeatures *
compare (const MelSpeech *a, const MelSpeech *b, DmixSpeech *guide,
    DmixSpeech *take)
{
  DmixSpeechFeatures *self = dmix_speechfeatures_new (a->rows, b->rows);

  g_assert_nonnull (self);
  dmix_speechfeatures_process (self, a->power, a->rows, b->power, b->rows,
      guide, take);
  g_assert_cmpuint (guide->frames, ==, a->rows);
  g_assert_cmpuint (take->frames, ==, b->rows);
  return self;
}

/* Microphone, equalizer and level cancel: a take equal to the guide with some
 * gain in each band has the guide's features. Tolerance: floats of 24 bits,
 * squared and in dB, have errors below 1e-3 dB. */
static void
test_same_condition (void)
{
  double gain[DMIX_MEL_BANDS];
  MelSpeech a, b;
  DmixSpeech guide, take;
  DmixSpeechFeatures *self;

  for (int k = 0; k < DMIX_MEL_BANDS; k++)
    gain[k] = pow (10.0, (k % 7 * 4 - 30) / 10.0);
  a = mel_speak (1, NULL, NULL);
  b = mel_speak (1, NULL, gain);
  self = compare (&a, &b, &guide, &take);
  for (size_t d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
    for (size_t t = 0; t < guide.frames; t++)
      g_assert_cmpfloat_with_epsilon (guide.feature[d * guide.stride + t],
          take.feature[d * take.stride + t], 1e-3);
  dmix_speechfeatures_free (self);
  g_free (a.power);
  g_free (b.power);
}

/* Pauses are 0 in both signals although their noise differs by 20 dB; speech is
 * not 0. */
static void
test_pauses (void)
{
  MelSpeech a = mel_speak (2, NULL, NULL), b = mel_speak (2, NULL, NULL);
  DmixSpeech guide, take;
  DmixSpeechFeatures *self;

  for (size_t i = 0; i < b.rows * DMIX_MEL_BANDS; i++)
    b.power[i] += 100 * MEL_BACKGROUND;
  self = compare (&a, &b, &guide, &take);
  for (int s = 0; s < MEL_SOUNDS; s++) {
    const size_t middle = (size_t) mel_middle (&a, s);

    if (MEL_PAUSE (s)) {
      g_assert_cmpfloat (guide.level_db[middle], <, 0.1f);
      g_assert_cmpfloat (take.level_db[middle], <, 0.1f);
      for (size_t d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
        g_assert_cmpfloat (fabsf (take.feature[d * take.stride + middle]), <,
            0.1f);
    } else {
      g_assert_cmpfloat (guide.level_db[middle], >, 3.0f);
      g_assert_cmpfloat (take.level_db[middle], >, 3.0f);
    }
  }
  dmix_speechfeatures_free (self);
  g_free (a.power);
  g_free (b.power);
}

/* The features of the header: levels, slopes over 30 ms, the mean level and its
 * slope. */
static void
test_values (void)
{
  MelSpeech a = mel_speak (3, NULL, NULL);
  DmixSpeech guide, take;
  DmixSpeechFeatures *self = compare (&a, &a, &guide, &take);
  const float *mean = guide.feature + 2 * DMIX_MEL_BANDS * guide.stride;

  for (size_t t = 3; t + 3 < guide.frames; t++) {
    double sum = 0.0;

    for (size_t b = 0; b < DMIX_MEL_BANDS; b++) {
      const float *level = guide.feature + b * guide.stride;

      sum += level[t] * LEVEL_DB / DMIX_MEL_BANDS;
      g_assert_cmpfloat_with_epsilon (level[DMIX_MEL_BANDS * guide.stride + t],
          level[t + 3] - level[t - 3], 1e-3);
    }
    g_assert_cmpfloat_with_epsilon (guide.level_db[t], sum, 1e-3);
    /* twice the weight of eight bands: 2 * sqrt (8) / 10 */
    g_assert_cmpfloat_with_epsilon (mean[t], 0.2 * sqrt (8) * sum, 1e-3);
    g_assert_cmpfloat_with_epsilon (mean[guide.stride + t],
        0.5 * (mean[t + 3] - mean[t - 3]), 1e-3);
  }
  dmix_speechfeatures_free (self);
  g_free (a.power);
}

/* Frames beyond the maximum are ignored, and a take may be empty. */
static void
test_room (void)
{
  MelSpeech a = mel_speak (4, NULL, NULL);
  DmixSpeechFeatures *self = dmix_speechfeatures_new (100, 50);
  DmixSpeech guide, take;

  dmix_speechfeatures_process (self, a.power, a.rows, a.power, a.rows, &guide,
      &take);
  g_assert_cmpuint (guide.frames, ==, 100);
  g_assert_cmpuint (take.frames, ==, 50);
  dmix_speechfeatures_process (self, a.power, 100, NULL, 0, &guide, &take);
  g_assert_cmpuint (guide.frames, ==, 100);
  g_assert_cmpuint (take.frames, ==, 0);
  for (size_t t = 0; t < 100; t++)
    g_assert_true (isfinite (guide.level_db[t]));
  dmix_speechfeatures_free (self);
  dmix_speechfeatures_free (NULL);
  g_assert_null (dmix_speechfeatures_new (0, 1));
  g_assert_null (dmix_speechfeatures_new (1, 0));
  g_free (a.power);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speechfeatures/same-condition", test_same_condition);
  g_test_add_func ("/speechfeatures/pauses", test_pauses);
  g_test_add_func ("/speechfeatures/values", test_values);
  g_test_add_func ("/speechfeatures/room", test_room);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of speechfeatures.h. */
#include "melrig.h"

#define LEVEL_DB 10.0 /* per unit of the level feature of a band */

static void
process (DmixSpeechFeatures *self, const float *a, size_t a_rows,
    const float *b, size_t b_rows, DmixSpeech *guide, DmixSpeech *take)
{
  const DmixSpeechInput guide_input = { a, NULL, a_rows };
  const DmixSpeechInput take_input = { b, NULL, b_rows };

  dmix_speechfeatures_process (self, &guide_input, &take_input, guide, take);
}

static DmixSpeechFeatures *
compare (const MelSpeech *a, const MelSpeech *b, DmixSpeech *guide,
    DmixSpeech *take)
{
  DmixSpeechFeatures *self = dmix_speechfeatures_new (a->rows, b->rows);

  g_assert_nonnull (self);
  process (self, a->power, a->rows, b->power, b->rows, guide, take);
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

  process (self, a.power, a.rows, a.power, a.rows, &guide, &take);
  g_assert_cmpuint (guide.frames, ==, 100);
  g_assert_cmpuint (take.frames, ==, 50);
  process (self, a.power, 100, NULL, 0, &guide, &take);
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

enum
{
  ROWS = 1000
};

/* Rows that are equal in all bands; both sides are the same. Returns the level
 * of row 900, dB. */
static double
level_of (const double *value)
{
  DmixSpeechFeatures *features = dmix_speechfeatures_new (ROWS, ROWS);
  float *power = g_new (float, ROWS *DMIX_MEL_BANDS);
  DmixSpeech guide, take;
  double level;

  for (int t = 0; t < ROWS; t++)
    for (int b = 0; b < DMIX_MEL_BANDS; b++)
      power[t * DMIX_MEL_BANDS + b] = (float) value[t];
  process (features, power, ROWS, power, ROWS, &guide, &take);
  level = guide.level_db[900];
  g_assert_cmpfloat_with_epsilon (take.level_db[900], level, 1e-3);
  dmix_speechfeatures_free (features);
  g_free (power);
  return level;
}

/* The noise floor is the 8th percentile of means over 20 rows, or 4 times the 2nd
 * percentile of means over 6 rows if that is lower. `soft` rows of power 1 come
 * before rows of 10, and speech of 1000: the sorted means are known. */
static void
test_floor (void)
{
  const struct
  {
    int soft;
    double floor;
  } cases[] = {
    { 120, 1.0 }, /* 101 long means of 1; the 79th is the percentile */
    { 95, 2.35 }, /* 76 of them; the 79th has three rows of 10 */
    { 90, 4.0 },  /* the 79th is 4.6; the short means are 1 */
    { 25, 4.0 },  /* 20 short means of 1; the 20th is the percentile */
    { 24, 10.0 }, /* 19 of them; the 20th is 2.5 */
  };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    double value[ROWS];

    for (int t = 0; t < ROWS; t++)
      value[t] = t < cases[c].soft ? 1 : t < ROWS / 2 ? 10 : 1000;
    g_assert_cmpfloat_with_epsilon (level_of (value),
        10 * log10 (1000 / cases[c].floor), 0.01);
  }
}

/* Levels reach 35 dB: what is softer than that below the speech is a pause. */
static void
test_range (void)
{
  for (int db = 20; db <= 60; db += 5) {
    double value[ROWS];
    const double speech = pow (10, db / 10.0);

    for (int t = 0; t < ROWS; t++)
      value[t] = t < ROWS / 2 ? 1 : speech;
    g_assert_cmpfloat_with_epsilon (level_of (value),
        db < 35 ? db : 10 * log10 (1 + pow (10, 3.5)), 0.02);
  }
}

/* Sounds of 20 rows that decay by so many dB a row. */
static void
ring_out (float *power, double fall_db)
{
  for (int t = 0; t < ROWS; t++) {
    const int at = t % 125;
    const double db = at < 20 ? 0 : -(at - 19) * fall_db;

    for (int b = 0; b < DMIX_MEL_BANDS; b++)
      power[t * DMIX_MEL_BANDS + b] =
          (float) (pow (10, db / 10) + pow (10, -3.4));
  }
}

/* A guide that decays at less than 0.8 of the take's rate is reverberant: the
 * take's levels then decay at 0.45 of the guide's rate from a ratio of 0.7 on, and
 * in proportion faster in between. */
static void
test_reverberant_guide (void)
{
  const double ratios[] = { 0.85, 0.78, 0.75, 0.72, 0.65, 0.5 };

  for (guint r = 0; r < G_N_ELEMENTS (ratios); r++) {
    const double take_db = 2.0, guide_db = ratios[r] * take_db;
    const double sure = CLAMP ((0.8 - ratios[r]) / 0.1, 0, 1);
    const double most = sure > 0 ? 0.45 * guide_db / sure : 1e9;
    DmixSpeechFeatures *features = dmix_speechfeatures_new (ROWS, ROWS);
    float *a = g_new (float, ROWS *DMIX_MEL_BANDS);
    float *b = g_new (float, ROWS *DMIX_MEL_BANDS);
    DmixSpeech guide, take;

    ring_out (a, guide_db);
    ring_out (b, take_db);
    process (features, a, ROWS, b, ROWS, &guide, &take);
    /* rows 22 to 26 of a sound: 15 dB or more over the floor */
    g_assert_cmpfloat_with_epsilon ((take.level_db[522] - take.level_db[526])
            / 4,
        fmin (take_db, most), 0.06 * fmin (take_db, most));
    dmix_speechfeatures_free (features);
    g_free (a);
    g_free (b);
  }
}

/* Where the guide's voice rows say that nothing is voice, its sound counts a tenth:
 * 10 dB less. The take's counts .3, after its mean speech (300 rows of 1000 and 300
 * of 300) is brought to the guide's (1000 and 100). The noise floor is 1, but half of
 * what is left of the other sounds is more (.1 of them, and less the more counts):
 * that is the floor. */
static void
test_other_sounds (void)
{
  const double floor = 0.5 * 0.1 * (1 - 0.1) * 1000;
  DmixSpeechFeatures *features = dmix_speechfeatures_new (ROWS, ROWS);
  float *power = g_new (float, ROWS *DMIX_MEL_BANDS);
  float *voice = g_new (float, ROWS *DMIX_MEL_BANDS);
  const DmixSpeechInput input = { power, voice, ROWS };
  DmixSpeech guide, take;

  for (int i = 0; i < ROWS * DMIX_MEL_BANDS; i++) {
    const int row = i / DMIX_MEL_BANDS;

    power[i] = row < 400 ? 1 : 1001;
    voice[i] = row < 700 ? 1 : 0;
  }
  dmix_speechfeatures_process (features, &input, &input, &guide, &take);
  g_assert_cmpfloat_with_epsilon (guide.level_db[600],
      10 * log10 (1 + 1000 / floor), 0.01);
  g_assert_cmpfloat_with_epsilon (guide.level_db[900],
      10 * log10 (1 + 100 / floor), 0.01);
  g_assert_cmpfloat_with_epsilon (take.level_db[900],
      10 * log10 (1 + 300.0 / floor * 1100 / 1300), 0.01);
  /* without sound in the top bands the network cannot tell: all counts */
  for (int i = 0; i < ROWS * DMIX_MEL_BANDS; i++)
    if (i % DMIX_MEL_BANDS >= 28)
      power[i] = DMIX_MEL_SILENCE;
  dmix_speechfeatures_process (features, &input, &input, &guide, &take);
  g_assert_cmpfloat_with_epsilon (guide.level_db[900], guide.level_db[600],
      0.01);
  dmix_speechfeatures_free (features);
  g_free (power);
  g_free (voice);
}

/* The floor is taken from the softest moments; a noise of 3000 that is not there
 * then is still over it when it counts a tenth. In 0.2 s of it without a voice the
 * floor rises to .5 * .9 of what is left of it; less does not tell. */
static void
test_noise_with_gaps (void)
{
  DmixSpeechFeatures *features = dmix_speechfeatures_new (ROWS, ROWS);
  float *power = g_new (float, ROWS *DMIX_MEL_BANDS);
  float *voice = g_new (float, ROWS *DMIX_MEL_BANDS);
  const DmixSpeechInput input = { power, voice, ROWS };
  DmixSpeech guide, take;

  for (int noise = 39; noise <= 40; noise++) {
    for (int i = 0; i < ROWS * DMIX_MEL_BANDS; i++) {
      const int row = i / DMIX_MEL_BANDS;

      power[i] = row < 800 ? 1e-3f : row < 800 + noise ? 3000 : 1000;
      voice[i] = row < 800 ? 0.06f : row < 800 + noise ? 0 : 1;
    }
    dmix_speechfeatures_process (features, &input, &input, &guide, &take);
    if (noise < 40)
      g_assert_cmpfloat (guide.level_db[820], >, 25.0);
    else
      g_assert_cmpfloat_with_epsilon (guide.level_db[820],
          10 * log10 (1 + 1 / (0.5 * 0.9)), 0.01);
  }
  dmix_speechfeatures_free (features);
  g_free (power);
  g_free (voice);
}

/* The slopes for the fit: of other sounds .6 counts in both sides, over a floor of
 * .3 of what is left of them; where both are clean they are those of the features, to
 * the bit. */
static void
test_fit_slopes (void)
{
  const double floor[2] = { 0.5 * 0.1 * 0.9 * 1000, 0.3 * 0.6 * 0.4 * 1000 };
  DmixSpeechFeatures *features = dmix_speechfeatures_new (ROWS, ROWS);
  float *power = g_new (float, ROWS *DMIX_MEL_BANDS);
  float *voice = g_new (float, ROWS *DMIX_MEL_BANDS);
  const DmixSpeechInput input = { power, voice, ROWS };
  DmixSpeech side[2];

  for (int clean = 0; clean < 2; clean++) {
    for (int i = 0; i < ROWS * DMIX_MEL_BANDS; i++) {
      const int row = i / DMIX_MEL_BANDS;

      power[i] = row < 400 ? 1 : 1001;
      voice[i] = row < 700 || clean ? 1 : 0;
    }
    dmix_speechfeatures_process (features, &input, &input, &side[0], &side[1]);
    for (int s = 0; s < 2; s++) {
      const float *slopes = side[s].feature + DMIX_MEL_BANDS * side[s].stride;

      g_assert_true (dmix_speech_slopes (&side[s]) == side[s].slope);
      for (size_t b = 0; b < DMIX_MEL_BANDS; b++) {
        const size_t at = b * side[s].stride + 700;

        if (clean)
          g_assert_cmpmem (side[s].slope + at - 700, ROWS * sizeof (float),
              slopes + at - 700, ROWS * sizeof (float));
        else
          g_assert_cmpfloat_with_epsilon (side[s].slope[at],
              log10 ((floor[1] + 600) / (floor[1] + 1000)), 1e-3);
      }
    }
    g_assert_cmpfloat_with_epsilon (side[0]
                                        .feature[DMIX_MEL_BANDS * side[0].stride
                                            + 700],
        clean ? 0 : log10 ((floor[0] + 100) / (floor[0] + 1000)), 1e-3);
    side[0].slope = NULL;
    g_assert_true (dmix_speech_slopes (&side[0])
        == side[0].feature + DMIX_MEL_BANDS * side[0].stride);
  }
  dmix_speechfeatures_free (features);
  g_free (power);
  g_free (voice);
}

/* In a guide whose speech rises less than 8 dB over its noise, the floor sinks
 * by the square of that part, to a tenth at least: words rise over it again. */
static void
test_loud_noise (void)
{
  const double speech[] = { 0.2, 1, 3, 10 };

  for (guint k = 0; k < G_N_ELEMENTS (speech); k++) {
    const double rise = 10 * log10 (1 + speech[k]);
    const double sunk = CLAMP (pow (rise / 8, 2), 0.1, 1);
    DmixSpeechFeatures *features = dmix_speechfeatures_new (ROWS, ROWS);
    float *power = g_new (float, ROWS *DMIX_MEL_BANDS);
    float *voice = g_new (float, ROWS *DMIX_MEL_BANDS);
    const DmixSpeechInput noisy = { power, voice, ROWS };
    const DmixSpeechInput deaf = { power, NULL, ROWS };
    DmixSpeech guide, take;

    for (int i = 0; i < ROWS * DMIX_MEL_BANDS; i++) {
      const int speaks = i / DMIX_MEL_BANDS >= 400;

      power[i] = speaks ? (float) (1 + speech[k]) : 1;
      voice[i] = (float) speaks;
    }
    dmix_speechfeatures_process (features, &noisy, &noisy, &guide, &take);
    g_assert_cmpfloat_with_epsilon (guide.level_db[600],
        10 * log10 (1 + speech[k] / sunk), 0.01);
    g_assert_cmpfloat_with_epsilon (take.level_db[600], guide.level_db[600],
        0.01);
    /* without the network the noise is still there */
    dmix_speechfeatures_process (features, &deaf, &deaf, &guide, &take);
    g_assert_cmpfloat_with_epsilon (guide.level_db[600], rise, 0.01);
    dmix_speechfeatures_free (features);
    g_free (power);
    g_free (voice);
  }
}

static void
copy_side (float *to, const DmixSpeech *side)
{
  for (size_t d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
    memcpy (to + d * ROWS, side->feature + d * side->stride, ROWS * sizeof *to);
}

/* Without a guide the last one counts: with another take, and with that take
 * without slopes for the fit, the features are those of a fresh object, to the
 * bit. */
static void
test_guide_kept (void)
{
  const size_t values = ROWS * DMIX_SPEECH_DIMENSIONS;
  DmixSpeechFeatures *features = dmix_speechfeatures_new (ROWS, ROWS);
  DmixSpeechFeatures *fresh = dmix_speechfeatures_new (ROWS, ROWS);
  float *row[4], *want = g_new (float, values), *have = g_new (float, values);
  DmixSpeech side[2], again[2];

  for (int k = 0; k < 4; k++)
    row[k] = g_new (float, ROWS *DMIX_MEL_BANDS);
  for (int i = 0; i < ROWS * DMIX_MEL_BANDS; i++) {
    const int t = i / DMIX_MEL_BANDS;

    row[0][i] = t < 400 ? 1 : 1001;
    row[1][i] = t < 300 ? 1 : (float) (200 + t % 50);
    row[2][i] = t < 350 ? 3 : (float) (100 + t % 70);
    row[3][i] = t < 700 ? 1 : 0;
  }
  for (int bare = 0; bare < 2; bare++) {
    const DmixSpeechInput guide = { row[0], row[3], ROWS };
    const DmixSpeechInput first = { row[1], row[3], ROWS };
    DmixSpeechInput other = { row[2], NULL, ROWS };

    dmix_speechfeatures_process (fresh, &guide, &other, &side[0], &side[1]);
    other.no_slopes = bare;
    dmix_speechfeatures_process (features, &guide, &first, &again[0],
        &again[1]);
    dmix_speechfeatures_process (features, NULL, &other, &again[0], &again[1]);
    for (int s = 0; s < 2; s++) {
      copy_side (want, &side[s]);
      copy_side (have, &again[s]);
      g_assert_cmpmem (want, values * sizeof *want, have,
          values * sizeof *have);
      g_assert_cmpmem (side[s].level_db, ROWS * sizeof *want, again[s].level_db,
          ROWS * sizeof *have);
      g_assert_true (bare == !again[s].slope);
      if (!bare)
        g_assert_cmpmem (side[s].slope, ROWS * DMIX_MEL_BANDS * sizeof *want,
            again[s].slope, ROWS * DMIX_MEL_BANDS * sizeof *have);
    }
    g_assert_cmpmem (side[0].trust, ROWS * DMIX_MEL_BANDS, again[0].trust,
        ROWS * DMIX_MEL_BANDS);
  }
  for (int k = 0; k < 4; k++)
    g_free (row[k]);
  g_free (want);
  g_free (have);
  dmix_speechfeatures_free (features);
  dmix_speechfeatures_free (fresh);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speechfeatures/same-condition", test_same_condition);
  g_test_add_func ("/speechfeatures/pauses", test_pauses);
  g_test_add_func ("/speechfeatures/values", test_values);
  g_test_add_func ("/speechfeatures/room", test_room);
  g_test_add_func ("/speechfeatures/floor", test_floor);
  g_test_add_func ("/speechfeatures/range", test_range);
  g_test_add_func ("/speechfeatures/other-sounds", test_other_sounds);
  g_test_add_func ("/speechfeatures/noise-with-gaps", test_noise_with_gaps);
  g_test_add_func ("/speechfeatures/fit-slopes", test_fit_slopes);
  g_test_add_func ("/speechfeatures/loud-noise", test_loud_noise);
  g_test_add_func ("/speechfeatures/reverberant-guide", test_reverberant_guide);
  g_test_add_func ("/speechfeatures/guide-kept", test_guide_kept);
  return g_test_run ();
}

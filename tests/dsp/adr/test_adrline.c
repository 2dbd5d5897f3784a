/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adrline.h, on texts made of numbers (melrig.h). */
#include "melrig.h"

#include "adr/adrline.h"

typedef struct
{
  double *map;
  DmixAdrLineInfo info[2];
  DmixAdrLine *line;
} Result;

static Result
process (const MelSpeech *guide, const MelSpeech *take, size_t cut,
    int last_speaks, const DmixAdrLineParams *params)
{
  const size_t end[2] = { cut ? cut : guide->rows, guide->rows };
  const int speaks[2] = { 1, last_speaks };
  const DmixAdrLineInput input = {
    .guide = { guide->power, NULL, guide->rows },
    .take = { take->power, NULL, take->rows },
    .line_end = end,
    .line_speaks = speaks,
    .lines = cut ? 2 : 1,
    .ends = 1,
  };
  Result result = { g_new0 (double, guide->rows + 1) };

  result.line =
      dmix_adrline_new (guide->rows, MAX (take->rows, 1), params->max_shift_ms);
  g_assert_nonnull (result.line);
  dmix_adrline_process (result.line, &input, params, result.map, result.info);
  return result;
}

static void
result_free (Result *result)
{
  dmix_adrline_free (result->line);
  g_free (result->map);
}

static const DmixAdrLineParams plain = {
  .max_shift_ms = 2000,
  .max_stretch = 2,
  .strength = 1,
  .min_confidence = 0.57,
};

/* The same words at another timing match, each within 3 frames (test_align.c);
 * other words do not match and are not stretched. */
static void
test_match (void)
{
  for (guint32 seed = 1; seed < 6; seed++) {
    GRand *rand = g_rand_new_with_seed (seed);
    double tempo[MEL_SOUNDS];
    MelSpeech a, b, other;
    Result result;

    for (int s = 0; s < MEL_SOUNDS; s++)
      tempo[s] = g_rand_double_range (rand, 0.8, 1.3);
    a = mel_speak (seed, NULL, NULL);
    b = mel_speak (seed, tempo, NULL);
    other = mel_speak (seed + 100, tempo, NULL);
    result = process (&a, &b, 0, 1, &plain);
    g_assert_true (result.info[0].speech && result.info[0].matched);
    g_assert_cmpfloat (result.info[0].confidence, <=, 1.0);
    g_assert_cmpfloat (result.info[0].stretch, >, 1.0);
    g_assert_cmpfloat (result.info[0].stretch, <=, 2.0);
    for (int s = 1; s < MEL_SOUNDS; s++)
      if (!MEL_PAUSE (s) && !MEL_PAUSE (s - 1))
        g_assert_cmpfloat (fabs (result.map[a.start[s]] - (double) b.start[s]),
            <, 4);
    result_free (&result);
    result = process (&a, &other, 0, 1, &plain);
    g_assert_true (result.info[0].speech && !result.info[0].matched);
    g_assert_cmpfloat_with_epsilon (result.info[0].stretch, 1.0, 1e-9);
    for (size_t i = 0; i < a.rows; i++)
      g_assert_cmpfloat_with_epsilon (result.map[i] - (double) i,
          result.info[0].offset_frames, 1e-6);
    result_free (&result);
    g_free (a.power);
    g_free (b.power);
    g_free (other.power);
    g_rand_free (rand);
  }
}

/* strength 0: shifted by the map's mean offset; 0.5: halfway to the map. */
static void
test_strength (void)
{
  double tempo[MEL_SOUNDS];
  DmixAdrLineParams params = plain;
  MelSpeech a = mel_speak (11, NULL, NULL), b;
  Result full, half, none;

  for (int s = 0; s < MEL_SOUNDS; s++)
    tempo[s] = s < MEL_SOUNDS / 2 ? 1.2 : 0.9;
  b = mel_speak (11, tempo, NULL);
  full = process (&a, &b, 0, 1, &params);
  params.strength = 0.5;
  half = process (&a, &b, 0, 1, &params);
  params.strength = 0.0;
  none = process (&a, &b, 0, 1, &params);
  g_assert_cmpfloat_with_epsilon (none.info[0].stretch, 1.0, 1e-9);
  for (size_t i = 0; i < a.rows; i++) {
    g_assert_cmpfloat_with_epsilon (none.map[i] - (double) i,
        full.info[0].offset_frames, 1e-6);
    g_assert_cmpfloat_with_epsilon (half.map[i],
        0.5 * (full.map[i] + none.map[i]), 1e-6);
  }
  result_free (&full);
  result_free (&half);
  result_free (&none);
  g_free (a.power);
  g_free (b.power);
}

/* Loud noise behind the words, and a take that is silent there: a pause where the
 * network hears no voice in it, else words that the take lacks. */
static void
test_loud_pause (void)
{
  MelSpeech a = mel_speak (23, NULL, NULL), b = mel_speak (23, NULL, NULL);
  const size_t values = a.rows * DMIX_MEL_BANDS, cut = a.start[40];
  const int speaks[2] = { 1, 1 };
  const size_t end[2] = { cut, a.rows };
  float *voice = g_new (float, values);
  double *map = g_new0 (double, a.rows + 1);
  DmixAdrLine *line = dmix_adrline_new (a.rows, b.rows, plain.max_shift_ms);

  for (size_t i = cut * DMIX_MEL_BANDS; i < values; i++)
    b.power[i] = MEL_BACKGROUND;
  for (int heard = 0; heard < 2; heard++) {
    const DmixAdrLineInput input = {
      .guide = { a.power, voice, a.rows },
      .take = { b.power, NULL, b.rows },
      .line_end = end,
      .line_speaks = speaks,
      .lines = 2,
      .ends = 1,
    };
    DmixAdrLineInfo info[2];

    for (size_t i = 0; i < values; i++)
      voice[i] = i < cut * DMIX_MEL_BANDS || heard ? 1.0f : 0.01f;
    dmix_adrline_process (line, &input, &plain, map, info);
    g_assert_true (info[0].speech && info[0].matched);
    g_assert_cmpint (info[1].speech, ==, heard);
  }
  dmix_adrline_free (line);
  g_free (map);
  g_free (voice);
  g_free (a.power);
  g_free (b.power);
}

/* A line without speech is not matched and keeps its neighbour's offset; a
 * silent or missing take does not match speech. */
static void
test_silence (void)
{
  MelSpeech a = mel_speak (21, NULL, NULL), b = mel_speak (21, NULL, NULL);
  const size_t cut = a.start[40];
  Result result;

  for (size_t i = cut * DMIX_MEL_BANDS; i < a.rows * DMIX_MEL_BANDS; i++)
    a.power[i] = b.power[i] = MEL_BACKGROUND;
  result = process (&a, &b, cut, 0, &plain);
  g_assert_true (result.info[0].speech && result.info[0].matched);
  g_assert_false (result.info[1].speech);
  for (size_t i = 0; i < a.rows; i++)
    g_assert_cmpfloat (fabs (result.map[i] - (double) i), <, 1.0);
  result_free (&result);
  for (size_t i = 0; i < b.rows * DMIX_MEL_BANDS; i++)
    b.power[i] = MEL_BACKGROUND;
  result = process (&a, &b, 0, 1, &plain);
  g_assert_true (result.info[0].speech && !result.info[0].matched);
  result_free (&result);
  b.rows = 0;
  result = process (&a, &b, 0, 1, &plain);
  g_assert_true (result.info[0].speech && !result.info[0].matched);
  g_assert_cmpfloat_with_epsilon (result.info[0].offset_frames, 0.0, 1e-9);
  result_free (&result);
  g_free (a.power);
  g_free (b.power);
}

/* Without speech on either side the take stays at the expected offset, even if
 * its noise matches the guide's elsewhere. */
static void
test_noise (void)
{
  const size_t rows = 2000;
  GRand *rand = g_rand_new_with_seed (41);
  MelSpeech noise = { g_new (float, rows *DMIX_MEL_BANDS), rows, { 0 } };
  Result result;

  for (size_t i = 0; i < rows * DMIX_MEL_BANDS; i++)
    noise.power[i] =
        (float) (-1e-6 * log (g_rand_double_range (rand, 1e-9, 1.0)));
  result = process (&noise, &noise, rows / 2, 1, &plain);
  for (int k = 0; k < 2; k++) {
    g_assert_false (result.info[k].speech);
    g_assert_cmpfloat (result.info[k].offset_frames, ==, 0.0);
  }
  for (size_t i = 0; i <= rows; i++)
    g_assert_cmpfloat (result.map[i], ==, (double) i);
  result_free (&result);
  g_free (noise.power);
  g_rand_free (rand);
}

/* Levels are over 3 dB in speech, 0 in pauses. */
static void
test_levels (void)
{
  MelSpeech a = mel_speak (31, NULL, NULL);
  Result result = process (&a, &a, 0, 1, &plain);

  for (int s = 0; s < MEL_SOUNDS; s++) {
    const size_t middle = (size_t) mel_middle (&a, s);

    g_assert_true ((dmix_adrline_get_guide_level (result.line)[middle] > 3.0f)
        == !MEL_PAUSE (s));
    g_assert_true ((dmix_adrline_get_take_level (result.line)[middle] > 3.0f)
        == !MEL_PAUSE (s));
  }
  result_free (&result);
  g_free (a.power);
  g_assert_null (dmix_adrline_new (0, 1, 100));
  g_assert_null (dmix_adrline_new (1, 0, 100));
  dmix_adrline_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrline/match", test_match);
  g_test_add_func ("/adrline/strength", test_strength);
  g_test_add_func ("/adrline/loud-pause", test_loud_pause);
  g_test_add_func ("/adrline/silence", test_silence);
  g_test_add_func ("/adrline/noise", test_noise);
  g_test_add_func ("/adrline/levels", test_levels);
  return g_test_run ();
}

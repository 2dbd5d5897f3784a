/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of matchscore.h. */
#include "melrig.h"

#include "adr/matchscore.h"

typedef struct
{
  MelSpeech a, b;
  DmixSpeechFeatures *features;
  DmixSpeech guide, take;
  DmixAlignStep *path;
} Pair;

/* Two texts, matched frame by frame. */
static Pair
pair_new (guint32 guide, guint32 take)
{
  Pair p = {
    .a = mel_speak (guide, NULL, NULL),
    .b = mel_speak (take, NULL, NULL),
  };

  p.features = dmix_speechfeatures_new (p.a.rows, p.b.rows);
  dmix_speechfeatures_process (p.features,
      &(DmixSpeechInput){ p.a.power, NULL, p.a.rows },
      &(DmixSpeechInput){ p.b.power, NULL, p.b.rows }, &p.guide, &p.take);
  p.path = g_new0 (DmixAlignStep, p.a.rows);
  for (size_t i = 0; i < p.a.rows; i++)
    p.path[i].guide = p.path[i].take = (int) i;
  return p;
}

static void
pair_free (Pair *p)
{
  dmix_speechfeatures_free (p->features);
  g_free (p->path);
  g_free (p->a.power);
  g_free (p->b.power);
}

/* A text scores fully against itself; two texts do not. */
static void
test_cosine (void)
{
  Pair same = pair_new (1, 1);
  DmixMatchScore likeness;
  size_t speech = 0;

  for (size_t t = 0; t < same.guide.frames; t++)
    speech += same.guide.level_db[t] > 3.0f;
  dmix_matchscore_measure (&same.guide, 0, &same.take, 0, same.path,
      same.a.rows, &likeness);
  g_assert_cmpfloat_with_epsilon (likeness.cosine, 1.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (likeness.coverage, 1.0, 1e-9);
  g_assert_cmpuint (likeness.skipped, ==, 0);
  g_assert_cmpuint (likeness.guide_speech, ==, speech);
  g_assert_cmpuint (likeness.take_speech, ==, speech);
  pair_free (&same);
  for (guint32 seed = 2; seed < 8; seed++) {
    Pair other = pair_new (1, seed);

    dmix_matchscore_measure (&other.guide, 0, &other.take, 0, other.path,
        other.a.rows, &likeness);
    g_assert_cmpfloat (likeness.cosine, <, 0.5);
    g_assert_cmpfloat (likeness.cosine, >, -0.5);
    pair_free (&other);
  }
}

/* Speech that the path leaves out counts as missed; a part scores only its own
 * frames. */
static void
test_coverage (void)
{
  Pair p = pair_new (9, 9);
  const size_t half = p.a.rows / 2;
  DmixSpeech part = p.guide;
  DmixMatchScore all, some;

  dmix_matchscore_measure (&p.guide, 0, &p.take, 0, p.path, half, &all);
  g_assert_cmpfloat_with_epsilon (all.coverage,
      (double) (all.guide_speech - all.skipped) / all.guide_speech, 1e-9);
  g_assert_cmpfloat (all.coverage, >, 0.4);
  g_assert_cmpfloat (all.coverage, <, 0.6);
  for (size_t i = 0; i < half; i++)
    p.path[i].kind = DMIX_ALIGN_GUIDE_ONLY;
  dmix_matchscore_measure (&p.guide, 0, &p.take, 0, p.path, p.a.rows, &some);
  g_assert_cmpfloat_with_epsilon (all.coverage + some.coverage, 1.0, 1e-9);
  part.feature += half;
  part.level_db += half;
  part.frames -= half;
  dmix_matchscore_measure (&part, half, &part, half, p.path, p.a.rows, &some);
  g_assert_cmpfloat_with_epsilon (some.coverage, 1.0, 1e-9);
  g_assert_cmpfloat_with_epsilon (some.cosine, 1.0, 1e-6);
  pair_free (&p);
}

/* Reversing twice restores the features; once mirrors the levels and negates
 * the slopes. */
static void
test_reverse (void)
{
  Pair p = pair_new (10, 10);
  const size_t frames = p.take.frames;
  float *once = g_new (float, frames *DMIX_SPEECH_DIMENSIONS);
  float *twice = g_new (float, frames *DMIX_SPEECH_DIMENSIONS);
  float *level = g_new (float, frames), *again = g_new (float, frames);
  const DmixSpeech back = dmix_matchscore_reverse (&p.take, once, level);
  const DmixSpeech forth = dmix_matchscore_reverse (&back, twice, again);

  for (size_t t = 0; t < frames; t++) {
    g_assert_cmpfloat (forth.level_db[t], ==, p.take.level_db[t]);
    for (size_t d = 0; d < DMIX_SPEECH_DIMENSIONS; d++) {
      const int slope = (d >= DMIX_MEL_BANDS && d < 2 * DMIX_MEL_BANDS)
          || d == DMIX_SPEECH_DIMENSIONS - 1;
      const float value = p.take.feature[d * p.take.stride + t];

      g_assert_cmpfloat (forth.feature[d * forth.stride + t], ==, value);
      g_assert_cmpfloat (back.feature[d * back.stride + frames - 1 - t], ==,
          slope ? -value : value);
    }
  }
  g_free (once);
  g_free (twice);
  g_free (level);
  g_free (again);
  pair_free (&p);
}

/* Confidence rises with similarity and coverage, falls with the similarity of
 * the reversed take, and stays from 0 to 1. */
static void
test_confidence (void)
{
  for (double cosine = -1.0; cosine <= 0.9; cosine += 0.1)
    for (double coverage = 0.0; coverage <= 0.9; coverage += 0.1)
      for (double back = -1.0; back <= 0.9; back += 0.1) {
        const DmixMatchScore here = { .cosine = cosine, .coverage = coverage };
        const DmixMatchScore more = {
          .cosine = cosine + 0.1,
          .coverage = coverage,
        };
        const DmixMatchScore wide = {
          .cosine = cosine,
          .coverage = coverage + 0.1,
        };
        const DmixMatchScore against = { .cosine = back };
        const DmixMatchScore nearer = { .cosine = back + 0.1 };
        const double sure = dmix_matchscore_get_confidence (&here, &against);

        g_assert_cmpfloat (sure, >=, 0.0);
        g_assert_cmpfloat (sure, <=, 1.0);
        g_assert_cmpfloat (dmix_matchscore_get_confidence (&more, &against), >=,
            sure);
        g_assert_cmpfloat (dmix_matchscore_get_confidence (&wide, &against), >=,
            sure);
        g_assert_cmpfloat (dmix_matchscore_get_confidence (&here, &nearer), <=,
            sure);
      }
}

enum
{
  D = DMIX_SPEECH_DIMENSIONS,
  N = 50, /* frames of guide and take */
  STRIDE = 64
};

/* Random features, and levels on both sides of 3 dB, which is where speech
 * begins. */
static DmixSpeech
random_speech (float *feature, float *level_db, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);

  for (int i = 0; i < D * STRIDE; i++)
    feature[i] = (float) g_rand_double_range (rand, -1, 3);
  for (int i = 0; i < STRIDE; i++)
    level_db[i] = g_rand_boolean (rand) ? 2.9f : 3.1f;
  g_rand_free (rand);
  return (DmixSpeech){
    .frames = N,
    .stride = STRIDE,
    .feature = feature,
    .level_db = level_db,
  };
}

/* The cosine is that of the features less their means over the speech of each
 * side, over all matched pairs within both parts of which one speaks. */
static void
test_formula (void)
{
  static float a[D * STRIDE], b[D * STRIDE], a_db[STRIDE], b_db[STRIDE];
  const DmixSpeech guide = random_speech (a, a_db, 1);
  const DmixSpeech take = random_speech (b, b_db, 2);
  DmixAlignStep path[80];
  DmixMatchScore score;
  double aa = 0, bb = 0, ab = 0;
  size_t heard[2] = { 0 }, all[2] = { 0 };

  /* parts that begin at frames 10 and 7 of what was aligned */
  for (int k = 0; k < 80; k++)
    path[k] = (DmixAlignStep){ .guide = k,
      .take = k - 3 + k / 40,
      .kind = k % 9 == 4 ? DMIX_ALIGN_GUIDE_ONLY : DMIX_ALIGN_MATCH };
  for (int i = 0; i < N; i++) {
    all[0] += a_db[i] > 3;
    all[1] += b_db[i] > 3;
  }
  for (int d = 0; d < D; d++) {
    double mean[2] = { 0 };

    for (int i = 0; i < N; i++) {
      mean[0] += a_db[i] > 3 ? a[d * STRIDE + i] / (double) all[0] : 0;
      mean[1] += b_db[i] > 3 ? b[d * STRIDE + i] / (double) all[1] : 0;
    }
    for (int k = 0; k < 80; k++) {
      const int i = path[k].guide - 10, j = path[k].take - 7;

      if (i < 0 || i >= N || j < 0 || j >= N || k % 9 == 4
          || (a_db[i] < 3 && b_db[j] < 3))
        continue;
      aa += pow (a[d * STRIDE + i] - mean[0], 2);
      bb += pow (b[d * STRIDE + j] - mean[1], 2);
      ab += (a[d * STRIDE + i] - mean[0]) * (b[d * STRIDE + j] - mean[1]);
      if (d == 0) {
        heard[0] += a_db[i] > 3;
        heard[1] += b_db[j] > 3;
      }
    }
  }
  dmix_matchscore_measure (&guide, 10, &take, 7, path, 80, &score);
  g_assert_cmpuint (score.guide_speech, ==, all[0]);
  g_assert_cmpuint (score.take_speech, ==, all[1]);
  g_assert_cmpuint (score.skipped, ==, all[0] - heard[0]);
  g_assert_cmpfloat_with_epsilon (score.coverage,
      fmin ((double) heard[0] / all[0], (double) heard[1] / all[1]), 1e-9);
  g_assert_cmpfloat_with_epsilon (score.cosine, ab / sqrt (aa * bb), 1e-9);
}

/* The fit is the cosine of the slopes, the second half of the bands' features,
 * with the take's interpolated between frames; speeds below 0.45 or above its
 * inverse are pauses. */
static void
test_fit_formula (void)
{
  static float a[D * STRIDE], b[D * STRIDE], a_db[STRIDE], b_db[STRIDE];
  const DmixSpeech guide = random_speech (a, a_db, 3);
  const DmixSpeech take = random_speech (b, b_db, 4);
  const double steps[] = { 1, 0.44, 0.46, 2.2, 2.25, 0.9, 1.1 };
  double map[N], aa = 0, bb = 0, ab = 0;

  map[0] = -3.3;
  for (int i = 1; i < N; i++)
    map[i] = map[i - 1] + steps[i % 7];
  g_assert_cmpfloat (map[N - 1], >, N + 1);
  for (int i = 5; i + 1 < 45; i++) {
    const double step = map[i + 1] - map[i], at = fmax (map[i], 0);
    const int j = (int) at;

    if (step < 0.45 || step > 1 / 0.45 || j + 1 >= N
        || (a_db[i] < 3 && b_db[j] < 3))
      continue;
    for (int d = DMIX_MEL_BANDS; d < 2 * DMIX_MEL_BANDS; d++) {
      const float *x = b + d * STRIDE + j;
      const double y = x[0] + (at - j) * ((double) x[1] - x[0]);

      aa += pow (a[d * STRIDE + i], 2);
      bb += y * y;
      ab += a[d * STRIDE + i] * y;
    }
  }
  g_assert_cmpfloat_with_epsilon (dmix_matchscore_fit (&guide, &take, map, 5,
                                      45),
      ab / sqrt (aa * bb), 1e-6);
}

/* The best fit with the take moved, every second frame; the mean speed over 80 ms of
 * the guide's speech, each at most a factor of 2 off; and the fit itself. */
static void
test_follow (void)
{
  enum
  {
    LONG = 600
  };
  float *a = g_new (float, D *LONG), *b = g_new (float, D *LONG);
  float level_db[LONG];
  double map[LONG], moved[LONG], rival = -1, bend = 0;
  const DmixSpeech guide = { .frames = LONG,
    .stride = LONG,
    .feature = a,
    .level_db = level_db };
  const DmixSpeech take = { .frames = LONG,
    .stride = LONG,
    .feature = b,
    .level_db = level_db };
  GRand *rand = g_rand_new_with_seed (5);
  DmixMatchScore score;

  for (int i = 0; i < D * LONG; i++) {
    a[i] = (float) g_rand_double_range (rand, -1, 1);
    b[i] = (float) g_rand_double_range (rand, -1, 1);
  }
  for (int i = 0; i < LONG; i++) {
    level_db[i] = 12;
    map[i] = i < 300 ? 100 + 0.8 * i : 340 + 3 * (i - 300);
  }
  /* all frames as one: even ones twice */
  for (int lag = -160; lag <= 160; lag += lag == -16 ? 32 : 12) {
    double aa = 0, bb = 0, ab = 0;

    for (int i = 0; i < LONG; i++)
      moved[i] = fmax (map[i] + lag, 0);
    for (int i = 0; i + 1 < 300; i += 2) {
      const int j = (int) moved[i];

      if (j + 1 >= LONG)
        continue;
      for (int d = DMIX_MEL_BANDS; d < 2 * DMIX_MEL_BANDS; d++) {
        const float *x = b + d * LONG + j;
        const double y = x[0] + (moved[i] - j) * ((double) x[1] - x[0]);

        aa += pow (a[d * LONG + i], 2);
        bb += y * y;
        ab += a[d * LONG + i] * y;
      }
    }
    rival = fmax (rival, ab / sqrt (aa * bb));
  }
  for (int i = 8; i < LONG - 8; i++)
    bend += fmin (fabs (log ((map[i + 8] - map[i - 8]) / 16)), log (2))
        / (LONG - 16);
  dmix_matchscore_follow (&guide, &take, map, 0, LONG, &score);
  g_assert_cmpfloat (score.fit, ==,
      dmix_matchscore_fit (&guide, &take, map, 0, LONG));
  g_assert_cmpfloat_with_epsilon (score.rival, rival, 1e-6);
  g_assert_cmpfloat_with_epsilon (score.bend, bend, 1e-4);
  g_rand_free (rand);
  g_free (a);
  g_free (b);
}

/* Each term is what the header says; the confidence is the logistic function of
 * their sum by fitted weights, of which tests/quality/fit/test_fit.py says whether
 * they are those of the fit. */
static void
test_terms (void)
{
  const DmixMatchScore score = { .cosine = 0.5,
    .fit = 0.6,
    .rival = 0.2,
    .bend = 0.1,
    .coverage = 0.9 };
  const DmixMatchScore against = { .cosine = 0.3 };
  const double wanted[] = { 0.5, 0.9, 0.3, 0.4, 0.1 };
  double term[DMIX_MATCHSCORE_TERMS];

  dmix_matchscore_get_terms (&score, &against, term);
  for (int k = 0; k < DMIX_MATCHSCORE_TERMS; k++)
    g_assert_cmpfloat_with_epsilon (term[k], wanted[k], 1e-12);
}

/* Every feature moves the confidence in the way that it should. */
static void
test_weights (void)
{
  const DmixMatchScore here = { .cosine = 0.5,
    .fit = 0.5,
    .rival = 0.2,
    .bend = 0.3,
    .coverage = 0.8,
    .guide_speech = 200,
    .take_speech = 200 };
  const DmixMatchScore against = { .cosine = 0.4 };
  const DmixMatchScore nearer = { .cosine = 0.5 };
  const double sure = dmix_matchscore_get_confidence (&here, &against);
  DmixMatchScore other = here;

  other.fit += 0.1;
  g_assert_cmpfloat (dmix_matchscore_get_confidence (&other, &against), >,
      sure);
  other.fit -= 0.1;
  other.rival += 0.1;
  g_assert_cmpfloat (dmix_matchscore_get_confidence (&other, &against), <,
      sure);
  other.rival -= 0.1;
  other.bend += 0.1;
  g_assert_cmpfloat (dmix_matchscore_get_confidence (&other, &against), <,
      sure);
  g_assert_cmpfloat (dmix_matchscore_get_confidence (&here, &nearer), <, sure);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/likeness/cosine", test_cosine);
  g_test_add_func ("/likeness/coverage", test_coverage);
  g_test_add_func ("/likeness/reverse", test_reverse);
  g_test_add_func ("/likeness/confidence", test_confidence);
  g_test_add_func ("/likeness/formula", test_formula);
  g_test_add_func ("/likeness/fit-formula", test_fit_formula);
  g_test_add_func ("/likeness/weights", test_weights);
  g_test_add_func ("/likeness/follow", test_follow);
  g_test_add_func ("/likeness/terms", test_terms);
  return g_test_run ();
}

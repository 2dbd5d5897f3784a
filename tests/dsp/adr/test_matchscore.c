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
  dmix_speechfeatures_process (p.features, p.a.power, p.a.rows, p.b.power,
      p.b.rows, &p.guide, &p.take);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/likeness/cosine", test_cosine);
  g_test_add_func ("/likeness/coverage", test_coverage);
  g_test_add_func ("/likeness/reverse", test_reverse);
  g_test_add_func ("/likeness/confidence", test_confidence);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of align.h and alignpass.h. */
#include "melrig.h"

#include "adr/align.h"
#include "adr/aligndistance.h"
#include "adr/alignpass.h"

#define REACH 400

typedef struct
{
  MelSpeech a, b;
  DmixSpeechFeatures *features;
  DmixSpeech guide, take;
  DmixAlign *align;
  const DmixAlignStep *path;
  size_t steps;
} Pair;

/* Guide and take have the same text, each at its own timing. */
static Pair
pair_new (guint32 seed, const double *guide, const double *take)
{
  Pair p = {
    .a = mel_speak (seed, guide, NULL),
    .b = mel_speak (seed, take, NULL),
  };

  p.features = dmix_speechfeatures_new (p.a.rows, p.b.rows);
  p.align = dmix_align_new (p.a.rows, p.b.rows, REACH);
  dmix_speechfeatures_process (p.features,
      &(DmixSpeechInput){ p.a.power, NULL, p.a.rows },
      &(DmixSpeechInput){ p.b.power, NULL, p.b.rows }, &p.guide, &p.take);
  return p;
}

static void
pair_free (Pair *p)
{
  dmix_align_free (p->align);
  dmix_speechfeatures_free (p->features);
  g_free (p->a.power);
  g_free (p->b.power);
}

/* Every step is of a known kind and none goes backwards; a rough path may
 * repeat and leave out frames. */
static void
check_steps (const Pair *p, int rough)
{
  for (size_t k = 1; k < p->steps; k++) {
    const int guide = p->path[k].guide - p->path[k - 1].guide;
    const int take = p->path[k].take - p->path[k - 1].take;

    g_assert_cmpint (p->path[k].guide, <, (int) p->a.rows);
    g_assert_cmpint (p->path[k].take, <, (int) p->b.rows);
    g_assert_true (guide >= 0 && take >= 0 && guide <= 5 && take <= 5);
    if (rough)
      continue;
    switch (p->path[k].kind) {
      case DMIX_ALIGN_MATCH:
        g_assert_true ((guide == 1 || guide == 2) && (take == 1 || take == 2)
            && guide * take < 4);
        break;
      case DMIX_ALIGN_GUIDE_ONLY:
        g_assert_true (guide == 1 && take == 0);
        break;
      default:
        g_assert_true (guide == 0 && take == 1);
    }
  }
}

static void
align (Pair *p, const DmixAlignParams *params)
{
  p->steps =
      dmix_align_process (p->align, &p->guide, &p->take, params, &p->path);
  check_steps (p, params->rough);
}

/* Take frame that the path gives a guide frame. */
static double
place (const Pair *p, double guide)
{
  for (size_t k = 0; k < p->steps; k++)
    if (p->path[k].guide >= guide)
      return p->path[k].take;
  return NAN;
}

/* Number of sounds whose beginning is more frames off than this. (Features are
 * constant within a sound, so only its beginning is defined.) */
static int
misplaced (const Pair *p, double frames)
{
  int count = 0;

  for (int s = 1; s < MEL_SOUNDS; s++)
    count += !MEL_PAUSE (s)
        && !(fabs (place (p, (double) p->a.start[s]) - (double) p->b.start[s])
            <= frames);
  return count;
}

/* An identical take: matched frame by frame, at distance 0. */
static void
test_same (void)
{
  const DmixAlignParams params = { .reach_frames = REACH };
  Pair p = pair_new (1, NULL, NULL);

  align (&p, &params);
  g_assert_cmpuint (p.steps, ==, p.a.rows);
  for (size_t k = 0; k < p.steps; k++) {
    g_assert_cmpint (p.path[k].guide, ==, p.path[k].take);
    g_assert_cmpint (p.path[k].kind, ==, DMIX_ALIGN_MATCH);
    g_assert_cmpfloat_with_epsilon (p.path[k].distance, 0.0, 1e-6);
  }
  pair_free (&p);
}

/* Sounds of 0.7 to 1.6 times the length: within 3 frames, of which the
 * slope condition needs 2 steps to change the speed; one coarse frame more for
 * a rough path. */
static void
test_tempo (void)
{
  for (guint32 seed = 2; seed < 8; seed++)
    for (int rough = 0; rough < 2; rough++) {
      const DmixAlignParams params = { .reach_frames = REACH, .rough = rough };
      GRand *rand = g_rand_new_with_seed (seed);
      double tempo[MEL_SOUNDS];
      Pair p;

      for (int s = 0; s < MEL_SOUNDS; s++)
        tempo[s] = g_rand_double_range (rand, 0.7, 1.6);
      p = pair_new (seed, NULL, tempo);
      align (&p, &params);
      g_assert_cmpint (misplaced (&p, rough ? 7 : 3), ==, 0);
      pair_free (&p);
      g_rand_free (rand);
    }
}

/* A fine pass around a rough path finds what both passes in one call find, and
 * stays near that path where other features lead elsewhere. */
static void
test_again (void)
{
  const DmixAlignParams whole = { .reach_frames = REACH },
                        rough = { .reach_frames = REACH, .rough = 1 },
                        again = { .reach_frames = REACH, .again = 1 };
  Pair p = pair_new (21, NULL, NULL), other = pair_new (22, NULL, NULL);
  const DmixSpeech take = p.take;
  DmixAlignStep *found;
  size_t steps;

  align (&p, &whole);
  steps = p.steps;
  found = g_memdup2 (p.path, steps * sizeof *found);
  align (&p, &rough);
  align (&p, &again);
  g_assert_cmpmem (p.path, p.steps * sizeof *found, found,
      steps * sizeof *found);
  align (&p, &rough);
  p.take = other.take;
  p.take.frames = MIN (p.take.frames, take.frames);
  align (&p, &again);
  for (size_t k = 0; k < p.steps; k++)
    g_assert_cmpint (abs (p.path[k].take - p.path[k].guide), <=, 56);
  p.take = take;
  g_free (found);
  pair_free (&other);
  pair_free (&p);
}

/* A pause of 0.6 s on one side only: the path waits there, and only there. */
static void
test_pause (void)
{
  for (int side = 0; side < 2; side++) {
    const DmixAlignParams params = { .reach_frames = REACH };
    double tempo[MEL_SOUNDS];
    size_t waits = 0, in_speech = 0;
    Pair p;

    for (int s = 0; s < MEL_SOUNDS; s++)
      tempo[s] = s == 20 ? 7.0 : 1.0;
    p = pair_new (9, side ? tempo : NULL, side ? NULL : tempo);
    align (&p, &params);
    for (size_t k = 0; k < p.steps; k++)
      if (p.path[k].kind != DMIX_ALIGN_MATCH) {
        waits++;
        in_speech += p.guide.level_db[p.path[k].guide] > 6.0f
            && p.take.level_db[p.path[k].take] > 6.0f;
      }
    g_assert_cmpuint (waits, >=, 110);
    g_assert_cmpuint (waits, <=, 130);
    g_assert_cmpuint (in_speech, ==, 0);
    pair_free (&p);
  }
}

/* The search is centred on the offset and limited to the reach. */
static void
test_offset (void)
{
  DmixAlignParams params = {
    .offset_frames = 0,
    .reach_frames = 40,
    .open_end = 1,
  };
  double tempo[MEL_SOUNDS];
  Pair p;

  for (int s = 0; s < MEL_SOUNDS; s++)
    tempo[s] = s == 0 ? 16.0 : 1.0; /* 1.5 s late */
  p = pair_new (10, NULL, tempo);
  align (&p, &params);
  g_assert_cmpint (misplaced (&p, 3), >, MEL_SOUNDS / 2);
  params.offset_frames = 300;
  align (&p, &params);
  g_assert_cmpint (misplaced (&p, 3), ==, 0);
  params.offset_frames = 100000;
  align (&p, &params);
  g_assert_cmpuint (p.steps, ==, 0);
  pair_free (&p);
}

/* The path goes through any anchor, within a frame. */
static void
test_anchor (void)
{
  const DmixAlignAnchor anchor = { 500, 530 };
  const DmixAlignParams params = {
    .reach_frames = REACH,
    .anchor = &anchor,
    .anchors = 1,
  };
  Pair p = pair_new (11, NULL, NULL);

  align (&p, &params);
  g_assert_cmpfloat (fabs (place (&p, 500) - 530), <=, 1);
  pair_free (&p);
}

/* A pass stays in its band; an empty band has no path. */
static void
test_band (void)
{
  Pair p = pair_new (12, NULL, NULL);
  const DmixAlignPassParams how = { .scale = 1.0 };
  DmixAlignPass pass;
  DmixAlignStep *step;
  size_t count;

  g_assert_true (
      dmix_alignpass_init (&pass, p.a.rows, p.b.rows, 11 * p.a.rows));
  for (size_t i = 0; i < p.a.rows; i++) {
    pass.low[i] = MAX ((long) i - 5, 0);
    pass.high[i] = MIN ((long) i + 5, (long) p.b.rows - 1);
  }
  step = dmix_alignpass_run (&pass, &p.guide, &p.take, &how, &count);
  g_assert_nonnull (step);
  g_assert_true (step + count == pass.path + p.a.rows + p.b.rows);
  for (size_t k = 0; k < count; k++)
    g_assert_true (step[k].take >= pass.low[step[k].guide]
        && step[k].take <= pass.high[step[k].guide]);
  for (size_t i = 0; i < p.a.rows; i++) {
    pass.low[i] = 1;
    pass.high[i] = 0;
  }
  g_assert_null (dmix_alignpass_run (&pass, &p.guide, &p.take, &how, &count));
  dmix_alignpass_free (&pass);
  pair_free (&p);
}

/* A guide that noise covers from its middle on, in a scene whose end is open: a
 * pause of the take is more like it than the words are, but the words are due. */
static void
test_due (void)
{
  for (guint32 seed = 30; seed < 34; seed++) {
    const DmixAlignParams params = { .reach_frames = REACH, .open_end = 1 };
    Pair p = pair_new (seed, NULL, NULL);

    for (size_t t = p.a.rows / 2; t < p.a.rows; t++) {
      for (size_t d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
        ((float *) p.guide.feature)[d * p.guide.stride + t] *= 0.4f;
      ((float *) p.guide.level_db)[t] = 1.5f;
    }
    align (&p, &params);
    g_assert_cmpint (p.path[p.steps - 1].take, >=,
        (int) (0.9 * (double) p.a.rows) - 60 - 8);
    pair_free (&p);
  }
}

/* Hides a word of the guide, up to frame `end`, and the pause behind it in noise
 * that is as loud as speech. At the pause's end the noise resembles the word as
 * much as what is left of it. */
static void
hide (Pair *p, size_t from, size_t end)
{
  float *level = (float *) p->guide.level_db;
  GRand *rand = g_rand_new_with_seed (4);

  for (size_t t = from; t < p->a.rows; t++)
    level[t] = 4.0f;
  for (size_t d = 0; d < DMIX_SPEECH_DIMENSIONS; d++) {
    float *value = (float *) p->guide.feature + d * p->guide.stride;

    for (size_t t = from; t < p->a.rows; t++) {
      const float noise = (float) g_rand_double_range (rand, -0.5, 0.5);

      if (t < end)
        value[t - end + p->a.rows] = 0.4f * value[t] + noise;
      if (t < p->a.rows - (end - from))
        value[t] = 0.4f * value[t] + noise;
    }
  }
  g_rand_free (rand);
}

/* Noise hides the last word, and goes on for 1.4 s behind it: the word stays where
 * it is. A frame left out at the end costs no more than one in a gap. */
static void
test_noisy_end (void)
{
  const DmixAlignParams params = { .reach_frames = REACH };
  const int last = MEL_SOUNDS - 9; /* behind a pause */
  double tempo[MEL_SOUNDS];

  for (int s = 0; s < MEL_SOUNDS; s++)
    tempo[s] = s == MEL_SOUNDS - 1 ? 14.0 : 1.0;
  for (guint32 seed = 12; seed < 20; seed++) {
    Pair p = pair_new (seed, tempo, NULL);

    hide (&p, p.a.start[last], p.a.start[MEL_SOUNDS - 1]);
    align (&p, &params);
    g_assert_cmpfloat_with_epsilon (place (&p, (double) p.a.start[last]),
        (double) p.b.start[last], 4.0);
    pair_free (&p);
  }
}

/* Bands of a guide frame count as they are voice, 0.3 to 1; the mean weight is 1. */
static void
test_weights (void)
{
  uint8_t trust[DMIX_MEL_BANDS];
  const DmixSpeech guide = { .frames = 1, .stride = 1, .trust = trust };
  float weight[DMIX_SPEECH_DIMENSIONS];
  double sum = 0.0;

  for (int b = 0; b < DMIX_MEL_BANDS; b++)
    trust[b] = b < 4 ? 255 : 0;
  dmix_aligndistance_weigh (&guide, 0, weight);
  for (int d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
    sum += weight[d];
  g_assert_cmpfloat_with_epsilon (sum, DMIX_SPEECH_DIMENSIONS, 1e-4);
  g_assert_cmpfloat_with_epsilon (weight[31], 0.3 * weight[0], 1e-5);
  g_assert_cmpfloat (weight[DMIX_MEL_BANDS], ==, weight[0]);
  g_assert_cmpfloat (weight[2 * DMIX_MEL_BANDS], ==, 1.0f);
}

/* A take with another text before: a search begins where the guide's does. */
static void
test_search (void)
{
  const DmixAlignParams params = { .reach_frames = REACH, .search = 1 };
  Pair p = pair_new (40, NULL, NULL);
  MelSpeech other = mel_speak (41, NULL, NULL);
  const size_t most = REACH - 40;
  DmixSpeechFeatures *features;
  DmixAlign *wide;
  float *power;
  size_t rows;

  rows = most + p.b.rows;
  power = g_new (float, rows *DMIX_MEL_BANDS);
  memcpy (power, other.power, most * DMIX_MEL_BANDS * sizeof (float));
  memcpy (power + most * DMIX_MEL_BANDS, p.b.power,
      p.b.rows * DMIX_MEL_BANDS * sizeof (float));
  features = dmix_speechfeatures_new (p.a.rows, rows);
  wide = dmix_align_new (p.a.rows, rows, REACH);
  dmix_speechfeatures_process (features,
      &(DmixSpeechInput){ p.a.power, NULL, p.a.rows },
      &(DmixSpeechInput){ power, NULL, rows }, &p.guide, &p.take);
  p.steps = dmix_align_process (wide, &p.guide, &p.take, &params, &p.path);
  p.b.rows = rows;
  check_steps (&p, 0);
  for (int s = 1; s < MEL_SOUNDS; s++)
    if (!MEL_PAUSE (s))
      g_assert_cmpfloat_with_epsilon (place (&p, (double) p.a.start[s]),
          (double) (p.b.start[s] + most), 3.0);
  g_assert_cmpint (p.path[0].take, >=, (int) most - 4);
  dmix_align_free (wide);
  dmix_speechfeatures_free (features);
  g_free (power);
  g_free (other.power);
  pair_free (&p);
}

/* Distances follow Huber's function; all versions give the same bits. */
static void
test_distances (void)
{
  Pair p = pair_new (13, NULL, NULL);
  const size_t low = 17, count = 203, frame = 321;
  float plain[203];

  dmix_aligndistance_plain (&p.guide, frame, &p.take, low, count, plain);
  for (size_t k = 0; k < count; k++) {
    double sum = 0.0;

    for (size_t d = 0; d < DMIX_SPEECH_DIMENSIONS; d++) {
      const double off = fabs (p.guide.feature[d * p.guide.stride + frame]
          - p.take.feature[d * p.take.stride + low + k]);

      sum += off < 1.0 ? off * off : 2.0 * off - 1.0;
    }
    g_assert_cmpfloat_with_epsilon (plain[k],
        sqrt (sum / DMIX_SPEECH_DIMENSIONS), 1e-5);
  }
#ifdef HAVE_AVX2
  if (__builtin_cpu_supports ("avx2")) {
    float fast[203];

    dmix_aligndistance_avx2 (&p.guide, frame, &p.take, low, count, fast);
    g_assert_cmpmem (fast, sizeof fast, plain, sizeof plain);
  }
#endif
  pair_free (&p);
}

static void
test_arguments (void)
{
  g_assert_null (dmix_align_new (0, 1, 1));
  g_assert_null (dmix_align_new (1, 0, 1));
  g_assert_null (dmix_align_new (1, 1, 0));
  dmix_align_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/align/same", test_same);
  g_test_add_func ("/align/tempo", test_tempo);
  g_test_add_func ("/align/pause", test_pause);
  g_test_add_func ("/align/offset", test_offset);
  g_test_add_func ("/align/anchor", test_anchor);
  g_test_add_func ("/align/band", test_band);
  g_test_add_func ("/align/distances", test_distances);
  g_test_add_func ("/align/due", test_due);
  g_test_add_func ("/align/noisy-end", test_noisy_end);
  g_test_add_func ("/align/weights", test_weights);
  g_test_add_func ("/align/again", test_again);
  g_test_add_func ("/align/search", test_search);
  g_test_add_func ("/align/arguments", test_arguments);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: cosine similarity of the matched frames' features, less the mean of
 * each side, over frames in which either side speaks, and cosine similarity of
 * the bands' slopes along the smooth map, which cannot follow chance matches
 * as the path does. In noise both are low for right takes, too; but then the
 * slopes still fit better than with the take moved along, and the map stays
 * nearly straight, where that of other words is as crooked as it may be (mean
 * |log speed| of right takes .09, of wrong ones .55).
 *
 * The weights of the logistic function were fitted by
 * tests/quality/fit/fit_confidence.py (ridge regression, equal total weight for
 * right and wrong lines); its README has the recordings. Two weights are
 * set: that of the coverage, for none of these takes lacks words, and one that
 * does must lose; and that of the cosine, for all of these guides are noisy,
 * and without noise it says the most. Lines of other voices are right as often as the confidence says
 * (docs/elements).
 */
#include "adr/matchscore.h"

#include <math.h>

#define DIMENSIONS DMIX_SPEECH_DIMENSIONS
#define SPEECH_DB 3.0f
#define SLOWEST 0.45 /* take speed in the map; fastest: 1 / SLOWEST */
#define NEAR 16      /* frames: rivals are 80 ms ... */
#define FAR 160      /* ... to 800 ms away */
#define RIVAL_STEP 12
#define SKIM 2           /* frames: every second one tells a rival */
#define SPEED_HALF 8     /* frames to each side: speed over 80 ms */
#define MOST_BEND 0.6931 /* log 2, as max-stretch */

/* Weights of the terms, see the top. */
static const double weight[DMIX_MATCHSCORE_TERMS] = { 7.0, 2.0, -9.3, 11.4,
  -11.6 };
static const double constant = -3.7;

static void
find_mean (const DmixSpeech *side, double *mean, size_t *speech)
{
  *speech = 0;
  for (size_t t = 0; t < side->frames; t++)
    *speech += side->level_db[t] > SPEECH_DB;
  for (size_t d = 0; d < DIMENSIONS; d++) {
    const float *feature = side->feature + d * side->stride;
    double sum = 0.0;

    for (size_t t = 0; t < side->frames; t++)
      if (side->level_db[t] > SPEECH_DB)
        sum += feature[t];
    mean[d] = *speech ? sum / (double) *speech : 0.0;
  }
}

void
dmix_matchscore_measure (const DmixSpeech *guide, size_t first_guide,
    const DmixSpeech *take, size_t first_take, const DmixAlignStep *path,
    size_t steps, DmixMatchScore *score)
{
  double mean[2][DIMENSIONS], aa = 0.0, bb = 0.0, ab = 0.0;
  size_t in_guide = 0, in_take = 0;

  find_mean (guide, mean[0], &score->guide_speech);
  find_mean (take, mean[1], &score->take_speech);
  for (size_t k = 0; k < steps; k++) {
    /* unsigned: frames before the part wrap to huge numbers */
    const size_t i = (size_t) path[k].guide - first_guide;
    const size_t j = (size_t) path[k].take - first_take;

    if (path[k].kind != DMIX_ALIGN_MATCH || i >= guide->frames
        || j >= take->frames)
      continue;
    const int speaks[2] = {
      guide->level_db[i] > SPEECH_DB,
      take->level_db[j] > SPEECH_DB,
    };

    if (!(speaks[0] || speaks[1]))
      continue;
    in_guide += speaks[0];
    in_take += speaks[1];
    for (size_t d = 0; d < DIMENSIONS; d++) {
      const double a = guide->feature[d * guide->stride + i] - mean[0][d];
      const double b = take->feature[d * take->stride + j] - mean[1][d];

      aa += a * a;
      bb += b * b;
      ab += a * b;
    }
  }
  score->cosine = ab / sqrt (aa * bb + 1e-9);
  score->coverage =
      fmin ((double) in_guide / fmax (1.0, (double) score->guide_speech),
          (double) in_take / fmax (1.0, (double) score->take_speech));
  score->skipped = score->guide_speech - in_guide;
}

/* Non-zero where the map has a speed possible for speech: it neither waits in
 * a pause of the guide nor skips one of the take. */
static int
is_matched (const double *take_frame, size_t i)
{
  const double step = take_frame[i + 1] - take_frame[i];

  return step > SLOWEST && step < 1.0 / SLOWEST;
}

/* The fit with the take `lag` frames later than the map says, of every `step`th
 * frame. */
static double
fit_at (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, size_t first, size_t end, double lag, size_t step)
{
  double aa = 0.0, bb = 0.0, ab = 0.0;

  for (size_t i = first; i + 1 < end; i += step) {
    const double at = fmax (take_frame[i] + lag, 0.0);
    const size_t j = (size_t) at;
    const float part = (float) (at - (double) j);

    if (j + 1 >= take->frames || !is_matched (take_frame, i)
        || (guide->level_db[i] <= SPEECH_DB && take->level_db[j] <= SPEECH_DB))
      continue;
    for (size_t d = DMIX_MEL_BANDS; d < 2 * DMIX_MEL_BANDS; d++) {
      const float *there = take->feature + d * take->stride + j;
      const double a = guide->feature[d * guide->stride + i];
      const double b = there[0] + part * (there[1] - there[0]);

      aa += a * a;
      bb += b * b;
      ab += a * b;
    }
  }
  return ab / sqrt (aa * bb + 1e-9);
}

double
dmix_matchscore_fit (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, size_t first, size_t end)
{
  return fit_at (guide, take, take_frame, first, end, 0.0, 1);
}

void
dmix_matchscore_follow (const DmixSpeech *guide, const DmixSpeech *take,
    const double *take_frame, size_t first, size_t end, DmixMatchScore *score)
{
  double sum = 0.0;
  size_t count = 0;

  score->fit = dmix_matchscore_fit (guide, take, take_frame, first, end);
  score->rival = -1.0;
  for (int lag = NEAR; lag <= FAR; lag += RIVAL_STEP)
    for (int side = -1; side <= 1; side += 2)
      score->rival = fmax (score->rival,
          fit_at (guide, take, take_frame, first, end, side * lag, SKIM));
  for (size_t i = first + SPEED_HALF; i + SPEED_HALF < end; i++) {
    const double step = take_frame[i + SPEED_HALF] - take_frame[i - SPEED_HALF];

    if (guide->level_db[i] <= SPEECH_DB)
      continue;
    sum += fmin (fabs (log (fmax (step / (2 * SPEED_HALF), 1e-3))), MOST_BEND);
    count++;
  }
  score->bend = count ? sum / (double) count : 0.0;
}

void
dmix_matchscore_get_terms (const DmixMatchScore *score,
    const DmixMatchScore *backward, double *term)
{
  term[0] = score->cosine;
  term[1] = score->coverage;
  term[2] = backward->cosine;
  term[3] = score->fit - score->rival;
  term[4] = score->bend;
}

double
dmix_matchscore_get_confidence (const DmixMatchScore *score,
    const DmixMatchScore *backward)
{
  double term[DMIX_MATCHSCORE_TERMS], sum = constant;

  dmix_matchscore_get_terms (score, backward, term);
  for (size_t k = 0; k < DMIX_MATCHSCORE_TERMS; k++)
    sum += weight[k] * term[k];
  return 1.0 / (1.0 + exp (-sum));
}

DmixSpeech
dmix_matchscore_reverse (const DmixSpeech *take, float *feature,
    float *level_db)
{
  const size_t frames = take->frames;

  for (size_t d = 0; d < DIMENSIONS; d++) {
    const int slope =
        (d >= DMIX_MEL_BANDS && d < 2 * DMIX_MEL_BANDS) || d == DIMENSIONS - 1;
    const float *from = take->feature + d * take->stride;

    for (size_t t = 0; t < frames; t++)
      feature[d * frames + t] =
          slope ? -from[frames - 1 - t] : from[frames - 1 - t];
  }
  for (size_t t = 0; t < frames; t++)
    level_db[t] = take->level_db[frames - 1 - t];
  return (DmixSpeech){
    .frames = frames,
    .stride = frames,
    .feature = feature,
    .level_db = level_db,
  };
}

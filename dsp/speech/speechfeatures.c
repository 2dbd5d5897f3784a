/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: spectral subtraction of the floor (8th percentile of 100 ms means in
 * each band; S. Boll, IEEE Trans. ASSP 27(2), 1979), the take scaled band by
 * band to the guide's mean speech spectrum (cepstral mean normalisation does
 * the same to the mean log), both on the higher of the two floors, at least
 * 35 dB below speech; dB over that floor. Slopes as in S. Furui, IEEE Trans.
 * ASSP 34(1), 1986.
 *
 *
 * A guide from a reverberant room falls more slowly after each sound than a dry
 * take. How fast the bands fall is measured in both; if the guide is much
 * slower, no level of either may fall faster than its tail does. (The same
 * idea as the floor: the better signal is made as bad as the other.)
 *
 * State
 *   side[]    guide and take: their features, planes of `stride` frames
 *   work, more   one value for each frame: levels, means, a band
 *   falls     falls of the bands, to find the typical one
 */
#include "speech/speechfeatures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BANDS DMIX_MEL_BANDS
#define DIMENSIONS DMIX_SPEECH_DIMENSIONS
#define SOFT_FRAMES 20 /* 100 ms */
#define SOFT_PART 0.08
#define SOFTEST_FRAMES 6 /* 30 ms */
#define SOFTEST_PART 0.02
#define SOFTEST_BIAS 4.0f /* they lie so far below the mean of noise */
#define RANGE_DB 35.0     /* what is softer by more is a pause */
#define SLOPE_FRAMES 3    /* to each side */
#define SHARE 0.05f       /* of its power, that speech keeps at least */

/* What a difference in a feature counts, per dB. */
#define LEVEL_WEIGHT 0.1f
#define SLOPE_WEIGHT 0.1f      /* of the difference over 30 ms */
#define MEAN_WEIGHT 0.5656854f /* 0.2 sqrt (8): as eight bands, doubled */
#define MEAN_SLOPE_WEIGHT 0.28284271f

/* How sound dies away. */
#define FALL_FRAMES 6  /* 30 ms */
#define FALL_FROM 1.2f /* 12 dB over the floor, as a feature */
#define FALL_TO 0.1f
#define FALL_PART 0.9
#define FALLS_LEAST 100
#define REVERB_NONE 0.8f /* guide's falls to the take's: as dry */
#define REVERB_SURE 0.7f
#define TAIL_PART 0.45f /* fall of the tail alone to those measured */
#define NO_TAIL 1e9f

typedef struct
{
  size_t room, frames;
  float *feature, *level_db;
  float floor[BANDS], speech[BANDS];
} Side;

struct DmixSpeechFeatures
{
  Side side[2];
  float *work, *more, *falls;
  size_t falls_room;
};

static int
side_init (Side *side, size_t frames)
{
  side->room = frames;
  side->feature = calloc (frames * DIMENSIONS, sizeof (float));
  side->level_db = calloc (frames, sizeof (float));
  return side->feature && side->level_db;
}

DmixSpeechFeatures *
dmix_speechfeatures_new (size_t guide_frames, size_t take_frames)
{
  const size_t most = guide_frames > take_frames ? guide_frames : take_frames;
  DmixSpeechFeatures *self;

  if (guide_frames < 1 || take_frames < 1 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->work = calloc (most, sizeof (float));
  self->more = calloc (most, sizeof (float));
  self->falls_room = 4 * most;
  self->falls = calloc (self->falls_room, sizeof (float));
  if (!side_init (&self->side[0], guide_frames)
      || !side_init (&self->side[1], take_frames) || !self->work || !self->more
      || !self->falls) {
    dmix_speechfeatures_free (self);
    return NULL;
  }
  return self;
}

void
dmix_speechfeatures_free (DmixSpeechFeatures *self)
{
  if (!self)
    return;
  for (int s = 0; s < 2; s++) {
    free (self->side[s].feature);
    free (self->side[s].level_db);
  }
  free (self->work);
  free (self->more);
  free (self->falls);
  free (self);
}

/* The value that a part of the others is below (C. Hoare's "Find"). Changes
 * their order. */
static float
percentile (float *value, size_t count, double part)
{
  const size_t wanted = (size_t) (part * (double) (count - 1));
  size_t low = 0, high = count - 1;

  while (low < high) {
    const float pivot = value[low + (high - low) / 2];
    size_t i = low, j = high;

    for (;;) {
      while (value[i] < pivot)
        i++;
      while (value[j] > pivot)
        j--;
      if (i >= j)
        break;
      const float other = value[i];

      value[i++] = value[j];
      value[j--] = other;
    }
    if (wanted <= j)
      high = j;
    else
      low = j + 1;
  }
  return value[wanted];
}

/* Running means of `length` rows of a band; returns how many. */
static size_t
running_means (const float *power, size_t frames, unsigned band, size_t length,
    float *mean)
{
  size_t count = 0;
  double sum = 0.0;

  if (length > frames)
    length = frames;
  for (size_t t = 0; t < frames; t++) {
    sum += power[t * BANDS + band];
    if (t >= length)
      sum -= power[(t - length) * BANDS + band];
    if (t + 1 >= length)
      mean[count++] = (float) (sum / (double) length);
  }
  return count;
}

/* The noise in each band: what its soft moments have. Where all pauses are
 * short, the softest ones tell more. */
static void
find_floor (Side *side, const float *power, float *work)
{
  for (unsigned b = 0; b < BANDS; b++) {
    size_t count = running_means (power, side->frames, b, SOFT_FRAMES, work);
    const float soft = percentile (work, count, SOFT_PART);

    count = running_means (power, side->frames, b, SOFTEST_FRAMES, work);
    side->floor[b] =
        fmaxf (fminf (soft,
                   SOFTEST_BIAS * percentile (work, count, SOFTEST_PART)),
            DMIX_MEL_SILENCE);
  }
}

/* How far a frame stands out of the noise, dB, mean of the bands. */
static float
prominence (const Side *side, const float *row)
{
  float sum = 0.0f;

  for (unsigned b = 0; b < BANDS; b++)
    sum +=
        fminf (fmaxf (10.0f * log10f (row[b] / side->floor[b]), 0.0f), 30.0f);
  return sum / BANDS;
}

/* The mean spectrum of the frames that have speech, without the noise. Returns
 * 0 if there are none. */
static int
find_speech (Side *side, const float *power, float *work, float *more)
{
  double sum[BANDS] = { 0.0 };
  size_t count = 0;
  float least;

  for (size_t t = 0; t < side->frames; t++)
    work[t] = more[t] = prominence (side, power + t * BANDS);
  least = fmaxf (3.0f, 0.35f * percentile (more, side->frames, 0.9));
  for (size_t t = 0; t < side->frames; t++) {
    if (work[t] <= least)
      continue;
    for (unsigned b = 0; b < BANDS; b++)
      sum[b] += power[t * BANDS + b];
    count++;
  }
  for (unsigned b = 0; b < BANDS; b++) {
    const float mean =
        count ? (float) (sum[b] / (double) count) : side->floor[b];

    side->speech[b] = fmaxf (mean - side->floor[b], SHARE * mean);
  }
  return count > 0;
}

/* One band: level over the common floor, falling by no more than fall_db a
 * frame, smoothed over 3 frames. */
static void
make_level (Side *side, const float *power, unsigned band, float gain,
    float floor, float fall_db, float *work)
{
  const size_t frames = side->frames;
  float *level = side->feature + band * side->room;

  for (size_t t = 0; t < frames; t++) {
    const float sound =
        fmaxf (power[t * BANDS + band] - side->floor[band], 0.0f) * gain;

    work[t] = 10.0f * log10f (1.0f + sound / floor);
  }
  for (size_t t = 1; t < frames; t++)
    work[t] = fmaxf (work[t], work[t - 1] - fall_db);
  for (size_t t = 0; t < frames; t++) {
    const float before = work[t > 0 ? t - 1 : 0];
    const float after = work[t + 1 < frames ? t + 1 : frames - 1];

    level[t] = 0.25f * before + 0.5f * work[t] + 0.25f * after;
    side->level_db[t] += level[t] / BANDS;
  }
}

static void
make_slope (const float *level, float *slope, size_t frames, float weight)
{
  for (size_t t = 0; t < frames; t++) {
    const size_t before = t > SLOPE_FRAMES ? t - SLOPE_FRAMES : 0;
    const size_t after =
        t + SLOPE_FRAMES < frames ? t + SLOPE_FRAMES : frames - 1;

    slope[t] = weight * (level[after] - level[before]);
  }
}

static void
make_features (Side *side, const float *power, const float *gain,
    const float *floor, float fall_db, float *work)
{
  const size_t frames = side->frames;
  float *mean = side->feature + 2 * BANDS * side->room;

  memset (side->level_db, 0, frames * sizeof (float));
  for (unsigned b = 0; b < BANDS; b++) {
    float *level = side->feature + b * side->room;

    make_level (side, power, b, gain[b], floor[b], fall_db, work);
    make_slope (level, level + BANDS * side->room, frames, SLOPE_WEIGHT);
    for (size_t t = 0; t < frames; t++)
      level[t] *= LEVEL_WEIGHT;
  }
  for (size_t t = 0; t < frames; t++)
    mean[t] = MEAN_WEIGHT * side->level_db[t];
  make_slope (side->level_db, mean + side->room, frames, MEAN_SLOPE_WEIGHT);
}

static DmixSpeech
speech_of (const Side *side)
{
  return (DmixSpeech){
    .frames = side->frames,
    .stride = side->room,
    .feature = side->feature,
    .level_db = side->level_db,
  };
}

/* How fast the bands fall after speech, dB a frame, the faster ones; 0 if
 * there is too little to tell. `value` has room for `room` of them. */
static float
typical_fall (const Side *side, float *value, size_t room)
{
  size_t count = 0;

  for (unsigned b = 0; b < BANDS; b++) {
    const float *level = side->feature + b * side->room;

    for (size_t t = 0; t + FALL_FRAMES < side->frames && count < room; t += 3) {
      const float fall = level[t] - level[t + FALL_FRAMES];

      if (level[t] > FALL_FROM && level[t + FALL_FRAMES] > FALL_TO
          && fall > 0.0f)
        value[count++] = fall / (LEVEL_WEIGHT * FALL_FRAMES);
    }
  }
  return count < FALLS_LEAST ? 0.0f : percentile (value, count, FALL_PART);
}

/* How fast levels may fall, dB a frame, so that a take from a dry room falls
 * as a guide from a reverberant one does. */
static float
common_fall (DmixSpeechFeatures *self)
{
  const float guide =
      typical_fall (&self->side[0], self->falls, self->falls_room);
  const float take =
      typical_fall (&self->side[1], self->falls, self->falls_room);
  float sure;

  if (guide <= 0.0f || take <= 0.0f)
    return NO_TAIL;
  sure = (REVERB_NONE - guide / take) / (REVERB_NONE - REVERB_SURE);
  return sure <= 0.0f ? NO_TAIL : TAIL_PART * guide / fminf (sure, 1.0f);
}

void
dmix_speechfeatures_process (DmixSpeechFeatures *self, const float *guide_power,
    size_t guide_frames, const float *take_power, size_t take_frames,
    DmixSpeech *guide, DmixSpeech *take)
{
  const float *power[2] = { guide_power, take_power };
  const size_t frames[2] = { guide_frames, take_frames };
  const float depth = (float) pow (10.0, -RANGE_DB / 10.0);
  float gain[2][BANDS], floor[BANDS], fall_db = NO_TAIL;
  int speech = 1;

  for (int s = 0; s < 2; s++) {
    Side *side = &self->side[s];

    side->frames = frames[s] < side->room ? frames[s] : side->room;
    if (side->frames) {
      find_floor (side, power[s], self->work);
      speech &= find_speech (side, power[s], self->work, self->more);
    }
  }
  for (unsigned b = 0; b < BANDS; b++) {
    const Side *g = &self->side[0], *y = &self->side[1];

    gain[0][b] = 1.0f;
    gain[1][b] = speech ? g->speech[b] / y->speech[b] : 1.0f;
    floor[b] = fmaxf (fmaxf (g->floor[b], y->floor[b] * gain[1][b]),
        g->speech[b] * depth);
  }
  for (int pass = 0; pass < 2; pass++) {
    for (int s = 0; s < 2; s++)
      if (self->side[s].frames)
        make_features (&self->side[s], power[s], gain[s], floor, fall_db,
            self->work);
    fall_db = pass == 0 ? common_fall (self) : fall_db;
    if (fall_db == NO_TAIL)
      break;
  }
  *guide = speech_of (&self->side[0]);
  *take = speech_of (&self->side[1]);
}

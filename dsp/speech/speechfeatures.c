/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: spectral subtraction of the noise floor (8th percentile of 100 ms
 * means in each band; S. Boll, IEEE Trans. ASSP 27(2), 1979), and a weight for
 * the part of a band that is voice, because traffic and music are no steady
 * floor. The weight leaves OTHER_PART of the rest: without it the breaths and
 * the room between words, which the take brings along too, would be lost as
 * landmarks (measured on 25 voices: the share of frames that are more than 45
 * ms off is 1.3 %; 2.6 % with 0, 1.7 % with 0.3, 2.4 % with 1). In the take,
 * which should be clean, TAKE_PART of the rest counts: the network takes parts
 * of some voices for noise. The take is scaled band by band to the guide's mean speech spectrum (cepstral mean
 * normalisation does the same to the mean log). Levels are in dB over a common
 * floor: the higher of both noise floors, and not more than 35 dB below the
 * guide's speech. Where the guide's speech hardly rises above its noise, and the
 * network has taken most of that out, the floor sinks: words at 0 LU else rise
 * less than 3 dB, which the aligner takes for a pause (17 voices at 0 LU: 95 %
 * of the frames within 156 ms before, 28 ms since). Slopes as in S. Furui, IEEE Trans. ASSP 34(1), 1986.
 *
 * A guide from a reverberant room decays more slowly after each sound than a
 * dry take. The decay rate of the bands is measured in both; if the guide's is
 * much lower, the levels of both are kept from falling faster than its tail.
 * As with the floor, the better signal is brought down to the other's quality.
 *
 * Once the path is known, traffic can no longer lead it astray, and every sound
 * that both sides share makes the map more precise. So the slopes for the fit
 * are made anew, with FIT_PART of the rest (52 voices, 95 % of the frames within, with
 * stiffer curves, mean: 5 dB of noise 11.2 ms for 11.6, room 11.2 for 11.9,
 * another voice 12.1 for 12.9).
 *
 * State
 *   side[]    guide and take: their features, planes of `stride` frames
 *   work, more   work space, one value per frame
 *   other_part  what counts of sounds other than voice
 *   falls     work space, decay rates of the bands
 */
#include "speech/speechfeatures.h"

#include "base/percentile.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BANDS DMIX_MEL_BANDS
#define DIMENSIONS DMIX_SPEECH_DIMENSIONS
#define SOFT_FRAMES 20 /* 100 ms */
#define SOFT_PART 0.08
#define SOFTEST_FRAMES 6 /* 30 ms */
#define SOFTEST_PART 0.02
#define SOFTEST_BIAS 4.0f /* power: mean of noise to this percentile */
#define RANGE_DB 35.0     /* below speech: a pause */
#define SLOPE_FRAMES 3    /* to each side */
#define OTHER_PART                                                             \
  0.1f                 /* of sounds other than voice: breaths count, traffic
                          * hardly does */
#define TAKE_PART 0.3f /* the same in the take, at least */
#define FIT_PART 0.6f  /* the same in the slopes for the fit, at least */
#define TRUST_FRAMES 2 /* to each side: the voice of a slope */
#define NOISY_DB 8.0f  /* SNR below which they count so little */
#define CLEAN_DB                                                               \
  18.0f                  /* above: they count in full, and what is the same in
                          * both sides has the same features to the bit */
#define TOP_BAND 28      /* from 4.8 kHz on */
#define NARROW_PART 1e-6 /* -60 dB: these bands are empty */
#define SHARE 0.05f      /* least part of the power left as speech */
#define LEAST_PART 0.6f  /* of the prominence of speech: a frame of speech */
#define RISE_DB 8.0f     /* prominence of speech below which the floor sinks */
#define SUNK_POWER 2.0f  /* of the part of it that is there */
#define SUNK_LEAST 0.1f  /* as little of the other sounds is left */

/* Weights of differences in the features, per dB. */
#define LEVEL_WEIGHT 0.1f
#define SLOPE_WEIGHT 0.1f      /* of the difference over 30 ms */
#define MEAN_WEIGHT 0.5656854f /* 0.2 sqrt (8): twice that of eight bands */
#define MEAN_SLOPE_WEIGHT 0.28284271f

/* Decay of sound. */
#define FALL_FRAMES 6    /* 30 ms */
#define FALL_FROM 1.2f   /* level feature: 12 dB over the floor */
#define FALL_TO 0.1f     /* 1 dB */
#define FALL_PART 0.9    /* percentile */
#define FALLS_LEAST 100  /* fewest decays for a measurement */
#define REVERB_NONE 0.8f /* decay rate, guide to take: as dry as the take */
#define REVERB_SURE 0.7f /* the same: reverberant for sure */
#define TAIL_PART 0.45f  /* decay rate of the tail to that measured */
#define NO_TAIL 1e9f

typedef struct
{
  size_t room, frames;
  const float *power, *voice;
  int trusted; /* guide: voice[] can be believed, the sound is not narrow */
  float other_part;
  float *feature, *level_db, *slope;
  uint8_t *trust; /* of the guide only */
  float floor[BANDS], speech[BANDS];
  float loud_db; /* prominence that a tenth of the frames exceeds */
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
  side->slope = calloc (frames * BANDS, sizeof (float));
  return side->feature && side->level_db && side->slope;
}

DmixSpeechFeatures *
dmix_speechfeatures_new (size_t guide_frames, size_t take_frames)
{
  const size_t most = DMIX_MAX (guide_frames, take_frames);
  DmixSpeechFeatures *self;

  if (guide_frames < 1 || take_frames < 1 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->work = calloc (most, sizeof (float));
  self->more = calloc (most, sizeof (float));
  self->falls_room = 4 * most;
  self->falls = calloc (self->falls_room, sizeof (float));
  self->side[0].trust = calloc (guide_frames * BANDS, 1);
  if (!self->side[0].trust || !side_init (&self->side[0], guide_frames)
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
    free (self->side[s].slope);
    free (self->side[s].trust);
  }
  free (self->work);
  free (self->more);
  free (self->falls);
  free (self);
}

/* Running means over `length` rows of a band; returns their number. */
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

/* Finds the noise in each band from its soft moments: a percentile of long
 * means or, if lower, of short means, for signals with only short pauses. */
static void
find_floor (Side *side, float *work)
{
  for (unsigned b = 0; b < BANDS; b++) {
    size_t count =
        running_means (side->power, side->frames, b, SOFT_FRAMES, work);
    const float soft = dmix_percentile (work, count, SOFT_PART);

    count = running_means (side->power, side->frames, b, SOFTEST_FRAMES, work);
    side->floor[b] =
        fmaxf (fminf (soft,
                   SOFTEST_BIAS * dmix_percentile (work, count, SOFTEST_PART)),
            DMIX_MEL_SILENCE);
  }
}

/* Power of the voice in a band: without the noise floor, and with OTHER_PART of
 * what is no voice. */
static inline float
voice_at (const Side *side, size_t frame, unsigned band)
{
  const size_t k = frame * BANDS + band;
  const float sound = fmaxf (side->power[k] - side->floor[band], 0.0f);

  return side->voice
      ? sound * (side->other_part + (1.0f - side->other_part) * side->voice[k])
      : sound;
}

/* Level of a frame above the noise, dB, mean of the bands, each at most 30 dB. A
 * logarithm of 8 bands' product (240 dB) is that of the sum. */
static float
prominence (const Side *side, size_t frame)
{
  float sum = 0.0f;

  for (unsigned b = 0; b < BANDS; b += 8) {
    float product = 1.0f;

    for (unsigned k = b; k < b + 8; k++) {
      const float rise = 1.0f + voice_at (side, frame, k) / side->floor[k];

      product *= rise < 1000.0f ? rise : 1000.0f;
    }
    sum += log10f (product);
  }
  return 10.0f * sum / BANDS;
}

/* SNR by the network, dB: mean over the bands of the voice against the rest. */
static float
find_snr (const Side *side)
{
  double voice[BANDS] = { 0.0 }, rest[BANDS] = { 0.0 }, sum = 0.0;

  for (size_t t = 0; t < side->frames; t++)
    for (unsigned b = 0; b < BANDS; b++) {
      const size_t k = t * BANDS + b;

      voice[b] += side->voice[k] * side->power[k];
      rest[b] += (1.0f - side->voice[k]) * side->power[k];
    }
  for (unsigned b = 0; b < BANDS; b++)
    sum += log10 ((voice[b] + DMIX_MEL_SILENCE) / (rest[b] + DMIX_MEL_SILENCE));
  return (float) (10.0 * sum / BANDS);
}

/* Non-zero if the top bands are empty: a telephone line, or a recording of 8
 * kHz at a higher rate. The network was trained with sound in all bands, and
 * takes such a voice for noise in part. */
static int
is_narrow (const Side *side)
{
  double all = DMIX_MEL_SILENCE, top = 0.0;

  for (size_t t = 0; t < side->frames; t++)
    for (unsigned b = 0; b < BANDS; b++) {
      const float power = side->power[t * BANDS + b];

      all += power;
      top += b >= TOP_BAND ? power : 0.0f;
    }
  return top < NARROW_PART * all;
}

/* Sets the part of other sounds that counts: OTHER_PART (in the take TAKE_PART) if
 * either side is noisy, all if both are clean or one is too narrow to tell. */
static void
set_other_part (DmixSpeechFeatures *self)
{
  float snr = CLEAN_DB, part;
  int narrow = 0;

  for (int s = 0; s < 2; s++)
    if (self->side[s].voice && self->side[s].frames) {
      snr = fminf (snr, find_snr (&self->side[s]));
      narrow |= is_narrow (&self->side[s]);
    }
  self->side[0].trusted = self->side[0].voice && !narrow;
  part = narrow ? 1.0f
                : fmaxf ((snr - NOISY_DB) / (CLEAN_DB - NOISY_DB), OTHER_PART);
  self->side[0].other_part = part;
  self->side[1].other_part = fmaxf (part, TAKE_PART);
}

/* Finds the mean spectrum of the frames with speech, without the noise. Returns
 * 0 if there are none. */
static int
find_speech (Side *side, float *work, float *more)
{
  double sum[BANDS] = { 0.0 }, all[BANDS] = { 0.0 };
  size_t count = 0;
  float least;

  for (size_t t = 0; t < side->frames; t++)
    work[t] = more[t] = prominence (side, t);
  side->loud_db = dmix_percentile (more, side->frames, 0.9);
  least =
      fmaxf (fminf (3.0f, LEAST_PART * side->loud_db), 0.35f * side->loud_db);
  for (size_t t = 0; t < side->frames; t++) {
    if (work[t] <= least)
      continue;
    for (unsigned b = 0; b < BANDS; b++) {
      sum[b] += voice_at (side, t, b);
      all[b] += side->power[t * BANDS + b];
    }
    count++;
  }
  for (unsigned b = 0; b < BANDS; b++) {
    const float voice =
        count ? (float) (sum[b] / (double) count) : side->floor[b];
    const float mean =
        count ? (float) (all[b] / (double) count) : side->floor[b];

    side->speech[b] = fmaxf (voice, SHARE * mean);
  }
  return count > 0;
}

/* The level of one band: over the common floor, with a decay of at most fall_db
 * a frame, smoothed over 3 frames. */
static void
make_level (const Side *side, unsigned band, float gain, float floor,
    float fall_db, float *work, float *level)
{
  const size_t frames = side->frames;

  for (size_t t = 0; t < frames; t++) {
    const float sound = voice_at (side, t, band) * gain;

    work[t] = 10.0f * log10f (1.0f + sound / floor);
  }
  for (size_t t = 1; t < frames; t++)
    work[t] = fmaxf (work[t], work[t - 1] - fall_db);
  for (size_t t = 0; t < frames; t++) {
    const float before = work[t > 0 ? t - 1 : 0];
    const float after = work[t + 1 < frames ? t + 1 : frames - 1];

    level[t] = 0.25f * before + 0.5f * work[t] + 0.25f * after;
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
make_features (Side *side, const float *gain, const float *floor, float fall_db,
    float *work)
{
  const size_t frames = side->frames;
  float *mean = side->feature + 2 * BANDS * side->room;

  memset (side->level_db, 0, frames * sizeof (float));
  for (unsigned b = 0; b < BANDS; b++) {
    float *level = side->feature + b * side->room;

    make_level (side, b, gain[b], floor[b], fall_db, work, level);
    make_slope (level, level + BANDS * side->room, frames, SLOPE_WEIGHT);
    for (size_t t = 0; t < frames; t++) {
      side->level_db[t] += level[t] / BANDS;
      level[t] *= LEVEL_WEIGHT;
    }
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
    .slope = side->slope,
    .trust = side->trusted ? side->trust : NULL,
    .level_db = side->level_db,
  };
}

/* Decay rate of the bands after speech, dB a frame: percentile FALL_PART, or 0
 * if there are too few decays. value: work space of `room` values. */
static float
decay_rate (const Side *side, float *value, size_t room)
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
  return count < FALLS_LEAST ? 0.0f : dmix_percentile (value, count, FALL_PART);
}

/* Limit for the decay rate of levels, dB a frame, with which a dry take decays
 * like a reverberant guide; NO_TAIL without such a guide. */
static float
decay_limit (DmixSpeechFeatures *self)
{
  const float guide =
      decay_rate (&self->side[0], self->falls, self->falls_room);
  const float take = decay_rate (&self->side[1], self->falls, self->falls_room);
  float sure;

  if (guide <= 0.0f || take <= 0.0f)
    return NO_TAIL;
  sure = (REVERB_NONE - guide / take) / (REVERB_NONE - REVERB_SURE);
  return sure <= 0.0f ? NO_TAIL : TAIL_PART * guide / fminf (sure, 1.0f);
}

/* Factor on the common floor for a guide whose speech hardly rises above its
 * noise: the network has taken most of the noise out. */
static float
sunk_part (const Side *guide)
{
  if (!guide->voice || !guide->frames || guide->other_part >= 1.0f)
    return 1.0f;
  return (float) dmix_clamp (powf (guide->loud_db / RISE_DB, SUNK_POWER),
      SUNK_LEAST, 1.0);
}

/* What both sides are brought to. */
typedef struct
{
  float gain[2][BANDS], floor[BANDS], fall_db;
} Condition;

/* Sets gains and floor for the sides' other_part. */
static void
find_condition (DmixSpeechFeatures *self, Condition *common)
{
  const float depth = (float) dmix_power_from_db (-RANGE_DB);
  const Side *g = &self->side[0], *y = &self->side[1];
  int speech = 1;
  float sunk;

  for (int s = 0; s < 2; s++)
    if (self->side[s].frames)
      speech &= find_speech (&self->side[s], self->work, self->more);
  sunk = sunk_part (g);
  for (unsigned b = 0; b < BANDS; b++) {
    common->gain[0][b] = 1.0f;
    common->gain[1][b] = speech ? g->speech[b] / y->speech[b] : 1.0f;
    common->floor[b] =
        fmaxf (sunk * fmaxf (g->floor[b], y->floor[b] * common->gain[1][b]),
            g->speech[b] * depth);
  }
}

/* Makes the slopes for the fit, see the top. */
static void
make_fit_slopes (DmixSpeechFeatures *self, Condition *common)
{
  const int as_they_are = self->side[0].other_part >= FIT_PART
      || !(self->side[0].voice || self->side[1].voice);

  if (!as_they_are) {
    self->side[0].other_part = self->side[1].other_part = FIT_PART;
    find_condition (self, common);
  }
  for (int s = 0; s < 2; s++) {
    Side *side = &self->side[s];

    if (as_they_are)
      memcpy (side->slope, side->feature + BANDS * side->room,
          BANDS * side->room * sizeof (float));
    for (unsigned b = 0; !as_they_are && b < BANDS && side->frames; b++) {
      make_level (side, b, common->gain[s][b], common->floor[b],
          common->fall_db, self->work, self->more);
      make_slope (self->more, side->slope + b * side->room, side->frames,
          SLOPE_WEIGHT);
    }
  }
}

/* Sets how much of each band is voice: the most within TRUST_FRAMES, for a slope
 * is of several frames. */
static void
find_trust (Side *side)
{
  const long frames = (long) side->frames;

  for (long t = 0; side->trusted && t < frames; t++) {
    const long from = DMIX_MAX (t - TRUST_FRAMES, 0);
    const long to = DMIX_MIN (t + TRUST_FRAMES, frames - 1);

    for (unsigned b = 0; b < BANDS; b++) {
      float most = 0.0f;

      for (long k = from; k <= to; k++)
        most = fmaxf (most, side->voice[(size_t) k * BANDS + b]);
      side->trust[b * side->room + (size_t) t] =
          (uint8_t) (255.0f * fminf (most, 1.0f));
    }
  }
}

void
dmix_speechfeatures_process (DmixSpeechFeatures *self,
    const DmixSpeechInput *guide_input, const DmixSpeechInput *take_input,
    DmixSpeech *guide, DmixSpeech *take)
{
  const DmixSpeechInput *input[2] = { guide_input, take_input };
  Condition common = { .fall_db = NO_TAIL };

  for (int s = 0; s < 2; s++) {
    Side *side = &self->side[s];

    side->power = input[s]->power;
    side->voice = input[s]->voice;
    side->frames = DMIX_MIN (input[s]->frames, side->room);
  }
  set_other_part (self);
  for (int s = 0; s < 2; s++)
    if (self->side[s].frames)
      find_floor (&self->side[s], self->work);
  find_condition (self, &common);
  for (int pass = 0; pass < 2; pass++) {
    for (int s = 0; s < 2; s++)
      if (self->side[s].frames)
        make_features (&self->side[s], common.gain[s], common.floor,
            common.fall_db, self->work);
    if (pass == 0 && !take_input->same_room)
      common.fall_db = decay_limit (self);
    if (common.fall_db == NO_TAIL)
      break;
  }
  make_fit_slopes (self, &common);
  find_trust (&self->side[0]);
  *guide = speech_of (&self->side[0]);
  guide->tail = common.fall_db < NO_TAIL;
  *take = speech_of (&self->side[1]);
}

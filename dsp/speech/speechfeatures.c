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
 * of the frames within 156 ms before, 28 ms since). A noise that comes and goes
 * has no floor to subtract; what is left of it in the frames without a voice raises
 * the common floor, else such a pause is louder than the ends of words, and the path
 * matches them with it (50 voices, 95 % of the frames within, mean: 5 dB of noise
 * 5.3 ms for 6.1, room 4.6 for 6.4, another voice 5.2 for 9.4). Slopes as in S. Furui, IEEE Trans. ASSP 34(1), 1986.
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

#include "base/decibel.h"
#include "base/percentile.h"
#include "base/units.h"
#include "speech/speechtrust.h"

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
#define NOISY_DB 8.0f  /* SNR below which they count so little */
#define CLEAN_DB                                                               \
  18.0f                    /* above: they count in full, and what is the same in
                          * both sides has the same features to the bit */
#define REST_PART 0.5f     /* of what is left of others in pauses: the floor */
#define FIT_REST_PART 0.3f /* the same in the slopes for the fit */
#define SHARE 0.05f        /* least part of the power left as speech */
#define LEAST_PART 0.6f    /* of the prominence of speech: a frame of speech */
#define RISE_DB 8.0f    /* prominence of speech below which the floor sinks */
#define SUNK_POWER 2.0f /* of the part of it that is there */
#define SUNK_LEAST 0.1f /* as little of the other sounds is left */

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

/* The frames with speech: what they have on the mean. */
typedef struct
{
  float other_part; /* for which it was found; below 0: not yet */
  int found;
  float loud_db; /* prominence that a tenth of the frames exceeds */
  float mean[BANDS];
} Words;

typedef struct
{
  size_t room, frames;
  const float *power, *voice;
  int trusted; /* guide: voice[] can be believed, the sound is not narrow */
  float other_part;
  float *feature, *level_db, *slope;
  uint8_t *trust; /* of the guide only */
  float floor[BANDS], snr;
  float rest[BANDS]; /* mean power without a voice */
  int narrow;
  Words words[2]; /* for the features, for the fit */
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
  const float over = side->power[k] - side->floor[band];
  const float sound = over > 0.0f ? over : 0.0f; /* fmaxf() is a call */

  return side->voice
      ? sound * (side->other_part + (1.0f - side->other_part) * side->voice[k])
      : sound;
}

/* Levels of the frames above the noise, dB, mean of the bands, each at most 30
 * dB. A logarithm of 8 bands' product (240 dB) is that of the sum. */
static void
find_prominence (const Side *side, float *work, float *level)
{
  memset (level, 0, side->frames * sizeof *level);
  for (unsigned b = 0; b < BANDS; b += 8) {
    for (size_t t = 0; t < side->frames; t++) {
      work[t] = 1.0f;
      for (unsigned k = b; k < b + 8; k++) {
        const float rise = 1.0f + voice_at (side, t, k) / side->floor[k];

        work[t] *= rise < 1000.0f ? rise : 1000.0f;
      }
    }
    dmix_decibel_from_power (work, side->frames);
    for (size_t t = 0; t < side->frames; t++)
      level[t] += work[t] / BANDS;
  }
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
      snr = fminf (snr, self->side[s].snr);
      narrow |= self->side[s].narrow;
    }
  self->side[0].trusted = self->side[0].voice && !narrow;
  part = narrow ? 1.0f
                : fmaxf ((snr - NOISY_DB) / (CLEAN_DB - NOISY_DB), OTHER_PART);
  self->side[0].other_part = part;
  self->side[1].other_part = fmaxf (part, TAKE_PART);
}

/* Finds the mean spectrum of the frames with speech, without the noise. */
static void
find_words (const Side *side, Words *words, float *work, float *more)
{
  double sum[BANDS] = { 0.0 }, all[BANDS] = { 0.0 };
  size_t count = 0;
  float least;

  if (words->other_part == side->other_part)
    return;
  find_prominence (side, more, work);
  memcpy (more, work, side->frames * sizeof *more);
  words->loud_db = dmix_percentile (more, side->frames, 0.9);
  least =
      fmaxf (fminf (3.0f, LEAST_PART * words->loud_db), 0.35f * words->loud_db);
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

    words->mean[b] = fmaxf (voice, SHARE * mean);
  }
  words->found = count > 0;
  words->other_part = side->other_part;
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

    work[t] = 1.0f + sound / floor;
  }
  dmix_decibel_from_power (work, frames);
  for (size_t t = 1; t < frames && fall_db < NO_TAIL; t++)
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
sunk_part (const Side *guide, float loud_db)
{
  if (!guide->voice || !guide->frames || guide->other_part >= 1.0f)
    return 1.0f;
  return (
      float) dmix_clamp (powf (loud_db / RISE_DB, SUNK_POWER), SUNK_LEAST, 1.0);
}

/* What both sides are brought to. */
typedef struct
{
  float gain[2][BANDS], floor[BANDS], fall_db;
} Condition;

/* Sets gains and floor for the sides' other_part; fit: which words. */
static void
find_condition (DmixSpeechFeatures *self, int fit, Condition *common)
{
  const float depth = (float) dmix_power_from_db (-RANGE_DB);
  const Side *g = &self->side[0], *y = &self->side[1];
  const Words *said = &g->words[fit], *spoken = &y->words[fit];
  /* nothing in a clean guide, whose breaths are landmarks */
  const float rest = (fit ? FIT_REST_PART : REST_PART) * g->other_part
      * (1.0f - g->other_part);
  int speech = 1;
  float sunk;

  for (int s = 0; s < 2; s++)
    if (self->side[s].frames) {
      find_words (&self->side[s], &self->side[s].words[fit], self->work,
          self->more);
      speech &= self->side[s].words[fit].found;
    }
  sunk = sunk_part (g, said->loud_db);
  for (unsigned b = 0; b < BANDS; b++) {
    common->gain[0][b] = 1.0f;
    common->gain[1][b] = speech ? said->mean[b] / spoken->mean[b] : 1.0f;
    common->floor[b] =
        fmaxf (sunk * fmaxf (g->floor[b], y->floor[b] * common->gain[1][b]),
            said->mean[b] * depth);
    if (g->voice)
      common->floor[b] =
          fmaxf (common->floor[b], rest * (g->rest[b] - g->floor[b]));
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
    find_condition (self, 1, common);
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

/* What depends on one side alone. */
static void
set_side (Side *side, const DmixSpeechInput *input, float *work)
{
  side->power = input->power;
  side->voice = input->voice;
  side->frames = DMIX_MIN (input->frames, side->room);
  side->words[0].other_part = side->words[1].other_part = -1.0f;
  if (!side->frames)
    return;
  find_floor (side, work);
  if (side->voice) {
    side->snr = dmix_speechtrust_snr (side->power, side->voice, side->frames);
    side->narrow = dmix_speechtrust_is_narrow (side->power, side->frames);
    dmix_speechtrust_rest (side->power, side->voice, side->frames, side->rest);
  }
  if (side->trust && side->voice)
    dmix_speechtrust_spread (side->voice, side->frames, side->room,
        side->trust);
}

void
dmix_speechfeatures_process (DmixSpeechFeatures *self,
    const DmixSpeechInput *guide_input, const DmixSpeechInput *take_input,
    DmixSpeech *guide, DmixSpeech *take)
{
  Condition common = { .fall_db = NO_TAIL };

  if (guide_input)
    set_side (&self->side[0], guide_input, self->work);
  set_side (&self->side[1], take_input, self->work);
  set_other_part (self);
  find_condition (self, 0, &common);
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
  if (!take_input->no_slopes)
    make_fit_slopes (self, &common);
  *guide = speech_of (&self->side[0]);
  *take = speech_of (&self->side[1]);
  guide->tail = common.fall_db < NO_TAIL;
  if (take_input->no_slopes)
    guide->slope = take->slope = NULL;
}

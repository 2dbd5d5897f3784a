/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method, every 10 ms, from spectra of 40 ms (Hann):
 *
 *   bands     log power in 18 Bark bands, 100 to 5300 Hz: over a floor that
 *             follows the quietest moments, against the mean of 3 s, and
 *             against the mean of all bands
 *   voicing   is the spectrum a row of harmonics? The largest correlation of
 *             the cube root of the power, less its local mean, with a cosine
 *             along frequency; its period is the pitch (70 to 400 Hz). Close
 *             to the "enhanced autocorrelation" of T. Tolonen, M. Karjalainen,
 *             "A computationally efficient multipitch analysis model", IEEE
 *             Trans. SAP 8(6), 2000
 *   tones     correlation of that spectrum with those of 40 and 100 ms ago:
 *             tones of music stay, the harmonics of a voice glide
 *   side      log ratio of side to mid in six groups of bands, and against its
 *             mean of 3 s: dialogue raises the mid alone
 *   level     against the loudest one of the last seconds, and the mean
 *
 * State
 *   mid[], side[]   the latest window
 *   power[]         of the mid in the bins below HARMONIC_HZ
 *   fine[][]        ring of `fine structure` spectra; `newest`: latest index
 *   wave[]          a cosine along frequency for each period (lag); of WIDE lags
 *                   side by side, frequency by frequency
 *   smooth[], floor[], mean[]   log power of each band: of 100 ms, quietest, 3 s
 *   ratio[]         mean log ratio of side to mid
 *   loudest, usual  log level: loudest and falling, mean of 3 s
 *   steps           since the reset
 */
#include "speech/voicefeatures.h"

#include "base/floats.h"
#include "base/units.h"
#include "spectral/fft.h"
#include "spectral/powerframe.h"
#include "speech/voiceloops.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BANDS DMIX_VOICEFEATURES_BANDS
#define SIDES DMIX_VOICEFEATURES_SIDES
#define STEPS_PER_S 100.0
#define HOPS 4u /* of a window */
#define SHARE(time_s) (float) (1.0 / (STEPS_PER_S * (time_s)))
#define REFERENCE_HZ 48000.0 /* bins have the power they have at this rate */
#define QUIET 1e-9f
#define LOG_QUIET -20.723266f
#define SMOOTH_S 0.1
#define MEAN_S 3.0
#define FLOOR_RISE                                                             \
  0.003f /* nepers of power a step, at least; 1.3 dB a second */
#define FLOOR_SHARE 0.002f
#define FORGET 0.0046f            /* nepers a step: 2 dB a second */
#define LOW_HZ 100.0              /* lowest harmonic */
#define HIGH_HZ 3500.0            /* highest harmonic */
#define LAG_HZ 8000.0             /* unit of lags */
#define FIRST_LAG 20              /* 400 Hz */
#define LAGS 95u                  /* to 70 Hz */
#define WIDE DMIX_VOICELOOPS_WIDE /* lags that are looked at together */
#define GROUPS ((LAGS + WIDE - 1u) / WIDE)
#define LOCAL_HZ 200.0 /* half width of the local mean */
#define MEMORY 11u     /* spectra */
#define SOON 4u        /* steps between the spectra that are compared */
#define LATER 10u
#define MIDDLE_LAG 3.85f /* log of 47: 170 Hz */

static const float edge_hz[BANDS + 1] = { 100, 200, 300, 400, 510, 630, 770,
  920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150, 3700, 4400, 5300 };

struct DmixVoiceFeatures
{
  unsigned window, bins, first, harmonics, local;
  const DmixVoiceLoops *loops;
  DmixPowerFrame *spectrum;
  float *memory, *mid, *side, *fine[MEMORY], *sum, *wave;
  size_t memory_floats;
  unsigned band_begin[BANDS + 1], newest, steps;
  float smooth[BANDS], floor[BANDS], mean[BANDS], ratio[SIDES];
  float loudest, usual, log_lag;
};

/*** new, free, reset ***/

static void
set_up_bands (DmixVoiceFeatures *self, double hz_per_bin)
{
  self->first = (unsigned) ceil (LOW_HZ / hz_per_bin);
  for (unsigned b = 0; b <= BANDS; b++) {
    const unsigned bin = (unsigned) ceil (edge_hz[b] / hz_per_bin);

    self->band_begin[b] = DMIX_MIN (bin, self->bins);
  }
  self->harmonics = (unsigned) (HIGH_HZ / hz_per_bin);
  if (self->harmonics > self->bins)
    self->harmonics = self->bins;
  self->harmonics -= self->first;
  self->local = (unsigned) (LOCAL_HZ / hz_per_bin) + 1;
}

static void
set_up_waves (DmixVoiceFeatures *self, double hz_per_bin)
{
  for (unsigned h = 0; h < self->harmonics; h++) {
    const double hz = (self->first + h) * hz_per_bin;

    for (unsigned l = 0; l < LAGS; l++)
      self->wave[(l / WIDE * self->harmonics + h) * WIDE + l % WIDE] =
          (float) cos (2.0 * DMIX_PI * hz * (FIRST_LAG + l) / LAG_HZ);
  }
}

static int
take_memory (DmixVoiceFeatures *self)
{
  float *at;

  self->memory_floats =
      2u * self->window + (MEMORY + 1u) * self->harmonics + 1u;
  self->memory = calloc (self->memory_floats, sizeof *self->memory);
  self->wave = dmix_floats_new ((size_t) self->harmonics * GROUPS * WIDE);
  if (!self->memory || !self->wave)
    return 0;
  at = self->memory;
  self->mid = at;
  self->side = at + self->window;
  at += 2u * self->window;
  for (unsigned i = 0; i < MEMORY; i++, at += self->harmonics)
    self->fine[i] = at;
  self->sum = at;
  return 1;
}

DmixVoiceFeatures *
dmix_voicefeatures_new (unsigned rate_hz)
{
  DmixVoiceFeatures *self;
  unsigned size;

  if (rate_hz < DMIX_VOICEFEATURES_MIN_RATE_HZ || rate_hz > 768000
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->loops = dmix_voiceloops_get ();
  self->window = HOPS * (rate_hz / 100u);
  size = dmix_fft_size_for (self->window);
  self->bins = size / 2 + 1;
  self->spectrum = dmix_powerframe_new (self->window, size,
      size / 2 * REFERENCE_HZ / rate_hz);
  set_up_bands (self, (double) rate_hz / size);
  if (!take_memory (self) || !self->spectrum) {
    dmix_voicefeatures_free (self);
    return NULL;
  }
  set_up_waves (self, (double) rate_hz / size);
  dmix_voicefeatures_reset (self);
  return self;
}

void
dmix_voicefeatures_free (DmixVoiceFeatures *self)
{
  if (!self)
    return;
  dmix_powerframe_free (self->spectrum);
  free (self->memory);
  dmix_floats_free (self->wave);
  free (self);
}

void
dmix_voicefeatures_reset (DmixVoiceFeatures *self)
{
  memset (self->memory, 0, self->memory_floats * sizeof *self->memory);
  self->newest = self->steps = 0;
  self->loudest = self->usual = LOG_QUIET;
  self->log_lag = MIDDLE_LAG;
}

/*** parts of the features ***/

/* For fminf() and fmaxf(), whose care for NaN prevents vector code. */
static inline float
limit (float x, float least, float most)
{
  x = DMIX_MAX (least, x);
  return DMIX_MIN (most, x);
}

/* Step of a running mean of time_s, of all steps at the start. */
static float
share (const DmixVoiceFeatures *self, double time_s)
{
  const float start = 1.0f / (float) (self->steps + 1u);

  return DMIX_MAX (SHARE (time_s), start);
}

/* Mean power of each band. Bands above half the rate get that of the highest
 * one below it. */
static void
measure_bands (const DmixVoiceFeatures *self, const float *power, float *band)
{
  for (unsigned b = 0; b < BANDS; b++) {
    const unsigned begin = self->band_begin[b], end = self->band_begin[b + 1];
    float sum = 0.0f;

    for (unsigned i = begin; i < end; i++)
      sum += power[i];
    band[b] = end > begin ? sum / (float) (end - begin)
        : b > 0           ? band[b - 1]
                          : 0.0f;
  }
}

static float
mean_of (const float *x, unsigned count)
{
  float sum = 0.0f;

  for (unsigned i = 0; i < count; i++)
    sum += x[i];
  return sum / (float) count;
}

/* Writes 3 * BANDS features. Returns the mean log power of the bands. */
static float
compare_bands (DmixVoiceFeatures *self, const float *band, float *feature)
{
  const float quick = share (self, SMOOTH_S), slow = share (self, MEAN_S);
  float now[BANDS], all;

  for (unsigned b = 0; b < BANDS; b++)
    now[b] = logf (band[b] + QUIET);
  all = mean_of (now, BANDS);
  for (unsigned b = 0; b < BANDS; b++) {
    float *smooth = &self->smooth[b], *floor = &self->floor[b];
    float rise;

    *smooth = self->steps > 0 ? *smooth + quick * (now[b] - *smooth) : now[b];
    rise = FLOOR_SHARE * (*smooth - *floor);
    rise = *floor + (DMIX_MAX (rise, FLOOR_RISE));
    *floor = self->steps > 0 && rise < *smooth ? rise : *smooth;
    self->mean[b] = self->steps > 0
        ? self->mean[b] + slow * (now[b] - self->mean[b])
        : now[b];
    feature[b] = 0.25f * limit (now[b] - *floor, -2.0f, 12.0f);
    feature[BANDS + b] = 0.25f * limit (now[b] - self->mean[b], -8.0f, 8.0f);
    feature[2 * BANDS + b] = 0.25f * limit (now[b] - all, -8.0f, 8.0f);
  }
  return all;
}

/* Cube roots of the power, less their local mean: what harmonics add. */
static void
measure_fine (DmixVoiceFeatures *self, const float *power)
{
  const unsigned count = self->harmonics, local = self->local;
  float *fine = self->fine[self->newest], *sum = self->sum;
  float mean = 0.0f;

  sum[0] = 0.0f;
  for (unsigned h = 0; h < count; h++)
    sum[h + 1] = sum[h] + cbrtf (power[self->first + h] + 1e-3f * QUIET);
  for (unsigned h = 0; h < count; h++) {
    const unsigned begin = h > local ? h - local : 0;
    const unsigned end = DMIX_MIN (h + local + 1, count);

    fine[h] =
        sum[h + 1] - sum[h] - (sum[end] - sum[begin]) / (float) (end - begin);
    mean += fine[h] / (float) count;
  }
  for (unsigned h = 0; h < count; h++)
    fine[h] -= mean;
}

static float
product (const float *a, const float *b, unsigned count)
{
  float part[4] = { 0 };
  unsigned i;

  for (i = 0; i + 4 <= count; i += 4)
    for (unsigned k = 0; k < 4; k++)
      part[k] += a[i + k] * b[i + k];
  for (; i < count; i++)
    part[0] += a[i] * b[i];
  return part[0] + part[1] + (part[2] + part[3]);
}

/* Correlation of the latest fine structure with that of `ago` steps ago. */
static float
tonality (const DmixVoiceFeatures *self, unsigned ago)
{
  const float *now = self->fine[self->newest];
  const float *then = self->fine[(self->newest + MEMORY - ago) % MEMORY];
  const unsigned n = self->harmonics;
  const float scale = product (now, now, n) * product (then, then, n);

  return scale > 1e-30f ? product (now, then, n) / sqrtf (scale) : 0.0f;
}

/* Writes 3 features: voicing, pitch, how far the pitch has moved. */
static void
find_pitch (DmixVoiceFeatures *self, float *feature)
{
  const float *fine = self->fine[self->newest];
  const unsigned count = self->harmonics;
  const float energy = product (fine, fine, count);
  float match[GROUPS * WIDE], log_lag;
  unsigned best = 0;

  self->loops->match (fine, self->wave, count, match, GROUPS);
  for (unsigned l = 1; l < LAGS; l++)
    best = match[l] > match[best] ? l : best;
  log_lag = logf ((float) (FIRST_LAG + best));
  feature[0] = energy > 1e-30f
      ? match[best] / sqrtf (0.5f * energy * (float) count)
      : 0.0f;
  feature[1] = log_lag - MIDDLE_LAG;
  feature[2] = limit (fabsf (log_lag - self->log_lag), 0.0f, 0.5f);
  self->log_lag = log_lag;
}

/* Writes 2 * SIDES features. */
static void
compare_side (DmixVoiceFeatures *self, const float *mid, const float *side,
    float *feature)
{
  const float slow = share (self, MEAN_S);
  const unsigned wide = BANDS / SIDES;

  for (unsigned g = 0; g < SIDES; g++) {
    const float m = mean_of (mid + g * wide, wide);
    const float s = mean_of (side + g * wide, wide);
    const float ratio = limit (logf ((s + QUIET) / (m + QUIET)), -6.0f, 4.0f);

    self->ratio[g] = self->steps > 0
        ? self->ratio[g] + slow * (ratio - self->ratio[g])
        : ratio;
    feature[g] = 0.25f * ratio;
    feature[SIDES + g] = 0.25f * limit (ratio - self->ratio[g], -6.0f, 6.0f);
  }
}

/* Writes 3 features. level: log power. */
static void
compare_level (DmixVoiceFeatures *self, float level, float *feature)
{
  if (self->steps == 0)
    self->usual = level;
  self->usual += share (self, MEAN_S) * (level - self->usual);
  self->loudest -= FORGET;
  self->loudest = DMIX_MAX (level, self->loudest);
  feature[0] = 0.25f * limit (level - self->loudest, -12.0f, 0.0f);
  feature[1] = 0.25f * limit (level - self->usual, -8.0f, 8.0f);
  feature[2] = 0.25f * limit (self->loudest - self->usual, 0.0f, 12.0f);
}

/*** steps ***/

static void
shift_in (float *window, unsigned size, const float *in, size_t frames)
{
  if (frames > size)
    frames = size;
  memmove (window, window + frames, (size - frames) * sizeof *window);
  if (in)
    memcpy (window + size - frames, in, frames * sizeof *window);
  else
    memset (window + size - frames, 0, frames * sizeof *window);
}

void
dmix_voicefeatures_step (DmixVoiceFeatures *self, const float *mid,
    const float *side, size_t frames, float *feature)
{
  float band[BANDS], beside[BANDS] = { 0 }, level;
  const float *power;

  shift_in (self->mid, self->window, mid, frames);
  shift_in (self->side, self->window, side, frames);
  if (side) {
    power = dmix_powerframe_process (self->spectrum, self->side, 1);
    measure_bands (self, power, beside);
  }
  power = dmix_powerframe_process (self->spectrum, self->mid, 1);
  measure_bands (self, power, band);
  self->newest = (self->newest + 1) % MEMORY;
  measure_fine (self, power);
  level = compare_bands (self, band, feature);
  feature += 3 * BANDS;
  find_pitch (self, feature);
  feature[3] = tonality (self, SOON);
  feature[4] = tonality (self, LATER);
  compare_level (self, level, feature + 5);
  compare_side (self, band, beside, feature + 8);
  self->steps += self->steps < 1u << 30;
}

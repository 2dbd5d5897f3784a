/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: noise in the mid is tracked (denoise/noisetracker.h), and the gain of
 * noise reduction found from it (denoise/speechgain.h). The smaller eigenvalue of
 * the covariance of mid and side, a mean over five rows and 50 ms, is what left
 * and right do not share (C. Avendano, J.-M. Jot, "A frequency-domain approach
 * to multichannel upmix", J. Audio Eng. Soc. 52, 2004, use the coherence in the
 * same way). It foretells the noise in the mid by the ratio of both while nobody
 * speaks, a mean over 1 s: unlike the tracker it follows music at once.
 *
 * None of these is right everywhere; the model (dialogue/splitmodel.h) has
 * learned how far to trust which.
 */
#include "dialogue/splitfeatures.h"

#include "base/decibel.h"
#include "base/smooth.h"
#include "base/units.h"
#include "denoise/noisetracker.h"
#include "denoise/speechgain.h"
#include "net/netrows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS DMIX_NET_ROWS
#define LEAST 1e-9f /* mean power of a bin, added */
#define LEAST_RATIO 1e-12f
#define LOG_PER_DB 0.0575646273f /* ln (10) / 10 / 4 */
#define NEAR 2u                  /* rows to either side that are averaged */
#define WIDE 6u
#define FAR 8u
#define LOW_ROW 6u    /* of the rows with the power of speech: 220 Hz */
#define HIGH_ROW 110u /* 6.5 kHz */
#define SHORT_S 0.05
#define LONG_S 0.3
#define FORETELL_S 1.0
#define LEVEL_S 2.0
#define SLOW_S 4.0
#define MOST_NOISE 4.0f /* over the tracked one, to learn the ratio from */
#define LEAST_WEIGHT 0.02f
#define ODDS_LEAST 1e-3f
#define LEAST_DB -200.0f
#define PRESENT_DB -18.0 /* share of the power that is dialogue */
#define ABSENT_DB -28.0
#define PRESENCE_S 0.1
#define FIRST_SHARE 1e6f /* the first frame is the first mean */
#define REFERENCE_HZ 1000.0
#define OCTAVES 3.0

/* Features, in the order of the weights; those of the network follow. */
enum
{
  SNR,
  SNR_NEAR,
  GAIN,
  GAIN_NEAR,
  GAIN_FAR,
  PRESENCE,
  RISE_SHORT,
  RISE_LONG,
  PEAK,
  GAIN_BEFORE,
  LEVEL,
  SIDE,
  APART,
  COHERENCE,
  FORETOLD,
  FORETOLD_NEAR,
  FORETOLD_TRACKED,
  HAS_SIDE,
  GAIN_ALL,
  GAIN_BELOW_ALL,
  PLACE,
  PLACE_SQUARE,
  SNR_SLOW, /* means over SLOW_S: of this row, of all rows */
  RISE_SLOW,
  SNR_SLOW_ALL,
  RISE_SLOW_ALL,
  VOICE, /* now, and means over LONG_S and LEVEL_S */
  VOICE_LONG,
  VOICE_SLOW,
  OWN
};

typedef struct
{
  float mid[ROWS], noise[ROWS], gain[ROWS], side[ROWS], apart[ROWS];
  float foretold[ROWS], shared[ROWS];
  float mid_near[ROWS], noise_near[ROWS];
} Powers;

struct DmixSplitFeatures
{
  unsigned bins, rows;
  DmixNetRows *map;
  DmixNoiseTracker *tracker;
  void *gains;                   /* state of dmix_speechgain */
  float *power, *gain, *gain_db; /* bins; the gain is that of noise reduction */
  float short_share, long_share, foretell_share, level_share, presence_share;
  float begin, slow_share; /* 1 / frames so far, until that is slow_share */
  float place[ROWS], width[ROWS];
  int begun;
  /* running means */
  float mid[ROWS], slow[ROWS], mid_slow[ROWS], noise_slow[ROWS];
  float cov_mid[ROWS], cov_side[ROWS], cov_re[ROWS], cov_im[ROWS];
  float ratio_mid[ROWS], ratio_apart[ROWS];
  float energy[ROWS], presence; /* energies of the rows in this frame */
  float level, voice_long, voice_slow, speech_slow;
  float gain_before[ROWS], network_before[ROWS];
  float feature[DMIX_SPLIT_MOST][ROWS];
};

void
dmix_splitfeatures_free (DmixSplitFeatures *self)
{
  if (!self)
    return;
  dmix_netrows_free (self->map);
  dmix_noisetracker_free (self->tracker);
  dmix_speechgain.free (self->gains);
  free (self->power);
  free (self);
}

void
dmix_splitfeatures_reset (DmixSplitFeatures *self)
{
  dmix_noisetracker_reset (self->tracker);
  dmix_speechgain.reset (self->gains);
  memset (self->feature, 0, sizeof self->feature);
  self->begun = 0;
}

/* Width of each row in bins of the network's front end, and its place. */
static void
find_places (DmixSplitFeatures *self)
{
  const double hz = (double) DMIX_NET_RATE_HZ / DMIX_NET_WINDOW;
  double first = 1.0;

  for (unsigned r = 0; r < ROWS; r++) {
    const double width = dmix_netrows_width (r);
    const double centre = (first + (width - 1.0) / 2.0) * hz;

    self->width[r] = (float) width;
    self->place[r] = (float) (log (centre / REFERENCE_HZ) / OCTAVES);
    first += width;
  }
}

DmixSplitFeatures *
dmix_splitfeatures_new (const DmixSplitShape *shape)
{
  const DmixGainShape same = { shape->bins, shape->hz_per_bin, shape->hop_s,
    shape->window_energy };
  const DmixNetSpectrum spectrum = { shape->bins, shape->hz_per_bin,
    shape->window_energy };
  DmixSplitFeatures *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->bins = shape->bins;
  self->map = dmix_netrows_new (&spectrum);
  self->tracker =
      dmix_noisetracker_new (shape->bins, shape->hz_per_bin, shape->hop_s);
  self->gains = dmix_speechgain.make (&same);
  self->power = calloc (3 * (size_t) shape->bins, sizeof (float));
  if (!self->map || !self->tracker || !self->gains || !self->power) {
    dmix_splitfeatures_free (self);
    return NULL;
  }
  self->gain = self->power + shape->bins;
  self->gain_db = self->gain + shape->bins;
  self->rows = dmix_netrows_count (self->map);
  self->short_share = (float) dmix_smooth_share (SHORT_S, shape->hop_s);
  self->long_share = (float) dmix_smooth_share (LONG_S, shape->hop_s);
  self->foretell_share = (float) dmix_smooth_share (FORETELL_S, shape->hop_s);
  self->level_share = (float) dmix_smooth_share (LEVEL_S, shape->hop_s);
  self->presence_share = (float) dmix_smooth_share (PRESENCE_S, shape->hop_s);
  self->slow_share = (float) dmix_smooth_share (SLOW_S, shape->hop_s);
  find_places (self);
  dmix_splitfeatures_reset (self);
  return self;
}

unsigned
dmix_splitfeatures_rows (const DmixSplitFeatures *self)
{
  return self->rows;
}

float
dmix_splitfeatures_presence (DmixSplitFeatures *self, const float *u)
{
  float gain[ROWS];
  double kept = 0.0, all = LEAST, db;
  float now;

  memcpy (gain, u, sizeof gain);
  dmix_decibel_from_power (gain, ROWS);
  for (unsigned r = 0; r < ROWS; r++)
    gain[r] = DMIX_MAX (gain[r] * (20.0f / 3.0f), LEAST_DB);
  dmix_decibel_to_gain (gain, ROWS);
  for (unsigned r = 0; r < self->rows; r++) {
    kept += (double) gain[r] * gain[r] * self->energy[r];
    all += self->energy[r];
  }
  db = dmix_db_from_power (kept / all);
  now = (float) dmix_clamp ((db - ABSENT_DB) / (PRESENT_DB - ABSENT_DB), 0.0,
      1.0);
  self->presence += (now < self->presence ? self->presence_share : 1.0f)
      * (now - self->presence);
  return self->presence;
}

void
dmix_splitfeatures_gain (const DmixSplitFeatures *self, const float *u,
    float presence, float share, float most_db, float *gain)
{
  dmix_netrows_gain_db (self->map, u, gain);
  for (unsigned b = 0; b < self->bins; b++) {
    const float reduced = self->gain_db[b];
    const float bound = DMIX_MAX (gain[b], reduced - most_db);
    const float soft = bound + share * (reduced - bound);

    gain[b] += presence * (soft - gain[b]);
  }
  dmix_decibel_to_gain (gain, self->bins);
}

/*** loops over rows ***/

/* Mean power of the bins in each row. */
static void
to_rows (const DmixSplitFeatures *self, const float *power, float *row)
{
  dmix_netrows_energy (self->map, power, row);
  for (unsigned r = 0; r < ROWS; r++)
    row[r] /= self->width[r];
}

/* Means over `reach` rows to either side. Sums in double: a row may hold 100 dB
 * less than those below it. */
static void
spread (const DmixSplitFeatures *self, const float *x, unsigned reach, float *y)
{
  double sum[ROWS + 1];

  sum[0] = 0.0;
  for (unsigned r = 0; r < self->rows; r++)
    sum[r + 1] = sum[r] + x[r];
  for (unsigned r = 0; r < self->rows; r++) {
    const unsigned first = r > reach ? r - reach : 0;
    const unsigned end = DMIX_MIN (r + reach + 1, self->rows);

    y[r] = (float) ((sum[end] - sum[first]) / (end - first));
  }
}

static void
follow (float *mean, const float *x, unsigned rows, float share)
{
  for (unsigned r = 0; r < rows; r++)
    mean[r] += share * (x[r] - mean[r]);
}

static void
divide (float *y, const float *a, const float *b, unsigned rows)
{
  for (unsigned r = 0; r < rows; r++)
    y[r] = DMIX_MAX (a[r] / b[r], LEAST_RATIO);
}

static void
to_log (float *x, unsigned count)
{
  dmix_decibel_from_power (x, count);
  for (unsigned i = 0; i < count; i++)
    x[i] *= LOG_PER_DB;
}

static float
mean_of_speech (const DmixSplitFeatures *self, const float *x)
{
  const unsigned end = DMIX_MIN (HIGH_ROW, self->rows);
  float sum = 0.0f;

  for (unsigned r = LOW_ROW; r < end; r++)
    sum += x[r];
  return sum / (float) (end - LOW_ROW);
}

/*** one frame ***/

/* Mid, its noise, what noise reduction would keep, presence of speech. */
static void
measure_mid (DmixSplitFeatures *self, const float *mid, Powers *p)
{
  const float *noise, *presence;
  float *product = self->power;

  dmix_noisetracker_step (self->tracker, mid);
  noise = dmix_noisetracker_get_noise (self->tracker);
  presence = dmix_noisetracker_get_presence (self->tracker);
  dmix_speechgain.step (self->gains, mid, noise, self->gain);
  to_rows (self, mid, p->mid);
  to_rows (self, noise, p->noise);
  for (unsigned b = 0; b < self->bins; b++)
    product[b] = presence[b] * mid[b];
  to_rows (self, product, self->feature[PRESENCE]);
  for (unsigned b = 0; b < self->bins; b++)
    product[b] = self->gain[b] * self->gain[b] * mid[b];
  to_rows (self, product, p->gain);
  for (unsigned b = 0; b < self->bins; b++)
    self->gain_db[b] = self->gain[b] * self->gain[b];
  dmix_decibel_from_power (self->gain_db, self->bins);
  for (unsigned r = 0; r < self->rows; r++) {
    p->mid[r] += LEAST;
    p->noise[r] += LEAST;
    p->gain[r] += LEAST_RATIO;
    self->feature[PRESENCE][r] /= p->mid[r];
  }
}

/* What mid and side do not share, and the coherence of both. */
static void
find_apart (DmixSplitFeatures *self, Powers *p)
{
  for (unsigned r = 0; r < self->rows; r++) {
    const double a = self->cov_mid[r], b = self->cov_side[r];
    const double re = self->cov_re[r], im = self->cov_im[r];
    const double cross = re * re + im * im, half = 0.5 * (a - b);
    const double larger = 0.5 * (a + b) + sqrt (half * half + cross);
    const double apart = (a * b - cross) / larger;

    p->apart[r] = (float) DMIX_MAX (apart, 0.0) + LEAST;
    self->feature[COHERENCE][r] = (float) (cross / (a * b));
  }
}

static void
foretell (DmixSplitFeatures *self, Powers *p)
{
  const float share = self->begun ? self->foretell_share : 1.0f;

  for (unsigned r = 0; r < self->rows; r++) {
    const float absence = 1.0f - self->feature[PRESENCE][r];
    const float weight = absence * absence + LEAST_WEIGHT;
    const float mid = DMIX_MIN (p->mid[r], MOST_NOISE * p->noise[r]);

    self->ratio_mid[r] += share * (weight * mid - self->ratio_mid[r]);
    self->ratio_apart[r] +=
        share * (weight * p->apart[r] - self->ratio_apart[r]);
    p->foretold[r] = p->apart[r] * self->ratio_mid[r] / self->ratio_apart[r];
  }
}

static void
measure_side (DmixSplitFeatures *self, const DmixSplitSpectra *in, Powers *p)
{
  const unsigned rows = self->rows;
  const float share = self->begun ? self->short_share : 1.0f;
  float near[ROWS], (*f)[ROWS] = self->feature;

  to_rows (self, in->side, p->side);
  for (unsigned r = 0; r < rows; r++)
    p->side[r] += LEAST;
  spread (self, p->mid, NEAR, near);
  follow (self->cov_mid, near, rows, share);
  spread (self, p->side, NEAR, near);
  follow (self->cov_side, near, rows, share);
  to_rows (self, in->cross_re, p->shared);
  spread (self, p->shared, NEAR, near);
  follow (self->cov_re, near, rows, share);
  to_rows (self, in->cross_im, p->shared);
  spread (self, p->shared, NEAR, near);
  follow (self->cov_im, near, rows, share);
  find_apart (self, p);
  foretell (self, p);
  spread (self, p->foretold, NEAR, near);
  divide (f[SIDE], p->side, p->mid, rows);
  divide (f[APART], p->apart, p->mid_near, rows);
  divide (f[FORETOLD], p->mid, p->foretold, rows);
  divide (f[FORETOLD_NEAR], p->mid_near, near, rows);
  divide (f[FORETOLD_TRACKED], near, p->noise_near, rows);
  to_log (f[SIDE], ROWS);
  to_log (f[APART], ROWS);
  to_log (f[FORETOLD], 3 * ROWS);
  for (unsigned r = 0; r < rows; r++)
    f[HAS_SIDE][r] = 1.0f;
}

/* Levels of the mid over what it was, and over its neighbours. */
static void
compare_levels (DmixSplitFeatures *self, Powers *p)
{
  const unsigned rows = self->rows;
  float wide[ROWS], (*f)[ROWS] = self->feature, level = 0.0f;

  follow (self->mid, p->mid, rows, self->begun ? self->short_share : 1.0f);
  follow (self->slow, p->mid, rows, self->begun ? self->long_share : 1.0f);
  spread (self, self->mid, NEAR, p->mid_near);
  spread (self, p->noise, NEAR, p->noise_near);
  spread (self, p->mid, WIDE, wide);
  divide (f[SNR], p->mid, p->noise, rows);
  divide (f[SNR_NEAR], p->mid_near, p->noise_near, rows);
  divide (f[GAIN], p->gain, p->mid, rows);
  divide (f[RISE_SHORT], p->mid, self->mid, rows);
  divide (f[RISE_LONG], p->mid, self->slow, rows);
  divide (f[PEAK], p->mid, wide, rows);
  memcpy (f[LEVEL], p->mid, rows * sizeof (float));
  to_log (f[SNR], 3 * ROWS);
  to_log (f[RISE_SHORT], 3 * ROWS);
  to_log (f[LEVEL], ROWS);
  for (unsigned r = 0; r < rows; r++)
    level += f[LEVEL][r];
  level /= (float) rows;
  self->level +=
      (self->begun ? self->level_share : 1.0f) * (level - self->level);
  for (unsigned r = 0; r < rows; r++)
    f[LEVEL][r] -= self->level;
}

static void
compare_gains (DmixSplitFeatures *self)
{
  const unsigned rows = self->rows;
  float (*f)[ROWS] = self->feature;
  float all;

  spread (self, f[GAIN], NEAR, f[GAIN_NEAR]);
  spread (self, f[GAIN], FAR, f[GAIN_FAR]);
  memcpy (f[GAIN_BEFORE], self->begun ? self->gain_before : f[GAIN],
      rows * sizeof (float));
  memcpy (self->gain_before, f[GAIN], rows * sizeof (float));
  all = mean_of_speech (self, f[GAIN]);
  for (unsigned r = 0; r < rows; r++) {
    f[GAIN_ALL][r] = all;
    f[GAIN_BELOW_ALL][r] = all - f[GAIN][r];
    f[PLACE][r] = self->place[r];
    f[PLACE_SQUARE][r] = self->place[r] * self->place[r];
  }
}

/* Log odds of probabilities. */
static void
to_odds (const float *u, unsigned count, float *odds)
{
  for (unsigned i = 0; i < count; i++)
    odds[i] = (u[i] + ODDS_LEAST) / (1.0f - u[i] + ODDS_LEAST);
  to_log (odds, count);
}

/* The level and the noise of the last seconds: is the mix clean, is this a pause? */
static void
compare_slow (DmixSplitFeatures *self, const Powers *p)
{
  const unsigned rows = self->rows;
  float (*f)[ROWS] = self->feature;
  double now = 0.0, mid = 0.0, noise = 0.0;
  float all[2];

  self->begin = DMIX_MAX (self->begin / (1.0f + self->begin), self->slow_share);
  follow (self->mid_slow, p->mid, rows, self->begin);
  follow (self->noise_slow, p->noise, rows, self->begin);
  divide (f[SNR_SLOW], self->mid_slow, self->noise_slow, rows);
  divide (f[RISE_SLOW], p->mid, self->mid_slow, rows);
  to_log (f[SNR_SLOW], 2 * ROWS);
  for (unsigned r = 0; r < rows; r++) {
    self->energy[r] = self->width[r] * p->mid[r];
    now += self->energy[r];
    mid += self->width[r] * self->mid_slow[r];
    noise += self->width[r] * self->noise_slow[r];
  }
  all[0] = (float) (mid / noise);
  all[1] = (float) DMIX_MAX (now / mid, LEAST_RATIO);
  to_log (all, 2);
  for (unsigned r = 0; r < rows; r++) {
    f[SNR_SLOW_ALL][r] = all[0];
    f[RISE_SLOW_ALL][r] = all[1];
  }
}

static void
add_network (DmixSplitFeatures *self, const DmixNetFrame *network)
{
  const unsigned rows = self->rows;
  float (*f)[ROWS] = self->feature + OWN;
  float speech, all;

  to_odds (network->mid, rows, f[0]);
  to_odds (network->side, rows, f[1]);
  to_odds (&network->speech, 1, &speech);
  spread (self, f[0], NEAR, f[2]);
  spread (self, f[0], FAR, f[3]);
  memcpy (f[4], self->begun ? self->network_before : f[0],
      rows * sizeof (float));
  memcpy (self->network_before, f[0], rows * sizeof (float));
  all = mean_of_speech (self, f[0]);
  self->speech_slow += (self->begun ? self->level_share : 1.0f)
      * (network->speech - self->speech_slow);
  for (unsigned r = 0; r < rows; r++) {
    f[5][r] = speech;
    f[6][r] = all;
    f[7][r] = self->speech_slow;
  }
}

static void
add_voice (DmixSplitFeatures *self, float voice)
{
  float (*f)[ROWS] = self->feature;

  self->voice_long +=
      (self->begun ? self->long_share : 1.0f) * (voice - self->voice_long);
  self->voice_slow +=
      (self->begun ? self->level_share : 1.0f) * (voice - self->voice_slow);
  for (unsigned r = 0; r < self->rows; r++) {
    f[VOICE][r] = voice;
    f[VOICE_LONG][r] = self->voice_long;
    f[VOICE_SLOW][r] = self->voice_slow;
  }
}

const float *
dmix_splitfeatures_step (DmixSplitFeatures *self, const DmixSplitSpectra *in,
    const DmixNetFrame *network)
{
  Powers p;

  if (!self->begun) {
    memset (self->mid, 0, sizeof self->mid);
    memset (self->slow, 0, sizeof self->slow);
    memset (self->cov_mid, 0, sizeof self->cov_mid);
    memset (self->cov_side, 0, sizeof self->cov_side);
    memset (self->cov_re, 0, sizeof self->cov_re);
    memset (self->cov_im, 0, sizeof self->cov_im);
    memset (self->ratio_mid, 0, sizeof self->ratio_mid);
    memset (self->ratio_apart, 0, sizeof self->ratio_apart);
    memset (self->mid_slow, 0, sizeof self->mid_slow);
    memset (self->noise_slow, 0, sizeof self->noise_slow);
    self->level = self->voice_long = self->voice_slow = 0.0f;
    self->speech_slow = self->presence = 0.0f;
    self->begin = FIRST_SHARE;
  }
  measure_mid (self, in->mid, &p);
  compare_levels (self, &p);
  compare_gains (self);
  if (in->side)
    measure_side (self, in, &p);
  compare_slow (self, &p);
  add_voice (self, in->speech);
  if (network)
    add_network (self, network);
  self->begun = 1;
  return self->feature[0];
}

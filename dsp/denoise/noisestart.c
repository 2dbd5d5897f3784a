/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the least power of each bin since the start (minimum statistics:
 * R. Martin, "Noise power spectral density estimation based on optimal
 * smoothing and minimum statistics", IEEE Trans. Speech Audio Process. 9,
 * 2001), smoothed over 20 ms and three bins. Speech leaves each bin again and
 * again, noise does not; but the first moments do not show which it is. So the
 * bound starts DOUBT_DB below the least power, and rises in dB within SURE_S to
 * SURE_DB above it, which is about the mean of noise.
 *
 * Steady sound is known to be noise sooner: the levels of bands of 500 Hz are
 * compared with those a window ago, and the mean of the larger half of the
 * changes counts (the smaller half may be bands without voice). In white noise
 * it is 2.3 dB, in speech mostly above 4 dB. The steadier the sound, the faster
 * the time counts, up to 1 + SPEED times.
 *
 * The constants are fitted by tests/quality/fit/scan_noisestart.py.
 *
 * State
 *   frames     so far, until all is known
 *   sure_s     time so far, seconds, as it counts
 *   change_db  running mean of the change of the bands' levels
 *   level_db   levels of the bands in the last frames, newest first
 *   smooth     power of each bin, smoothed over time
 *   least      its least value so far, smoothed over bins
 */
#include "denoise/noisestart.h"

#include "denoise/binloops.h"
#include "base/smooth.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALL_S 1.5 /* length of the start */
#define SURE_S 0.6
#define DOUBT_DB -25.0
#define SURE_DB 3.0
#define SMOOTH_S 0.02
#define WINDOW_S 0.032 /* frames so far apart have no sound in common */
#define CHANGE_S 0.06
#define MOST_CHANGE_DB 20.0
#define STEADY_DB 2.6
#define LIVELY_DB 4.0
#define SPEED 8.0
#define BANDS 12
#define BAND_HZ 500.0
#define FIRST_HZ 200.0

struct DmixNoiseStart
{
  unsigned bins, bands, lag;
  double hz_per_bin, hop_s, sure_s, change_db;
  float smooth_share, change_share;
  int frames, all_frames;
  float *memory, *smooth, *least, *level_db; /* lag + 1 times bands */
};

static unsigned
band_start (const DmixNoiseStart *self, unsigned band)
{
  return (unsigned) ((FIRST_HZ + band * BAND_HZ) / self->hz_per_bin);
}

DmixNoiseStart *
dmix_noisestart_new (unsigned bins, double hz_per_bin, double hop_s)
{
  DmixNoiseStart *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->bins = bins;
  self->hz_per_bin = hz_per_bin;
  self->hop_s = hop_s;
  while (self->bands < BANDS && band_start (self, self->bands + 1) < bins)
    self->bands++;
  self->lag = (unsigned) ceil (WINDOW_S / hop_s - 1e-3);
  self->all_frames = (int) ceil (ALL_S / hop_s);
  self->smooth_share = (float) dmix_smooth_share (SMOOTH_S, hop_s);
  self->change_share = (float) dmix_smooth_share (CHANGE_S, hop_s);
  self->memory =
      calloc (2 * (size_t) bins + (self->lag + 1) * (size_t) self->bands,
          sizeof (float));
  if (!self->memory) {
    free (self);
    return NULL;
  }
  self->smooth = self->memory;
  self->least = self->smooth + bins;
  self->level_db = self->least + bins;
  return self;
}

void
dmix_noisestart_free (DmixNoiseStart *self)
{
  if (!self)
    return;
  free (self->memory);
  free (self);
}

void
dmix_noisestart_reset (DmixNoiseStart *self)
{
  memset (self->smooth, 0, self->bins * sizeof *self->smooth);
  self->frames = 0;
  self->sure_s = 0.0;
}

/* The mean of the larger half of the values, which it sorts. */
static double
mean_of_largest (double *value, unsigned count)
{
  const unsigned half = (count + 1) / 2;
  double sum = 0.0;

  for (unsigned i = 0; i < half; i++) {
    for (unsigned j = count - 1; j > i; j--)
      if (value[j] > value[j - 1]) {
        const double larger = value[j];

        value[j] = value[j - 1];
        value[j - 1] = larger;
      }
    sum += value[i];
  }
  return sum / half;
}

/* Change of the bands' levels since the frame a window ago, dB. */
static double
change_of_levels (DmixNoiseStart *self, const float *power)
{
  float *newest = self->level_db, *old = newest + self->lag * self->bands;
  double change_db[BANDS];

  memmove (newest + self->bands, newest,
      self->lag * self->bands * sizeof (float));
  for (unsigned i = 0; i < self->bands; i++) {
    double level = DMIX_BINLOOPS_LEAST_NOISE;

    for (unsigned b = band_start (self, i); b < band_start (self, i + 1); b++)
      level += power[b];
    newest[i] = (float) dmix_db_from_power (level);
    change_db[i] = fmin (fabs ((double) newest[i] - old[i]), MOST_CHANGE_DB);
  }
  return mean_of_largest (change_db, self->bands);
}

/* Time goes on by a frame, faster where the sound is steady. */
static void
count_time (DmixNoiseStart *self, const float *power)
{
  double change_db, steady = 0.0;

  if (self->bands > 0) {
    change_db = change_of_levels (self, power);
    if (self->frames == (int) self->lag)
      self->change_db = change_db;
    self->change_db += self->change_share * (change_db - self->change_db);
    if (self->frames >= (int) self->lag)
      steady =
          dmix_clamp ((LIVELY_DB - self->change_db) / (LIVELY_DB - STEADY_DB),
              0.0, 1.0);
  }
  self->sure_s += self->hop_s * (1.0 + SPEED * steady);
  self->frames++;
}

static void
find_least (DmixNoiseStart *self, const float *power)
{
  const unsigned bins = self->bins;
  const float share =
      fmaxf (self->smooth_share, 1.0f / (float) (self->frames + 1));
  const float *smooth = self->smooth;

  for (unsigned b = 0; b < bins; b++)
    self->smooth[b] += share * (power[b] - self->smooth[b]);
  for (unsigned b = 0; b < bins; b++) {
    const unsigned below = b > 0 ? b - 1 : 0;
    const unsigned above = b + 1 < bins ? b + 1 : b;
    const float mean = (smooth[below] + smooth[b] + smooth[above]) / 3.0f;

    self->least[b] =
        self->frames == 0 ? mean : dmix_smaller (mean, self->least[b]);
  }
}

void
dmix_noisestart_step (DmixNoiseStart *self, const float *power, float *noise)
{
  double sure;
  float bound;

  if (self->frames >= self->all_frames)
    return;
  find_least (self, power);
  sure = fmin (self->sure_s / SURE_S, 1.0);
  bound = (float) dmix_power_from_db (DOUBT_DB + sure * (SURE_DB - DOUBT_DB));
  for (unsigned b = 0; b < self->bins; b++)
    noise[b] = dmix_larger (self->least[b] * bound, noise[b]);
  count_time (self, power);
}

void
dmix_noisestart_take_over (DmixNoiseStart *self, const DmixNoiseStart *from,
    float scale)
{
  const float scale_db = 10.0f * log10f (scale);

  for (unsigned b = 0; b < self->bins; b++) {
    self->smooth[b] = from->smooth[b] * scale;
    self->least[b] = from->least[b] * scale;
  }
  for (unsigned i = 0; i < (self->lag + 1) * self->bands; i++)
    self->level_db[i] = from->level_db[i] + scale_db;
  self->frames = from->frames;
  self->sure_s = from->sure_s;
  self->change_db = from->change_db;
}

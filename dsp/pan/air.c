/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: attenuation after ISO 9613-1:1993, clause 6. Minimum-phase filters
 * from the folded cepstrum (A. Oppenheim, R. Schafer, Discrete-Time Signal
 * Processing, 3rd ed., chapter 13), cut to DMIX_AIR_TAPS, for a distance of 0
 * and for DISTANCES distances on a logarithmic scale. Coefficients are
 * interpolated linearly between distances. A step in which the distance changes
 * is a linear cross-fade.
 *
 * State
 *   tap[]   filters; the first one, for a distance of 0, changes nothing
 */
#include "pan/air.h"

#include "base/units.h"
#include "spectral/fft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DISTANCES 64
#define NEAREST_M 1.0
#define SIZE 2048u   /* of the transforms */
#define MOST_DB 90.0 /* limit of the attenuation */
#define LONGEST 256u /* frames per call */

struct DmixAir
{
  float tap[DISTANCES + 1][DMIX_AIR_TAPS];
};

double
dmix_air_db_per_m (double frequency_hz)
{
  const double kelvin = 293.15, humidity = 50, f2 = frequency_hz * frequency_hz;
  const double warm = kelvin / 293.15;
  const double water =
      humidity * pow (10, -6.8346 * pow (273.16 / kelvin, 1.261) + 4.6151);
  const double oxygen = 24 + 4.04e4 * water * (0.02 + water) / (0.391 + water);
  const double nitrogen = pow (warm, -0.5)
      * (9 + 280 * water * exp (-4.170 * (pow (warm, -1.0 / 3) - 1)));

  return 8.686 * f2
      * (1.84e-11 * sqrt (warm)
          + pow (warm, -2.5)
              * (0.01275 * exp (-2239.1 / kelvin) / (oxygen + f2 / oxygen)
                  + 0.1068 * exp (-3352.0 / kelvin)
                      / (nitrogen + f2 / nitrogen)));
}

typedef struct
{
  DmixFft *fft;
  float re[SIZE / 2 + 1], im[SIZE / 2 + 1], time[SIZE];
} Workspace;

static void
make_filter (Workspace *work, double rate_hz, double distance_m, float *tap)
{
  const unsigned bins = SIZE / 2 + 1;

  for (unsigned k = 0; k < bins; k++) {
    const double db = distance_m * dmix_air_db_per_m (rate_hz * k / SIZE);

    work->re[k] = (float) (-fmin (db, MOST_DB) / 20 * log (10));
    work->im[k] = 0;
  }
  dmix_fft_inverse (work->fft, work->re, work->im, work->time);
  for (unsigned n = 1; n < SIZE / 2; n++) {
    work->time[n] *= 2;
    work->time[SIZE - n] = 0;
  }
  dmix_fft_forward (work->fft, work->time, work->re, work->im);
  for (unsigned k = 0; k < bins; k++) {
    const float magnitude = expf (work->re[k]), phase = work->im[k];

    work->re[k] = magnitude * cosf (phase);
    work->im[k] = magnitude * sinf (phase);
  }
  dmix_fft_inverse (work->fft, work->re, work->im, work->time);
  for (unsigned n = 0; n < DMIX_AIR_TAPS; n++) {
    /* the last eighth fades out linearly */
    const unsigned left = DMIX_AIR_TAPS - n;
    const unsigned fade = DMIX_AIR_TAPS / 8;

    tap[n] = work->time[n] * (left < fade ? (float) left / fade : 1);
  }
}

static double
grid_distance (unsigned i)
{
  return NEAREST_M
      * pow (DMIX_AIR_MAX_M / NEAREST_M, (double) i / (DISTANCES - 1));
}

DmixAir *
dmix_air_new (unsigned rate_hz)
{
  DmixAir *self = rate_hz > 0 ? calloc (1, sizeof *self) : NULL;
  Workspace *work = calloc (1, sizeof *work);

  if (work)
    work->fft = dmix_fft_new (SIZE);
  if (!self || !work || !work->fft) {
    free (self);
    self = NULL;
  } else {
    self->tap[0][0] = 1;
    for (unsigned i = 0; i < DISTANCES; i++)
      make_filter (work, rate_hz, grid_distance (i), self->tap[i + 1]);
  }
  if (work)
    dmix_fft_free (work->fft);
  free (work);
  return self;
}

void
dmix_air_free (DmixAir *self)
{
  free (self);
}

void
dmix_air_get_filter (const DmixAir *self, double distance_m, float *tap)
{
  const double d = dmix_clamp (distance_m, 0, DMIX_AIR_MAX_M);
  unsigned i = 0;
  double part = d / NEAREST_M;

  if (d >= NEAREST_M) {
    const double place = log (d / NEAREST_M) / log (DMIX_AIR_MAX_M / NEAREST_M)
        * (DISTANCES - 1);
    double below;

    i = place < DISTANCES - 1 ? (unsigned) place : DISTANCES - 2;
    below = grid_distance (i);
    part = (d - below) / (grid_distance (i + 1) - below);
    i++;
  }
  for (unsigned n = 0; n < DMIX_AIR_TAPS; n++)
    tap[n] = (float) (self->tap[i][n]
        + part * (self->tap[i + 1][n] - self->tap[i][n]));
}

/*** path of a source ***/

void
dmix_air_path_reset (DmixAirPath *self)
{
  memset (self, 0, sizeof *self);
}

void
dmix_air_path_set_distance (DmixAirPath *self, const DmixAir *air,
    double distance_m)
{
  if (self->begun) {
    if (!self->moves && distance_m == self->distance_m)
      return;
    memcpy (self->from, self->to, sizeof self->from);
    self->moves = distance_m != self->distance_m;
  }
  dmix_air_get_filter (air, distance_m, self->to);
  if (!self->begun)
    memcpy (self->from, self->to, sizeof self->from);
  self->begun = 1;
  self->distance_m = distance_m;
}

static void
run_filter (const float *restrict x, const float *restrict tap,
    float *restrict y, unsigned frames)
{
  memset (y, 0, frames * sizeof *y);
  for (unsigned n = 0; n < DMIX_AIR_TAPS; n++)
    for (unsigned i = 0; i < frames; i++)
      y[i] += tap[n] * x[DMIX_AIR_TAPS - 1 + i - n];
}

void
dmix_air_path_process (DmixAirPath *self, float *io, unsigned at,
    unsigned frames, unsigned step)
{
  float x[DMIX_AIR_TAPS - 1 + LONGEST], y[LONGEST];

  memcpy (x, self->history, sizeof self->history);
  memcpy (x + DMIX_AIR_TAPS - 1, io, frames * sizeof *io);
  memcpy (self->history, x + frames, sizeof self->history);
  run_filter (x, self->to, io, frames);
  if (!self->moves)
    return;
  run_filter (x, self->from, y, frames);
  for (unsigned i = 0; i < frames; i++)
    io[i] = y[i] + (io[i] - y[i]) * ((float) (at + i + 1) / step);
}

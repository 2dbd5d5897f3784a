/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the sound emitted at the end of a step arrives at that time plus
 * distance / c; times of emission and arrival are interpolated linearly within
 * a step. For an output frame, the step that contains its time among the
 * arrivals gives the time of emission, which is the read position in the input
 * (the case of a moving source in J. O. Smith, S. Serafin, J. Abel, D. Berners,
 * "Doppler simulation and the Leslie", DAFx 2002). The input is read between
 * frames with a windowed sinc (Kaiser, beta 8), from a table of 256 points per
 * frame with linear interpolation.
 *
 * State
 *   line[]      ring of the input, `mask` + 1 frames
 *   arrival[]   ring: arrival time of the sound emitted at the end of step k,
 *               frames since the reset
 *   steps       steps begun
 *   arriving    step whose sound arrives now
 *   distance    at the end of the step, as a delay in frames
 */
#include "pan/doppler.h"

#include "base/units.h"
#include "spectral/sinc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define POINTS 32
#define HALF (POINTS / 2)
#define FINE 256 /* points of the table per frame */
#define BETA 8.0
#define FASTEST 0.5 /* of the speed of sound */

struct DmixDoppler
{
  unsigned step, arrivals;
  double per_m, most; /* frames */
  size_t mask;
  float *line;
  double *arrival, distance;
  uint64_t steps, arriving;
  int begun;
  const DmixDopplerKernel *kernel;
};

/* weight[f][j]: of frame j - HALF + 1 for a read position of f / FINE */
struct DmixDopplerKernel
{
  float weight[FINE + 1][POINTS];
};

DmixDopplerKernel *
dmix_doppler_kernel_new (void)
{
  DmixDopplerKernel *self = malloc (sizeof *self);

  for (unsigned f = 0; self && f <= FINE; f++)
    for (unsigned j = 0; j < POINTS; j++) {
      const double x = (int) j - HALF + 1 - (double) f / FINE;

      self->weight[f][j] = (float) dmix_sinc_kaiser (x, HALF, BETA);
    }
  return self;
}

void
dmix_doppler_kernel_free (DmixDopplerKernel *self)
{
  free (self);
}

DmixDoppler *
dmix_doppler_new (const DmixDopplerKernel *kernel, unsigned rate_hz,
    unsigned step)
{
  DmixDoppler *self;

  if (!kernel || rate_hz < 1 || step < 1 || step > 256
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->kernel = kernel;
  self->step = step;
  self->per_m = rate_hz / DMIX_DOPPLER_SPEED_M_S;
  self->most = DMIX_DOPPLER_MAX_M * self->per_m;
  self->mask = 1;
  while (self->mask < self->most + 2 * POINTS + 2 * step)
    self->mask *= 2;
  self->line = calloc (self->mask, sizeof *self->line);
  self->mask--;
  self->arrivals = (unsigned) (self->most / step) + 8;
  self->arrival = calloc (self->arrivals, sizeof *self->arrival);
  if (!self->line || !self->arrival) {
    dmix_doppler_free (self);
    return NULL;
  }
  return self;
}

void
dmix_doppler_free (DmixDoppler *self)
{
  if (!self)
    return;
  free (self->line);
  free (self->arrival);
  free (self);
}

void
dmix_doppler_reset (DmixDoppler *self)
{
  memset (self->line, 0, (self->mask + 1) * sizeof *self->line);
  self->steps = self->arriving = 0;
  self->begun = 0;
}

/* Arrival time of the sound emitted at the end of a step; step 0 ends at time
 * 0. */
static double *
arrival_of (DmixDoppler *self, uint64_t step)
{
  return &self->arrival[step % self->arrivals];
}

void
dmix_doppler_set_distance (DmixDoppler *self, double distance_m)
{
  const double fastest = FASTEST * self->step;
  /* half of the kernel lies after the read position */
  double target = dmix_clamp (distance_m * self->per_m, HALF, self->most);

  if (self->begun)
    target =
        dmix_clamp (target, self->distance - fastest, self->distance + fastest);
  if (!self->begun)
    *arrival_of (self, 0) = target;
  self->begun = 1;
  self->distance = target;
  self->steps++;
  *arrival_of (self, self->steps) = (double) self->steps * self->step + target;
}

/* Time of emission of the sound that arrives at `time`, frames. */
static double
emission (DmixDoppler *self, double time)
{
  double from, to;

  if (time < *arrival_of (self, 0) && self->steps < self->arrivals)
    return time - *arrival_of (self, 0); /* before the first sound */
  while (self->arriving + 1 < self->steps
      && *arrival_of (self, self->arriving + 1) <= time)
    self->arriving++;
  from = *arrival_of (self, self->arriving);
  to = *arrival_of (self, self->arriving + 1);
  return self->step * (self->arriving + (time - from) / (to - from));
}

static float
read_line (const DmixDoppler *self, double place)
{
  const double whole = floor (place), fine = (place - whole) * FINE;
  const unsigned f = (unsigned) fine;
  const float part = (float) (fine - f);
  const float *low = self->kernel->weight[f],
              *high = self->kernel->weight[f + 1];
  const int64_t first = (int64_t) whole - HALF + 1;
  float lane[8] = { 0 }, x[POINTS];

  if (first < 0)
    return 0;
  for (unsigned j = 0; j < POINTS; j++)
    x[j] = self->line[(size_t) (first + j) & self->mask];
  for (unsigned j = 0; j < POINTS; j += 8)
    for (unsigned i = 0; i < 8; i++)
      lane[i] += x[j + i] * (low[j + i] + part * (high[j + i] - low[j + i]));
  return ((lane[0] + lane[4]) + (lane[1] + lane[5]))
      + ((lane[2] + lane[6]) + (lane[3] + lane[7]));
}

void
dmix_doppler_process (DmixDoppler *self, float *io, unsigned at,
    unsigned frames)
{
  const uint64_t first = (self->steps - 1) * self->step + at;

  /* frame 0 is at POINTS: the kernel reads frames before it */
  for (unsigned i = 0; i < frames; i++)
    self->line[(size_t) (first + i + POINTS) & self->mask] = io[i];
  for (unsigned i = 0; i < frames; i++)
    io[i] = read_line (self, emission (self, (double) (first + i)) + POINTS);
}

unsigned
dmix_doppler_tail_frames (const DmixDoppler *self)
{
  return (unsigned) ceil (self->distance) + HALF;
}

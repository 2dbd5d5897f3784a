/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a line of gain counts with the mean of its two ends in dB, which is the
 * level of a power that is their product. Products are collected and converted
 * to decibels in batches. The minimum of a line is one of its ends.
 */
#include "dynamics/dynamicsmeter.h"

#include "base/units.h"
#include "base/decibel.h"
#include "base/level.h"

#include <math.h>
#include <string.h>

void
dmix_dynamicsmeter_reset (DmixDynamicsMeterState *self)
{
  memset (self, 0, sizeof *self);
  self->lowest = INFINITY;
}

void
dmix_dynamicsmeter_work_out (DmixDynamicsMeterState *self)
{
  double sum = 0.0, weight = 0.0;

  dmix_decibel_from_power (self->product, self->gains);
  for (unsigned i = 0; i < self->gains; i++) {
    sum += self->product[i] * self->weight[i];
    weight += self->weight[i];
  }
  self->gain_db_sum += sum;
  self->gain_weight += weight;
  self->gains = 0;
}

/* The lowest gain stays in a variable: through the memory each comparison would wait
 * for the store of the one before. */
void
dmix_dynamicsmeter_add_lines (DmixDynamicsMeterState *self, const float *gain,
    size_t frames, unsigned step_frames, unsigned at, float per_rest)
{
  float lowest = self->lowest;

  while (frames > 0) {
    unsigned count = self->gains;

    for (size_t n; frames > 0 && count < DMIX_DYNAMICSMETER_GAINS; count++) {
      n = DMIX_MIN (frames, step_frames - at);
      const float from = gain[0] * per_rest, to = gain[n - 1] * per_rest;

      self->product[count] = from * to;
      self->weight[count] = (float) (int) n;
      lowest = dmix_smaller (dmix_smaller (from, to), lowest);
      gain += n;
      frames -= n;
      at = 0;
    }
    self->gains = count;
    if (count == DMIX_DYNAMICSMETER_GAINS)
      dmix_dynamicsmeter_work_out (self);
  }
  self->lowest = lowest;
}

void
dmix_dynamicsmeter_add_levels (DmixDynamicsLevels *levels, const float *x,
    unsigned channels, size_t frames)
{
  float peak[DMIX_MAX_CHANNELS], energy[DMIX_MAX_CHANNELS];

  dmix_level_both (x, channels, frames, peak, energy);
  for (unsigned c = 0; c < channels; c++) {
    levels->peak[c] = DMIX_MAX (peak[c], levels->peak[c]);
    levels->energy[c] += energy[c];
  }
}

static double
db (double power)
{
  return power > 1e-20 ? dmix_db_from_power (power) : DMIX_DECIBEL_SILENCE;
}

static void
read_levels (const DmixDynamicsLevels *levels, unsigned channels, size_t frames,
    double *peak_db, double *rms_db)
{
  for (unsigned c = 0; c < channels; c++) {
    const double peak = levels->peak[c];

    peak_db[c] = db (peak * peak);
    rms_db[c] = frames ? db (levels->energy[c] / frames) : DMIX_DECIBEL_SILENCE;
  }
}

void
dmix_dynamicsmeter_read (DmixDynamicsMeterState *self, unsigned channels,
    float rest, DmixDynamicsMeter *meter)
{
  dmix_dynamicsmeter_work_out (self);
  memset (meter, 0, sizeof *meter);
  meter->frames = self->frames;
  if (self->gain_weight > 0.0) {
    meter->gain_min_db = db ((double) self->lowest * self->lowest);
    meter->gain_mean_db = self->gain_db_sum / self->gain_weight;
  }
  meter->rest_db = db ((double) rest * rest);
  read_levels (&self->in, channels, self->frames, meter->in_peak_db,
      meter->in_rms_db);
  read_levels (&self->out, channels, self->frames, meter->out_peak_db,
      meter->out_rms_db);
  dmix_dynamicsmeter_reset (self);
}

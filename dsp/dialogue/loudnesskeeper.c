/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: mean squares of both signals (ITU-R BS.1770-5) as leaky means of equal
 * weight at first, with a time constant of MEAN_S later; the gain is their
 * ratio. Steps below the absolute gate of BS.1770 do not count.
 *
 * State
 *   lane[]    channels that count; energy[]: of the original ones in this step,
 *             then of the changed ones
 *   mean[]    of the original and the changed mix
 *   counted   steps in the means, up to the time constant
 */
#include "dialogue/loudnesskeeper.h"

#include "base/units.h"
#include "meter/kweight.h"

#include <stdlib.h>
#include <string.h>

#define MEAN_S 30.0
#define GATE_LUFS -70.0
#define MOST_DB 24.0

struct DmixLoudnessKeeper
{
  DmixFormat format;
  unsigned step_frames, lanes;
  unsigned channel[DMIX_MAX_CHANNELS];
  double weight[DMIX_MAX_CHANNELS];
  DmixKWeight *filter[2];
  double energy[2][DMIX_MAX_CHANNELS];
  double mean[2], counted, most, gate;
};

DmixLoudnessKeeper *
dmix_loudnesskeeper_new (const DmixFormat *format, const float *weight,
    unsigned step_frames)
{
  DmixLoudnessKeeper *self;

  if (!dmix_format_is_valid (format) || step_frames == 0
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->step_frames = step_frames;
  for (unsigned c = 0; c < format->channels; c++)
    if (!weight || weight[c] > 0.0f) {
      self->weight[self->lanes] = weight ? weight[c] : 1.0;
      self->channel[self->lanes++] = c;
    }
  self->most = fmax (1.0, MEAN_S * format->rate_hz / step_frames);
  self->gate = dmix_kweight_mean_square (GATE_LUFS);
  for (unsigned i = 0; i < 2; i++) {
    self->filter[i] =
        dmix_kweight_new (format->rate_hz, self->lanes ? self->lanes : 1);
    if (!self->filter[i]) {
      dmix_loudnesskeeper_free (self);
      return NULL;
    }
  }
  dmix_loudnesskeeper_reset (self);
  return self;
}

void
dmix_loudnesskeeper_free (DmixLoudnessKeeper *self)
{
  if (!self)
    return;
  dmix_kweight_free (self->filter[0]);
  dmix_kweight_free (self->filter[1]);
  free (self);
}

void
dmix_loudnesskeeper_reset (DmixLoudnessKeeper *self)
{
  dmix_kweight_reset (self->filter[0]);
  dmix_kweight_reset (self->filter[1]);
  memset (self->energy, 0, sizeof self->energy);
  self->mean[0] = self->mean[1] = self->counted = 0.0;
}

void
dmix_loudnesskeeper_add (DmixLoudnessKeeper *self, const float *original,
    const float *changed, size_t frames)
{
  const float *lane[2][DMIX_MAX_CHANNELS];

  if (self->lanes == 0)
    return;
  for (unsigned l = 0; l < self->lanes; l++) {
    lane[0][l] = original + self->channel[l];
    lane[1][l] = changed + self->channel[l];
  }
  for (unsigned i = 0; i < 2; i++)
    dmix_kweight_process (self->filter[i], lane[i], self->format.channels,
        frames, self->energy[i]);
}

double
dmix_loudnesskeeper_step (DmixLoudnessKeeper *self)
{
  double sum[2] = { 0.0, 0.0 };

  for (unsigned i = 0; i < 2; i++) {
    for (unsigned l = 0; l < self->lanes; l++) {
      sum[i] += self->weight[l] * self->energy[i][l];
      self->energy[i][l] = 0.0;
    }
    sum[i] /= self->step_frames;
    dmix_kweight_settle (self->filter[i]);
  }
  if (sum[0] > self->gate) {
    if (self->counted < self->most)
      self->counted++;
    for (unsigned i = 0; i < 2; i++)
      self->mean[i] += (sum[i] - self->mean[i]) / self->counted;
  }
  if (!(self->mean[0] > 0.0 && self->mean[1] > 0.0)
      || self->mean[0] == self->mean[1])
    return 0.0;
  return dmix_clamp (dmix_db_from_power (self->mean[0] / self->mean[1]),
      -MOST_DB, MOST_DB);
}

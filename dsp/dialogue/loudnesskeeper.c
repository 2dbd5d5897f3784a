/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the loudness of both signals as integrated loudness (ITU-R BS.1770-5):
 * blocks of 400 ms every 100 ms, above -70 LUFS and within 10 LU of the mean of
 * these; but older blocks fade with a time constant of MEAN_S. The gain is the
 * difference. Both begin with half a second of programme that the expected gain has
 * changed, so that the first phrase is not louder than the others.
 *
 * State
 *   channel[] of each lane that counts; energy[]: of the original ones, then of the
 *             changed ones, in this step
 *   part[]    sums of the last four parts of 100 ms; steps in the newest
 *   all, gated   leaky sums of the blocks, and of those above the relative gate
 *   expected  change of the loudness before any sound is known, as a factor
 */
#include "dialogue/loudnesskeeper.h"

#include "base/units.h"
#include "meter/kweight.h"

#include <stdlib.h>
#include <string.h>

#define MEAN_S 30.0
#define PARTS 4
#define PART_S 0.1
#define GATE_LUFS -70.0
#define RELATIVE 0.1 /* 10 LU */
#define PRIOR_LUFS -27.0
#define PRIOR_BLOCKS 5.0
#define MOST_DB 24.0

typedef struct
{
  double sum, count;
} Mean;

struct DmixLoudnessKeeper
{
  DmixFormat format;
  unsigned step_frames, lanes, part_steps;
  unsigned channel[DMIX_MAX_CHANNELS];
  double weight[DMIX_MAX_CHANNELS];
  DmixKWeight *filter[2];
  double energy[2][DMIX_MAX_CHANNELS];
  double part[2][PARTS];
  unsigned steps, at, filled;
  Mean all[2], gated[2];
  double expected, keep, gate, prior, gain_db;
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
  self->part_steps =
      (unsigned) fmax (1.0, round (PART_S * format->rate_hz / step_frames));
  self->keep = exp (-PART_S / MEAN_S);
  self->gate = dmix_kweight_mean_square (GATE_LUFS);
  self->prior = dmix_kweight_mean_square (PRIOR_LUFS);
  self->expected = 1.0;
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

/* The mean of blocks of signal i and of the programme at the start. */
static double
mean_of (const DmixLoudnessKeeper *self, const Mean *blocks, unsigned i)
{
  const double prior = self->prior * (i ? self->expected : 1.0);

  return (blocks->sum + PRIOR_BLOCKS * prior) / (blocks->count + PRIOR_BLOCKS);
}

/* The gain that makes both loudnesses equal, dB. */
static double
gain (const DmixLoudnessKeeper *self)
{
  double mean[2];

  for (unsigned i = 0; i < 2; i++)
    mean[i] = mean_of (self, &self->gated[i], i);
  if (mean[0] == mean[1])
    return 0.0;
  return dmix_clamp (dmix_db_from_power (mean[0] / mean[1]), -MOST_DB, MOST_DB);
}

void
dmix_loudnesskeeper_reset (DmixLoudnessKeeper *self)
{
  dmix_kweight_reset (self->filter[0]);
  dmix_kweight_reset (self->filter[1]);
  memset (self->energy, 0, sizeof self->energy);
  memset (self->part, 0, sizeof self->part);
  memset (self->all, 0, sizeof self->all);
  memset (self->gated, 0, sizeof self->gated);
  self->steps = self->at = self->filled = 0;
  self->gain_db = gain (self);
}

void
dmix_loudnesskeeper_set_expected (DmixLoudnessKeeper *self, double change_db)
{
  self->expected =
      dmix_power_from_db (dmix_clamp (change_db, -MOST_DB, MOST_DB));
  self->gain_db = gain (self);
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

static void
count (Mean *mean, double keep, double block)
{
  mean->sum = keep * mean->sum + block;
  mean->count = keep * mean->count + 1.0;
}

/* A part of 100 ms is complete: a block ends with it. */
static void
end_part (DmixLoudnessKeeper *self)
{
  const double parts = (double) PARTS * self->part_steps;

  self->steps = 0;
  self->at = (self->at + 1) % PARTS;
  self->filled += self->filled < PARTS;
  for (unsigned i = 0; i < 2; i++) {
    double block = 0.0;

    for (unsigned p = 0; p < PARTS; p++)
      block += self->part[i][p] / parts;
    self->part[i][self->at] = 0.0;
    if (self->filled < PARTS || block < self->gate)
      continue;
    count (&self->all[i], self->keep, block);
    if (block > RELATIVE * mean_of (self, &self->all[i], i))
      count (&self->gated[i], self->keep, block);
  }
  self->gain_db = gain (self);
}

double
dmix_loudnesskeeper_step (DmixLoudnessKeeper *self)
{
  for (unsigned i = 0; i < 2; i++) {
    double sum = 0.0;

    for (unsigned l = 0; l < self->lanes; l++) {
      sum += self->weight[l] * self->energy[i][l];
      self->energy[i][l] = 0.0;
    }
    self->part[i][self->at] += sum / self->step_frames;
    dmix_kweight_settle (self->filter[i]);
  }
  if (++self->steps == self->part_steps)
    end_part (self);
  return self->gain_db;
}

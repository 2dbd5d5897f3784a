/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Meter of the dynamics processor: gains and levels of its output. The state is
 * a plain struct, private to dynamics.c.
 */
#ifndef DMIX_DYNAMICSMETER_H
#define DMIX_DYNAMICSMETER_H

#include "base/format.h"
#include "base/units.h"

#include <stddef.h>

/* The output since the last reading, dB; silence reads -200. */
typedef struct
{
  size_t frames;
  double gain_min_db, gain_mean_db; /* of all channels; what the level did:
                                           makeup is not in it */
  double rest_db;                   /* the gain that sound has that the curve
                                   leaves alone: makeup and mix; together with
                                   the above it is the applied gain */
  double in_peak_db[DMIX_MAX_CHANNELS], in_rms_db[DMIX_MAX_CHANNELS];
  double out_peak_db[DMIX_MAX_CHANNELS], out_rms_db[DMIX_MAX_CHANNELS];
} DmixDynamicsMeter;

/* Gains collected before their decibels are computed in one pass. */
#define DMIX_DYNAMICSMETER_GAINS 64

typedef struct
{
  float peak[DMIX_MAX_CHANNELS];
  double energy[DMIX_MAX_CHANNELS];
} DmixDynamicsLevels;

typedef struct
{
  DmixDynamicsLevels in, out;
  size_t frames;
  double gain_db_sum, gain_weight;         /* weight: frames * lanes */
  float lowest;                            /* gain over rest */
  float product[DMIX_DYNAMICSMETER_GAINS]; /* of the two ends of a line */
  float weight[DMIX_DYNAMICSMETER_GAINS];
  unsigned gains;
} DmixDynamicsMeterState;

void dmix_dynamicsmeter_reset (DmixDynamicsMeterState *self);

/* Computes the decibels of the collected gains; called by
 * dmix_dynamicsmeter_add_gain(). */
void dmix_dynamicsmeter_work_out (DmixDynamicsMeterState *self);

/* Adds a gain line from..to (linear, relative to the rest gain) of some
 * frames. */
static inline void
dmix_dynamicsmeter_add_gain (DmixDynamicsMeterState *self, float from, float to,
    unsigned frames)
{
  const unsigned at = self->gains;

  self->product[at] = from * to;
  self->weight[at] = (float) frames;
  self->lowest = dmix_smaller (dmix_smaller (from, to), self->lowest);
  self->gains = at + 1;
  if (at + 1 == DMIX_DYNAMICSMETER_GAINS)
    dmix_dynamicsmeter_work_out (self);
}

/* The same of the gains of `frames` frames, which are a line in each step: of
 * step_frames frames, the first one from its frame `at` on. per_rest: 1 / the rest
 * gain. */
void dmix_dynamicsmeter_add_lines (DmixDynamicsMeterState *self,
    const float *gain, size_t frames, unsigned step_frames, unsigned at,
    float per_rest);

void dmix_dynamicsmeter_add_levels (DmixDynamicsLevels *levels, const float *x,
    unsigned channels, size_t frames);

/* Reads the meter and starts a new interval. rest: present rest gain. */
void dmix_dynamicsmeter_read (DmixDynamicsMeterState *self, unsigned channels,
    float rest, DmixDynamicsMeter *meter);

#endif

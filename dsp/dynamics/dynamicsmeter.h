/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What dynamics.c tells about the frames it puts out. A plain struct, private
 * to it.
 */
#ifndef DMIX_DYNAMICSMETER_H
#define DMIX_DYNAMICSMETER_H

#include "base/format.h"

#include <stddef.h>

/* About the frames that were put out since the last reading. dB; silence
 * reads -200. */
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

/* Gains that are kept until their decibels are worked out together. */
#define DMIX_DYNAMICSMETER_GAINS 128

typedef struct
{
  float peak[DMIX_MAX_CHANNELS];
  double energy[DMIX_MAX_CHANNELS];
} DmixDynamicsLevels;

typedef struct
{
  DmixDynamicsLevels in, out;
  size_t frames;
  double gain_db_sum, gain_weight; /* weight: frames * lanes */
  float gain_min_db;
  float power[DMIX_DYNAMICSMETER_GAINS]; /* squares of gains over rest */
  float weight[DMIX_DYNAMICSMETER_GAINS];
  unsigned gains;
} DmixDynamicsMeterState;

void dmix_dynamicsmeter_reset (DmixDynamicsMeterState *self);

/* A line of gain (linear, over that at rest) from..to over some frames. */
void dmix_dynamicsmeter_add_gain (DmixDynamicsMeterState *self, float from,
    float to, unsigned frames);

void dmix_dynamicsmeter_add_levels (DmixDynamicsLevels *levels, const float *x,
    unsigned channels, size_t frames);

/* rest: the gain at rest now. Starts a new interval. */
void dmix_dynamicsmeter_read (DmixDynamicsMeterState *self, unsigned channels,
    float rest, DmixDynamicsMeter *meter);

#endif

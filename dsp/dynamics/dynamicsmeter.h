/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What dynamics.c tells about the frames it puts out. A plain struct, private
 * to it.
 */
#ifndef DMIX_DYNAMICSMETER_H
#define DMIX_DYNAMICSMETER_H

#include "dynamics/dynamics.h"

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
void dmix_dynamicsmeter_gain (DmixDynamicsMeterState *self, float from,
    float to, unsigned frames);

void dmix_dynamicsmeter_levels (DmixDynamicsLevels *levels, const float *x,
    unsigned channels, size_t frames);

/* rest: the gain at rest now. Starts a new interval. */
void dmix_dynamicsmeter_read (DmixDynamicsMeterState *self, unsigned channels,
    float rest, DmixDynamicsMeter *meter);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Gain decisions of dynamics.c for one set of parameters. It holds no audio.
 * dynamics.c keeps two engines; for a change one takes over the state of the
 * other with new parameters, and their gains are cross-faded. Private to
 * dynamics.c and its tests.
 *
 * Input comes in whole steps. Step k of the input decides on the gain at
 * the start of step k + 2 - lag_steps: between two steps gains go in straight
 * lines, so that is the gain of the last frame of step k + 1 - lag_steps.
 */
#ifndef DMIX_DYNAMICSENGINE_H
#define DMIX_DYNAMICSENGINE_H

#include "base/format.h"
#include "dynamics/dynamicsparams.h"

#include <stdint.h>

typedef struct DmixDynamicsEngine DmixDynamicsEngine;

/* Most steps to be processed at a time. */
#define DMIX_DYNAMICSENGINE_MOST_STEPS 64u

/* Bypassed at first. Returns NULL on bad arguments or if memory is short. */
DmixDynamicsEngine *dmix_dynamicsengine_new (const DmixFormat *format,
    const float *loudness_weight);
void dmix_dynamicsengine_free (DmixDynamicsEngine *self);

/* To silence; the next step is number `step`. params: within their ranges. */
void dmix_dynamicsengine_reset (DmixDynamicsEngine *self,
    const DmixDynamicsParams *params, uint64_t step);

/* Takes over levels, gains and pending decisions of `from`, with other
 * parameters. */
void dmix_dynamicsengine_take_over (DmixDynamicsEngine *self,
    const DmixDynamicsEngine *from, const DmixDynamicsParams *params);

/* in: up to DMIX_DYNAMICSENGINE_MOST_STEPS whole steps of clean samples. */
void dmix_dynamicsengine_process (DmixDynamicsEngine *self, const float *in,
    unsigned steps);

/* Channels whose gains differ: 1 if one gain serves all, else all of them. */
unsigned dmix_dynamicsengine_get_lanes (const DmixDynamicsEngine *self);

/* Ring of linear gains of a lane; the gain at the start of step k has index
 * k modulo dmix_dynamicsengine_ring_steps (). */
const float *dmix_dynamicsengine_get_gain (const DmixDynamicsEngine *self,
    unsigned lane);

/* Rest gain: makeup and mix without any reduction, linear. */
float dmix_dynamicsengine_get_rest (const DmixDynamicsEngine *self);

unsigned dmix_dynamicsengine_lag_steps (const DmixDynamicsEngine *self);

/* Frames of a step at this rate: 1/6000 s, rounded, at least 1. */
unsigned dmix_dynamicsengine_step_frames (unsigned rate_hz);

/* Steps of look-ahead that the gain computer sees; their maximum. */
unsigned dmix_dynamicsengine_ahead_steps (unsigned rate_hz,
    const DmixDynamicsParams *params);
unsigned dmix_dynamicsengine_most_ahead_steps (unsigned rate_hz);

/* Delay of the true-peak filter of a limiter, in steps. */
unsigned dmix_dynamicsengine_filter_steps (unsigned rate_hz);

/* Length of the gain ring, in steps; a power of two. */
unsigned dmix_dynamicsengine_ring_steps (unsigned rate_hz);

/* Delay of the audio for a set of parameters, in frames; its maximum. */
unsigned dmix_dynamicsengine_latency_frames (unsigned rate_hz,
    const DmixDynamicsParams *params);
unsigned dmix_dynamicsengine_most_latency_frames (unsigned rate_hz);

#endif

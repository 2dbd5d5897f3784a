/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* How dsp/dynamics.c divides time: lengths in frames and steps that follow
 * from rate and parameters. Private to it and its engine.
 */
#ifndef DMIX_DYNAMICSTIME_H
#define DMIX_DYNAMICSTIME_H

#include "dynamics/dynamics.h"

/* Frames of a step at this rate: 1/6000 s, rounded, at least 1. */
unsigned dmix_dynamicstime_step_frames (unsigned rate_hz);

/* Steps that a look-ahead can work with; the most there can be. */
unsigned dmix_dynamicstime_ahead_steps (unsigned rate_hz,
    const DmixDynamicsParams *params);
unsigned dmix_dynamicstime_most_ahead_steps (unsigned rate_hz);

/* Delay of the true-peak filter of a limiter, in steps. */
unsigned dmix_dynamicstime_filter_steps (unsigned rate_hz);

/* Steps of which gains are kept; a power of two. */
unsigned dmix_dynamicstime_ring_steps (unsigned rate_hz);

/* The delay that the sound needs for a set of parameters, in frames; the
 * longest there can be. */
unsigned dmix_dynamicstime_latency_frames (unsigned rate_hz,
    const DmixDynamicsParams *params);
unsigned dmix_dynamicstime_most_latency_frames (unsigned rate_hz);

#endif

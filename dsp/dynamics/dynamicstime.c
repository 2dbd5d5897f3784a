/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Timing. Sound is delayed by N frames, the look-ahead, and, limiting, by whole
 * steps for the true-peak filter. When the first frame of a step leaves, the
 * M = floor ((N + 1) / step_frames) steps from it on are known: they are what
 * a look-ahead can work with. With M < 2 gains come up to two steps late; so a
 * limiter has two steps of look-ahead of its own.
 */
#include "dynamics/dynamicstime.h"

#include "dynamics/dynamicsengine.h"
#include "meter/truepeak.h"

#include <math.h>

#define STEPS_PER_S 6000.0
#define LIMIT_STEPS 2 /* look-ahead that a limiter must have */

static const DmixDynamicsParams longest = {
  .mode = DMIX_DYNAMICS_LIMIT,
  .lookahead_ms = DMIX_DYNAMICS_MAX_LOOKAHEAD_MS,
};

unsigned
dmix_dynamicstime_step_frames (unsigned rate_hz)
{
  return (unsigned) fmax (1.0, round (rate_hz / STEPS_PER_S));
}

static unsigned
lookahead_frames (unsigned rate_hz, const DmixDynamicsParams *params)
{
  unsigned frames = (unsigned) lround (params->lookahead_ms * rate_hz / 1000.0);

  if (params->mode == DMIX_DYNAMICS_LIMIT)
    frames += LIMIT_STEPS * dmix_dynamicstime_step_frames (rate_hz);
  return frames;
}

unsigned
dmix_dynamicstime_ahead_steps (unsigned rate_hz,
    const DmixDynamicsParams *params)
{
  return (lookahead_frames (rate_hz, params) + 1)
      / dmix_dynamicstime_step_frames (rate_hz);
}

unsigned
dmix_dynamicstime_most_ahead_steps (unsigned rate_hz)
{
  return dmix_dynamicstime_ahead_steps (rate_hz, &longest);
}

unsigned
dmix_dynamicstime_filter_steps (unsigned rate_hz)
{
  const unsigned step = dmix_dynamicstime_step_frames (rate_hz);

  return (DMIX_TRUEPEAK_REACH + step - 1) / step;
}

unsigned
dmix_dynamicstime_ring_steps (unsigned rate_hz)
{
  const unsigned needed = 2
          * (dmix_dynamicstime_most_ahead_steps (rate_hz)
              + dmix_dynamicstime_filter_steps (rate_hz)
              + DMIX_DYNAMICSENGINE_MOST_STEPS)
      + 16;
  unsigned ring = 1;

  while (ring < needed)
    ring *= 2;
  return ring;
}

unsigned
dmix_dynamicstime_latency_frames (unsigned rate_hz,
    const DmixDynamicsParams *params)
{
  const unsigned filter = params->mode == DMIX_DYNAMICS_LIMIT
      ? dmix_dynamicstime_filter_steps (rate_hz)
          * dmix_dynamicstime_step_frames (rate_hz)
      : 0;

  return filter + lookahead_frames (rate_hz, params);
}

unsigned
dmix_dynamicstime_most_latency_frames (unsigned rate_hz)
{
  return dmix_dynamicstime_latency_frames (rate_hz, &longest);
}

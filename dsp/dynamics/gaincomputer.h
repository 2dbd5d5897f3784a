/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The static curve of a compressor, expander, gate or upward compressor: from
 * the level of the sound to the gain it gets, both in dB. No memory.
 *
 * d = level - threshold. Between -knee/2 and +knee/2 the curve is a parabola
 * that meets both straight lines without a bend.
 *   compress   gain = (1/ratio - 1) d    above, 0 below
 *   upward     gain = (1/ratio - 1) d    below, 0 above
 *   expand     gain = (ratio - 1) d      below, 0 above
 *   gate       gain = -range             below, 0 above; over the knee
 *              -range u^2 (3 - 2u), u from 0 at its upper to 1 at its lower end
 * and |gain| <= range.
 *
 * D. Giannoulis, M. Massberg, J. D. Reiss, "Digital dynamic range compressor
 * design - a tutorial and analysis", J. Audio Eng. Soc. 60(6), 2012, eq. 4.
 */
#ifndef DMIX_GAINCOMPUTER_H
#define DMIX_GAINCOMPUTER_H

#include "dynamics/dynamicsparams.h"

#include <stddef.h>

typedef struct
{
  int gate;
  float side;           /* 1: acts above, -1: below the threshold */
  float start;          /* side * level at which the curve begins */
  float knee, per_knee; /* width; gate: its inverse, else half of it */
  float slope;          /* gain per dB beyond the knee */
  float range;
} DmixGainComputer;

/* Of `params` only mode, threshold, ratio, knee and range count, which must be
 * within their ranges. Mode limit gives a gain of 0 dB. */
void dmix_gaincomputer_init (DmixGainComputer *self,
    const DmixDynamicsParams *params);

/* Level in, gain out, in place, dB. */
void dmix_gaincomputer_process (const DmixGainComputer *self, float *db,
    size_t count);

#endif

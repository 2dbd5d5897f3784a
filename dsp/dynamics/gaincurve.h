/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The gain curve of dynamics.c over time, and its application to the audio.
 * Private to it.
 *
 * Gains are set at the borders of steps, numbered by the audio they belong to:
 * border j is at the first frame of step j. Between two borders a gain goes in
 * a straight line, which ends on the last frame of the step. A border has one
 * gain for all channels ("shared") or one for each.
 */
#ifndef DMIX_GAINCURVE_H
#define DMIX_GAINCURVE_H

#include "dynamics/dynamicsmeter.h"

#include <stdint.h>

typedef struct
{
  int shared; /* one gain serves all channels */
  float rest; /* gain without any reduction, > 0 */
} DmixGainCurveBorder;

typedef struct DmixGainCurve DmixGainCurve;

/* borders: length of the ring, a power of two; most_frames: frames per call.
 * Returns NULL if memory is short. */
DmixGainCurve *dmix_gaincurve_new (unsigned channels, unsigned step_frames,
    unsigned borders, size_t most_frames);
void dmix_gaincurve_free (DmixGainCurve *self);

/* Sets borders first to first + count - 1, all of them `what`, for a channel (0
 * if shared). gain: a ring in which border j has index j modulo `borders`. */
void dmix_gaincurve_set_gains (DmixGainCurve *self, uint64_t first,
    unsigned count, DmixGainCurveBorder what, unsigned channel,
    const float *gain);

/* The same for one border, of two rings, one fading into the other: a + w (b -
 * a). */
void dmix_gaincurve_set_mix (DmixGainCurve *self, uint64_t border,
    DmixGainCurveBorder what, unsigned channel, const float *a, const float *b,
    float w);

/* out = x * gain for frames from number `frame` on; a gain of 1 changes no
 * bit. All borders from the first frame's to the one behind the last must have
 * been set. meter: receives the gains, or NULL. Returns the rest gain at the
 * end. */
float dmix_gaincurve_process (DmixGainCurve *self, float *out, const float *x,
    uint64_t frame, size_t frames, DmixDynamicsMeterState *meter);

#endif

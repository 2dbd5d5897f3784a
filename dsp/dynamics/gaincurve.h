/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The gains of dsp/dynamics.c over time, and how they get onto the sound.
 * Private to it.
 *
 * Gains are given at the borders of steps, numbered by the sound they belong
 * to: border j is at the first frame of step j. Between two borders a gain
 * goes in a straight line, which ends on the last frame of the step. A border has
 * one gain for all channels ("shared") or one for each.
 */
#ifndef DMIX_GAINCURVE_H
#define DMIX_GAINCURVE_H

#include "dynamics/dynamicsmeter.h"

#include <stdint.h>

typedef struct
{
  int shared; /* one gain serves all channels */
  float rest; /* gain of sound that no curve touches, > 0 */
} DmixGainCurveBorder;

typedef struct DmixGainCurve DmixGainCurve;

/* borders: that are kept, a power of two; most_frames: at a time.
 * Returns NULL if memory is short. */
DmixGainCurve *dmix_gaincurve_new (unsigned channels, unsigned step_frames,
    unsigned borders, size_t most_frames);
void dmix_gaincurve_free (DmixGainCurve *self);

/* Fills in borders first to first + count - 1, all of them `what`, with the
 * gains of a channel (0 if shared): gain is a ring like the one in here, where
 * border j lies at j modulo `borders`. */
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
 * been filled in. meter: is told about the gains; or NULL. Returns the rest
 * gain at the end. */
float dmix_gaincurve_process (DmixGainCurve *self, float *out, const float *x,
    uint64_t frame, size_t frames, DmixDynamicsMeterState *meter);

#endif

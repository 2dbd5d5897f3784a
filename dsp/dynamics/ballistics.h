/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Ballistics of one lane of dynamicsengine.c (a channel, or all channels that
 * share a gain): from the target gain of the gain computer to the linear gain
 * at the borders of the steps. Private to it.
 *
 * A "value" is the gain, dB, in modes that lower loud sound, and the negative
 * gain in modes that lower soft sound (expand, gate). So values always fall as
 * sound gets louder, and the lowest value suits the loudest sound.
 *
 *   target value -> hold, attack, release -> look-ahead -> makeup, mix -> gain
 *
 * Step k of the input decides the gain at border k + 2 - ahead_steps,
 * border j being the first frame of step j.
 */
#ifndef DMIX_BALLISTICS_H
#define DMIX_BALLISTICS_H

#include "dynamics/envelope.h"

#include <stdint.h>

typedef struct DmixBallistics DmixBallistics;

typedef struct
{
  DmixEnvelopeTimes times;
  unsigned ahead_steps;  /* below 2: no look-ahead */
  float side;            /* 1, or -1: the value is the negative gain */
  float lowest, highest; /* possible values */
  float makeup, mix;     /* linear; 0 to 1 */
  int bypass;            /* gain 1 */
} DmixBallisticsSettings;

/* ring_steps: steps that are kept, a power of two, at least 2 *
 * most_ahead_steps + 4 and the most steps at a time more.
 * Returns NULL if memory is short. */
DmixBallistics *dmix_ballistics_new (unsigned ring_steps,
    unsigned most_ahead_steps);
void dmix_ballistics_free (DmixBallistics *self);

/* To rest on the target `value`. step: number of the next step. */
void dmix_ballistics_reset (DmixBallistics *self,
    const DmixBallisticsSettings *settings, float value, uint64_t step);

/* Takes over the state of `from`, with other settings. step: number of the next
 * step; later values of `from` are dropped, missing ones repeat its last. */
void dmix_ballistics_take_over (DmixBallistics *self,
    const DmixBallistics *from, const DmixBallisticsSettings *settings,
    uint64_t step);

/* value: targets of the next steps; overwritten. */
void dmix_ballistics_process (DmixBallistics *self, float *value,
    unsigned steps);

/* Ring of linear gains; that of border j lies at j modulo ring_steps. */
const float *dmix_ballistics_get_gain (const DmixBallistics *self);

#endif

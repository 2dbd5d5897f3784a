/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A value that glides to its target in steps, so that moving a control does
 * not click: one pole, 63 % of the way after `time_s`, and exactly on the
 * target in the end. A plain struct, for it is part of other processors.
 */
#ifndef DMIX_SMOOTH_H
#define DMIX_SMOOTH_H

typedef struct
{
  double value, target;
  double share; /* of the remaining way, made in one step */
} DmixSmooth;

/* step_s, time_s: > 0. Starts resting on `value`. */
void dmix_smooth_init (DmixSmooth *self, double value, double time_s,
    double step_s);

/* To rest on the target now. */
void dmix_smooth_jump (DmixSmooth *self);

/* One step; returns the new value. */
double dmix_smooth_step (DmixSmooth *self);

/* The share of the remaining way made in step_s with the time constant
 * time_s (63 %); 1 for time_s <= 0. */
double dmix_smooth_share (double time_s, double step_s);

#endif

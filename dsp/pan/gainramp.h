/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Gains of one sound to many channels, that glide: each goes to its target
 * through two one-pole filters in a row, in steps, and within steps along a
 * curve that has no corners. A jump is 99 % done after 7 time constants; a
 * constant speed is followed 2 time constants and a step later.
 */
#ifndef DMIX_GAINRAMP_H
#define DMIX_GAINRAMP_H

#include <stddef.h>

typedef struct DmixGainRamp DmixGainRamp;

/* channels: 1 or more; step: frames. NULL if memory is short. */
DmixGainRamp *dmix_gainramp_new (unsigned channels, unsigned step,
    double time_frames);
void dmix_gainramp_free (DmixGainRamp *self);
void dmix_gainramp_reset (DmixGainRamp *self);

/* Linear gains to glide to; the first ones after a reset are there at once. */
void dmix_gainramp_set_gains (DmixGainRamp *self, const double *gain);

/* The next step begins. */
void dmix_gainramp_step (DmixGainRamp *self);

/* Adds `sample` to each channel: to[c * stride] and on, for the frames `at`
 * and on of the step. */
void dmix_gainramp_add (const DmixGainRamp *self, const float *sample,
    unsigned at, unsigned frames, float *to, size_t stride);

/* Non-zero if the gains stay as they are until the next
 * dmix_gainramp_set_gains(). */
int dmix_gainramp_is_at_rest (const DmixGainRamp *self);

/* While they rest, and if nothing else is to be added: puts the sound into
 * interleaved channels. NaN and all else that sanitize.h names become 0; else
 * the same bits as adding it to silence. */
void dmix_gainramp_process (const DmixGainRamp *self, const float *sample,
    size_t frames, float *out);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Gliding gains from one mono signal to many channels: each gain follows its
 * target through two one-pole filters in series, in steps, and within a step
 * along a curve without corners. A jump is 99 % done after 7 time constants; a
 * target of constant speed is followed with a lag of 2 time constants and a
 * step.
 */
#ifndef DMIX_GAINRAMP_H
#define DMIX_GAINRAMP_H

#include <stddef.h>

typedef struct DmixGainRamp DmixGainRamp;

/* channels: 1 or more; step: frames, 1 or more; time_frames: time constant of
 * each filter, frames. NULL on bad arguments or if memory is short. */
DmixGainRamp *dmix_gainramp_new (unsigned channels, unsigned step,
    double time_frames);
void dmix_gainramp_free (DmixGainRamp *self);
void dmix_gainramp_reset (DmixGainRamp *self);

/* Sets the targets, one linear gain for each channel. The first ones after a
 * reset take effect at once. */
void dmix_gainramp_set_gains (DmixGainRamp *self, const double *gain);

/* Begins the next step. */
void dmix_gainramp_step (DmixGainRamp *self);

/* Adds `sample` times the gains to all channels, from frame `at` of the step
 * on. The samples of channel c start at to[c * stride]. */
void dmix_gainramp_add (const DmixGainRamp *self, const float *sample,
    unsigned at, unsigned frames, float *to, size_t stride);

/* Non-zero if the gains are constant until the next dmix_gainramp_set_gains().
 */
int dmix_gainramp_is_at_rest (const DmixGainRamp *self);

/* Only at rest: writes `sample` times the gains to interleaved channels.
 * Samples that dmix_sanitize_clean() replaces become 0. Otherwise the bits are
 * those of dmix_gainramp_add() to silence. */
void dmix_gainramp_process (const DmixGainRamp *self, const float *sample,
    size_t frames, float *out);

#endif

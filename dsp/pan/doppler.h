/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Propagation delay of a moving source, and thereby the Doppler shift: the
 * frequency f of a source that approaches at speed v becomes f c / (c - v).
 *
 * A sample that the source emits at time t arrives at t + distance (t) / c: the
 * distance at the time of emission determines the delay. Fractions of a frame
 * are interpolated with a windowed sinc of 32 points (flat within 0.1 dB up to
 * 0.4 of the rate).
 */
#ifndef DMIX_DOPPLER_H
#define DMIX_DOPPLER_H

#include <stddef.h>

#define DMIX_DOPPLER_MAX_M 343.0     /* a delay of 1 s */
#define DMIX_DOPPLER_SPEED_M_S 343.0 /* c, speed of sound */

typedef struct DmixDoppler DmixDoppler;

/* The interpolation kernel, the same for all sources and rates: it has to live
 * longer than they do. NULL if memory is short. */
typedef struct DmixDopplerKernel DmixDopplerKernel;
DmixDopplerKernel *dmix_doppler_kernel_new (void);
void dmix_doppler_kernel_free (DmixDopplerKernel *self);

/* step: frames between two calls of dmix_doppler_set_distance(), 1 to 256. NULL
 * on bad arguments or if memory is short. */
DmixDoppler *dmix_doppler_new (const DmixDopplerKernel *kernel,
    unsigned rate_hz, unsigned step);
void dmix_doppler_free (DmixDoppler *self);
void dmix_doppler_reset (DmixDoppler *self);

/* Sets the distance at the end of the next step, clamped to DMIX_DOPPLER_MAX_M;
 * the delay is 16 frames at least. The first distance after a reset takes
 * effect at once. After that the speed is limited to half the speed of sound: a
 * jump becomes a glide. */
void dmix_doppler_set_distance (DmixDoppler *self, double distance_m);

/* Delays the frames from `at` on of the step, in place. All calls for a step
 * together must have `step` frames. */
void dmix_doppler_process (DmixDoppler *self, float *io, unsigned at,
    unsigned frames);

/* The current delay, rounded up, plus half of the kernel, frames. */
unsigned dmix_doppler_tail_frames (const DmixDoppler *self);

#endif

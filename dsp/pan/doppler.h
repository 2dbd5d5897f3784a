/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Propagation delay of a moving source, and with it the Doppler effect, f (c /
 * (c - v)) for a source that comes nearer at v.
 *
 * What leaves the source at time t arrives at t + distance (t) / c, exactly:
 * the distance at the time of emission counts. Sound that is delayed is
 * interpolated with a windowed sine cardinal of 32 points (flat within 0.1 dB
 * up to 0.4 of the rate).
 */
#ifndef DMIX_DOPPLER_H
#define DMIX_DOPPLER_H

#include <stddef.h>

#define DMIX_DOPPLER_MAX_M 343.0     /* one second */
#define DMIX_DOPPLER_SPEED_M_S 343.0 /* of sound */

typedef struct DmixDoppler DmixDoppler;

/* The interpolation kernel: the same for all sources and rates, so one serves
 * many of them, and has to outlive them. NULL if memory is short. */
typedef struct DmixDopplerKernel DmixDopplerKernel;
DmixDopplerKernel *dmix_doppler_kernel_new (void);
void dmix_doppler_kernel_free (DmixDopplerKernel *self);

/* step: frames between two distances, 1 to 256. NULL on bad arguments or if
 * memory is short. */
DmixDoppler *dmix_doppler_new (const DmixDopplerKernel *kernel,
    unsigned rate_hz, unsigned step);
void dmix_doppler_free (DmixDoppler *self);
void dmix_doppler_reset (DmixDoppler *self);

/* The distance at the end of the next step, 0 to DMIX_DOPPLER_MAX_M (beyond
 * it stays there); the first one after a reset is there at once. No source
 * moves faster than half the speed of sound: where the distance jumps, it
 * glides there. */
void dmix_doppler_set_distance (DmixDoppler *self, double distance_m);

/* Frames `at` and on of the step, in place. The sum of the frames of a step
 * is `step`. */
void dmix_doppler_process (DmixDoppler *self, float *io, unsigned at,
    unsigned frames);

/* The delay now, in frames, rounded up, and the points of the kernel. */
unsigned dmix_doppler_tail_frames (const DmixDoppler *self);

#endif

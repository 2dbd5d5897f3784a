/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Head-related transfer functions: measured pairs of impulse responses, from a
 * direction to both ears.
 *
 * Between measured directions, responses cannot simply be mixed: the sound
 * arrives earlier in one than in the other, and the mix is a comb filter.
 * So each response is stored with its delay; interpolation mixes aligned
 * responses, and delays apart (see hrtfbank.h).
 *
 * Where nothing is measured around a pole (below the listener, nearly always),
 * the mean of the responses around it stands for the pole, so that nothing
 * jumps there.
 *
 * After dmix_hrtf_new() nothing changes: one set may serve many processors in
 * many threads. Takes a tenth of a second or more: never call it where sound
 * has to go on.
 */
#ifndef DMIX_HRTF_H
#define DMIX_HRTF_H

#include "pan/vector.h"

#define DMIX_HRTF_MAX_TAPS 16384u

typedef struct DmixHrtf DmixHrtf;

/* A set of measurements. */
typedef struct
{
  unsigned measurements; /* 1 or more */
  unsigned taps;         /* length of each response */
  double rate_hz;
  const DmixVector *direction; /* [measurements], of any length > 0 */
  const float *response;       /* [measurements][2][taps]: left, right */
  const float *delay;          /* [measurements][2] frames that all responses
                                   are late by; NULL: 0 */
  int equal_level; /* scale all to the diffuse-field level of MIT KEMAR, so
                           that sets of different makers are equally loud */
} DmixHrtfData;

/* 0 for bad arguments: no or too many taps, delays that are negative or beyond
 * DMIX_HRTF_MAX_TAPS, numbers that are none. */
int dmix_hrtf_is_usable (const DmixHrtfData *data);

/* All is copied. Of measurements in one direction (within 0.05 degrees) the
 * first counts. NULL on bad arguments or if memory is short. */
DmixHrtf *dmix_hrtf_new (const DmixHrtfData *data);
void dmix_hrtf_free (DmixHrtf *self);

double dmix_hrtf_rate_hz (const DmixHrtf *self);
unsigned dmix_hrtf_taps (const DmixHrtf *self);

/* Number of directions, with those that stand for the poles. */
unsigned dmix_hrtf_directions (const DmixHrtf *self);
DmixVector dmix_hrtf_get_direction (const DmixHrtf *self, unsigned index);

/* The response of an ear (0 left, 1 right) as it was measured, but for the level
 * (`equal_level`). */
const float *dmix_hrtf_get_response (const DmixHrtf *self, unsigned index,
    unsigned ear);

/* Frames that the response is late by on top of what is in it. */
double dmix_hrtf_get_extra_delay (const DmixHrtf *self, unsigned index,
    unsigned ear);

/* When the sound arrives in the response, in frames, without the extra
 * delay: where it fits best to its minimum-phase version. */
double dmix_hrtf_get_arrival (const DmixHrtf *self, unsigned index,
    unsigned ear);

/* One half of the kernel that all banks resample the responses with: a sine
 * cardinal of DMIX_HRTF_KERNEL_CROSSINGS zero crossings with a Kaiser window,
 * DMIX_HRTF_KERNEL_POINTS points for each, and two zeros. */
#define DMIX_HRTF_KERNEL_CROSSINGS 40
#define DMIX_HRTF_KERNEL_POINTS 512
const float *dmix_hrtf_get_kernel (const DmixHrtf *self);

/* The longest filter that can come out, in frames: taps and delays. */
double dmix_hrtf_length_frames (const DmixHrtf *self);

/* The three directions around one, and weights of sum 1 (see sphere.h). */
void dmix_hrtf_find (const DmixHrtf *self, DmixVector direction, unsigned *hint,
    unsigned index[3], double weight[3]);

#endif

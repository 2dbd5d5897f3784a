/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Head-related transfer functions: measured pairs of impulse responses, from a
 * direction to both ears.
 *
 * A plain mix of the responses of two directions would be a comb filter,
 * because the sound arrives earlier in one than in the other. Therefore each
 * response has its arrival time, and hrtfbank.h interpolates aligned responses
 * and arrival times separately.
 *
 * A pole without a measurement near it (below the listener, nearly always) gets
 * the mean of the responses around it, so that filters change without a jump
 * there.
 *
 * A set is constant after dmix_hrtf_new(): any number of processors and threads
 * can share it. dmix_hrtf_new() takes a tenth of a second or more; do not call
 * it in a streaming thread.
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
  const float *delay;          /* [measurements][2]: delay of each response on
                                  top of its samples, frames; NULL: 0 */
  int equal_level; /* non-zero: scale the responses to the diffuse-field level of
                      MIT KEMAR, so that all sets are equally loud */
} DmixHrtfData;

/* Zero for bad arguments: taps of 0 or above DMIX_HRTF_MAX_TAPS, delays outside
 * 0 to DMIX_HRTF_MAX_TAPS, values that are not finite. */
int dmix_hrtf_is_usable (const DmixHrtfData *data);

/* Copies the data. Of measurements in the same direction (within 0.05 degrees)
 * it uses the first. Returns NULL on bad arguments or if memory is short. */
DmixHrtf *dmix_hrtf_new (const DmixHrtfData *data);
void dmix_hrtf_free (DmixHrtf *self);

double dmix_hrtf_rate_hz (const DmixHrtf *self);
unsigned dmix_hrtf_taps (const DmixHrtf *self);

/* Number of directions, including added poles. */
unsigned dmix_hrtf_directions (const DmixHrtf *self);
DmixVector dmix_hrtf_get_direction (const DmixHrtf *self, unsigned index);

/* The measured response of an ear (0 left, 1 right), scaled if the data asked
 * for `equal_level`. */
const float *dmix_hrtf_get_response (const DmixHrtf *self, unsigned index,
    unsigned ear);

/* Delay of the response on top of its samples, frames. */
double dmix_hrtf_get_extra_delay (const DmixHrtf *self, unsigned index,
    unsigned ear);

/* Arrival time in the response, without the extra delay, frames: the lag at
 * which it correlates best with its minimum-phase version. */
double dmix_hrtf_get_arrival (const DmixHrtf *self, unsigned index,
    unsigned ear);

/* One half of the kernel that all banks resample the responses with: a sine
 * cardinal of DMIX_HRTF_KERNEL_CROSSINGS zero crossings with a Kaiser window,
 * DMIX_HRTF_KERNEL_POINTS points for each, and two zeros. */
#define DMIX_HRTF_KERNEL_CROSSINGS 40
#define DMIX_HRTF_KERNEL_POINTS 512
const float *dmix_hrtf_get_kernel (const DmixHrtf *self);

/* Length of the longest response with its extra delay, frames. */
double dmix_hrtf_length_frames (const DmixHrtf *self);

/* Finds the three directions around `direction`, and their weights, whose sum
 * is 1 (see dmix_sphere_find()). */
void dmix_hrtf_find (const DmixHrtf *self, DmixVector direction, unsigned *hint,
    unsigned index[3], double weight[3]);

#endif

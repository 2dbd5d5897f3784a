/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Attenuation by distance: the models of OpenAL 1.1 (specification, section
 * 3.4). In a free field the level falls by 6.02 dB with each doubling of the
 * distance, which is the inverse model with a rolloff of 1.
 */
#ifndef DMIX_DISTANCE_H
#define DMIX_DISTANCE_H

typedef enum
{
  DMIX_DISTANCE_NONE,    /* 1 */
  DMIX_DISTANCE_INVERSE, /* r / (r + rolloff * (d - r)) */
  DMIX_DISTANCE_INVERSE_CLAMPED,
  DMIX_DISTANCE_LINEAR, /* 1 - rolloff * (d - r) / (max - r) */
  DMIX_DISTANCE_LINEAR_CLAMPED,
  DMIX_DISTANCE_EXPONENTIAL, /* (d / r) ^ -rolloff */
  DMIX_DISTANCE_EXPONENTIAL_CLAMPED
} DmixDistanceModel;

#define DMIX_DISTANCE_MOST_GAIN 100.0 /* +40 dB: limit near a distance of 0 */

typedef struct
{
  DmixDistanceModel model;
  double distance_m;  /* d; negative values count as 0 */
  double reference_m; /* r > 0: the gain is 1 at this distance */
  double max_m;       /* >= r: largest distance of the clamped models */
  double rolloff;     /* >= 0 */
} DmixDistanceParams;

/* Linear gain, 0 to DMIX_DISTANCE_MOST_GAIN. The clamped models clamp the
 * distance to r to max. */
double dmix_distance_gain (const DmixDistanceParams *params);

/* Gains of the left and the right ear for a source nearer than 1.4 m (the
 * distance at which HRTFs are measured), on top of its distance gain. They
 * differ because the distances to both ears do: the path is straight or runs
 * around a sphere of 8.75 cm radius, and the level falls with its length. Both
 * gains are 1 at 1.4 m and more. x: the direction's component to the right, -1
 * to 1. (Inside 1 m, level differences between ears grow to 20 dB: B.
 * Shinn-Cunningham, S. Santarelli, N. Kopco, JASA 107, 2000.) */
void dmix_distance_ears (double distance_m, double x, double gain[2]);

#endif

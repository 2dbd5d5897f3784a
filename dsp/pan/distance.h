/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* How distance changes the level of a sound: the models of OpenAL 1.1
 * (specification, section 3.4). In free air the level falls by 6.02 dB for
 * each doubling: inverse with a rolloff of 1.
 */
#ifndef DMIX_DISTANCE_H
#define DMIX_DISTANCE_H

typedef enum
{
  DMIX_DISTANCE_NONE,    /* the level stays */
  DMIX_DISTANCE_INVERSE, /* r / (r + rolloff * (d - r)) */
  DMIX_DISTANCE_INVERSE_CLAMPED,
  DMIX_DISTANCE_LINEAR, /* 1 - rolloff * (d - r) / (max - r) */
  DMIX_DISTANCE_LINEAR_CLAMPED,
  DMIX_DISTANCE_EXPONENTIAL, /* (d / r) ^ -rolloff */
  DMIX_DISTANCE_EXPONENTIAL_CLAMPED
} DmixDistanceModel;

#define DMIX_DISTANCE_MOST_GAIN 100.0 /* +40 dB: at a distance of 0 */

typedef struct
{
  DmixDistanceModel model;
  double distance_m;  /* d; below 0 is 0 */
  double reference_m; /* r > 0: the level is 1 here */
  double max_m;       /* >= r; clamped: as far as it gets */
  double rolloff;     /* >= 0 */
} DmixDistanceParams;

/* Linear gain, 0 to DMIX_DISTANCE_MOST_GAIN. Clamped models take distances
 * below r as r and above max as max. */
double dmix_distance_gain (const DmixDistanceParams *params);

/* Gains of the left and the right ear for a sound nearer than 1.4 m (the
 * distance at which HRTFs are measured), on top of its level: the ears are not
 * where the middle of the head is. The sound goes straight or around a sphere
 * of 8.75 cm radius, and its level falls with the way; 1 from 1.4 m on. x: how
 * far to the right the direction points, -1 to 1. (Inside 1 m, level
 * differences between ears grow to 20 dB: B. Shinn-Cunningham, S. Santarelli,
 * N. Kopco, JASA 107, 2000.) */
void dmix_distance_ears (double distance_m, double x, double gain[2]);

#endif

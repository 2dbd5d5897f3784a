/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Absorption by air: a low-pass filter that depends on distance, after ISO
 * 9613-1 (20 degrees Celsius, 50 % relative humidity, 101.325 kPa).
 *
 * The filter has minimum phase, which adds no delay. Up to 16 kHz and 1000 m,
 * its attenuation down to -40 dB differs from the standard by less than 1 dB
 * plus 5 %.
 */
#ifndef DMIX_AIR_H
#define DMIX_AIR_H

#include <stddef.h>

#define DMIX_AIR_TAPS 64u
#define DMIX_AIR_MAX_M 1000.0

/* Filters for all distances at one rate; any number of paths can share them.
 * NULL on bad arguments or if memory is short. */
typedef struct DmixAir DmixAir;
DmixAir *dmix_air_new (unsigned rate_hz);
void dmix_air_free (DmixAir *self);

/* Attenuation, dB per metre (ISO 9613-1, equations 3 to 5). */
double dmix_air_db_per_m (double frequency_hz);

/* The filter for a distance, which is clamped to 0 to DMIX_AIR_MAX_M. tap:
 * DMIX_AIR_TAPS coefficients. */
void dmix_air_get_filter (const DmixAir *self, double distance_m, float *tap);

/* Path from one source to the listener. */
typedef struct
{
  float history[DMIX_AIR_TAPS - 1];
  float from[DMIX_AIR_TAPS], to[DMIX_AIR_TAPS];
  double distance_m; /* of `to` */
  int begun, moves;  /* moves: the filter goes from `from` to `to` */
} DmixAirPath;

void dmix_air_path_reset (DmixAirPath *self);

/* Sets the distance at the end of the next step; the first one after a reset
 * takes effect at once. */
void dmix_air_path_set_distance (DmixAirPath *self, const DmixAir *air,
    double distance_m);

/* Filters the frames from `at` on of a step of `step` frames, in place; at most
 * 256 frames at a time. */
void dmix_air_path_process (DmixAirPath *self, float *io, unsigned at,
    unsigned frames, unsigned step);

#endif

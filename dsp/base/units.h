/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Decibels, limits and pi: the arithmetic that every processor needs. Single
 * values in double; base/decibel.h converts whole arrays of floats.
 */
#ifndef DMIX_UNITS_H
#define DMIX_UNITS_H

#include <math.h>

#define DMIX_PI 3.14159265358979323846

/* Of two variables or constants of any type; evaluates them twice. */
#define DMIX_MIN(a, b) ((a) < (b) ? (a) : (b))
#define DMIX_MAX(a, b) ((a) > (b) ? (a) : (b))

/* In place of fminf() and fmaxf(), whose care for NaN prevents vector code. NaN
 * as `a` gives b. */
static inline float
dmix_smaller (float a, float b)
{
  return a < b ? a : b;
}

static inline float
dmix_larger (float a, float b)
{
  return a > b ? a : b;
}

/* value, but at least `low` and at most `high`; NaN becomes `low`. */
static inline double
dmix_clamp (double value, double low, double high)
{
  return value > low ? DMIX_MIN (value, high) : low;
}

/* 20 / ln (10). C libraries have a faster log() than log10(). */
#define DMIX_DB_PER_NEPER 8.685889638065036553

/* The amplitude factor of a gain in dB; 0 dB is exactly 1. */
static inline double
dmix_gain_from_db (double db)
{
  return db == 0.0 ? 1.0 : exp (db / DMIX_DB_PER_NEPER);
}

/* The power factor of a gain in dB; 0 dB is exactly 1. */
static inline double
dmix_power_from_db (double db)
{
  return db == 0.0 ? 1.0 : exp (db / (DMIX_DB_PER_NEPER / 2.0));
}

/* A power (mean square) in dB. power must be above 0: add or limit to the
 * caller's own idea of silence first. */
static inline double
dmix_db_from_power (double power)
{
  return DMIX_DB_PER_NEPER / 2.0 * log (power);
}

/* An amplitude, above 0, in dB. */
static inline double
dmix_db_from_gain (double gain)
{
  return DMIX_DB_PER_NEPER * log (gain);
}

#endif

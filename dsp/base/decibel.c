/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a float is 2^exponent times a fraction. The exponent is read from
 * (or written into) the bits; a polynomial around 1 (or 0), fitted for least
 * maximum error, covers the fraction:
 *   log2 (1 + f) = f p(f), f from sqrt(1/2) - 1 to sqrt(2) - 1, error 3e-7
 *   2^f = 1 + f q(f), f from -1/2 to 1/2, relative error 9e-8
 * The factor f makes 0 dB exact in both directions.
 */
#include "base/decibel.h"

#include "base/units.h"

#include <stdint.h>
#include <string.h>

#define SMALLEST_POWER 1e-20f
#define ROOT_HALF_BITS 0x3f3504f3            /* sqrt(1/2) */
#define DB_PER_OCTAVE 3.01029995663981195f   /* 10 log10 (2) */
#define OCTAVES_PER_DB 0.166096404744368118f /* 1 / (20 log10 (2)) */
#define LIMIT_DB 200.0f
#define ROUND 12582912.0f /* 1.5 * 2^23: adding it rounds to an integer */

static inline float
from_power (float power)
{
  int32_t bits, exponent;
  float fraction, f, p;

  power = DMIX_MAX (power, SMALLEST_POWER);
  memcpy (&bits, &power, sizeof bits);
  exponent = (bits - ROOT_HALF_BITS) >> 23;
  bits -= (int32_t) ((uint32_t) exponent << 23);
  memcpy (&fraction, &bits, sizeof fraction);
  f = fraction - 1.0f;
  p = 0.170656636f;
  p = p * f - 0.272686541f;
  p = p * f + 0.297250897f;
  p = p * f - 0.358963192f;
  p = p * f + 0.480466217f;
  p = p * f - 0.721375823f;
  p = p * f + 1.442699671f;
  return ((float) exponent + p * f) * DB_PER_OCTAVE;
}

static inline float
to_gain (float db)
{
  float octaves, whole, f, q, gain;
  int32_t bits;

  db = db > -LIMIT_DB ? db : -LIMIT_DB;
  db = DMIX_MIN (db, LIMIT_DB);
  octaves = db * OCTAVES_PER_DB;
  whole = (octaves + ROUND) - ROUND;
  f = octaves - whole;
  q = 0.00132647657f;
  q = q * f + 0.00967151206f;
  q = q * f + 0.0555073363f;
  q = q * f + 0.240222424f;
  q = q * f + 0.693147004f;
  gain = 1.0f + q * f;
  memcpy (&bits, &gain, sizeof bits);
  bits += (int32_t) ((uint32_t) (int32_t) whole << 23);
  memcpy (&gain, &bits, sizeof gain);
  return gain;
}

void
dmix_decibel_from_power (float *power, size_t count)
{
  for (size_t i = 0; i < count; i++)
    power[i] = from_power (power[i]);
}

void
dmix_decibel_to_gain (float *db, size_t count)
{
  for (size_t i = 0; i < count; i++)
    db[i] = to_gain (db[i]);
}

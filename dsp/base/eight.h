/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Eight floats at a time, for the sources that are built twice (vector_sources
 * in dsp/meson.build): one register with AVX2, else two of base/four.h. Both
 * give the same bits. The vectors are handed to inline functions only.
 */
#ifndef DMIX_EIGHT_H
#define DMIX_EIGHT_H

#include "base/four.h"

typedef float DmixEight __attribute__ ((vector_size (32)));
typedef int32_t DmixEightBits __attribute__ ((vector_size (32)));

static inline DmixEight
dmix_eight_load (const float *x)
{
  DmixEight v;

  memcpy (&v, x, sizeof v); /* need not be aligned */
  return v;
}

static inline void
dmix_eight_store (float *x, DmixEight v)
{
  memcpy (x, &v, sizeof v);
}

static inline DmixEight
dmix_eight_all (float x)
{
  return (DmixEight){ x, x, x, x, x, x, x, x };
}

/* All bits of the first `count` parts (0 to 8). */
static inline DmixEightBits
dmix_eight_first (int count)
{
  static const int32_t bits[16] = { -1, -1, -1, -1, -1, -1, -1, -1 };
  DmixEightBits mask;

  memcpy (&mask, bits + 8 - count, sizeof mask);
  return mask;
}

static inline DmixEight
dmix_eight_absolute (DmixEight v)
{
  return (DmixEight) ((DmixEightBits) v & 0x7fffffff);
}

/* The larger of each two; no NaN. */
static inline DmixEight
dmix_eight_larger (DmixEight a, DmixEight b)
{
#ifdef __AVX__
  return __builtin_ia32_maxps256 (a, b);
#else
  const DmixEightBits first = a > b;

  return (
      DmixEight) (((DmixEightBits) a & first) | ((DmixEightBits) b & ~first));
#endif
}

static inline DmixEight
dmix_eight_smaller (DmixEight a, DmixEight b)
{
#ifdef __AVX__
  return __builtin_ia32_minps256 (a, b);
#else
  const DmixEightBits first = a < b;

  return (
      DmixEight) (((DmixEightBits) a & first) | ((DmixEightBits) b & ~first));
#endif
}

static inline void
dmix_eight_halve (DmixEight v, DmixFour *low, DmixFour *high)
{
#ifdef __AVX__
  *low = __builtin_ia32_vextractf128_ps256 (v, 0);
  *high = __builtin_ia32_vextractf128_ps256 (v, 1);
#else
  memcpy (low, &v, sizeof *low);
  memcpy (high, (const char *) &v + sizeof *low, sizeof *high);
#endif
}

static inline float
dmix_eight_largest (DmixEight v)
{
  DmixFour low, high;

  dmix_eight_halve (v, &low, &high);
  return dmix_four_largest (dmix_four_larger (low, high));
}

static inline float
dmix_eight_sum (DmixEight v)
{
  DmixFour low, high;

  dmix_eight_halve (v, &low, &high);
  low += high;
  return (low[0] + low[1]) + (low[2] + low[3]);
}

#endif

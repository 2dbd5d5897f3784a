/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Four floats at a time, for loops that compilers do not make into vector code
 * by themselves. The vector type is that of gcc and clang; it works on any
 * processor.
 */
#ifndef DMIX_FOUR_H
#define DMIX_FOUR_H

#include <stdint.h>
#include <string.h>

typedef float DmixFour __attribute__ ((vector_size (16)));
typedef int32_t DmixFourBits __attribute__ ((vector_size (16)));

static inline DmixFour
dmix_four_load (const float *x)
{
  DmixFour v;

  memcpy (&v, x, sizeof v); /* need not be aligned */
  return v;
}

static inline void
dmix_four_store (float *x, DmixFour v)
{
  memcpy (x, &v, sizeof v);
}

static inline DmixFour
dmix_four_all (float x)
{
  return (DmixFour){ x, x, x, x };
}

static inline DmixFour
dmix_four_absolute (DmixFour v)
{
  return (DmixFour) ((DmixFourBits) v & 0x7fffffff);
}

/* The larger of each two; no NaN. */
static inline DmixFour
dmix_four_larger (DmixFour a, DmixFour b)
{
#ifdef __SSE__
  return __builtin_ia32_maxps (a, b);
#else
  const DmixFourBits first = a > b;

  return (DmixFour) (((DmixFourBits) a & first) | ((DmixFourBits) b & ~first));
#endif
}

static inline float
dmix_four_largest (DmixFour v)
{
#ifdef __SSE__
  v = __builtin_ia32_maxps (v, __builtin_ia32_shufps (v, v, 0x4e));
  v = __builtin_ia32_maxps (v, __builtin_ia32_shufps (v, v, 0xb1));
  return v[0];
#else
  const float a = v[0] > v[1] ? v[0] : v[1];
  const float b = v[2] > v[3] ? v[2] : v[3];

  return a > b ? a : b;
#endif
}

#endif

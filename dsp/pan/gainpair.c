/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: eight frames at a time; samples are cleaned as in sanitize.c.
 * Compiled once for any processor and on x86 once more for AVX2 (with -mavx2,
 * which defines __AVX2__).
 */
#include "pan/gainpair.h"

#include "base/cpu.h"
#include <stdint.h>
#include <string.h>

#ifdef __AVX2__
#define PAIR dmix_gainpair_avx2
#else
#define PAIR dmix_gainpair_plain
#endif

#define INLINE static inline __attribute__ ((always_inline))
#define WIDTH 8
#define SHUFFLE __builtin_shufflevector
#define SMALLEST_NORMAL 0x00800000 /* FLT_MIN */
#define LIMIT 0x4e6e6b28           /* 1e9f */

typedef float Lanes __attribute__ ((vector_size (WIDTH * sizeof (float))));
typedef int32_t Bits __attribute__ ((vector_size (WIDTH * sizeof (int32_t))));
typedef Lanes Stored __attribute__ ((aligned (sizeof (float)), may_alias));

INLINE Lanes
clean (Lanes x)
{
  const Bits size = (Bits) x & 0x7fffffff;

  return (Lanes) ((Bits) x & (size >= SMALLEST_NORMAL) & (size <= LIMIT));
}

INLINE void
put_frames (Stored *out, Lanes x, float first, float second)
{
  const Lanes a = clean (x) * first + 0.0f; /* -0 becomes 0 */
  const Lanes b = clean (x) * second + 0.0f;
  const Lanes low = SHUFFLE (a, b, 0, 8, 1, 9, 4, 12, 5, 13);
  const Lanes high = SHUFFLE (a, b, 2, 10, 3, 11, 6, 14, 7, 15);

  out[0] = SHUFFLE (low, high, 0, 1, 2, 3, 8, 9, 10, 11);
  out[1] = SHUFFLE (low, high, 4, 5, 6, 7, 12, 13, 14, 15);
}

void
PAIR (float *out, const float *x, float first, float second, size_t frames)
{
  float rest[WIDTH] = { 0 }, last[2 * WIDTH];
  size_t i = 0;

  for (; i + WIDTH <= frames; i += WIDTH)
    put_frames ((Stored *) (out + 2 * i), *(const Stored *) (x + i), first,
        second);
  memcpy (rest, x + i, (frames - i) * sizeof *rest);
  put_frames ((Stored *) last, *(const Stored *) rest, first, second);
  memcpy (out + 2 * i, last, 2 * (frames - i) * sizeof *last);
}

#ifndef __AVX2__
DmixGainPair *
dmix_gainpair_get (void)
{
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return dmix_gainpair_avx2;
#endif
  return dmix_gainpair_plain;
}
#endif

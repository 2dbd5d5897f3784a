/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: eight output samples at a time, one in each lane, so that no sum
 * crosses lanes. The response is symmetrical: two frames that have the same tap
 * are added first, which saves half of the products.
 */
#include "spectral/decimatorloops.h"

#include "base/cpu.h"
#include "base/eight.h"

#ifdef __AVX2__
#define LOOPS dmix_decimatorloops_avx2
#else
#define LOOPS dmix_decimatorloops_plain
#endif

#define SHUFFLE __builtin_shufflevector
#define INLINE static inline __attribute__ ((always_inline))
#define MOST 4 /* vectors at a time: one sum alone would wait for itself */

static void
split_four (const float *in, size_t step, float *row, size_t room,
    size_t columns)
{
  size_t k = 0;

  for (; k + 4 <= columns; k += 4, in += 4 * step) {
    const DmixFour a = dmix_four_load (in);
    const DmixFour b = dmix_four_load (in + step);
    const DmixFour c = dmix_four_load (in + 2 * step);
    const DmixFour d = dmix_four_load (in + 3 * step);
    const DmixFour ab01 = SHUFFLE (a, b, 0, 4, 1, 5);
    const DmixFour ab23 = SHUFFLE (a, b, 2, 6, 3, 7);
    const DmixFour cd01 = SHUFFLE (c, d, 0, 4, 1, 5);
    const DmixFour cd23 = SHUFFLE (c, d, 2, 6, 3, 7);

    dmix_four_store (row + k, SHUFFLE (ab01, cd01, 0, 1, 4, 5));
    dmix_four_store (row + room + k, SHUFFLE (ab01, cd01, 2, 3, 6, 7));
    dmix_four_store (row + 2 * room + k, SHUFFLE (ab23, cd23, 0, 1, 4, 5));
    dmix_four_store (row + 3 * room + k, SHUFFLE (ab23, cd23, 2, 3, 6, 7));
  }
  for (; k < columns; k++, in += step)
    for (unsigned r = 0; r < 4; r++)
      row[r * room + k] = in[r];
}

/* The first `count` of 8 * vectors output samples. */
INLINE void
filter_some (const DmixDecimatorTaps *taps, const float *x, float *out,
    size_t count, unsigned vectors)
{
  const float *tap = taps->tap;
  const unsigned *early = taps->early, *late = taps->late;
  DmixEight sum[MOST];

  for (unsigned v = 0; v < vectors; v++)
    sum[v] =
        tap[taps->pairs] * dmix_eight_load (x + 8 * v + early[taps->pairs]);
  for (unsigned t = 0; t < taps->pairs; t++) {
    const float *a = x + early[t], *b = x + late[t];

    for (unsigned v = 0; v < vectors; v++)
      sum[v] +=
          tap[t] * (dmix_eight_load (a + 8 * v) + dmix_eight_load (b + 8 * v));
  }
  memcpy (out, sum, count * sizeof *out);
}

static void
filter (const DmixDecimatorTaps *taps, const float *rows, float *out,
    size_t count)
{
  size_t k = 0;

  for (; k + 32 <= count; k += 32)
    filter_some (taps, rows + k, out + k, 32, 4);
  for (; k + 8 <= count; k += 8)
    filter_some (taps, rows + k, out + k, 8, 1);
  if (k < count)
    filter_some (taps, rows + k, out + k, count - k, 1);
}

const DmixDecimatorLoops LOOPS = { split_four, filter };

#ifndef __AVX2__
const DmixDecimatorLoops *
dmix_decimatorloops (void)
{
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return &dmix_decimatorloops_avx2;
#endif
  return &dmix_decimatorloops_plain;
}
#endif

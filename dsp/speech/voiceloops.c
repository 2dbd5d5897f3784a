/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: each sum has eight partial sums in the lanes of a vector, and several
 * sums run side by side, because each addition waits for the one before it.
 */
#include "speech/voiceloops.h"

#include "base/cpu.h"
#include "base/eight.h"

#include <stddef.h>

#ifdef __AVX2__
#define LOOPS dmix_voiceloops_avx2
#else
#define LOOPS dmix_voiceloops_plain
#endif

#define WIDE DMIX_VOICELOOPS_WIDE
#define TOGETHER 4u

typedef DmixEight Eight;

static inline Eight
load (const float *x)
{
  return dmix_eight_load (x);
}

static void
weigh (const float *weight, const float *x, unsigned count, float *sum,
    unsigned rows)
{
  unsigned r = 0;

  for (; r + TOGETHER <= rows; r += TOGETHER) {
    const float *w = weight + (size_t) r * count;
    Eight a = dmix_eight_all (0.0f), b = a, c = a, d = a;

    for (unsigned i = 0; i < count; i += WIDE, w += WIDE) {
      const Eight v = load (x + i);

      a += load (w) * v;
      b += load (w + count) * v;
      c += load (w + 2 * (size_t) count) * v;
      d += load (w + 3 * (size_t) count) * v;
    }
    sum[r] = dmix_eight_sum (a);
    sum[r + 1] = dmix_eight_sum (b);
    sum[r + 2] = dmix_eight_sum (c);
    sum[r + 3] = dmix_eight_sum (d);
  }
  for (; r < rows; r++) {
    const float *w = weight + (size_t) r * count;
    Eight a = dmix_eight_all (0.0f);

    for (unsigned i = 0; i < count; i += WIDE)
      a += load (w + i) * load (x + i);
    sum[r] = dmix_eight_sum (a);
  }
}

static void
sum_back (const DmixVoiceRing *ring, unsigned newest, unsigned count,
    float *sum)
{
  for (unsigned i = 0; i < ring->floats; i += WIDE) {
    Eight all = dmix_eight_all (0.0f);
    unsigned at = newest;

    for (unsigned ago = 0; ago < count; ago++) {
      all += load (ring->row + (size_t) at * ring->floats + i);
      at = at > 0 ? at - 1 : ring->rows - 1;
    }
    dmix_eight_store (sum + i, all);
  }
}

static void
match (const float *x, const float *wave, unsigned count, float *sum,
    unsigned groups)
{
  const size_t group = (size_t) count * WIDE;
  unsigned g = 0;

  for (; g + TOGETHER <= groups; g += TOGETHER) {
    const float *w = wave + g * group;
    Eight a = dmix_eight_all (0.0f), b = a, c = a, d = a;

    for (unsigned i = 0; i < count; i++, w += WIDE) {
      const Eight v = dmix_eight_all (x[i]);

      a += v * load (w);
      b += v * load (w + group);
      c += v * load (w + 2 * group);
      d += v * load (w + 3 * group);
    }
    dmix_eight_store (sum + g * WIDE, a);
    dmix_eight_store (sum + (g + 1) * WIDE, b);
    dmix_eight_store (sum + (g + 2) * WIDE, c);
    dmix_eight_store (sum + (g + 3) * WIDE, d);
  }
  for (; g < groups; g++) {
    const float *w = wave + g * group;
    Eight a = dmix_eight_all (0.0f);

    for (unsigned i = 0; i < count; i++, w += WIDE)
      a += dmix_eight_all (x[i]) * load (w);
    dmix_eight_store (sum + g * WIDE, a);
  }
}

const DmixVoiceLoops LOOPS = { weigh, sum_back, match };

#ifndef __AVX2__
const DmixVoiceLoops *
dmix_voiceloops_get (void)
{
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return &dmix_voiceloops_avx2;
#endif
  return &dmix_voiceloops_plain;
}
#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: one integer comparison per sample. Without the sign bit, floats as
 * integers have the order of their magnitudes, so "normal and not beyond the
 * limit" is one range of integers; NaN and Inf lie above it, denormals and
 * zeros below. No branch, so that compilers vectorise it.
 */
#include "base/sanitize.h"

#include "base/units.h"

#include <stdint.h>
#include <string.h>

#define SMALLEST_NORMAL 0x00800000u /* FLT_MIN */
#define INFINITE 0x7f800000u
#define LIMIT 0x4e6e6b28u /* 1e9f */
#define LOUDEST 16.0f     /* 24 dB above full scale */

int
dmix_sanitize_clean (float *sample, size_t count)
{
  int32_t any = 0;

  for (size_t i = 0; i < count; i++) {
    int32_t bits, magnitude, keep;

    memcpy (&bits, &sample[i], sizeof bits);
    magnitude = bits & 0x7fffffff;
    keep = -((magnitude >= (int32_t) SMALLEST_NORMAL)
        & (magnitude <= (int32_t) LIMIT));
    bits &= keep;
    any |= bits;
    memcpy (&sample[i], &bits, sizeof bits);
  }
  return any != 0;
}

size_t
dmix_sanitize_mute (float *sample, size_t count)
{
  size_t muted = 0;

  for (size_t i = 0; i < count; i++) {
    int32_t bits, keep;

    memcpy (&bits, &sample[i], sizeof bits);
    keep = -((bits & 0x7fffffff) < (int32_t) INFINITE);
    muted += (size_t) (keep + 1);
    bits &= keep;
    memcpy (&sample[i], &bits, sizeof bits);
  }
  return muted;
}

void
dmix_sanitize_limit (float *sample, size_t count)
{
  for (size_t i = 0; i < count; i++)
    sample[i] = dmix_smaller (dmix_larger (sample[i], -LOUDEST), LOUDEST);
}

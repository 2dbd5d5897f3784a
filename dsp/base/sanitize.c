/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: one integer comparison per sample. Without the sign bit, floats as
 * integers have the order of their magnitudes, so "normal and not beyond the
 * limit" is one range of integers; NaN and Inf lie above it, denormals and
 * zeros below. No branch, so that compilers vectorise it.
 */
#include "base/sanitize.h"

#include "base/blockloops.h"

#define LOUDEST 16.0f /* 24 dB above full scale */

int
dmix_sanitize_clean (float *sample, size_t count)
{
  return dmix_blockloops ()->clean (sample, count);
}

size_t
dmix_sanitize_mute (float *sample, size_t count)
{
  return dmix_blockloops ()->mute (sample, count);
}

void
dmix_sanitize_limit (float *sample, size_t count)
{
  dmix_blockloops ()->limit (sample, LOUDEST, count);
}

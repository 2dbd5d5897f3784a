/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: root of the weighted mean of Huber's function of the features'
 * differences.
 * The outer loop takes a few take frames at a time, the inner one the features,
 * so the frames' sums stay in registers. Each frame's sum has a vector lane of
 * its own, so wider vectors give the same bits. */
#include "adr/aligndistance.h"

#ifdef __AVX2__
#define DISTANCES dmix_aligndistance_avx2
#else
#define DISTANCES dmix_aligndistance_plain
#endif

#define DIMENSIONS DMIX_SPEECH_DIMENSIONS
#define LANES 32

static inline void
some (const float *here, const float *weight, const float *there, size_t stride,
    size_t lanes, float *distance)
{
  float sum[LANES] = { 0.0f };

  for (size_t d = 0; d < DIMENSIONS; d++)
    for (size_t k = 0; k < lanes; k++)
      sum[k] += weight[d]
          * dmix_aligndistance_huber (here[d] - there[d * stride + k]);
  for (size_t k = 0; k < lanes; k++)
    distance[k] = sqrtf (sum[k] * (1.0f / DIMENSIONS));
}

void
DISTANCES (const DmixSpeech *guide, size_t frame, const DmixSpeech *take,
    size_t low, size_t count, float *distance)
{
  float here[DIMENSIONS], weight[DIMENSIONS];
  size_t k = 0;

  dmix_aligndistance_weigh (guide, frame, weight);
  for (size_t d = 0; d < DIMENSIONS; d++)
    here[d] = guide->feature[d * guide->stride + frame];
  for (; k + LANES <= count; k += LANES)
    some (here, weight, take->feature + low + k, take->stride, LANES,
        distance + k);
  if (k < count)
    some (here, weight, take->feature + low + k, take->stride, count - k,
        distance + k);
}

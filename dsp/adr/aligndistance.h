/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Feature distances, the inner loops of align.c, built for several kinds of
 * processor. Private to align.c and alignpass.c. */
#ifndef DMIX_ALIGN_DISTANCE_H
#define DMIX_ALIGN_DISTANCE_H

#include "speech/speechfeatures.h"

#include <math.h>

/* Huber's function of a difference: its square up to 1, then straight. */
static inline float
dmix_aligndistance_huber (float difference)
{
  const float size = fabsf (difference);
  const float bent = size < 1.0f ? size : 1.0f;

  return bent * (size + size - bent);
}

#define DMIX_ALIGNDISTANCE_NOISE 0.3f /* what a band without voice counts */

/* How much each feature of a guide frame counts: more where the guide is voice
 * (a noise in it has no counterpart in the take). The mean weight is 1, so that
 * a frame of nothing but noise is as far from the take as one of voice. */
static inline void
dmix_aligndistance_weigh (const DmixSpeech *guide, size_t frame, float *weight)
{
  const float part = (1.0f - DMIX_ALIGNDISTANCE_NOISE) / 255.0f;
  float sum = 0.0f;

  for (size_t d = 0; d < DMIX_SPEECH_DIMENSIONS; d++)
    weight[d] = 1.0f;
  if (!guide->trust)
    return;
  for (size_t b = 0; b < DMIX_MEL_BANDS; b++) {
    weight[b] = DMIX_ALIGNDISTANCE_NOISE
        + part * (float) guide->trust[b * guide->stride + frame];
    sum += weight[b];
  }
  for (size_t b = 0; b < DMIX_MEL_BANDS; b++) {
    weight[b] *= DMIX_MEL_BANDS / sum;
    weight[DMIX_MEL_BANDS + b] = weight[b];
  }
}

/* distance[k]: of a guide frame to take frame low + k, for `count` of them. */
typedef void DmixAlignDistances (const DmixSpeech *guide, size_t frame,
    const DmixSpeech *take, size_t low, size_t count, float *distance);

/* All versions give the same bits. */
DmixAlignDistances dmix_aligndistance_plain, dmix_aligndistance_avx2;

#endif

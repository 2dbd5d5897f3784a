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

/* distance[k]: of a guide frame to take frame low + k, for `count` of them. */
typedef void DmixAlignDistances (const DmixSpeech *guide, size_t frame,
    const DmixSpeech *take, size_t low, size_t count, float *distance);

/* All versions give the same bits. */
DmixAlignDistances dmix_aligndistance_plain, dmix_aligndistance_avx2;

#endif

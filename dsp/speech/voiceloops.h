/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Inner loops of voicefeatures.c and voicemodel.c, in one version for any
 * processor and one for AVX2, which give the same bits.
 */
#ifndef DMIX_VOICELOOPS_H
#define DMIX_VOICELOOPS_H

#define DMIX_VOICELOOPS_WIDE 8u
/* The next multiple of eight. */
#define DMIX_VOICELOOPS_WHOLE(n)                                               \
  (((n) + DMIX_VOICELOOPS_WIDE - 1u) / DMIX_VOICELOOPS_WIDE                    \
      * DMIX_VOICELOOPS_WIDE)

/* Rows that come one after the other and round again. */
typedef struct
{
  const float *row;      /* of `rows` rows */
  unsigned rows, floats; /* of each row; a multiple of eight */
} DmixVoiceRing;

typedef struct
{
  /* sum[r] = the sum of weight[r][i] * x[i]; count: a multiple of eight */
  void (*weigh) (const float *weight, const float *x, unsigned count,
      float *sum, unsigned rows);
  /* sum = the sum of `count` rows, from the row `newest` backwards */
  void (*sum_back) (const DmixVoiceRing *ring, unsigned newest, unsigned count,
      float *sum);
  /* sum[g][k] = the sum of x[i] * wave[g][i][k], k < 8 */
  void (*match) (const float *x, const float *wave, unsigned count, float *sum,
      unsigned groups);
} DmixVoiceLoops;

/* The fastest ones of this processor. */
const DmixVoiceLoops *dmix_voiceloops_get (void);

extern const DmixVoiceLoops dmix_voiceloops_plain;
#ifdef HAVE_AVX2
extern const DmixVoiceLoops dmix_voiceloops_avx2;
#endif

#endif

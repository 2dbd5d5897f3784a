/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Interface of the estimators of the splitter: an estimator says how much of
 * each bin of a finished mix is dialogue. dialogue/statisticalsplit.h is one by
 * statistics, dialogue/learnedsplit.h one by the trained network.
 *
 * An estimator receives a group of channels as mid and side: of two channels
 * (L + R) / 2 and (L - R) / 2, of one channel the channel and nothing.
 */
#ifndef DMIX_SPLITESTIMATOR_H
#define DMIX_SPLITESTIMATOR_H

#include "dialogue/splittrust.h"

typedef struct
{
  unsigned bins;
  double hz_per_bin, hop_s;
  double window_energy; /* power of a bin for white noise of mean square 1 */
} DmixSplitShape;

#define DMIX_SPLIT_OVERLAP 2u /* hops in a window */

/* Powers of each bin, and mid times the conjugate of side; NULL for one channel
 * but for mid. speech: probability by speech/voice.h. */
typedef struct
{
  const float *mid, *side, *cross_re, *cross_im;
  float speech;
} DmixSplitSpectra;

/* Presence of dialogue, by the gains, and probability of a voice, 0 to 1. */
typedef struct
{
  float presence, voice;
} DmixSplitAnswer;

typedef struct
{
  /* Returns a new state, or NULL if memory is short. Only make() allocates. */
  void *(*make) (const DmixSplitShape *shape);
  void (*free) (void *state); /* state may be NULL */
  void (*reset) (void *state);
  /* One frame: gains of each bin, 0 (no dialogue) to 1, out; those of the side
   * only if there is one. */
  DmixSplitAnswer (*step) (void *state, const DmixSplitSpectra *in,
      float *mid_gain, float *side_gain);
  DmixSplitLimits limits, louder; /* of the probability of a voice */
} DmixSplitEstimator;

#endif

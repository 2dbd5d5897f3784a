/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The splitter's model: how much of a row is dialogue, from its features
 * (dialogue/splitfeatures.h). One small network for every row: two layers of
 * DMIX_SPLIT_UNITS, the same weights for all rows.
 *
 * No state, no memory.
 */
#ifndef DMIX_SPLITMODEL_H
#define DMIX_SPLITMODEL_H

#include "dialogue/splitfeatures.h"

#define DMIX_SPLIT_UNITS 32u

/* first: weights of the features of each unit, `features` in a row. */
typedef struct
{
  unsigned features;
  const float *first, *first_bias;
  const float (*second)[DMIX_SPLIT_UNITS];
  const float *second_bias, *last;
  float last_bias;
} DmixSplitWeights;

/* With the voice detector's features, and with the network's: fitted by
 * tests/quality/fit/fit_split.py. */
extern const DmixSplitWeights dmix_splitweights_statistical,
    dmix_splitweights_learned;

/* features: DMIX_NET_ROWS of each kind, known for the first `rows` rows. u:
 * gain^.3 of DMIX_NET_ROWS rows. */
void dmix_splitmodel_run (const DmixSplitWeights *weights,
    const float *features, unsigned rows, float *u);

#endif

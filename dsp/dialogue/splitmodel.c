/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: rows are computed side by side, so that the loops run over whole
 * arrays. Trained for the least error of gain^.3, weighted by the compressed
 * level of the row, as the network of tests/train is.
 */
#include "dialogue/splitmodel.h"

#include "base/units.h"
#include "net/netloops.h"

#define ROWS DMIX_NET_ROWS
#define UNITS DMIX_SPLIT_UNITS

/* y = bias + the sum of weight[i] x[i], for all rows. */
static void
weigh (const float *weight, float bias, const float *x, unsigned inputs,
    float *restrict y)
{
  for (unsigned r = 0; r < ROWS; r++)
    y[r] = bias;
  for (unsigned i = 0; i < inputs; i++, x += ROWS)
    for (unsigned r = 0; r < ROWS; r++)
      y[r] += weight[i] * x[r];
}

void
dmix_splitmodel_run (const DmixSplitWeights *weights, const float *features,
    unsigned rows, float *u)
{
  const DmixNetLoops *loops = dmix_netloops_get ();
  float first[UNITS][ROWS], second[UNITS][ROWS], odds[ROWS];

  for (unsigned k = 0; k < UNITS; k++)
    weigh (weights->first + k * weights->features, weights->first_bias[k],
        features, weights->features, first[k]);
  loops->tanh (first[0], UNITS * ROWS);
  for (unsigned k = 0; k < UNITS; k++)
    weigh (weights->second[k], weights->second_bias[k], first[0], UNITS,
        second[k]);
  loops->tanh (second[0], UNITS * ROWS);
  weigh (weights->last, weights->last_bias, second[0], UNITS, odds);
  loops->sigmoid (odds, ROWS);
  for (unsigned r = 0; r < ROWS; r++)
    u[r] = odds[DMIX_MIN (r, rows - 1)];
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the splitter's model sees of each row of a frame (the rows of
 * net/netrows.h): statistics of the mid, what side and mid share, what the voice
 * detector says and, for the learned estimator, the network.
 *
 * Levels and ratios are natural logarithms of powers, divided by 4. All memory
 * is taken by dmix_splitfeatures_new(). Not thread safe.
 */
#ifndef DMIX_SPLITFEATURES_H
#define DMIX_SPLITFEATURES_H

#include "dialogue/splitestimator.h"
#include "net/net.h"

#define DMIX_SPLIT_SHARED 29u /* features of both estimators */
#define DMIX_SPLIT_NETWORK 8u /* those of the network, behind them */
#define DMIX_SPLIT_MOST (DMIX_SPLIT_SHARED + DMIX_SPLIT_NETWORK)

typedef struct DmixSplitFeatures DmixSplitFeatures;

/* Returns NULL on bad arguments or if memory is short. */
DmixSplitFeatures *dmix_splitfeatures_new (const DmixSplitShape *shape);
void dmix_splitfeatures_free (DmixSplitFeatures *self);
void dmix_splitfeatures_reset (DmixSplitFeatures *self);

/* One frame. network: its answer to this frame, or NULL: the shared features
 * alone. Returns the features, those of one kind for all DMIX_NET_ROWS rows
 * together; valid until the next call. */
const float *dmix_splitfeatures_step (DmixSplitFeatures *self,
    const DmixSplitSpectra *in, const DmixNetFrame *network);

/* Rows below half the rate; features of the others mean nothing. */
unsigned dmix_splitfeatures_rows (const DmixSplitFeatures *self);

/* Presence of dialogue in the frame, 0 to 1, from gain^.3 of the rows: from the
 * share of the power that these gains leave. It rises at once and falls slowly. */
float dmix_splitfeatures_presence (DmixSplitFeatures *self, const float *u);

/* Gains of bins for gain^.3 of the rows; `share` of each, in dB, is the gain of
 * noise reduction, and the model's at most most_db below that. Without presence
 * (0 to 1) the model's gain is not bound. */
void dmix_splitfeatures_gain (const DmixSplitFeatures *self, const float *u,
    float presence, float share, float most_db, float *gain);

#endif

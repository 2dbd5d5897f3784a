/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the model of dialogue/splitmodel.h on statistics and the voice
 * detector. It is one gain for mid and side, which keeps the place of an actor
 * beside the centre. While there is dialogue, noise reduction bounds the model, which
 * takes some voices for background; without dialogue nothing is bound.
 */
#include "dialogue/statisticalsplit.h"

#include "dialogue/splitmodel.h"

#define SHARE 0.5f   /* of the gain of noise reduction */
#define MOST_DB 8.0f /* below it */

static void *
statisticalsplit_make (const DmixSplitShape *shape)
{
  return dmix_splitfeatures_new (shape);
}

static void
statisticalsplit_free (void *state)
{
  dmix_splitfeatures_free (state);
}

static void
statisticalsplit_reset (void *state)
{
  dmix_splitfeatures_reset (state);
}

static DmixSplitAnswer
statisticalsplit_step (void *state, const DmixSplitSpectra *in, float *mid_gain,
    float *side_gain)
{
  DmixSplitFeatures *self = state;
  float u[DMIX_NET_ROWS], presence;

  dmix_splitmodel_run (&dmix_splitweights_statistical,
      dmix_splitfeatures_step (self, in, NULL), dmix_splitfeatures_rows (self),
      u);
  presence = dmix_splitfeatures_presence (self, u);
  dmix_splitfeatures_gain (self, u, presence, SHARE, MOST_DB, mid_gain);
  if (in->side)
    dmix_splitfeatures_gain (self, u, presence, SHARE, MOST_DB, side_gain);
  return (DmixSplitAnswer){ presence, in->speech };
}

const DmixSplitEstimator dmix_statisticalsplit = {
  statisticalsplit_make, statisticalsplit_free, statisticalsplit_reset,
  statisticalsplit_step,
  { 0.0f, 0.05f,
      0.2f }, /* some voices the detector misses: they would be lost */
  { 0.35f, 0.5f, 0.65f }, /* 3 % of loud speech is below .62 */
};

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the network's gains of mid and side, in dB averaged with that of the
 * statistical splitter, which is right more often about steady sound. */
#include "dialogue/learnedsplit.h"

#include "base/decibel.h"
#include "dialogue/statisticalsplit.h"
#include "net/net.h"
#include "net/netrows.h"

#include <stdlib.h>
#include <string.h>

#define SHARE 0.2f    /* of the statistical gain */
#define EXPONENT 1.0f /* of the mean */

typedef struct
{
  unsigned bins;
  DmixNetRows *rows;
  DmixNet *net;
  void *statistics; /* state of dmix_statisticalsplit */
  float *other;     /* bins: its gains */
  float above;      /* see dmix_netrows_fill_above() */
} LearnedSplit;

static void
learnedsplit_free (void *state)
{
  LearnedSplit *self = state;

  if (!self)
    return;
  dmix_netrows_free (self->rows);
  dmix_net_free (self->net);
  dmix_statisticalsplit.free (self->statistics);
  free (self->other);
  free (self);
}

static void
learnedsplit_reset (void *state)
{
  LearnedSplit *self = state;

  dmix_net_reset (self->net);
  dmix_statisticalsplit.reset (self->statistics);
  self->above = -1.0f;
}

static void *
learnedsplit_make (const DmixSplitShape *shape)
{
  const DmixNetSpectrum spectrum = { shape->bins, shape->hz_per_bin,
    shape->window_energy };
  LearnedSplit *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->bins = shape->bins;
  self->rows = dmix_netrows_new (&spectrum);
  self->net = dmix_net_new (NULL);
  self->statistics = dmix_statisticalsplit.make (shape);
  self->other = calloc (shape->bins, sizeof *self->other);
  if (!self->rows || !self->net || !self->statistics || !self->other) {
    learnedsplit_free (self);
    return NULL;
  }
  learnedsplit_reset (self);
  return self;
}

/* gain[] becomes the mean of the network's, from `u`, and of other[], both in
 * dB. */
static void
blend (const LearnedSplit *self, const float *u, float *gain)
{
  dmix_netrows_gain_db (self->rows, u, gain);
  for (unsigned b = 0; b < self->bins; b++)
    gain[b] = EXPONENT * (gain[b] + SHARE * (self->other[b] - gain[b]));
  dmix_decibel_to_gain (gain, self->bins);
}

static float
learnedsplit_step (void *state, const DmixSplitSpectra *in, float *mid_gain,
    float *side_gain)
{
  LearnedSplit *self = state;
  float mid[DMIX_NET_ROWS], side[DMIX_NET_ROWS];
  DmixNetFrame frame;

  dmix_netrows_energy (self->rows, in->mid, mid);
  self->above = dmix_netrows_fill_above (self->rows, self->above, mid);
  if (in->side)
    dmix_netrows_energy (self->rows, in->side, side);
  dmix_net_step (self->net, mid, in->side ? side : NULL, &frame);
  dmix_statisticalsplit.step (self->statistics, in, self->other, side_gain);
  for (unsigned b = 0; b < self->bins; b++)
    self->other[b] *= self->other[b];
  dmix_decibel_from_power (self->other, self->bins);
  blend (self, frame.mid, mid_gain);
  if (in->side)
    blend (self, frame.side, side_gain);
  return frame.speech;
}

const DmixSplitEstimator dmix_learnedsplit = {
  learnedsplit_make,
  learnedsplit_free,
  learnedsplit_reset,
  learnedsplit_step,
  2,
  1,
};

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: netmodel.h has the layers; tests/train/infer.py is the reference.
 *
 * State
 *   features   of the rows, see netfeatures.h
 *   h          units of the first GRU, then of the second
 *   the other arrays hold one frame's work
 */
#include "net/net.h"

#include "base/units.h"
#include "net/netfeatures.h"

#include <stdlib.h>
#include <string.h>

#define ROWS DMIX_NET_ROWS
#define FEATURES (DMIX_NET_KINDS * ROWS)
#define GROUPS (ROWS / DMIX_NET_GROUP)
#define NEARBY (DMIX_NET_SEEN * DMIX_NET_KINDS)
#define MARGIN ((DMIX_NET_SEEN - DMIX_NET_GROUP) / 2)

struct DmixNet
{
  const DmixNetModel *model;
  const DmixNetLoops *loops;
  DmixNetFeatures features;
  float *memory;
  float *h;
  float *in, *own;               /* gates of a GRU */
  float *entered;                /* output of `enter` */
  float feature[FEATURES];       /* of this frame */
  float nearby[GROUPS * NEARBY]; /* input of `direct` */
  float direct[2 * ROWS], leave[2 * ROWS];
  int16_t rounded[GROUPS * NEARBY + FEATURES + 2 * DMIX_NET_MOST_UNITS];
};

DmixNet *
dmix_net_new (const DmixNetModel *model)
{
  DmixNet *self;
  unsigned first, second, most;

  if (!model && !(model = dmix_netmodel_trained ()))
    return NULL;
  if (!(self = calloc (1, sizeof *self)))
    return NULL;
  self->model = model;
  self->loops = dmix_netloops_get ();
  first = model->first.units;
  second = model->second.units;
  most = 3 * DMIX_MAX (first, second);
  self->memory = calloc (first + second + 2 * most + model->enter.outs,
      sizeof *self->memory);
  if (!self->memory) {
    dmix_net_free (self);
    return NULL;
  }
  self->h = self->memory;
  self->in = self->h + first + second;
  self->own = self->in + most;
  self->entered = self->own + most;
  dmix_net_reset (self);
  return self;
}

void
dmix_net_free (DmixNet *self)
{
  if (!self)
    return;
  free (self->memory);
  free (self);
}

static unsigned
units (const DmixNet *self)
{
  return self->model->first.units + self->model->second.units;
}

void
dmix_net_reset (DmixNet *self)
{
  dmix_netfeatures_reset (&self->features);
  memset (self->h, 0, units (self) * sizeof *self->h);
}

void
dmix_net_take_over (DmixNet *self, const DmixNet *from)
{
  if (self == from)
    return;
  self->features = from->features;
  memcpy (self->h, from->h, units (self) * sizeof *self->h);
}

static void
run (DmixNet *self, const DmixNetLayer *layer, const float *x, float *y)
{
  dmix_netlayer_run (layer, self->loops, x, self->rounded, y);
}

static void
run_gru (DmixNet *self, const DmixNetGru *gru, const float *x, float *h)
{
  run (self, &gru->in, x, self->in);
  run (self, &gru->own, h, self->own);
  self->loops->gates (h, self->in, self->own, gru->units);
}

/* The rows that each group sees, those of one feature side by side; beyond the
 * first and the last row there is nothing. */
static void
gather (DmixNet *self)
{
  float padded[ROWS + 2 * MARGIN] = { 0 };

  for (unsigned k = 0; k < DMIX_NET_KINDS; k++) {
    memcpy (padded + MARGIN, self->feature + k * ROWS, ROWS * sizeof *padded);
    for (unsigned g = 0; g < GROUPS; g++)
      memcpy (self->nearby + g * NEARBY + k * DMIX_NET_SEEN,
          padded + g * DMIX_NET_GROUP, DMIX_NET_SEEN * sizeof *padded);
  }
}

/* A group has four outputs for mid and then four for side. */
static void
add_direct (DmixNet *self)
{
  gather (self);
  run (self, &self->model->direct, self->nearby, self->direct);
  for (unsigned r = 0; r < ROWS; r++) {
    const unsigned at =
        r / DMIX_NET_GROUP * 2 * DMIX_NET_GROUP + r % DMIX_NET_GROUP;

    self->leave[r] += self->direct[at];
    self->leave[ROWS + r] += self->direct[at + DMIX_NET_GROUP];
  }
}

float
dmix_net_listen (DmixNet *self, const float *mid, const float *side)
{
  const DmixNetModel *m = self->model;
  float speech;

  dmix_netfeatures_step (&self->features, self->loops, mid, side,
      self->feature);
  run (self, &m->enter, self->feature, self->entered);
  self->loops->tanh (self->entered, m->enter.outs);
  run_gru (self, &m->first, self->entered, self->h);
  run_gru (self, &m->second, self->h, self->h + m->first.units);
  run (self, &m->speech, self->h, &speech);
  self->loops->sigmoid (&speech, 1);
  return speech;
}

void
dmix_net_step (DmixNet *self, const float *mid, const float *side,
    DmixNetFrame *frame)
{
  frame->speech = dmix_net_listen (self, mid, side);
  run (self, &self->model->leave, self->h, self->leave);
  if (self->model->has_direct)
    add_direct (self);
  self->loops->sigmoid (self->leave, 2 * ROWS);
  memcpy (frame->mid, self->leave, sizeof frame->mid);
  memcpy (frame->side, self->leave + ROWS, sizeof frame->side);
}

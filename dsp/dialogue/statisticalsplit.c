/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the background in the mid is the louder of two estimates, the tracked
 * noise (denoise/noisetracker.h) and the power that left and right do not
 * share. The gain follows from the power and this background
 * (denoise/speechgain.h). It is one gain for mid and side, which keeps the
 * place of an actor beside the centre.
 */
#include "dialogue/statisticalsplit.h"

#include "denoise/noisetracker.h"
#include "denoise/speechgain.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

#define AMBIENCE 2.0f /* weight of the power that is not shared */
#define LEAST 1e-28f

typedef struct
{
  unsigned bins;
  DmixNoiseTracker *tracker;
  void *gains; /* state of dmix_speechgain */
  float *noise;
} StatisticalSplit;

static void
statisticalsplit_free (void *state)
{
  StatisticalSplit *self = state;

  if (!self)
    return;
  dmix_noisetracker_free (self->tracker);
  dmix_speechgain.free (self->gains);
  free (self->noise);
  free (self);
}

static void
statisticalsplit_reset (void *state)
{
  StatisticalSplit *self = state;

  dmix_noisetracker_reset (self->tracker);
  dmix_speechgain.reset (self->gains);
}

static void *
statisticalsplit_make (const DmixSplitShape *shape)
{
  const DmixGainShape same = { shape->bins, shape->hz_per_bin, shape->hop_s,
    shape->window_energy };
  StatisticalSplit *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->bins = shape->bins;
  self->tracker =
      dmix_noisetracker_new (shape->bins, shape->hz_per_bin, shape->hop_s);
  self->gains = dmix_speechgain.make (&same);
  self->noise = calloc (shape->bins, sizeof *self->noise);
  if (!self->tracker || !self->gains || !self->noise) {
    statisticalsplit_free (self);
    return NULL;
  }
  statisticalsplit_reset (self);
  return self;
}

static float
statisticalsplit_step (void *state, const DmixSplitSpectra *in, float *mid_gain,
    float *side_gain)
{
  StatisticalSplit *self = state;
  const float *tracked;

  dmix_noisetracker_step (self->tracker, in->mid);
  tracked = dmix_noisetracker_get_noise (self->tracker);
  for (unsigned b = 0; b < self->bins; b++) {
    const float apart = in->ambience ? AMBIENCE * in->ambience[b] : 0.0f;
    const float noise = DMIX_MAX (tracked[b], apart);

    self->noise[b] = DMIX_MAX (noise, LEAST);
  }
  dmix_speechgain.step (self->gains, in->mid, self->noise, mid_gain);
  if (in->side)
    memcpy (side_gain, mid_gain, self->bins * sizeof *side_gain);
  return -1.0f;
}

const DmixSplitEstimator dmix_statisticalsplit = {
  statisticalsplit_make,
  statisticalsplit_free,
  statisticalsplit_reset,
  statisticalsplit_step,
  3,
  0,
};

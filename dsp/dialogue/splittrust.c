/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the highest probability of the last moments, which falls with FALL_S,
 * decides. Where it is quiet it goes back to 1: the first sound after a pause may
 * be a voice, of which detectors are not sure at once.
 */
#include "dialogue/splittrust.h"

#include "base/smooth.h"
#include "base/units.h"

#define FALL_S 0.4
#define RISE_S 0.3

void
dmix_splittrust_reset (DmixSplitTrust *self)
{
  self->probability = 1.0f;
  self->loud = self->louder = 0;
}

void
dmix_splittrust_init (DmixSplitTrust *self, double hop_s,
    const DmixSplitLimits *limits, const DmixSplitLimits *louder)
{
  self->limits = *limits;
  self->limits_louder = *louder;
  self->rise_share = (float) dmix_smooth_share (RISE_S, hop_s);
  self->fall_share = (float) dmix_smooth_share (FALL_S, hop_s);
  dmix_splittrust_reset (self);
}

void
dmix_splittrust_step (DmixSplitTrust *self, float probability, int loud,
    int louder)
{
  float *p = &self->probability;

  self->loud = loud;
  self->louder = louder;
  if (!loud)
    *p += self->rise_share * (1.0f - *p);
  else if (probability > *p)
    *p = probability;
  else
    *p += self->fall_share * (probability - *p);
}

static const DmixSplitLimits *
limits_of (const DmixSplitTrust *self)
{
  return self->louder ? &self->limits_louder : &self->limits;
}

float
dmix_splittrust_get (const DmixSplitTrust *self)
{
  const DmixSplitLimits *l = limits_of (self);

  return (float) dmix_clamp ((self->probability - l->doubtful)
          / (l->sure - l->doubtful),
      0.0, 1.0);
}

int
dmix_splittrust_is_other (const DmixSplitTrust *self)
{
  return self->loud && self->probability < limits_of (self)->other;
}

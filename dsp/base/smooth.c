/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: exponential approach, value += share * (target - value). Once the
 * remaining difference is below a millionth (-120 dB of full scale for a linear
 * gain), one step makes it 0, so that resting controls are exact.
 */
#include "base/smooth.h"

#include <math.h>

#define REST 1e-6

double
dmix_smooth_share (double time_s, double step_s)
{
  return time_s > 0.0 ? -expm1 (-step_s / time_s) : 1.0;
}

void
dmix_smooth_init (DmixSmooth *self, double value, double time_s, double step_s)
{
  self->value = self->target = value;
  self->share = dmix_smooth_share (time_s, step_s);
}

void
dmix_smooth_jump (DmixSmooth *self)
{
  self->value = self->target;
}

double
dmix_smooth_step (DmixSmooth *self)
{
  double left = self->target - self->value;

  if (fabs (left) < REST)
    self->value = self->target;
  else
    self->value += self->share * left;
  return self->value;
}

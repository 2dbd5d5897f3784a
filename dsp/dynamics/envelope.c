/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a one-pole filter with a coefficient for each direction,
 * value += share * (target - value), share = 1 - exp (-step / time). In double,
 * because with a time of 10 s a step moves by less than a float resolves. The
 * last 0.0001 dB are made in one step, so that resting gains are exact.
 */
#include "dynamics/envelope.h"

#include "base/units.h"
#include "base/smooth.h"

#include <math.h>

#define SETTLED_DB 1e-4
#define SLOWER 10.0 /* time of the mean over the release time */

void
dmix_envelope_times_init (DmixEnvelopeTimes *times, double step_s,
    double attack_ms, double hold_ms, double release_ms, int auto_release)
{
  times->attack_share = dmix_smooth_share (attack_ms / 1000.0, step_s);
  times->release_share = dmix_smooth_share (release_ms / 1000.0, step_s);
  times->mean_share = auto_release
      ? dmix_smooth_share (SLOWER * release_ms / 1000.0, step_s)
      : 0.0;
  times->hold_steps = (unsigned) lround (hold_ms / 1000.0 / step_s);
}

void
dmix_envelope_init (DmixEnvelope *self, double value)
{
  self->value = self->mean = value;
  self->held = 0;
}

static inline double
approach (double value, double target, double share)
{
  const double left = target - value;

  return fabs (left) < SETTLED_DB ? target : value + share * left;
}

void
dmix_envelope_process (DmixEnvelope *self, const DmixEnvelopeTimes *times,
    float *db, size_t steps)
{
  const DmixEnvelopeTimes t = *times;
  DmixEnvelope s = *self;

  for (size_t i = 0; i < steps; i++) {
    double target = db[i];

    if (t.mean_share > 0.0)
      s.mean = approach (s.mean, target, t.mean_share);
    if (target <= s.value) {
      s.held = t.hold_steps;
      s.value = approach (s.value, target, t.attack_share);
    } else if (s.held > 0) {
      s.held--;
    } else {
      if (t.mean_share > 0.0 && s.mean < target)
        target = DMIX_MAX (s.mean, s.value);
      s.value = approach (s.value, target, t.release_share);
    }
    db[i] = (float) s.value;
  }
  *self = s;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: without look-ahead the envelope's value is the gain, up to two steps
 * late. With look-ahead, the gain at the border of two steps must be low enough
 * for both, so the lower of each two neighbours enters a look-ahead filter
 * (base/lookahead.h) over the M steps that are known when a frame is put out.
 * Its result at border j is not above the values of steps j - 1 and j. So a
 * line between two borders is not above the value of the step between them.
 *
 * State
 *   step      number of the next step
 *   value[]   ring, by step: the envelope's values. They refill the look-ahead
 *             when its length changes
 *   gain[]    ring, by border: the resulting gains
 */
#include "dynamics/ballistics.h"

#include "base/units.h"
#include "base/decibel.h"
#include "base/lookahead.h"

#include <stdlib.h>

struct DmixBallistics
{
  DmixBallisticsSettings settings;
  unsigned ring_steps;
  uint64_t step;
  DmixEnvelope envelope;
  DmixLookahead *lookahead;
  float *value, *gain;
};

DmixBallistics *
dmix_ballistics_new (unsigned ring_steps, unsigned most_ahead_steps)
{
  DmixBallistics *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->ring_steps = ring_steps;
  self->lookahead = dmix_lookahead_new (most_ahead_steps);
  self->value = calloc (ring_steps, sizeof *self->value);
  self->gain = calloc (ring_steps, sizeof *self->gain);
  if (!self->lookahead || !self->value || !self->gain) {
    dmix_ballistics_free (self);
    return NULL;
  }
  return self;
}

void
dmix_ballistics_free (DmixBallistics *self)
{
  if (!self)
    return;
  dmix_lookahead_free (self->lookahead);
  free (self->value);
  free (self->gain);
  free (self);
}

static float *
value_at (const DmixBallistics *self, uint64_t step)
{
  return &self->value[step & (self->ring_steps - 1)];
}

/* Refills the look-ahead from the values of past steps. */
static void
prepare_lookahead (DmixBallistics *self)
{
  unsigned delay;
  uint64_t k;

  if (self->settings.ahead_steps < 2)
    return;
  delay = self->settings.ahead_steps - 2;
  k = self->step - (2 * delay + 2);
  dmix_lookahead_set_frames (self->lookahead, delay, *value_at (self, k - 1));
  for (; k < self->step; k++) {
    float low = dmix_smaller (*value_at (self, k), *value_at (self, k - 1));

    dmix_lookahead_process (self->lookahead, &low, 1);
  }
}

/* Converts values (dB) to linear gains with makeup and mix, in place. */
static void
to_linear (const DmixBallisticsSettings *settings, float *value, size_t count)
{
  const float side = settings->side, makeup = settings->makeup;
  const float mix = settings->mix;

  if (settings->bypass) {
    for (size_t i = 0; i < count; i++)
      value[i] = 1.0f;
    return;
  }
  if (side < 0.0f)
    for (size_t i = 0; i < count; i++)
      value[i] = -value[i];
  dmix_decibel_to_gain (value, count);
  for (size_t i = 0; i < count; i++)
    value[i] *= makeup;
  if (mix < 1.0f) /* a gain of 1 stays 1 exactly */
    for (size_t i = 0; i < count; i++)
      value[i] = 1.0f + mix * (value[i] - 1.0f);
}

void
dmix_ballistics_reset (DmixBallistics *self,
    const DmixBallisticsSettings *settings, float value, uint64_t step)
{
  float gain = value;

  self->settings = *settings;
  self->step = step;
  to_linear (settings, &gain, 1);
  dmix_envelope_init (&self->envelope, value);
  for (unsigned i = 0; i < self->ring_steps; i++) {
    self->value[i] = value;
    self->gain[i] = gain;
  }
  prepare_lookahead (self);
}

static float
possible (const DmixBallisticsSettings *settings, float value)
{
  value = DMIX_MAX (value, settings->lowest);
  return dmix_smaller (value, settings->highest);
}

void
dmix_ballistics_take_over (DmixBallistics *self, const DmixBallistics *from,
    const DmixBallisticsSettings *settings, uint64_t step)
{
  const float flip = settings->side * from->settings.side;
  const int had_mean = from->settings.times.mean_share > 0.0;
  DmixEnvelope *e = &self->envelope;

  self->settings = *settings;
  self->step = step;
  *e = from->envelope;
  e->value = possible (settings, flip * (float) e->value);
  e->mean = had_mean ? possible (settings, flip * (float) e->mean) : e->value;
  for (uint64_t k = step - (2 * settings->ahead_steps + 4); k < step; k++)
    *value_at (self, k) = k < from->step
        ? possible (settings, flip * *value_at (from, k))
        : (float) e->value;
  prepare_lookahead (self);
}

/* Non-zero if all targets are the value on which the gain rests. */
static int
rests (const DmixBallistics *self, const float *value, unsigned steps)
{
  const float first = value[0];
  int same = *value_at (self, self->step - 1) == first;

  if (!same
      || !dmix_envelope_rests_on (&self->envelope, &self->settings.times, first)
      || (self->settings.ahead_steps >= 2
          && !dmix_lookahead_rests_on (self->lookahead, first)))
    return 0;
  for (unsigned s = 1; s < steps; s++)
    same &= value[s] == first;
  return same;
}

/* The results for such targets: the first step stands for all. */
static void
stay (DmixBallistics *self, float value, unsigned steps)
{
  const unsigned mask = self->ring_steps - 1;
  const uint64_t border = self->step + 2 - self->settings.ahead_steps;
  float gain = value;

  dmix_envelope_process (&self->envelope, &self->settings.times, &gain, 1);
  if (self->settings.ahead_steps >= 2)
    dmix_lookahead_process (self->lookahead, &gain, 1);
  to_linear (&self->settings, &gain, 1);
  for (unsigned s = 0; s < steps; s++) {
    *value_at (self, self->step + s) = value;
    self->gain[(border + s) & mask] = gain;
  }
  self->step += steps;
}

void
dmix_ballistics_process (DmixBallistics *self, float *value, unsigned steps)
{
  const DmixBallisticsSettings *settings = &self->settings;
  const unsigned mask = self->ring_steps - 1;
  const uint64_t border = self->step + 2 - settings->ahead_steps;
  float last = *value_at (self, self->step - 1);

  if (steps > 0 && rests (self, value, steps)) {
    stay (self, value[0], steps);
    return;
  }
  dmix_envelope_process (&self->envelope, &settings->times, value, steps);
  for (unsigned s = 0; s < steps; s++)
    *value_at (self, self->step + s) = value[s];
  if (settings->ahead_steps >= 2) {
    for (unsigned s = 0; s < steps; s++) {
      const float now = value[s];

      value[s] = dmix_smaller (now, last);
      last = now;
    }
    dmix_lookahead_process (self->lookahead, value, steps);
  }
  to_linear (settings, value, steps);
  for (unsigned s = 0; s < steps; s++)
    self->gain[(border + s) & mask] = value[s];
  self->step += steps;
}

const float *
dmix_ballistics_get_gain (const DmixBallistics *self)
{
  return self->gain;
}

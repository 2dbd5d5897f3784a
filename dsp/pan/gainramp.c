/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: two one-pole filters in series give a value for each step. The curve
 * is the quadratic B-spline of the values of the last three steps; straight
 * lines would leave images of the step rate at -80 dB when a source passes a
 * loudspeaker. A gain within 1e-7 (-140 dB) of its target is set to it. Then
 * the gain is at rest, and channels with a gain of 0 are skipped.
 *
 * State of a channel
 *   target, middle, value   input, output of the first and the second filter
 *   knot[]                  values of the last three steps, the newest last
 *   start, slope, bend      the curve of this step, over positions 0 to 1
 *   rests                   the value is the target and the curve is flat
 *
 * State of all channels
 *   active[]                channels that are not silent in this step
 *   flat[]                  gains of all channels, valid when all are at rest
 */
#include "pan/gainramp.h"

#include "base/sanitize.h"
#include "pan/gainpair.h"
#include "base/smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REST 1e-7 /* largest difference from the target at rest */
#define PART 256u /* frames that are cleaned at a time */

typedef struct
{
  double target, middle, value;
  double knot[3];
  float start, slope, bend;
  int rests;
} Gain;

struct DmixGainRamp
{
  unsigned channels, step, actives;
  double share;
  int begun, rests;
  Gain *gain;
  unsigned *active;
  DmixGainPair *pair;
  float *flat;
};

DmixGainRamp *
dmix_gainramp_new (unsigned channels, unsigned step, double time_frames)
{
  DmixGainRamp *self;

  if (channels < 1 || step < 1 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->channels = channels;
  self->step = step;
  self->pair = dmix_gainpair_get ();
  self->share = dmix_smooth_share (time_frames, step);
  self->gain = calloc (channels, sizeof *self->gain);
  self->active = calloc (channels, sizeof *self->active);
  self->flat = calloc (channels, sizeof *self->flat);
  if (!self->gain || !self->active || !self->flat) {
    dmix_gainramp_free (self);
    return NULL;
  }
  dmix_gainramp_reset (self);
  return self;
}

void
dmix_gainramp_free (DmixGainRamp *self)
{
  if (!self)
    return;
  free (self->gain);
  free (self->active);
  free (self->flat);
  free (self);
}

void
dmix_gainramp_reset (DmixGainRamp *self)
{
  memset (self->gain, 0, self->channels * sizeof *self->gain);
  self->begun = self->rests = 0;
  self->actives = 0;
}

void
dmix_gainramp_set_gains (DmixGainRamp *self, const double *gain)
{
  for (unsigned c = 0; c < self->channels; c++) {
    Gain *g = &self->gain[c];

    g->rests &= g->target == gain[c];
    g->target = gain[c];
    if (!self->begun) {
      g->middle = g->value = gain[c];
      g->knot[0] = g->knot[1] = g->knot[2] = gain[c];
    }
  }
  self->begun = 1;
  self->rests = 0;
}

static int
is_flat (const Gain *gain)
{
  return gain->slope == 0 && gain->bend == 0;
}

static void
set_curve (Gain *gain)
{
  double *knot = gain->knot;

  knot[0] = knot[1];
  knot[1] = knot[2];
  knot[2] = gain->value;
  gain->start = (float) ((knot[0] + knot[1]) / 2);
  gain->slope = (float) (knot[1] - knot[0]);
  gain->bend = (float) ((knot[0] - 2 * knot[1] + knot[2]) / 2);
}

static void
move (DmixGainRamp *self, Gain *g)
{
  g->middle += self->share * (g->target - g->middle);
  g->value += self->share * (g->middle - g->value);
  if (fabs (g->target - g->middle) < REST && fabs (g->middle - g->value) < REST)
    g->middle = g->value = g->target;
  set_curve (g);
  g->rests = is_flat (g) && g->value == g->target;
}

void
dmix_gainramp_step (DmixGainRamp *self)
{
  if (self->rests)
    return;
  self->rests = 1;
  self->actives = 0;
  for (unsigned c = 0; c < self->channels; c++) {
    Gain *g = &self->gain[c];

    if (!g->rests) {
      move (self, g);
      self->flat[c] = g->start;
    }
    self->rests &= g->rests;
    if (!is_flat (g) || g->start != 0)
      self->active[self->actives++] = c;
  }
}

static void
add_constant (float *restrict to, const float *restrict x, float gain,
    unsigned frames)
{
  for (unsigned i = 0; i < frames; i++)
    to[i] += x[i] * gain;
}

static void
add_gliding (float *restrict to, const float *restrict x, const Gain *gain,
    unsigned at, unsigned frames, float each)
{
  const float start = gain->start, slope = gain->slope, bend = gain->bend;
  const int first = (int) at + 1;

  for (int i = 0; i < (int) frames; i++) {
    const float place = (float) (first + i) * each;

    to[i] += x[i] * (start + place * (slope + place * bend));
  }
}

void
dmix_gainramp_add (const DmixGainRamp *self, const float *sample, unsigned at,
    unsigned frames, float *to, size_t stride)
{
  for (unsigned a = 0; a < self->actives; a++) {
    const Gain *gain = &self->gain[self->active[a]];
    float *channel = to + self->active[a] * stride;

    if (is_flat (gain))
      add_constant (channel, sample, gain->start, frames);
    else
      add_gliding (channel, sample, gain, at, frames, 1.0f / self->step);
  }
}

int
dmix_gainramp_is_at_rest (const DmixGainRamp *self)
{
  return self->begun && self->rests;
}

/* Inlined below with a constant number of channels, for vector code. */
static inline void
spread (float *restrict out, const float *restrict x,
    const float *restrict gain, size_t frames, unsigned channels)
{
  for (size_t i = 0; i < frames; i++)
    for (unsigned c = 0; c < channels; c++)
      out[i * channels + c] = x[i] * gain[c] + 0.0f; /* -0 becomes 0 */
}

static void
spread_part (const DmixGainRamp *self, const float *sample, unsigned frames,
    float *out)
{
  float clean[PART];

  memcpy (clean, sample, frames * sizeof *clean);
  dmix_sanitize_clean (clean, frames);
  switch (self->channels) {
    case 4:
      spread (out, clean, self->flat, frames, 4);
      break;
    case 6:
      spread (out, clean, self->flat, frames, 6);
      break;
    case 8:
      spread (out, clean, self->flat, frames, 8);
      break;
    case 12:
      spread (out, clean, self->flat, frames, 12);
      break;
    default:
      spread (out, clean, self->flat, frames, self->channels);
  }
}

void
dmix_gainramp_process (const DmixGainRamp *self, const float *sample,
    size_t frames, float *out)
{
  if (self->channels == 2) {
    self->pair (out, sample, self->flat[0], self->flat[1], frames);
    return;
  }
  for (size_t done = 0; done < frames;) {
    const unsigned part =
        frames - done < PART ? (unsigned) (frames - done) : PART;

    spread_part (self, sample + done, part, out + done * self->channels);
    done += part;
  }
}

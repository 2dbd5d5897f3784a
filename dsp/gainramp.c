/* Method: see the header. What is left of the way is dropped below 1e-7 (-140
 * dB), then the gains rest, and channels at 0 cost nothing.
 *
 * State of a channel
 *   target, middle, value   behind the first and the second filter
 *   from, to                gains at the start and the end of the step
 *   active[]                channels that are not silent in this step
 */
#include "gainramp.h"

#include "smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REST 1e-7

typedef struct
{
  double target, middle, value;
  float from, to;
} Gain;

struct DmixGainRamp
{
  unsigned channels, step, actives;
  double share;
  int begun, rests;
  Gain *gain;
  unsigned *active;
};

DmixGainRamp *
dmix_gainramp_new (unsigned channels, unsigned step, double time_frames)
{
  DmixGainRamp *self;

  if (channels < 1 || step < 1 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->channels = channels;
  self->step = step;
  self->share = dmix_smooth_share (time_frames, step);
  self->gain = calloc (channels, sizeof *self->gain);
  self->active = calloc (channels, sizeof *self->active);
  if (!self->gain || !self->active) {
    dmix_gainramp_free (self);
    return NULL;
  }
  dmix_gainramp_reset (self);
  return self;
}

void
dmix_gainramp_free (DmixGainRamp * self)
{
  if (!self)
    return;
  free (self->gain);
  free (self->active);
  free (self);
}

void
dmix_gainramp_reset (DmixGainRamp * self)
{
  memset (self->gain, 0, self->channels * sizeof *self->gain);
  self->begun = self->rests = 0;
  self->actives = 0;
}

void
dmix_gainramp_set (DmixGainRamp * self, const double *gain)
{
  for (unsigned c = 0; c < self->channels; c++) {
    Gain *g = &self->gain[c];

    g->target = gain[c];
    if (!self->begun) {
      g->middle = g->value = gain[c];
      g->from = g->to = (float) gain[c];
    }
  }
  self->begun = 1;
  self->rests = 0;
}

void
dmix_gainramp_step (DmixGainRamp * self)
{
  if (self->rests)
    return;
  self->rests = 1;
  self->actives = 0;
  for (unsigned c = 0; c < self->channels; c++) {
    Gain *g = &self->gain[c];

    g->middle += self->share * (g->target - g->middle);
    g->value += self->share * (g->middle - g->value);
    if (fabs (g->target - g->middle) < REST
        && fabs (g->middle - g->value) < REST)
      g->middle = g->value = g->target;
    g->from = g->to;
    g->to = (float) g->value;
    /* one more step, so that from is to */
    self->rests &= g->from == g->to && g->value == g->target;
    if (g->from != 0 || g->to != 0)
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
add_gliding (float *restrict to, const float *restrict x, const Gain * gain,
    unsigned at, unsigned frames, float each)
{
  const float from = gain->from, way = (gain->to - from) * each;
  const int first = (int) at + 1;

  for (int i = 0; i < (int) frames; i++)
    to[i] += x[i] * (from + way * (float) (first + i));
}

void
dmix_gainramp_add (const DmixGainRamp * self, const float *sample,
    unsigned at, unsigned frames, float *to, size_t stride)
{
  for (unsigned a = 0; a < self->actives; a++) {
    const Gain *gain = &self->gain[self->active[a]];
    float *channel = to + self->active[a] * stride;

    if (gain->from == gain->to)
      add_constant (channel, sample, gain->to, frames);
    else
      add_gliding (channel, sample, gain, at, frames, 1.0f / self->step);
  }
}

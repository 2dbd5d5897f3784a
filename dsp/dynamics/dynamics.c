/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: audio enters a ring and leaves it some frames later, times a gain.
 * The engines (dynamicsengine.c) read whole steps from the ring, so block sizes
 * do not affect them. Gains are numbered by the audio they belong to: border j
 * is the first frame of step j, and the gain is linear between borders. So
 * audio may wait for its gain for any time, and a change of latency only shifts
 * the read position.
 *
 * A change of parameters at border k: a second engine takes over the state of
 * the first one, and the gains of both are cross-faded from border k to
 * k + fade_steps, w from 0 to 1. The first engine runs until the fade has its
 * last gain. A ceiling that both engines keep holds for the mix, too.
 *
 * State
 *   sound        audio that waits for its gain
 *   taken        number of the next input frame; counts from FIRST_STEP
 *   closed       number of the next step for the engines
 *   mixed        number of the first border whose gain is not known
 *   delay        current delay, frames; told: the delay last reported
 *   engine[]     the current one, and the one being faded in
 *   fading       a fade is running
 *   fade_from    border at which the fade begins
 *   wanted       parameters last set; waiting: no engine has them yet
 *   track        gain curve, by border; rest: the latest gain of audio that the
 *                gain computer leaves alone (makeup and mix)
 *   repeats      frames still to be put out a second time, not metered
 */
#include "dynamics/dynamics.h"

#include "base/units.h"
#include "dynamics/dynamicsengine.h"
#include "base/sanitize.h"
#include "dynamics/gaincurve.h"
#include "dynamics/ringbuffer.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MOST_FRAMES 512 /* frames per internal block */
#define FADE_S 0.05
#define FIRST_STEP ((uint64_t) 1 << 32) /* leaves room for steps before it */

struct DmixDynamics
{
  DmixFormat format;
  unsigned step_frames, most_frames;
  DmixRingBuffer *sound;
  uint64_t taken, closed, mixed;
  unsigned delay, told;
  DmixDynamicsEngine *engine[2];
  int fresh, fading, waiting;
  uint64_t fade_from;
  unsigned fade_steps;
  float *fade; /* w, by step */
  DmixDynamicsParams now, next, wanted;
  DmixGainCurve *track;
  float rest;
  size_t repeats;
  DmixDynamicsMeterState meter;
};

static unsigned
latency (const DmixDynamics *self, const DmixDynamicsParams *params)
{
  return dmix_dynamicsengine_latency_frames (self->format.rate_hz, params);
}

static int
take_memory (DmixDynamics *self, const float *loudness_weight)
{
  const unsigned channels = self->format.channels, step = self->step_frames;
  const unsigned rate = self->format.rate_hz;

  for (int e = 0; e < 2; e++)
    self->engine[e] = dmix_dynamicsengine_new (&self->format, loudness_weight);
  self->sound = dmix_ringbuffer_new (channels, step,
      self->most_frames + 2 * step
          + dmix_dynamicsengine_most_latency_frames (rate));
  self->fade = calloc (self->fade_steps + 1, sizeof (float));
  self->track = dmix_gaincurve_new (channels, step,
      dmix_dynamicsengine_ring_steps (rate), self->most_frames);
  return self->engine[0] && self->engine[1] && self->sound && self->fade
      && self->track;
}

DmixDynamics *
dmix_dynamics_new (const DmixFormat *format, const float *loudness_weight)
{
  const DmixDynamicsParams off = { .ratio = 1, .bypass = 1 };
  DmixDynamics *self;

  if (!dmix_format_is_valid (format) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->step_frames = dmix_dynamicsengine_step_frames (format->rate_hz);
  self->most_frames = (DMIX_DYNAMICSENGINE_MOST_STEPS - 1) * self->step_frames;
  if (self->most_frames > MOST_FRAMES)
    self->most_frames = MOST_FRAMES;
  self->fade_steps = (unsigned) fmax (1.0,
      round (FADE_S * format->rate_hz / self->step_frames));
  if (!take_memory (self, loudness_weight)) {
    dmix_dynamics_free (self);
    return NULL;
  }
  for (unsigned i = 0; i <= self->fade_steps; i++)
    self->fade[i] = (float) (0.5 - 0.5 * cos (DMIX_PI * i / self->fade_steps));
  self->wanted = off;
  dmix_dynamics_reset (self);
  return self;
}

void
dmix_dynamics_free (DmixDynamics *self)
{
  if (!self)
    return;
  dmix_dynamicsengine_free (self->engine[0]);
  dmix_dynamicsengine_free (self->engine[1]);
  dmix_ringbuffer_free (self->sound);
  free (self->fade);
  dmix_gaincurve_free (self->track);
  free (self);
}

/* First border whose gain the engines have not decided. */
static uint64_t
known_borders (const DmixDynamics *self)
{
  unsigned lag = dmix_dynamicsengine_lag_steps (self->engine[0]);

  if (self->fading) {
    unsigned other = dmix_dynamicsengine_lag_steps (self->engine[1]);

    lag = DMIX_MAX (other, lag);
  }
  return self->closed + 2 - lag;
}

static void mix_gains (DmixDynamics *self);

/* Starts the current engine with the wanted parameters, from silence. */
static void
start_engine (DmixDynamics *self)
{
  self->now = self->wanted;
  self->fading = self->waiting = 0;
  dmix_dynamicsengine_reset (self->engine[0], &self->now, self->closed);
  self->delay = self->told = latency (self, &self->now);
  self->mixed = known_borders (self)
      - dmix_dynamicsengine_ring_steps (self->format.rate_hz);
  mix_gains (self);
}

void
dmix_dynamics_reset (DmixDynamics *self)
{
  dmix_ringbuffer_reset (self->sound);
  self->closed = FIRST_STEP;
  self->taken = self->closed * self->step_frames;
  self->repeats = 0;
  dmix_dynamicsmeter_reset (&self->meter);
  start_engine (self);
  self->fresh = 1;
}

/* Starts a fade to the waiting parameters, unless one is running. */
static void
start_fade (DmixDynamics *self)
{
  if (!self->waiting || self->fading)
    return;
  self->waiting = 0;
  if (dmix_dynamicsparams_equal (&self->wanted, &self->now))
    return;
  self->next = self->wanted;
  self->fading = 1;
  self->fade_from = self->closed + 1; /* first gain of the new engine */
  dmix_dynamicsengine_take_over (self->engine[1], self->engine[0], &self->next);
}

static void
end_fade (DmixDynamics *self)
{
  DmixDynamicsEngine *old = self->engine[0];

  self->engine[0] = self->engine[1];
  self->engine[1] = old;
  self->now = self->next;
  self->fading = 0;
}

/* The longest latency of the engines and of the waiting parameters. */
static unsigned
needed_latency (const DmixDynamics *self)
{
  unsigned most = latency (self, &self->now);

  if (self->fading && latency (self, &self->next) > most)
    most = latency (self, &self->next);
  if (self->waiting && latency (self, &self->wanted) > most)
    most = latency (self, &self->wanted);
  return most;
}

void
dmix_dynamics_set_params (DmixDynamics *self, const DmixDynamicsParams *params)
{
  const DmixDynamicsParams wanted = dmix_dynamicsparams_clamp (params);
  unsigned needed;

  if (dmix_dynamicsparams_equal (&wanted, &self->wanted))
    return;
  self->wanted = wanted;
  if (self->fresh) {
    start_engine (self);
    return;
  }
  self->waiting = 1;
  start_fade (self);
  needed = needed_latency (self);
  if (needed > self->told)
    self->told = needed;
  if (needed > self->delay) {
    self->repeats += needed - self->delay;
    self->delay = needed;
  }
}

/* Copies `count` gains of one engine. */
static void
copy_gains (DmixDynamics *self, const DmixDynamicsEngine *from, uint64_t count)
{
  const unsigned lanes = dmix_dynamicsengine_get_lanes (from);
  const DmixGainCurveBorder what = {
    lanes == 1,
    dmix_dynamicsengine_get_rest (from),
  };

  for (unsigned l = 0; l < lanes; l++)
    dmix_gaincurve_set_gains (self->track, self->mixed, (unsigned) count, what,
        l, dmix_dynamicsengine_get_gain (from, l));
}

/* Cross-fades the gains of both engines at one border. */
static void
mix_gain (DmixDynamics *self, float w)
{
  const DmixDynamicsEngine *a = self->engine[0], *b = self->engine[1];
  const float rest = dmix_dynamicsengine_get_rest (a);
  const DmixGainCurveBorder what = {
    dmix_dynamicsengine_get_lanes (a) == 1
        && dmix_dynamicsengine_get_lanes (b) == 1,
    rest + w * (dmix_dynamicsengine_get_rest (b) - rest),
  };
  const unsigned lanes = what.shared ? 1 : self->format.channels;

  for (unsigned l = 0; l < lanes; l++)
    dmix_gaincurve_set_mix (self->track, self->mixed, what, l,
        dmix_dynamicsengine_get_gain (a, l),
        dmix_dynamicsengine_get_gain (b, l), w);
}

/* Sets the gains of all borders that the engines have decided. */
static void
mix_gains (DmixDynamics *self)
{
  const uint64_t known = known_borders (self);

  for (uint64_t count; self->mixed < known; self->mixed += count) {
    const uint64_t since = self->mixed - self->fade_from;

    count = self->fading ? 1 : known - self->mixed;
    if (!self->fading || self->mixed <= self->fade_from)
      copy_gains (self, self->engine[0], count);
    else if (since >= self->fade_steps)
      copy_gains (self, self->engine[1], count);
    else
      mix_gain (self, self->fade[since]);
  }
}

/* Complete steps that the engines can process in one call: at most up to the
 * end of a fade. */
static unsigned
steps_together (const DmixDynamics *self)
{
  uint64_t n = self->taken / self->step_frames - self->closed;

  if (n > DMIX_DYNAMICSENGINE_MOST_STEPS)
    n = DMIX_DYNAMICSENGINE_MOST_STEPS;
  if (self->fading) {
    const uint64_t end = self->fade_from + self->fade_steps;
    const uint64_t left = end + 1 - known_borders (self);

    n = DMIX_MIN (n, left);
  }
  return (unsigned) n;
}

/* Decides the gains of all complete steps. */
static void
decide (DmixDynamics *self)
{
  size_t frames;

  while ((frames = (size_t) steps_together (self) * self->step_frames) > 0) {
    const float *in = dmix_ringbuffer_read (self->sound,
        self->closed * self->step_frames, &frames);
    const unsigned steps = (unsigned) (frames / self->step_frames);

    dmix_dynamicsengine_process (self->engine[0], in, steps);
    if (self->fading)
      dmix_dynamicsengine_process (self->engine[1], in, steps);
    self->closed += steps;
    mix_gains (self);
    if (self->fading && self->mixed > self->fade_from + self->fade_steps) {
      end_fade (self);
      mix_gains (self);
      start_fade (self);
    }
  }
}

/* Puts out `frames` frames from `frame` on; at most most_frames. */
static void
put (DmixDynamics *self, float *out, uint64_t frame, size_t frames)
{
  const unsigned channels = self->format.channels;

  while (frames > 0) {
    const int metered = self->repeats == 0;
    size_t n = !metered && frames > self->repeats ? self->repeats : frames;
    const float *x = dmix_ringbuffer_read (self->sound, frame, &n);

    self->rest = dmix_gaincurve_process (self->track, out, x, frame, n,
        metered ? &self->meter : NULL);
    if (metered) {
      dmix_dynamicsmeter_add_levels (&self->meter.in, x, channels, n);
      dmix_dynamicsmeter_add_levels (&self->meter.out, out, channels, n);
      self->meter.frames += n;
    } else {
      self->repeats -= n;
    }
    out += n * channels;
    frame += n;
    frames -= n;
  }
}

void
dmix_dynamics_process (DmixDynamics *self, float *io, size_t frames)
{
  const unsigned channels = self->format.channels;

  if (frames > 0)
    self->fresh = 0;
  while (frames > 0) {
    const size_t n = DMIX_MIN (frames, self->most_frames);
    const uint64_t first = self->taken - self->delay;

    dmix_sanitize_clean (io, n * channels);
    dmix_ringbuffer_write (self->sound, io, self->taken, n);
    self->taken += n;
    decide (self);
    put (self, io, first, n);
    io += n * channels;
    frames -= n;
  }
  if (needed_latency (self) < self->told)
    self->told = needed_latency (self);
}

size_t
dmix_dynamics_catch_up (DmixDynamics *self, float *out, size_t frames)
{
  const size_t late = self->delay - self->told;

  frames = DMIX_MIN (frames, late);
  for (size_t left = frames; left > 0;) {
    const size_t n = DMIX_MIN (left, self->most_frames);

    put (self, out, self->taken - self->delay, n);
    self->delay -= (unsigned) n;
    out += n * self->format.channels;
    left -= n;
  }
  return frames;
}

unsigned
dmix_dynamics_latency_frames (const DmixDynamics *self)
{
  return self->told;
}

unsigned
dmix_dynamics_tail_frames (const DmixDynamics *self)
{
  return self->delay;
}

unsigned
dmix_dynamics_step_frames (const DmixDynamics *self)
{
  return self->step_frames;
}

void
dmix_dynamics_read_meter (DmixDynamics *self, DmixDynamicsMeter *meter)
{
  dmix_dynamicsmeter_read (&self->meter, self->format.channels, self->rest,
      meter);
}

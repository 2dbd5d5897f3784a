/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a sliding minimum over the last N + 1 targets, then a smoothing
 * filter of N + 1 taps that are positive and sum to one.
 *
 * Proof of the guarantee in lookahead.h: every minimum that the filter averages
 * at time t covers a window that contains the target of t - N. So each minimum
 * is <= that target, and so is any average of them. No tuning, no overshoot, no
 * dependence on the signal.
 *
 * The filter is two running means in series (a triangle for even N), O(1) per
 * frame. They use integers, millionths of a dB, so that adding and subtracting
 * for hours accumulates no rounding errors.
 *
 * Sliding minimum: M. van Herk, "A fast algorithm for local minimum and maximum
 * filters on rectangular and octagonal kernels", Pattern Recogn. Lett. 13,
 * 1992: the lower of the minimum of a run of N + 1 values so far, and of what
 * the window has of the run before, whose minima from each position to its end
 * are computed once. A new value overwrites the one that was just used last.
 *
 * State
 *   low      the minimum of the last N + 1 values: value[], before `at` the
 *            values of this run, from `at` on minima of the run before; lowest
 *            value of this run
 *   mean[]   the two running means: past inputs, sum and ring position
 *   latest   the latest value; same: frames that had it, up to `settled`, where
 *            all that is remembered is this value, and so is the result
 */
#include "base/lookahead.h"

#include "base/units.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define MAX_FRAMES (1u << 18)
#define LIMIT_DB 200.0f
#define UNITS_PER_DB 1e6 /* 200 dB * 1e6 * (N/2 + 1)^2 stays below 2^63 */

typedef struct
{
  int64_t *value;
  unsigned length, at;
  int64_t lowest;
} SlidingMinimum;

typedef struct
{
  int64_t *past; /* ring of the last `length` inputs */
  unsigned length, at;
  int64_t sum;
} RunningSum;

struct DmixLookahead
{
  unsigned latency, most; /* most: longest latency allocated */
  SlidingMinimum low;
  RunningSum mean[2];
  double scale; /* dB of the sums */
  int64_t latest;
  unsigned same, settled;
};

static int64_t
units_from_db (float db)
{
  db = db > -LIMIT_DB ? db : isnan (db) ? 0.0f : -LIMIT_DB;
  return llrint (DMIX_MIN (db, LIMIT_DB) * UNITS_PER_DB);
}

static inline int64_t
running_sum_push (RunningSum *self, int64_t value)
{
  self->sum += value - self->past[self->at];
  self->past[self->at] = value;
  self->at = self->at + 1 == self->length ? 0 : self->at + 1;
  return self->sum;
}

static void
running_sum_fill (RunningSum *self, int64_t value)
{
  for (unsigned i = 0; i < self->length; i++)
    self->past[i] = value;
  self->sum = value * self->length;
}

/* Minima from each position to the end. */
static void
end_run (int64_t *value, unsigned length)
{
  int64_t least = value[length - 1];

  for (unsigned i = length - 1; i > 0; i--)
    value[i - 1] = least = DMIX_MIN (value[i - 1], least);
}

/* Adds a value to the window and returns its minimum. */
static inline int64_t
sliding_minimum_push (SlidingMinimum *self, int64_t value)
{
  const int64_t least = DMIX_MIN (self->lowest, value);
  int64_t before;

  self->lowest = least;
  self->value[self->at++] = value;
  if (self->at == self->length) {
    end_run (self->value, self->length);
    self->at = 0;
    self->lowest = INT64_MAX;
    return least;
  }
  before = self->value[self->at];
  return DMIX_MIN (before, least);
}

static void
sliding_minimum_fill (SlidingMinimum *self, int64_t value)
{
  self->at = 0;
  self->lowest = INT64_MAX;
  for (unsigned i = 0; i < self->length; i++)
    self->value[i] = value;
}

static void
set_lengths (DmixLookahead *self, unsigned frames)
{
  self->latency = frames;
  self->low.length = frames + 1;
  self->mean[0].length = frames / 2 + 1;
  self->mean[1].length = frames - frames / 2 + 1; /* together N + 1 taps */
  self->mean[0].at = self->mean[1].at = 0;
  self->scale =
      1.0 / (UNITS_PER_DB * self->mean[0].length * self->mean[1].length);
  self->settled = 2 * frames + 4;
}

DmixLookahead *
dmix_lookahead_new (unsigned frames)
{
  DmixLookahead *self;

  if (frames > MAX_FRAMES || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->most = frames;
  set_lengths (self, frames);
  self->low.value = calloc (frames + 1, sizeof *self->low.value);
  for (int i = 0; i < 2; i++)
    self->mean[i].past = calloc (self->mean[i].length, sizeof (int64_t));
  if (!self->low.value || !self->mean[0].past || !self->mean[1].past) {
    dmix_lookahead_free (self);
    return NULL;
  }
  dmix_lookahead_reset (self, 0.0f);
  return self;
}

void
dmix_lookahead_free (DmixLookahead *self)
{
  if (!self)
    return;
  for (int i = 0; i < 2; i++)
    free (self->mean[i].past);
  free (self->low.value);
  free (self);
}

void
dmix_lookahead_reset (DmixLookahead *self, float gain_db)
{
  int64_t value = units_from_db (gain_db);

  sliding_minimum_fill (&self->low, value);
  running_sum_fill (&self->mean[0], value);
  running_sum_fill (&self->mean[1], value * self->mean[0].length);
  self->latest = value;
  self->same = 0;
}

void
dmix_lookahead_set_frames (DmixLookahead *self, unsigned frames, float gain_db)
{
  set_lengths (self, DMIX_MIN (frames, self->most));
  dmix_lookahead_reset (self, gain_db);
}

int
dmix_lookahead_rests_on (const DmixLookahead *self, float gain_db)
{
  return self->same >= self->settled && units_from_db (gain_db) == self->latest;
}

static float
result (const RunningSum *last, double scale)
{
  return (float) (last->sum * scale);
}

static inline void
move (DmixLookahead *self, SlidingMinimum *low, RunningSum *first,
    RunningSum *second, float *gain_db)
{
  const int64_t value = units_from_db (*gain_db);

  self->same = value == self->latest ? self->same + 1 : 0;
  self->latest = value;
  if (self->same > self->settled)
    self->same = self->settled;
  else
    running_sum_push (second,
        running_sum_push (first, sliding_minimum_push (low, value)));
  *gain_db = result (second, self->scale);
}

/* The same on copies of the state: through the memory each sum would wait for the
 * store of the one before. */
static void
move_many (DmixLookahead *self, float *gain_db, size_t frames)
{
  SlidingMinimum low = self->low;
  RunningSum first = self->mean[0], second = self->mean[1];

  for (size_t i = 0; i < frames; i++)
    move (self, &low, &first, &second, &gain_db[i]);
  self->low = low;
  self->mean[0] = first;
  self->mean[1] = second;
}

void
dmix_lookahead_process (DmixLookahead *self, float *gain_db, size_t frames)
{
  while (frames > 0 && dmix_lookahead_rests_on (self, *gain_db)) {
    *gain_db++ = result (&self->mean[1], self->scale);
    frames--;
  }
  if (frames == 1)
    move (self, &self->low, &self->mean[0], &self->mean[1], gain_db);
  else
    move_many (self, gain_db, frames);
}

unsigned
dmix_lookahead_latency_frames (const DmixLookahead *self)
{
  return self->latency;
}

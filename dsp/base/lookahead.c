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
 * Sliding minimum: D. Lemire, "Streaming maximum-minimum filter using no
 * more than three comparisons per element", Nordic J. Computing 13, 2006.
 *
 * State
 *   wedge    candidates for the minimum: rising values, oldest first
 *   seen     frames since reset; frame numbers date the candidates
 *   mean[]   the two running means: past inputs, sum and ring position
 *   same     frames with the latest value, up to `settled`, where all that is
 *            remembered is this value, and so is the result
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
  int64_t value;
  uint64_t frame;
} Candidate;

typedef struct
{
  int64_t *past; /* ring of the last `length` inputs */
  unsigned length, at;
  int64_t sum;
} RunningSum;

struct DmixLookahead
{
  unsigned latency, most; /* most: longest latency allocated */
  uint64_t seen;
  Candidate *wedge; /* ring of latency + 1 */
  unsigned first, count;
  RunningSum mean[2];
  unsigned same, settled;
};

static int64_t
units_from_db (float db)
{
  if (isnan (db))
    return 0;
  return llrint (fminf (fmaxf (db, -LIMIT_DB), LIMIT_DB) * UNITS_PER_DB);
}

static int64_t
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

static unsigned
wedge_index (const DmixLookahead *self, unsigned place)
{
  unsigned i = self->first + place;
  return i > self->latency ? i - self->latency - 1 : i;
}

/* Adds a value to the window of the last N + 1 and returns its minimum. */
static int64_t
sliding_minimum (DmixLookahead *self, int64_t value)
{
  while (self->count
      && self->wedge[wedge_index (self, self->count - 1)].value >= value)
    self->count--;
  if (self->count
      && self->wedge[self->first].frame + self->latency < self->seen) {
    self->first = wedge_index (self, 1);
    self->count--;
  }
  self->wedge[wedge_index (self, self->count)] =
      (Candidate){ value, self->seen };
  self->count++;
  self->seen++;
  return self->wedge[self->first].value;
}

static void
set_lengths (DmixLookahead *self, unsigned frames)
{
  self->latency = frames;
  self->mean[0].length = frames / 2 + 1;
  self->mean[1].length = frames - frames / 2 + 1; /* together N + 1 taps */
  self->mean[0].at = self->mean[1].at = 0;
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
  self->wedge = calloc (frames + 1, sizeof *self->wedge);
  for (int i = 0; i < 2; i++)
    self->mean[i].past = calloc (self->mean[i].length, sizeof (int64_t));
  if (!self->wedge || !self->mean[0].past || !self->mean[1].past) {
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
  free (self->wedge);
  free (self);
}

void
dmix_lookahead_reset (DmixLookahead *self, float gain_db)
{
  int64_t value = units_from_db (gain_db);

  self->seen = 0;
  self->first = self->count = 0;
  running_sum_fill (&self->mean[0], value);
  running_sum_fill (&self->mean[1], value * self->mean[0].length);
  sliding_minimum (self, value);
  self->same = 0;
}

void
dmix_lookahead_set_frames (DmixLookahead *self, unsigned frames, float gain_db)
{
  set_lengths (self, DMIX_MIN (frames, self->most));
  dmix_lookahead_reset (self, gain_db);
}

void
dmix_lookahead_process (DmixLookahead *self, float *gain_db, size_t frames)
{
  const double scale =
      1.0 / (UNITS_PER_DB * self->mean[0].length * self->mean[1].length);

  for (size_t i = 0; i < frames; i++) {
    const int64_t value = units_from_db (gain_db[i]);
    const Candidate *latest = &self->wedge[wedge_index (self, self->count - 1)];
    int64_t once, twice;

    self->same = value == latest->value ? self->same + 1 : 0;
    if (self->same > self->settled) {
      self->same = self->settled;
      self->wedge[self->first].frame = self->seen++;
      twice = self->mean[1].sum;
    } else {
      once = running_sum_push (&self->mean[0], sliding_minimum (self, value));
      twice = running_sum_push (&self->mean[1], once);
    }
    gain_db[i] = (float) (twice * scale);
  }
}

unsigned
dmix_lookahead_latency_frames (const DmixLookahead *self)
{
  return self->latency;
}

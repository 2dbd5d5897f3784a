/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the gains of a block's frames are interpolated into an array, one per
 * lane (a channel, or all channels that share a gain), then multiplied in one
 * loop. The form from (1 - p) + to p stays between its two ends, except for
 * rounding, so a ceiling that both ends keep holds along the line.
 *
 * State
 *   gain[]       ring of gains by border, for each channel
 *   what[]       ring of border properties: shared gain, rest gain
 *   same         properties of all borders from same_from on, before same_end
 *   place[]      p of each frame of a step
 *   line[]       gains of the current frames, by lane; stride: of the lanes
 *   end[]        gains of the current borders
 */
#include "dynamics/gaincurve.h"

#include "base/blockloops.h"
#include "base/units.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BEYOND 8 /* room that the loop over a step needs behind its end */

struct DmixGainCurve
{
  unsigned channels, step_frames, borders;
  size_t stride;
  float *gain, *place, *line, *end;
  DmixGainCurveBorder *what, same;
  uint64_t same_from, same_end;
};

DmixGainCurve *
dmix_gaincurve_new (unsigned channels, unsigned step_frames, unsigned borders,
    size_t most_frames)
{
  DmixGainCurve *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->channels = channels;
  self->step_frames = step_frames;
  self->borders = borders;
  self->stride = most_frames + BEYOND;
  self->gain = calloc ((size_t) borders * channels, sizeof *self->gain);
  self->what = calloc (borders, sizeof *self->what);
  self->place = calloc (step_frames + BEYOND, sizeof *self->place);
  self->line = calloc (self->stride * channels, sizeof *self->line);
  self->end = calloc (most_frames + 2, sizeof *self->end);
  if (!self->gain || !self->what || !self->place || !self->line || !self->end) {
    dmix_gaincurve_free (self);
    return NULL;
  }
  for (unsigned i = 0; i < step_frames; i++)
    self->place[i] = (float) (i + 1) / (float) step_frames;
  return self;
}

void
dmix_gaincurve_free (DmixGainCurve *self)
{
  if (!self)
    return;
  free (self->gain);
  free (self->what);
  free (self->place);
  free (self->line);
  free (self->end);
  free (self);
}

/* Notes what `count` borders are: more of the same, or a new row of them. */
static void
note_borders (DmixGainCurve *self, uint64_t first, unsigned count,
    DmixGainCurveBorder what)
{
  const uint64_t end = first + count;

  if (what.shared != self->same.shared || what.rest != self->same.rest
      || first < self->same_from || first > self->same_end) {
    self->same = what;
    self->same_from = first;
    self->same_end = end;
  }
  self->same_end = DMIX_MAX (end, self->same_end);
}

/* Where the ring ends for `count` borders from index `at` on. */
static size_t
before_wrap (const DmixGainCurve *self, size_t at, size_t count)
{
  const size_t left = self->borders - at;

  return DMIX_MIN (count, left);
}

void
dmix_gaincurve_set_gains (DmixGainCurve *self, uint64_t first, unsigned count,
    DmixGainCurveBorder what, unsigned channel, const float *gain)
{
  float *to = self->gain + (size_t) channel * self->borders;

  note_borders (self, first, count, what);
  for (size_t done = 0, n; done < count; done += n) {
    const size_t at = (first + done) & (self->borders - 1);

    n = before_wrap (self, at, count - done);
    for (size_t i = 0; i < n; i++)
      self->what[at + i] = what;
    memcpy (to + at, gain + at, n * sizeof *to);
  }
}

void
dmix_gaincurve_set_mix (DmixGainCurve *self, uint64_t border,
    DmixGainCurveBorder what, unsigned channel, const float *a, const float *b,
    float w)
{
  const unsigned at = border & (self->borders - 1);

  note_borders (self, border, 1, what);
  self->what[at] = what; /* gives exactly `a` where a == b: 1 stays 1 */
  self->gain[(size_t) channel * self->borders + at] =
      a[at] + w * (b[at] - a[at]);
}

static const DmixGainCurveBorder *
what_at (const DmixGainCurve *self, uint64_t border)
{
  return &self->what[border & (self->borders - 1)];
}

/* Frames left in a step from its frame `at` on, at most `frames`. */
static inline unsigned
left_of_step (const DmixGainCurve *self, unsigned at, size_t frames)
{
  const unsigned left = self->step_frames - at;

  return frames < left ? (unsigned) frames : left;
}

/* Whether borders up to `end` have the same properties as the one at `first`. */
static int
are_same (const DmixGainCurve *self, uint64_t first, uint64_t end)
{
  return first >= self->same_from && end <= self->same_end;
}

static int
all_equal (const float *x, size_t count)
{
  int differ = 0;

  for (size_t i = 1; i < count; i++)
    differ |= x[i] != x[0];
  return !differ;
}

/* Reads the gains of one lane at `count` borders that are all alike. */
static void
copy_ends (const DmixGainCurve *self, uint64_t border, size_t count,
    unsigned lane)
{
  const float *const from =
      self->gain + (self->same.shared ? 0 : (size_t) lane * self->borders);

  for (size_t done = 0, n; done < count; done += n) {
    const size_t at = (border + done) & (self->borders - 1);

    n = before_wrap (self, at, count - done);
    memcpy (self->end + done, from + at, n * sizeof *from);
  }
}

/* Reads the gains of one lane at `count` borders. `same`: neither they nor the rest
 * gains move. Returns non-zero if the rest gains do not. */
static int
read_ends (const DmixGainCurve *self, uint64_t border, size_t count,
    unsigned lane, int *same)
{
  const float *const each = self->gain + (size_t) lane * self->borders;
  const float rest = what_at (self, border)->rest;
  const unsigned mask = self->borders - 1;
  int still = 1;

  if (are_same (self, border, border + count))
    copy_ends (self, border, count, lane);
  else
    for (size_t i = 0; i < count; i++) {
      const unsigned b = (unsigned) (border + i) & mask;
      const DmixGainCurveBorder what = self->what[b];

      self->end[i] = what.shared ? self->gain[b] : each[b];
      still &= what.rest == rest;
    }
  *same = still && all_equal (self->end, count);
  return still;
}

static unsigned
lanes_at (const DmixGainCurve *self, uint64_t frame, size_t frames)
{
  const uint64_t first = frame / self->step_frames;
  const uint64_t end = (frame + frames - 1) / self->step_frames + 2;

  if (are_same (self, first, end))
    return self->same.shared ? 1 : self->channels;
  for (uint64_t b = first; b < end; b++)
    if (!what_at (self, b)->shared)
      return self->channels;
  return 1;
}

static void
apply (const DmixGainCurve *self, float *out, const float *x, size_t frames,
    unsigned lanes)
{
  const unsigned channels = self->channels;

  if (lanes == 1)
    dmix_blockloops ()->apply (out, x, self->line, channels, frames);
  else
    for (unsigned c = 0; c < channels; c++) {
      const float *line = self->line + c * self->stride;

      for (size_t i = 0; i < frames; i++)
        out[i * channels + c] = x[i * channels + c] * line[i];
    }
}

/* Passes the gains of one lane to the meter, over rest gains that move. */
static void
note_lane (const DmixGainCurve *self, uint64_t border, unsigned at,
    size_t frames, const float *line, DmixDynamicsMeterState *meter)
{
  float rest = what_at (self, border)->rest, per_rest = 1.0f / rest;

  while (frames > 0) {
    const unsigned n = left_of_step (self, at, frames);
    const float from = per_rest, next = what_at (self, ++border)->rest;

    if (next != rest) {
      rest = next;
      per_rest = 1.0f / rest;
    }
    dmix_dynamicsmeter_add_gain (meter, line[0] * from, line[n - 1] * per_rest,
        n);
    line += n;
    frames -= n;
    at = 0;
  }
}

float
dmix_gaincurve_process (DmixGainCurve *self, float *out, const float *x,
    uint64_t frame, size_t frames, DmixDynamicsMeterState *meter)
{
  const uint64_t border = frame / self->step_frames;
  const unsigned at = (unsigned) (frame - border * self->step_frames);
  const size_t count = (at + frames - 1) / self->step_frames + 2;
  const unsigned lanes = lanes_at (self, frame, frames);
  int one = 1;

  for (unsigned l = 0; l < lanes; l++) {
    float *line = self->line + l * self->stride;
    const float per_rest = 1.0f / what_at (self, border)->rest;
    int same;
    const int still = read_ends (self, border, count, l, &same);
    const float gain = self->end[0] * per_rest;

    one &= same && self->end[0] == 1.0f;
    if (!one || lanes > 1)
      dmix_blockloops ()->draw (line, self->end, self->place, self->step_frames,
          at, frames);
    if (meter && same)
      dmix_dynamicsmeter_add_gain (meter, gain, gain, (unsigned) frames);
    else if (meter && still)
      dmix_dynamicsmeter_add_lines (meter, line, frames, self->step_frames, at,
          per_rest);
    else if (meter)
      note_lane (self, border, at, frames, line, meter);
  }
  if (one)
    memcpy (out, x, frames * self->channels * sizeof *out);
  else
    apply (self, out, x, frames, lanes);
  return what_at (self, border + count - 1)->rest;
}

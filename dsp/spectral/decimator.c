/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a sinc low-pass with a Kaiser window (J. Kaiser, R. Schafer, IEEE
 * Trans. ASSP 28(1), 1980), computed only for the output samples. The frames are
 * kept as `factor` rows of each channel: frame i is column i / factor of row i %
 * factor. So what one tap needs for successive output samples lies side by side
 * (polyphase form; R. Crochiere, L. Rabiner, Proc. IEEE 69(3), 1981).
 *
 * State
 *   tap, pairs, early, late   see DmixDecimatorTaps
 *   rows     latest frames of each channel; `filled` of them. The next output
 *            sample begins with the first
 */
#include "spectral/decimator.h"

#include "base/floats.h"
#include "base/units.h"
#include "spectral/decimatorloops.h"
#include "spectral/sinc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STOP_DB 63.0 /* Kaiser's formulas give about 3 dB too much */
#define BETA 5.98386 /* 0.1102 (STOP_DB - 8.7), Kaiser's formula */
#define SPARE 8      /* columns that the loops read beyond the last one */

struct DmixDecimator
{
  unsigned channels, factor, half;
  const DmixDecimatorLoops *loops; /* fastest version for this processor */
  float *tap, *rows;
  unsigned pairs, *early, *late;
  size_t filled, room;
};

static unsigned
place_of (const DmixDecimator *self, unsigned frame)
{
  return (unsigned) (frame % self->factor * self->room + frame / self->factor);
}

/* Every `factor`th tap on each side of the middle is 0 and left out. */
static void
make_taps (DmixDecimator *self)
{
  const unsigned half = self->half, factor = self->factor;
  const double width = (half + 1.0) / factor;
  double sum = 1.0;

  self->pairs = 0;
  for (unsigned i = 0; i < half; i++) {
    const unsigned away = half - i;
    const double value =
        dmix_sinc_kaiser (-(double) away / factor, width, BETA);

    if (away % factor == 0)
      continue;
    self->tap[self->pairs] = (float) value;
    self->early[self->pairs] = place_of (self, i);
    self->late[self->pairs] = place_of (self, half + away);
    sum += 2.0 * value;
    self->pairs++;
  }
  self->tap[self->pairs] = 1.0f;
  self->early[self->pairs] = place_of (self, half);
  for (unsigned i = 0; i <= self->pairs; i++)
    self->tap[i] = (float) (self->tap[i] / sum);
}

static size_t
row_floats (const DmixDecimator *self)
{
  return self->room * self->factor * self->channels;
}

DmixDecimator *
dmix_decimator_new (const DmixFormat *format, unsigned factor, double pass_hz)
{
  DmixDecimator *self;
  double transition;

  if (!dmix_format_is_valid (format) || factor < 1 || factor > 64)
    return NULL;
  transition = (double) format->rate_hz / factor - 2.0 * pass_hz;
  if (!(pass_hz > 0.0 && transition > 0.0)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->channels = format->channels;
  self->factor = factor;
  self->half = (unsigned) ceil (
      0.5 * (STOP_DB - 7.95) / 14.36 * format->rate_hz / transition);
  self->room = DMIX_FLOATS_WHOLE (
      (2 * self->half + DMIX_DECIMATOR_BLOCK) / factor + 2 + SPARE);
  self->loops = dmix_decimatorloops ();
  self->tap = calloc (self->half + 1, sizeof (float));
  self->early = calloc (self->half + 1, sizeof *self->early);
  self->late = calloc (self->half + 1, sizeof *self->late);
  self->rows = dmix_floats_new (row_floats (self));
  if (!self->tap || !self->early || !self->late || !self->rows) {
    dmix_decimator_free (self);
    return NULL;
  }
  make_taps (self);
  dmix_decimator_reset (self);
  return self;
}

void
dmix_decimator_free (DmixDecimator *self)
{
  if (!self)
    return;
  free (self->tap);
  free (self->early);
  free (self->late);
  dmix_floats_free (self->rows);
  free (self);
}

void
dmix_decimator_reset (DmixDecimator *self)
{
  memset (self->rows, 0, row_floats (self) * sizeof (float));
  self->filled = self->half;
}

void
dmix_decimator_take_over (DmixDecimator *self, const DmixDecimator *from)
{
  memcpy (self->rows, from->rows, row_floats (self) * sizeof (float));
  self->filled = from->filled;
}

unsigned
dmix_decimator_latency_frames (const DmixDecimator *self)
{
  return self->half + 1;
}

/* Appends whole columns of a channel, from row 0 on; in: NULL for silence. */
static void
split (const DmixDecimator *self, const float *in, float *rows, size_t columns)
{
  const unsigned factor = self->factor, channels = self->channels;
  const size_t room = self->room;
  unsigned r = 0;

  if (!in) {
    for (; r < factor; r++)
      memset (rows + r * room, 0, columns * sizeof *rows);
    return;
  }
  for (; channels == 1 && r + 4 <= factor; r += 4)
    self->loops->split_four (in + r, factor, rows + r * room, room, columns);
  for (; r < factor; r++)
    for (size_t k = 0; k < columns; k++)
      rows[r * room + k] = in[(k * factor + r) * channels];
}

/* Appends frames of a channel to its rows; in: NULL for silence. */
static void
append (const DmixDecimator *self, const float *in, size_t frames, float *rows)
{
  const unsigned factor = self->factor, channels = self->channels;
  size_t column = self->filled / factor, row = self->filled % factor;

  while (frames > 0) {
    if (row == 0 && frames >= factor) {
      split (self, in, rows + column, frames / factor);
      in = in ? in + frames / factor * factor * channels : NULL;
      column += frames / factor;
      frames %= factor;
      continue;
    }
    rows[row * self->room + column] = in ? *in : 0.0f;
    in = in ? in + channels : NULL;
    frames--;
    if (++row == factor) {
      row = 0;
      column++;
    }
  }
}

size_t
dmix_decimator_process (DmixDecimator *self, const float *in, size_t frames,
    float *out, size_t stride)
{
  const unsigned factor = self->factor, half = self->half;
  const DmixDecimatorTaps taps = { self->pairs, self->tap, self->early,
    self->late };
  const size_t filled = self->filled + frames;
  const size_t count =
      filled > 2 * half ? (filled - 2 * half - 1) / factor + 1 : 0;
  const size_t kept = (filled + factor - 1) / factor - count;

  for (unsigned c = 0; c < self->channels; c++) {
    float *rows = self->rows + c * factor * self->room;

    append (self, in ? in + c : NULL, frames, rows);
    self->loops->filter (&taps, rows, out + c * stride, count);
    for (unsigned r = 0; r < factor; r++)
      memmove (rows + r * self->room, rows + r * self->room + count,
          kept * sizeof (float));
  }
  self->filled = filled - count * factor;
  return count;
}

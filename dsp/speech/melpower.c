/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: decimation to the lowest rate >= 15.6 kHz (decimator.h), Hann window
 * of 25 ms, Fourier transform of at least 32 ms, triangular bands on the mel
 * scale (S. Davis, P. Mermelstein, "Comparison of parametric
 * representations...", IEEE Trans. ASSP 28(4), 1980; the scale is 2595 log10
 * (1 + f / 700)).
 *
 * State
 *   factor    input frames per decimated frame
 *   past      latest decimated frames of each channel, oldest first; `filled`
 *             of them
 *   start     number of the first decimated frame in `past`, from the reset on;
 *             negative: silence before the first frame
 *   row       number of the next row
 *   edge      bins from edge[s] up to edge[s + 1] - 1 lie between the centres
 *             of bands s - 1 and s
 *   weight    part of a bin's power for the lower of these bands; the higher
 *             one has the rest
 */
#include "speech/melpower.h"
#include "spectral/decimator.h"
#include "spectral/fft.h"
#include "spectral/powerframe.h"
#include "base/units.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LOW_HZ 120.0
#define HIGH_HZ 7000.0
#define WINDOW_S 0.025
#define TRANSFORM_S 0.032
#define LEAST_RATE_HZ 15600.0      /* 2 HIGH_HZ + the decimator's transition */
#define BLOCK DMIX_DECIMATOR_BLOCK /* most input frames at a time */

struct DmixMelPower
{
  unsigned rate_hz, channels, factor;
  unsigned char left_out[DMIX_MAX_CHANNELS];
  unsigned window_frames, size, edge[DMIX_MEL_BANDS + 2];
  DmixDecimator *decimator;
  DmixPowerFrame *frame;
  float *weight;
  float *past;
  size_t filled, room; /* frames of each channel */
  int64_t start, row;
};

static double
mel_from_hz (double hz)
{
  return 2595.0 * log10 (1.0 + hz / 700.0);
}

double
dmix_melpower_hz (double place)
{
  const double low = mel_from_hz (LOW_HZ);
  const double step = (mel_from_hz (HIGH_HZ) - low) / (DMIX_MEL_BANDS + 1);

  return 700.0 * (pow (10.0, (low + step * place) / 2595.0) - 1.0);
}

double
dmix_melpower_place (double hz)
{
  const double low = mel_from_hz (LOW_HZ);

  return (mel_from_hz (hz) - low) * (DMIX_MEL_BANDS + 1)
      / (mel_from_hz (HIGH_HZ) - low);
}

static void
make_triangles (DmixMelPower *self)
{
  const double low = mel_from_hz (LOW_HZ);
  const double step = (mel_from_hz (HIGH_HZ) - low) / (DMIX_MEL_BANDS + 1);
  const double bin_hz = (double) self->rate_hz / self->factor / self->size;
  const unsigned end =
      (unsigned) (fmin (HIGH_HZ, 0.45 * self->rate_hz) / bin_hz);
  unsigned segments = 0;

  for (unsigned b = (unsigned) ceil (LOW_HZ / bin_hz); b < end; b++) {
    const double place = (mel_from_hz (b * bin_hz) - low) / step;

    while (segments <= (unsigned) place)
      self->edge[segments++] = b;
    self->weight[b] = (float) (1.0 - (place - floor (place)));
  }
  while (segments < DMIX_MEL_BANDS + 2)
    self->edge[segments++] = end;
}

DmixMelPower *
dmix_melpower_new (const DmixFormat *format)
{
  DmixMelPower *self;

  if (!dmix_format_is_valid (format) || format->rate_hz < 4000
      || format->rate_hz > 384000 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->rate_hz = format->rate_hz;
  self->channels = format->channels;
  self->factor = (unsigned) fmax (format->rate_hz / LEAST_RATE_HZ, 1.0);
  self->window_frames = (unsigned) (WINDOW_S * format->rate_hz / self->factor);
  self->size = dmix_fft_size_for (
      (unsigned) (TRANSFORM_S * format->rate_hz / self->factor));
  self->room = self->window_frames + BLOCK + 1;
  if (self->factor > 1)
    self->decimator = dmix_decimator_new (format, self->factor, HIGH_HZ);
  self->frame = dmix_powerframe_new (self->window_frames, self->size,
      1.0 / self->channels);
  self->weight = calloc (self->size / 2 + 1, sizeof (float));
  self->past = calloc (self->room * self->channels, sizeof (float));
  if ((self->factor > 1 && !self->decimator) || !self->frame || !self->weight
      || !self->past) {
    dmix_melpower_free (self);
    return NULL;
  }
  make_triangles (self);
  dmix_melpower_reset (self);
  return self;
}

void
dmix_melpower_free (DmixMelPower *self)
{
  if (!self)
    return;
  dmix_decimator_free (self->decimator);
  dmix_powerframe_free (self->frame);
  free (self->weight);
  free (self->past);
  free (self);
}

void
dmix_melpower_leave_out (DmixMelPower *self, unsigned channel)
{
  if (channel < self->channels)
    self->left_out[channel] = 1;
}

void
dmix_melpower_reset (DmixMelPower *self)
{
  const size_t before = self->window_frames / 2;

  for (unsigned c = 0; c < self->channels; c++)
    memset (self->past + c * self->room, 0, before * sizeof (float));
  self->filled = before;
  self->start = -(int64_t) before;
  self->row = 0;
  if (self->decimator)
    dmix_decimator_reset (self->decimator);
}

unsigned
dmix_melpower_latency_frames (const DmixMelPower *self)
{
  const unsigned own =
      (self->window_frames - self->window_frames / 2) * self->factor;

  return self->decimator
      ? own + self->factor + dmix_decimator_latency_frames (self->decimator)
      : own;
}

size_t
dmix_melpower_max_rows (const DmixMelPower *self, size_t frames)
{
  return frames * DMIX_MEL_ROWS_PER_S / self->rate_hz + 2;
}

/* First decimated frame of the window of the next row. */
static int64_t
row_start (const DmixMelPower *self)
{
  const int64_t middle = self->row * self->rate_hz / DMIX_MEL_ROWS_PER_S;

  return (middle + self->factor / 2) / self->factor - self->window_frames / 2;
}

static void
add_channel (DmixMelPower *self, const float *in, float *row)
{
  const float *power = dmix_powerframe_process (self->frame, in, 1);

  for (unsigned s = 0; s <= DMIX_MEL_BANDS; s++) {
    float low = 0.0f, all = 0.0f;

    for (unsigned b = self->edge[s]; b < self->edge[s + 1]; b++) {
      low += self->weight[b] * power[b];
      all += power[b];
    }
    if (s > 0)
      row[s - 1] += low;
    if (s < DMIX_MEL_BANDS)
      row[s] += all - low;
  }
}

static void
make_row (DmixMelPower *self, float *row)
{
  const size_t at = (size_t) (row_start (self) - self->start);

  for (unsigned b = 0; b < DMIX_MEL_BANDS; b++)
    row[b] = DMIX_MEL_SILENCE;
  for (unsigned c = 0; c < self->channels; c++)
    if (!self->left_out[c])
      add_channel (self, self->past + c * self->room + at, row);
  self->row++;
}

/* Drops the frames that no later row needs. */
static void
drop_old (DmixMelPower *self)
{
  const int64_t old = row_start (self) - self->start;
  const size_t gone = old < 0       ? 0
      : (size_t) old < self->filled ? (size_t) old
                                    : self->filled;

  for (unsigned c = 0; c < self->channels; c++) {
    float *past = self->past + c * self->room;

    memmove (past, past + gone, (self->filled - gone) * sizeof (float));
  }
  self->filled -= gone;
  self->start += (int64_t) gone;
}

/* Appends input frames to `past`, decimated. */
static void
append (DmixMelPower *self, const float *in, size_t frames)
{
  if (self->decimator) {
    self->filled += dmix_decimator_process (self->decimator, in, frames,
        self->past + self->filled, self->room);
    return;
  }
  for (unsigned c = 0; c < self->channels; c++) {
    float *past = self->past + c * self->room + self->filled;

    for (size_t i = 0; i < frames; i++)
      past[i] = in ? in[i * self->channels + c] : 0.0f;
  }
  self->filled += frames;
}

size_t
dmix_melpower_process (DmixMelPower *self, const float *in, size_t frames,
    float *rows)
{
  size_t count = 0;

  while (frames > 0) {
    const size_t now = DMIX_MIN (frames, BLOCK);

    append (self, in, now);
    while (row_start (self) + self->window_frames
        <= self->start + (int64_t) self->filled) {
      make_row (self, rows + count * DMIX_MEL_BANDS);
      count++;
    }
    drop_old (self);
    in = in ? in + now * self->channels : NULL;
    frames -= now;
  }
  return count;
}

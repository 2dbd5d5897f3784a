/* Method: Hann window of 25 ms, Fourier transform of at least 32 ms, triangles
 * on the mel scale (S. Davis, P. Mermelstein, "Comparison of parametric
 * representations...", IEEE Trans. ASSP 28(4), 1980; the scale is 2595 log10
 * (1 + f / 700)).
 *
 * State
 *   past      the last frames of each channel, oldest first; `filled` of them
 *   start     number of the first frame in `past`, counted from the reset;
 *             negative: silence before it
 *   row       number of the next row
 *   weight    of bin b in the lower band that it belongs to, `lower[b]`; the
 *             rest goes to the next band
 */
#include "melpower.h"
#include "fft.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LOW_HZ 120.0
#define HIGH_HZ 7000.0
#define WINDOW_S 0.025
#define TRANSFORM_S 0.032
#define BLOCK 1024              /* frames taken at a time */
#define PI 3.14159265358979323846

struct DmixMelPower
{
  unsigned rate_hz, channels;
  unsigned window_frames, size, first_bin, end_bin;
  DmixFft *fft;
  float *window, *time, *re, *im;
  float *weight;
  int *lower;                   /* band, -1: only the next one */
  float *past;
  size_t filled, room;          /* frames of each channel */
  int64_t start, row;
};

static double
mel_from_hz (double hz)
{
  return 2595.0 * log10 (1.0 + hz / 700.0);
}

static void
make_window (DmixMelPower * self)
{
  double energy = 0.0;

  for (unsigned i = 0; i < self->window_frames; i++) {
    const double value =
        0.5 - 0.5 * cos (2.0 * PI * (i + 0.5) / self->window_frames);

    self->window[i] = (float) value;
    energy += value * value;
  }
  /* so that the squares of all bins add up to the mean square */
  for (unsigned i = 0; i < self->window_frames; i++)
    self->window[i] *=
        (float) sqrt (2.0 / (energy * self->size) / self->channels);
}

static void
make_triangles (DmixMelPower * self)
{
  const double low = mel_from_hz (LOW_HZ);
  const double step = (mel_from_hz (HIGH_HZ) - low) / (DMIX_MEL_BANDS + 1);
  const double bin_hz = (double) self->rate_hz / self->size;

  self->first_bin = (unsigned) ceil (LOW_HZ / bin_hz);
  self->end_bin = (unsigned) (fmin (HIGH_HZ, 0.45 * self->rate_hz) / bin_hz);
  for (unsigned b = self->first_bin; b < self->end_bin; b++) {
    const double place = (mel_from_hz (b * bin_hz) - low) / step;

    self->lower[b] = (int) place - 1;
    self->weight[b] = (float) (1.0 - (place - floor (place)));
  }
}

DmixMelPower *
dmix_melpower_new (const DmixFormat * format)
{
  DmixMelPower *self;

  if (!dmix_format_is_valid (format) || format->rate_hz < 4000
      || format->rate_hz > 384000 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->rate_hz = format->rate_hz;
  self->channels = format->channels;
  self->window_frames = (unsigned) (WINDOW_S * format->rate_hz);
  self->size = dmix_fft_size_for ((unsigned) (TRANSFORM_S * format->rate_hz));
  self->room = self->window_frames + BLOCK;
  self->fft = dmix_fft_new (self->size);
  self->window = calloc (self->window_frames, sizeof (float));
  self->time = calloc (self->size, sizeof (float));
  self->re = calloc (self->size / 2 + 1, sizeof (float));
  self->im = calloc (self->size / 2 + 1, sizeof (float));
  self->weight = calloc (self->size / 2 + 1, sizeof (float));
  self->lower = calloc (self->size / 2 + 1, sizeof (int));
  self->past = calloc (self->room * self->channels, sizeof (float));
  if (!self->fft || !self->window || !self->time || !self->re || !self->im
      || !self->weight || !self->lower || !self->past) {
    dmix_melpower_free (self);
    return NULL;
  }
  make_window (self);
  make_triangles (self);
  dmix_melpower_reset (self);
  return self;
}

void
dmix_melpower_free (DmixMelPower * self)
{
  if (!self)
    return;
  dmix_fft_free (self->fft);
  free (self->window);
  free (self->time);
  free (self->re);
  free (self->im);
  free (self->weight);
  free (self->lower);
  free (self->past);
  free (self);
}

void
dmix_melpower_reset (DmixMelPower * self)
{
  const size_t before = self->window_frames / 2;

  for (unsigned c = 0; c < self->channels; c++)
    memset (self->past + c * self->room, 0, before * sizeof (float));
  self->filled = before;
  self->start = -(int64_t) before;
  self->row = 0;
}

unsigned
dmix_melpower_latency_frames (const DmixMelPower * self)
{
  return self->window_frames - self->window_frames / 2;
}

size_t
dmix_melpower_room (const DmixMelPower * self, size_t frames)
{
  return frames * DMIX_MEL_ROWS_PER_S / self->rate_hz + 2;
}

/* The first frame of the window of the next row. */
static int64_t
row_start (const DmixMelPower * self)
{
  return self->row * self->rate_hz / DMIX_MEL_ROWS_PER_S
      - self->window_frames / 2;
}

static void
add_channel (DmixMelPower * self, const float *in, float *row)
{
  for (unsigned i = 0; i < self->window_frames; i++)
    self->time[i] = in[i] * self->window[i];
  dmix_fft_forward (self->fft, self->time, self->re, self->im);
  for (unsigned b = self->first_bin; b < self->end_bin; b++) {
    const float power = self->re[b] * self->re[b] + self->im[b] * self->im[b];
    const float part = self->weight[b] * power;
    const int lower = self->lower[b];

    if (lower >= 0)
      row[lower] += part;
    if (lower + 1 < DMIX_MEL_BANDS)
      row[lower + 1] += power - part;
  }
}

static void
make_row (DmixMelPower * self, float *row)
{
  const size_t at = (size_t) (row_start (self) - self->start);

  for (unsigned b = 0; b < DMIX_MEL_BANDS; b++)
    row[b] = DMIX_MEL_SILENCE;
  for (unsigned c = 0; c < self->channels; c++)
    add_channel (self, self->past + c * self->room + at, row);
  self->row++;
}

/* Frames that no later row needs go, to make room. */
static void
forget (DmixMelPower * self)
{
  const int64_t old = row_start (self) - self->start;
  const size_t gone = old < 0 ? 0
      : (size_t) old < self->filled ? (size_t) old : self->filled;

  for (unsigned c = 0; c < self->channels; c++) {
    float *past = self->past + c * self->room;

    memmove (past, past + gone, (self->filled - gone) * sizeof (float));
  }
  self->filled -= gone;
  self->start += (int64_t) gone;
}

static void
take (DmixMelPower * self, const float *in, size_t frames)
{
  for (unsigned c = 0; c < self->channels; c++) {
    float *past = self->past + c * self->room + self->filled;

    for (size_t i = 0; i < frames; i++)
      past[i] = in ? in[i * self->channels + c] : 0.0f;
  }
  self->filled += frames;
}

size_t
dmix_melpower_process (DmixMelPower * self, const float *in, size_t frames,
    float *rows)
{
  size_t count = 0;

  while (frames > 0) {
    const size_t now = frames < BLOCK ? frames : BLOCK;

    take (self, in, now);
    while (row_start (self) + self->window_frames
        <= self->start + (int64_t) self->filled) {
      make_row (self, rows + count * DMIX_MEL_BANDS);
      count++;
    }
    forget (self);
    in = in ? in + now * self->channels : NULL;
    frames -= now;
  }
  return count;
}

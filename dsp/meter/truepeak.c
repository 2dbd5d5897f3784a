/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method, for the intervals between the samples of a step, where `least` is the
 * lowest peak of interest:
 *
 *   1. bound   |value| <= sum |h| * largest sample nearby (h: filter taps). If
 *              this bound is below `least`, the step is done;
 *   2. scan    two points per sample by filters of 20 taps, and four if two are
 *              near `least`. A band-limited signal falls from a peak no faster
 *              than a cosine at half the rate (Bernstein): to 0.71 of it at a
 *              quarter of a sample, to 0.92 at an eighth. Local maxima near
 *              `least` are candidates;
 *   3. find    at each candidate three points, an eighth of a sample apart, by
 *              filters of 20 and of 48 taps, and the peak of the parabola
 *              through them. For a sine at half the rate the points are pi/8
 *              apart, and the parabola is 0.005 dB below the peak.
 *
 * All filters are sincs with a Kaiser window (beta 5 for the short filters; 4
 * for the long ones, whose pass band then ends nearer to half the rate),
 * normalised to a sum of 1. Common resamplers have 20 taps. Near half the rate
 * short and long filters differ, and the larger result counts.
 *
 * State
 *   past[]   of each channel: past samples for the filters and the delay, then
 *            room for a chunk
 *   peak[]   of each channel: highest peak, linear (meter)
 */
#include "meter/truepeak.h"

#include "base/units.h"
#include "base/four.h"
#include "spectral/sinc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCAN 10 /* taps on each side, short filters (scan) */
#define SCAN_BETA 5.0
#define FIND 24 /* the same, long filters */
#define FIND_BETA 4.0
#define WIDTH 8   /* intervals scanned together */
#define CHUNK 512 /* most frames at a time */
#define MOST_DELAY 1024
#define FAINTEST 1e-6f   /* -120 dBTP: lowest peak of interest to the meter */
#define UPHILL 2         /* most points from a candidate to the peak */
#define NEAR_ENOUGH 0.8f /* of `least`: near it */
#define HALF_NEAR 0.6f   /* the same for points half a sample apart */

typedef struct
{
  float scan[8][2 * SCAN]; /* at 0/8 .. 7/8 of an interval */
  float find[8][2 * FIND];
  float near, far; /* largest sum |h| of the inner taps, of the others */
} Filters;

struct DmixTruePeak
{
  DmixFormat format;
  unsigned delay, length; /* length: of each channel's `past` */
  float *past;
  double *peak;
  Filters filter;
};

/* Taps for the value at `place` (0 to 1) between the two middle samples. */
static void
make_taps (float *tap, int side, double beta, double place)
{
  double h[2 * FIND], sum = 0.0;

  for (int k = 0; k < 2 * side; k++) {
    h[k] = dmix_sinc_kaiser (k - (side - 1) - place, side, beta);
    sum += h[k];
  }
  for (int k = 0; k < 2 * side; k++)
    tap[k] = (float) (h[k] / sum);
}

static void
make_filters (Filters *f)
{
  f->near = f->far = 0.0f;
  for (int p = 0; p < 8; p++) {
    float sum = 0.0f;

    make_taps (f->scan[p], SCAN, SCAN_BETA, p / 8.0);
    for (int k = 0; k < 2 * SCAN; k++)
      sum += fabsf (f->scan[p][k]);
    f->near = fmaxf (f->near, sum);
  }
  for (int p = 0; p < 8; p++) {
    float near = 0.0f, far = 0.0f;

    make_taps (f->find[p], FIND, FIND_BETA, p / 8.0);
    for (int k = 0; k < 2 * FIND; k++)
      if (k >= FIND - SCAN && k < FIND + SCAN)
        near += fabsf (f->find[p][k]);
      else
        far += fabsf (f->find[p][k]);
    f->near = fmaxf (f->near, near);
    f->far = fmaxf (f->far, far);
  }
}

DmixTruePeak *
dmix_truepeak_new (const DmixFormat *format, unsigned delay_frames)
{
  DmixTruePeak *self;

  if (!dmix_format_is_valid (format) || delay_frames > MOST_DELAY
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->delay = DMIX_MAX (delay_frames, DMIX_TRUEPEAK_REACH);
  self->length = self->delay + FIND + CHUNK + WIDTH;
  self->past =
      calloc ((size_t) self->length * format->channels, sizeof *self->past);
  self->peak = calloc (format->channels, sizeof *self->peak);
  if (!self->past || !self->peak) {
    dmix_truepeak_free (self);
    return NULL;
  }
  make_filters (&self->filter);
  return self;
}

void
dmix_truepeak_free (DmixTruePeak *self)
{
  if (!self)
    return;
  free (self->past);
  free (self->peak);
  free (self);
}

void
dmix_truepeak_reset (DmixTruePeak *self)
{
  const size_t channels = self->format.channels;

  memset (self->past, 0, self->length * channels * sizeof *self->past);
  memset (self->peak, 0, channels * sizeof *self->peak);
}

void
dmix_truepeak_take_over (DmixTruePeak *self, const DmixTruePeak *from)
{
  const size_t channels = self->format.channels;

  memcpy (self->past, from->past, self->length * channels * sizeof *self->past);
  memcpy (self->peak, from->peak, channels * sizeof *self->peak);
}

/* Largest absolute value of `count` samples (a multiple of WIDTH, >= WIDTH). */
static float
largest (const float *x, int count)
{
  DmixFour a = dmix_four_all (0.0f), b = a;

  for (int i = 0; i < count; i += WIDTH) {
    a = dmix_four_larger (dmix_four_absolute (dmix_four_load (x + i)), a);
    b = dmix_four_larger (dmix_four_absolute (dmix_four_load (x + i + 4)), b);
  }
  return dmix_four_largest (dmix_four_larger (a, b));
}

/* Absolute value at place/8 after x[0], by filters of 2 * side taps. */
static inline float
value_at (const float *taps, const int side, const float *x, int place)
{
  const float *tap = taps + (place & 7) * 2 * side;
  DmixFour sum = dmix_four_all (0.0f);

  x += (place >> 3) - (side - 1);
  for (int k = 0; k < 2 * side; k += 4)
    sum += dmix_four_load (tap + k) * dmix_four_load (x + k);
  return fabsf ((sum[0] + sum[2]) + (sum[1] + sum[3]));
}

/* The peak near place/8 if it lies between 0 and `most` eighths, else 0. Moves
 * by up to UPHILL points until the middle one of three is the highest. */
static inline float
find_top (const float *taps, const int side, const float *x, int place,
    int most)
{
  float before = value_at (taps, side, x, place - 1);
  float here = value_at (taps, side, x, place);
  float after = value_at (taps, side, x, place + 1);
  float bend, tilt, where;

  for (int k = 0; k < UPHILL && after > here; k++) {
    before = here;
    here = after;
    after = value_at (taps, side, x, ++place + 1);
  }
  for (int k = 0; k < UPHILL && before > here; k++) {
    after = here;
    here = before;
    before = value_at (taps, side, x, --place - 1);
  }
  bend = before + after - 2.0f * here;
  tilt = after - before;
  if (here < before || here < after || bend >= 0.0f)
    return place >= 0 && place <= most ? here : 0.0f;
  where = (float) place - tilt / (2.0f * bend);
  return where >= 0.0f && where <= (float) most
      ? here - tilt * tilt / (8.0f * bend)
      : 0.0f;
}

/* Absolute values at place/8 of WIDTH intervals. */
static inline void
interpolate (const Filters *f, const float *x, int place, float *value)
{
  const float *tap = f->scan[place];
  DmixFour a = dmix_four_all (0.0f), b = a;

  x -= SCAN - 1;
  for (int k = 0; k < 2 * SCAN; k++) {
    a += tap[k] * dmix_four_load (x + k);
    b += tap[k] * dmix_four_load (x + k + 4);
  }
  dmix_four_store (value, dmix_four_absolute (a));
  dmix_four_store (value + 4, dmix_four_absolute (b));
}

/* Absolute values of WIDTH samples. */
static inline void
absolute_values (const float *x, float *value)
{
  dmix_four_store (value, dmix_four_absolute (dmix_four_load (x)));
  dmix_four_store (value + 4, dmix_four_absolute (dmix_four_load (x + 4)));
}

/* Computes four points in each of WIDTH intervals, or only two if these are not
 * near `least`. Returns non-zero if one of the four is near it. */
static int
scan (const Filters *f, const float *x, float least, float (*value)[WIDTH])
{
  absolute_values (x, value[0]);
  interpolate (f, x, 4, value[2]);
  if (largest (value[0], WIDTH) < HALF_NEAR * least
      && largest (value[2], WIDTH) < HALF_NEAR * least)
    return 0;
  interpolate (f, x, 2, value[1]);
  interpolate (f, x, 6, value[3]);
  return largest (value[0], 4 * WIDTH) >= NEAR_ENOUGH * least;
}

/* The highest peak of up to WIDTH intervals in which scan() has found a value
 * near `least`. */
static float
find_highest (const Filters *f, const float *x, int count, float least,
    float (*value)[WIDTH])
{
  float point[4 * WIDTH + 1], top = 0.0f;

  for (int q = 0; q < 4 * count; q++)
    point[q] = value[q % 4][q / 4];
  point[4 * count] = fabsf (x[count]);
  for (int q = 0; q <= 4 * count; q++) {
    top = dmix_larger (point[q], top);
    if (point[q] >= NEAR_ENOUGH * least && (q == 0 || point[q] >= point[q - 1])
        && (q == 4 * count || point[q] >= point[q + 1]))
      top = dmix_larger (top,
          dmix_larger (find_top (f->find[0], FIND, x, 2 * q, 8 * count),
              find_top (f->scan[0], SCAN, x, 2 * q, 8 * count)));
  }
  return top;
}

/* The highest peak from x[0] to x[count]. around: largest |x| that the filters
 * can reach. */
static float
highest (const Filters *f, const float *x, int count, float least, float around)
{
  float top = fabsf (x[count]);

  for (int i = 0; i < count; i += WIDTH) {
    const int n = DMIX_MIN (count - i, WIDTH);
    const float near = largest (x + i - (SCAN + 2), 2 * SCAN + 4 + WIDTH);
    float value[4][WIDTH];

    if (near * f->near + around * f->far >= least
        && scan (f, x + i, least, value))
      top = dmix_larger (top, find_highest (f, x + i, n, least, value));
    for (int l = 0; l < n; l++)
      top = dmix_larger (fabsf (x[i + l]), top);
  }
  return top;
}

/* Appends one channel of the input to its past samples. */
static void
append (DmixTruePeak *self, float *past, const float *in, size_t frames)
{
  const unsigned channels = self->format.channels;
  float *new = past + self->delay + FIND;

  for (size_t i = 0; i < frames; i++)
    new[i] = in[i * channels];
}

/* Drops the oldest frames of a channel. */
static void
drop_old (DmixTruePeak *self, float *past, size_t frames)
{
  memmove (past, past + frames, (self->delay + FIND) * sizeof *past);
}

/* Largest absolute sample that the filters can reach in this chunk. */
static float
around (const DmixTruePeak *self, const float *past, size_t frames)
{
  const size_t count = self->delay + FIND + frames;
  const size_t whole = count / WIDTH * WIDTH;
  float most = whole > 0 ? largest (past, (int) whole) : 0.0f;

  for (size_t i = whole; i < count; i++)
    most = dmix_larger (fabsf (past[i]), most);
  return most;
}

void
dmix_truepeak_process (DmixTruePeak *self, const float *in, size_t frames)
{
  const unsigned channels = self->format.channels;

  while (frames > 0) {
    const size_t n = DMIX_MIN (frames, CHUNK);

    for (unsigned c = 0; c < channels; c++) {
      float *past = self->past + (size_t) c * self->length;
      float most;

      append (self, past, in + c, n);
      most = highest (&self->filter, past + FIND, (int) n,
          fmaxf ((float) self->peak[c], FAINTEST), around (self, past, n));
      self->peak[c] = fmax (most, self->peak[c]);
      drop_old (self, past, n);
    }
    in += n * channels;
    frames -= n;
  }
}

double
dmix_truepeak_get_peak (const DmixTruePeak *self, unsigned channel)
{
  return self->peak[channel];
}

void
dmix_truepeak_process_steps (DmixTruePeak *self, const float *in,
    unsigned step_frames, unsigned steps, float least, float *peak,
    size_t stride)
{
  const unsigned channels = self->format.channels;
  const unsigned most_steps = CHUNK / step_frames;
  const Filters *f = &self->filter;

  for (unsigned done = 0, n; done < steps; done += n) {
    n = DMIX_MIN (steps - done, most_steps);
    for (unsigned c = 0; c < channels; c++) {
      float *past = self->past + (size_t) c * self->length;
      float bound;

      append (self, past, in + c, (size_t) n * step_frames);
      bound = around (self, past, (size_t) n * step_frames);
      for (unsigned s = 0; s < n; s++)
        peak[c * stride + done + s] =
            highest (f, past + FIND + (size_t) s * step_frames,
                (int) step_frames, least, bound);
      drop_old (self, past, (size_t) n * step_frames);
    }
    in += (size_t) n * step_frames * channels;
  }
}

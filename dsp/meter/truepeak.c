/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method, for the intervals between the samples of a step, where `least` is the
 * lowest peak of interest:
 *
 *   1. bound   |value| <= sum |h| * largest sample nearby (h: filter taps). If
 *              this bound is below `least`, the step is done. Samples that are
 *              loud enough for more are marked in a whole chunk first;
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
 * A detector may say what its own release holds (dmix_truepeak_follow). A peak
 * below that level does not lower the gain; it is where the gain returns to, if
 * it does. The highest of the points of 2. will do.
 *
 * State
 *   held[]   of each leader: a level below which peaks need not be precise, from
 *            the last peak on by `release` of the way down, or faster:
 *            r^(1 - s) >= r - s r ln r >= r - s (r^2 - 1) / 2 for r >= 1
 *   past[]   of each channel: past samples for the filters and the delay, then
 *            room for a chunk
 *   peak[]   of each channel: highest peak, linear (meter)
 */
#include "meter/truepeak.h"

#include "base/units.h"
#include "base/cpu.h"
#include "meter/truepeakloops.h"
#include "spectral/sinc.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SCAN DMIX_TRUEPEAK_SCAN
#define SCAN_BETA 5.0
#define FIND DMIX_TRUEPEAK_FIND
#define FIND_BETA 4.0
#define CHUNK 512 /* most frames at a time */
#define MOST_DELAY 1024
/* The short filters of eight intervals see as many samples before the first and
 * behind its sample, and a level that is lower than needed by rounding. */
#define BEFORE (SCAN + 2)
#define BEHIND (31 - BEFORE)
#define ROUNDED_DOWN 0.99999f
#define FAINTEST 1e-6f /* -120 dBTP: lowest peak of interest to the meter */

struct DmixTruePeak
{
  DmixFormat format;
  unsigned delay, length; /* length: of each channel's `past` */
  float *past;
  double *peak;
  DmixTruePeakFilters filter;
  const DmixTruePeakLoops *loops; /* fastest version for this processor */
  float release;                  /* share of the way in a step; < 0: precise */
  unsigned *leader;               /* of each channel: whose `held` counts */
  float *held;
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
fold_filters (DmixTruePeakFilters *f)
{
  for (int k = 0; k < SCAN; k++) {
    const float near = f->scan[2][k], far = f->scan[2][2 * SCAN - 1 - k];

    for (int i = 0; i < DMIX_TRUEPEAK_WIDTH; i++) {
      f->half[k][i] = f->scan[4][k];
      f->even[k][i] = 0.5f * (near + far);
      f->odd[k][i] = 0.5f * (near - far);
    }
  }
}

static void
make_filters (DmixTruePeakFilters *f)
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
  fold_filters (f);
}

static const DmixTruePeakLoops *
fastest_loops (void)
{
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return &dmix_truepeak_loops_avx2;
#endif
  return &dmix_truepeak_loops_plain;
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
  self->length = self->delay + FIND + CHUNK + DMIX_TRUEPEAK_WIDTH;
  self->loops = fastest_loops ();
  self->past =
      calloc ((size_t) self->length * format->channels, sizeof *self->past);
  self->peak = calloc (format->channels, sizeof *self->peak);
  self->leader = calloc (format->channels, sizeof *self->leader);
  self->held = calloc (format->channels, sizeof *self->held);
  if (!self->past || !self->peak || !self->leader || !self->held) {
    dmix_truepeak_free (self);
    return NULL;
  }
  dmix_truepeak_follow (self, NULL, 0.0);
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
  free (self->leader);
  free (self->held);
  free (self);
}

void
dmix_truepeak_reset (DmixTruePeak *self)
{
  const size_t channels = self->format.channels;

  memset (self->past, 0, self->length * channels * sizeof *self->past);
  memset (self->peak, 0, channels * sizeof *self->peak);
  memset (self->held, 0, channels * sizeof *self->held);
}

void
dmix_truepeak_take_over (DmixTruePeak *self, const DmixTruePeak *from)
{
  const size_t channels = self->format.channels;

  memcpy (self->past, from->past, self->length * channels * sizeof *self->past);
  memcpy (self->peak, from->peak, channels * sizeof *self->peak);
  memset (self->held, 0, channels * sizeof *self->held);
}

void
dmix_truepeak_follow (DmixTruePeak *self, const unsigned *leader,
    double release_share)
{
  const size_t channels = self->format.channels;

  self->release = leader ? (float) release_share : -1.0f;
  for (unsigned c = 0; c < channels; c++)
    self->leader[c] = leader ? leader[c] : c;
  memset (self->held, 0, channels * sizeof *self->held);
}

/* Appends one channel of the input to its past samples. */
static void
append (DmixTruePeak *self, float *past, const float *in, size_t frames)
{
  self->loops->take (past + self->delay + FIND, in, self->format.channels,
      (int) frames);
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
  return self->loops->largest (past, (int) (self->delay + FIND + frames));
}

void
dmix_truepeak_process (DmixTruePeak *self, const float *in, size_t frames)
{
  const unsigned channels = self->format.channels;

  while (frames > 0) {
    const size_t n = DMIX_MIN (frames, CHUNK);

    for (unsigned c = 0; c < channels; c++) {
      float *past = self->past + (size_t) c * self->length;
      const float least = fmaxf ((float) self->peak[c], FAINTEST);
      float bound, most;

      append (self, past, in + c, n);
      bound = around (self, past, n);
      if (bound * (self->filter.near + self->filter.far) >= least) {
        most = self->loops->highest (&self->filter, past + FIND, (int) n, least,
            least, bound);
        self->peak[c] = fmax (most, self->peak[c]);
      }
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

/* What a gain that holds more than `least` holds a step later. */
static inline float
release (float held, float least, float share)
{
  return held - share / (2.0f * least) * (held * held - least * least);
}

/* The same of any gain, if the step has the peak `most`. */
static float
hold (float held, float most, float least, float share)
{
  if (held > least)
    most = dmix_larger (release (held, least, share), most);
  return dmix_larger (most, least);
}

/* The peaks of one step; `at`: of its first frame among a channel's samples. */
static void
find_peaks (DmixTruePeak *self, size_t at, unsigned frames, float least,
    const float *bound, float *peak, size_t stride)
{
  const int follows = self->release >= 0.0f;
  float most[DMIX_MAX_CHANNELS];

  for (unsigned c = 0; c < self->format.channels; c++) {
    const unsigned leader = self->leader[c];
    const float *past = self->past + (size_t) c * self->length;
    float precise = least;

    if (leader == c)
      most[c] = 0.0f;
    if (follows)
      precise =
          dmix_larger (dmix_larger (most[leader], least), self->held[leader]);
    peak[c * stride] = self->loops->highest (&self->filter, past + FIND + at,
        (int) frames, least, precise, bound[c]);
    most[leader] = dmix_larger (peak[c * stride], most[leader]);
  }
  for (unsigned c = 0; follows && c < self->format.channels; c++)
    if (self->leader[c] == c)
      self->held[c] = hold (self->held[c], most[c], least, self->release);
}

/* What the gains hold behind `steps` steps in which no channel has a peak of at
 * least `least`. */
static void
pass_quiet (DmixTruePeak *self, unsigned steps, float least)
{
  for (unsigned c = 0; c < self->format.channels; c++)
    if (self->leader[c] == c) {
      float held = dmix_larger (self->held[c], least);

      for (unsigned s = 0; s < steps && held > least; s++)
        held = dmix_larger (release (held, least, self->release), least);
      self->held[c] = held;
    }
}

/* Marks the steps in which a channel may have a peak of at least `least`: they are
 * within the reach of the short filters of samples that are loud enough. */
static void
mark_steps (const DmixTruePeak *self, const float *past, unsigned frames,
    unsigned steps, float least, float bound, unsigned char *marked)
{
  const DmixTruePeakFilters *f = &self->filter;
  const float level = ROUNDED_DOWN * (least - bound * f->far) / f->near;
  const int count = (int) (self->delay + FIND + frames * steps);
  const unsigned last = (frames - 1) / 8 * 8; /* of the intervals in eights */
  unsigned char loud[(MOST_DELAY + FIND + CHUNK) / 8 + 1];

  if (bound < level)
    return;
  self->loops->mark (past, count, level, loud);
  if (!memchr (loud, 0, (size_t) (count + 7) / 8)) {
    memset (marked, 1, steps);
    return;
  }
  for (unsigned s = 0; s < steps; s++) {
    const unsigned first = FIND + s * frames - BEFORE;
    const unsigned end = FIND + s * frames + last + BEHIND;

    for (unsigned i = first / 8; i <= end / 8; i++)
      marked[s] |= loud[i];
  }
}

void
dmix_truepeak_process_steps (DmixTruePeak *self, const float *in,
    unsigned step_frames, unsigned steps, float least, float *peak,
    size_t stride)
{
  const unsigned channels = self->format.channels;
  const unsigned most_steps = CHUNK / step_frames;
  float bound[DMIX_MAX_CHANNELS];
  unsigned char marked[CHUNK];

  for (unsigned done = 0, n; done < steps; done += n) {
    n = DMIX_MIN (steps - done, most_steps);
    memset (marked, 0, n);
    for (unsigned c = 0; c < channels; c++) {
      float *past = self->past + (size_t) c * self->length;

      append (self, past, in + c, (size_t) n * step_frames);
      bound[c] = around (self, past, (size_t) n * step_frames);
      mark_steps (self, past, step_frames, n, least, bound[c], marked);
    }
    for (unsigned c = 0; c < channels && memchr (marked, 0, n); c++)
      self->loops->tops (self->past + (size_t) c * self->length + FIND,
          (int) step_frames, (int) n, peak + c * stride + done);
    for (unsigned s = 0, quiet; s < n; s += quiet + 1) {
      for (quiet = 0; s + quiet < n && !marked[s + quiet];)
        quiet++;
      if (self->release >= 0.0f)
        pass_quiet (self, quiet, least);
      if (s + quiet < n)
        find_peaks (self, (size_t) (s + quiet) * step_frames, step_frames,
            least, bound, peak + done + s + quiet, stride);
    }
    for (unsigned c = 0; c < channels; c++)
      drop_old (self, self->past + (size_t) c * self->length,
          (size_t) n * step_frames);
    in += (size_t) n * step_frames * channels;
  }
}

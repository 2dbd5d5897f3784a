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
 *              `least` are candidates. A detector computes the two points of a
 *              whole chunk first: three of four steps that pass 1. end there;
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
 *   held[]   of each leader: a level below which peaks need not be precise, in step
 *            held_at[]; from then on by `release` of the way down, or faster
 *   past[]   of each channel: past samples for the filters and the delay, then
 *            room for a chunk
 *   peak[]   of each channel: highest peak, linear (meter)
 *   near[]   of each channel and group of intervals in a chunk: the largest sample in
 *            the reach of the short filters; -1: no peak of at least `least`
 */
#include "meter/truepeak.h"

#include "base/units.h"
#include "base/cpu.h"
#include "meter/truepeakloops.h"
#include "spectral/sinc.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SCAN DMIX_TRUEPEAK_SCAN
#define SCAN_BETA 5.0
#define FIND DMIX_TRUEPEAK_FIND
#define FIND_BETA 4.0
#define CHUNK 512 /* most frames at a time */
#define MOST_DELAY 1024
#define GROUP DMIX_TRUEPEAK_WIDTH
#define MOST_GROUPS ((MOST_DELAY + FIND + CHUNK) / GROUP + 1 + 11)
#define FAINTEST 1e-6f /* -120 dBTP: lowest peak of interest to the meter */

struct DmixTruePeak
{
  DmixFormat format;
  unsigned delay, length; /* length: of each channel's `past` */
  float *past;
  float *near; /* of each channel and group of intervals in a chunk */
  double *peak;
  DmixTruePeakFilters filter;
  const DmixTruePeakLoops *loops; /* fastest version for this processor */
  float release;                  /* share of the way in a step; < 0: precise */
  float fall;        /* the same of the logarithm, as of e ^ -fall */
  float least, rate; /* of the present call */
  unsigned *leader;  /* of each channel: whose `held` counts */
  float *held;
  uint64_t *held_at, step;
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
  self->near = calloc ((size_t) CHUNK * format->channels, sizeof *self->near);
  self->peak = calloc (format->channels, sizeof *self->peak);
  self->leader = calloc (format->channels, sizeof *self->leader);
  self->held = calloc (format->channels, sizeof *self->held);
  self->held_at = calloc (format->channels, sizeof *self->held_at);
  if (!self->past || !self->near || !self->peak || !self->leader || !self->held
      || !self->held_at) {
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
  free (self->near);
  free (self->peak);
  free (self->leader);
  free (self->held);
  free (self->held_at);
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
  self->fall = (float) -log1p (-fmin (release_share, 0.999));
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

/* Groups of intervals in a step. */
static unsigned
groups_of (unsigned frames)
{
  return (frames + GROUP - 1) / GROUP;
}

/* Looks at a channel of a chunk: sets what its groups of intervals see, and the
 * largest sample of each step. Returns the largest that any filter can reach. */
static float
look (DmixTruePeak *self, unsigned channel, unsigned frames, unsigned steps,
    float *top)
{
  const float *past = self->past + (size_t) channel * self->length;
  const int count = (int) (self->delay + FIND + frames * steps);
  float group[MOST_GROUPS];
  const float most = self->loops->groups (past, count, group);

  memset (group + (count + GROUP - 1) / GROUP, 0, 11 * sizeof *group);
  self->loops->reach (group, FIND, (int) frames, (int) steps,
      self->near + (size_t) channel * CHUNK);
  self->loops->tops (past + FIND, (int) frames, (int) steps,
      group + FIND / GROUP, top);
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
      const float least = fmaxf ((float) self->peak[c], FAINTEST);
      float bound, most;

      append (self, past, in + c, n);
      bound = look (self, c, (unsigned) n, 1, &most);
      if (bound * (self->filter.near + self->filter.far) >= least) {
        most = self->loops->highest (&self->filter, past + FIND, (int) n, most,
            self->near + (size_t) c * CHUNK, least, least, bound);
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

/* What a gain that holds `held` holds `steps` steps later, or less. The logarithm of
 * held over `least` falls by `self->fall` of it; it and the powers of e are series
 * that stay below what they stand for, and so is (1 - x / 8) ^ 8 below e ^ -x. */
static float
release (const DmixTruePeak *self, float held, float steps)
{
  const float least = self->least;
  const float z = (held - least) / (held + least);
  float left = 1.0f - 0.125f * self->fall * steps, log;

  if (held <= least || left <= 0.0f)
    return least;
  left *= left;
  left *= left;
  left *= left;
  log = left * z * (2.0f + 2.0f / 3.0f * z * z);
  return least
      * (1.0f + log * (1.0f + log * (0.5f + log * (1.0f / 6 + log / 24.0f))));
}

/* The same of one step, which each loud step asks for: r^(1 - s) >= r - s r ln r >=
 * r - s (r^2 - 1) / 2. */
static inline float
release_step (const DmixTruePeak *self, float held)
{
  return held + self->rate * self->least * self->least
      - self->rate * held * held;
}

/* What a leader's gain holds in a step, at least `least`. */
static float
held_in (const DmixTruePeak *self, unsigned leader, uint64_t step)
{
  const float held = self->held[leader];
  const uint64_t since = step - self->held_at[leader];

  return since ? release (self, held, (float) since)
               : dmix_larger (held, self->least);
}

/* Keeps what the gains hold in a step with such peaks. Steps without a peak of at
 * least `least`, looked into or not, leave to release() what was held. */
static void
hold (DmixTruePeak *self, uint64_t step, const float *most, const float *now)
{
  for (unsigned c = 0; c < self->format.channels; c++)
    if (self->leader[c] == c && most[c] >= self->least) {
      self->held[c] = dmix_larger (release_step (self, now[c]), most[c]);
      self->held_at[c] = step + 1;
    }
}

/* The peaks of one step of a chunk; peak: has its largest samples. */
static void
find_peaks (DmixTruePeak *self, unsigned step, unsigned frames,
    const float *bound, float *peak, size_t stride)
{
  const float least = self->least;
  const size_t at = (size_t) step * frames;
  const size_t first = (size_t) step * groups_of (frames);
  const int follows = self->release >= 0.0f;
  float most[DMIX_MAX_CHANNELS], now[DMIX_MAX_CHANNELS];

  for (unsigned c = 0; c < self->format.channels; c++) {
    const unsigned leader = self->leader[c];
    const float *past = self->past + (size_t) c * self->length;

    if (leader == c) {
      most[c] = 0.0f;
      now[c] = follows ? held_in (self, c, self->step + step) : least;
    }
    peak[c * stride] = self->loops->highest (&self->filter, past + FIND + at,
        (int) frames, peak[c * stride], self->near + (size_t) c * CHUNK + first,
        least, follows ? dmix_larger (most[leader], now[leader]) : least,
        bound[c]);
    most[leader] = dmix_larger (peak[c * stride], most[leader]);
  }
  if (follows)
    hold (self, self->step + step, most, now);
}

/* Marks the steps in which a channel may have a peak of at least `least`, and takes
 * the others out of its `near`. */
static void
mark_steps (DmixTruePeak *self, unsigned channel, unsigned frames,
    unsigned steps, float bound, unsigned char *restrict marked)
{
  const DmixTruePeakFilters *f = &self->filter;
  const float *past = self->past + (size_t) channel * self->length;
  float *restrict near = self->near + (size_t) channel * CHUNK;
  const unsigned groups = groups_of (frames);

  if (bound * (f->near + f->far) < DMIX_TRUEPEAK_ROUNDED_DOWN * self->least)
    return;
  self->loops->thin (f, past + FIND, (int) frames, (int) steps, self->least,
      bound, near);
  if (groups == 1)
    for (unsigned s = 0; s < steps; s++)
      marked[s] |= near[s] >= 0.0f;
  else
    for (unsigned s = 0; s < steps; s++)
      for (unsigned i = 0; i < groups; i++)
        marked[s] |= *near++ >= 0.0f;
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

  self->least = least;
  self->rate = self->release / (2.0f * least);
  for (unsigned done = 0, n; done < steps; done += n) {
    n = DMIX_MIN (steps - done, most_steps);
    memset (marked, 0, n);
    for (unsigned c = 0; c < channels; c++) {
      float *past = self->past + (size_t) c * self->length;

      append (self, past, in + c, (size_t) n * step_frames);
      bound[c] = look (self, c, step_frames, n, peak + c * stride + done);
      mark_steps (self, c, step_frames, n, bound[c], marked);
    }
    for (unsigned s = 0; s < n; s++)
      if (marked[s])
        find_peaks (self, s, step_frames, bound, peak + done + s, stride);
    self->step += n;
    for (unsigned c = 0; c < channels; c++)
      drop_old (self, self->past + (size_t) c * self->length,
          (size_t) n * step_frames);
    in += (size_t) n * step_frames * channels;
  }
}

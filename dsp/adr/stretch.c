/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: WSOLA (W. Verhelst, M. Roelands, ICASSP 1993) with splices only
 * where they are needed and good. The drift is the map's take frame less the
 * take frame that would be copied next; it is checked every 5 ms. The best
 * splice point is the one whose next 20 ms are most similar to the natural
 * continuation (normalised cross-correlation), among the points near the map's
 * frame that reduce the drift. The similarity required falls as the drift
 * grows: no splice is good enough without drift, any is at two tolerances. So
 * a voice is spliced by whole pitch periods, at its most regular or quietest
 * moments, and never back and forth.
 *
 * The correlation is searched at about 8 kHz and refined at the full rate. The
 * cross-fade keeps the power for any correlation r: its weights a, b are
 * divided by sqrt (a^2 + b^2 + 2 r a b).
 *
 * State
 *   done      output frames since the reset
 *   shift     take frame minus output frame of the sound copied now
 *   from      the same of the sound that fades out, for `fading` more frames
 *   similarity  r of this cross-fade
 *   usual     power of the recent sound: below it, splices are less audible
 *   near, far  mono, decimated copies of the take for the search
 */
#include "adr/stretch.h"

#include "base/units.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HOP_S 0.005       /* between decisions: a knot of the map */
#define FADE_HOPS 2       /* cross-fade: 10 ms */
#define LOOK_S 0.020      /* length of the comparison */
#define SEARCH_S 0.009    /* to each side of the map's frame */
#define FAR_FACTOR 2.0    /* drift, in tolerances, that accepts any splice */
#define FAR_LEAST_S 0.008 /* and its least value */
#define NEARER_WEIGHT 2.0 /* of (drift / search)^2, beside 1 - correlation */
#define QUIET_FACTOR 2.0  /* splices cost less below 1/2 of the usual level */
#define USUAL_DECAY 0.995 /* of a power, per hop: 63 % in 1 s */

struct DmixStretch
{
  unsigned rate_hz, channels;
  unsigned hop, fade, look, search, thin;
  double tolerance;
  float *ramp;
  float *near, *far;
  int64_t done, shift, from;
  unsigned fading;
  double similarity, usual;
  int started;
  size_t splices;
};

DmixStretch *
dmix_stretch_new (const DmixFormat *format)
{
  DmixStretch *self;

  if (!dmix_format_is_valid (format) || format->rate_hz < 4000
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->rate_hz = format->rate_hz;
  self->channels = format->channels;
  self->hop = (unsigned) (HOP_S * format->rate_hz);
  self->fade = FADE_HOPS * self->hop;
  self->look = (unsigned) (LOOK_S * format->rate_hz);
  self->search = (unsigned) (SEARCH_S * format->rate_hz);
  self->thin = format->rate_hz >= 16000 ? format->rate_hz / 8000 : 1;
  self->ramp = calloc (self->fade, sizeof (float));
  self->near = calloc (self->look + 2 * self->thin, sizeof (float));
  self->far =
      calloc (self->look + 2 * self->search + 4 * self->thin, sizeof (float));
  if (!self->ramp || !self->near || !self->far) {
    dmix_stretch_free (self);
    return NULL;
  }
  for (unsigned i = 0; i < self->fade; i++)
    self->ramp[i] =
        (float) (0.5 - 0.5 * cos (DMIX_PI * (i + 0.5) / self->fade));
  dmix_stretch_set_params (self, &(DmixStretchParams){ .tolerance_ms = 3.0 });
  dmix_stretch_reset (self);
  return self;
}

void
dmix_stretch_free (DmixStretch *self)
{
  if (!self)
    return;
  free (self->ramp);
  free (self->near);
  free (self->far);
  free (self);
}

void
dmix_stretch_reset (DmixStretch *self)
{
  self->done = self->shift = self->from = 0;
  self->fading = 0;
  self->started = 0;
  self->similarity = self->usual = 0.0;
  self->splices = 0;
}

void
dmix_stretch_set_params (DmixStretch *self, const DmixStretchParams *params)
{
  self->tolerance =
      dmix_clamp (params->tolerance_ms, 0.0, 20.0) * 0.001 * self->rate_hz;
}

unsigned
dmix_stretch_reach_frames (const DmixStretch *self)
{
  return self->search + self->look + self->fade + 4 * self->thin;
}

size_t
dmix_stretch_get_splices (const DmixStretch *self)
{
  return self->splices;
}

/* The map's take frame at an output frame. */
static double
wanted (const DmixStretch *self, const DmixStretchMap *map, int64_t frame)
{
  const double knot = (double) frame * DMIX_STRETCH_KNOTS_PER_S / self->rate_hz
      - (double) map->start;
  const double spacing = (double) self->rate_hz / DMIX_STRETCH_KNOTS_PER_S;
  const size_t last = map->count - 1;

  if (knot <= 0.0)
    return map->take_frame[0] + knot * spacing;
  if (knot >= (double) last)
    return map->take_frame[last] + (knot - (double) last) * spacing;
  const size_t below = (size_t) knot;
  const double part = knot - (double) below;

  return map->take_frame[below] * (1.0 - part)
      + map->take_frame[below + 1] * part;
}

/* Sums runs of `run` contiguous samples: all channels of the run's frames. */
static void
sum_runs (const float *in, unsigned run, size_t count, float *out)
{
  for (size_t i = 0; i < count; i++, in += run) {
    float sum = 0.0f;

    for (unsigned k = 0; k < run; k++)
      sum += in[k];
    out[i] = sum;
  }
}

/* Mono copy of the take from `first` on, the sum of every `thin` frames.
 * channel: that channel alone, or the sum of all if out of range. */
static void
view (const DmixStretch *self, const DmixStretchTake *take, int64_t first,
    unsigned thin, unsigned channel, size_t count, float *out)
{
  const unsigned channels = self->channels;
  const unsigned c0 = channel < channels ? channel : 0;
  const unsigned c1 = channel < channels ? channel + 1 : channels;
  int64_t at = first - take->start;

  if (at >= 0 && c1 - c0 == channels
      && at + (int64_t) (count * thin) <= (int64_t) take->frames) {
    sum_runs (take->sample + (size_t) at * channels, thin * channels, count,
        out);
    return;
  }
  for (size_t i = 0; i < count; i++) {
    float sum = 0.0f;

    for (unsigned k = 0; k < thin; k++, at++)
      if (at >= 0 && at < (int64_t) take->frames)
        for (unsigned c = c0; c < c1; c++)
          sum += take->sample[(size_t) at * channels + c];
    out[i] = sum;
  }
}

/* Parallel partial sums, as in product(): one sum would serialise the adds. */
static double
energy (const float *v, size_t count)
{
  double sum[4] = { 0.0 };

  for (size_t i = 0; i + 4 <= count; i += 4)
    for (unsigned k = 0; k < 4; k++)
      sum[k] += (double) v[i + k] * v[i + k];
  for (size_t i = count & ~(size_t) 3; i < count; i++)
    sum[0] += (double) v[i] * v[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static float
product (const float *a, const float *b, size_t count)
{
  float sum[8] = { 0.0f };

  for (size_t i = 0; i + 8 <= count; i += 8)
    for (unsigned k = 0; k < 8; k++)
      sum[k] += a[i + k] * b[i + k];
  for (size_t i = count & ~(size_t) 7; i < count; i++)
    sum[0] += a[i] * b[i];
  return ((sum[0] + sum[4]) + (sum[1] + sum[5]))
      + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

/* The channel to compare: the sum of all, or the loudest one where the channels
 * cancel each other. */
static unsigned
pick_channel (DmixStretch *self, const DmixStretchTake *take, int64_t first)
{
  const size_t count = self->look / self->thin;
  double sum = 0.0, most = 0.0;
  unsigned loudest = 0;

  if (self->channels == 1)
    return 0;
  for (unsigned c = 0; c < self->channels; c++) {
    view (self, take, first, self->thin, c, count, self->near);
    const double e = energy (self->near, count);

    sum += e;
    if (e > most) {
      most = e;
      loudest = c;
    }
  }
  view (self, take, first, self->thin, self->channels, count, self->near);
  return energy (self->near, count) < 0.5 * sum ? loudest : self->channels;
}

typedef struct
{
  int64_t shift;
  double similarity, price;
} Splice;

/* A search for a splice around take frame `at`. */
typedef struct
{
  int64_t at;
  unsigned channel; /* as for view() */
  double drift;     /* frames from `at` to the map's frame */
} Search;

/* Cheapest splice of `lags` lags, `thin` frames apart, from `first` on. */
static Splice
best_of (DmixStretch *self, const DmixStretchTake *take, const Search *search,
    int64_t first, size_t lags, unsigned thin)
{
  const int64_t at = search->at;
  const unsigned channel = search->channel;
  const double drift = search->drift;
  const size_t count = self->look / thin;
  Splice best = { .price = 1e9 };

  view (self, take, at, thin, channel, count, self->near);
  view (self, take, at + first, thin, channel, count + lags, self->far);
  const double own = energy (self->near, count);
  double other = energy (self->far, count);

  for (size_t lag = 0; lag < lags; lag++) {
    const double shift = (double) first + (double) (lag * thin);
    const double rest = (drift - shift) / self->search;
    const double r = product (self->near, self->far + lag, count)
        / sqrt ((own + 1e-12) * (fmax (other, 0.0) + 1e-12));
    const double price = 1.0 - r + NEARER_WEIGHT * rest * rest;

    other += (double) self->far[lag + count] * self->far[lag + count]
        - (double) self->far[lag] * self->far[lag];
    if (price < best.price && (fabs (drift - shift) < fabs (drift))) {
      best.price = price;
      best.similarity = r;
      best.shift = (int64_t) shift;
    }
  }
  return best;
}

/* Decides at a hop whether to splice. */
static void
decide (DmixStretch *self, const DmixStretchTake *take,
    const DmixStretchMap *map)
{
  const int64_t at = self->done + self->shift;
  const double drift =
      wanted (self, map, self->done + self->hop) - (double) at - self->hop;
  const double far =
      fmax (FAR_FACTOR * self->tolerance, FAR_LEAST_S * self->rate_hz);
  const double far_part = fabs (drift) / far;
  const int64_t first = llrint (drift) - self->search;
  Search search = { .at = at, .drift = drift };
  Splice coarse, fine;

  if (!self->started) {
    self->started = 1;
    self->shift = llrint (wanted (self, map, self->done)) - self->done;
    return;
  }
  self->usual *= USUAL_DECAY;
  if (fabs (drift) < 0.5 * self->tolerance || fabs (drift) < 1.0)
    return;
  search.channel = pick_channel (self, take, at);
  coarse = best_of (self, take, &search, first,
      2 * self->search / self->thin + 1, self->thin);
  const size_t count = self->look / self->thin;
  const double power = energy (self->near, count) / (double) count;

  self->usual = fmax (self->usual, power);
  const double quiet = self->usual > 0.0 ? sqrt (power / self->usual) : 0.0;

  if (far_part < 1.0
      && coarse.price * fmin (1.0, QUIET_FACTOR * quiet) > far_part * far_part)
    return;
  if (coarse.price > 1e8)
    return;
  fine = coarse;
  if (self->thin > 1)
    fine = best_of (self, take, &search, coarse.shift - self->thin,
        2 * self->thin + 1, 1);
  if (fine.price > 1e8)
    fine = coarse;
  if (fine.shift == 0)
    return;
  self->from = self->shift;
  self->shift += fine.shift;
  self->fading = self->fade;
  self->similarity = fmax (fine.similarity, 0);
  self->splices++;
}

static const float *
frame_of (const DmixStretch *self, const DmixStretchTake *take, int64_t frame)
{
  const int64_t at = frame - take->start;

  return at >= 0 && at < (int64_t) take->frames
      ? take->sample + (size_t) at * self->channels
      : NULL;
}

static void
copy (const DmixStretch *self, const DmixStretchTake *take, float *out,
    size_t frames)
{
  for (size_t i = 0; i < frames; i++) {
    const float *in =
        frame_of (self, take, self->done + (int64_t) i + self->shift);
    float *o = out + i * self->channels;

    for (unsigned c = 0; c < self->channels; c++)
      o[c] = in ? in[c] : 0.0f;
  }
}

static void
cross_fade (DmixStretch *self, const DmixStretchTake *take, float *out,
    size_t frames)
{
  for (size_t i = 0; i < frames; i++) {
    const float *a =
        frame_of (self, take, self->done + (int64_t) i + self->from);
    const float *b =
        frame_of (self, take, self->done + (int64_t) i + self->shift);
    const float rise = self->ramp[self->fade - self->fading];
    const float fall = 1.0f - rise;
    const float power = (float) (1.0
        / sqrt (
            rise * rise + fall * fall + 2.0 * self->similarity * rise * fall));
    float *o = out + i * self->channels;

    for (unsigned c = 0; c < self->channels; c++)
      o[c] = ((a ? a[c] : 0.0f) * fall + (b ? b[c] : 0.0f) * rise) * power;
    self->fading--;
  }
}

void
dmix_stretch_process (DmixStretch *self, const DmixStretchTake *take,
    const DmixStretchMap *map, float *out, size_t frames)
{
  while (frames > 0) {
    const unsigned into = (unsigned) (self->done % self->hop);
    size_t now = self->hop - into;

    if (into == 0 && !self->fading)
      decide (self, take, map);
    if (now > frames)
      now = frames;
    if (self->fading)
      cross_fade (self, take, out, now);
    else
      copy (self, take, out, now);
    self->done += (int64_t) now;
    out += now * self->channels;
    frames -= now;
  }
}

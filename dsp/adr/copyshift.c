/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: normalised cross-correlation of the channels' sum, at each delay for
 * the loudest 0.1 s of the guide, then for the whole line at the best delay. If
 * only the first is high, the clocks of the recorders may differ: the loudest 0.1
 * s of the first and of the last third of the line have delays of their own, and
 * the straight line through both is tried for the whole.
 * Two performances of the same words reach some 0.6 in a vowel and nearly 0
 * over a line; a copy with noise 2 dB below it or through another equalizer of
 * some dB is above 0.75.
 */
#include "adr/copyshift.h"

#include "base/units.h"

#include <math.h>

#define PROBE_S 0.1
#define REACH_S 0.010
#define LIKE 0.75          /* correlation */
#define LEAST_PART 0.5     /* of the frames that the take must have */
#define SPREAD_ROWS 2.0    /* 10 ms: delays of the map count as one */
#define ONE_DELAY_PART 0.6 /* of the speech that must have this one */
#define SPEECH_DB 3.0f
#define MOST_DRIFT 300e-6 /* beyond: another speed, and no clock */
#define DRIFT_STEP 256 /* frames with one delay: far less than one of drift */

/* Sum of the channels that count. */
static double
mono_at (const DmixAdrQueue *queue, int64_t frame)
{
  const unsigned channels = queue->format.channels;
  const float *in = queue->sample + (size_t) (frame - queue->start) * channels;
  double sum = 0.0;

  for (unsigned c = 0; c < channels; c++)
    sum += queue->left_out[c] ? 0.0 : in[c];
  return sum;
}

static int64_t
delay_at (const DmixCopyDelay *delay, int64_t frame)
{
  return llrint (delay->frames + delay->drift * (double) (frame - delay->at));
}

/* Energies and product of guide frames [from, to) and the take `delay` later. */
typedef struct
{
  double guide, take, both;
} Sums;

static int
is_mono (const DmixAdrQueue *queue)
{
  return queue->format.channels == 1 && !queue->left_out[0];
}

static void
add_products (const DmixAdrQueue *guide, const DmixAdrQueue *take, int64_t from,
    int64_t to, int64_t delay, Sums *sums)
{
  Sums own = { 0.0, 0.0, 0.0 };

  if (is_mono (guide) && is_mono (take)) { /* the usual case */
    const float *in = guide->sample + (from - guide->start);
    const float *other = take->sample + (from + delay - take->start);

    for (int64_t i = 0; i < to - from; i++) {
      own.guide += (double) in[i] * in[i];
      own.take += (double) other[i] * other[i];
      own.both += (double) in[i] * other[i];
    }
  } else
    for (int64_t i = from; i < to; i++) {
      const double a = mono_at (guide, i), b = mono_at (take, i + delay);

      own.guide += a * a;
      own.take += b * b;
      own.both += a * b;
    }
  sums->guide += own.guide;
  sums->take += own.take;
  sums->both += own.both;
}

/* Correlation of guide frames [first, end) with the take `delay` later. Sets
 * *part to the part of the frames that the take has. */
static double
correlation (const DmixAdrQueue *guide, const DmixAdrQueue *take, int64_t first,
    int64_t end, const DmixCopyDelay *delay, double *part)
{
  const int64_t step = delay->drift == 0.0 ? end - first : DRIFT_STEP;
  Sums sums = { 0.0, 0.0, 0.0 };
  int64_t count = 0;

  for (int64_t at = first; at < end; at += step) {
    const int64_t now = delay_at (delay, at);
    const int64_t from = DMIX_MAX (at, take->start - now);
    const int64_t stop = DMIX_MIN (at + step, end);
    const int64_t to = DMIX_MIN (stop, take->end - now);

    if (to <= from)
      continue;
    add_products (guide, take, from, to, now, &sums);
    count += to - from;
  }
  *part = (double) count / (double) (end - first);
  return fabs (sums.both) / sqrt (sums.guide * sums.take + 1e-30);
}

/* First frame of the loudest `frames` frames of the guide. */
static int64_t
loudest (const DmixAdrQueue *guide, int64_t first, int64_t end, int64_t frames)
{
  double sum = 0.0, most = 0.0;
  int64_t best = first;

  for (int64_t i = first; i < end; i++) {
    const double in = mono_at (guide, i);

    sum += in * in;
    if (i - first >= frames) {
      const double out = mono_at (guide, i - frames);

      sum -= out * out;
    }
    if (sum > most) {
      most = sum;
      best = DMIX_MAX (i + 1 - frames, first);
    }
  }
  return best;
}

/* Delay between frames: the top of the parabola through three correlations. */
static double
peak_of (const DmixAdrQueue *guide, const DmixAdrQueue *take, int64_t end,
    const DmixCopyDelay *delay)
{
  double like[3], part;

  for (int k = 0; k < 3; k++) {
    const DmixCopyDelay near = { delay->frames + k - 1, delay->at, 0.0 };

    like[k] = correlation (guide, take, delay->at, end, &near, &part);
  }
  return delay->frames
      + 0.5 * (like[0] - like[2])
      / fmin (like[0] + like[2] - 2.0 * like[1], -1e-9);
}

/* The delay of the loudest moment, within reach of `near`; if `between`, to a part
 * of a frame. Returns non-zero if the take has that moment. */
static int
probe (const DmixAdrQueue *guide, const DmixAdrQueue *take, int64_t first,
    int64_t end, double near, int between, DmixCopyDelay *found)
{
  const int64_t middle = llrint (near);
  const double rate = guide->format.rate_hz;
  const int64_t length = (int64_t) (PROBE_S * rate);
  const int64_t reach = (int64_t) (REACH_S * rate);
  double best = 0.0, part;
  int64_t start, stop;

  if (end - first < length)
    return 0;
  start = loudest (guide, first, end, length);
  stop = DMIX_MIN (start + length, end);
  for (int64_t d = middle - reach; d <= middle + reach; d++) {
    const DmixCopyDelay delay = { (double) d, start, 0.0 };
    const double like = correlation (guide, take, start, stop, &delay, &part);

    if (part >= LEAST_PART && like > best) {
      best = like;
      *found = delay;
    }
  }
  if (best < LIKE)
    return 0;
  if (between)
    found->frames = peak_of (guide, take, stop, found);
  return 1;
}

static int
is_copy (const DmixAdrQueue *guide, const DmixAdrQueue *take, int64_t first,
    int64_t end, const DmixCopyDelay *delay)
{
  double part;

  return correlation (guide, take, first, end, delay, &part) >= LIKE
      && part >= LEAST_PART;
}

int
dmix_copyshift_find (const DmixAdrQueue *guide, const DmixAdrQueue *take,
    int64_t first, int64_t end, DmixCopyDelay *delay)
{
  DmixCopyDelay one = { 0 }, other = { 0 };
  int64_t third;

  first = DMIX_MAX (first, guide->start);
  end = DMIX_MIN (end, guide->end);
  if (!probe (guide, take, first, end, delay->frames, 0, &one))
    return 0;
  if (!is_copy (guide, take, first, end, &one)) {
    third = (end - first) / 3;
    if (!probe (guide, take, first, first + third, one.frames, 1, &one)
        || !probe (guide, take, end - third, end, one.frames, 1, &other))
      return 0;
    one.drift = (other.frames - one.frames) / (double) (other.at - one.at);
    if (fabs (one.drift) > MOST_DRIFT
        || !is_copy (guide, take, first, end, &one))
      return 0;
  }
  *delay = one;
  return 1;
}

/* Mean delay, in rows, of the speech rows less than `reach` rows from `near`; sets
 * *part to the part of the speech rows that these are. */
static double
mean_delay (const DmixCopyLine *line, const double *map, double near,
    double reach, double *part)
{
  double sum = 0.0;
  size_t count = 0, all = 0;

  for (size_t i = 0; i < line->rows; i++) {
    const double delay = map[i] - (double) i;

    if (line->guide_level[i] <= SPEECH_DB)
      continue;
    all++;
    if (fabs (delay - near) < reach) {
      sum += delay;
      count++;
    }
  }
  *part = all ? (double) count / (double) all : 0.0;
  return count ? sum / (double) count : near;
}

int
dmix_copyshift_process (const DmixAdrQueue *guide, const DmixAdrQueue *take,
    const DmixCopyLine *line, double *map)
{
  const double per_row = (double) guide->format.rate_hz / DMIX_MEL_ROWS_PER_S;
  const double origin = (double) (line->take_row - line->guide_row);
  double part, mean = mean_delay (line, map, 0.0, INFINITY, &part);
  DmixCopyDelay delay = { 0 };
  int64_t first;

  for (double reach = 8.0 * SPREAD_ROWS; reach >= SPREAD_ROWS; reach *= 0.5)
    mean = mean_delay (line, map, mean, reach, &part);
  if (part < ONE_DELAY_PART)
    return 0;
  delay.frames = (origin + mean) * per_row;
  first = dmix_adrqueue_get_frame (guide, line->guide_row);
  if (!dmix_copyshift_find (guide, take, first,
          dmix_adrqueue_get_frame (guide,
              line->guide_row + (int64_t) line->rows),
          &delay))
    return 0;
  for (size_t i = 0; i < line->rows; i++) {
    const double since = (double) (first - delay.at) + (double) i * per_row;

    map[i] =
        (double) i + (delay.frames + delay.drift * since) / per_row - origin;
  }
  return 1;
}

void
dmix_copyshift_settle (const DmixAdrQueue *guide, const DmixAdrQueue *take,
    const DmixAdrScene *scene, int64_t take_row, const float *guide_level,
    double *map, DmixAdrLineInfo *info)
{
  size_t first = 0;

  for (size_t k = 0; k < scene->lines; first = scene->line_end[k++]) {
    const DmixCopyLine line = {
      .guide_row = scene->start + (int64_t) first,
      .take_row = take_row,
      .rows = scene->line_end[k] - first,
      .guide_level = guide_level + first,
    };
    double *here = map + first;

    if (!info[k].speech || !info[k].matched
        || !dmix_copyshift_process (guide, take, &line, here))
      continue;
    info[k].offset_frames =
        here[line.rows / 2] - (double) (first + line.rows / 2);
    info[k].stretch = info[k].map.certainty = 1.0;
    info[k].map.first = info[k].map.end = first;
    info[k].map.bridged = 0;
    if (k + 1 == scene->lines)
      here[line.rows] = here[line.rows - 1] + 1.0;
  }
}

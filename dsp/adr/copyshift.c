/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: normalised cross-correlation of the channels' sum, at each delay for
 * the loudest 0.1 s of the guide, then for the whole line at the best delay.
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

/* Correlation of guide frames [first, end) with the take `delay` later. Sets
 * *part to the part of the frames that the take has. */
static double
correlation (const DmixAdrQueue *guide, const DmixAdrQueue *take, int64_t first,
    int64_t end, int64_t delay, double *part)
{
  const int64_t from = DMIX_MAX (first, take->start - delay);
  const int64_t to = DMIX_MIN (end, take->end - delay);
  double aa = 0.0, bb = 0.0, ab = 0.0;

  for (int64_t i = from; i < to; i++) {
    const double a = mono_at (guide, i), b = mono_at (take, i + delay);

    aa += a * a;
    bb += b * b;
    ab += a * b;
  }
  *part = (double) (to - from) / (double) (end - first);
  return fabs (ab) / sqrt (aa * bb + 1e-30);
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

int
dmix_copyshift_find (const DmixAdrQueue *guide, const DmixAdrQueue *take,
    int64_t first, int64_t end, int64_t *delay)
{
  const double rate = guide->format.rate_hz;
  const int64_t probe = (int64_t) (PROBE_S * rate);
  const int64_t reach = (int64_t) (REACH_S * rate);
  const int64_t middle = *delay;
  double best = 0.0, part;
  int64_t start, stop;

  first = DMIX_MAX (first, guide->start);
  end = DMIX_MIN (end, guide->end);
  if (end - first < probe)
    return 0;
  start = loudest (guide, first, end, probe);
  stop = DMIX_MIN (start + probe, end);
  for (int64_t d = middle - reach; d <= middle + reach; d++) {
    const double like = correlation (guide, take, start, stop, d, &part);

    if (part >= LEAST_PART && like > best) {
      best = like;
      *delay = d;
    }
  }
  return best >= LIKE
      && correlation (guide, take, first, end, *delay, &part) >= LIKE
      && part >= LEAST_PART;
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
  int64_t delay;

  for (double reach = 8.0 * SPREAD_ROWS; reach >= SPREAD_ROWS; reach *= 0.5)
    mean = mean_delay (line, map, mean, reach, &part);
  if (part < ONE_DELAY_PART)
    return 0;
  delay = llrint ((origin + mean) * per_row);
  if (!dmix_copyshift_find (guide, take,
          dmix_adrqueue_get_frame (guide, line->guide_row),
          dmix_adrqueue_get_frame (guide,
              line->guide_row + (int64_t) line->rows),
          &delay))
    return 0;
  for (size_t i = 0; i < line->rows; i++)
    map[i] = (double) i + (double) delay / per_row - origin;
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
    info[k].offset_frames = here[0] - (double) first;
    info[k].stretch = info[k].map.certainty = 1.0;
    info[k].map.first = info[k].map.end = first;
    info[k].map.bridged = 0;
    if (k + 1 == scene->lines)
      here[line.rows] = here[line.rows - 1] + 1.0;
  }
}

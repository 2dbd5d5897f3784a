/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the delay d(t) = take frame - guide frame of each stretch of matched
 * frames ("run") becomes a smooth curve x (smoothcurve.h), with bends cheaper
 * in pauses, in two steps. First it follows the path, in four rounds of
 * reweighting that reduce the weight of points more than 3 frames off (Huber).
 * Then it is fitted from there to the features themselves (warpfit.h): within a
 * steady sound the path wanders, and the features give such frames no weight. A
 * bend costs its size, not its square (reweighted as the outliers are): the map
 * is straight where it can be and turns where it must (S.-J. Kim et al., "l1 trend
 * filtering", SIAM Review 51(2), 2009). Squares turn a corner over 0.1 s and follow
 * the noise between corners.
 *
 * State, by guide frame
 *   delay, weight, bend   d, its weight, the bend's price
 *   corner    the bend's price in the fit
 *   stiff     price of a change of x to the next frame (protected ranges)
 *   found     x
 *   loud      level of the softer side, dB
 *   pin       weight of d at an anchor, else 0
 *   open[i]   no match at frame i; cut[i]: the take jumps after frame i
 *   the rest  scratch memory for one run
 */
#include "adr/warp.h"
#include "base/units.h"
#include "adr/smoothcurve.h"
#include "adr/warpfit.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BEND_PRICE 150.0   /* of (second difference)^2, beside weights near 1 */
#define BEND_IN_PAUSE 0.02 /* factor: speakers change speed in pauses */
#define STIFF_PRICE 1e6    /* far above all weights: forces one delay */
#define PAUSE_DB 1.5       /* pause below: mean over 25 ms, over the floor */
#define LOUD_DB 6.0        /* over the floor: full weight */
#define LEAST_WEIGHT 0.02  /* keeps the curve defined in quiet runs */
#define COUNTS 0.2         /* least weight of a speech frame */
#define RUN_LEAST 1.0      /* least sum of the weights of a run */
#define RUN_FRAMES 3       /* shorter runs (15 ms) are chance matches */
#define RUN_DB 2.5f        /* least level of a run's loudest frame */
#define PAUSE_STRETCH 1.25 /* take pause / guide pause: stretched up to this */
#define ROUNDS 4           /* of reweighting */
#define OUTLIER_FRAMES 3.0 /* Huber: weight falls beyond 15 ms */
#define FIT_ROUNDS 10      /* Gauss-Newton steps */
#define FIT_FRAMES 8       /* shorter runs have too few features to fit */
#define FIT_REACH 8.0      /* frames, limit to each side of the path's curve */
#define FIT_WEIGHT 0.02    /* of the fit's curvature, beside BEND_PRICE */
#define FIT_BENDS 3.5      /* times BEND_PRICE, for a straight curve */
#define CORNER 0.001   /* frames: bends beyond it cost less than their square */
#define FIT_LEAST 4e-6 /* keeps the curve defined where features are constant */
#define PIN_WEIGHT 1e4 /* far above all weights: the user set it */

struct DmixWarp
{
  size_t room;
  double *delay, *weight, *bend, *corner, *stiff, *pin, *found;
  double *used, *point, *rough, *work;
  size_t *place;
  float *loud, *part;
  uint8_t *open, *cut;
};

DmixWarp *
dmix_warp_new (size_t frames)
{
  DmixWarp *self;

  if (frames < 1 || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->room = frames;
  self->delay = calloc (frames, sizeof (double));
  self->weight = calloc (frames, sizeof (double));
  self->bend = calloc (frames, sizeof (double));
  self->corner = calloc (frames, sizeof (double));
  self->stiff = calloc (frames, sizeof (double));
  self->found = calloc (frames, sizeof (double));
  self->pin = calloc (frames, sizeof (double));
  self->used = calloc (frames, sizeof (double));
  self->work = calloc (3 * frames, sizeof (double));
  self->rough = calloc (frames, sizeof (double));
  self->point = calloc (frames, sizeof (double));
  self->place = calloc (frames, sizeof (size_t));
  self->loud = calloc (frames, sizeof (float));
  self->part = calloc (frames, sizeof (float));
  self->open = calloc (frames, 1);
  self->cut = calloc (frames, 1);
  if (!self->delay || !self->weight || !self->bend || !self->corner
      || !self->stiff || !self->pin || !self->found || !self->used
      || !self->point || !self->rough || !self->work || !self->place
      || !self->loud || !self->part || !self->open || !self->cut) {
    dmix_warp_free (self);
    return NULL;
  }
  return self;
}

void
dmix_warp_free (DmixWarp *self)
{
  if (!self)
    return;
  free (self->delay);
  free (self->weight);
  free (self->bend);
  free (self->corner);
  free (self->stiff);
  free (self->found);
  free (self->used);
  free (self->work);
  free (self->pin);
  free (self->rough);
  free (self->point);
  free (self->place);
  free (self->loud);
  free (self->part);
  free (self->open);
  free (self->cut);
  free (self);
}

/* Smooth curve of a run through `point` with the weights `used`. */
static void
solve (DmixWarp *self, const double *point, const double *bend, size_t first,
    size_t count)
{
  dmix_smoothcurve_find (self->used + first, point + first, bend + first,
      self->stiff + first, count, self->work, self->found + first);
}

static void
smooth_run (DmixWarp *self, size_t first, size_t count)
{
  memcpy (self->found + first, self->delay + first, count * sizeof (double));
  for (int round = 0; round < ROUNDS; round++) {
    for (size_t i = first; i < first + count; i++)
      self->used[i] = self->weight[i]
              / fmax (1.0,
                  fabs (self->found[i] - self->delay[i]) / OUTLIER_FRAMES)
          + self->pin[i];
    solve (self, self->delay, self->bend, first, count);
  }
}

/* Sets the prices of bends with which their squares cost what the bends that are
 * there now would cost by their size. */
static void
price_corners (DmixWarp *self, size_t first, size_t count)
{
  const double *x = self->found + first;

  for (size_t i = 1; i + 1 < count; i++) {
    const double bend = x[i - 1] - 2.0 * x[i] + x[i + 1];

    self->corner[first + i] = FIT_BENDS * self->bend[first + i] * CORNER
        / sqrt (bend * bend + CORNER * CORNER);
  }
}

/* Refines the path's smooth curve to the best fit of the features. */
static void
fit_run (DmixWarp *self, const DmixSpeech *guide, const DmixSpeech *take,
    double fit_weight, size_t first, size_t count)
{
  double *used = self->used + first, *point = self->point + first;
  const DmixWarpFit fit = { point, used, self->place, self->part };

  memcpy (self->rough + first, self->found + first, count * sizeof (double));
  for (int round = 0; round < FIT_ROUNDS; round++) {
    dmix_warpfit_find (&fit, guide, take, first, count, self->found + first);
    for (size_t i = 0; i < count; i++) {
      const double rough = self->rough[first + i];
      const double pin = self->pin[first + i];

      point[i] = pin > 0.0
          ? self->delay[first + i]
          : dmix_clamp (point[i], rough - FIT_REACH, rough + FIT_REACH);
      used[i] = fit_weight * used[i] + FIT_LEAST + pin;
    }
    price_corners (self, first, count);
    solve (self, self->point, self->corner, first, count);
  }
}

/* Limits the speed within a run, symmetrically: the mean of a clamp that runs
 * forwards and one that runs backwards. */
static void
limit_speed (DmixWarp *self, size_t first, size_t count, double most)
{
  const double up = most - 1.0, down = 1.0 / most - 1.0;
  double *x = self->found + first, *left = self->used + first;

  left[0] = x[0];
  for (size_t i = 1; i < count; i++)
    left[i] = dmix_clamp (x[i], left[i - 1] + down, left[i - 1] + up);
  for (size_t i = count - 1; i-- > 0;)
    x[i] = dmix_clamp (x[i], x[i + 1] - up, x[i + 1] - down);
  for (size_t i = 0; i < count; i++)
    x[i] = 0.5 * (x[i] + left[i]);
}

static void
read_path (DmixWarp *self, const DmixSpeech *guide, const DmixSpeech *take,
    const DmixAlignStep *path, size_t steps)
{
  memset (self->open, 1, guide->frames);
  memset (self->cut, 0, guide->frames);
  memset (self->weight, 0, guide->frames * sizeof (double));
  for (size_t k = 0; k < steps; k++) {
    const size_t i = (size_t) path[k].guide;
    const float loud = fminf (guide->level_db[i], take->level_db[path[k].take]);
    const double unlike = 0.3 + path[k].distance;

    if (path[k].kind == DMIX_ALIGN_TAKE_ONLY)
      self->cut[i] = 1;
    if (path[k].kind != DMIX_ALIGN_MATCH)
      continue;
    self->open[i] = 0;
    self->loud[i] = loud;
    self->delay[i] = path[k].take - path[k].guide;
    self->weight[i] =
        dmix_clamp (loud / LOUD_DB, LEAST_WEIGHT, 1.0) / (unlike * unlike);
    if (k > 0 && path[k - 1].kind == DMIX_ALIGN_MATCH
        && (size_t) path[k - 1].guide + 2 == i) {
      self->open[i - 1] = 0;
      self->loud[i - 1] = loud;
      self->delay[i - 1] = 0.5 * (self->delay[i] + self->delay[i - 2]);
      self->weight[i - 1] = 0.5 * (self->weight[i] + self->weight[i - 2]);
    }
  }
}

static void
set_prices (DmixWarp *self, const DmixSpeech *guide,
    const DmixWarpParams *params)
{
  const long frames = (long) guide->frames;

  for (long i = 0; i < frames; i++) {
    double level = 0.0;

    for (long k = i - 2; k <= i + 2; k++)
      level += k >= 0 && k < frames ? 0.2 * guide->level_db[k] : 0.0;
    self->bend[i] = BEND_PRICE * (level < PAUSE_DB ? BEND_IN_PAUSE : 1.0);
    self->stiff[i] = 0.0;
  }
  for (size_t p = 0; p < params->protects; p++)
    for (long i = params->protect[p].first; i + 1 < params->protect[p].end; i++)
      if (i >= 0 && i < frames)
        self->stiff[i] = STIFF_PRICE;
}

static void
set_pins (DmixWarp *self, long frames, const DmixWarpParams *params)
{
  memset (self->pin, 0, (size_t) frames * sizeof (double));
  for (size_t k = 0; k < params->anchors; k++) {
    const long i = params->anchor[k].guide_frame;

    if (i >= 0 && i < frames && !self->open[i]) {
      self->delay[i] = (double) (params->anchor[k].take_frame - i);
      self->pin[i] = PIN_WEIGHT;
    }
  }
}

/* Smooths each run; runs too short or too quiet to be reliable become part of
 * the pause around them. Sets the first and last speech frame; returns 0 if
 * there is none. */
static int
smooth_runs (DmixWarp *self, const DmixSpeech *guide, const DmixSpeech *take,
    const DmixWarpParams *params, size_t *first, size_t *last)
{
  const size_t frames = guide->frames;
  int any = 0;

  for (size_t i = 0, count; i < frames; i += count) {
    double sum = 0.0;
    float loudest = 0.0f;

    count = 1;
    if (self->open[i])
      continue;
    for (count = 0; i + count < frames && !self->open[i + count]; count++) {
      sum += self->weight[i + count];
      loudest = fmaxf (loudest, self->loud[i + count]);
      if (self->cut[i + count]) {
        count++;
        break;
      }
    }
    if (sum < RUN_LEAST || count < RUN_FRAMES || loudest < RUN_DB) {
      memset (self->open + i, 1, count);
      continue;
    }
    smooth_run (self, i, count);
    if (count >= FIT_FRAMES && guide->feature && take->feature)
      fit_run (self, guide, take, FIT_WEIGHT * (1.0 + params->more_weight), i,
          count);
    limit_speed (self, i, count, params->max_stretch);
    for (size_t k = i; k < i + count; k++)
      if (self->weight[k] >= COUNTS) {
        *first = any ? *first : k;
        *last = k;
        any = 1;
      }
  }
  return any;
}

/* Fills frames without a match. They are stretched evenly, because a pause may
 * contain breaths; but if the take's pause is much longer, each half keeps the
 * take's own speed and the surplus in the middle is skipped. */
static void
fill_pauses (DmixWarp *self, size_t first, size_t last)
{
  double *x = self->found;

  for (size_t i = first + 1; i < last; i++) {
    const size_t from = i - 1;
    size_t to = i;

    if (!self->open[i])
      continue;
    while (self->open[to])
      to++;
    for (size_t k = i; k < to; k++) {
      const double part = (double) (k - from) / (double) (to - from);

      if (x[to] - x[from] > (PAUSE_STRETCH - 1.0) * (double) (to - from))
        x[k] = part < 0.5 ? x[from] : x[to];
      else
        x[k] = x[from] + (x[to] - x[from]) * part;
    }
    i = to;
  }
}

/* Gives each protected range one delay, including its pauses. */
static void
hold_ranges (DmixWarp *self, size_t frames, const DmixWarpParams *params)
{
  for (size_t p = 0; p < params->protects; p++) {
    const long first = DMIX_MAX (params->protect[p].first, 0);
    const long end = params->protect[p].end < (long) frames
        ? params->protect[p].end
        : (long) frames;
    double sum = 0.0, weights = 0.0;

    for (long i = first; i < end; i++) {
      sum += (self->weight[i] + 1e-9) * self->found[i];
      weights += self->weight[i] + 1e-9;
    }
    for (long i = first; i < end; i++)
      self->found[i] = sum / weights;
  }
}

DmixWarpInfo
dmix_warp_get_info (const DmixWarp *self, size_t first, size_t end)
{
  DmixWarpInfo info = { 0.0, 1.0 };
  double weights = 0.0;

  for (size_t i = first; i < end; i++) {
    info.offset_frames += (self->weight[i] + 1e-9) * self->found[i];
    weights += self->weight[i] + 1e-9;
    if (i > first && !self->open[i] && !self->open[i - 1] && !self->cut[i - 1]
        && self->weight[i] >= COUNTS) {
      const double speed =
          fmax (1.0 + self->found[i] - self->found[i - 1], 0.01);

      info.stretch = fmax (info.stretch, fmax (speed, 1.0 / speed));
    }
  }
  info.offset_frames /= weights;
  return info;
}

void
dmix_warp_process (DmixWarp *self, const DmixSpeech *guide,
    const DmixSpeech *take, const DmixAlignStep *path, size_t steps,
    const DmixWarpParams *params, double *take_frame)
{
  const size_t frames = guide->frames;
  size_t first = 0, last = 0;
  double *x = self->found;

  read_path (self, guide, take, path, steps);
  set_prices (self, guide, params);
  set_pins (self, (long) frames, params);
  if (smooth_runs (self, guide, take, params, &first, &last))
    fill_pauses (self, first, last);
  else
    x[0] = path[0].take - path[0].guide;
  for (size_t i = 0; i < first; i++)
    x[i] = x[first];
  for (size_t i = last + 1; i < frames; i++)
    x[i] = x[last];
  hold_ranges (self, frames, params);
  for (size_t i = 0; i < frames; i++) {
    take_frame[i] = (double) i + x[i];
    if (i > 0 && take_frame[i] < take_frame[i - 1])
      take_frame[i] = take_frame[i - 1];
  }
}

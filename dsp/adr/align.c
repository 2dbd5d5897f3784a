/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: dynamic time warping (H. Sakoe, S. Chiba, IEEE Trans. ASSP 26(1),
 * 1978) with their slope condition P = 1: steps (1,1), (1,2) and (2,1). A pause
 * on one side only is a gap with an opening price, as in the alignment of
 * sequences with affine gaps (O. Gotoh, J. Mol. Biol. 162, 1982); see
 * alignpass.c. Distance: root of the mean over the features of Huber's function
 * of their difference, linear beyond 1 (aligndistance.c).
 *
 * Two passes: a coarse one with frames of 20 ms over the whole reach, then a
 * fine one with all frames within 0.25 s of the coarse path (S. Salvador,
 * P. Chan, "FastDTW", 2004, with a single coarse level).
 *
 * State
 *   coarse    features of frames of 20 ms, and the path through them
 *   pass      the dynamic programming (alignpass.h), whose band is set here
 */
#include "adr/align.h"
#include "adr/alignpass.h"
#include "base/units.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIMENSIONS DMIX_SPEECH_DIMENSIONS
#define THIN 4       /* frames per coarse frame */
#define AROUND 50    /* frames, 0.25 s: half width of the fine band */
#define DUE_PART 0.9 /* of the guide: so fast a take is usual */
#define LATE 60      /* frames, 0.3 s: later than expected at the start */

typedef struct
{
  float *feature[2], *level[2];
  uint8_t *trust; /* of the guide */
  DmixAlignStep *path;
  size_t steps;
} Coarse;

struct DmixAlign
{
  size_t reach_room;
  Coarse coarse;
  DmixAlignPass pass;
};

static size_t
coarse_room (size_t frames)
{
  return frames / THIN + 1;
}

/* Most cells in either band, see widen() and whole_reach(). */
static size_t
cells (size_t guide, size_t take, size_t reach)
{
  const size_t fine = (2 * AROUND + THIN) * (guide + take + 2 * AROUND);
  const size_t coarse = coarse_room (guide) * (2 * (reach / THIN) + 3);

  return DMIX_MAX (fine, coarse);
}

DmixAlign *
dmix_align_new (size_t guide_frames, size_t take_frames, size_t reach_frames)
{
  const size_t frames[2] = { guide_frames, take_frames };
  DmixAlign *self;
  int short_of = 0;

  if (guide_frames < 1 || take_frames < 1 || reach_frames < 1
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->reach_room = reach_frames;
  for (int s = 0; s < 2; s++) {
    const size_t thin = coarse_room (frames[s]);

    short_of |=
        !(self->coarse.feature[s] = calloc (thin * DIMENSIONS, sizeof (float)));
    short_of |= !(self->coarse.level[s] = calloc (thin, sizeof (float)));
  }
  self->coarse.trust = calloc (coarse_room (guide_frames) * DMIX_MEL_BANDS, 1);
  self->coarse.path =
      calloc (coarse_room (guide_frames) + coarse_room (take_frames),
          sizeof (DmixAlignStep));
  short_of |= !self->coarse.trust || !self->coarse.path;
  short_of |= !dmix_alignpass_init (&self->pass, guide_frames, take_frames,
      cells (guide_frames, take_frames, reach_frames));
  if (short_of) {
    dmix_align_free (self);
    return NULL;
  }
  return self;
}

void
dmix_align_free (DmixAlign *self)
{
  if (!self)
    return;
  for (int s = 0; s < 2; s++) {
    free (self->coarse.feature[s]);
    free (self->coarse.level[s]);
  }
  free (self->coarse.trust);
  free (self->coarse.path);
  dmix_alignpass_free (&self->pass);
  free (self);
}

/*** the two bands ***/

static const uint8_t *
make_coarse_trust (DmixAlign *self, const DmixSpeech *fine, size_t frames,
    size_t stride)
{
  for (size_t b = 0; fine->trust && b < DMIX_MEL_BANDS; b++) {
    const uint8_t *from = fine->trust + b * fine->stride;
    uint8_t *to = self->coarse.trust + b * stride;

    for (size_t t = 0; t < frames; t++) {
      const uint8_t early = DMIX_MAX (from[4 * t], from[4 * t + 1]);
      const uint8_t late = DMIX_MAX (from[4 * t + 2], from[4 * t + 3]);

      to[t] = DMIX_MAX (early, late);
    }
  }
  return fine->trust ? self->coarse.trust : NULL;
}

static DmixSpeech
make_coarse (DmixAlign *self, int s, const DmixSpeech *fine)
{
  const size_t frames = fine->frames / THIN;
  const size_t stride = frames ? frames : 1;
  float *feature = self->coarse.feature[s], *level = self->coarse.level[s];

  for (size_t d = 0; d <= DIMENSIONS; d++) {
    const float *from =
        d < DIMENSIONS ? fine->feature + d * fine->stride : fine->level_db;
    float *to = d < DIMENSIONS ? feature + d * stride : level;

    for (size_t t = 0; t < frames; t++)
      to[t] = 0.25f
          * (from[4 * t] + from[4 * t + 1] + from[4 * t + 2] + from[4 * t + 3]);
  }
  return (DmixSpeech){
    .frames = frames,
    .stride = stride,
    .feature = feature,
    .trust = s == 0 ? make_coarse_trust (self, fine, frames, stride) : NULL,
    .level_db = level,
  };
}

static long
limited (long value, long low, long high)
{
  return value < low ? low : value > high ? high : value;
}

static void
whole_reach (DmixAlign *self, size_t guides, size_t takes, long offset,
    long reach)
{
  for (size_t i = 0; i < guides; i++) {
    const long middle = (long) i + offset;

    self->pass.low[i] = limited (middle - reach, 0, (long) takes);
    self->pass.high[i] = limited (middle + reach, -1, (long) takes - 1);
  }
}

/* Sets the fine band: AROUND frames to each side of the coarse path, but not
 * beyond the reach. */
static void
widen (DmixAlign *self, size_t guides, size_t takes, long offset, long reach)
{
  const DmixAlignStep *path = self->coarse.path;
  const size_t count = self->coarse.steps;
  size_t first = 0, last = 0;

  for (size_t i = 0; i < guides; i++) {
    const long from = ((long) i - AROUND) / THIN;
    const long to = ((long) i + AROUND) / THIN;

    while (first + 1 < count && path[first].guide < from)
      first++;
    while (last + 1 < count && path[last + 1].guide <= to)
      last++;
    const DmixAlignStep *a = &path[first],
                        *b = &path[last > first ? last : first];
    /* before and after the path, the band goes on diagonally */
    const long early = a->guide > to ? (a->guide - (long) i / THIN) : 0;
    const long late = b->guide < from ? ((long) i / THIN - b->guide) : 0;

    const long middle = (long) i + offset;
    const long low = ((long) a->take - early + late) * THIN - AROUND;
    const long high = ((long) b->take - early + late + 1) * THIN + AROUND;

    self->pass.low[i] =
        limited (DMIX_MAX (low, middle - reach), 0, (long) takes);
    self->pass.high[i] =
        limited (DMIX_MIN (high, middle + reach), -1, (long) takes - 1);
  }
}

static void
keep_anchors (DmixAlign *self, const DmixAlignParams *params, long thin,
    size_t guides, size_t takes)
{
  for (size_t k = 0; k < params->anchors; k++) {
    const long guide = params->anchor[k].guide_frame / thin;
    const long take = params->anchor[k].take_frame / thin;

    for (long i = guide - 1; i <= guide + 1; i++)
      if (i >= 0 && i < (long) guides && take >= 0 && take < (long) takes) {
        self->pass.low[i] = DMIX_MAX (take + i - guide - 1, 0);
        self->pass.high[i] = DMIX_MIN (take + i - guide + 1, (long) takes - 1);
      }
  }
}

static void
set_distances (const DmixSpeech *guide, const DmixSpeech *take,
    DmixAlignStep *path, size_t count)
{
  for (size_t k = 0; k < count; k++) {
    float sum = 0.0f;

    for (size_t d = 0; d < DIMENSIONS; d++)
      sum += dmix_aligndistance_huber (
          guide->feature[d * guide->stride + (size_t) path[k].guide]
          - take->feature[d * take->stride + (size_t) path[k].take]);
    path[k].distance = sqrtf (sum * (1.0f / DIMENSIONS));
  }
}

/* Expands each step of the coarse path to THIN steps; returns their number. */
static size_t
refine (DmixAlign *self, const DmixAlignStep **path)
{
  for (size_t k = 0; k < self->coarse.steps; k++) {
    const DmixAlignStep step = self->coarse.path[k];

    for (int part = 0; part < THIN; part++)
      self->pass.path[THIN * k + (size_t) part] =
          (DmixAlignStep){ step.guide * THIN
                + (step.kind != DMIX_ALIGN_TAKE_ONLY ? part : THIN - 1),
            step.take * THIN
                + (step.kind != DMIX_ALIGN_GUIDE_ONLY ? part : THIN - 1),
            step.kind, 0.0f };
  }
  *path = self->pass.path;
  return THIN * self->coarse.steps;
}

/* The pass with frames of 20 ms; keeps its path. */
static int
run_coarse (DmixAlign *self, const DmixSpeech *guide, const DmixSpeech *take,
    const DmixAlignParams *params, DmixAlignPassParams pass)
{
  const long reach =
      limited (params->reach_frames, 0, (long) self->reach_room) / THIN + 1;
  const DmixSpeech thin_guide = make_coarse (self, 0, guide);
  const DmixSpeech thin_take = make_coarse (self, 1, take);
  const DmixAlignStep *step;

  pass.scale = THIN;
  pass.due /= THIN;
  whole_reach (self, thin_guide.frames, thin_take.frames,
      params->offset_frames / THIN, reach);
  keep_anchors (self, params, THIN, thin_guide.frames, thin_take.frames);
  step = dmix_alignpass_run (&self->pass, &thin_guide, &thin_take, &pass,
      &self->coarse.steps);
  if (step)
    memcpy (self->coarse.path, step, self->coarse.steps * sizeof *step);
  return step != NULL;
}

size_t
dmix_align_process (DmixAlign *self, const DmixSpeech *guide,
    const DmixSpeech *take, const DmixAlignParams *params,
    const DmixAlignStep **path)
{
  const long due =
      params->offset_frames + (long) (DUE_PART * (double) guide->frames) - LATE;
  const DmixAlignPassParams pass = { 1.0, params->open_end, params->search,
    due };
  DmixAlignStep *step;
  size_t count = 0;

  if (!params->again && !run_coarse (self, guide, take, params, pass))
    return 0;
  if (params->rough)
    return refine (self, path);
  widen (self, guide->frames, take->frames, params->offset_frames,
      params->reach_frames + THIN);
  keep_anchors (self, params, 1, guide->frames, take->frames);
  step = dmix_alignpass_run (&self->pass, guide, take, &pass, &count);
  if (!step)
    return 0;
  set_distances (guide, take, step, count);
  *path = step;
  return count;
}

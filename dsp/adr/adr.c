/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: guide and take wait in queues (adrqueue). A scene (adrscene), the
 * lines of at least 10 s, is aligned in one pass (adrline), with the next 1.5 s
 * of the guide as context. The pass searches the take from the point where the
 * last scene ended. adrcolour then measures level and colour of each line, and
 * adrrender renders it.
 *
 * Rows are 5 ms. Take rows are counted from the take's first frame, guide
 * rows from the guide's.
 *
 * State
 *   row, cut       first guide row of the current line, and of the next one
 *   aligned        the scene has a map; `at` is the index of the current line
 *   carry          expected take row minus guide row
 *   drift          of the take's clock against the guide's, from matched lines
 *                  unless the shape says it
 *   take_row       first take row that the next scene may use
 *   map            take row of each guide row of the scene, less `first`
 *   first          take row at which the aligner's input begins
 *   last_take_row  take row after the end of the aligner's input
 *   frame, second  take frame and take time (s) of each row of the line
 *   shift_ms       max_shift_ms, or half of search_ms: twice as much is in reach
 *   reading        a line is being rendered
 */
#include "adr/adr.h"
#include "adr/adrcolour.h"
#include "adr/adrdrift.h"
#include "adr/adrmarks.h"
#include "adr/adrqueue.h"
#include "adr/adrrender.h"
#include "adr/adrscene.h"
#include "adr/copyshift.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ROWS DMIX_MEL_ROWS_PER_S
#define LINE_ROWS 1000

struct DmixAdr
{
  DmixAdrShape shape;
  DmixAdrParams params;
  DmixAdrQueue queue[2];
  DmixAdrLine *line;
  DmixAdrColour *colour;
  DmixAdrRender *render;
  DmixAdrMarks marks;
  DmixAdrScene scene;
  DmixVoice *voice; /* of the scene, or NULL */
  int64_t row, cut, take_row, first, last_take_row;
  size_t at;
  DmixAdrLineInfo info[DMIX_ADR_LINES];
  DmixAdrDrift drift;
  double carry, gain_db, shift_ms;
  double *map, *frame, *second;
  float *response;
  int64_t reach;
  size_t guide_room, take_room; /* rows that `line` can hold */
  unsigned index;
  int aligned, reading, done;
};

static int
take_memory (DmixAdr *self)
{
  const DmixAdrShape *shape = &self->shape;
  const DmixFormat guide = { shape->rate_hz, shape->guide_channels };
  const DmixFormat take = { shape->rate_hz, shape->take_channels };
  const size_t rows = (size_t) self->scene.most_rows + DMIX_ADR_SCENE_ROWS
      + DMIX_ADR_CONTEXT_ROWS + 2;
  int short_of = 0;

  short_of |= !dmix_adrqueue_init (&self->queue[0], &guide);
  short_of |= !dmix_adrqueue_init (&self->queue[1], &take);
  short_of |= !(self->colour = dmix_adrcolour_new (&guide, &take));
  short_of |= !(self->render = dmix_adrrender_new (shape));
  short_of |= !(self->map = calloc (rows, sizeof (double)));
  short_of |= !(self->frame = calloc (rows, sizeof (double)));
  short_of |= !(self->second = calloc (rows, sizeof (double)));
  if (shape->learned)
    short_of |= !(self->voice = dmix_voice_new (&guide, NULL));
  if (short_of)
    return 0;
  self->response =
      calloc (dmix_adrrender_get_bins (self->render), sizeof (float));
  return self->response != NULL;
}

DmixAdr *
dmix_adr_new (const DmixAdrShape *shape, const DmixAdrSync *sync, size_t syncs,
    const DmixAdrProtect *protect, size_t protects)
{
  const DmixAdrParams standard = {
    .line_gap_ms = 700,
    .max_stretch = 2,
    .strength = 1,
    .min_confidence = 0.57,
    .tolerance_ms = 3,
    .eq_limit_db = 12,
  };
  DmixAdr *self;

  if (!shape || shape->rate_hz < 8000 || shape->rate_hz > 384000
      || !(shape->max_line_ms >= 1000 && shape->max_line_ms <= 120000)
      || !(shape->max_shift_ms >= 0 && shape->max_shift_ms <= 10000)
      || !(shape->search_ms >= 0 && shape->search_ms <= 30000)
      || !isfinite (shape->lag_ms) || !(fabs (shape->drift_ppm) <= 1000)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->shape = *shape;
  self->scene.most_rows = (int64_t) (shape->max_line_ms * ROWS / 1000.0);
  self->shift_ms = fmax (shape->max_shift_ms, 0.5 * shape->search_ms);
  self->reach = (int64_t) (self->shift_ms * ROWS / 1000.0) + 1;
  if (!dmix_adrmarks_init (&self->marks, sync, syncs, protect, protects,
          shape->lag_ms / 1000.0)
      || !take_memory (self)) {
    dmix_adr_free (self);
    return NULL;
  }
  if (self->voice)
    dmix_voice_set_detector (self->voice, DMIX_VOICE_LEARNED);
  dmix_adrscene_set_voice (&self->scene, self->voice);
  dmix_adr_set_params (self, &standard);
  dmix_adr_reset (self);
  return self;
}

void
dmix_adr_free (DmixAdr *self)
{
  if (!self)
    return;
  dmix_adrqueue_free (&self->queue[0]);
  dmix_adrqueue_free (&self->queue[1]);
  dmix_adrline_free (self->line);
  dmix_adrcolour_free (self->colour);
  dmix_voice_free (self->voice);
  dmix_adrrender_free (self->render);
  free (self->map);
  free (self->frame);
  free (self->second);
  free (self->response);
  dmix_adrmarks_free (&self->marks);
  free (self);
}

void
dmix_adr_set_params (DmixAdr *self, const DmixAdrParams *params)
{
  self->params = *params;
  self->scene.gap_rows = fmax (params->line_gap_ms, 20.0) * ROWS / 1000.0;
}

void
dmix_adr_leave_out (DmixAdr *self, DmixAdrSide side, unsigned channel)
{
  if (channel >= self->queue[side].format.channels)
    return;
  dmix_adrqueue_leave_out (&self->queue[side], channel);
  dmix_adrcolour_leave_out (self->colour, side, channel);
}

void
dmix_adr_reset (DmixAdr *self)
{
  dmix_adrqueue_reset (&self->queue[0]);
  dmix_adrqueue_reset (&self->queue[1]);
  dmix_adrcolour_reset (self->colour);
  dmix_adrrender_reset (self->render, &self->params);
  dmix_adrscene_reset (&self->scene);
  dmix_adrdrift_reset (&self->drift);
  self->row = self->cut = 0;
  self->at = 0;
  self->aligned = 0;
  self->carry = -self->shape.lag_ms * ROWS / 1000.0;
  self->take_row = (int64_t) self->carry - 2 * self->reach;
  self->gain_db = 0.0;
  self->index = 0;
  self->reading = self->done = 0;
}

/*** lines ***/

/* Take rows more for each row of the guide. */
static double
get_drift (const DmixAdr *self)
{
  const double ppm = self->shape.drift_ppm;

  return 1e-6 * (ppm != 0.0 ? ppm : dmix_adrdrift_get_ppm (&self->drift));
}

/* Take row up to which a scene that ends at guide row `end` may search. */
static int64_t
take_needed (const DmixAdr *self, int64_t end)
{
  return end + DMIX_ADR_CONTEXT_ROWS + (int64_t) self->carry + 2 * self->reach;
}

/* Non-zero if alignment of the scene needs more rows of this side. */
static int
needs (const DmixAdr *self, DmixAdrSide side)
{
  const DmixAdrQueue *guide = &self->queue[DMIX_ADR_GUIDE];
  const int64_t end = dmix_adrscene_is_known (&self->scene, guide)
      ? dmix_adrscene_get_end (&self->scene)
      : guide->end_row;

  if (self->queue[side].ended)
    return 0;
  if (side == DMIX_ADR_GUIDE)
    return !dmix_adrscene_is_known (&self->scene, guide)
        || guide->end_row < end + DMIX_ADR_CONTEXT_ROWS;
  return self->queue[side].end_row < take_needed (self, end);
}

/* Both sides advance in step: a caller that reads both from one clock never
 * has to buffer one side while this module waits for the other. */
int
dmix_adr_wants (const DmixAdr *self, DmixAdrSide side)
{
  const DmixAdrQueue *own = &self->queue[side], *other = &self->queue[!side];

  if (own->ended || self->aligned)
    return 0;
  if (other->ended)
    return needs (self, side);
  return own->end <= other->end
      && (needs (self, side) || needs (self, (DmixAdrSide) !side));
}

int
dmix_adr_is_finished (const DmixAdr *self)
{
  const DmixAdrQueue *guide = &self->queue[DMIX_ADR_GUIDE];

  return guide->ended && !self->reading && !self->aligned
      && self->scene.start >= guide->end_row;
}

/* Drops take frames more than 1 s before the first one that can be used. */
static void
drop_early (DmixAdr *self)
{
  DmixAdrQueue *take = &self->queue[DMIX_ADR_TAKE];
  const int64_t needed = dmix_adrqueue_get_frame (take, self->take_row)
      - 2 * (int64_t) dmix_adrrender_reach_frames (self->render);

  if (!self->aligned && needed - take->start > self->shape.rate_hz)
    dmix_adrqueue_drop (take, needed);
}

int
dmix_adr_push (DmixAdr *self, DmixAdrSide side, const float *in, size_t frames)
{
  if (!dmix_adrqueue_push (&self->queue[side], in, frames))
    return 0;
  if (side == DMIX_ADR_GUIDE)
    dmix_adrscene_process (&self->scene, &self->queue[DMIX_ADR_GUIDE]);
  else
    drop_early (self);
  return 1;
}

int
dmix_adr_end (DmixAdr *self, DmixAdrSide side)
{
  if (self->queue[side].ended)
    return 1;
  if (!dmix_adrqueue_end (&self->queue[side]))
    return 0;
  if (side == DMIX_ADR_GUIDE)
    dmix_adrscene_process (&self->scene, &self->queue[DMIX_ADR_GUIDE]);
  return 1;
}

/*** one line ***/

/* Replaces the aligner by a larger one if the scene does not fit. */
static int
make_line (DmixAdr *self, size_t guide_rows, size_t take_rows)
{
  if (self->line && guide_rows <= self->guide_room
      && take_rows <= self->take_room)
    return 1;
  while (self->guide_room < guide_rows)
    self->guide_room += self->guide_room / 2 + LINE_ROWS;
  while (self->take_room < take_rows)
    self->take_room += self->take_room / 2 + LINE_ROWS;
  dmix_adrline_free (self->line);
  self->line =
      dmix_adrline_new (self->guide_room, self->take_room, self->shift_ms);
  return self->line != NULL;
}

/* Aligns the scene; the map counts take rows from `first`. Returns 0 if memory
 * runs out. */
static int
align_scene (DmixAdr *self)
{
  const DmixAdrQueue *guide = &self->queue[DMIX_ADR_GUIDE];
  const DmixAdrQueue *take = &self->queue[DMIX_ADR_TAKE];
  const int64_t stop = dmix_adrscene_get_end (&self->scene);
  const int64_t context =
      DMIX_MIN (guide->end_row, stop + DMIX_ADR_CONTEXT_ROWS);
  const int64_t needed = take_needed (self, stop);
  const int64_t end = DMIX_MIN (needed, take->end_row);
  const int64_t early = DMIX_MAX (self->take_row, take->first_row);
  const int64_t first = DMIX_MIN (early, end);
  const DmixAdrLineInput input = {
    .guide = dmix_adrscene_get_input (guide, self->scene.start, context),
    .take = dmix_adrscene_get_input (take, first, end),
    .line_end = self->scene.line_end,
    .line_speaks = self->scene.line_speaks,
    .lines = self->scene.lines,
    .offset_frames =
        lrint ((double) self->scene.start + self->carry - (double) first),
    .ends = guide->ended && context == guide->end_row && take->ended
        && end == take->end_row,
  };
  DmixAdrLineParams how = {
    .max_shift_ms = self->shift_ms,
    .search = self->shape.search_ms > 0.0,
    .max_stretch = self->params.max_stretch,
    .strength = self->params.strength,
    .min_confidence = self->params.min_confidence,
    .drift = get_drift (self),
  };

  if (!make_line (self, input.guide.frames, input.take.frames + 1))
    return 0;
  dmix_adrmarks_find (&self->marks, self->scene.start, stop, first, &how);
  dmix_adrline_process (self->line, &input, &how, self->map, self->info);
  self->first = first;
  self->last_take_row = end;
  if (!how.anchors)
    dmix_copyshift_settle (guide, take, &self->scene, first,
        dmix_adrline_get_guide_level (self->line), self->map, self->info);
  self->aligned = 1;
  self->at = 0;
  return 1;
}

static void
measure_colour (DmixAdr *self, int matched)
{
  const size_t at = (size_t) (self->row - self->scene.start);
  const DmixAdrParams *params = &self->params;
  const DmixAdrColourLine line = {
    .guide = &self->queue[DMIX_ADR_GUIDE],
    .take = &self->queue[DMIX_ADR_TAKE],
    .guide_level = dmix_adrline_get_guide_level (self->line) + at,
    .take_level = dmix_adrline_get_take_level (self->line),
    .guide_row = self->row,
    .take_row = self->first,
    .rows = (size_t) (self->cut - self->row),
    .take_rows = (size_t) (self->last_take_row - self->first),
    .map = matched ? self->map + at : NULL,
  };
  const DmixEqMatchParams eq = { params->match_eq, params->eq_limit_db };
  double curve[DMIX_MEANSPECTRUM_THIRDS];
  const double *room;
  unsigned bins;
  int known = 0;

  dmix_adrcolour_add (self->colour, &line);
  if (!params->match_level)
    self->gain_db = 0.0;
  else if (matched)
    self->gain_db = dmix_adrcolour_get_gain_db (&line, self->gain_db);
  if (params->match_eq > 0.0)
    known = dmix_adrcolour_get_curve (self->colour, &eq, curve);
  if (known)
    dmix_eqmatch_get_response (curve, self->shape.rate_hz,
        dmix_adrrender_get_bins (self->render), self->response);
  room = params->tone == DMIX_ADR_TONE_OFF
      ? NULL
      : dmix_adrcolour_get_room (self->colour, self->gain_db, &bins);
  dmix_adrrender_set_params (self->render, params,
      known ? self->response : NULL, room, room ? bins : 0);
}

static void
start_render (DmixAdr *self, int matched)
{
  const DmixAdrQueue *guide = &self->queue[DMIX_ADR_GUIDE];
  const int last = guide->ended && self->cut == guide->end_row;
  const int heard = matched || self->params.analyse_only
      || self->params.mismatch == DMIX_ADR_SHIFT;
  const DmixAdrRenderLine line = {
    .row = self->row,
    .start_frame = dmix_adrqueue_get_frame (guide, self->row),
    .stop_frame =
        last ? guide->end : dmix_adrqueue_get_frame (guide, self->cut),
    .rows = (size_t) (self->cut - self->row),
    .take_frame = self->frame,
    .guide_level = dmix_adrline_get_guide_level (self->line)
        + (self->row - self->scene.start),
    .gain_db = self->gain_db,
    .use_take = heard,
    .use_guide = !heard && self->params.mismatch == DMIX_ADR_KEEP_GUIDE,
    .last = last,
  };

  dmix_adrrender_set_line (self->render, &line);
  self->reading = 1;
  self->done = last;
}

/* Converts the map of this line from rows to take frames and seconds. */
static void
finish_map (DmixAdr *self)
{
  const double per_row = (double) self->shape.rate_hz / ROWS;
  const double lag_s = self->shape.lag_ms / 1000.0;
  const double *map = self->map + (self->row - self->scene.start);

  for (int64_t i = 0; i <= self->cut - self->row; i++) {
    const double row = (double) self->first + map[i];

    self->second[i] = row / ROWS + lag_s;
    self->frame[i] = per_row
        * (self->params.analyse_only ? (double) (self->row + i) - lag_s * ROWS
                                     : row);
  }
}

static void
fill_report (const DmixAdr *self, DmixAdrReport *report)
{
  const DmixAdrQueue *guide = &self->queue[DMIX_ADR_GUIDE];
  const DmixAdrLineInfo *info = &self->info[self->at];

  *report = (DmixAdrReport){
    .index = self->index,
    .start_frame = dmix_adrqueue_get_frame (guide, self->row),
    .stop_frame =
        self->done ? guide->end : dmix_adrqueue_get_frame (guide, self->cut),
    .line = *info,
    .offset_s =
        (info->offset_frames + (double) (self->first - self->scene.start))
            / ROWS
        + self->shape.lag_ms / 1000.0,
    .skipped_s = (double) info->skipped_frames / ROWS,
    .worst_start_frame = dmix_adrqueue_get_frame (guide,
        self->scene.start + (int64_t) info->map.first),
    .worst_stop_frame = dmix_adrqueue_get_frame (guide,
        self->scene.start + (int64_t) info->map.end),
    .bridged_s = (double) info->map.bridged / ROWS,
    .gain_db = self->gain_db,
    .drift_ppm = dmix_adrdrift_get_ppm (&self->drift),
    .take_s = self->second,
    .map_points = (size_t) (self->cut - self->row),
  };
}

int
dmix_adr_next_line (DmixAdr *self, DmixAdrReport *report)
{
  const DmixAdrQueue *guide = &self->queue[DMIX_ADR_GUIDE];
  const DmixAdrLineInfo *info = &self->info[self->at];

  if (self->reading)
    return 0;
  if (!self->aligned) {
    if (self->done || !dmix_adrscene_is_known (&self->scene, guide)
        || needs (self, DMIX_ADR_GUIDE) || needs (self, DMIX_ADR_TAKE))
      return 0;
    dmix_adrscene_add_rest (&self->scene, guide);
    if (!align_scene (self))
      return -1;
    info = &self->info[0];
  }
  self->cut = self->scene.start + (int64_t) self->scene.line_end[self->at];
  measure_colour (self, info->matched && info->speech);
  finish_map (self);
  if (info->matched && info->speech)
    dmix_adrdrift_add (&self->drift, (double) self->row / ROWS,
        self->second[0] - (double) self->row / ROWS);
  start_render (self, info->matched || !info->speech);
  fill_report (self, report);
  return 1;
}

/* Sets the start of the next scene in the take: the end of this scene, or,
 * if its last line did not match, any row within reach of the expected one. */
static void
leave_scene (DmixAdr *self)
{
  const DmixAdrLineInfo *info = &self->info[self->scene.lines - 1];
  const int64_t end = dmix_adrscene_get_end (&self->scene);
  const double next = (double) self->first + self->map[end - self->scene.start];

  if (info->matched && info->speech && self->params.strength >= 1.0) {
    self->carry = next - (double) end;
    self->take_row = (int64_t) next - 2;
  } else {
    int64_t since = self->scene.start, begun = since;

    for (size_t k = 0; k < self->scene.lines; k++) {
      const int64_t stop =
          self->scene.start + (int64_t) self->scene.line_end[k];

      if (self->info[k].matched && self->info[k].speech) {
        self->carry = self->info[k].offset_frames
            + (double) (self->first - self->scene.start);
        since = (begun + stop) / 2;
      }
      begun = stop;
    }
    self->carry += (double) (end - since) * get_drift (self);
    self->take_row = end + (int64_t) self->carry - 2 * self->reach;
  }
  dmix_adrscene_next (&self->scene);
  self->aligned = 0;
  dmix_adrscene_process (&self->scene, &self->queue[DMIX_ADR_GUIDE]);
}

/* Advances to the next line. */
static void
leave_line (DmixAdr *self)
{
  DmixAdrQueue *guide = &self->queue[DMIX_ADR_GUIDE];
  DmixAdrQueue *take = &self->queue[DMIX_ADR_TAKE];
  const int64_t reach =
      2 * (int64_t) dmix_adrrender_reach_frames (self->render);
  int64_t given = dmix_adrrender_get_guide_frame (self->render), needed;

  self->reading = 0;
  self->index++;
  self->row = self->cut;
  if (++self->at < self->scene.lines)
    return;
  leave_scene (self);
  if (given > dmix_adrqueue_get_frame (guide, self->scene.start))
    given = dmix_adrqueue_get_frame (guide, self->scene.start);
  dmix_adrqueue_drop (guide, given);
  needed = self->scene.start + (int64_t) self->carry - 2 * self->reach;
  needed = DMIX_MIN (needed, self->take_row);
  dmix_adrqueue_drop (take, dmix_adrqueue_get_frame (take, needed) - reach);
}

size_t
dmix_adr_read (DmixAdr *self, float *out, size_t frames)
{
  size_t count;

  if (!self->reading || frames < 1)
    return 0;
  count = dmix_adrrender_read (self->render, &self->queue[DMIX_ADR_GUIDE],
      &self->queue[DMIX_ADR_TAKE], out, frames);
  if (!count)
    leave_line (self);
  return count;
}

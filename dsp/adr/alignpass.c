/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: align.c names the sources. Each cell has three states: M (both sides
 * advanced), X (only the guide), Y (only the take). A frame in a gap (X, Y) is
 * cheap where its signal is quiet and expensive in speech. Opening a gap is
 * expensive while the waiting side speaks. A row (one guide frame) stores only
 * the take frames within the band.
 *
 * alignpass.h explains the state.
 */
#include "adr/alignpass.h"

#include "base/units.h"
#include "base/cpu.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DIMENSIONS DMIX_SPEECH_DIMENSIONS

/* Prices, in units of the distance between two frames. */
#define SLOPE_PRICE 0.3       /* a step (1,2) or (2,1) */
#define OPEN_PRICE 3.0        /* any gap */
#define OPEN_IN_SPEECH 6.0    /* added while the waiting side speaks */
#define QUIET_PRICE 0.02      /* a quiet frame in a gap */
#define SPEECH_PRICE 2.0      /* a frame of speech in a gap */
#define SILENT_TAKE_PRICE 0.2 /* guide frame beside a silent take frame */
#define RETAKE_PART 0.05      /* of SPEECH_PRICE, in a search's pauses */
#define END_PART 0.75         /* of SPEECH_PRICE, before and after the path */
#define TWICE_PRICE 0.5       /* added to a step like the one before it */
#define QUIET_DB 0.8f
#define SPEECH_DB 3.0f

#define NONE 1e18

enum
{
  BACK_START = 0, /* how M was reached, 3 bits */
  BACK_11,
  BACK_12,
  BACK_21,
  BACK_X,
  BACK_Y,
  BACK_STATE = 7,
  BACK_X_FROM_X = 8,
  BACK_Y_FROM_Y = 16,
};

/* One pass: its input and the best end found so far. */
typedef struct
{
  const DmixSpeech *side[2];
  double scale; /* fine frames per frame: prices are per fine frame */
  int open_end, search;
  long due;    /* see DmixAlignPassParams */
  double best; /* least price of a path to an end */
  long end_guide, end_take;
} Ends;

static DmixAlignDistances *
fastest_distances (void)
{
#ifdef HAVE_AVX2
  if (dmix_cpu_has_avx2 ())
    return dmix_aligndistance_avx2;
#endif
  return dmix_aligndistance_plain;
}

int
dmix_alignpass_init (DmixAlignPass *self, size_t guide_frames,
    size_t take_frames, size_t cells)
{
  const size_t room[2] = { guide_frames, take_frames };
  int short_of = 0;

  memset (self, 0, sizeof *self);
  self->guide_room = guide_frames;
  self->take_room = take_frames;
  self->back_room = cells;
  self->distances = fastest_distances ();
  for (int s = 0; s < 2; s++) {
    short_of |= !(self->speaks[s] = calloc (room[s], sizeof (float)));
    short_of |= !(self->skipped[s] = calloc (room[s] + 1, sizeof (double)));
  }
  for (int r = 0; r < 3; r++) {
    DmixAlignRow *row = &self->row[r];

    short_of |= !(row->m = calloc (room[1], sizeof (double)));
    short_of |= !(row->x = calloc (room[1], sizeof (double)));
    short_of |= !(row->y = calloc (room[1], sizeof (double)));
    short_of |= !(row->distance = calloc (room[1], sizeof (float)));
  }
  short_of |= !(self->low = calloc (room[0], sizeof (long)));
  short_of |= !(self->high = calloc (room[0], sizeof (long)));
  short_of |= !(self->place = calloc (room[0], sizeof (size_t)));
  short_of |= !(self->back = malloc (cells));
  short_of |=
      !(self->path = calloc (room[0] + room[1], sizeof (DmixAlignStep)));
  if (short_of)
    dmix_alignpass_free (self);
  return !short_of;
}

void
dmix_alignpass_free (DmixAlignPass *self)
{
  for (int s = 0; s < 2; s++) {
    free (self->speaks[s]);
    free (self->skipped[s]);
  }
  for (int r = 0; r < 3; r++) {
    free (self->row[r].m);
    free (self->row[r].x);
    free (self->row[r].y);
    free (self->row[r].distance);
  }
  free (self->low);
  free (self->high);
  free (self->place);
  free (self->back);
  free (self->path);
  memset (self, 0, sizeof *self);
}

/*** frame prices ***/

/* The distance of a frame to a pause, whose features are all 0. */
static double
distance_to_pause (const DmixSpeech *side, size_t frame)
{
  float weight[DIMENSIONS], sum = 0.0f;

  dmix_aligndistance_weigh (side, frame, weight);
  for (size_t d = 0; d < DIMENSIONS; d++)
    sum += weight[d]
        * dmix_aligndistance_huber (side->feature[d * side->stride + frame]);
  return sqrtf (sum * (1.0f / DIMENSIONS));
}

/* Sets speaks[] (0 quiet to 1 speech) and skipped[], the summed price of
 * leaving out all frames before a frame. A noisy guide must not be expensive to
 * skip: its frames cost at most their match with a pause of the take, as in a
 * gap beside a pause. Were they dearer at the end than in a gap, a path would
 * leave out the last word and match it with the noise behind it. */
static void
find_prices (DmixAlignPass *self, const Ends *pass)
{
  for (int s = 0; s < 2; s++) {
    const DmixSpeech *side = pass->side[s];

    self->skipped[s][0] = 0.0;
    for (size_t t = 0; t < side->frames; t++) {
      const float over =
          (side->level_db[t] - QUIET_DB) / (SPEECH_DB - QUIET_DB);
      double price;

      self->speaks[s][t] = fminf (fmaxf (over, 0.0f), 1.0f);
      price = END_PART * SPEECH_PRICE * self->speaks[s][t];
      if (s == 1 && pass->search)
        price = -QUIET_PRICE; /* nothing */
      if (s == 0)
        price = fmin (price, distance_to_pause (side, t));
      self->skipped[s][t + 1] =
          self->skipped[s][t] + pass->scale * (QUIET_PRICE + price);
    }
  }
}

/*** one row ***/

static inline double
sum_at (const DmixAlignRow *row, const double *sum, long take)
{
  return take >= row->low && take <= row->high ? sum[take - row->low] : NONE;
}

static inline double
distance_at (const DmixAlignRow *row, long take, double otherwise)
{
  return take >= row->low && take <= row->high ? row->distance[take - row->low]
                                               : otherwise;
}

static inline int
smaller (double *least, double value)
{
  if (value >= *least)
    return 0;
  *least = value;
  return 1;
}

/* What a step (1,2) or (2,1) costs from a cell of `row`, which is guide frame
 * `guide`: more if the same kind of step led there. Half as fast again, or two
 * thirds, is usual between readings; twice and half for a while is more often
 * noise or a reverberation tail that resembles the word. */
static inline double
slope_price (const DmixAlignPass *self, const DmixAlignRow *row, long guide,
    long take, int kind)
{
  if (take < row->low || take > row->high)
    return 0.0; /* no such cell */
  return SLOPE_PRICE
      + ((self->back[self->place[guide] + (size_t) (take - row->low)]
             & BACK_STATE)
                  == kind
              ? TWICE_PRICE
              : 0.0);
}

/* State M of a cell: guide and take advance. */
static int
reach_match (const DmixAlignPass *self, const Ends *pass, long guide, long take,
    const DmixAlignRow *here, const DmixAlignRow *last,
    const DmixAlignRow *older)
{
  const double distance = here->distance[take - here->low];
  const double twice = 2.0 * distance;
  double least = NONE;
  int back = BACK_START;

  if (guide == 0 || take == 0)
    least = self->skipped[0][guide] + self->skipped[1][take]
        + pass->scale * distance;
  if (smaller (&least, sum_at (last, last->m, take - 1) + pass->scale * twice))
    back = BACK_11;
  if (smaller (&least,
          sum_at (last, last->m, take - 2)
              + slope_price (self, last, guide - 1, take - 2, BACK_12)
              + pass->scale * 1.5
                  * (distance + distance_at (here, take - 1, distance))))
    back = BACK_12;
  if (smaller (&least,
          sum_at (older, older->m, take - 1)
              + slope_price (self, older, guide - 2, take - 1, BACK_21)
              + pass->scale * 1.5
                  * (distance + distance_at (last, take, distance))))
    back = BACK_21;
  if (smaller (&least, sum_at (last, last->x, take - 1) + pass->scale * twice))
    back = BACK_X;
  if (smaller (&least, sum_at (last, last->y, take - 1) + pass->scale * twice))
    back = BACK_Y;
  here->m[take - here->low] = DMIX_MIN (least, NONE);
  return back;
}

/* State X: the guide advances, the take waits. */
static int
reach_guide_only (const DmixAlignPass *self, const Ends *pass, long guide,
    long take, const DmixAlignRow *here, const DmixAlignRow *last)
{
  const double distance = here->distance[take - here->low];
  const double open = OPEN_PRICE + OPEN_IN_SPEECH * self->speaks[1][take];
  const double alone = QUIET_PRICE + SPEECH_PRICE * self->speaks[0][guide];
  const double beside = SILENT_TAKE_PRICE
      + (pass->open_end ? 1.6 : 1.0) * distance
      + SPEECH_PRICE * self->speaks[1][take];
  const double price = pass->scale * DMIX_MIN (alone, beside);
  double least = sum_at (last, last->m, take) + open + price;
  int back = 0;

  if (smaller (&least, sum_at (last, last->x, take) + price))
    back = BACK_X_FROM_X;
  here->x[take - here->low] = DMIX_MIN (least, NONE);
  return back;
}

/* State Y: the take advances, the guide waits. */
static int
reach_take_only (const DmixAlignPass *self, const Ends *pass, long guide,
    long take, const DmixAlignRow *here)
{
  const double part =
      pass->search ? fmax (self->speaks[0][guide], RETAKE_PART) : 1.0;
  const double open = OPEN_PRICE + OPEN_IN_SPEECH * self->speaks[0][guide];
  const double price =
      pass->scale * (QUIET_PRICE + part * SPEECH_PRICE * self->speaks[1][take]);
  double least = sum_at (here, here->m, take - 1) + open + price;
  int back = 0;

  if (smaller (&least, sum_at (here, here->y, take - 1) + price))
    back = BACK_Y_FROM_Y;
  here->y[take - here->low] = DMIX_MIN (least, NONE);
  return back;
}

/* A path may end on the last frame of either side; keeps the cheapest end. */
static void
try_end (const DmixAlignPass *self, Ends *pass, long guide, long take,
    double sum)
{
  const size_t guides = pass->side[0]->frames, takes = pass->side[1]->frames;
  double rest;

  if (guide + 1 != (long) guides && take + 1 != (long) takes)
    return;
  /* An open end is one of the guide: the take then goes on in the next scene.
   * Guide frames after the take's last one have no match in any case. */
  rest = self->skipped[0][guides] - self->skipped[0][guide + 1];
  if (!pass->open_end)
    rest += self->skipped[1][takes] - self->skipped[1][take + 1];
  else if (take + 1 < pass->due)
    rest += self->skipped[1][pass->due] - self->skipped[1][take + 1];
  if (sum < NONE && sum + rest < pass->best) {
    pass->best = sum + rest;
    pass->end_guide = guide;
    pass->end_take = take;
  }
}

static void
do_row (DmixAlignPass *self, Ends *pass, long guide)
{
  DmixAlignRow *here = &self->row[guide % 3];
  const DmixAlignRow *last = &self->row[(guide + 2) % 3];
  const DmixAlignRow *older = &self->row[(guide + 1) % 3];
  uint8_t *back = self->back + self->place[guide];

  here->low = self->low[guide];
  here->high = self->high[guide];
  if (here->high < here->low)
    return;
  self->distances (pass->side[0], (size_t) guide, pass->side[1],
      (size_t) here->low, (size_t) (here->high - here->low + 1),
      here->distance);
  for (long take = here->low; take <= here->high; take++) {
    back[take - here->low] =
        (uint8_t) (reach_match (self, pass, guide, take, here, last, older)
            | reach_guide_only (self, pass, guide, take, here, last)
            | reach_take_only (self, pass, guide, take, here));
    try_end (self, pass, guide, take, here->m[take - here->low]);
  }
}

/*** one pass ***/

/* Traces the path back from its end; writes it to the end of self->path. */
static DmixAlignStep *
trace (const DmixAlignPass *self, const Ends *pass, size_t *count)
{
  const size_t room = self->guide_room + self->take_room;
  DmixAlignStep *step = self->path + room;
  DmixAlignKind kind = DMIX_ALIGN_MATCH;
  long guide = pass->end_guide, take = pass->end_take;

  for (;;) {
    const int back =
        self->back[self->place[guide] + (size_t) (take - self->low[guide])];

    step--;
    *step = (DmixAlignStep){ (int) guide, (int) take, kind, 0.0f };
    if (kind == DMIX_ALIGN_GUIDE_ONLY) {
      kind = back & BACK_X_FROM_X ? kind : DMIX_ALIGN_MATCH;
      guide--;
    } else if (kind == DMIX_ALIGN_TAKE_ONLY) {
      kind = back & BACK_Y_FROM_Y ? kind : DMIX_ALIGN_MATCH;
      take--;
    } else {
      const int how = back & BACK_STATE;

      if (how == BACK_START)
        break;
      guide -= how == BACK_21 ? 2 : 1;
      take -= how == BACK_12 ? 2 : 1;
      kind = how == BACK_X ? DMIX_ALIGN_GUIDE_ONLY
          : how == BACK_Y  ? DMIX_ALIGN_TAKE_ONLY
                           : DMIX_ALIGN_MATCH;
    }
  }
  *count = (size_t) (self->path + room - step);
  return step;
}

DmixAlignStep *
dmix_alignpass_run (DmixAlignPass *self, const DmixSpeech *guide,
    const DmixSpeech *take, const DmixAlignPassParams *params, size_t *count)
{
  Ends pass = {
    .side = { guide, take },
    .scale = params->scale,
    .open_end = params->open_end,
    .search = params->search,
    .due = DMIX_MIN (params->due, (long) take->frames),
    .best = NONE,
  };
  size_t place = 0;

  find_prices (self, &pass);
  for (int r = 0; r < 3; r++) {
    self->row[r].low = 0;
    self->row[r].high = -1;
  }
  for (size_t i = 0; i < guide->frames; i++) {
    const long width = self->high[i] - self->low[i] + 1;

    self->place[i] = place;
    if (width > 0 && place + (size_t) width > self->back_room)
      self->high[i] = self->low[i] - 1;
    else if (width > 0)
      place += (size_t) width;
    do_row (self, &pass, (long) i);
  }
  return pass.best < NONE ? trace (self, &pass, count) : NULL;
}

/* Method: dynamic time warping (H. Sakoe, S. Chiba, IEEE Trans. ASSP 26(1),
 * 1978) with their slope condition P = 1: steps (1,1), (1,2) and (2,1). Pauses
 * that only one of the two has are gaps with an opening price, as in the
 * alignment of sequences with affine gaps (O. Gotoh, J. Mol. Biol. 162, 1982):
 * each cell has three states, M both advance, X only the guide, Y only the
 * take. A frame in a gap costs next to nothing where its signal is quiet and
 * a lot where it speaks; opening a gap costs a lot where the other one, which
 * has to wait, speaks.
 *
 * It is done twice: with frames of 20 ms in all of the reach, and then with
 * all frames within 0.25 s of the path found (S. Salvador, P. Chan, "FastDTW",
 * 2004, with one level less).
 *
 * Distance: Huber's function of each feature's difference (1 where it bends),
 * root of the mean.
 *
 * State
 *   coarse[]  features of frames of 20 ms
 *   row[]     sums of the states M, X, Y, and distances, of the last three
 *             guide frames; the row of frame i holds take frames low[i] to
 *             high[i]
 *   back      for each cell how its states were reached (BACK_*), the row of
 *             frame i from place[i] on
 *   speaks    for each frame 0 (quiet) to 1 (speech)
 *   skipped   price of leaving all frames before out, guide and take
 */
#include "align.h"
#include "aligndistance.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DIMENSIONS DMIX_SPEECH_DIMENSIONS
#define THIN 4                  /* frames in a coarse frame */
#define AROUND 50               /* frames around the coarse path */

/* Prices, in units of the distance of one frame to another. */
#define SLOPE_PRICE 0.45        /* a step (1,2) or (2,1) */
#define OPEN_PRICE 0.3          /* any gap */
#define OPEN_IN_SPEECH 6.0      /* a gap while the other one speaks */
#define QUIET_PRICE 0.02        /* a quiet frame in a gap */
#define SPEECH_PRICE 2.0        /* a frame of speech in a gap */
#define SILENT_TAKE_PRICE 0.06  /* guide's gap beside a silent take */
#define END_PART 0.75           /* of SPEECH_PRICE, before and after the path */
#define QUIET_DB 0.8f
#define SPEECH_DB 3.0f

#define NONE 1e18

enum
{
  BACK_START = 0,               /* how M was reached, 3 bits */
  BACK_11, BACK_12, BACK_21, BACK_X, BACK_Y,
  BACK_STATE = 7,
  BACK_X_FROM_X = 8,
  BACK_Y_FROM_Y = 16
};

typedef struct
{
  long low, high;               /* take frames; none if high < low */
  double *m, *x, *y;
  float *distance;
} Row;

typedef struct
{
  size_t guide_room, take_room;
  float *feature[2], *level[2];
} Coarse;

struct DmixAlign
{
  size_t guide_room, take_room, reach_room, back_room;
  Coarse coarse;
  Row row[3];
  long *low, *high;
  size_t *place;
  uint8_t *back;
  float *speaks[2];
  double *skipped[2];
  DmixAlignStep *path;
  DmixAlignDistances *distances;        /* the fastest one of this processor */
};

/* One pass: what the functions below share. */
typedef struct
{
  const DmixSpeech *side[2];
  double scale;                 /* frames in a frame: gaps' prices per frame */
  int open_end;
  double best;
  long end_guide, end_take;
} Pass;

static size_t
coarse_room (size_t frames)
{
  return frames / THIN + 1;
}

/* The cells that the two bands can have, see widen() and whole_reach(). */
static size_t
cells (size_t guide, size_t take, size_t reach)
{
  const size_t fine = (2 * AROUND + THIN) * (guide + take + 2 * AROUND);
  const size_t coarse = coarse_room (guide) * (2 * (reach / THIN) + 3);

  return fine > coarse ? fine : coarse;
}

static int
take_memory (DmixAlign * self)
{
  const size_t room[2] = { self->guide_room, self->take_room };
  int short_of = 0;

  for (int s = 0; s < 2; s++) {
    const size_t thin = coarse_room (room[s]);

    short_of |= !(self->coarse.feature[s] =
        calloc (thin * DIMENSIONS, sizeof (float)));
    short_of |= !(self->coarse.level[s] = calloc (thin, sizeof (float)));
    short_of |= !(self->speaks[s] = calloc (room[s], sizeof (float)));
    short_of |= !(self->skipped[s] = calloc (room[s] + 1, sizeof (double)));
  }
  for (int r = 0; r < 3; r++) {
    Row *row = &self->row[r];

    short_of |= !(row->m = calloc (room[1], sizeof (double)));
    short_of |= !(row->x = calloc (room[1], sizeof (double)));
    short_of |= !(row->y = calloc (room[1], sizeof (double)));
    short_of |= !(row->distance = calloc (room[1], sizeof (float)));
  }
  short_of |= !(self->low = calloc (room[0], sizeof (long)));
  short_of |= !(self->high = calloc (room[0], sizeof (long)));
  short_of |= !(self->place = calloc (room[0], sizeof (size_t)));
  short_of |= !(self->back = malloc (self->back_room));
  short_of |= !(self->path = calloc (room[0] + room[1],
          sizeof (DmixAlignStep)));
  return !short_of;
}

static DmixAlignDistances *
fastest_distances (void)
{
#ifdef HAVE_AVX2
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2"))
    return dmix_align_distances_avx2;
#endif
  return dmix_align_distances_plain;
}

DmixAlign *
dmix_align_new (size_t guide_frames, size_t take_frames, size_t reach_frames)
{
  DmixAlign *self;

  if (guide_frames < 1 || take_frames < 1 || reach_frames < 1
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->guide_room = guide_frames;
  self->take_room = take_frames;
  self->reach_room = reach_frames;
  self->distances = fastest_distances ();
  self->back_room = cells (guide_frames, take_frames, reach_frames);
  if (!take_memory (self)) {
    dmix_align_free (self);
    return NULL;
  }
  return self;
}

void
dmix_align_free (DmixAlign * self)
{
  if (!self)
    return;
  for (int s = 0; s < 2; s++) {
    free (self->coarse.feature[s]);
    free (self->coarse.level[s]);
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
  free (self);
}

/*** what a frame costs ***/

/* The distance of a frame to a pause, whose features are all 0. */
static double
distance_to_pause (const DmixSpeech * side, size_t frame)
{
  float sum = 0.0f;

  for (size_t d = 0; d < DIMENSIONS; d++)
    sum += dmix_align_huber (side->feature[d * side->stride + frame]);
  return sqrtf (sum * (1.0f / DIMENSIONS));
}

/* What is quiet, and the price of leaving out what lies before a frame. The
 * guide may be noisy: no frame of it costs more than it would beside a pause
 * of the take. */
static void
find_prices (DmixAlign * self, const Pass * pass)
{
  for (int s = 0; s < 2; s++) {
    const DmixSpeech *side = pass->side[s];

    self->skipped[s][0] = 0.0;
    for (size_t t = 0; t < side->frames; t++) {
      const float over = (side->level_db[t] - QUIET_DB)
          / (SPEECH_DB - QUIET_DB);
      double price;

      self->speaks[s][t] = fminf (fmaxf (over, 0.0f), 1.0f);
      price = END_PART * SPEECH_PRICE * self->speaks[s][t];
      if (s == 0)
        price = fmin (price, 2.0 * END_PART * distance_to_pause (side, t));
      self->skipped[s][t + 1] = self->skipped[s][t]
          + pass->scale * (QUIET_PRICE + price);
    }
  }
}

/*** one row ***/

static inline double
sum_at (const Row * row, const double *sum, long take)
{
  return take >= row->low && take <= row->high ? sum[take - row->low] : NONE;
}

static inline double
distance_at (const Row * row, long take, double otherwise)
{
  return take >= row->low && take <= row->high
      ? row->distance[take - row->low] : otherwise;
}

static inline int
smaller (double *least, double value)
{
  if (value >= *least)
    return 0;
  *least = value;
  return 1;
}

/* State M of a cell: both have advanced to here. */
static int
reach_match (const DmixAlign * self, const Pass * pass, long guide, long take,
    const Row * here, const Row * last, const Row * older)
{
  const double distance = here->distance[take - here->low];
  const double twice = 2.0 * distance;
  double least = NONE;
  int back = BACK_START;

  if (guide == 0 || take == 0)
    least = self->skipped[0][guide] + self->skipped[1][take]
        + pass->scale * distance;
  if (smaller (&least, sum_at (last, last->m, take - 1)
          + pass->scale * twice))
    back = BACK_11;
  if (smaller (&least, sum_at (last, last->m, take - 2) + SLOPE_PRICE
          + pass->scale * 1.5 * (distance
              + distance_at (here, take - 1, distance))))
    back = BACK_12;
  if (smaller (&least, sum_at (older, older->m, take - 1) + SLOPE_PRICE
          + pass->scale * 1.5 * (distance
              + distance_at (last, take, distance))))
    back = BACK_21;
  if (smaller (&least, sum_at (last, last->x, take - 1)
          + pass->scale * twice))
    back = BACK_X;
  if (smaller (&least, sum_at (last, last->y, take - 1)
          + pass->scale * twice))
    back = BACK_Y;
  here->m[take - here->low] = least < NONE ? least : NONE;
  return back;
}

/* State X: the guide has advanced to here, the take waits. */
static int
reach_guide_only (const DmixAlign * self, const Pass * pass, long guide,
    long take, const Row * here, const Row * last)
{
  const double distance = here->distance[take - here->low];
  const double open = OPEN_PRICE + OPEN_IN_SPEECH * self->speaks[1][take];
  const double alone = QUIET_PRICE + SPEECH_PRICE * self->speaks[0][guide];
  const double beside = SILENT_TAKE_PRICE + distance
      + SPEECH_PRICE * self->speaks[1][take];
  const double price = pass->scale * (alone < beside ? alone : beside);
  double least = sum_at (last, last->m, take) + open + price;
  int back = 0;

  if (smaller (&least, sum_at (last, last->x, take) + price))
    back = BACK_X_FROM_X;
  here->x[take - here->low] = least < NONE ? least : NONE;
  return back;
}

/* State Y: the take has advanced to here, the guide waits. */
static int
reach_take_only (const DmixAlign * self, const Pass * pass, long guide,
    long take, const Row * here)
{
  const double open = OPEN_PRICE + OPEN_IN_SPEECH * self->speaks[0][guide];
  const double price = pass->scale
      * (QUIET_PRICE + SPEECH_PRICE * self->speaks[1][take]);
  double least = sum_at (here, here->m, take - 1) + open + price;
  int back = 0;

  if (smaller (&least, sum_at (here, here->y, take - 1) + price))
    back = BACK_Y_FROM_Y;
  here->y[take - here->low] = least < NONE ? least : NONE;
  return back;
}

/* Where the path may end: at the end of either. */
static void
try_end (const DmixAlign * self, Pass * pass, long guide, long take, double sum)
{
  const size_t guides = pass->side[0]->frames, takes = pass->side[1]->frames;
  double rest = 0.0;

  if (guide + 1 != (long) guides && take + 1 != (long) takes)
    return;
  if (!pass->open_end)
    rest = self->skipped[0][guides] - self->skipped[0][guide + 1]
        + self->skipped[1][takes] - self->skipped[1][take + 1];
  if (sum < NONE && sum + rest < pass->best) {
    pass->best = sum + rest;
    pass->end_guide = guide;
    pass->end_take = take;
  }
}

static void
do_row (DmixAlign * self, Pass * pass, long guide)
{
  Row *here = &self->row[guide % 3];
  const Row *last = &self->row[(guide + 2) % 3];
  const Row *older = &self->row[(guide + 1) % 3];
  uint8_t *back = self->back + self->place[guide];

  here->low = self->low[guide];
  here->high = self->high[guide];
  if (here->high < here->low)
    return;
  self->distances (pass->side[0], (size_t) guide, pass->side[1],
      (size_t) here->low, (size_t) (here->high - here->low + 1),
      here->distance);
  for (long take = here->low; take <= here->high; take++) {
    back[take - here->low] = (uint8_t)
        (reach_match (self, pass, guide, take, here, last, older)
        | reach_guide_only (self, pass, guide, take, here, last)
        | reach_take_only (self, pass, guide, take, here));
    try_end (self, pass, guide, take, here->m[take - here->low]);
  }
}

/*** one pass ***/

/* Follows the path back; writes it to the end of self->path. */
static DmixAlignStep *
trace (const DmixAlign * self, const Pass * pass, size_t *count)
{
  const size_t room = self->guide_room + self->take_room;
  DmixAlignStep *step = self->path + room;
  DmixAlignKind kind = DMIX_ALIGN_MATCH;
  long guide = pass->end_guide, take = pass->end_take;

  for (;;) {
    const int back = self->back[self->place[guide]
        + (size_t) (take - self->low[guide])];

    step--;
    *step = (DmixAlignStep) {
    (int) guide, (int) take, kind, 0.0f};
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
          : how == BACK_Y ? DMIX_ALIGN_TAKE_ONLY : DMIX_ALIGN_MATCH;
    }
  }
  *count = (size_t) (self->path + room - step);
  return step;
}

/* Frames low[] to high[] of each guide frame; NULL if there is no path. */
static DmixAlignStep *
pass_through (DmixAlign * self, const DmixSpeech * guide,
    const DmixSpeech * take, double scale, int open_end, size_t *count)
{
  Pass pass = {
    .side = {guide, take},
    .scale = scale,
    .open_end = open_end,
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
  return pass.best < NONE ? trace (&self[0], &pass, count) : NULL;
}

/*** the two bands ***/

static DmixSpeech
make_coarse (DmixAlign * self, int s, const DmixSpeech * fine)
{
  const size_t frames = fine->frames / THIN;
  const size_t stride = frames ? frames : 1;
  float *feature = self->coarse.feature[s], *level = self->coarse.level[s];

  for (size_t d = 0; d <= DIMENSIONS; d++) {
    const float *from = d < DIMENSIONS ? fine->feature + d * fine->stride
        : fine->level_db;
    float *to = d < DIMENSIONS ? feature + d * stride : level;

    for (size_t t = 0; t < frames; t++)
      to[t] = 0.25f * (from[4 * t] + from[4 * t + 1] + from[4 * t + 2]
          + from[4 * t + 3]);
  }
  return (DmixSpeech) {
  .frames = frames,.stride = stride,.feature = feature,.level_db = level,};
}

static long
limited (long value, long low, long high)
{
  return value < low ? low : value > high ? high : value;
}

static void
whole_reach (DmixAlign * self, size_t guides, size_t takes, long offset,
    long reach)
{
  for (size_t i = 0; i < guides; i++) {
    const long middle = (long) i + offset;

    self->low[i] = limited (middle - reach, 0, (long) takes);
    self->high[i] = limited (middle + reach, -1, (long) takes - 1);
  }
}

/* The surroundings of a path of coarse frames. */
static void
widen (DmixAlign * self, const DmixAlignStep * path, size_t count,
    size_t guides, size_t takes)
{
  size_t first = 0, last = 0;

  for (size_t i = 0; i < guides; i++) {
    const long from = ((long) i - AROUND) / THIN;
    const long to = ((long) i + AROUND) / THIN;

    while (first + 1 < count && path[first].guide < from)
      first++;
    while (last + 1 < count && path[last + 1].guide <= to)
      last++;
    const DmixAlignStep *a = &path[first], *b = &path[last > first ? last
        : first];
    /* before and after the path both go on at one speed */
    const long early = a->guide > to ? (a->guide - (long) i / THIN) : 0;
    const long late = b->guide < from ? ((long) i / THIN - b->guide) : 0;

    self->low[i] = limited (((long) a->take - early + late) * THIN - AROUND,
        0, (long) takes);
    self->high[i] = limited (((long) b->take - early + late + 1) * THIN
        + AROUND, -1, (long) takes - 1);
  }
}

static void
keep_anchors (DmixAlign * self, const DmixAlignParams * params, long thin,
    size_t guides, size_t takes)
{
  for (size_t k = 0; k < params->anchors; k++) {
    const long guide = params->anchor[k].guide_frame / thin;
    const long take = params->anchor[k].take_frame / thin;

    for (long i = guide - 1; i <= guide + 1; i++)
      if (i >= 0 && i < (long) guides && take >= 0 && take < (long) takes) {
        self->low[i] = limited (take + i - guide - 1, 0, (long) takes - 1);
        self->high[i] = limited (take + i - guide + 1, 0, (long) takes - 1);
      }
  }
}

static void
set_distances (const DmixSpeech * guide, const DmixSpeech * take,
    DmixAlignStep * path, size_t count)
{
  for (size_t k = 0; k < count; k++) {
    float sum = 0.0f;

    for (size_t d = 0; d < DIMENSIONS; d++)
      sum +=
          dmix_align_huber (guide->feature[d * guide->stride +
              (size_t) path[k].guide]
          - take->feature[d * take->stride + (size_t) path[k].take]);
    path[k].distance = sqrtf (sum * (1.0f / DIMENSIONS));
  }
}

/* Steps of coarse frames as steps of frames, at the start of self->path (the
 * coarse ones are at its end, and a quarter as many). */
static DmixAlignStep *
refine (DmixAlign * self, const DmixAlignStep * coarse, size_t * count)
{
  for (size_t k = 0; k < *count; k++) {
    const DmixAlignStep step = coarse[k];

    for (int part = 0; part < THIN; part++)
      self->path[THIN * k + (size_t) part] = (DmixAlignStep) {
        step.guide * THIN + (step.kind != DMIX_ALIGN_TAKE_ONLY) * part,
        step.take * THIN + (step.kind != DMIX_ALIGN_GUIDE_ONLY) * part,
        step.kind, 0.0f
      };
  }
  *count *= THIN;
  return self->path;
}

size_t
dmix_align_process (DmixAlign * self, const DmixSpeech * guide,
    const DmixSpeech * take, const DmixAlignParams * params,
    const DmixAlignStep ** path)
{
  const long reach = limited (params->reach_frames, 0,
      (long) self->reach_room) / THIN + 1;
  const DmixSpeech thin_guide = make_coarse (self, 0, guide);
  const DmixSpeech thin_take = make_coarse (self, 1, take);
  DmixAlignStep *step;
  size_t count = 0;

  whole_reach (self, thin_guide.frames, thin_take.frames,
      params->offset_frames / THIN, reach);
  keep_anchors (self, params, THIN, thin_guide.frames, thin_take.frames);
  step = pass_through (self, &thin_guide, &thin_take, THIN, params->open_end,
      &count);
  if (!step)
    return 0;
  if (params->rough) {
    *path = refine (self, step, &count);
    return count;
  }
  widen (self, step, count, guide->frames, take->frames);
  keep_anchors (self, params, 1, guide->frames, take->frames);
  step = pass_through (self, guide, take, 1.0, params->open_end, &count);
  if (!step)
    return 0;
  set_distances (guide, take, step, count);
  *path = step;
  return count;
}

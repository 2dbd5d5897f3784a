/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* One pass of dynamic programming through guide and take, within a band of
 * take frames for each guide frame. Private to align.c.
 */
#ifndef DMIX_ALIGN_PASS_H
#define DMIX_ALIGN_PASS_H

#include "adr/aligndistance.h"
#include "adr/alignpath.h"

#include <stdint.h>

typedef struct
{
  long low, high;    /* take frames; none if high < low */
  double *m, *x, *y; /* sums of the states */
  float *distance;
} DmixAlignRow;

typedef struct
{
  size_t guide_room, take_room, back_room;
  DmixAlignRow row[3];           /* the last three guide frames */
  long *low, *high;              /* the band: set before each pass */
  size_t *place;                 /* of a guide frame's row in `back` */
  uint8_t *back;                 /* how the states of each cell were reached */
  float *speaks[2];              /* 0 (quiet) to 1 (speech) of each frame */
  double *skipped[2];            /* price of leaving all frames before out */
  DmixAlignStep *path;           /* guide_room + take_room steps */
  DmixAlignDistances *distances; /* the fastest version here */
} DmixAlignPass;

/* cells: the most that a band may have. 0 if memory is short;
 * nothing is kept then, and free() does no harm. */
int dmix_alignpass_init (DmixAlignPass *self, size_t guide_frames,
    size_t take_frames, size_t cells);
void dmix_alignpass_free (DmixAlignPass *self);

typedef struct
{
  double scale; /* frames (5 ms) that a frame here stands for */
  int open_end; /* both go on after their last frame */
  int search;   /* see align.h */
  long due;     /* with an open end: take frames that the guide's words need at
                 * least; speech before that is not left out for nothing */
} DmixAlignPassParams;

/* Returns the path, which ends at the end of self->path, or NULL if there is
 * none. */
DmixAlignStep *dmix_alignpass_run (DmixAlignPass *self, const DmixSpeech *guide,
    const DmixSpeech *take, const DmixAlignPassParams *params, size_t *count);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Copy shift: the delay, exact to a sample frame, between two recordings of one
 * performance, such as a second microphone's or a restored copy.
 *
 * The alignment of rows is exact to a few ms. Where both sides are one
 * performance, their waveforms say more: a line then gets one delay, and the
 * take passes without a splice, bit by bit; or, if the clocks of both recorders
 * differ, a straight line.
 */
#ifndef DMIX_COPY_SHIFT_H
#define DMIX_COPY_SHIFT_H

#include "adr/adrqueue.h"
#include "adr/adrscene.h"

/* Guide rows of a line, and where its map counts from. */
typedef struct
{
  int64_t guide_row, take_row; /* of map[0]; the row that the map counts from */
  size_t rows;
  const float *guide_level; /* dB over the floor: speech above 3 dB */
} DmixCopyLine;

/* The take is `frames` later at guide frame `at`, and `drift` frames more for each
 * frame after it: 0, or the clocks of two recorders, up to 300 ppm apart. */
typedef struct
{
  double frames; /* whole ones without a drift */
  int64_t at;
  double drift;
} DmixCopyDelay;

/* Looks for guide frames [first, end) in the take, delay->frames later, give or
 * take 10 ms. Returns non-zero and sets *delay if the waveforms agree, gain and
 * polarity apart: correlation of at least 0.75 over the frames that the take
 * has, which are at least half of them. */
int dmix_copyshift_find (const DmixAdrQueue *guide, const DmixAdrQueue *take,
    int64_t first, int64_t end, DmixCopyDelay *delay);

/* Replaces the map of a line (take row of each guide row) by one delay, or one that
 * drifts, if most of its speech has one within 10 ms, and the take is a copy of the
 * guide. Returns non-zero then. */
int dmix_copyshift_process (const DmixAdrQueue *guide, const DmixAdrQueue *take,
    const DmixCopyLine *line, double *map);

/* Does that to the lines of a scene that match, and to their info. The map
 * counts take rows from take_row; guide_level: of each row of the scene. */
void dmix_copyshift_settle (const DmixAdrQueue *guide, const DmixAdrQueue *take,
    const DmixAdrScene *scene, int64_t take_row, const float *guide_level,
    double *map, DmixAdrLineInfo *info);

#endif

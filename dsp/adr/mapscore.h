/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Map score: the certainty that a map from guide to take is right, moment by
 * moment. The match score says whether a whole line has the same words; a line
 * that has them may still be placed wrongly where noise covers it or where one
 * sound lasts.
 *
 * The value for a moment is the probability that the map is less than 45 ms off
 * there (fitted, see mapscore.c).
 */
#ifndef DMIX_MAPSCORE_H
#define DMIX_MAPSCORE_H

#include "speech/speechfeatures.h"

#include <stddef.h>

#define DMIX_MAPSCORE_STEP 20 /* frames, 0.1 s: from one window to the next */

/* One window of 0.6 s. */
typedef struct
{
  double fit;    /* cosine of the slopes of both sides along the map */
  double rival;  /* the same with the take 50 to 250 ms off: the best one */
  double speech; /* part of the frames in which either side speaks, 0 to 1 */
} DmixMapScore;

/* Measures the window around guide frame `middle`, which lies in the line from
 * `first` to before `end`. take_frame: the map. */
DmixMapScore dmix_mapscore_measure (const DmixSpeech *guide,
    const DmixSpeech *take, const double *take_frame, size_t first, size_t end,
    size_t middle);

/* Probability, 0 to 1; less than 0 if there is too little speech to tell. */
double dmix_mapscore_get_certainty (const DmixMapScore *score);

/* A line's map. */
typedef struct
{
  double certainty;  /* the lowest one; 1 without speech */
  size_t first, end; /* guide frames of the stretch that has it */
  size_t bridged;    /* guide frames whose map has been replaced */
} DmixMapInfo;

/* Finds the least certain stretch of a line. With `bridge`, each stretch of
 * a certainty below .7 gets the straight line between its certain
 * neighbours, where it has them and the line is no faster or slower than
 * speech can be. rows: work space, DMIX_MEL_BANDS values for each take frame; work:
 * the same, (end - first) / DMIX_MAPSCORE_STEP + 1 values. */
DmixMapInfo dmix_mapscore_process (const DmixSpeech *guide,
    const DmixSpeech *take, size_t first, size_t end, int bridge, float *rows,
    double *work, double *take_frame);

#endif

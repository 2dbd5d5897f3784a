/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Aligns lines of dialogue: maps guide frames to take frames and estimates the
 * confidence that both have the same text. Several short lines are aligned
 * together, because longer material gives a surer result.
 *
 * Made of speechfeatures, align, warp, liken, matchscore and mapscore. A frame is a row of mel
 * band powers, 5 ms. All memory is taken by dmix_adrline_new().
 */
#ifndef DMIX_ADR_LINE_H
#define DMIX_ADR_LINE_H

#include "adr/align.h"
#include "adr/mapscore.h"
#include "adr/warp.h"

#include <stddef.h>

#define DMIX_ADR_LINES 64 /* at once, at most */

typedef struct DmixAdrLine DmixAdrLine;

/* Guide and take of the lines to align. */
typedef struct
{
  DmixSpeechInput guide, take;
  const size_t *line_end; /* guide frame after each line; rising */
  const int *line_speaks; /* 0 for each that is known to be a pause */
  size_t lines;           /* at least 1; what follows them is context */
  long offset_frames;     /* take frame expected at guide frame 0 */
  int ends;               /* both end where these frames end */
} DmixAdrLineInput;

typedef struct
{
  double max_shift_ms;   /* largest distance of the take from there; twice
                                    as much for the mean of a line */
  int search;            /* the take has more than these lines: see align.h */
  double max_stretch;    /* see warp.h */
  double strength;       /* 1: the map; 0: its mean in each line */
  double min_confidence; /* 0 to 1: below, the take does not match */
  double drift; /* take frames more for each guide frame, by the clocks:
                          * what is only shifted has this slope */
  const DmixAlignAnchor *anchor;
  size_t anchors;
  const DmixWarpRange *protect;
  size_t protects;
} DmixAdrLineParams;

typedef struct
{
  int speech; /* the guide has any: else nothing to match */
  int matched;
  int too_far; /* words that match, but beyond the reach of max_shift_ms */
  double confidence;     /* 0 to 1 */
  double offset_frames;  /* mean of take frame - guide frame: at the middle */
  double stretch;        /* >= 1 */
  size_t skipped_frames; /* speech of the guide without a match */
  DmixMapInfo map;       /* how certain the map is (mapscore.h) */
} DmixAdrLineInfo;

/* NULL if a number is 0 or memory is short. */
DmixAdrLine *dmix_adrline_new (size_t guide_frames, size_t take_frames,
    double max_shift_ms);
void dmix_adrline_free (DmixAdrLine *self);

/* take_frame: of each guide frame in the lines and of one more. info: of each
 * line. A line that does not match is placed by its offset and not stretched (but
 * for the drift), or, with a confidence below 0.1, by that of the line before;
 * beyond the reach of max_shift_ms nothing matches, and no line is placed (but
 * by anchors). One without any speech stays as far from the guide as its neighbours. */
void dmix_adrline_process (DmixAdrLine *self, const DmixAdrLineInput *input,
    const DmixAdrLineParams *params, double *take_frame, DmixAdrLineInfo *info);

/* Levels of the last call's guide and take frames over their noise floor, dB; 0
 * in pauses, above 3 dB in speech. */
const float *dmix_adrline_get_guide_level (const DmixAdrLine *self);
const float *dmix_adrline_get_take_level (const DmixAdrLine *self);

#endif

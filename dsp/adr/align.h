/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Alignment: finds the take frame that matches each guide frame (dynamic time
 * warping).
 *
 * Finds the path through guide and take on which their speech features
 * (speechfeatures.h) differ least, by dynamic programming. Where both speak
 * the take may run at half to twice the guide's speed. Where one pauses and
 * the other does not (yet), the path holds: dear in the middle of speech,
 * cheap where it is quiet. Speech of either that the path leaves out is dear
 * everywhere, so that nothing is dropped that could be matched.
 *
 * All memory is taken by dmix_align_new(): about 150 bytes for each frame
 * (5 ms), and reach_frames / 40 bytes for each of the guide.
 */
#ifndef DMIX_ALIGN_H
#define DMIX_ALIGN_H

#include "adr/alignpath.h"
#include "speech/speechfeatures.h"

#include <stddef.h>

typedef struct DmixAlign DmixAlign;

/* A fixed pair of frames: the path passes it within 5 ms. */
typedef struct
{
  long guide_frame, take_frame;
} DmixAlignAnchor;

typedef struct
{
  long offset_frames; /* take frame expected at guide frame 0 */
  long reach_frames;  /* largest distance from there, take frames */
  int open_end;       /* both go on after their last frame */
  int search; /* the take has other words before, between and after: they are
               * left out for nothing before and after, and at little cost in
               * pauses of the guide */
  int rough;  /* frames of 20 ms: half of the work */
  int again;  /* around the path of the last call, which was rough */
  const DmixAlignAnchor *anchor; /* rising in both; may be NULL */
  size_t anchors;
} DmixAlignParams;

/* For guides and takes of at most so many frames, and reaches up to
 * reach_frames. NULL if memory is short or a number is 0. */
DmixAlign *dmix_align_new (size_t guide_frames, size_t take_frames,
    size_t reach_frames);
void dmix_align_free (DmixAlign *self);

/* Returns the number of steps of *path, which stays until the next call; 0 if
 * there is no path (the take is out of reach). */
size_t dmix_align_process (DmixAlign *self, const DmixSpeech *guide,
    const DmixSpeech *take, const DmixAlignParams *params,
    const DmixAlignStep **path);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Warp: a smooth map from guide to take, made of an alignment path.
 *
 * The path goes in whole frames and is rough; speech is not. Between pauses the
 * map is a smooth curve near the path, the one along which guide and take
 * change at the same moments; where the path holds, it breaks, and pauses are
 * passed at the take's own speed as far as they go.
 *
 * All memory is taken by dmix_warp_new().
 */
#ifndef DMIX_WARP_H
#define DMIX_WARP_H

#include "adr/align.h"

#include <stddef.h>

typedef struct DmixWarp DmixWarp;

/* Guide frames from `first` to before `end`. */
typedef struct
{
  long first, end;
} DmixWarpRange;

typedef struct
{
  double max_stretch; /* take speed in speech: 1 / this to this */
  double more_weight; /* of the features against the curve's bends: times
                                 * 1 + this */
  const DmixWarpRange *protect; /* the take's own speed here; may be NULL */
  size_t protects;
  const DmixAlignAnchor *anchor; /* the map goes through; may be NULL */
  size_t anchors;
} DmixWarpParams;

typedef struct
{
  double offset_frames; /* mean of take frame - guide frame */
  double stretch;       /* the fastest or slowest speed, as >= 1 */
} DmixWarpInfo;

/* For guides of at most so many frames; NULL if memory is short. */
DmixWarp *dmix_warp_new (size_t frames);
void dmix_warp_free (DmixWarp *self);

/* take_frame[i]: the (broken) take frame that guide frame i maps to; never
 * falls. path: of dmix_align_process(), at least one step. Without features
 * (NULL) the map follows the path alone. */
void dmix_warp_process (DmixWarp *self, const DmixSpeech *guide,
    const DmixSpeech *take, const DmixAlignStep *path, size_t steps,
    const DmixWarpParams *params, double *take_frame);

/* Of guide frames first to before end of the last map. */
DmixWarpInfo dmix_warp_get_info (const DmixWarp *self, size_t first,
    size_t end);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Fits a map from guide to take to the features: the delay at which each frame
 * matches better, with a weight that is high where the features change and 0
 * where they are constant.
 */
#ifndef DMIX_WARP_FIT_H
#define DMIX_WARP_FIT_H

#include "speech/speechfeatures.h"

/* Results, and work space, of one value for each guide frame. */
typedef struct
{
  double *better; /* delay that each frame by itself asks for, take frames */
  double *weight; /* of `better`: a curvature, features^2 / frame^2 */
  size_t *place;  /* work space: whole and broken part of a take frame */
  float *part;
} DmixWarpFit;

/* Writes better[] and weight[] of guide frames [first, first + count).
 * delay: take frame less guide frame along the present map. */
void dmix_warpfit_find (const DmixWarpFit *self, const DmixSpeech *guide,
    const DmixSpeech *take, size_t first, size_t count, const double *delay);

#endif

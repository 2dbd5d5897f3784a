/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Where a map from guide to take would have to go for their features to agree
 * better, and how much each moment says about that: a lot where the sound
 * changes, nothing where it stays as it is.
 */
#ifndef DMIX_WARP_FIT_H
#define DMIX_WARP_FIT_H

#include "speech/speechfeatures.h"

/* delay: of guide frames [first, first + count), in take frames after the
 * guide's; better: the one that each frame by itself asks for; weight: of
 * that, a curvature (features squared per frame squared). work: count values
 * of each. */
void dmix_warpfit_look (const DmixSpeech *guide, const DmixSpeech *take,
    size_t first, size_t count, const double *delay, double *better,
    double *weight, size_t *place, float *part);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Splitter by statistics: noise tracking, the voice detector, and what left and
 * right share. Decorrelated ambience alone is hardly lower in the dialogue than
 * noise reduction leaves it.
 */
#ifndef DMIX_STATISTICALSPLIT_H
#define DMIX_STATISTICALSPLIT_H

#include "dialogue/splitestimator.h"

extern const DmixSplitEstimator dmix_statisticalsplit;

#endif

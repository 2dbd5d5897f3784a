/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Splitter by statistics: dialogue is what left and right share, wherever it
 * stands between them, and what comes and goes like speech.
 */
#ifndef DMIX_STATISTICALSPLIT_H
#define DMIX_STATISTICALSPLIT_H

#include "dialogue/splitestimator.h"

extern const DmixSplitEstimator dmix_statisticalsplit;

#endif

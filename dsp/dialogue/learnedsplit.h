/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Splitter by the trained network (net/net.h), for frames of 32 ms every 16 ms.
 */
#ifndef DMIX_LEARNEDSPLIT_H
#define DMIX_LEARNEDSPLIT_H

#include "dialogue/splitestimator.h"

extern const DmixSplitEstimator dmix_learnedsplit;

#endif

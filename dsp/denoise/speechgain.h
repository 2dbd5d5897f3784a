/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Statistical gain estimator of the noise reduction: estimates the gain of each
 * bin only from the power of the input and of the noise in it and in its
 * neighbours. dmix_denoise_new() uses it by default.
 */
#ifndef DMIX_SPEECHGAIN_H
#define DMIX_SPEECHGAIN_H

#include "denoise/gainestimator.h"

extern const DmixGainEstimator dmix_speechgain;

#endif

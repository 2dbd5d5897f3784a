/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The statistical gain estimator of the noise reduction: how much of each bin
 * is speech, from its power and the noise's alone. One of the estimators that
 * dmix_denoise_new() takes (denoise/gainestimator.h).
 */
#ifndef DMIX_SPEECHGAIN_H
#define DMIX_SPEECHGAIN_H

#include "denoise/gainestimator.h"

extern const DmixGainEstimator dmix_speechgain;

#endif

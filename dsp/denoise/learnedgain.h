/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The learned gain estimator of the noise reduction: the network of net/net.h.
 * One of the estimators that dmix_denoise_new() takes
 * (denoise/gainestimator.h), for frames every 16 ms.
 */
#ifndef DMIX_LEARNEDGAIN_H
#define DMIX_LEARNEDGAIN_H

#include "denoise/gainestimator.h"

extern const DmixGainEstimator dmix_learnedgain;

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Sets of parameters of dsp/dynamics.c. Private to it. */
#ifndef DMIX_DYNAMICSPARAMS_H
#define DMIX_DYNAMICSPARAMS_H

#include "dynamics/dynamics.h"

/* The same with every value within its range (NaN: the lower limit). */
DmixDynamicsParams dmix_dynamicsparams_limited (
    const DmixDynamicsParams *params);

/* Non-zero if both are the same. */
int dmix_dynamicsparams_equal (const DmixDynamicsParams *a,
    const DmixDynamicsParams *b);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A percentile of values in any order, in a time that grows with their number. */
#ifndef DMIX_PERCENTILE_H
#define DMIX_PERCENTILE_H

#include <stddef.h>

/* The value that `part` (0 to 1) of the others lie below: that at place
 * part * (count - 1), rounded down, of the sorted values. Reorders them. count:
 * at least 1; no NaN. */
float dmix_percentile (float *value, size_t count, double part);

#endif

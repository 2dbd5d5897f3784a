/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The smooth curve x that is nearest to weighted points d (E. Whittaker, 1923;
 * P. Eilers, "A perfect smoother", Anal. Chem. 75, 2003):
 *
 *   sum w (x - d)^2 + sum r (second difference of x)^2
 *       + sum s (first difference of x)^2 -> least
 */
#ifndef DMIX_SMOOTH_CURVE_H
#define DMIX_SMOOTH_CURVE_H

#include <stddef.h>

/* count values each, no weight below 0, at least two (one, if a `stiff` joins
 * them) above. bend[i] is the price of the bend at i, stiff[i] of the step
 * from i to i + 1. work: 3 * count values. */
void dmix_smoothcurve_find (const double *weight, const double *point,
    const double *bend, const double *stiff, size_t count, double *work,
    double *curve);

#endif

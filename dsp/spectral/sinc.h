/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Windowed sinc: the kernel of band-limited interpolation and resampling.
 *
 * A larger beta of the Kaiser window attenuates the stop band more and widens
 * the transition band: 5 gives about 50 dB, 8 about 80 dB, 10 about 100 dB.
 * The functions have no state.
 */
#ifndef DMIX_SINC_H
#define DMIX_SINC_H

/* Modified Bessel function of the first kind, order 0; relative error below
 * 1e-14 for |x| up to 50. */
double dmix_sinc_bessel_i0 (double x);

/* sin (pi x) / (pi x) under a Kaiser window: 1 at x = 0, 0 for other integers
 * and for |x| > half_width. x is in samples, half_width > 0. */
double dmix_sinc_kaiser (double x, double half_width, double beta);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh
 * window function", Proc. IEEE ISCAS, 1974. I0 is computed by its power series,
 * the sum of ((x / 2)^k / k!)^2. All terms are positive, so no digits cancel.
 */
#include "spectral/sinc.h"
#include "base/units.h"

#include <math.h>

double
dmix_sinc_bessel_i0 (double x)
{
  double term = 1.0, sum = 1.0;

  for (int k = 1; term > 1e-14 * sum; k++) {
    term *= x * x / (4.0 * k * k);
    sum += term;
  }
  return sum;
}

double
dmix_sinc_kaiser (double x, double half_width, double beta)
{
  const double part = x / half_width;

  if (fabs (part) > 1.0)
    return 0.0;
  return (x != 0.0 ? sin (DMIX_PI * x) / (DMIX_PI * x) : 1.0)
      * dmix_sinc_bessel_i0 (beta * sqrt (1.0 - part * part))
      / dmix_sinc_bessel_i0 (beta);
}

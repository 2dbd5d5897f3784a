/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the normal equations are pentadiagonal. LDL' factorisation solves
 * them in one forward and one backward sweep. */
#include "adr/smoothcurve.h"

void
dmix_smoothcurve_find (const double *weight, const double *point,
    const double *bend, const double *stiff, size_t count, double *work,
    double *curve)
{
  const double *w = weight, *d = point, *r = bend, *s = stiff;
  const size_t n = count;
  double *a = work, *b = a + n, *c = b + n, *x = curve;

  for (size_t i = 0; i < n; i++) {
    a[i] = w[i];
    b[i] = c[i] = 0.0;
    x[i] = w[i] * d[i];
  }
  for (size_t i = 0; i + 1 < n; i++) {
    a[i] += s[i];
    a[i + 1] += s[i];
    b[i] -= s[i];
  }
  for (size_t i = 1; i + 1 < n; i++) {
    a[i - 1] += r[i];
    a[i] += 4.0 * r[i];
    a[i + 1] += r[i];
    b[i - 1] -= 2.0 * r[i];
    b[i] -= 2.0 * r[i];
    c[i - 1] += r[i];
  }
  for (size_t i = 0; i + 1 < n; i++) {
    const double one = b[i] / a[i], two = c[i] / a[i];

    a[i + 1] -= one * b[i];
    x[i + 1] -= one * x[i];
    if (i + 2 < n) {
      b[i + 1] -= one * c[i];
      a[i + 2] -= two * c[i];
      x[i + 2] -= two * x[i];
    }
    b[i] = one;
    c[i] = two;
  }
  for (size_t i = 0; i < n; i++)
    x[i] /= a[i];
  for (size_t i = n - 1; i-- > 0;)
    x[i] -= b[i] * x[i + 1] + (i + 2 < n ? c[i] * x[i + 2] : 0.0);
}

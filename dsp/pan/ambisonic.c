/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: real spherical harmonics up to degree 3, written out. The harmonics
 * of degree l of a cap with half angle a are those of its centre times the mean
 * of the Legendre polynomial over the cap, (P[l-1] (cos a) - P[l+1] (cos a)) /
 * ((2 l + 1) (1 - cos a)).
 *
 * State: none.
 */
#include "pan/ambisonic.h"

#include "pan/spread.h"

unsigned
dmix_ambisonic_channels (unsigned order)
{
  return (order + 1) * (order + 1);
}

static void
harmonics (DmixVector direction, double *y)
{
  /* axes of AmbiX: x (here a) to the front, y (b) to the left, z (c) up */
  const double a = direction.y, b = -direction.x, c = direction.z;

  y[0] = 1;
  y[1] = b;
  y[2] = c;
  y[3] = a;
  y[4] = sqrt (3) * a * b;
  y[5] = sqrt (3) * b * c;
  y[6] = (3 * c * c - 1) / 2;
  y[7] = sqrt (3) * a * c;
  y[8] = sqrt (3) / 2 * (a * a - b * b);
  y[9] = sqrt (5.0 / 8) * b * (3 * a * a - b * b);
  y[10] = sqrt (15) * a * b * c;
  y[11] = sqrt (3.0 / 8) * b * (5 * c * c - 1);
  y[12] = c * (5 * c * c - 3) / 2;
  y[13] = sqrt (3.0 / 8) * a * (5 * c * c - 1);
  y[14] = sqrt (15) / 2 * c * (a * a - b * b);
  y[15] = sqrt (5.0 / 8) * a * (a * a - 3 * b * b);
}

/* Factor of a cap for harmonics of a degree; c: cosine of its half angle. */
static double
cap_factor (unsigned degree, double c)
{
  const double legendre[5] = {
    1,
    c,
    (3 * c * c - 1) / 2,
    c * (5 * c * c - 3) / 2,
    ((35 * c * c - 30) * c * c + 3) / 8,
  };

  if (degree == 0 || c > 1 - 1e-9)
    return 1;
  return (legendre[degree - 1] - legendre[degree + 1])
      / ((2 * degree + 1) * (1 - c));
}

void
dmix_ambisonic_get_gains (unsigned order, DmixVector direction,
    double spread_deg, double divergence, double *gain)
{
  const double cosine = cos (DMIX_RADIANS (spread_deg / 2));
  const unsigned channels = dmix_ambisonic_channels (order);
  DmixVector part[3];
  double power[3];
  const unsigned parts =
      dmix_spread_get_divergence (direction, divergence, part, power);

  for (unsigned c = 0; c < channels; c++)
    gain[c] = 0;
  for (unsigned p = 0; p < parts; p++) {
    double y[16];

    harmonics (part[p], y);
    for (unsigned l = 0, c = 0; l <= order; l++)
      for (; c < (l + 1) * (l + 1); c++)
        gain[c] += power[p] * y[c] * cap_factor (l, cosine);
  }
}

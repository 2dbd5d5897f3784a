/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: linear regression of the offset on the time, with the standard error
 * of the slope. Sums count from the first line, so that they stay exact at the
 * end of a long film.
 */
#include "adr/adrdrift.h"

#include <math.h>

#define LINES_LEAST 8
#define SURE 4.0 /* standard errors */
#define MOST_PPM 300.0

void
dmix_adrdrift_reset (DmixAdrDrift *self)
{
  *self = (DmixAdrDrift){ .count = 0.0 };
}

void
dmix_adrdrift_add (DmixAdrDrift *self, double guide_s, double offset_s)
{
  double t, x;

  if (self->count == 0.0) {
    self->origin_s = guide_s;
    self->origin_offset_s = offset_s;
  }
  t = guide_s - self->origin_s;
  x = offset_s - self->origin_offset_s;
  self->count += 1.0;
  self->time += t;
  self->offset += x;
  self->time2 += t * t;
  self->both += t * x;
  self->offset2 += x * x;
}

double
dmix_adrdrift_get_ppm (const DmixAdrDrift *self)
{
  const double n = self->count;
  double tt, tx, xx, slope, rest;

  if (n < LINES_LEAST)
    return 0.0;
  tt = self->time2 - self->time * self->time / n;
  tx = self->both - self->time * self->offset / n;
  xx = self->offset2 - self->offset * self->offset / n;
  if (tt <= 0.0)
    return 0.0;
  slope = tx / tt;
  rest = fmax (xx - slope * tx, 0.0) / (n - 2.0);
  if (fabs (slope) <= SURE * sqrt (rest / tt) || fabs (slope) * 1e6 > MOST_PPM)
    return 0.0;
  return slope * 1e6;
}

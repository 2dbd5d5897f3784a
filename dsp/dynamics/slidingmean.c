/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: values are grouped in runs of N. A window that ends inside a run is
 * the first part of this run, with a growing sum, and the last part of the run
 * before, whose sums from each position to the end are computed once when it
 * ends (after M. van Herk, "A fast algorithm for local minimum and maximum
 * filters on rectangular and octagonal kernels", Pattern Recogn. Lett. 13,
 * 1992, for minima). Both share one array: a new value overwrites the sum that
 * was just used for the last time. Two additions per value, no subtraction, so
 * rounding errors do not accumulate.
 *
 * State
 *   value[]   before `at`: values of this run; from `at` on: sums of the run
 *             before
 *   sum       sum of this run so far
 */
#include "dynamics/slidingmean.h"

void
dmix_slidingmean_init (DmixSlidingMean *self, double *memory, unsigned length,
    double value)
{
  self->value = memory;
  self->length = length;
  self->at = 0;
  self->sum = 0.0;
  self->share = 1.0 / length;
  for (unsigned i = 0; i < length; i++)
    memory[i] = value * (length - i);
}

void
dmix_slidingmean_end_run (DmixSlidingMean *self)
{
  for (unsigned i = self->length - 1; i > 0; i--)
    self->value[i - 1] += self->value[i];
  self->at = 0;
  self->sum = 0.0;
}

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

#include "base/units.h"

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

/* The sums stay in a variable: through the memory each addition would wait for
 * the store before it. */
void
dmix_slidingmean_end_run (DmixSlidingMean *self)
{
  double *value = self->value;
  double sum = value[self->length - 1];

  for (unsigned i = self->length - 1; i > 0; i--)
    value[i - 1] = sum += value[i - 1];
  self->at = 0;
  self->sum = 0.0;
}

void
dmix_slidingmean_process (DmixSlidingMean *self, const float *value,
    size_t count, float *mean)
{
  while (count > 0) {
    const size_t left = self->length - 1 - self->at, n = DMIX_MIN (count, left);
    const double share = self->share;
    double *restrict run = self->value + self->at, sum = self->sum;

    for (size_t i = 0; i < n; i++) {
      run[i] = value[i];
      sum += value[i];
      mean[i] = (float) ((sum + run[i + 1]) * share);
    }
    self->sum = sum;
    self->at += (unsigned) n;
    value += n;
    mean += n;
    count -= n;
    if (count > 0) { /* the last value of the run */
      *mean++ = (float) dmix_slidingmean_add (self, *value++);
      count--;
    }
  }
}

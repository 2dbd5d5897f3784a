/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: values come in runs of N. A window that ends inside a run is the
 * first part of this run, whose sum grows, and the last part of the run before,
 * for which all sums from each place to the end were made once when it ended
 * (after M. van Herk, "A fast algorithm for local minimum and maximum filters
 * on rectangular and octagonal kernels", Pattern Recogn. Lett. 13, 1992, who
 * does so with minima). Both lie in the same memory: a new value overwrites
 * the sum that has just been used for the last time. Two additions a value,
 * no subtraction.
 *
 * State
 *   value[]   before `at`: values of this run; from `at` on: sums of the last
 *   sum       of this run so far
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

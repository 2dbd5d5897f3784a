/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Mean of the last N values, exact for ever: no running difference whose
 * rounding errors would stay, and never below 0 for values that are not.
 * A plain struct around memory of its owner, for an engine that is copied.
 */
#ifndef DMIX_SLIDINGMEAN_H
#define DMIX_SLIDINGMEAN_H

#include <stddef.h>

typedef struct
{
  double *value; /* memory for `length` values */
  unsigned length, at;
  double sum, share; /* share: 1 / length */
} DmixSlidingMean;

/* As if all of the last `length` (1 or more) values had been `value`. */
void dmix_slidingmean_init (DmixSlidingMean *self, double *memory,
    unsigned length, double value);

/* Ends a run of `length` values; called by dmix_slidingmean_add(). */
void dmix_slidingmean_end_run (DmixSlidingMean *self);

/* Adds a value; returns the mean with it. */
static inline double
dmix_slidingmean_add (DmixSlidingMean *self, double value)
{
  double total;

  self->value[self->at++] = value;
  total = self->sum += value;
  if (self->at == self->length)
    dmix_slidingmean_end_run (self);
  else
    total += self->value[self->at];
  return total * self->share;
}

/* The same for `count` values; writes the mean with each of them. */
void dmix_slidingmean_process (DmixSlidingMean *self, const float *value,
    size_t count, float *mean);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The ballistics of dynamics: how fast a gain follows its target.
 *
 * Falling values are followed with `attack`, rising ones with `release` after
 * a hold: the "branching" form of Giannoulis et al. (2012), in dB, with time
 * constants that are those of the parameters (63 % of the way). Every value
 * that is not above the present one starts the hold anew.
 *
 * Program-dependent release: beside runs a slow mean of the target, ten times
 * as slow as the release. The release goes to the lower of target and mean: at
 * its own pace after a peak, which hardly moves the mean, and at that of the
 * mean for what has lasted.
 *
 * A plain struct, for an engine that is copied.
 */
#ifndef DMIX_ENVELOPE_H
#define DMIX_ENVELOPE_H

#include <stddef.h>

typedef struct
{
  double attack_share, release_share; /* of the way left, made in a step */
  double mean_share;                  /* 0: no program-dependent release */
  unsigned hold_steps;
} DmixEnvelopeTimes;

typedef struct
{
  double value, mean;
  unsigned held; /* steps that the hold still has */
} DmixEnvelope;

/* Times in ms; 0 = at once. step_s: of one value to the next, > 0. */
void dmix_envelope_times_init (DmixEnvelopeTimes *times, double step_s,
    double attack_ms, double hold_ms, double release_ms, int auto_release);

/* Rests on `value`. */
void dmix_envelope_init (DmixEnvelope *self, double value);

/* Non-zero if this target, as often as it comes, changes nothing but the hold. */
static inline int
dmix_envelope_rests_on (const DmixEnvelope *self,
    const DmixEnvelopeTimes *times, float db)
{
  return self->value == db && (times->mean_share == 0.0 || self->mean == db);
}

/* Target in, followed value out, in place, dB. */
void dmix_envelope_process (DmixEnvelope *self, const DmixEnvelopeTimes *times,
    float *db, size_t steps);

#endif

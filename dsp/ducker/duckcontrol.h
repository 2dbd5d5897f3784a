/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What a ducker decides: from dialogue and background as they come, step by
 * step, how far the background has to come down. The gain is in time for sound
 * that is delayed by the look-ahead.
 *
 * All memory is taken by dmix_duckcontrol_new(). Not thread safe.
 */
#ifndef DMIX_DUCKCONTROL_H
#define DMIX_DUCKCONTROL_H

#include "base/format.h"
#include "ducker/duckerparams.h"
#include "ducker/duckmeter.h"
#include "ducker/spectralduck.h"

typedef struct DmixDuckControl DmixDuckControl;

typedef struct
{
  double gain_db;          /* for the end of the next step, <= 0 */
  DmixDuckMeterStep heard; /* until this step, for the meter */
} DmixDuckDecision;

/* weight: as for dmix_ducker_new(). NULL if memory is short. */
DmixDuckControl *dmix_duckcontrol_new (const DmixFormat *format,
    const float *weight, unsigned step_frames, unsigned lookahead_frames);
void dmix_duckcontrol_free (DmixDuckControl *self);
void dmix_duckcontrol_reset (DmixDuckControl *self);

/* balance_db: the dialogue's fader less the background's; bands: non-zero if
 * _step() will be given somebody who lowers bands. */
void dmix_duckcontrol_set_params (DmixDuckControl *self,
    const DmixDuckerParams *params, double balance_db, int bands);

/* Sound of the current step, finite samples. */
void dmix_duckcontrol_process (DmixDuckControl *self, const float *background,
    const float *dialogue, size_t frames);

/* The end of a step. bands: is told what the bands of both signals are, and
 * counted in where the goal is to be understood; or NULL. */
DmixDuckDecision dmix_duckcontrol_step (DmixDuckControl *self,
    DmixSpectralDuck *bands);

/* How long the gain needs to come down, s: part of the look-ahead. */
double dmix_duckcontrol_ramp_s (const DmixDuckControl *self);

/* Goes on where `from` is; rate and look-ahead agree. */
void dmix_duckcontrol_take_over (DmixDuckControl *self,
    const DmixDuckControl *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Decisions of the ducker: takes dialogue and background before their delay
 * and returns, each control step, the gain of the background. The gain is in
 * time for audio that is delayed by the look-ahead.
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
  DmixDuckMeterStep heard; /* levels up to this step, for the meter */
} DmixDuckDecision;

/* weight: as for dmix_ducker_new(). NULL if memory is short. */
DmixDuckControl *dmix_duckcontrol_new (const DmixFormat *format,
    const float *weight, unsigned step_frames, unsigned lookahead_frames);
void dmix_duckcontrol_free (DmixDuckControl *self);
void dmix_duckcontrol_reset (DmixDuckControl *self);

/* balance_db: the dialogue's fader less the background's; bands: non-zero if
 * a band ducker will be passed to _step(). */
void dmix_duckcontrol_set_params (DmixDuckControl *self,
    const DmixDuckerParams *params, double balance_db, int bands);

/* As dmix_ducker_set_speech(). */
void dmix_duckcontrol_set_speech (DmixDuckControl *self, int speech);

/* Adds audio to the current step; samples must be finite. */
void dmix_duckcontrol_process (DmixDuckControl *self, const float *background,
    const float *dialogue, size_t frames);

/* Ends a step. bands: optional band ducker, or NULL. It receives the band
 * levels of both signals, and its reduction is included in the intelligibility
 * estimate. */
DmixDuckDecision dmix_duckcontrol_step (DmixDuckControl *self,
    DmixSpectralDuck *bands);

/* Duration of the ramp down, s: a part of the look-ahead. */
double dmix_duckcontrol_ramp_s (const DmixDuckControl *self);

/* Takes over the state of `from`; rate and look-ahead must be equal. */
void dmix_duckcontrol_take_over (DmixDuckControl *self,
    const DmixDuckControl *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* How far must the background come down for a share of the dialogue to be
 * heard? From the signal to noise ratios of the dialogue's own bands
 * (dsp/intelligibility.h), of the last half minute: two ambiences of one
 * loudness may need very different depths.
 *
 * All memory is taken by dmix_duckgoal_new(). Not thread safe.
 */
#ifndef DMIX_DUCKGOAL_H
#define DMIX_DUCKGOAL_H

#include "speech/speechbands.h"

typedef struct DmixDuckGoal DmixDuckGoal;

typedef enum
{
  DMIX_DUCK_GOAL_DIFFERENCE, /* loudness: dsp/duckdepth.h */
  DMIX_DUCK_GOAL_GLIMPSE,    /* glimpse proportion */
  DMIX_DUCK_GOAL_SII         /* speech intelligibility index */
} DmixDuckGoalKind;

/* NULL if memory is short. */
DmixDuckGoal *dmix_duckgoal_new (void);
void dmix_duckgoal_free (DmixDuckGoal *self);
void dmix_duckgoal_reset (DmixDuckGoal *self);
void dmix_duckgoal_take_over (DmixDuckGoal *self, const DmixDuckGoal *from);

/* A frame with the background before any ducking, gain_db the dialogue's
 * fader less the background's; band_depth_db: what other processing takes off
 * the bands of the background while somebody speaks, or NULL. */
void dmix_duckgoal_add (DmixDuckGoal *self, const DmixSpeechBandsFrame *frame,
    double gain_db, const double *band_depth_db);

/* The least depth, 0 to most_db, at which the measure `kind` (not difference)
 * is `share`, 0 to 1; most_db if none is enough; negative as long as there has
 * not been a third of a second of dialogue. */
double dmix_duckgoal_get_depth (const DmixDuckGoal *self, DmixDuckGoalKind kind,
    double share, double most_db);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Depth for intelligibility: how far the background must come down until the
 * dialogue reaches a given glimpse proportion or speech intelligibility index.
 * Uses the signal-to-noise ratios of the dialogue's bands
 * (speech/intelligibility.h) in the last half minute, because two ambiences of
 * equal loudness can need very different depths.
 *
 * All memory is taken by dmix_duckgoal_new(). Not thread safe.
 */
#ifndef DMIX_DUCKGOAL_H
#define DMIX_DUCKGOAL_H

#include "speech/speechbands.h"

typedef struct DmixDuckGoal DmixDuckGoal;

typedef enum
{
  DMIX_DUCK_GOAL_DIFFERENCE, /* loudness: duckdepth.h */
  DMIX_DUCK_GOAL_GLIMPSE,    /* glimpse proportion */
  DMIX_DUCK_GOAL_SII         /* speech intelligibility index */
} DmixDuckGoalKind;

/* NULL if memory is short. */
DmixDuckGoal *dmix_duckgoal_new (void);
void dmix_duckgoal_free (DmixDuckGoal *self);
void dmix_duckgoal_reset (DmixDuckGoal *self);
void dmix_duckgoal_take_over (DmixDuckGoal *self, const DmixDuckGoal *from);

/* Adds a frame of band levels, the background before ducking. level_lufs: level
 * of the dialogue, see dmix_duckgoal_forget_loud(). gain_db: the
 * dialogue's fader less the background's; band_depth_db: reduction of each
 * background band by the band ducker during dialogue, dB, or NULL. */
void dmix_duckgoal_add (DmixDuckGoal *self, const DmixSpeechBandsFrame *frame,
    double level_lufs, double gain_db, const double *band_depth_db);

/* Keeps of the last 5 s the frames below a level, LUFS, that have no louder
 * neighbour within 60 ms, and forgets everything else. */
void dmix_duckgoal_forget_loud (DmixDuckGoal *self, double level_lufs);

/* The smallest depth, 0 to most_db, at which the measure `kind` (not
 * difference) reaches `share`, 0 to 1; most_db if no depth does; negative
 * before the first third of a second of dialogue. */
double dmix_duckgoal_get_depth (const DmixDuckGoal *self, DmixDuckGoalKind kind,
    double share, double most_db);

#endif

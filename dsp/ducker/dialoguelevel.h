/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Loudness of the dialogue: the running loudness of its speech, an estimate for
 * the first words, and the loudness learned since the start.
 *
 * Works on steps of a fixed length, one K-weighted mean square per step.
 */
#ifndef DMIX_DIALOGUELEVEL_H
#define DMIX_DIALOGUELEVEL_H

#include "ducker/activity.h"

typedef struct DmixDialogueLevel DmixDialogueLevel;

/* step_s: length of a step, 1e-5 to 1 s. Returns NULL if it is out of range or
 * memory is short. */
DmixDialogueLevel *dmix_dialoguelevel_new (double step_s);
void dmix_dialoguelevel_free (DmixDialogueLevel *self);

/* Forgets everything but the known loudness. */
void dmix_dialoguelevel_reset (DmixDialogueLevel *self);

/* The loudness of the voice, LUFS, where it is known beforehand; 0 or more:
 * unknown. A change starts the estimate anew from this value. */
void dmix_dialoguelevel_set_known (DmixDialogueLevel *self, double lufs);

/* One step of a phrase. */
void dmix_dialoguelevel_add (DmixDialogueLevel *self,
    const DmixActivityState *dialogue, double mean_square);

/* The phrase has ended. */
void dmix_dialoguelevel_pause (DmixDialogueLevel *self);

/* The loudness to expect of the phrase, LUFS. */
double dmix_dialoguelevel_estimate (const DmixDialogueLevel *self);

/* Non-zero until so much speech has been heard that the estimate is reliable. */
int dmix_dialoguelevel_is_learning (const DmixDialogueLevel *self);

/* Running mean square of the speech over 6 s, and seconds of speech in it; 0
 * before the first step. */
double dmix_dialoguelevel_get_mean (const DmixDialogueLevel *self);
double dmix_dialoguelevel_get_heard_s (const DmixDialogueLevel *self);

/* Mean square of all speech since the reset without loud moments and murmurs;
 * 0 before 0.4 s of speech. */
double dmix_dialoguelevel_get_learned (const DmixDialogueLevel *self);

/* Non-zero if a level is too loud for the voice known so far: statistics of the
 * dialogue should leave it out. */
int dmix_dialoguelevel_is_loud (const DmixDialogueLevel *self,
    double level_lufs);

/* A step above this level, LUFS, is too loud for the voice known so far. */
double dmix_dialoguelevel_get_loud_lufs (const DmixDialogueLevel *self);

/* Not 0 once after a loud moment has been dropped from the running mean, for
 * other statistics of the dialogue hold it, too: 2 if the mean fell by more than
 * 10 dB, otherwise 1. */
int dmix_dialoguelevel_read_dropped (DmixDialogueLevel *self);

/* Takes over the state of `from`. */
void dmix_dialoguelevel_take_over (DmixDialogueLevel *self,
    const DmixDialogueLevel *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Ducking depth: how far the background must come down under the dialogue.
 *
 * fixed    by depth_db, always.
 * target   so far that dialogue and background are target_lu apart in
 *          loudness (ITU-R BS.1770), and not at all if they are already.
 *
 * In `target` the depth is taken at the start of a phrase and then moves
 * slowly, so that the ambience does not breathe with the words.
 */
#ifndef DMIX_DUCKDEPTH_H
#define DMIX_DUCKDEPTH_H

#include "ducker/activity.h"

typedef struct DmixDuckDepth DmixDuckDepth;

typedef enum
{
  DMIX_DUCK_TARGET,
  DMIX_DUCK_FIXED
} DmixDuckMode;

typedef struct
{
  DmixDuckMode mode;
  double target_lu;     /* 0 to 60 */
  double depth_db;      /* 0 to 60 */
  double range_db;      /* 0 to 60: never more than this; < 0: 3 dB more than
                           target_lu, or no limit in the mode `fixed` */
  double balance_db;    /* dialogue fader less background fader */
  double dialogue_lufs; /* see dialoguelevel.h; 0: unknown */
} DmixDuckDepthParams;

/* step_s: length of a step, 1e-5 to 1 s; free_s: time from the start of a
 * phrase in which the depth may jump, because the look-ahead hides it, s.
 * Returns NULL on bad arguments or if memory is short. */
DmixDuckDepth *dmix_duckdepth_new (double step_s, double free_s);
void dmix_duckdepth_free (DmixDuckDepth *self);

/* Forgets both loudnesses. */
void dmix_duckdepth_reset (DmixDuckDepth *self);

/* Values beyond their range are taken as the nearest limit. */
void dmix_duckdepth_set_params (DmixDuckDepth *self,
    const DmixDuckDepthParams *params);

/* One step, from the state of the dialogue gate and the K-weighted mean squares
 * of the step, the background before ducking. Returns the target gain, dB: 0
 * while the gate is closed, otherwise -range to 0. */
double dmix_duckdepth_step (DmixDuckDepth *self,
    const DmixActivityState *dialogue, double dialogue_mean_square,
    double background_mean_square);

/* Adds a step of dialogue that came before the gate opened. Call it before the
 * first _step() of the phrase. */
void dmix_duckdepth_add (DmixDuckDepth *self, double mean_square,
    double level_lufs);

/* See dialoguelevel.h. */
int dmix_duckdepth_is_loud (const DmixDuckDepth *self, double level_lufs);

/* See dialoguelevel.h. */
double dmix_duckdepth_get_loud_lufs (const DmixDuckDepth *self);
int dmix_duckdepth_read_dropped (DmixDuckDepth *self);

/* Sets the depth, dB, for the mode `target` in place of the one that follows
 * from the loudness difference; a negative value returns to that. */
void dmix_duckdepth_set_needed (DmixDuckDepth *self, double depth_db);

/* The depth that the mode asks for before `range`, dB. */
double dmix_duckdepth_get_needed_db (const DmixDuckDepth *self);

/* Mean square of all speech so far, see dialoguelevel.h; 0: unknown. */
double dmix_duckdepth_get_learned (const DmixDuckDepth *self);

/* The largest depth, dB: the parameter within its limits. */
double dmix_duckdepth_get_range_db (const DmixDuckDepth *self);

/* Depth of the current phrase, or of the last one, dB. */
double dmix_duckdepth_get_depth (const DmixDuckDepth *self);

/* Non-zero while the depth may move fast, for the voice is not known yet. */
int dmix_duckdepth_is_learning (const DmixDuckDepth *self);

/* Running mean squares (see dmix_kweight_lufs()) before the faders: of the
 * active dialogue, and of the background; 0 before the first step. */
double dmix_duckdepth_get_dialogue (const DmixDuckDepth *self);
double dmix_duckdepth_get_background (const DmixDuckDepth *self);

/* Takes over the state of `from`. */
void dmix_duckdepth_take_over (DmixDuckDepth *self, const DmixDuckDepth *from);

#endif

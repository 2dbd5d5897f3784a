/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Is somebody speaking? By level, for a clean dialogue track, or by what
 * another detector says (dsp/speechactivity.h); with a hold in either case.
 *
 * The detector compares the fast level of the dialogue with the level that
 * this dialogue has usually had when somebody spoke, not with a fixed
 * threshold: a quiet recording ducks as a loud one does.
 *
 *   idle -> speaking   when the level rises above reference + open
 *   speaking           while it stays above reference + close
 *   hold               for hold_ms after that, then idle again
 *
 * Works on steps of a fixed length (a few milliseconds), one mean square a
 * step. Takes no memory but its own.
 */
#ifndef DMIX_ACTIVITY_H
#define DMIX_ACTIVITY_H

typedef struct DmixActivity DmixActivity;

typedef struct
{
  double open_db;    /* -60 to 0, relative to the reference */
  double close_db;   /* -60 to 0; not above open_db */
  double floor_lufs; /* -120 to 0: below it nothing is dialogue */
  double hold_ms;    /* 0 to 10000 */
} DmixActivityParams;

/* What another detector says of the step. */
typedef enum
{
  DMIX_ACTIVITY_UNASKED, /* nothing: the level decides */
  DMIX_ACTIVITY_NO_SPEECH,
  DMIX_ACTIVITY_SPEECH /* it is speaking if above floor_lufs */
} DmixActivityOpinion;

typedef struct
{
  int active;        /* speaking or hold */
  int speaking;      /* now, not only held */
  double level_lufs; /* the fast level, of the last 20 ms */
} DmixActivityState;

/* step_s: length of a step, 1e-5 to 1 s. NULL if it is not, or no memory. */
DmixActivity *dmix_activity_new (double step_s);
void dmix_activity_free (DmixActivity *self);

/* To silence, and to not knowing the level of this dialogue. */
void dmix_activity_reset (DmixActivity *self);

/* Values beyond their range are taken as the nearest limit. */
void dmix_activity_set_params (DmixActivity *self,
    const DmixActivityParams *params);

/* mean_square: K-weighted, channels summed, of one step (dsp/kweight.h). */
DmixActivityState dmix_activity_step (DmixActivity *self, double mean_square,
    DmixActivityOpinion opinion);

/* Takes over everything that `from` has learned; both with equal steps. */
void dmix_activity_take_over (DmixActivity *self, const DmixActivity *from);

#endif

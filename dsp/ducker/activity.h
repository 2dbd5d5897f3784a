/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Dialogue gate: detects speech by level, for a clean dialogue track, or takes
 * the decision of a speech detector (speech/speechactivity.h). A hold follows
 * in either case.
 *
 * The gate compares the fast level with the usual level of this dialogue's
 * active parts, not with a fixed threshold, so that a quiet recording ducks
 * like a loud one.
 *
 *   idle -> speaking   when the level rises above reference + open
 *   speaking           while it stays above reference + close
 *   hold               for hold_ms after that, then idle again
 *
 * Works on steps of a fixed length (a few milliseconds), one mean square per
 * step.
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

/* The decision of a speech detector for the step. */
typedef enum
{
  DMIX_ACTIVITY_UNASKED, /* no detector: the level decides */
  DMIX_ACTIVITY_NO_SPEECH,
  DMIX_ACTIVITY_SPEECH /* active if above floor_lufs */
} DmixActivityOpinion;

typedef struct
{
  int active;        /* speech or hold */
  int speaking;      /* speech in this step */
  double level_lufs; /* the fast level, of the last 20 ms */
} DmixActivityState;

/* step_s: length of a step, 1e-5 to 1 s. Returns NULL if it is out of range or
 * memory is short. */
DmixActivity *dmix_activity_new (double step_s);
void dmix_activity_free (DmixActivity *self);

/* Clears the level window and forgets the usual level of the dialogue. */
void dmix_activity_reset (DmixActivity *self);

/* Values beyond their range are taken as the nearest limit. */
void dmix_activity_set_params (DmixActivity *self,
    const DmixActivityParams *params);

/* mean_square: K-weighted, channels summed, of one step (meter/kweight.h). */
DmixActivityState dmix_activity_step (DmixActivity *self, double mean_square,
    DmixActivityOpinion opinion);

/* Takes over the state and parameters of `from`; steps must be equal, otherwise
 * the call does nothing. */
void dmix_activity_take_over (DmixActivity *self, const DmixActivity *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* By how much the gain of the present has to differ from what its phrase wants, so
 * that every 3 s of speech around it, as a meter counts them (short-term loudness,
 * EBU Tech 3341), have the target. Private to levelcontrol.c. No state.
 */
#ifndef DMIX_LEVELPLAN_H
#define DMIX_LEVELPLAN_H

/* Blocks of 100 ms: a short-term loudness; most known ones behind the present. */
#define DMIX_LEVELPLAN_WINDOW 30u
#define DMIX_LEVELPLAN_AHEAD 31u
#define DMIX_LEVELPLAN_PRESENT (DMIX_LEVELPLAN_WINDOW - 1)
#define DMIX_LEVELPLAN_MOST (DMIX_LEVELPLAN_WINDOW + DMIX_LEVELPLAN_AHEAD)

/* In the order of time, the present at DMIX_LEVELPLAN_PRESENT. */
typedef struct
{
  unsigned count;                          /* of blocks */
  double mean_square[DMIX_LEVELPLAN_MOST]; /* K-weighted, of the 100 ms alone */
  int speech[DMIX_LEVELPLAN_MOST];         /* surely */
  /* Before the present: gains that were decided, before they are smoothed. From it
   * on: what the phrases want. */
  double gain_db[DMIX_LEVELPLAN_MOST];
  double target_lufs;
  double lowest_db, highest_db,
      most_db; /* of gains, of their change per block */
} DmixLevelPlan;

/* dB to add to the gain of the present, -3 to 3. */
double dmix_levelplan_correction (const DmixLevelPlan *self);

#endif

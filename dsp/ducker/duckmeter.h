/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The ducker's meter: what has been put out since the last reading. What is
 * decided now is put out a look-ahead later, and so is shown.
 *
 * All memory is taken by dmix_duckmeter_new(). Not thread safe.
 */
#ifndef DMIX_DUCKMETER_H
#define DMIX_DUCKMETER_H

typedef struct DmixDuckMeter DmixDuckMeter;

/* What has been put out since the last reading. Loudness in LUFS with the
 * faders counted in, running over 6 s; the background as it is put out. */
typedef struct
{
  int dialogue_active;              /* at any time of the interval */
  double gain_min_db, gain_mean_db; /* of the ducking alone, <= 0 */
  double dialogue_lufs, background_lufs;
} DmixDuckerMeter;

/* A control step, as it was decided. */
typedef struct
{
  int active;                  /* somebody speaks, or the hold goes on */
  double dialogue, background; /* mean squares, K-weighted */
} DmixDuckMeterStep;

/* delay_steps: from the decision to what is put out. NULL if memory is
 * short. */
DmixDuckMeter *dmix_duckmeter_new (unsigned delay_steps);
void dmix_duckmeter_free (DmixDuckMeter *self);
void dmix_duckmeter_reset (DmixDuckMeter *self);

/* gain_db: of the ducking that is put out now. */
void dmix_duckmeter_add (DmixDuckMeter *self, const DmixDuckMeterStep *step,
    double gain_db);

/* Reads and starts a new interval. gain_db: of now, for an interval without a
 * step; the others: of the faders. */
void dmix_duckmeter_read (DmixDuckMeter *self, double gain_db,
    double dialogue_gain_db, double background_gain_db, DmixDuckerMeter *meter);

/* Shows what `from` shows, until steps of its own are due. */
void dmix_duckmeter_take_over (DmixDuckMeter *self, const DmixDuckMeter *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The ducker's meter: levels and gain of the output since the last reading.
 * Decisions reach the output a look-ahead later; the meter delays them by as
 * much.
 *
 * All memory is taken by dmix_duckmeter_new(). Not thread safe.
 */
#ifndef DMIX_DUCKMETER_H
#define DMIX_DUCKMETER_H

typedef struct DmixDuckMeter DmixDuckMeter;

/* The output since the last reading. Loudness in LUFS after the faders, over
 * 6 s; the background after ducking. */
typedef struct
{
  int dialogue_active;              /* at any time of the interval */
  double gain_min_db, gain_mean_db; /* of the ducking alone, <= 0 */
  double dialogue_lufs, background_lufs;
  /* Loudness of the dialogue less that of the background while somebody speaks,
   * after faders and ducking, LU: since the start, and over the last 3 s of
   * speech. Only valid if has_difference is non-zero. */
  int has_difference;
  double difference_lu, shortterm_difference_lu;
  double learned_lufs; /* of all speech before its fader; silence: unknown */
  double needed_db;    /* largest depth asked for in the interval */
  int limited;         /* `range` has cut it */
} DmixDuckerMeter;

/* Levels of a control step at the time of its decision. */
typedef struct
{
  int active;                          /* speech or hold */
  double dialogue, background;         /* running mean squares, K-weighted */
  int speaking;                        /* speech in this step */
  int restart;                         /* the speech so far was a loud moment */
  double dialogue_now, background_now; /* mean squares of this step */
  double balance_db; /* dialogue less background: faders and band ducker */
  double learned;    /* mean square of all speech; 0: unknown */
  double needed_db, range_db; /* depth asked for, and its limit */
} DmixDuckMeterStep;

/* delay_steps: from decision to output. Returns NULL if memory is short. */
DmixDuckMeter *dmix_duckmeter_new (unsigned delay_steps);
void dmix_duckmeter_free (DmixDuckMeter *self);
void dmix_duckmeter_reset (DmixDuckMeter *self);

/* gain_db: ducking gain of the output now. */
void dmix_duckmeter_add (DmixDuckMeter *self, const DmixDuckMeterStep *step,
    double gain_db);

/* Reads the meter and starts a new interval. gain_db: present ducking gain, for
 * an interval without a step; the other gains: faders. */
void dmix_duckmeter_read (DmixDuckMeter *self, double gain_db,
    double dialogue_gain_db, double background_gain_db, DmixDuckerMeter *meter);

/* The largest depth since the reset that `range` has limited by more than 1 dB, dB;
 * 0: none. */
double dmix_duckmeter_get_limited_db (const DmixDuckMeter *self);

/* Takes over the readings of `from`, until its own first steps are due. */
void dmix_duckmeter_take_over (DmixDuckMeter *self, const DmixDuckMeter *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The decisions of the leveller: from the energy of steps of 10 ms, and whether
 * each of them counts, to a gain that brings the sound to a loudness.
 *
 * The gain follows the loudness of the seconds around the present, not each
 * word: its movements lie below 2 Hz. A sound that is shorter than half of
 * these seconds (a shout) does not move it. It rests while nothing counts.
 *
 * With a look-ahead the seconds lie on both sides of the present: where
 * another voice begins the gain changes with it, and with 2.3 s or more it follows
 * phrases, and a voice so that each 3 s of it come to the target. Without, it follows
 * another voice within 6 s of speech.
 *
 * All memory is taken by dmix_levelcontrol_new(). Not thread safe.
 */
#ifndef DMIX_LEVELCONTROL_H
#define DMIX_LEVELCONTROL_H

#define DMIX_LEVELCONTROL_MAX_AHEAD 300u /* steps: 3 s */

typedef struct
{
  double target_lufs; /* -60 to 0 */
  double max_gain_db; /* 0 to 60 */
  double max_cut_db;  /* 0 to 60 */
  double speed_db_s; /* 0.1 to 100: largest change of the gain, dB per second */
  double gate_lufs;  /* -120 to 0: steps below it do not count */
  double phrase_db;  /* 0 to 60: with look-ahead, how far the gain follows the
                        loudness of a phrase from that of the seconds around */
  double trim_s;     /* 1 to 1000: memory of the trim, by which the mean of what
                        was levelled so far misses the target */
  double burst; /* 0 to 20: as how far above the target a block counts in it
                        at most, so that a shout does not pull what follows */
} DmixLevelControlParams;

typedef struct DmixLevelControl DmixLevelControl;

/* ahead: steps by which decisions see more than the sound that they are for,
 * at most DMIX_LEVELCONTROL_MAX_AHEAD. NULL if it is more or memory is short. */
DmixLevelControl *dmix_levelcontrol_new (unsigned ahead);
void dmix_levelcontrol_free (DmixLevelControl *self);

/* Forgets all sound; the parameters stay. */
void dmix_levelcontrol_reset (DmixLevelControl *self);

/* Values beyond their range are taken as the nearest limit, NaN as the lowest. */
void dmix_levelcontrol_set_params (DmixLevelControl *self,
    const DmixLevelControlParams *params);

/* One step of 10 ms. mean_square: K-weighted, summed over weighted channels.
 * counts: non-zero if the step belongs to what is levelled; confirmed: non-zero
 * if the last 2 s do: with look-ahead these decide about the sound ahead, too.
 * Returns the gain, in dB, at the end of the step `ahead` steps before this
 * one. */
double dmix_levelcontrol_step (DmixLevelControl *self, double mean_square,
    int counts, int confirmed);

/* Loudness of the input around the present, LUFS;
 * DMIX_KWEIGHT_SILENCE_LUFS before the first 0.5 s that count. */
double dmix_levelcontrol_get_loudness_lufs (const DmixLevelControl *self);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Leveller: rides the gain of a programme or a voice to a loudness, upward and
 * downward, with a true-peak limiter behind it.
 *
 *   K-weighted energy, speech detector -> gain (levelcontrol.h)
 *   sound -> delay -> gain -> limiter (dynamics.h)
 *
 *   ride     the gain follows the loudness of the last seconds, and of those of
 *            the look-ahead
 *   analyse  the sound passes unchanged and without delay; the loudness of all
 *            of it is measured, and the gain that makes it exact
 *   gain     a constant gain, and the limiter: where it has nothing to do, each
 *            sample is the input's times that gain, rounded once
 *
 *   anchor   programme: all sound above the gate counts; dialogue: only speech
 *            (speech/voice.h), so that pauses and music do not move the gain.
 *            Below DMIX_VOICE_MIN_RATE_HZ all sound counts
 *
 * Channels of loudness weight 0 (LFE) do not count and get the same gain.
 *
 * Any split of the input into blocks gives the same bits. All memory is taken
 * by dmix_leveller_new(). Not thread safe.
 */
#ifndef DMIX_LEVELLER_H
#define DMIX_LEVELLER_H

#include "base/format.h"
#include "dynamics/levelcontrol.h"
#include "speech/voice.h"

#include <stddef.h>

#define DMIX_LEVELLER_MAX_LOOKAHEAD_MS 3000.0

typedef struct DmixLeveller DmixLeveller;

typedef enum
{
  DMIX_LEVELLER_RIDE,
  DMIX_LEVELLER_ANALYSE,
  DMIX_LEVELLER_GAIN
} DmixLevellerMode;

typedef enum
{
  DMIX_LEVELLER_PROGRAMME,
  DMIX_LEVELLER_DIALOGUE
} DmixLevellerAnchor;

typedef struct
{
  DmixLevelControlParams control; /* from phrase_db on: follows from anchor */
  DmixLevellerAnchor anchor;
  DmixVoiceDetector detector; /* of the speech */
  double gain_db;             /* -60 to 60, mode gain; a change glides */
  double ceiling_dbtp;        /* -60 to 20 */
  int bypass; /* gain 1 and no limiter, within 0.1 s; the delay stays */
} DmixLevellerParams;

typedef struct
{
  double gain_db;        /* at the end of the output */
  double limiter_db;     /* lowest gain of the limiter since the last
                                 reading; 0 in mode analyse */
  double loudness_lufs;  /* of the input: mode ride around the output's end,
                                 mode analyse integrated, or of the dialogue
                                 (meter/dialoguemeter.h), since the start; mode
                                 gain: silence */
  double true_peak_dbtp; /* mode analyse: of the input since the start */
  double needed_gain_db; /* mode analyse: what makes the loudness the
                                 target; 0 before anything counts */
  double speech;         /* share of the steps that count since the last
                                 reading, 0 to 1 */
} DmixLevellerMeter;

/* weight: loudness weight of each channel (BS.1770-5 Annex 3), or NULL for 1.0
 * each. place: as in speech/voice.h. lookahead_ms: of mode ride, 0 to DMIX_LEVELLER_MAX_LOOKAHEAD_MS; more is
 * taken as the limit. Returns NULL on bad arguments or if memory is short. */
DmixLeveller *dmix_leveller_new (const DmixFormat *format, const float *weight,
    const DmixVoicePlace *place, DmixLevellerMode mode, double lookahead_ms);
void dmix_leveller_free (DmixLeveller *self);

/* Clears sound, gains and measurements; the parameters stay. */
void dmix_leveller_reset (DmixLeveller *self);

/* The same, but the measurement of mode analyse continues: the stream goes on
 * elsewhere. */
void dmix_leveller_interrupt (DmixLeveller *self);

/* Takes over the measurement of mode analyse, for a change of format. */
void dmix_leveller_take_over (DmixLeveller *self, const DmixLeveller *from);

/* Call between blocks. The first call after _new() or _reset(), with nothing
 * processed in between, applies at once. */
void dmix_leveller_set_params (DmixLeveller *self,
    const DmixLevellerParams *params);

/* In place. */
void dmix_leveller_process (DmixLeveller *self, float *io, size_t frames);

/* The delay, constant: in mode ride the look-ahead, rounded to frames, and that
 * of the limiter. */
unsigned dmix_leveller_latency_frames (const DmixLeveller *self);

/* Reads the meter and starts a new interval. */
void dmix_leveller_read_meter (DmixLeveller *self, DmixLevellerMeter *meter);

#endif

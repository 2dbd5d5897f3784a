/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Loudness of the dialogue in a finished programme: the loudness of ITU-R
 * BS.1770-5 while somebody speaks ("dialogue-gated"), and what of it is the
 * speech itself.
 *
 *   dialogue    mean over the blocks of 400 ms that are speech for half of their
 *               time or more. Only the gate at -70 LUFS, no relative gate: as
 *               dialogue-gated delivery rules want it. Louder sound that begins or
 *               ends in a block is left out, and a block that is 5 dB above the
 *               10 s before it counts only if it is surely speech
 *   shortterm   the latest 3 s of speech, without the pauses between
 *   range       loudness range of EBU Tech 3342 over these short-term values
 *   speech      the dialogue less the power in the pauses around each phrase:
 *               an estimate of the dialogue stem
 *   share       part of the time in which somebody speaks
 *
 * The readings are DMIX_VOICE_DELAY steps behind the sound: until then it is
 * open whether somebody speaks. dmix_dialoguemeter_finish() closes the gap.
 *
 * All memory is taken by dmix_dialoguemeter_new(). Not thread safe.
 */
#ifndef DMIX_DIALOGUEMETER_H
#define DMIX_DIALOGUEMETER_H

#include "base/format.h"
#include "meter/phrases.h"
#include "speech/voice.h"

#include <stddef.h>

typedef struct DmixDialogueMeter DmixDialogueMeter;

/* Steps for which the flag stays set after the last speech: 200 ms. */
#define DMIX_DIALOGUEMETER_HOLD 20u

/* Loudness in LUFS, DMIX_KWEIGHT_SILENCE_LUFS before the first speech. */
typedef struct
{
  double dialogue_lufs, shortterm_lufs;
  double range_lu;
  double share;       /* 0 to 1 */
  double speech_lufs; /* only if speech_is_valid */
  /* Zero if speech_lufs would be a guess: the pauses are as loud as speech, or
   * there were none. */
  int speech_is_valid;
  double probability; /* of speech in the latest step, 0 to 1 */
} DmixDialogueReading;

/* place: as in voice.h. Returns NULL on bad arguments or if memory is short. */
DmixDialogueMeter *dmix_dialoguemeter_new (const DmixFormat *format,
    const DmixVoicePlace *place);
void dmix_dialoguemeter_free (DmixDialogueMeter *self);

/* The detector from the next step on; STATISTICAL after _new(). */
void dmix_dialoguemeter_set_detector (DmixDialogueMeter *self,
    DmixVoiceDetector detector);

/* Clears all measurements. */
void dmix_dialoguemeter_reset (DmixDialogueMeter *self);

/* Adds samples of the current step of 10 ms, interleaved and finite. */
void dmix_dialoguemeter_add (DmixDialogueMeter *self, const float *in,
    size_t frames);

/* Ends the step. mean_square: K-weighted, of the step, summed over weighted
 * channels (kweight.h). */
void dmix_dialoguemeter_step (DmixDialogueMeter *self, double mean_square);

/* The end of the programme, or a discontinuity: measures what is open and
 * empties all windows. */
void dmix_dialoguemeter_finish (DmixDialogueMeter *self);

/* Reads the meter; it goes on. */
void dmix_dialoguemeter_read (DmixDialogueMeter *self,
    DmixDialogueReading *reading);

/* The next phrase that has ended and whose background is known, in *phrase; 0:
 * none. Its steps count from the reset. At most four wait: read after each step,
 * and after _finish() once. */
int dmix_dialoguemeter_read_phrase (DmixDialogueMeter *self,
    DmixPhrase *phrase);

/* Non-zero if there is speech in the latest step: with hysteresis, and for
 * DMIX_DIALOGUEMETER_HOLD more steps. Sets the probability, 0 to 1. */
int dmix_dialoguemeter_get_speech (const DmixDialogueMeter *self,
    double *probability);

/* Takes over the measurement of `from`, for a change of format; ends that of
 * `from`. */
void dmix_dialoguemeter_take_over (DmixDialogueMeter *self,
    DmixDialogueMeter *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Dialogue of a finished mix: louder, clearer, or apart.
 *
 * The mix is split into dialogue and background (dialogue/splitter.h), the
 * background goes through the ducker (ducker/ducker.h) with the dialogue as its
 * trigger, and both are put together again:
 *
 *   mix         delayed input + changes of dialogue and background
 *   dialogue    as split, without boost
 *   background  delayed input - dialogue, without ducking
 *
 * So dialogue + background is the delayed input within float rounding, and with
 * nothing to do (boost_db, duck_db, target_lu, spectral_db 0) the mix is the
 * delayed input, bit for bit, apart from the samples that dmix_sanitize_clean()
 * replaces. Any split of the input into blocks gives the same bits.
 *
 * All memory is taken by dmix_dialogue_new(); nothing else allocates, locks or
 * can fail. Not thread safe.
 */
#ifndef DMIX_DIALOGUE_H
#define DMIX_DIALOGUE_H

#include "base/format.h"
#include "ducker/duckerparams.h"
#include "speech/voice.h"

#include <stddef.h>

#define DMIX_DIALOGUE_MIN_RATE_HZ 4000u
#define DMIX_DIALOGUE_MIN_LEARNED_RATE_HZ 16000u
#define DMIX_DIALOGUE_MAX_LOOKAHEAD_MS 500.0

typedef struct DmixDialogue DmixDialogue;

typedef enum
{
  DMIX_DIALOGUE_STATISTICAL,
  DMIX_DIALOGUE_LEARNED, /* below its lowest rate: statistical */
  DMIX_DIALOGUE_AUTO     /* the one that measures better */
} DmixDialogueEstimator;

typedef enum
{
  DMIX_DIALOGUE_MIX,
  DMIX_DIALOGUE_VOICE,
  DMIX_DIALOGUE_BACKGROUND
} DmixDialogueOutput;

typedef struct
{
  double boost_db;        /* -100 (silence) to 24: gain of the dialogue */
  double duck_db;         /* 0 to 60: background down during dialogue */
  double target_lu;       /* 0 (off) to 40: in place of duck_db, as far down as
                             this loudness difference needs */
  DmixDuckGoalKind goal;  /* of the target; difference: target_lu */
  double intelligibility; /* 0 to 1, of the other goals */
  double range_db;        /* 0 to 60: never duck by more */
  double spectral_db;     /* 0 (off) to 12: more for bands that mask */
  double hold_ms;         /* 0 to 10000 */
  double release_ms;      /* 1 to 10000 */
  DmixDialogueOutput output;
  int keep_loudness;   /* the mix keeps the loudness of the input */
  double ceiling_dbtp; /* -60 to 20: of a mix that is changed */
  int bypass;
} DmixDialogueParams;

/* Of the frames since the last reading. */
typedef struct
{
  double speech;           /* 0 to 1, highest presence of dialogue */
  double duck_db;          /* lowest gain of the background, <= 0 */
  double loudness_gain_db; /* of keep_loudness */
  double limiter_db;       /* lowest gain of the limiter, <= 0 */
  double dialogue_lufs, background_lufs; /* before gains; see kweight.h */
  /* Dialogue less background while somebody speaks, with all gains, LU; since
   * the start. Only valid if has_difference is not 0. */
  int has_difference;
  double difference_lu;
} DmixDialogueReport;

/* Non-zero if the estimator for a wish is the learned one. */
int dmix_dialogue_is_learned (DmixDialogueEstimator wish,
    const DmixFormat *format);

/* format: rates of DMIX_DIALOGUE_MIN_RATE_HZ or more. weight: loudness weight of
 * each channel (BS.1770-5), NULL: 1 each. place: see splitter.h.
 * lookahead_ms: 0 to DMIX_DIALOGUE_MAX_LOOKAHEAD_MS, of the ducking.
 * Returns NULL on bad arguments or if memory is short. */
DmixDialogue *dmix_dialogue_new (const DmixFormat *format, const float *weight,
    const DmixVoicePlace *place, double lookahead_ms,
    DmixDialogueEstimator wish);
void dmix_dialogue_free (DmixDialogue *self);

/* Clears sound and state; parameters stay. */
void dmix_dialogue_reset (DmixDialogue *self);

/* Call between blocks. The output changes smoothly; values beyond their range
 * are taken as the nearest limit. The first call after dmix_dialogue_new() or
 * _reset() takes effect at once. */
void dmix_dialogue_set_params (DmixDialogue *self,
    const DmixDialogueParams *params);

/* io: interleaved, in place. */
void dmix_dialogue_process (DmixDialogue *self, float *io, size_t frames);

/* The same; stems: the dialogue and the background of the same frames, as with
 * the outputs VOICE and BACKGROUND: for each frame the channels of the one, then
 * those of the other. Call one of both only, from new or reset on. */
void dmix_dialogue_process_stems (DmixDialogue *self, float *io, float *stems,
    size_t frames);

/* The delay: 32 ms, the look-ahead and the limiter's 6 ms. */
unsigned dmix_dialogue_latency_frames (const DmixDialogue *self);

/* Frames of silence that flush the rest of the sound. */
unsigned dmix_dialogue_tail_frames (const DmixDialogue *self);

/* Reads the meter and starts a new interval. */
void dmix_dialogue_read_meter (DmixDialogue *self, DmixDialogueReport *meter);

#endif

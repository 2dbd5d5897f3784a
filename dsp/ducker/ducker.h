/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Ducker: lowers a background while there is dialogue, ahead of the first
 * syllable, and restores it gradually afterwards.
 *
 * Both come as blocks of the same length and layout (interleaved float, the
 * channels of `format`). The background is delayed by the look-ahead and
 * multiplied by the gain; the dialogue is delayed likewise and, if asked for,
 * added. Whatever the split into blocks, the output has the same bits.
 *
 * While nothing ducks and both faders stand at 0 dB, the background leaves as
 * it came, to the bit, and so does dialogue over silence (except that
 * dmix_sanitize_clean() has removed NaN, infinities and denormals).
 *
 * All memory is taken by dmix_ducker_new(); nothing else allocates, locks or
 * can fail. Not thread safe.
 */
#ifndef DMIX_DUCKER_H
#define DMIX_DUCKER_H

#include "base/format.h"
#include "ducker/duckerparams.h"
#include "ducker/duckmeter.h"

#include <stddef.h>

#define DMIX_DUCKER_MAX_LOOKAHEAD_MS 500.0

typedef struct DmixDucker DmixDucker;

/* weight: loudness weight of each channel (BS.1770-5 Annex 3: 1.0, surround
 * 1.41, LFE 0; 0 = leave out), or NULL for 1.0 each.
 * lookahead_ms: 0 to DMIX_DUCKER_MAX_LOOKAHEAD_MS.
 * Returns NULL on bad arguments or if memory is short. */
DmixDucker *dmix_ducker_new (const DmixFormat *format, const float *weight,
    double lookahead_ms);
void dmix_ducker_free (DmixDucker *self);

/* Clears audio, levels and gain; parameters stay. */
void dmix_ducker_reset (DmixDucker *self);

/* Call between blocks. Gains move smoothly to the new values; values beyond
 * their range are taken as the nearest limit. The first call after
 * dmix_ducker_new() or _reset() takes effect at once. */
void dmix_ducker_set_params (DmixDucker *self, const DmixDuckerParams *params);

/* For the trigger FLAG: whether the frames from here on are speech. It holds
 * until the next call; 0 at first and after _reset(). */
void dmix_ducker_set_speech (DmixDucker *self, int speech);

/* In place. background becomes the result; dialogue becomes the delayed
 * dialogue, before its fader. */
void dmix_ducker_process (DmixDucker *self, float *background, float *dialogue,
    size_t frames);

/* Delay of both signals, in frames: the look-ahead, rounded. */
unsigned dmix_ducker_latency_frames (const DmixDucker *self);

/* Frames of silence that flush the delay lines. */
unsigned dmix_ducker_tail_frames (const DmixDucker *self);

/* The gain of the dialogue fader as a factor, 0 where it is closed: the value
 * that the fader moves to, whether the output is the mix or not. */
double dmix_ducker_dialogue_gain (const DmixDucker *self);

/* Reads the meter and starts a new interval. */
void dmix_ducker_read_meter (DmixDucker *self, DmixDuckerMeter *meter);

/* The largest depth since the reset that range_db has limited by more than 1 dB,
 * dB; 0: none. */
double dmix_ducker_get_limited_db (const DmixDucker *self);

/* Takes over levels, phrase and gain of `from`, but not the audio in its delay
 * lines. For a change of layout: rate and look-ahead must be equal, otherwise
 * the call does nothing. */
void dmix_ducker_take_over (DmixDucker *self, const DmixDucker *from);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Voice gain: the part of each mel band's power that is voice, 0 to 1, from the
 * network of net/net.h. Rows belong to those of speech/melpower.h: 200 a
 * second, DMIX_MEL_BANDS values each, row k at input frame k * rate / 200.
 *
 * Below DMIX_VOICEGAIN_MIN_RATE_HZ the network cannot judge, and all values are
 * 1.
 *
 * All memory is taken by dmix_voicegain_new(). Any split of the input gives the
 * same bits. Samples must be finite (dmix_sanitize_clean()). Not thread safe.
 */
#ifndef DMIX_VOICEGAIN_H
#define DMIX_VOICEGAIN_H

#include "base/format.h"

#include <stddef.h>

#define DMIX_VOICEGAIN_MIN_RATE_HZ 16000u

typedef struct DmixVoiceGain DmixVoiceGain;

/* Rates from 4000 to 384000 Hz. NULL on bad arguments or short memory. */
DmixVoiceGain *dmix_voicegain_new (const DmixFormat *format);
void dmix_voicegain_free (DmixVoiceGain *self);

/* Treats a channel (LFE) as silent from now on. */
void dmix_voicegain_leave_out (DmixVoiceGain *self, unsigned channel);

/* Clears the state; the next frame is frame 0. */
void dmix_voicegain_reset (DmixVoiceGain *self);

/* Largest number of rows that process() writes for `frames`. */
size_t dmix_voicegain_max_rows (const DmixVoiceGain *self, size_t frames);

/* in: interleaved, or NULL for silence. Writes the rows that these frames
 * complete, and returns their number. */
size_t dmix_voicegain_process (DmixVoiceGain *self, const float *in,
    size_t frames, float *rows);

/* Frames of input that a row needs after its own frame, at most. */
unsigned dmix_voicegain_latency_frames (const DmixVoiceGain *self);

#endif

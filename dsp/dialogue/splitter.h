/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Splitter: takes the dialogue out of a finished mix.
 *
 * Dialogue is in the centre channel, and in left and right where it is louder
 * there; all other channels are background. The dialogue leaves with a delay
 * of 32 ms; the background is the mix, delayed by as much, less the dialogue.
 *
 * Any split of the input into blocks gives the same bits. All memory is taken
 * by dmix_splitter_new(). Not thread safe.
 */
#ifndef DMIX_SPLITTER_H
#define DMIX_SPLITTER_H

#include "base/format.h"
#include "dialogue/splitestimator.h"
#include "speech/voice.h"

#include <stddef.h>

typedef struct DmixSplitter DmixSplitter;

/* place: of each channel, or NULL: one channel is the centre, two are left and
 * right, more share one gain. Returns NULL on bad arguments or if memory is
 * short. */
DmixSplitter *dmix_splitter_new (const DmixFormat *format,
    const DmixVoicePlace *place, const DmixSplitEstimator *estimator);
void dmix_splitter_free (DmixSplitter *self);
void dmix_splitter_reset (DmixSplitter *self);

/* in: the mix, interleaved and finite; dialogue: as much of it. */
void dmix_splitter_process (DmixSplitter *self, const float *in,
    float *dialogue, size_t frames);

/* Presence of dialogue, 0 to 1, in the latest frame. */
double dmix_splitter_get_speech (const DmixSplitter *self);

unsigned dmix_splitter_latency_frames (const DmixSplitter *self);
unsigned dmix_splitter_tail_frames (const DmixSplitter *self);

#endif

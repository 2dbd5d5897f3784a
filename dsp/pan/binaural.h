/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Binaural renderer: filters any number of mono sources for both ears and adds
 * them to two channels.
 *
 * Filters change in blocks: at the start of a block each source may get a new
 * filter, and the block is a linear cross-fade from the old filter to the new
 * one. Sources at rest are convolved in partitions of one block; moving sources
 * share one pair of longer transforms for the old and the new filters. The
 * output is delayed by one block, or not at all with `zero_latency`, where the
 * filters run in the time domain at five to fifty times the cost.
 *
 * The caller adds samples to the sources until a block is full, and then
 * renders the block (see pan.c). Only the _new functions allocate.
 */
#ifndef DMIX_BINAURAL_H
#define DMIX_BINAURAL_H

#include "pan/hrtfbank.h"

#include <stddef.h>

typedef struct DmixBinaural DmixBinaural;
typedef struct DmixBinauralSource DmixBinauralSource;

/* hrtf: must outlive the renderer. NULL on bad arguments or if memory is short.
 */
DmixBinaural *dmix_binaural_new (const DmixHrtf *hrtf, unsigned rate_hz,
    int zero_latency);
void dmix_binaural_free (DmixBinaural *self);

/* Frames of a block: 256 at rates of 32 kHz or more, fewer below. The latency
 * is a block, or 0 with zero_latency. */
unsigned dmix_binaural_block_frames (const DmixBinaural *self);
unsigned dmix_binaural_latency_frames (const DmixBinaural *self);
unsigned dmix_binaural_tail_frames (const DmixBinaural *self);

/* A source for this renderer only; free it before the renderer. */
DmixBinauralSource *dmix_binaural_source_new (const DmixBinaural *self);
void dmix_binaural_source_free (DmixBinauralSource *source);
void dmix_binaural_source_reset (DmixBinauralSource *source);

/* Call at the start of a block: sets the filter at the end of the block. The
 * first filter after a reset takes effect at once. */
void dmix_binaural_source_set_filter (DmixBinaural *self,
    DmixBinauralSource *source, const DmixHrtfBankParams *params);

/* The place of the frames from `at` on in the current block, for the caller to
 * write; they count after _wrote(). heard: 0 if all that were written are 0. */
float *dmix_binaural_source_place (DmixBinauralSource *source, unsigned at);
void dmix_binaural_source_wrote (DmixBinauralSource *source, unsigned frames,
    int heard);

/* For a full block: dmix_binaural_add() adds a source to the sum. After all
 * sources, which must still be there, dmix_binaural_read() returns the sum, a
 * block for each ear. Not with zero_latency. */
void dmix_binaural_add (DmixBinaural *self, DmixBinauralSource *source);
void dmix_binaural_read (DmixBinaural *self, float *left, float *right);

/* With zero_latency: filters the frames from `at` on of the block, which
 * must have been written before, and adds them to left and right. */
void dmix_binaural_add_now (DmixBinaural *self, DmixBinauralSource *source,
    unsigned at, unsigned frames, float *left, float *right);

#endif

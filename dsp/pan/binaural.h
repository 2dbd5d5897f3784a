/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Binaural sound: many mono sources, each with its filters for both ears,
 * added up to two channels.
 *
 * Filters change in blocks: where a block begins, each source may get a new
 * filter, and during the block the sound goes over from the old to the new one
 * in a straight line. Sources that rest are convolved in partitions of one
 * block; those that move share one pair of longer transforms for the old and
 * the new filters. The output is late by one block, or not at all with
 * `zero_latency`, where filters are run in the time domain, at five to fifty
 * times the cost.
 *
 * The caller puts samples into sources until a block is full and then has it
 * rendered (DmixPan does so). Nothing allocates but the _new functions.
 */
#ifndef DMIX_BINAURAL_H
#define DMIX_BINAURAL_H

#include "pan/hrtfbank.h"

#include <stddef.h>

typedef struct DmixBinaural DmixBinaural;
typedef struct DmixBinauralSource DmixBinauralSource;

/* hrtf: has to live longer. NULL on bad arguments or if memory is short. */
DmixBinaural *dmix_binaural_new (const DmixHrtf *hrtf, unsigned rate_hz,
    int zero_latency);
void dmix_binaural_free (DmixBinaural *self);

/* Frames of a block, and of the delay: 256 from 32 kHz on, fewer below. */
unsigned dmix_binaural_block_frames (const DmixBinaural *self);
unsigned dmix_binaural_latency_frames (const DmixBinaural *self);
unsigned dmix_binaural_tail_frames (const DmixBinaural *self);

/* A source for this renderer only; free it before that. */
DmixBinauralSource *dmix_binaural_source_new (const DmixBinaural *self);
void dmix_binaural_source_free (DmixBinauralSource *source);
void dmix_binaural_source_reset (DmixBinauralSource *source);

/* At the start of a block: the filter at its end. The first one after a reset
 * takes effect at once. */
void dmix_binaural_source_set_filter (DmixBinaural *self,
    DmixBinauralSource *source, const DmixHrtfBankParams *params);

/* Samples for the frames `at` and on of the current block. */
void dmix_binaural_source_add (DmixBinauralSource *source, unsigned at,
    const float *sample, unsigned frames);

/* The block is full. Adds the source to the sum; then, after all sources,
 * dmix_binaural_read() gives the sum: `block` frames of each ear. Not with
 * zero_latency. */
void dmix_binaural_add (DmixBinaural *self, DmixBinauralSource *source);
void dmix_binaural_read (DmixBinaural *self, float *left, float *right);

/* With zero_latency: adds the frames `at` and on of the block to out, after
 * they were put; at the end of the block the source is ready for the next. */
void dmix_binaural_add_now (DmixBinaural *self, DmixBinauralSource *source,
    unsigned at, unsigned frames, float *left, float *right);

#endif

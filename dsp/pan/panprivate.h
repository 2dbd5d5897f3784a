/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The struct of a DmixPan, which its objects read, and the functions of objects
 * that it alone calls. Private to pan.c and panobject.c.
 */
#ifndef DMIX_PANPRIVATE_H
#define DMIX_PANPRIVATE_H

#include "pan/air.h"
#include "pan/binaural.h"
#include "pan/doppler.h"
#include "pan/panparams.h"
#include "pan/vbap.h"

#include <stddef.h>

#define DMIX_PAN_LONGEST_STEP 256u

struct DmixPan
{
  DmixPanFormat format;
  DmixLayout layout; /* of the output, for loudspeakers */
  unsigned channels, step, block, lfes;
  unsigned lfe[DMIX_MAX_CHANNELS]; /* the LFE channels of the output */
  DmixVbap *vbap;                  /* binaural: stereo, for bypass */
  DmixBinaural *binaural;
  DmixAir *air;
  DmixDopplerKernel *doppler; /* NULL: sounds take no time */
  DmixPanHead head;
  int head_moves;        /* in this block */
  unsigned at, block_at; /* frames into the step, into the block */
  float *plane;          /* [channels][longest step], or two blocks */
};

/* A step begins: where everything is at its end. */
void dmix_panobject_step (DmixPan *pan, DmixPanObject *object);

/* Non-zero if the object is one channel whose gains rest, and nothing else
 * changes: then steps do nothing. */
int dmix_panobject_is_plain (const DmixPan *pan, const DmixPanObject *object);

/* A plain object that is alone, to the output. */
void dmix_panobject_process_plain (DmixPanObject *object, const float *sample,
    size_t frames, float *out);

/* Frames of the step through all channels, to the planes and filters. */
void dmix_panobject_add (DmixPan *pan, DmixPanObject *object,
    const float *sample, unsigned frames);

/* The block of the filters is full. */
void dmix_panobject_add_block (DmixPan *pan, DmixPanObject *object);

unsigned dmix_panobject_tail_frames (const DmixPanObject *object);

#endif

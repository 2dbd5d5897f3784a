/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The struct of a DmixPan, which its objects read, and the functions of objects
 * that only pan.c calls. Private to pan.c and panobject.c.
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
  int head_moves;        /* since the filters were last set */
  unsigned at, block_at; /* position in the step, in the block, frames */
  float *plane; /* output: [channels][DMIX_PAN_LONGEST_STEP]; binaural: a block
                   of each ear */
};

/* Begins a step: sets gains, filters and distances for its end. */
void dmix_panobject_step (DmixPan *pan, DmixPanObject *object);

/* Non-zero if the object is one channel with constant gains and no other
 * processing, so that steps have no effect. */
int dmix_panobject_is_plain (const DmixPan *pan, const DmixPanObject *object);

/* Renders a plain object, the only one of its pan, to the output. */
void dmix_panobject_process_plain (DmixPanObject *object, const float *sample,
    size_t frames, float *out);

/* Processes `frames` frames of all channels and adds them to the planes, or to
 * the sources of the binaural renderer. */
void dmix_panobject_add (DmixPan *pan, DmixPanObject *object,
    const float *sample, unsigned frames);

/* Adds a full block of all channels to the binaural renderer. */
void dmix_panobject_add_block (DmixPan *pan, DmixPanObject *object);

unsigned dmix_panobject_tail_frames (const DmixPanObject *object);

#endif

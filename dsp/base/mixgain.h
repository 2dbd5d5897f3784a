/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Mixes two signals, each with its own gain. Within a control step a gain is
 * constant or a straight line.
 */
#ifndef DMIX_MIXGAIN_H
#define DMIX_MIXGAIN_H

#include <stddef.h>

/* Linear gains at the two ends of a step. */
typedef struct
{
  float from, to;
} DmixGainLine;

/* io = io * gain + other * other_gain, for `frames` frames of `channels`
 * interleaved samples, which are the frames `first`... of a step that is
 * `step` frames long. The result does not depend on the split into calls. */
void dmix_mixgain_process (float *io, const float *other, unsigned channels,
    size_t frames, DmixGainLine gain, DmixGainLine other_gain, size_t first,
    size_t step);

/* io += other, `samples` samples. */
void dmix_mixgain_add (float *io, const float *other, size_t samples);

#endif

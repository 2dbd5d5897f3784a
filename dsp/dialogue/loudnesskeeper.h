/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Loudness keeper: the gain that gives a changed mix the loudness of the original
 * one. It compares the K-weighted energy of both over the last half minute, so
 * that the whole keeps its loudness, and a loud phrase stays louder than the
 * pause after it.
 *
 * Works on steps of a fixed length. All memory is taken by
 * dmix_loudnesskeeper_new(). Not thread safe.
 */
#ifndef DMIX_LOUDNESSKEEPER_H
#define DMIX_LOUDNESSKEEPER_H

#include "base/format.h"

#include <stddef.h>

typedef struct DmixLoudnessKeeper DmixLoudnessKeeper;

/* weight: loudness weight of each channel, NULL: 1 each; step_frames: length of a
 * step. Returns NULL on bad arguments or if memory is short. */
DmixLoudnessKeeper *dmix_loudnesskeeper_new (const DmixFormat *format,
    const float *weight, unsigned step_frames);
void dmix_loudnesskeeper_free (DmixLoudnessKeeper *self);

/* Forgets both loudnesses. */
void dmix_loudnesskeeper_reset (DmixLoudnessKeeper *self);

/* The change of loudness to expect before any sound is known, dB; 0 at first. */
void dmix_loudnesskeeper_set_expected (DmixLoudnessKeeper *self,
    double change_db);

/* Adds frames of the current step: interleaved, finite, of the same moment. */
void dmix_loudnesskeeper_add (DmixLoudnessKeeper *self, const float *original,
    const float *changed, size_t frames);

/* Ends the step. Returns the gain of the changed mix, dB; exactly 0 for equal
 * signals. */
double dmix_loudnesskeeper_step (DmixLoudnessKeeper *self);

#endif

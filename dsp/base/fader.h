/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Fader: a gain that glides, and an end without a click for sound that is taken
 * away while it plays.
 *
 * The gain glides within DMIX_FADER_GLIDE_MS, without a corner at either end. The end is
 * DMIX_FADER_END_MS of sound that continues the last frames and fades out, so
 * that neither a tone nor noise is cut.
 *
 * Any split of the input into blocks gives the same bits. All memory is taken
 * by dmix_fader_new(). Not thread safe.
 */
#ifndef DMIX_FADER_H
#define DMIX_FADER_H

#include "base/format.h"

#include <stddef.h>

#define DMIX_FADER_GLIDE_MS 20.0
#define DMIX_FADER_END_MS 20.0

typedef struct DmixFader DmixFader;

/* The gain is 1. NULL on bad arguments or if memory is short. */
DmixFader *dmix_fader_new (const DmixFormat *format);
void dmix_fader_free (DmixFader *self);

/* Forgets all sound; the gain is at its target. */
void dmix_fader_reset (DmixFader *self);

/* gain: linear, 0 or more. Before the first sound it applies at once. */
void dmix_fader_set_gain (DmixFader *self, double gain);

/* The next sound rises from silence to the gain. */
void dmix_fader_rise (DmixFader *self);

/* Zero while the gain rests on 1: dmix_fader_remember() is enough then. */
int dmix_fader_changes_sound (const DmixFader *self);

/* In place. */
void dmix_fader_process (DmixFader *self, float *io, size_t frames);

/* The same where the sound stays as it is; with 0 frames, where no end will be
 * needed, either. */
void dmix_fader_remember (DmixFader *self, const float *in, size_t frames);

/* Length of the end, in frames. */
size_t dmix_fader_end_frames (const DmixFader *self);

/* Writes the end, dmix_fader_end_frames() frames. Not for real time: about a
 * millisecond for each channel. */
void dmix_fader_end (DmixFader *self, float *out);

#endif

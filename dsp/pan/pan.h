/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Sounds in space: many sources, each at its place, to loudspeakers, to
 * headphones or to Ambisonics.
 *
 * A DmixPan is the output that they share, with the listener's head; a
 * DmixPanObject is a source of one or more channels: one channel stands in its
 * direction, two are a pair around it, a bed of loudspeaker channels is turned
 * as a whole. On its way each channel goes through the air (air.h), takes its
 * time (doppler.h), gets its level (distance.h) and its direction: by
 * amplitude panning (vbap.h), by filters for both ears (binaural.h), or by
 * spherical harmonics (ambisonic.h).
 *
 * Everything may move at any time: gains glide with a time constant of 5 ms,
 * filters go over within a block of 256 frames, distances on which delay and
 * air depend glide with 20 ms. All this happens on a grid of
 * steps counted from the reset, not from where blocks begin. LFE channels are
 * not panned: they go to LFE, or in equal parts to both ears.
 */
#ifndef DMIX_PAN_H
#define DMIX_PAN_H

#include "pan/panobject.h"
#include "pan/panparams.h"

#include <stddef.h>

/* NULL on bad arguments or if memory is short. */
DmixPan *dmix_pan_new (const DmixPanFormat *format);
void dmix_pan_free (DmixPan *self);

/* A panner in silence for another format, as dmix_pan_new(); what has not
 * changed it takes from `old` and does not make again: filters of the HRTFs and
 * of the air, triangles of the layout. Frees `old`, in any case; its objects
 * must be freed before. */
DmixPan *dmix_pan_renew (DmixPan *old, const DmixPanFormat *format);

/* To silence, and to the start of the grid; objects are to be reset with it. */
void dmix_pan_reset (DmixPan *self);

unsigned dmix_pan_channels (const DmixPan *self);
unsigned dmix_pan_latency_frames (const DmixPan *self);

/* How long sound goes on behind the delay after the last input: filters, air,
 * and the way of the most distant object. */
unsigned dmix_pan_tail_frames (const DmixPan *self,
    DmixPanObject *const *object, unsigned objects);

/* Frames between two points of the grid on which parameters take effect, and
 * frames left until the next point: 0 at the point itself. */
unsigned dmix_pan_step_frames (const DmixPan *self);
unsigned dmix_pan_step_left_frames (const DmixPan *self);

void dmix_pan_set_head (DmixPan *self, const DmixPanHead *head);

/* sample[i]: `frames` frames of object[i], interleaved; NULL: silence. out:
 * the sum; it may be the memory of sample[0] if that has as many channels. All
 * objects have to be there every time. */
void dmix_pan_process (DmixPan *self, DmixPanObject *const *object,
    const float *const *sample, unsigned objects, float *out, size_t frames);

#endif

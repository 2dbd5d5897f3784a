/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Spatial panner: renders many sources, each with its position, to
 * loudspeakers, headphones or Ambisonics.
 *
 * A DmixPan is the shared output with the orientation of the listener's head. A
 * DmixPanObject is a source of one or more channels: one channel has the
 * object's direction, two are a pair around it, a bed of loudspeaker channels
 * is rotated as a whole. Each channel passes air absorption (air.h),
 * propagation delay (doppler.h) and distance attenuation (distance.h), and is
 * then panned: by amplitude panning (vbap.h), by filters for both ears
 * (binaural.h), or by spherical harmonics (ambisonic.h).
 *
 * Parameters may change at any time: gains glide with a time constant of 5 ms,
 * binaural filters cross-fade within a block of 256 frames, the distance for
 * delay and air absorption glides with 20 ms. Changes take effect on a grid of
 * steps counted from the reset, so the split of the input into blocks has no
 * effect. LFE channels are not panned: they go to LFE channels, or in equal
 * parts to both ears.
 */
#ifndef DMIX_PAN_H
#define DMIX_PAN_H

#include "pan/panobject.h"
#include "pan/panparams.h"

#include <stddef.h>

/* NULL on bad arguments or if memory is short. */
DmixPan *dmix_pan_new (const DmixPanFormat *format);
void dmix_pan_free (DmixPan *self);

/* Returns a new panner that takes from `old` what has not changed: filters of
 * HRTFs and air, triangles of the layout. Frees `old`, also if it fails (NULL, as
 * dmix_pan_new()). Free the objects of `old` before. */
DmixPan *dmix_pan_renew (DmixPan *old, const DmixPanFormat *format);

/* Clears the audio and restarts the grid; reset all objects with it. */
void dmix_pan_reset (DmixPan *self);

unsigned dmix_pan_channels (const DmixPan *self);
unsigned dmix_pan_latency_frames (const DmixPan *self);

/* Length of the sound after the last input and the latency, frames: binaural
 * filters, air absorption, and the propagation delay of the farthest object. */
unsigned dmix_pan_tail_frames (const DmixPan *self,
    DmixPanObject *const *object, unsigned objects);

/* Frames between two points of the grid on which parameters take effect, and
 * frames left until the next point: 0 at the point itself. */
unsigned dmix_pan_step_frames (const DmixPan *self);
unsigned dmix_pan_step_left_frames (const DmixPan *self);

void dmix_pan_set_head (DmixPan *self, const DmixPanHead *head);

/* sample[i]: `frames` frames of object[i], interleaved; NULL: silence. out:
 * the sum; it may be the memory of sample[0] if that has as many channels. Pass
 * all objects in every call. */
void dmix_pan_process (DmixPan *self, DmixPanObject *const *object,
    const float *const *sample, unsigned objects, float *out, size_t frames);

#endif

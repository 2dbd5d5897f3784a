/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Channel layouts of GStreamer for dsp/. */
#ifndef GST_DMIX_LAYOUT_H
#define GST_DMIX_LAYOUT_H

#include <gst/audio/audio.h>

#include "base/matrix.h"
#include "meter/loudness.h"

G_BEGIN_DECLS

/* Loudness weight of every channel, ITU-R BS.1770-5 Annex 3: 1.41 for a
 * loudspeaker at ear height 60 to 120 degrees to the side, 0 for LFE, else
 * 1.0; all 1.0 where the channels have no positions. weight: 64 floats. */
void gst_dmix_layout_weights (const GstAudioInfo *info, gfloat *weight);

/* Where dialogue is looked for: front left, right and centre; all BESIDE where
 * the channels have no positions. place: 64 of them. */
void gst_dmix_layout_places (const GstAudioInfo *info, DmixVoicePlace *place);

/* The matrix that mixes the channels of `in` to the layout of `out`: one channel
 * to the centre, or to left and right without a centre; several to the
 * loudspeakers of their positions; by the rules of GstAudioChannelMixer if one
 * of them has no loudspeaker; by number if a layout has no positions. Free with
 * dmix_matrix_free(). */
DmixMatrix *gst_dmix_layout_matrix (const GstAudioInfo *in,
    const GstAudioInfo *out);

G_END_DECLS

#endif

/* Channel layouts between GStreamer and dsp/.
 * SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef GST_DMIX_LAYOUT_H
#define GST_DMIX_LAYOUT_H

#include <gst/audio/audio.h>

G_BEGIN_DECLS

/* Loudness weight of every channel, ITU-R BS.1770-5 Annex 3: 1.41 for a
 * loudspeaker at ear height 60 to 120 degrees to the side, 0 for LFE, else
 * 1.0; all 1.0 where the channels have no positions. weight: 64 floats. */
void gst_dmix_layout_weights (const GstAudioInfo * info, gfloat * weight);

/* A mixer that places the channels of `in` in the layout of `out`, by the
 * rules of GstAudioChannelMixer: mono to the centre where there is one, else
 * to left and right, a single channel of no position like mono.
 * Free with gst_audio_channel_mixer_free(). */
GstAudioChannelMixer *gst_dmix_layout_mixer (const GstAudioInfo * in,
    const GstAudioInfo * out);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Channel layouts of GStreamer as the loudness weights and mixing matrices of
 * dsp/. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixlayout.h"
#include "base/gstdmixlog.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixlayout", "channel layouts");

#define SURROUND_WEIGHT 1.41f

static gint
find_position (const GstAudioInfo *info, GstAudioChannelPosition position)
{
  for (gint c = 0; c < GST_AUDIO_INFO_CHANNELS (info); c++)
    if (GST_AUDIO_INFO_POSITION (info, c) == position)
      return c;
  return -1;
}

static gfloat
weight_of (GstAudioChannelPosition position, gboolean has_sides)
{
  switch (position) {
    case GST_AUDIO_CHANNEL_POSITION_LFE1:
    case GST_AUDIO_CHANNEL_POSITION_LFE2:
      return 0.0f;
    case GST_AUDIO_CHANNEL_POSITION_SIDE_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_SIDE_RIGHT:
    case GST_AUDIO_CHANNEL_POSITION_SURROUND_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_SURROUND_RIGHT:
    case GST_AUDIO_CHANNEL_POSITION_WIDE_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_WIDE_RIGHT:
      return SURROUND_WEIGHT;
    case GST_AUDIO_CHANNEL_POSITION_REAR_LEFT:
    case GST_AUDIO_CHANNEL_POSITION_REAR_RIGHT:
      /* at 110 degrees in 5.1, at 135 in layouts with side loudspeakers */
      return has_sides ? 1.0f : SURROUND_WEIGHT;
    default:
      return 1.0f;
  }
}

void
gst_dmix_layout_weights (const GstAudioInfo *info, gfloat *weight)
{
  const gboolean has_sides =
      find_position (info, GST_AUDIO_CHANNEL_POSITION_SIDE_LEFT) >= 0;

  for (gint c = 0; c < GST_AUDIO_INFO_CHANNELS (info); c++)
    weight[c] = GST_AUDIO_INFO_IS_UNPOSITIONED (info)
        ? 1.0f
        : weight_of (GST_AUDIO_INFO_POSITION (info, c), has_sides);
}

void
gst_dmix_layout_places (const GstAudioInfo *info, DmixVoicePlace *place)
{
  for (gint c = 0; c < GST_AUDIO_INFO_CHANNELS (info); c++) {
    const GstAudioChannelPosition position =
        GST_AUDIO_INFO_IS_UNPOSITIONED (info)
        ? GST_AUDIO_CHANNEL_POSITION_NONE
        : GST_AUDIO_INFO_POSITION (info, c);

    switch (position) {
      case GST_AUDIO_CHANNEL_POSITION_MONO:
      case GST_AUDIO_CHANNEL_POSITION_FRONT_CENTER:
        place[c] = DMIX_VOICE_CENTRE;
        break;
      case GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT:
        place[c] = DMIX_VOICE_LEFT;
        break;
      case GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT:
        place[c] = DMIX_VOICE_RIGHT;
        break;
      default:
        place[c] = DMIX_VOICE_BESIDE;
        break;
    }
  }
}

/* One channel: to the centre, else to left and right with full level in each,
 * as GstAudioChannelMixer does from mono to stereo. */
static void
place_mono (gfloat *gain, const GstAudioInfo *out)
{
  gint centre = find_position (out, GST_AUDIO_CHANNEL_POSITION_FRONT_CENTER);
  gint left = find_position (out, GST_AUDIO_CHANNEL_POSITION_FRONT_LEFT);
  gint right = find_position (out, GST_AUDIO_CHANNEL_POSITION_FRONT_RIGHT);

  if (GST_AUDIO_INFO_IS_UNPOSITIONED (out)) {
    left = 0;
    right = MIN (1, GST_AUDIO_INFO_CHANNELS (out) - 1);
    centre = -1;
  }
  if (centre >= 0)
    gain[centre] = 1.0f;
  else if (left >= 0 && right >= 0)
    gain[left] = gain[right] = 1.0f;
  else
    gain[0] = 1.0f;
}

/* Each channel to the loudspeaker of its position. FALSE if there is none for
 * one of them. */
static gboolean
place_by_name (gfloat *gain, const GstAudioInfo *in, const GstAudioInfo *out)
{
  for (gint c = 0; c < GST_AUDIO_INFO_CHANNELS (in); c++) {
    gint to = find_position (out, GST_AUDIO_INFO_POSITION (in, c));

    if (to < 0)
      return FALSE;
    gain[c * GST_AUDIO_INFO_CHANNELS (out) + to] = 1.0f;
  }
  return TRUE;
}

static void
place_by_number (gfloat *gain, const GstAudioInfo *in, const GstAudioInfo *out)
{
  const gint channels = GST_AUDIO_INFO_CHANNELS (out);

  for (gint c = 0; c < MIN (GST_AUDIO_INFO_CHANNELS (in), channels); c++)
    gain[c * channels + c] = 1.0f;
}

/* GstAudioChannelMixer has rules for all positions but does not give its matrix
 * away: measures it with an impulse on each channel. Up to 63 channels. */
static gboolean
place_by_library (gfloat *gain, const GstAudioInfo *in, const GstAudioInfo *out)
{
  const gint in_channels = GST_AUDIO_INFO_CHANNELS (in);
  GstAudioInfo from = *in, to = *out;
  GstAudioChannelMixer *mixer;
  gfloat *unit;
  gpointer source[1], target[1];

  if (in_channels > 63 || GST_AUDIO_INFO_CHANNELS (out) > 63) {
    place_by_number (gain, in, out);
    return TRUE;
  }
  mixer = gst_audio_channel_mixer_new (GST_AUDIO_CHANNEL_MIXER_FLAGS_NONE,
      GST_AUDIO_INFO_FORMAT (in), in_channels, from.position,
      GST_AUDIO_INFO_CHANNELS (out), to.position);
  if (!mixer)
    return FALSE;
  unit = g_new0 (gfloat, in_channels * in_channels);
  for (gint c = 0; c < in_channels; c++)
    unit[c * in_channels + c] = 1.0f;
  source[0] = unit;
  target[0] = gain;
  gst_audio_channel_mixer_samples (mixer, source, target, in_channels);
  g_free (unit);
  gst_audio_channel_mixer_free (mixer);
  return TRUE;
}

DmixMatrix *
gst_dmix_layout_matrix (const GstAudioInfo *in, const GstAudioInfo *out)
{
  const gint in_channels = GST_AUDIO_INFO_CHANNELS (in);
  const gint out_channels = GST_AUDIO_INFO_CHANNELS (out);
  gfloat *gain = g_new0 (gfloat, in_channels * out_channels);
  DmixMatrix *matrix = NULL;
  gboolean placed = TRUE;

  if (in_channels == 1) {
    place_mono (gain, out);
  } else if (GST_AUDIO_INFO_IS_UNPOSITIONED (in)
      || GST_AUDIO_INFO_IS_UNPOSITIONED (out)) {
    place_by_number (gain, in, out);
  } else if (!place_by_name (gain, in, out)) {
    memset (gain, 0, sizeof (gfloat) * in_channels * out_channels);
    placed = place_by_library (gain, in, out);
  }
  GST_DEBUG ("%d channels are mixed to %d", in_channels, out_channels);
  if (placed)
    matrix = dmix_matrix_new (in_channels, out_channels, gain);
  g_free (gain);
  return matrix;
}

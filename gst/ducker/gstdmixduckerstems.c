/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixDuckerStems: background and dialogue of a block, as sums of the pads. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "ducker/gstdmixduckerstems.h"
#include "base/gstdmixaggregatorpad.h"
#include "base/gstdmixlog.h"

#include "base/mixgain.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixduckerstems", "inputs of dmixducker");

void
gst_dmix_ducker_stems_init (GstDmixDuckerStems *self)
{
  memset (self, 0, sizeof *self);
  gst_audio_info_init (&self->info);
}

void
gst_dmix_ducker_stems_clear (GstDmixDuckerStems *self)
{
  g_clear_pointer (&self->dialogue, g_free);
  g_clear_pointer (&self->spoken, g_free);
  self->flagged = self->warned = FALSE;
  self->room = self->dialogue_filled = self->background_filled = 0;
}

static void
gst_dmix_ducker_stems_make_room (GstDmixDuckerStems *self, guint frames)
{
  if (frames > self->room) {
    self->room = frames;
    self->dialogue = g_renew (gfloat, self->dialogue,
        (gsize) frames * GST_AUDIO_INFO_CHANNELS (&self->info));
    self->spoken = g_renew (guint8, self->spoken, frames);
  }
}

gboolean
gst_dmix_ducker_stems_set_info (GstDmixDuckerStems *self,
    const GstAudioInfo *info)
{
  const GstAudioInfo from = self->info;
  GstBuffer *old, *placed;
  gfloat *samples;
  gsize size;

  if (!self->dialogue) {
    self->info = *info;
    return TRUE;
  }
  size = (gsize) self->dialogue_filled * GST_AUDIO_INFO_BPF (&from);
  old = gst_buffer_new_wrapped_full (0, self->dialogue, size, 0, size, NULL,
      NULL);
  placed = gst_dmix_aggregator_place (&from, info, old);
  gst_buffer_unref (old);
  if (!placed)
    return FALSE;
  samples = g_new (gfloat, (gsize) self->room * GST_AUDIO_INFO_CHANNELS (info));
  gst_buffer_extract (placed, 0, samples,
      (gsize) self->dialogue_filled * GST_AUDIO_INFO_BPF (info));
  gst_buffer_unref (placed); /* may be `old`, whose samples these are */
  g_free (self->dialogue);
  self->dialogue = samples;
  self->info = *info;
  return TRUE;
}

void
gst_dmix_ducker_stems_begin (GstDmixDuckerStems *self, guint frames)
{
  gst_dmix_ducker_stems_make_room (self, frames);
  memset (self->spoken, 0, frames);
  self->background_filled = self->dialogue_filled = 0;
}

/* Inputs arrive in order, but may leave holes: fills the block with silence from
 * its filled part up to `frames`. */
static void
fill_up (GstDmixDuckerStems *self, gfloat *block, guint *filled, guint frames)
{
  const gsize bpf = GST_AUDIO_INFO_BPF (&self->info);

  if (frames > *filled) {
    memset ((guint8 *) block + *filled * bpf, 0, (frames - *filled) * bpf);
    *filled = frames;
  }
}

static void
add (GstDmixDuckerStems *self, gfloat *block, guint *filled, const gfloat *in,
    guint offset, guint frames)
{
  const guint channels = GST_AUDIO_INFO_CHANNELS (&self->info);
  guint added;

  fill_up (self, block, filled, offset);
  block += (gsize) offset * channels;
  added = MIN (*filled - offset, frames);
  dmix_mixgain_add (block, in, (gsize) added * channels);
  memcpy (block + (gsize) added * channels, in + (gsize) added * channels,
      (gsize) (frames - added) * channels * sizeof (gfloat));
  *filled = MAX (*filled, offset + frames);
}

void
gst_dmix_ducker_stems_add_background (GstDmixDuckerStems *self,
    gfloat *background, const gfloat *in, guint offset, guint frames)
{
  add (self, background, &self->background_filled, in, offset, frames);
}

void
gst_dmix_ducker_stems_add_dialogue (GstDmixDuckerStems *self, const gfloat *in,
    guint offset, guint frames)
{
  add (self, self->dialogue, &self->dialogue_filled, in, offset, frames);
}

/* Several dialogue pads: one that speaks is enough. */
void
gst_dmix_ducker_stems_add_flag (GstDmixDuckerStems *self, GstBuffer *in,
    guint offset, guint frames)
{
  const GstAudioLevelMeta *meta = gst_buffer_get_audio_level_meta (in);

  if (!meta)
    return;
  self->flagged = TRUE;
  if (meta->voice_activity)
    memset (self->spoken + offset, TRUE, frames);
}

static void
post_unflagged (GstElement *element, gpointer pad_name)
{
  GST_ELEMENT_WARNING (element, STREAM, FAILED, (NULL),
      ("Buffers on pad '%s' have no GstAudioLevelMeta, so that trigger=meta "
       "never ducks: put dmixmeter dialogue=gated before the pad, or set "
       "property trigger to speech",
          (const gchar *) pad_name));
}

/* From another thread, for the lock of the pads is held. */
void
gst_dmix_ducker_stems_warn_unflagged (GstDmixDuckerStems *self,
    GstElement *element, GstPad *pad)
{
  if (self->flagged || self->warned)
    return;
  self->warned = TRUE;
  gst_element_call_async (element, post_unflagged, gst_pad_get_name (pad),
      g_free);
}

void
gst_dmix_ducker_stems_finish (GstDmixDuckerStems *self, gfloat *background,
    guint frames)
{
  if (background)
    fill_up (self, background, &self->background_filled, frames);
  fill_up (self, self->dialogue, &self->dialogue_filled, frames);
  self->background_filled = self->dialogue_filled = 0;
}

GstBuffer *
gst_dmix_ducker_stems_copy_dialogue (GstDmixDuckerStems *self,
    guint block_frames, guint frames, gfloat gain)
{
  const guint channels = GST_AUDIO_INFO_CHANNELS (&self->info);
  const DmixGainLine none = { 0.0f, 0.0f }, whole = { gain, gain };
  GstBuffer *buffer = gst_buffer_new_and_alloc (
      (gsize) frames * GST_AUDIO_INFO_BPF (&self->info));
  GstMapInfo map;

  if (!buffer || !gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    gst_clear_buffer (&buffer);
    return NULL;
  }
  memset (map.data, 0, map.size);
  dmix_mixgain_process ((gfloat *) map.data,
      self->dialogue + (gsize) (block_frames - frames) * channels, channels,
      frames, none, whole, 0, frames);
  gst_buffer_unmap (buffer, &map);
  return buffer;
}

/*** end of the background ***/

gboolean
gst_dmix_ducker_stems_is_background (gpointer pad)
{
  return g_str_has_prefix (GST_PAD_NAME (pad), "background");
}

void
gst_dmix_ducker_stems_note_gap (GstDmixDuckerStems *self, GstAggregatorPad *pad,
    GstBuffer *buffer)
{
  GstClockTime end;

  if (!gst_dmix_ducker_stems_is_background (pad)
      || !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)
      || !GST_BUFFER_PTS_IS_VALID (buffer)
      || !GST_BUFFER_DURATION_IS_VALID (buffer))
    return;
  GST_OBJECT_LOCK (pad);
  end = gst_segment_to_running_time (&pad->segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer));
  GST_OBJECT_UNLOCK (pad);
  GST_LOG_OBJECT (pad, "gap up to running time %" GST_TIME_FORMAT,
      GST_TIME_ARGS (end));
  if (GST_CLOCK_TIME_IS_VALID (end))
    self->background_gap_end = MAX (self->background_gap_end, end);
}

static gint64
gap_end_frame (GstDmixDuckerStems *self, GstAggregator *agg)
{
  GstAggregatorPad *srcpad = GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (agg));
  guint64 position;

  GST_OBJECT_LOCK (agg);
  position = gst_segment_position_from_running_time (&srcpad->segment,
      GST_FORMAT_TIME, self->background_gap_end);
  position =
      GST_CLOCK_TIME_IS_VALID (position) && position > srcpad->segment.start
      ? position - srcpad->segment.start
      : 0;
  GST_OBJECT_UNLOCK (agg);
  return gst_util_uint64_scale_round (position,
      GST_AUDIO_INFO_RATE (&self->info), GST_SECOND);
}

typedef struct
{
  gboolean any, all_ended;
} Backgrounds;

static gboolean
visit_background (GstElement *element, GstPad *pad, gpointer data)
{
  Backgrounds *backgrounds = data;

  if (gst_dmix_ducker_stems_is_background (pad)) {
    backgrounds->any = TRUE;
    backgrounds->all_ended &=
        gst_aggregator_pad_is_eos (GST_AGGREGATOR_PAD (pad));
  }
  return TRUE;
}

gint64
gst_dmix_ducker_stems_end (GstDmixDuckerStems *self, GstAggregator *agg)
{
  Backgrounds backgrounds = { FALSE, TRUE };

  /* the last sound may wait in a block for the dialogue */
  if (self->background_filled > 0)
    return -1;
  gst_element_foreach_sink_pad (GST_ELEMENT (agg), visit_background,
      &backgrounds);
  return backgrounds.any && backgrounds.all_ended
      ? MAX (self->background_end, gap_end_frame (self, agg))
      : -1;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinFaders: probes that apply base/fader.h to the buffers of a strip. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinfaders.h"
#include "base/gstdmixlog.h"
#include "bin/gstdmixbinsync.h"

#include "base/fader.h"
#include "base/units.h"

#include <gst/audio/audio.h>

GST_DMIX_LOG_CATEGORY ("dmixbinfaders", "faders of dmixbin");

/* A fader and the pad whose buffers it works on; streaming thread. */
typedef struct
{
  GstPad *pad;
  gulong probe;
  DmixFader *fader; /* NULL: no format yet */
  GstAudioInfo info;
} Fader;

struct _GstDmixBinFaders
{
  GstDmixBinPad *pad;
  gint silent;  /* by the solo of another pad; atomic */
  gint leaving; /* the pad is released; atomic */
  gint makeup;  /* of the compressor, 1/1000 dB; atomic */
  Fader gain, end;
  GstClockTime next; /* timestamp behind the last frame of `end` */
  gboolean late, ending, passed;
};

static void
fader_set_format (Fader *self, GstEvent *event, GstDmixBinPad *pad)
{
  GstElement *bin;
  GstAudioInfo info;
  GstCaps *caps;

  gst_event_parse_caps (event, &caps);
  if (!gst_audio_info_from_caps (&info, caps)
      || GST_AUDIO_INFO_FORMAT (&info) != GST_AUDIO_FORMAT_F32
      || (self->fader && gst_audio_info_is_equal (&info, &self->info)))
    return;
  g_clear_pointer (&self->fader, dmix_fader_free);
  self->info = info;
  self->fader = dmix_fader_new (&(DmixFormat){ GST_AUDIO_INFO_RATE (&info),
      GST_AUDIO_INFO_CHANNELS (&info) });
  if (self->fader || !(bin = gst_pad_get_parent_element (GST_PAD (pad))))
    return;
  GST_ELEMENT_ERROR (bin, RESOURCE, NO_SPACE_LEFT, (NULL),
      ("No memory for the %d channels of pad '%s': use fewer channels or a "
       "lower rate on it, or fewer pads",
          GST_AUDIO_INFO_CHANNELS (&info), GST_PAD_NAME (pad)));
  gst_object_unref (bin);
}

/* Returns the frames of the buffer, which is copied only if it changes and is
 * not writable. */
static gsize
fader_process (Fader *self, GstPadProbeInfo *info)
{
  const gboolean changes = dmix_fader_changes_sound (self->fader);
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  gsize frames;
  GstMapInfo map;

  if (changes) {
    buffer = gst_buffer_make_writable (buffer);
    GST_PAD_PROBE_INFO_DATA (info) = buffer;
  }
  if (!gst_buffer_map (buffer, &map,
          changes ? GST_MAP_READWRITE : GST_MAP_READ))
    return 0;
  frames = map.size / GST_AUDIO_INFO_BPF (&self->info);
  if (changes)
    dmix_fader_process (self->fader, (gfloat *) map.data, frames);
  else
    dmix_fader_remember (self->fader, (const gfloat *) map.data, frames);
  gst_buffer_unmap (buffer, &map);
  return frames;
}

/* Control bindings of the pad: at the begin of the chain for its elements, at its
 * end, where the time is earlier by their delay, for the gain. */
static void
sync_values (GstDmixBinFaders *self, GstPad *pad, GstPadProbeInfo *info)
{
  gst_dmix_bin_sync (GST_OBJECT (self->pad), pad,
      GST_PAD_PROBE_INFO_BUFFER (info));
}

/* The probe keeps the faders alive. */
static void
fader_start (GstDmixBinFaders *self, Fader *fader, GstPadProbeCallback callback)
{
  fader->probe = gst_pad_add_probe (fader->pad,
      GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
          | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      callback, g_atomic_rc_box_acquire (self), gst_dmix_bin_faders_unref);
}

/*** gain, at the ducker ***/

/* Linear; 1 where nothing asks for another. */
static gdouble
wanted_gain (GstDmixBinFaders *self)
{
  const GstDmixBinPadValues *values;
  gdouble gain_db;

  gst_dmix_settings_take (&self->pad->settings);
  values = gst_dmix_settings_get_current (&self->pad->settings);
  if (values->mute || g_atomic_int_get (&self->silent)
      || values->gain <= GST_DMIX_BIN_SILENCE_DB)
    return 0.0;
  gain_db = values->gain + g_atomic_int_get (&self->makeup) / 1000.0;
  return gain_db == 0.0 ? 1.0 : dmix_gain_from_db (gain_db);
}

static GstPadProbeReturn
apply_gain (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstDmixBinFaders *self = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER) {
    if (self->gain.fader) {
      sync_values (self, pad, info);
      dmix_fader_set_gain (self->gain.fader, wanted_gain (self));
      if (dmix_fader_changes_sound (self->gain.fader))
        fader_process (&self->gain, info);
      else
        dmix_fader_remember (self->gain.fader, NULL, 0);
    }
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_CAPS) {
    fader_set_format (&self->gain, GST_PAD_PROBE_INFO_EVENT (info), self->pad);
  }
  return GST_PAD_PROBE_OK;
}

/* The gain costs nothing until somebody asks for one: then it glides from 1, if sound
 * has passed. */
static void
start_gain (GstDmixBinFaders *self)
{
  GstEvent *caps = gst_pad_get_sticky_event (self->gain.pad, GST_EVENT_CAPS, 0);

  GST_DEBUG_OBJECT (self->pad, "has a gain from now on");
  if (caps)
    fader_set_format (&self->gain, caps, self->pad);
  gst_clear_event (&caps);
  if (self->gain.fader && self->passed)
    dmix_fader_remember (self->gain.fader, NULL, 0);
  fader_start (self, &self->gain, apply_gain);
}

/*** begin and end, where the sound comes in ***/

/* The pad is unlinked or goes: its sound does not stop at once. */
static void
put_end (GstDmixBinFaders *self)
{
  GstBuffer *buffer;
  GstMapInfo map;

  if (!self->end.fader || !GST_CLOCK_TIME_IS_VALID (self->next)
      || (gst_pad_is_linked (GST_PAD (self->pad))
          && !g_atomic_int_get (&self->leaving)))
    return;
  buffer = gst_buffer_new_and_alloc (dmix_fader_end_frames (self->end.fader)
      * GST_AUDIO_INFO_BPF (&self->end.info));
  if (!buffer || !gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    gst_clear_buffer (&buffer);
    return;
  }
  dmix_fader_end (self->end.fader, (gfloat *) map.data);
  gst_buffer_unmap (buffer, &map);
  GST_BUFFER_PTS (buffer) = self->next;
  GST_DEBUG_OBJECT (self->pad, "fades out from %" GST_TIME_FORMAT,
      GST_TIME_ARGS (self->next));
  self->ending = TRUE;
  gst_pad_chain (self->end.pad, buffer);
  self->ending = FALSE;
  self->next = GST_CLOCK_TIME_NONE;
}

static GstPadProbeReturn
watch_buffer (GstDmixBinFaders *self, GstPadProbeInfo *info)
{
  const GstClockTime pts = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));
  gsize frames;

  if (!self->end.fader || self->ending)
    return GST_PAD_PROBE_OK;
  sync_values (self, self->end.pad, info);
  if (!self->gain.probe
      && (gst_object_has_active_control_bindings (GST_OBJECT (self->pad))
          || wanted_gain (self) != 1.0))
    start_gain (self);
  self->passed = TRUE;
  if (self->late)
    dmix_fader_rise (self->end.fader);
  self->late = FALSE;
  frames = fader_process (&self->end, info);
  self->next = pts
      + gst_util_uint64_scale (frames, GST_SECOND,
          GST_AUDIO_INFO_RATE (&self->end.info));
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
watch_ends (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstDmixBinFaders *self = data;

  if (info->type & GST_PAD_PROBE_TYPE_BUFFER)
    return watch_buffer (self, info);
  switch (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))) {
    case GST_EVENT_CAPS:
      fader_set_format (&self->end, GST_PAD_PROBE_INFO_EVENT (info), self->pad);
      break;
    case GST_EVENT_FLUSH_STOP:
      self->next = GST_CLOCK_TIME_NONE;
      if (self->end.fader)
        dmix_fader_reset (self->end.fader);
      break;
    case GST_EVENT_EOS:
      put_end (self);
      break;
    default:
      break;
  }
  return GST_PAD_PROBE_OK;
}

static void
fader_stop (Fader *self)
{
  if (self->probe)
    gst_pad_remove_probe (self->pad, self->probe);
  self->probe = 0;
}

static void
fader_clear (Fader *self)
{
  g_clear_pointer (&self->fader, dmix_fader_free);
  gst_clear_object (&self->pad);
}

static void
free_faders (gpointer data)
{
  GstDmixBinFaders *self = data;

  fader_clear (&self->gain);
  fader_clear (&self->end);
  gst_object_unref (self->pad);
}

void
gst_dmix_bin_faders_unref (gpointer self)
{
  g_atomic_rc_box_release_full (self, free_faders);
}

static void
fader_init (Fader *self, GstPad *pad)
{
  gst_audio_info_init (&self->info);
  self->pad = gst_object_ref (pad);
}

GstDmixBinFaders *
gst_dmix_bin_faders_new (GstDmixBinPad *pad, GstPad *entry, GstPad *exit,
    gboolean late)
{
  GstDmixBinFaders *self = g_atomic_rc_box_new0 (GstDmixBinFaders);

  self->pad = gst_object_ref (pad);
  self->late = late;
  self->next = GST_CLOCK_TIME_NONE;
  fader_init (&self->gain, exit);
  fader_init (&self->end, entry);
  fader_start (self, &self->end, watch_ends);
  return self;
}

void
gst_dmix_bin_faders_leave (GstDmixBinFaders *self)
{
  g_atomic_int_set (&self->leaving, TRUE);
}

void
gst_dmix_bin_faders_detach (GstDmixBinFaders *self)
{
  fader_stop (&self->gain);
  fader_stop (&self->end);
}

void
gst_dmix_bin_faders_silence (GstDmixBinFaders *self, gboolean silent)
{
  g_atomic_int_set (&self->silent, silent);
}

void
gst_dmix_bin_faders_set_makeup (GstDmixBinFaders *self, gdouble makeup_db)
{
  g_atomic_int_set (&self->makeup, (gint) (makeup_db * 1000.0));
}

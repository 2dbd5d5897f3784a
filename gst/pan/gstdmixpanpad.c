/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixPanPad: position and sound of one input of dmixpanmix. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "pan/gstdmixpanpad.h"
#include "pan/gstdmixspace.h"
#include "base/gstdmixlog.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixpanpad", "inputs of dmixpanmix");

G_DEFINE_FINAL_TYPE (GstDmixPanPad, gst_dmix_pan_pad,
    GST_TYPE_DMIX_AGGREGATOR_PAD)

static GstDmixProperty properties[GST_DMIX_POSITION_PROPERTIES];

/*** sound ***/

DmixPanObject *
gst_dmix_pan_pad_get_object (GstDmixPanPad *self, const DmixPan *pan)
{
  const GstAudioInfo *info = &GST_AUDIO_AGGREGATOR_PAD (self)->info;
  DmixLayout layout;

  if (self->object && gst_audio_info_is_equal (info, &self->info))
    return self->object;
  gst_dmix_pan_pad_forget_object (self);
  if (!GST_AUDIO_INFO_IS_VALID (info) || !pan)
    return NULL;
  self->info = *info;
  gst_dmix_space_input_layout (info, &layout);
  self->object = dmix_panobject_new (pan, &layout);
  GST_DEBUG_OBJECT (self, "object for %d channels: %s",
      GST_AUDIO_INFO_CHANNELS (info), self->object ? "ready" : "no memory");
  if (!self->object) {
    gst_dmix_pan_pad_forget_object (self);
    gst_dmix_aggregator_pad_fail (GST_DMIX_AGGREGATOR_PAD (self));
  }
  return self->object;
}

void
gst_dmix_pan_pad_forget_object (GstDmixPanPad *self)
{
  g_clear_pointer (&self->object, dmix_panobject_free);
  gst_audio_info_init (&self->info);
}

void
gst_dmix_pan_pad_clear (GstDmixPanPad *self, guint frames)
{
  const gsize size = (gsize) frames * GST_AUDIO_INFO_CHANNELS (&self->info);

  self->filled = 0;
  if (size > self->size) {
    g_free (self->block);
    self->block = g_new (gfloat, size);
    self->size = size;
  }
}

/* Inputs arrive in order, but may leave holes, which become silence. */
void
gst_dmix_pan_pad_collect (GstDmixPanPad *self, const gfloat *in, guint offset,
    guint frames)
{
  const gsize channels = GST_AUDIO_INFO_CHANNELS (&self->info);

  if (offset > self->filled)
    memset (self->block + self->filled * channels, 0,
        (offset - self->filled) * channels * sizeof (gfloat));
  memcpy (self->block + offset * channels, in,
      frames * channels * sizeof (gfloat));
  self->filled = MAX (self->filled, offset + frames);
}

void
gst_dmix_pan_pad_complete (GstDmixPanPad *self, guint frames)
{
  const gsize channels = GST_AUDIO_INFO_CHANNELS (&self->info);

  if (self->filled > 0 && self->filled < frames)
    memset (self->block + self->filled * channels, 0,
        (frames - self->filled) * channels * sizeof (gfloat));
  if (self->filled > 0)
    self->filled = frames;
}

void
gst_dmix_pan_pad_take_settings (GstDmixPanPad *self, const GstClockTime *time,
    guint points)
{
  gst_dmix_settings_take (&self->settings);
  self->moves =
      points > 0 && gst_object_has_active_control_bindings (GST_OBJECT (self));
  if (self->moves)
    gst_dmix_curves_sample (GST_OBJECT (self), properties,
        GST_DMIX_POSITION_PROPERTIES,
        gst_dmix_settings_get_current (&self->settings), sizeof *self->row,
        time, points, self->row);
}

void
gst_dmix_pan_pad_move (GstDmixPanPad *self, guint point)
{
  DmixPanParams params;

  gst_dmix_position_to_params (self->moves
          ? &self->row[point]
          : gst_dmix_settings_get_current (&self->settings),
      FALSE, &params);
  dmix_panobject_set_params (self->object, &params);
}

/*** layouts ***/

/* The base class wants buffers in the layout of the src pad (else it cannot
 * change that layout while playing), but each sound keeps its own layout. So it
 * gets a carrier: an unmappable buffer of the expected size with the original
 * as its parent. A half-used buffer comes here again, as a carrier, when the
 * layout changes. */
static GstBuffer *
gst_dmix_pan_pad_convert_buffer (GstAudioAggregatorPad *pad, GstAudioInfo *from,
    GstAudioInfo *to, GstBuffer *buffer)
{
  GstBuffer *sound = gst_dmix_pan_pad_carried (buffer);
  const gsize frames =
      gst_buffer_get_size (sound) / MAX (GST_AUDIO_INFO_BPF (&pad->info), 1);
  GstBuffer *carrier = gst_dmix_aggregator_pad_new_carrier (buffer,
      frames * GST_AUDIO_INFO_BPF (to));

  gst_buffer_add_parent_buffer_meta (carrier, sound);
  return carrier;
}

GstBuffer *
gst_dmix_pan_pad_carried (GstBuffer *buffer)
{
  return gst_dmix_aggregator_pad_is_carrier (buffer)
      ? gst_buffer_get_parent_buffer_meta (buffer)->buffer
      : buffer;
}

/*** object ***/

static void
gst_dmix_pan_pad_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  gst_dmix_settings_set (&GST_DMIX_PAN_PAD (object)->settings, id, value);
}

static void
gst_dmix_pan_pad_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  gst_dmix_settings_get (&GST_DMIX_PAN_PAD (object)->settings, id, value);
}

static void
gst_dmix_pan_pad_finalize (GObject *object)
{
  GstDmixPanPad *self = GST_DMIX_PAN_PAD (object);

  gst_dmix_pan_pad_forget_object (self);
  gst_dmix_settings_clear (&self->settings);
  g_free (self->block);
  G_OBJECT_CLASS (gst_dmix_pan_pad_parent_class)->finalize (object);
}

static void
gst_dmix_pan_pad_class_init (GstDmixPanPadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  gst_dmix_position_fill_table (properties, 0);
  object_class->set_property = gst_dmix_pan_pad_set_property;
  object_class->get_property = gst_dmix_pan_pad_get_property;
  object_class->finalize = gst_dmix_pan_pad_finalize;
  gst_dmix_properties_install (object_class, properties,
      GST_DMIX_POSITION_PROPERTIES);
  GST_AUDIO_AGGREGATOR_PAD_CLASS (klass)->convert_buffer =
      gst_dmix_pan_pad_convert_buffer;
}

static void
gst_dmix_pan_pad_init (GstDmixPanPad *self)
{
  gst_dmix_settings_init (&self->settings, self, properties,
      GST_DMIX_POSITION_PROPERTIES, &self->position, sizeof self->position);
  gst_audio_info_init (&self->info);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixSpace: properties and caps of the output of the spatial elements, and
 * the panner for them. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "pan/gstdmixspace.h"
#include "base/gstdmixlog.h"
#include "base/gstdmixenum.h"

#include "pan/ambisonic.h"

#include <string.h>

GST_DMIX_LOG_CATEGORY ("dmixspace", "output of the spatial elements");

/*** properties ***/

static const GEnumValue space_output_values[] = {
  { GST_DMIX_SPACE_AUTO,
      "Headphones if sofa-location is set, else loudspeakers", "auto" },
  { GST_DMIX_SPACE_SPEAKERS, "Loudspeakers", "speakers" },
  { GST_DMIX_SPACE_BINAURAL, "Headphones, through HRTFs", "binaural" },
  { GST_DMIX_SPACE_AMBISONIC, "Ambisonics (AmbiX: ACN, SN3D)", "ambisonic" },
  { 0, NULL, NULL },
};

GST_DMIX_DEFINE_ENUM (GstDmixSpaceOutput, gst_dmix_space_output,
    space_output_values)

/* 0 is auto; the named layouts of dsp/ follow. */
static const GEnumValue *
space_layout_values (void)
{
  static GEnumValue values[DMIX_NAMED_LAYOUTS + 2] = {
    { 0, "Layout of the caps downstream", "auto" },
  };

  for (gint i = 0; i < DMIX_NAMED_LAYOUTS; i++) {
    const gchar *name = dmix_named_layout[i].name;

    values[i + 1] = (GEnumValue){ i + 1, name, name };
  }
  return values;
}

GST_DMIX_DEFINE_ENUM (GstDmixSpaceLayout, gst_dmix_space_layout,
    space_layout_values ())

#define PLACE(field) G_STRUCT_OFFSET (GstDmixSpaceSettings, field)

static const GstDmixProperty properties[GST_DMIX_SPACE_PROPERTIES] = {
  { "output", "Output", "Kind of reproduction", GST_DMIX_ENUM, 0, 3,
      GST_DMIX_SPACE_AUTO, PLACE (output), GST_PARAM_MUTABLE_READY,
      gst_dmix_space_output_get_type },
  { "layout", "Layout",
      "Loudspeaker layout, instead of caps behind the element", GST_DMIX_ENUM,
      0, DMIX_NAMED_LAYOUTS, 0, PLACE (layout), GST_PARAM_MUTABLE_PLAYING,
      gst_dmix_space_layout_get_type },
  { "doppler", "Doppler",
      "Delay sounds by the time they travel from their distance, with Doppler "
      "effect",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (doppler), GST_PARAM_MUTABLE_READY,
      NULL },
  { "zero-latency", "Zero latency",
      "Binaural output without delay, at several times the cost",
      GST_DMIX_BOOLEAN, 0, 1, FALSE, PLACE (zero_latency),
      GST_PARAM_MUTABLE_READY, NULL },
  { "head-yaw", "Head yaw",
      "Rotation of the head to the left, in degrees (headphones only)",
      GST_DMIX_DOUBLE, -360, 360, 0, PLACE (head_yaw), GST_PARAM_CONTROLLABLE,
      NULL },
  { "head-pitch", "Head pitch",
      "Rotation of the head upwards, in degrees (headphones only)",
      GST_DMIX_DOUBLE, -180, 180, 0, PLACE (head_pitch), GST_PARAM_CONTROLLABLE,
      NULL },
  { "head-roll", "Head roll",
      "Tilt of the head to the right, in degrees (headphones only)",
      GST_DMIX_DOUBLE, -180, 180, 0, PLACE (head_roll), GST_PARAM_CONTROLLABLE,
      NULL },
};

void
gst_dmix_space_fill_table (GstDmixProperty *table, gsize offset)
{
  memcpy (table, properties, sizeof properties);
  for (guint i = 0; i < GST_DMIX_SPACE_PROPERTIES; i++)
    table[i].offset += offset;
}

void
gst_dmix_space_install (GObjectClass *klass, guint first_id)
{
  const GParamFlags flags =
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY;

  g_object_class_install_property (klass, first_id,
      g_param_spec_string ("sofa-location", "SOFA location",
          "SOFA file with HRTFs for headphones (NULL: MIT KEMAR, which comes "
          "with "
          "libmysofa)",
          NULL, flags));
  g_object_class_install_property (klass, first_id + 1,
      g_param_spec_string ("speaker-positions", "Speaker positions",
          "Angles of the loudspeakers, azimuth and elevation in degrees for "
          "each channel: \"30 0, -30 0, 0 0, lfe, 110 0, -110 0\"",
          NULL, flags));
  g_object_class_install_property (klass, first_id + 2,
      g_param_spec_int ("ambisonic-order", "Ambisonic order",
          "Ambisonic order: 4, 9 or 16 channels of output", 1,
          DMIX_AMBISONIC_MAX_ORDER, 1, flags));
}

static gboolean
may_change (GstDmixSpace *self, const gchar *name)
{
  gboolean may;

  GST_OBJECT_LOCK (self->element);
  may = MAX (GST_STATE (self->element), GST_STATE_NEXT (self->element))
      <= GST_STATE_READY;
  GST_OBJECT_UNLOCK (self->element);
  if (!may)
    GST_WARNING_OBJECT (self->element,
        "property '%s' keeps its value: it is fixed from PAUSED on, set the "
        "element to READY first",
        name);
  return may;
}

static void
replace_string (GstDmixSpace *self, const gchar *name, gchar **place,
    const GValue *value)
{
  const gchar *text = g_value_get_string (value);
  gchar *old, *new = g_strdup (text);

  GST_OBJECT_LOCK (self->element);
  old = *place;
  *place = new;
  GST_OBJECT_UNLOCK (self->element);
  GST_DEBUG_OBJECT (self->element, "property %s set to %s", name,
      GST_STR_NULL (text));
  g_free (old);
}

static gboolean
is_layout (const gchar *text)
{
  DmixLayout layout = { .channels = 0 };

  return text == NULL || *text == '\0' || dmix_layout_parse (&layout, text);
}

gboolean
gst_dmix_space_set (GstDmixSpace *self, guint number, const GValue *value)
{
  static const gchar *name[] = { "sofa-location", "speaker-positions",
    "ambisonic-order" };

  if (number >= G_N_ELEMENTS (name))
    return FALSE;
  if (!may_change (self, name[number]))
    return TRUE;
  if (number == 0) {
    replace_string (self, name[number], &self->sofa_location, value);
  } else if (number == 1 && !is_layout (g_value_get_string (value))) {
    GST_WARNING_OBJECT (self->element,
        "property 'speaker-positions' keeps its value: \"%s\" is not a list "
        "of azimuth and elevation, or lfe, with a comma between channels",
        g_value_get_string (value));
  } else if (number == 1) {
    replace_string (self, name[number], &self->speaker_positions, value);
  } else {
    GST_OBJECT_LOCK (self->element);
    self->ambisonic_order = g_value_get_int (value);
    GST_OBJECT_UNLOCK (self->element);
    GST_DEBUG_OBJECT (self->element, "property %s set to %d", name[number],
        g_value_get_int (value));
  }
  return TRUE;
}

gboolean
gst_dmix_space_get (GstDmixSpace *self, guint number, GValue *value)
{
  if (number > 2)
    return FALSE;
  GST_OBJECT_LOCK (self->element);
  if (number == 2)
    g_value_set_int (value, self->ambisonic_order);
  else
    g_value_set_string (value,
        number == 0 ? self->sofa_location : self->speaker_positions);
  GST_OBJECT_UNLOCK (self->element);
  return TRUE;
}

void
gst_dmix_space_init (GstDmixSpace *self, GstElement *element,
    const GstDmixSpaceSettings *settings)
{
  self->element = element;
  self->settings = settings;
  self->ambisonic_order = 1;
}

void
gst_dmix_space_clear (GstDmixSpace *self)
{
  gst_dmix_space_close (self);
  g_free (self->sofa_location);
  g_free (self->speaker_positions);
}

/*** configuration ***/

typedef struct
{
  DmixPanOutput kind;
  guint order;
  DmixLayout layout; /* 0 channels: any */
  gboolean has_angles, doppler, zero_latency;
} Wanted;

static DmixPanOutput
kind_of (gint output, gboolean has_sofa)
{
  switch (output) {
    case GST_DMIX_SPACE_BINAURAL:
      return DMIX_PAN_BINAURAL;
    case GST_DMIX_SPACE_AMBISONIC:
      return DMIX_PAN_AMBISONIC;
    case GST_DMIX_SPACE_AUTO:
      return has_sofa ? DMIX_PAN_BINAURAL : DMIX_PAN_SPEAKERS;
    default:
      return DMIX_PAN_SPEAKERS;
  }
}

static Wanted
wanted (GstDmixSpace *self)
{
  Wanted want = { .kind = DMIX_PAN_SPEAKERS };
  gint layout;

  GST_OBJECT_LOCK (self->element);
  layout = self->settings->layout;
  want.kind = kind_of (self->settings->output,
      self->sofa_location && *self->sofa_location);
  want.order = self->ambisonic_order;
  want.doppler = self->settings->doppler;
  want.zero_latency = self->settings->zero_latency;
  if (layout > 0)
    dmix_layout_from_name (&want.layout, dmix_named_layout[layout - 1].name);
  want.has_angles = self->speaker_positions && *self->speaker_positions
      && dmix_layout_parse (&want.layout, self->speaker_positions);
  GST_OBJECT_UNLOCK (self->element);
  return want;
}

gboolean
gst_dmix_space_open (GstDmixSpace *self)
{
  gchar *location;

  if (self->hrtf || wanted (self).kind != DMIX_PAN_BINAURAL)
    return TRUE;
  GST_OBJECT_LOCK (self->element);
  location = g_strdup (self->sofa_location);
  GST_OBJECT_UNLOCK (self->element);
  self->hrtf = gst_dmix_hrtf_acquire (self->element, location);
  g_free (location);
  return self->hrtf != NULL;
}

void
gst_dmix_space_close (GstDmixSpace *self)
{
  g_clear_pointer (&self->hrtf, gst_dmix_hrtf_release);
}

/*** caps ***/

GstCaps *
gst_dmix_space_restrict (GstDmixSpace *self, GstCaps *caps)
{
  const Wanted want = wanted (self);
  guint channels = want.layout.channels;
  guint64 mask = want.layout.mask;

  if (want.kind == DMIX_PAN_BINAURAL) {
    channels = 2;
    mask = 0x3;
  } else if (want.kind == DMIX_PAN_AMBISONIC) {
    channels = dmix_ambisonic_channels (want.order);
    mask = 0;
  }
  caps = gst_caps_make_writable (caps);
  for (guint i = 0; i < gst_caps_get_size (caps); i++) {
    GstStructure *s = gst_caps_get_structure (caps, i);

    gst_structure_remove_field (s, "channel-mask");
    if (channels == 0) {
      gst_structure_set (s, "channels", GST_TYPE_INT_RANGE, 1,
          (gint) DMIX_MAX_CHANNELS, NULL);
      continue;
    }
    gst_structure_set (s, "channels", G_TYPE_INT, (gint) channels, NULL);
    /* speaker-positions replace the channel-mask */
    if (channels > 1 && !(want.kind == DMIX_PAN_SPEAKERS && mask == 0))
      gst_structure_set (s, "channel-mask", GST_TYPE_BITMASK, mask, NULL);
  }
  return caps;
}

static guint64
usual_mask (gint channels)
{
  for (guint i = 0; i < DMIX_NAMED_LAYOUTS; i++)
    if ((gint) dmix_named_layout[i].channels == channels && channels != 8)
      return dmix_named_layout[i].mask;
  return channels == 8 ? G_GUINT64_CONSTANT (0xc3f)
                       : gst_audio_channel_get_fallback_mask (channels);
}

static guint64
mask_of (const GstAudioInfo *info)
{
  guint64 mask = 0;

  if (GST_AUDIO_INFO_IS_UNPOSITIONED (info)
      || GST_AUDIO_INFO_CHANNELS (info) < 2
      || !gst_audio_channel_positions_to_mask (info->position,
          GST_AUDIO_INFO_CHANNELS (info), FALSE, &mask))
    return 0;
  return mask;
}

GstCaps *
gst_dmix_space_fixate (GstDmixSpace *self, GstCaps *caps,
    const GstAudioInfo *like)
{
  /* a bed keeps its layout if downstream takes it; else stereo is preferred */
  const guint64 like_mask = like ? mask_of (like) : 0;
  const gint preferred = like_mask ? GST_AUDIO_INFO_CHANNELS (like) : 2;
  GstStructure *s;
  gint channels;

  caps = gst_caps_truncate (caps);
  caps = gst_caps_make_writable (caps);
  s = gst_caps_get_structure (caps, 0);
  gst_structure_fixate_field_nearest_int (s, "channels", preferred);
  gst_structure_get_int (s, "channels", &channels);
  if (channels > 1 && !gst_structure_has_field (s, "channel-mask"))
    gst_structure_set (s, "channel-mask", GST_TYPE_BITMASK,
        wanted (self).has_angles && wanted (self).layout.mask == 0 ? 0
            : like_mask && channels == preferred                   ? like_mask
                                                 : usual_mask (channels),
        NULL);
  return gst_caps_fixate (caps);
}

/*** processors ***/

static gboolean
find_speakers (GstDmixSpace *self, const GstAudioInfo *out, Wanted *want)
{
  const guint channels = GST_AUDIO_INFO_CHANNELS (out);

  if (want->has_angles && want->layout.channels == channels)
    return TRUE;
  if (want->has_angles) {
    GST_ELEMENT_ERROR (self->element, STREAM, FORMAT, (NULL),
        ("Property speaker-positions has %u channels, but pad 'src' has %u: "
         "give "
         "one position for each channel, or change the caps behind this "
         "element",
            want->layout.channels, channels));
    return FALSE;
  }
  if (dmix_layout_from_mask (&want->layout, channels, mask_of (out)))
    return TRUE;
  GST_ELEMENT_ERROR (self->element, STREAM, FORMAT, (NULL),
      ("The %u channels of pad 'src' have no positions: set property layout or "
       "speaker-positions, or put caps with a channel-mask behind this element",
          channels));
  return FALSE;
}

DmixPan *
gst_dmix_space_new_pan (GstDmixSpace *self, const GstAudioInfo *out,
    DmixPan *old)
{
  Wanted want = wanted (self);
  DmixPanFormat format = {
    .rate_hz = GST_AUDIO_INFO_RATE (out),
    .output = want.kind,
    .layout = &want.layout,
    .hrtf = self->hrtf ? gst_dmix_hrtf_get (self->hrtf) : NULL,
    .ambisonic_order = want.order,
    .zero_latency = want.zero_latency,
    .doppler = want.doppler,
  };
  DmixPan *pan;

  if (want.kind == DMIX_PAN_SPEAKERS && !find_speakers (self, out, &want)) {
    dmix_pan_free (old);
    return NULL;
  }
  pan = dmix_pan_renew (old, &format);
  if (!pan
      || dmix_pan_channels (pan) != (guint) GST_AUDIO_INFO_CHANNELS (out)) {
    dmix_pan_free (pan);
    GST_ELEMENT_ERROR (self->element, RESOURCE, NO_SPACE_LEFT, (NULL),
        ("No memory for a panner of %d channels at %d Hz on pad 'src': use a "
         "lower rate, "
         "or "
         "set property sofa-location to a file with shorter responses",
            GST_AUDIO_INFO_CHANNELS (out), GST_AUDIO_INFO_RATE (out)));
    return NULL;
  }
  GST_DEBUG_OBJECT (self->element,
      "panner for %s: %d channels at %d Hz, latency %u frames",
      want.kind == DMIX_PAN_BINAURAL        ? "headphones"
          : want.kind == DMIX_PAN_AMBISONIC ? "Ambisonics"
                                            : "loudspeakers",
      GST_AUDIO_INFO_CHANNELS (out), GST_AUDIO_INFO_RATE (out),
      dmix_pan_latency_frames (pan));
  return pan;
}

void
gst_dmix_space_set_head (const GstDmixSpaceSettings *settings, DmixPan *pan)
{
  const DmixPanHead head = {
    settings->head_yaw,
    settings->head_pitch,
    settings->head_roll,
  };

  dmix_pan_set_head (pan, &head);
}

void
gst_dmix_space_input_layout (const GstAudioInfo *in, DmixLayout *layout)
{
  const guint channels = GST_AUDIO_INFO_CHANNELS (in);

  if (dmix_layout_from_mask (layout, channels, mask_of (in)))
    return;
  memset (layout, 0, sizeof *layout);
  layout->channels = channels;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinPad: properties of a sink pad of dmixbin. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinpad.h"

#define PLACE(field) G_STRUCT_OFFSET (GstDmixBinPadValues, field)

static const GstDmixProperty properties[] = {
  { "gain", "Gain", "Gain of the sound, in dB (-120: silence)", GST_DMIX_DOUBLE,
      GST_DMIX_BIN_SILENCE_DB, 24, 0, PLACE (gain), GST_PARAM_CONTROLLABLE,
      NULL, NULL },
  { "mute", "Mute", "Leave the sound out of the mix", GST_DMIX_BOOLEAN, 0, 1, 0,
      PLACE (mute), GST_PARAM_CONTROLLABLE, NULL, NULL },
  { "solo", "Solo", "Mix only the pads for which this is TRUE",
      GST_DMIX_BOOLEAN, 0, 1, 0, PLACE (solo), GST_PARAM_MUTABLE_PLAYING, NULL,
      NULL },
  { "pan", "Pan",
      "Horizontal angle, positive to the left, in degrees (0 without a layout: "
      "as it is)",
      GST_DMIX_DOUBLE, -360, 360, 0, PLACE (pan), GST_PARAM_CONTROLLABLE, NULL,
      NULL },
  { "denoise", "Noise reduction", "Reduction of noise, in dB (0: none)",
      GST_DMIX_DOUBLE, 0, 40, GST_DMIX_BIN_NONE, PLACE (denoise),
      GST_PARAM_CONTROLLABLE, NULL, NULL },
  { "steady", "Steadiness",
      "Largest reduction of the level by a compressor, in dB (0: none)",
      GST_DMIX_DOUBLE, 0, 60, GST_DMIX_BIN_NONE, PLACE (steady),
      GST_PARAM_CONTROLLABLE, NULL, NULL },
  { "start", "Start", "Time at which the sound begins in the mix, in ns",
      GST_DMIX_TIME, 0, (gdouble) (24 * 3600 * GST_SECOND), 0, PLACE (start),
      GST_PARAM_MUTABLE_PLAYING, NULL, NULL },
};

G_DEFINE_FINAL_TYPE (GstDmixBinPad, gst_dmix_bin_pad, GST_TYPE_GHOST_PAD)

static guint changed_signal;

GstDmixBinPad *
gst_dmix_bin_pad_new (const gchar *name, GstPadTemplate *template)
{
  return g_object_new (GST_TYPE_DMIX_BIN_PAD, "name", name, "direction",
      GST_PAD_SINK, "template", template, NULL);
}

GstDmixBinPadValues
gst_dmix_bin_pad_get_values (GstDmixBinPad *self)
{
  GstDmixBinPadValues values;

  GST_OBJECT_LOCK (self);
  values = self->values;
  GST_OBJECT_UNLOCK (self);
  return values;
}

/* The faders take these by themselves. */
static gboolean
is_faded (GParamSpec *spec)
{
  return g_str_equal (spec->name, "gain") || g_str_equal (spec->name, "mute");
}

static void
gst_dmix_bin_pad_set_property (GObject *object, guint id, const GValue *value,
    GParamSpec *spec)
{
  GstDmixBinPad *self = GST_DMIX_BIN_PAD (object);

  if (gst_dmix_settings_set (&self->settings, id, value) && !is_faded (spec))
    g_signal_emit (self, changed_signal, 0);
}

static void
gst_dmix_bin_pad_get_property (GObject *object, guint id, GValue *value,
    GParamSpec *spec)
{
  gst_dmix_settings_get (&GST_DMIX_BIN_PAD (object)->settings, id, value);
}

static void
gst_dmix_bin_pad_finalize (GObject *object)
{
  gst_dmix_settings_clear (&GST_DMIX_BIN_PAD (object)->settings);
  G_OBJECT_CLASS (gst_dmix_bin_pad_parent_class)->finalize (object);
}

static void
gst_dmix_bin_pad_class_init (GstDmixBinPadClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = gst_dmix_bin_pad_set_property;
  object_class->get_property = gst_dmix_bin_pad_get_property;
  object_class->finalize = gst_dmix_bin_pad_finalize;
  gst_dmix_properties_install (object_class, properties,
      G_N_ELEMENTS (properties));
  changed_signal = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gst_dmix_bin_pad_init (GstDmixBinPad *self)
{
  gst_dmix_settings_init (&self->settings, self, properties,
      G_N_ELEMENTS (properties), &self->values, sizeof self->values);
}

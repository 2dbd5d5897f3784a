/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* From the properties of dmixbin and its pads to the elements inside. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinsetup.h"

static void
set_messages (GstElement *element, const GstDmixBinValues *v, gboolean wanted)
{
  g_object_set (element, "post-messages", wanted && v->messages.post,
      "interval", v->messages.length, NULL);
}

static void
set_leveller (GstElement *level, const GstDmixBinValues *v, gdouble target,
    const gchar *anchor)
{
  g_object_set (level, "target", target, "max-gain", v->max_gain, "max-cut",
      v->max_cut, NULL);
  gst_util_set_object_arg (G_OBJECT (level), "anchor", anchor);
  if (GST_STATE (level) <= GST_STATE_READY)
    g_object_set (level, "lookahead", v->lookahead, NULL);
}

/* What stands in front of the ducker for a sound, and how it is set. */
static void
set_up_strip (const GstDmixBinValues *v, GstDmixBinStrip *strip)
{
  GstDmixBinPad *pad = gst_dmix_bin_strip_get_pad (strip);
  const GstDmixBinPadValues p = gst_dmix_bin_pad_get_values (pad);
  const gboolean dialogue = gst_dmix_bin_strip_is_dialogue (strip);
  const gboolean wanted[GST_DMIX_BIN_SLOTS] = {
    [GST_DMIX_BIN_CONVERT] = TRUE,
    [GST_DMIX_BIN_RESAMPLE] = TRUE,
    [GST_DMIX_BIN_METER] = v->analyse,
    [GST_DMIX_BIN_DENOISE] =
        p.denoise > GST_DMIX_BIN_NONE || (v->analyse && dialogue),
    [GST_DMIX_BIN_LEVEL] = dialogue && !v->analyse
        && v->voices<GST_DMIX_BIN_NO_LOUDNESS, [GST_DMIX_BIN_STEADY] = p.steady>
               GST_DMIX_BIN_NONE,
    [GST_DMIX_BIN_PAN] = p.pan != 0.0 || v->layout != GST_DMIX_BIN_LAYOUT_AUTO,
  };
  GstElement *element[GST_DMIX_BIN_SLOTS];

  for (guint i = 0; i < GST_DMIX_BIN_SLOTS; i++) {
    if (!wanted[i])
      gst_dmix_bin_strip_drop (strip, i);
    element[i] = wanted[i] ? gst_dmix_bin_strip_need (strip, i)
                           : gst_dmix_bin_strip_get (strip, i);
  }
  if (element[GST_DMIX_BIN_METER])
    set_messages (element[GST_DMIX_BIN_METER], v, TRUE);
  if (element[GST_DMIX_BIN_DENOISE]) {
    g_object_set (element[GST_DMIX_BIN_DENOISE], "reduction", p.denoise, NULL);
    set_messages (element[GST_DMIX_BIN_DENOISE], v, v->analyse);
  }
  if (element[GST_DMIX_BIN_LEVEL]) {
    set_leveller (element[GST_DMIX_BIN_LEVEL], v, v->voices, "dialogue");
    set_messages (element[GST_DMIX_BIN_LEVEL], v, FALSE);
  }
  if (element[GST_DMIX_BIN_STEADY]) {
    g_object_set (element[GST_DMIX_BIN_STEADY], "range", p.steady, NULL);
    set_messages (element[GST_DMIX_BIN_STEADY], v, FALSE);
  }
  if (element[GST_DMIX_BIN_PAN])
    g_object_set (element[GST_DMIX_BIN_PAN], "azimuth", p.pan, NULL);
  gst_dmix_bin_strip_set_start (strip, p.start);
}

/* In READY: the kind of reproduction, which is fixed later. */
static void
set_up_pan (const GstDmixBinValues *v, GstDmixBinStrip *strip)
{
  GstElement *pan = gst_dmix_bin_strip_get (strip, GST_DMIX_BIN_PAN);
  const gint layout = v->layout;

  if (!pan || GST_STATE (pan) > GST_STATE_READY)
    return;
  if (layout == GST_DMIX_BIN_LAYOUT_BINAURAL) {
    gst_util_set_object_arg (G_OBJECT (pan), "output", "binaural");
  } else {
    GEnumClass *names = g_type_class_ref (gst_dmix_bin_layout_get_type ());

    gst_util_set_object_arg (G_OBJECT (pan), "output", "auto");
    gst_util_set_object_arg (G_OBJECT (pan), "layout",
        g_enum_get_value (names, layout)->value_nick);
    g_type_class_unref (names);
  }
}

/* New presets of the compressor would overwrite what an application has set: they
 * are loaded once, when it joins the chain. */
static void
load_steady (GstDmixBinStrip *strip)
{
  GstElement *steady = gst_dmix_bin_strip_get (strip, GST_DMIX_BIN_STEADY);

  if (steady)
    gst_preset_load_preset (GST_PRESET (steady),
        gst_dmix_bin_strip_is_dialogue (strip) ? "dialogue-leveller"
                                               : "ambience-bed");
}

void
gst_dmix_bin_set_up_solo (GList *strips)
{
  gboolean any = FALSE;

  for (GList *item = strips; item; item = item->next)
    any |= gst_dmix_bin_pad_get_values (gst_dmix_bin_strip_get_pad (item->data))
               .solo;
  for (GList *item = strips; item; item = item->next) {
    GstDmixBinPad *pad = gst_dmix_bin_strip_get_pad (item->data);

    gst_dmix_bin_strip_silence (item->data,
        any && !gst_dmix_bin_pad_get_values (pad).solo);
  }
}

void
gst_dmix_bin_set_up_ducker (GstElement *ducker, const GstDmixBinValues *v)
{
  g_object_set (ducker, "target", v->target, "bypass",
      v->analyse || v->target == 0.0, NULL);
  if (GST_STATE (ducker) <= GST_STATE_READY)
    g_object_set (ducker, "meter", v->meter || v->analyse, NULL);
  set_messages (ducker, v, TRUE);
}

void
gst_dmix_bin_set_up_output (GstDmixBinOutput *self, const GstDmixBinValues *v)
{
  const gboolean level = !v->analyse && v->loudness < GST_DMIX_BIN_NO_LOUDNESS;
  const gboolean wanted[GST_DMIX_BIN_STAGES] = {
    [GST_DMIX_BIN_LEVELLER] = level,
    [GST_DMIX_BIN_LIMITER] =
        !level && !v->analyse && v->ceiling < GST_DMIX_BIN_NO_CEILING,
    [GST_DMIX_BIN_MIX_METER] = v->meter || v->analyse,
  };
  GstElement **stage = self->stage;

  if (GST_STATE (self->bin) <= GST_STATE_READY)
    gst_dmix_bin_output_build (self, wanted);
  if (stage[GST_DMIX_BIN_LEVELLER]) {
    set_leveller (stage[GST_DMIX_BIN_LEVELLER], v, v->loudness, "programme");
    g_object_set (stage[GST_DMIX_BIN_LEVELLER], "ceiling", v->ceiling, NULL);
    set_messages (stage[GST_DMIX_BIN_LEVELLER], v, TRUE);
  }
  if (stage[GST_DMIX_BIN_LIMITER]) {
    gst_preset_load_preset (GST_PRESET (stage[GST_DMIX_BIN_LIMITER]),
        "broadcast-limiter");
    g_object_set (stage[GST_DMIX_BIN_LIMITER], "ceiling", v->ceiling, NULL);
    set_messages (stage[GST_DMIX_BIN_LIMITER], v, FALSE);
  }
  if (stage[GST_DMIX_BIN_MIX_METER]) {
    g_object_set (stage[GST_DMIX_BIN_MIX_METER], "specification",
        v->specification, NULL);
    set_messages (stage[GST_DMIX_BIN_MIX_METER], v, TRUE);
  }
}

void
gst_dmix_bin_set_up_strip (const GstDmixBinValues *v, GstDmixBinStrip *strip)
{
  const gboolean steady =
      gst_dmix_bin_strip_get (strip, GST_DMIX_BIN_STEADY) != NULL;

  set_up_strip (v, strip);
  set_up_pan (v, strip);
  if (!steady) {
    load_steady (strip);
    set_up_strip (v, strip);
  }
}

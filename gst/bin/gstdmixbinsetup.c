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

/* The kind of reproduction, which is fixed from PAUSED on. */
static void
set_space (GstElement *pan, gint layout)
{
  GEnumClass *names = g_type_class_ref (gst_dmix_bin_layout_get_type ());
  const gchar *name = g_enum_get_value (names, layout)->value_nick;
  const gboolean binaural = layout == GST_DMIX_BIN_LAYOUT_BINAURAL;

  gst_util_set_object_arg (G_OBJECT (pan), "output",
      binaural ? "binaural" : "auto");
  gst_util_set_object_arg (G_OBJECT (pan), "layout", binaural ? "auto" : name);
  g_type_class_unref (names);
}

static GstPadProbeReturn
open_range (GstPad *src, GstPadProbeInfo *info, gpointer strip)
{
  GstDmixBinPad *pad = gst_dmix_bin_strip_get_pad (strip);
  GstElement *steady = gst_pad_get_parent_element (src);

  if (steady)
    g_object_set (steady, "range", gst_dmix_bin_pad_get_values (pad).steady,
        NULL);
  gst_clear_object (&steady);
  gst_dmix_bin_strip_open_makeup (strip);
  return GST_PAD_PROBE_REMOVE;
}

/* A compressor that joins while the sound plays begins with no gain, for it would
 * start at its full reduction and makeup. Its first buffer opens the range, which
 * glides, and the makeup, which does not in dmixcomp: the fader behind it has it
 * then. */
static void
join_softly (GstElement *steady, GstDmixBinStrip *strip)
{
  GstPad *src = gst_element_get_static_pad (steady, "src");
  gdouble makeup;

  g_object_get (steady, "makeup", &makeup, NULL);
  g_object_set (steady, "range", 0.0, "makeup", 0.0, NULL);
  gst_dmix_bin_strip_set_makeup (strip, makeup);
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, open_range,
      gst_dmix_bin_strip_ref (strip), gst_dmix_bin_strip_unref);
  gst_object_unref (src);
}

/* From READY on the compressor has its makeup itself. */
static void
take_makeup (GstElement *steady, GstDmixBinStrip *strip)
{
  const gdouble moved = gst_dmix_bin_strip_set_makeup (strip, 0.0);
  gdouble makeup;

  if (moved == 0.0)
    return;
  g_object_get (steady, "makeup", &makeup, NULL);
  g_object_set (steady, "makeup", makeup + moved, NULL);
}

static void
set_steady (GstElement *steady, GstDmixBinStrip *strip, gboolean is_new,
    gboolean playing)
{
  GstDmixBinPad *pad = gst_dmix_bin_strip_get_pad (strip);

  if (is_new)
    gst_preset_load_preset (GST_PRESET (steady),
        gst_dmix_bin_strip_is_dialogue (strip) ? "dialogue-leveller"
                                               : "ambience-bed");
  g_object_set (steady, "range", gst_dmix_bin_pad_get_values (pad).steady,
      NULL);
  if (is_new && playing)
    join_softly (steady, strip);
  else if (!playing)
    take_makeup (steady, strip);
}

/* Sets an element of the strip; is_new: it is not in the chain yet. */
static void
set_up_slot (GstDmixBinStrip *strip, GstDmixBinSlot slot, GstElement *element,
    gboolean is_new, gconstpointer values)
{
  const GstDmixBinValues *v = values;
  GstDmixBinPad *pad = gst_dmix_bin_strip_get_pad (strip);
  const GstDmixBinPadValues p = gst_dmix_bin_pad_get_values (pad);

  switch (slot) {
    case GST_DMIX_BIN_METER:
      set_messages (element, v, TRUE);
      break;
    case GST_DMIX_BIN_DENOISE:
      g_object_set (element, "reduction", p.denoise, NULL);
      set_messages (element, v, v->analyse);
      break;
    case GST_DMIX_BIN_LEVEL:
      set_leveller (element, v, v->voices, "dialogue");
      set_messages (element, v, FALSE);
      break;
    case GST_DMIX_BIN_STEADY:
      set_steady (element, strip, is_new,
          gst_dmix_bin_strip_is_flowing (strip));
      set_messages (element, v, FALSE);
      break;
    case GST_DMIX_BIN_PAN:
      g_object_set (element, "azimuth", p.pan, NULL);
      set_messages (element, v, FALSE);
      if (GST_STATE (element) <= GST_STATE_READY)
        set_space (element, v->layout);
      break;
    default:
      break;
  }
}

gboolean
gst_dmix_bin_set_up_strip (const GstDmixBinValues *v, GstDmixBinStrip *strip)
{
  const GstDmixBinPadValues p =
      gst_dmix_bin_pad_get_values (gst_dmix_bin_strip_get_pad (strip));
  const gboolean dialogue = gst_dmix_bin_strip_is_dialogue (strip);
  gboolean wanted[GST_DMIX_BIN_SLOTS] = { FALSE }, added = FALSE;

  wanted[GST_DMIX_BIN_CONVERT] = wanted[GST_DMIX_BIN_RESAMPLE] = TRUE;
  wanted[GST_DMIX_BIN_METER] = v->analyse;
  wanted[GST_DMIX_BIN_DENOISE] =
      p.denoise > GST_DMIX_BIN_NONE || (v->analyse && dialogue);
  wanted[GST_DMIX_BIN_LEVEL] =
      dialogue && !v->analyse && v->voices < GST_DMIX_BIN_NO_LOUDNESS;
  wanted[GST_DMIX_BIN_STEADY] = p.steady > GST_DMIX_BIN_NONE;
  wanted[GST_DMIX_BIN_PAN] =
      p.pan != 0.0 || v->layout != GST_DMIX_BIN_LAYOUT_AUTO;

  for (guint i = 0; i < GST_DMIX_BIN_SLOTS; i++) {
    GstElement *element;

    if (!wanted[i])
      gst_dmix_bin_strip_drop (strip, i);
    element = gst_dmix_bin_strip_get (strip, i);
    if (element)
      set_up_slot (strip, i, element, FALSE, v);
    else if (wanted[i])
      gst_dmix_bin_strip_add (strip, i, set_up_slot, v);
    added |= !element && wanted[i];
  }
  gst_dmix_bin_strip_set_start (strip, p.start);
  return added;
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

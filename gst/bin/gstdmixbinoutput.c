/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinOutput: the chain from the ducker to the src pad of dmixbin. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinoutput.h"
#include "base/gstdmixlog.h"
#include "bin/gstdmixbinlinks.h"

GST_DMIX_LOG_CATEGORY ("dmixbinoutput", "chain behind the ducker of dmixbin");

static const struct
{
  const gchar *factory, *name;
} stages[GST_DMIX_BIN_STAGES] = {
  [GST_DMIX_BIN_LEVELLER] = { "dmixlevel", "level" },
  [GST_DMIX_BIN_LIMITER] = { "dmixcomp", "limiter" },
  [GST_DMIX_BIN_MIX_METER] = { "dmixmeter", "meter" },
};

static void
aim (GstDmixBinOutput *self, GstElement *last)
{
  GstPad *pad = gst_element_get_static_pad (last, "src");

  gst_ghost_pad_set_target (GST_GHOST_PAD (self->src), pad);
  gst_object_unref (pad);
}

void
gst_dmix_bin_output_clear (GstDmixBinOutput *self)
{
  if (self->tap)
    g_object_remove_weak_pointer (G_OBJECT (self->tap),
        (gpointer *) &self->tap);
}

void
gst_dmix_bin_output_init (GstDmixBinOutput *self, GstBin *bin,
    GstElement *ducker, GstPad *src)
{
  self->bin = bin;
  self->ducker = ducker;
  self->src = src;
  if (ducker)
    aim (self, ducker);
}

static gboolean
set_stage (GstDmixBinOutput *self, GstDmixBinStage stage, gboolean wanted)
{
  GstElement **place = &self->stage[stage];

  if (!wanted && *place) {
    gst_element_set_state (*place, GST_STATE_NULL);
    gst_bin_remove (self->bin, *place);
    *place = NULL;
  } else if (wanted && !*place) {
    *place =
        gst_element_factory_make (stages[stage].factory, stages[stage].name);
    if (!*place || !gst_bin_add (self->bin, *place)) {
      GST_ELEMENT_ERROR (self->bin, CORE, MISSING_PLUGIN, (NULL),
          ("There is no element '%s': check GST_PLUGIN_PATH",
              stages[stage].factory));
      return FALSE;
    }
    gst_element_sync_state_with_parent (*place);
  }
  return TRUE;
}

gboolean
gst_dmix_bin_output_build (GstDmixBinOutput *self,
    const gboolean wanted[GST_DMIX_BIN_STAGES])
{
  GstElement *const first = self->tap ? GST_ELEMENT (self->tap) : self->ducker;
  GstElement *last = first;
  gboolean same = TRUE;

  for (guint i = 0; i < GST_DMIX_BIN_STAGES; i++)
    same &= !wanted[i] == !self->stage[i];
  if (same)
    return TRUE;
  gst_ghost_pad_set_target (GST_GHOST_PAD (self->src), NULL);
  for (guint i = 0; i < GST_DMIX_BIN_STAGES; i++)
    if (self->stage[i]) {
      gst_element_unlink (last, self->stage[i]);
      last = self->stage[i];
    }
  last = first;
  for (guint i = 0; i < GST_DMIX_BIN_STAGES; i++) {
    if (!set_stage (self, i, wanted[i]))
      return FALSE;
    if (self->stage[i]) {
      gst_element_link (last, self->stage[i]);
      last = self->stage[i];
    }
  }
  aim (self, last);
  GST_DEBUG_OBJECT (self->bin, "the mix leaves through %s",
      GST_ELEMENT_NAME (last));
  return TRUE;
}

/*** stems ***/

/* Nothing passes the src pad of the ducker now. */
static GstPadProbeReturn
insert_tap (GstPad *src, GstPadProbeInfo *info, gpointer data)
{
  GstDmixBinOutput *self = data;
  GstElement *tap = GST_ELEMENT (self->tap), *next = NULL;
  GstPad *sink = gst_element_get_static_pad (tap, "sink");

  for (guint i = GST_DMIX_BIN_STAGES; i-- > 0;)
    next = self->stage[i] ? self->stage[i] : next;
  if (next) {
    gst_element_unlink (self->ducker, next);
    gst_element_link_pads_full (tap, "src", next, "sink",
        GST_PAD_LINK_CHECK_NOTHING);
  } else {
    aim (self, tap);
  }
  gst_dmix_bin_links_join (src, sink);
  gst_object_unref (sink);
  return GST_PAD_PROBE_REMOVE;
}

static void
add_tap (GstDmixBinOutput *self)
{
  GstPad *src = gst_element_get_static_pad (self->ducker, "src");

  self->tap = g_object_new (GST_TYPE_DMIX_BIN_TAP, "name", "stems", NULL);
  g_object_add_weak_pointer (G_OBJECT (self->tap), (gpointer *) &self->tap);
  gst_bin_add (self->bin, GST_ELEMENT (self->tap));
  gst_element_sync_state_with_parent (GST_ELEMENT (self->tap));
  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_IDLE, insert_tap, self, NULL);
  gst_object_unref (src);
}

GstPad *
gst_dmix_bin_output_add_stem (GstDmixBinOutput *self, const gchar *name)
{
  if (!self->tap)
    add_tap (self);
  return gst_dmix_bin_tap_add (self->tap, name);
}

void
gst_dmix_bin_output_remove_stem (GstDmixBinOutput *self, const gchar *name)
{
  if (self->tap) /* not while the bin is disposed of */
    gst_dmix_bin_tap_remove (self->tap, name);
}

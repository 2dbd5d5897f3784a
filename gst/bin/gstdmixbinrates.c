/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: before a CAPS event passes, the ducker is asked, as a resampler would ask it:
 * it lets other pads wait for the leading one (gstdmixformats.h). If it does not take
 * the rate, the resampler joins. If another pad came between, the event is sent once
 * more, before upstream knows. The ducker keeps its rate while it has pads, so that
 * nobody has to be asked again. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinrates.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixbinrates", "sample rates of dmixbin's inputs");

#define KEY "dmix-bin-strip"

static gpointer
take_reference (gpointer strip, gpointer data)
{
  return strip ? gst_dmix_bin_strip_ref (strip) : NULL;
}

/* The strip of a pad, if it has no resampler; referenced. */
static GstDmixBinStrip *
strip_without (GstPad *pad)
{
  GstDmixBinStrip *strip =
      g_object_dup_data (G_OBJECT (pad), KEY, take_reference, NULL);

  if (strip && gst_dmix_bin_strip_get (strip, GST_DMIX_BIN_RESAMPLE))
    g_clear_pointer (&strip, gst_dmix_bin_strip_unref);
  return strip;
}

/* Without a resampler these caps cannot reach the ducker. */
static gboolean
is_refused (GstPad *pad, GstCaps *caps)
{
  GstPad *target = gst_ghost_pad_get_target (GST_GHOST_PAD (pad));
  GstCaps *possible;
  gboolean refused;

  if (!target)
    return FALSE;
  possible = gst_pad_query_caps (target, caps);
  refused = gst_caps_is_empty (possible);
  gst_caps_unref (possible);
  gst_object_unref (target);
  return refused;
}

static void
leave_as_made (GstDmixBinStrip *strip, GstDmixBinSlot slot, GstElement *element,
    gboolean is_new, gconstpointer data)
{
}

static void
add_resampler (GstDmixBinStrip *strip)
{
  gst_dmix_bin_strip_add (strip, GST_DMIX_BIN_RESAMPLE, leave_as_made, NULL);
}

static gboolean
take_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  GstDmixBinStrip *strip = NULL;
  GstCaps *caps;
  gboolean taken;

  if (GST_EVENT_TYPE (event) == GST_EVENT_CAPS)
    strip = strip_without (pad);
  if (!strip)
    return gst_pad_event_default (pad, parent, event);
  gst_event_parse_caps (event, &caps);
  if (is_refused (pad, caps))
    add_resampler (strip);
  taken = gst_pad_event_default (pad, parent, gst_event_ref (event));
  if (!gst_dmix_bin_strip_get (strip, GST_DMIX_BIN_RESAMPLE)
      && is_refused (pad, caps)) {
    GST_DEBUG_OBJECT (pad, "another pad was first: again with a resampler");
    add_resampler (strip);
    taken = gst_pad_event_default (pad, parent, gst_event_copy (event));
  }
  gst_event_unref (event);
  gst_dmix_bin_strip_unref (strip);
  return taken;
}

/* The same at all rates. */
static GstCaps *
at_any_rate (GstCaps *caps)
{
  caps = gst_caps_make_writable (caps);
  for (guint i = 0; i < gst_caps_get_size (caps); i++)
    gst_structure_set (gst_caps_get_structure (caps, i), "rate",
        GST_TYPE_INT_RANGE, 1, G_MAXINT, NULL);
  return caps;
}

static void
answer_caps (GstPad *pad, GstObject *parent, GstQuery *query)
{
  GstQuery *open = gst_query_new_caps (NULL);
  GstCaps *filter, *caps = NULL;

  gst_query_parse_caps (query, &filter);
  if (gst_pad_query_default (pad, parent, open))
    gst_query_parse_caps_result (open, &caps);
  caps = caps ? at_any_rate (gst_caps_copy (caps)) : gst_caps_new_empty ();
  if (filter) {
    GstCaps *both =
        gst_caps_intersect_full (filter, caps, GST_CAPS_INTERSECT_FIRST);

    gst_caps_unref (caps);
    caps = both;
  }
  gst_query_set_caps_result (query, caps);
  gst_caps_unref (caps);
  gst_query_unref (open);
}

static gboolean
answer (GstPad *pad, GstObject *parent, GstQuery *query)
{
  const GstQueryType type = GST_QUERY_TYPE (query);
  GstDmixBinStrip *strip = NULL;
  GstCaps *asked, *known;

  if (type == GST_QUERY_CAPS || type == GST_QUERY_ACCEPT_CAPS)
    strip = strip_without (pad);
  if (!strip)
    return gst_pad_query_default (pad, parent, query);
  gst_dmix_bin_strip_unref (strip);
  if (type == GST_QUERY_CAPS) {
    answer_caps (pad, parent, query);
    return TRUE;
  }
  gst_query_parse_accept_caps (query, &asked);
  known = gst_pad_query_caps (pad, NULL);
  gst_query_set_accept_caps_result (query, gst_caps_is_subset (asked, known));
  gst_caps_unref (known);
  return TRUE;
}

void
gst_dmix_bin_rates_watch (GstDmixBinStrip *strip)
{
  GstPad *pad = GST_PAD (gst_dmix_bin_strip_get_pad (strip));

  g_object_set_data_full (G_OBJECT (pad), KEY, gst_dmix_bin_strip_ref (strip),
      gst_dmix_bin_strip_unref);
  gst_pad_set_event_function (pad, take_event);
  gst_pad_set_query_function (pad, answer);
}

void
gst_dmix_bin_rates_leave (GstDmixBinStrip *strip)
{
  g_object_set_data (G_OBJECT (gst_dmix_bin_strip_get_pad (strip)), KEY, NULL);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/plaintext.h"

#include <string.h>

static void
append_text (GMarkupParseContext *context, const gchar *text, gsize bytes,
    gpointer data, GError **error)
{
  g_string_append_len (data, text, (gssize) bytes);
}

/* The text without its tags; text that is no markup stays as it is. */
static gchar *
strip (const gchar *markup, gsize bytes)
{
  const GMarkupParser parser = { .text = append_text };
  GString *text = g_string_new (NULL);
  GMarkupParseContext *context =
      g_markup_parse_context_new (&parser, 0, text, NULL);
  const gboolean good = g_markup_parse_context_parse (context, "<t>", 3, NULL)
      && g_markup_parse_context_parse (context, markup, (gssize) bytes, NULL)
      && g_markup_parse_context_parse (context, "</t>", 4, NULL);

  g_markup_parse_context_free (context);
  if (!good) {
    g_string_truncate (text, 0);
    g_string_append_len (text, markup, (gssize) bytes);
  }
  return g_string_free (text, FALSE);
}

static void
strip_buffer (GstPadProbeInfo *info)
{
  GstBuffer *old = GST_PAD_PROBE_INFO_BUFFER (info), *plain;
  GstMapInfo map;
  gchar *text;

  gst_buffer_map (old, &map, GST_MAP_READ);
  text = strip ((const gchar *) map.data,
      strnlen ((const gchar *) map.data, map.size));
  gst_buffer_unmap (old, &map);
  plain = gst_buffer_new_wrapped (text, strlen (text));
  gst_buffer_copy_into (plain, old,
      GST_BUFFER_COPY_TIMESTAMPS | GST_BUFFER_COPY_FLAGS, 0, -1);
  gst_buffer_unref (old);
  GST_PAD_PROBE_INFO_DATA (info) = plain;
}

static GstPadProbeReturn
on_text (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  GstEvent *event;
  GstCaps *caps;

  if (GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) {
    strip_buffer (info);
  } else if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info))
      == GST_EVENT_CAPS) {
    caps = gst_caps_new_simple ("text/x-raw", "format", G_TYPE_STRING, "utf8",
        NULL);
    event = gst_event_new_caps (caps);
    gst_event_set_seqnum (event,
        gst_event_get_seqnum (GST_PAD_PROBE_INFO_EVENT (info)));
    gst_event_unref (GST_PAD_PROBE_INFO_EVENT (info));
    GST_PAD_PROBE_INFO_DATA (info) = event;
    gst_caps_unref (caps);
  }
  return GST_PAD_PROBE_OK;
}

void
dmix_plaintext_attach (GstPad *pad, GstCaps *caps)
{
  const GstStructure *s = gst_caps_get_structure (caps, 0);

  if (gst_structure_has_name (s, "text/x-raw")
      && g_strcmp0 (gst_structure_get_string (s, "format"), "pango-markup")
          == 0)
    gst_pad_add_probe (pad,
        GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
        on_text, NULL, NULL);
}

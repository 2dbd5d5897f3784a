/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Upstream of a sink pad: goes from pad to pad until one has a task, as the src
 * pads of sources and queues and the sink pads of parsers that pull. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixupstream.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixupstream", "threads upstream of dmix elements");

#define MOST_PADS 256 /* against loops */

static GstTask *
task_of (GstPad *pad)
{
  GstTask *task;

  GST_OBJECT_LOCK (pad);
  task = GST_PAD_TASK (pad);
  if (task)
    gst_object_ref (task);
  GST_OBJECT_UNLOCK (pad);
  return task;
}

/* The first pad on the other side of an element, or of the border of a bin. */
static GstPad *
through (GstPad *pad)
{
  GstIterator *links = gst_pad_iterate_internal_links (pad);
  GValue value = G_VALUE_INIT;
  GstPad *found = NULL;

  if (!links)
    return NULL;
  if (gst_iterator_next (links, &value) == GST_ITERATOR_OK) {
    found = g_value_dup_object (&value);
    g_value_unset (&value);
  }
  gst_iterator_free (links);
  return found;
}

/* The task that pushes to a sink pad; NULL: none found. */
static GstTask *
pushing_task (GstPad *sink)
{
  GstPad *pad = gst_pad_get_peer (sink);
  GstTask *task = NULL;

  for (guint i = 0; i < MOST_PADS && pad && !(task = task_of (pad)); i++) {
    GstPad *next =
        GST_PAD_IS_SRC (pad) ? through (pad) : gst_pad_get_peer (pad);

    gst_object_unref (pad);
    pad = next;
  }
  gst_clear_object (&pad);
  return task;
}

gboolean
gst_dmix_upstream_is_apart (GstPad *one, GstPad *other)
{
  GstTask *a = pushing_task (one), *b = pushing_task (other);
  const gboolean apart = a && b && a != b;

  GST_DEBUG_OBJECT (one, "pushed by task %p, %" GST_PTR_FORMAT " by task %p",
      (gpointer) a, (gpointer) other, (gpointer) b);
  gst_clear_object (&a);
  gst_clear_object (&b);
  return apart;
}

gboolean
gst_dmix_upstream_is_live (GstPad *pad)
{
  GstQuery *query = gst_query_new_latency ();
  gboolean live = FALSE;

  if (gst_pad_peer_query (pad, query))
    gst_query_parse_latency (query, &live, NULL, NULL);
  gst_query_unref (query);
  return live;
}

static gint
first_rate (const GstCaps *caps)
{
  gint rate = 0;

  if (caps && !gst_caps_is_any (caps) && !gst_caps_is_empty (caps))
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "rate", &rate);
  return rate;
}

gboolean
gst_dmix_upstream_has_rate (const GstCaps *caps)
{
  return first_rate (caps) > 0;
}

/* What a src pad answers. Before a decoder are rates of what it decodes, which need
 * not be those of the sound: the filter lets raw audio through alone. */
static gint
rate_of (GstPad *src)
{
  GstCaps *filter = gst_caps_new_empty_simple ("audio/x-raw");
  GstCaps *caps = gst_pad_query_caps (src, filter);
  const gint rate = first_rate (caps);

  gst_caps_unref (filter);
  gst_caps_unref (caps);
  return rate;
}

/* The src pad of audioresample answers with its template (GStreamer 1.22). */
gint
gst_dmix_upstream_rate (GstPad *sink)
{
  GstPad *pad = gst_pad_get_peer (sink);
  gint rate = 0;

  for (guint i = 0; i < MOST_PADS && pad; i++) {
    GstPad *next;

    if (GST_PAD_IS_SRC (pad) && (rate = rate_of (pad)) > 0)
      break;
    next = GST_PAD_IS_SRC (pad) ? through (pad) : gst_pad_get_peer (pad);
    gst_object_unref (pad);
    pad = next;
  }
  gst_clear_object (&pad);
  return rate;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The first output waits until decodebins have added their pads, for two
 * reasons:
 *
 * - A request pad that is linked later would miss the start of its stream.
 * - GstBin (1.22) forgets that it is PLAYING, and then never forwards EOS, if
 *   the last element to reach PAUSED is no sink: the thread of that element
 *   posts STATE_CHANGED to PAUSED, the application sets PLAYING at once, and
 *   only then does the thread go on to note "not PLAYING yet". A sink holds a
 *   lock meanwhile that its change to PLAYING takes too. The sink is the last
 *   one if nothing reaches it before all others are in PAUSED.
 *
 * Which elements are not there yet the bin knows from their ASYNC_START
 * messages, which it keeps until ASYNC_DONE. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixstartup.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixstartup", "start of elements with several inputs");

#define LONGEST_WAIT_US (10 * G_TIME_SPAN_SECOND)
#define PAUSE_US 2000
#define MOST_ELEMENTS 64 /* one behind the other; against loops */

void
gst_dmix_startup_reset (GstDmixStartup *self)
{
  *self = (GstDmixStartup){ FALSE, 0 };
}

/* TRUE if the pad pushes to this element, or to one inside of it, directly or
 * through others. */
static gboolean
leads_to (GstPad *src, GstObject *element, guint depth)
{
  GstPad *peer = gst_pad_get_peer (src);
  GstIterator *links = NULL;
  GValue link = G_VALUE_INIT;
  gboolean found;

  if (!peer)
    return FALSE;
  found = gst_object_has_as_ancestor (GST_OBJECT (peer), element);
  if (!found && depth < MOST_ELEMENTS)
    links = gst_pad_iterate_internal_links (peer);
  while (
      links && !found && gst_iterator_next (links, &link) == GST_ITERATOR_OK) {
    found = leads_to (g_value_get_object (&link), element, depth + 1);
    g_value_unset (&link);
  }
  if (links)
    gst_iterator_free (links);
  gst_object_unref (peer);
  return found;
}

static gboolean
is_downstream (GstElement *element, GstObject *other)
{
  GstPad *src = gst_element_get_static_pad (element, "src");
  const gboolean found = src && leads_to (src, other, 0);

  gst_clear_object (&src);
  return found;
}

/* The message is about an element that has not reached PAUSED and is neither a
 * sink nor the bin with our element. */
static gboolean
is_from_late_element (GstMessage *message, GstBin *bin, GstObject *own)
{
  GstObject *src = GST_MESSAGE_SRC (message);

  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_ASYNC_START
      && GST_IS_ELEMENT (src) && src != own && src != GST_OBJECT (bin)
      && !GST_OBJECT_FLAG_IS_SET (src, GST_ELEMENT_FLAG_SINK);
}

/* The late children of the bin, referenced. */
static GList *
late_elements (GstBin *bin, GstObject *own)
{
  GList *late = NULL;

  GST_OBJECT_LOCK (bin);
  for (GList *item = bin->messages; item; item = item->next)
    if (is_from_late_element (item->data, bin, own))
      late =
          g_list_prepend (late, gst_object_ref (GST_MESSAGE_SRC (item->data)));
  GST_OBJECT_UNLOCK (bin);
  return late;
}

static gboolean
has_late_element (GstBin *bin, GstObject *own, GstElement *element)
{
  GList *late = late_elements (bin, own);
  gboolean found = FALSE;

  for (GList *item = late; item && !found; item = item->next)
    found = !is_downstream (element, item->data);
  g_list_free_full (late, gst_object_unref);
  return found;
}

gboolean
gst_dmix_startup_has_late_element (GstElement *element)
{
  GstObject *child = gst_object_ref (GST_OBJECT (element)), *parent;
  gboolean late = FALSE;

  while (!late && (parent = gst_object_get_parent (child))) {
    late = GST_IS_BIN (parent)
        && has_late_element (GST_BIN (parent), child, element);
    gst_object_unref (child);
    child = parent;
  }
  gst_object_unref (child);
  return late;
}

gboolean
gst_dmix_startup_waits (GstDmixStartup *self, GstElement *element,
    gboolean has_late_pad, gboolean timeout)
{
  const gint64 now = g_get_monotonic_time ();

  if (self->begun)
    return FALSE;
  if (self->since == 0)
    self->since = now;
  if (!timeout && now - self->since < LONGEST_WAIT_US
      && (has_late_pad || gst_dmix_startup_has_late_element (element))) {
    g_usleep (PAUSE_US);
    return TRUE;
  }
  GST_DEBUG_OBJECT (element, "output begins after a wait of %g ms",
      (now - self->since) / 1e3);
  self->begun = TRUE;
  return FALSE;
}

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

void
gst_dmix_startup_reset (GstDmixStartup *self)
{
  *self = (GstDmixStartup){ FALSE, 0 };
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

static gboolean
has_late_element (GstBin *bin, GstObject *own)
{
  gboolean late = FALSE;

  GST_OBJECT_LOCK (bin);
  for (GList *item = bin->messages; item && !late; item = item->next)
    late = is_from_late_element (item->data, bin, own);
  GST_OBJECT_UNLOCK (bin);
  return late;
}

gboolean
gst_dmix_startup_has_late_element (GstElement *element)
{
  GstObject *child = gst_object_ref (GST_OBJECT (element)), *parent;
  gboolean late = FALSE;

  while (!late && (parent = gst_object_get_parent (child))) {
    late = GST_IS_BIN (parent) && has_late_element (GST_BIN (parent), child);
    gst_object_unref (child);
    child = parent;
  }
  gst_object_unref (child);
  return late;
}

gboolean
gst_dmix_startup_waits (GstDmixStartup *self, GstElement *element,
    gboolean timeout)
{
  const gint64 now = g_get_monotonic_time ();

  if (self->begun)
    return FALSE;
  if (self->since == 0)
    self->since = now;
  if (!timeout && now - self->since < LONGEST_WAIT_US
      && gst_dmix_startup_has_late_element (element)) {
    g_usleep (PAUSE_US);
    return TRUE;
  }
  GST_DEBUG_OBJECT (element, "output begins after a wait of %g ms",
      (now - self->since) / 1e3);
  self->begun = TRUE;
  return FALSE;
}

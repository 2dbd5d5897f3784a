/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Links of pads in dmixbin.
 *
 * GStreamer may call an IDLE probe at the end of the push of a sticky event, and
 * then marks that event as received, though the peer that the probe has linked
 * never saw it: without CAPS an element refuses each buffer, without SEGMENT it
 * loses the time (GStreamer 1.22). So a data probe makes the pad send all of them
 * again: GStreamer pushes the events that wait once such a probe has returned. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinlinks.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixbinlinks", "links of dmixbin that change");

void
gst_dmix_bin_links_move (GstPad *src, GstPad *other, GstPad *next,
    GstElement *ducker)
{
  g_signal_handlers_block_matched (next, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL,
      ducker);
  gst_pad_unlink (src, next);
  gst_pad_link_full (other, next, GST_PAD_LINK_CHECK_NOTHING);
  g_signal_handlers_unblock_matched (next, G_SIGNAL_MATCH_DATA, 0, 0, NULL,
      NULL, ducker);
}

static gboolean
collect (GstPad *src, GstEvent **event, gpointer events)
{
  const gboolean ends = GST_EVENT_TYPE (*event) == GST_EVENT_EOS;

  g_queue_push_tail (events,
      ends ? gst_event_ref (*event) : gst_event_copy (*event));
  return TRUE;
}

/* A pad pushes a copy of an event that it has pushed already. It drops an EOS that
 * waits when it stores STREAM_START, so that EOS has to be stored again, too. (To
 * unlink the pad and to link it again would have the same effect, but a flush could
 * get lost between.) */
static GstPadProbeReturn
repeat_events (GstPad *src, GstPadProbeInfo *info, gpointer data)
{
  GQueue events = G_QUEUE_INIT;
  GstEvent *event;

  gst_pad_sticky_events_foreach (src, collect, &events);
  while ((event = g_queue_pop_head (&events))) {
    GST_LOG_OBJECT (src, "again: %" GST_PTR_FORMAT, (gpointer) event);
    gst_pad_store_sticky_event (src, event);
    gst_event_unref (event);
  }
  return GST_PAD_PROBE_REMOVE;
}

void
gst_dmix_bin_links_join (GstPad *src, GstPad *sink)
{
  gst_pad_link_full (src, sink, GST_PAD_LINK_CHECK_NOTHING);
  gst_pad_add_probe (src,
      GST_PAD_PROBE_TYPE_DATA_DOWNSTREAM | GST_PAD_PROBE_TYPE_PUSH,
      repeat_events, NULL, NULL);
}

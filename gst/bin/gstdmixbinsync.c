/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Control bindings of dmixbin and its pads. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "bin/gstdmixbinsync.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixbinsync", "control bindings of dmixbin");

void
gst_dmix_bin_sync (GstObject *object, GstPad *pad, GstBuffer *buffer)
{
  GstEvent *event;
  const GstSegment *segment;
  GstClockTime time;

  if (!gst_object_has_active_control_bindings (object)
      || !(event = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0)))
    return;
  gst_event_parse_segment (event, &segment);
  time = gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer));
  GST_LOG_OBJECT (object, "stream time %" GST_TIME_FORMAT,
      GST_TIME_ARGS (time));
  if (GST_CLOCK_TIME_IS_VALID (time))
    gst_object_sync_values (object, time);
  gst_event_unref (event);
}

static GstPadProbeReturn
sync_buffer (GstPad *pad, GstPadProbeInfo *info, gpointer object)
{
  gst_dmix_bin_sync (object, pad, GST_PAD_PROBE_INFO_BUFFER (info));
  return GST_PAD_PROBE_OK;
}

void
gst_dmix_bin_sync_with (GstObject *object, GstPad *pad)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, sync_buffer, object, NULL);
}

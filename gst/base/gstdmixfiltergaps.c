/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilterGaps: what a filter does at holes, jumps and gaps. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixfiltergaps.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixfiltergaps", "holes in the input of a dmix filter");

/* Without the flag DISCONT, jumps of timestamps up to this are jitter, as they
 * are for GStreamer's sinks: no frame is added, the output keeps the
 * timestamps. */
#define LARGEST_JITTER (40 * GST_MSECOND)
/* So are larger steps back without the flag DISCONT, as decoders make them that
 * count wrongly: the samples go on. */
#define LARGEST_STEP_BACK (500 * GST_MSECOND)
/* A longer hole between two buffers begins a new programme. */
#define LONGEST_HOLE (10 * GST_SECOND)
/* Silence longer than this changes no state of any processor. */
#define LONGEST_GAP (60 * GST_SECOND)

/* A step back of a flagged buffer is meant if it is no mere rounding. */
static gboolean
is_jitter (GstClockTimeDiff jump, gboolean starts)
{
  const GstClockTimeDiff back = starts ? LARGEST_JITTER : LARGEST_STEP_BACK;

  return jump <= (GstClockTimeDiff) LARGEST_JITTER && jump >= -back;
}

static guint64
frames_of (GstDmixFilterStream *stream, GstClockTime duration)
{
  return gst_util_uint64_scale_round (duration,
      GST_AUDIO_INFO_RATE (&stream->in), GST_SECOND);
}

static void
log_jump (GstDmixFilterStream *stream, const gchar *what, gboolean starts,
    GstClockTime pts, GstClockTimeDiff jump)
{
  GST_DEBUG_OBJECT (stream->filter,
      "%s%s: expected pts %" GST_TIME_FORMAT ", got %" GST_TIME_FORMAT
      " (%" GST_STIME_FORMAT ")",
      what, starts ? " (DISCONT)" : "",
      GST_TIME_ARGS (gst_dmix_timeline_pts (stream->timeline,
          gst_dmix_timeline_frames_in (stream->timeline))),
      GST_TIME_ARGS (pts), GST_STIME_ARGS (jump));
}

/* A hole of up to LONGEST_HOLE is silence within the programme, as a GAP event
 * would have been. Behind other jumps the processor begins anew; its tail fills
 * the hole and is cut at the timestamp of the new buffer. */
GstFlowReturn
gst_dmix_filter_gaps_check (GstDmixFilterStream *stream, gboolean starts,
    GstClockTime pts)
{
  const GstClockTimeDiff jump = gst_dmix_timeline_jump (stream->timeline, pts);
  const gboolean forward = jump > 0 && starts;

  if (!gst_dmix_timeline_is_running (stream->timeline)
      || (!forward && is_jitter (jump, starts)))
    return GST_FLOW_OK;
  if (jump > 0 && jump <= LONGEST_HOLE) {
    log_jump (stream, "hole", starts, pts, jump);
    return gst_dmix_filter_stream_push_silence (stream, GST_CLOCK_TIME_NONE,
        frames_of (stream, jump));
  }
  log_jump (stream, "discontinuity", starts, pts, jump);
  return gst_dmix_filter_stream_finish_within (stream,
      jump > 0 ? frames_of (stream, jump) : 0);
}

/* A gap becomes silence of its duration. Behind LONGEST_GAP the rest of it is
 * sent on as a GAP event. */
GstFlowReturn
gst_dmix_filter_gaps_take (GstDmixFilterStream *stream, GstClockTime pts,
    GstClockTime duration)
{
  GstFlowReturn ret = gst_dmix_filter_gaps_check (stream, FALSE, pts);

  if (ret == GST_FLOW_OK)
    ret = gst_dmix_filter_stream_push_silence (stream, pts,
        frames_of (stream, MIN (duration, LONGEST_GAP)));
  if (ret != GST_FLOW_OK || duration <= LONGEST_GAP)
    return ret;
  ret = gst_dmix_filter_stream_finish (stream);
  gst_pad_push_event (GST_BASE_TRANSFORM_SRC_PAD (stream->filter),
      gst_event_new_gap (pts + LONGEST_GAP, duration - LONGEST_GAP));
  return ret;
}

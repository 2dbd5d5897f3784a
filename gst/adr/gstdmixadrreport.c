/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What dmixadr tells of its lines: messages, warnings, errors. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "adr/gstdmixadrprivate.h"

static void
add_map (GstStructure *structure, const DmixAdrReport *report)
{
  GValue map = G_VALUE_INIT, value = G_VALUE_INIT;

  g_value_init (&map, GST_TYPE_ARRAY);
  g_value_init (&value, G_TYPE_DOUBLE);
  for (gsize i = 0; i < report->map_points; i++) {
    g_value_set_double (&value, report->take_s[i]);
    gst_value_array_append_value (&map, &value);
  }
  gst_structure_take_value (structure, "map", &map);
  gst_structure_set (structure, "map-interval", G_TYPE_UINT64,
      GST_SECOND / DMIX_MEL_ROWS_PER_S, NULL);
  g_value_unset (&value);
}

GstClockTime
gst_dmix_adr_frame_time (GstDmixAdr *self, gint64 frame)
{
  return self->timestamp
      + gst_util_uint64_scale (frame, GST_SECOND,
          GST_AUDIO_INFO_RATE (&self->info));
}

/* A copy: a seek may come from another thread. */
static GstSegment
output_segment (GstDmixAdr *self)
{
  GstSegment segment;

  GST_OBJECT_LOCK (self);
  segment = GST_AGGREGATOR_PAD (GST_AGGREGATOR_SRC_PAD (self))->segment;
  GST_OBJECT_UNLOCK (self);
  return segment;
}

static void
post_line (GstDmixAdr *self, const DmixAdrReport *report, gboolean map)
{
  const DmixAdrLineInfo *line = &report->line;
  const GstSegment segment = output_segment (self);
  const GstClockTime start =
      gst_dmix_adr_frame_time (self, report->start_frame);
  const GstClockTime stop = gst_dmix_adr_frame_time (self, report->stop_frame);
  GstStructure *structure = gst_structure_new ("dmixadr-line", "index",
      G_TYPE_UINT, report->index, "timestamp", G_TYPE_UINT64, start,
      "stream-time", G_TYPE_UINT64,
      gst_segment_to_stream_time (&segment, GST_FORMAT_TIME, start),
      "running-time", G_TYPE_UINT64,
      gst_segment_to_running_time (&segment, GST_FORMAT_TIME, start),
      "duration", G_TYPE_UINT64, stop - start, "start", G_TYPE_UINT64, start,
      "stop", G_TYPE_UINT64, stop, "speech", G_TYPE_BOOLEAN, line->speech,
      "matched", G_TYPE_BOOLEAN, line->speech && line->matched, "confidence",
      G_TYPE_DOUBLE, line->confidence, "offset", G_TYPE_INT64,
      (gint64) (report->offset_s * GST_SECOND), "stretch", G_TYPE_DOUBLE,
      line->stretch, "speech-skipped", G_TYPE_UINT64,
      (guint64) (report->skipped_s * GST_SECOND), "gain", G_TYPE_DOUBLE,
      report->gain_db, NULL);

  if (map)
    add_map (structure, report);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

void
gst_dmix_adr_post_summary (GstDmixAdr *self)
{
  const Summary *sum = &self->summary;

  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self),
          gst_structure_new ("dmixadr-summary", "lines", G_TYPE_UINT,
              sum->lines, "matched", G_TYPE_UINT, sum->matched, "mismatched",
              G_TYPE_UINT, sum->mismatched, "lowest-confidence", G_TYPE_DOUBLE,
              sum->lowest, "stretch", G_TYPE_DOUBLE, sum->stretch, "duration",
              G_TYPE_UINT64,
              gst_util_uint64_scale (self->frames, GST_SECOND,
                  GST_AUDIO_INFO_RATE (&self->info)),
              NULL)));
}

gboolean
gst_dmix_adr_report_line (GstDmixAdr *self, const DmixAdrReport *report,
    const GstDmixAdrSettings *settings)
{
  const DmixAdrLineInfo *line = &report->line;
  const GstClockTime start =
      gst_dmix_adr_frame_time (self, report->start_frame);
  Summary *sum = &self->summary;

  sum->lines++;
  if (line->speech) {
    sum->matched += line->matched;
    sum->mismatched += !line->matched;
    sum->lowest = MIN (sum->lowest, line->confidence);
    sum->stretch = MAX (sum->stretch, line->stretch);
    GST_OBJECT_LOCK (self);
    self->confidence = line->confidence;
    self->offset = report->offset_s * 1000.0;
    GST_OBJECT_UNLOCK (self);
  }
  if (settings->post_messages)
    post_line (self, report, settings->post_map);
  if (!line->speech || line->matched)
    return TRUE;
  if (settings->on_mismatch == GST_DMIX_ADR_ERROR) {
    GST_ELEMENT_ERROR (self, STREAM, FAILED,
        ("The take does not say what the guide says."),
        ("Line %u at %" GST_TIME_FORMAT ": confidence %.2f, wanted %.2f",
            report->index, GST_TIME_ARGS (start), line->confidence,
            settings->min_confidence));
    return FALSE;
  }
  GST_ELEMENT_WARNING (self, STREAM, FAILED,
      ("The take does not say what the guide says at %" GST_TIME_FORMAT ".",
          GST_TIME_ARGS (start)),
      ("Line %u: confidence %.2f, wanted %.2f. It is not stretched",
          report->index, line->confidence, settings->min_confidence));
  return TRUE;
}

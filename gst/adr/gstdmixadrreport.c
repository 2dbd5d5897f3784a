/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Messages, warnings and errors of dmixadr about its lines. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "adr/gstdmixadrprivate.h"
#include "base/gstdmixmessage.h"
#include "base/gstdmixlog.h"

#include <math.h>

GST_DMIX_LOG_CATEGORY ("dmixadrreport", "lines of dmixadr");

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
  const GstClockTime stream_time =
      gst_segment_to_stream_time (&segment, GST_FORMAT_TIME, start);
  const GstClockTime running_time =
      gst_segment_to_running_time (&segment, GST_FORMAT_TIME, start);
  GstStructure *s = gst_structure_new_empty ("dmixadr-line");
  const GstDmixTimeField time[] = {
    { "timestamp", start },
    { "stream-time", stream_time },
    { "running-time", running_time },
    { "duration", stop - start },
    { "start", start },
    { "stop", stop },
  };

  gst_structure_set (s, "index", G_TYPE_UINT, report->index, NULL);
  gst_dmix_message_set_times (s, time, G_N_ELEMENTS (time));
  gst_structure_set (s, "speech", G_TYPE_BOOLEAN, line->speech, NULL);
  gst_structure_set (s, "matched", G_TYPE_BOOLEAN,
      line->speech && line->matched, NULL);
  gst_structure_set (s, "confidence", G_TYPE_DOUBLE, line->confidence, NULL);
  gst_structure_set (s, "offset", G_TYPE_INT64,
      (gint64) (report->offset_s * GST_SECOND), NULL);
  gst_structure_set (s, "stretch", G_TYPE_DOUBLE, line->stretch, NULL);
  gst_structure_set (s, "speech-skipped", G_TYPE_UINT64,
      (guint64) (report->skipped_s * GST_SECOND), NULL);
  gst_structure_set (s, "gain", G_TYPE_DOUBLE, report->gain_db, NULL);
  gst_structure_set (s, "map-confidence", G_TYPE_DOUBLE, line->map.certainty,
      NULL);
  gst_structure_set (s, "worst-start", G_TYPE_UINT64,
      gst_dmix_adr_frame_time (self, report->worst_start_frame), "worst-stop",
      G_TYPE_UINT64, gst_dmix_adr_frame_time (self, report->worst_stop_frame),
      "bridged", G_TYPE_UINT64, (guint64) (report->bridged_s * GST_SECOND),
      NULL);
  if (map)
    add_map (s, report);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), s));
}

void
gst_dmix_adr_post_summary (GstDmixAdr *self)
{
  const Summary *sum = &self->summary;
  const guint64 duration = gst_util_uint64_scale (self->frames, GST_SECOND,
      GST_AUDIO_INFO_RATE (&self->info));
  const GstDmixNumber number[] = {
    { "lowest-confidence", sum->lowest },
    { "stretch", sum->stretch },
    { "drift", sum->drift_ppm },
  };
  GstStructure *s = gst_structure_new_empty ("dmixadr-summary");

  gst_structure_set (s, "lines", G_TYPE_UINT, sum->lines, NULL);
  gst_structure_set (s, "matched", G_TYPE_UINT, sum->matched, NULL);
  gst_structure_set (s, "mismatched", G_TYPE_UINT, sum->mismatched, NULL);
  gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  gst_structure_set (s, "duration", G_TYPE_UINT64, duration, NULL);
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), s));
}

/* Why a line does not match, and what the user can do. Free it. */
static gchar *
reason_of (const DmixAdrReport *report, const GstDmixAdrSettings *settings)
{
  const DmixAdrLineInfo *line = &report->line;

  if (line->too_far)
    return g_strdup_printf (
        "Line %u of pad 'take' says the words farther from where they are "
        "expected than property max-shift allows, %g ms and as much again "
        "within the line: raise max-shift, or move the take",
        report->index, settings->max_shift);
  return g_strdup_printf (
      "Line %u of pad 'take' has a confidence of %.2f, but property "
      "min-confidence is %.2f: use another take, lower min-confidence, or, if "
      "the take says the words more than %g ms away from where they are "
      "expected, raise property max-shift, or set take-search",
      report->index, line->confidence, settings->min_confidence,
      settings->max_shift);
}

/* The treatment of such a line, in words. Free it. */
static gchar *
treatment_of (const DmixAdrReport *report, const GstDmixAdrSettings *settings)
{
  switch (settings->on_mismatch) {
    case GST_DMIX_ADR_MUTE:
      return g_strdup ("The line is silent.");
    case GST_DMIX_ADR_GUIDE:
      return g_strdup ("The line is that of the guide.");
    default:
      return g_strdup_printf ("The line is what the take has %.0f ms %s, not "
                              "stretched.",
          fabs (1000 * report->offset_s),
          report->offset_s < 0 ? "earlier" : "later");
  }
}

/* Posts a warning, or an error: then FALSE. */
static gboolean
report_mismatch (GstDmixAdr *self, const DmixAdrReport *report,
    const GstDmixAdrSettings *settings)
{
  const GstClockTime start =
      gst_dmix_adr_frame_time (self, report->start_frame);
  const gboolean is_error = settings->on_mismatch == GST_DMIX_ADR_ERROR;
  const gchar *what = report->line.too_far
      ? "The take is too far from the guide"
      : "The take does not say the words of the guide";
  gchar *reason = reason_of (report, settings);
  gchar *treatment = treatment_of (report, settings);

  if (is_error)
    GST_ELEMENT_ERROR (self, STREAM, FAILED,
        ("%s at %" GST_TIME_FORMAT ".", what, GST_TIME_ARGS (start)),
        ("%s; or set property on-mismatch to shift, mute or guide", reason));
  else
    GST_ELEMENT_WARNING (self, STREAM, FAILED,
        ("%s at %" GST_TIME_FORMAT ".", what, GST_TIME_ARGS (start)),
        ("%s. %s", reason, treatment));
  g_free (reason);
  g_free (treatment);
  return !is_error;
}

gboolean
gst_dmix_adr_report_line (GstDmixAdr *self, const DmixAdrReport *report,
    const GstDmixAdrSettings *settings)
{
  const DmixAdrLineInfo *line = &report->line;
  const GstClockTime start =
      gst_dmix_adr_frame_time (self, report->start_frame);
  Summary *sum = &self->summary;

  GST_DEBUG_OBJECT (self,
      "line %u at %" GST_TIME_FORMAT ": %s, confidence %.2f, offset %.3f s",
      report->index, GST_TIME_ARGS (start),
      line->speech ? "speech" : "no speech", line->confidence,
      report->offset_s);
  sum->lines++;
  if (line->speech) {
    sum->matched += line->matched;
    sum->mismatched += !line->matched;
    sum->lowest = MIN (sum->lowest, line->confidence);
    sum->stretch = MAX (sum->stretch, line->stretch);
    sum->drift_ppm = report->drift_ppm;
    GST_OBJECT_LOCK (self);
    self->confidence = line->confidence;
    self->offset = report->offset_s * 1000.0;
    GST_OBJECT_UNLOCK (self);
  }
  if (settings->post_messages)
    post_line (self, report, settings->post_map);
  if (!line->speech || line->matched)
    return TRUE;
  return report_mismatch (self, report, settings);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "meter_rig.h"

#include <math.h>

void
meter_rig_set_caps (MeterRig *rig, gint rate, gint channels, guint64 mask)
{
  gchar *caps =
      g_strdup_printf ("audio/x-raw,format=" GST_AUDIO_NE (
                           F32) ",layout=interleaved,rate=%d,channels=%d,"
                                "channel-mask=(bitmask)0x%" G_GINT64_MODIFIER
                                "x",
          rate, channels, mask);

  rig->rate = rate;
  rig->channels = channels;
  gst_harness_set_src_caps_str (rig->h, caps);
  g_free (caps);
}

MeterRig
meter_rig_new (const gchar *settings, gint rate)
{
  gchar *launch = g_strdup_printf ("dmixmeter %s", settings);
  MeterRig rig = { .h = gst_harness_new_parse (launch), .bus = gst_bus_new () };
  GstElement *meter = gst_harness_find_element (rig.h, "dmixmeter");

  gst_element_set_bus (meter, rig.bus);
  gst_object_unref (meter);
  meter_rig_set_caps (&rig, rate, 2, 0x3);
  g_free (launch);
  return rig;
}

void
meter_rig_free (MeterRig *rig)
{
  GstElement *meter = gst_harness_find_element (rig->h, "dmixmeter");

  gst_element_set_bus (meter, NULL);
  gst_object_unref (meter);
  gst_harness_teardown (rig->h);
  gst_object_unref (rig->bus);
}

GstBuffer *
meter_rig_make_buffer (MeterRig *rig, const gfloat *samples, guint frames)
{
  GstBuffer *buffer =
      gst_buffer_new_memdup (samples, frames * rig->channels * sizeof (gfloat));

  GST_BUFFER_PTS (buffer) =
      gst_util_uint64_scale (rig->frame, GST_SECOND, rig->rate);
  rig->frame += frames;
  GST_BUFFER_DURATION (buffer) =
      gst_util_uint64_scale (rig->frame, GST_SECOND, rig->rate)
      - GST_BUFFER_PTS (buffer);
  return buffer;
}

void
meter_rig_play (MeterRig *rig, gdouble seconds, gdouble peak_db, guint block)
{
  const guint frames = (guint) (seconds * rig->rate + 0.5);
  const gdouble peak = peak_db <= -200 ? 0 : pow (10, peak_db / 20);
  gfloat *samples = g_new (gfloat, (gsize) frames * rig->channels);

  for (guint i = 0; i < frames * rig->channels; i++)
    samples[i] = (gfloat) (peak
        * sin (2 * G_PI * 1000 * (i / rig->channels) / rig->rate));
  for (guint done = 0, n; done < frames; done += n) {
    n = MIN (block, frames - done);
    fail_unless_equals_int (gst_harness_push (rig->h,
                                meter_rig_make_buffer (rig,
                                    samples + done * rig->channels, n)),
        GST_FLOW_OK);
    gst_buffer_unref (gst_harness_pull (rig->h));
  }
  g_free (samples);
}

GstStructure *
meter_rig_last_message (MeterRig *rig, guint *count)
{
  GstStructure *last = NULL;
  GstMessage *message;

  if (count)
    *count = 0;
  while ((message = gst_bus_pop (rig->bus))) {
    const GstStructure *s = gst_message_get_structure (message);

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
      fail_unless (gst_structure_has_name (s, "dmixmeter"));
      g_clear_pointer (&last, gst_structure_free);
      last = gst_structure_copy (s);
      if (count)
        (*count)++;
    }
    gst_message_unref (message);
  }
  return last;
}

gdouble
meter_rig_number (const GstStructure *s, const gchar *field)
{
  gdouble value;

  fail_unless (gst_structure_get_double (s, field, &value), "%s", field);
  return value;
}

void
meter_rig_assert_near (gdouble value, gdouble want)
{
  fail_unless (fabs (value - want) <= 0.05, "%f instead of %f", value, want);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Fields of element messages, and the message `dmixmeter`, which two elements
 * post. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixmessage.h"
#include "base/gstdmixlog.h"

GST_DMIX_LOG_CATEGORY ("dmixmessage", "figures in messages of dmix elements");

void
gst_dmix_message_set_numbers (GstStructure *message,
    const GstDmixNumber *number, guint count)
{
  for (guint i = 0; i < count; i++)
    gst_structure_set (message, number[i].name, G_TYPE_DOUBLE, number[i].value,
        NULL);
}

void
gst_dmix_message_set_times (GstStructure *message, const GstDmixTimeField *time,
    guint count)
{
  for (guint i = 0; i < count; i++)
    gst_structure_set (message, time[i].name, G_TYPE_UINT64, time[i].value,
        NULL);
}

void
gst_dmix_message_set_doubles (GstStructure *message, const gchar *name,
    const gdouble *value, guint count)
{
  GValue array = G_VALUE_INIT;

  gst_value_array_init (&array, count);
  for (guint i = 0; i < count; i++) {
    GValue item = G_VALUE_INIT;

    g_value_init (&item, G_TYPE_DOUBLE);
    g_value_set_double (&item, value[i]);
    gst_value_array_append_and_take_value (&array, &item);
  }
  gst_structure_take_value (message, name, &array);
}

GstStructure *
gst_dmix_message_new_loudness (const DmixLoudnessReading *reading,
    const gdouble *true_peak, guint channels)
{
  const GstDmixNumber number[] = {
    { "momentary", reading->momentary_lufs },
    { "shortterm", reading->shortterm_lufs },
    { "integrated", reading->integrated_lufs },
    { "range", reading->range_lu },
    { "max-momentary", reading->max_momentary_lufs },
    { "max-shortterm", reading->max_shortterm_lufs },
  };
  GstStructure *s = gst_structure_new_empty ("dmixmeter");

  GST_LOG ("short-term %.1f LUFS, integrated %.1f LUFS",
      reading->shortterm_lufs, reading->integrated_lufs);
  gst_dmix_message_set_numbers (s, number, G_N_ELEMENTS (number));
  gst_dmix_message_set_doubles (s, "true-peak", true_peak, channels);
  return s;
}

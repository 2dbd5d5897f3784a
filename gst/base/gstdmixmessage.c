/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What element messages are made of, see gstdmixmessage.h. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "base/gstdmixmessage.h"

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
  GstStructure *s = gst_structure_new ("dmixmeter", "momentary", G_TYPE_DOUBLE,
      reading->momentary_lufs, "shortterm", G_TYPE_DOUBLE,
      reading->shortterm_lufs, "integrated", G_TYPE_DOUBLE,
      reading->integrated_lufs, "range", G_TYPE_DOUBLE, reading->range_lu,
      "max-momentary", G_TYPE_DOUBLE, reading->max_momentary_lufs,
      "max-shortterm", G_TYPE_DOUBLE, reading->max_shortterm_lufs, NULL);

  gst_dmix_message_set_doubles (s, "true-peak", true_peak, channels);
  return s;
}

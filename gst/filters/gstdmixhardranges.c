/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Ranges in which dialogue is hard to hear. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "filters/gstdmixhardranges.h"

#define STEP (GST_SECOND / DMIX_VOICE_STEPS_PER_S)
#define MOST 10000u

typedef struct
{
  guint64 start, stop; /* stream time */
  gdouble difference, band;
} Range;

void
gst_dmix_hard_ranges_clear (GstDmixHardRanges *self)
{
  g_clear_pointer (&self->ranges, g_array_unref);
}

GstStructure *
gst_dmix_hard_ranges_add (GstDmixHardRanges *self, const DmixPhrase *phrase,
    GstClockTime now)
{
  const guint64 since_stop = phrase->age * STEP;
  const guint64 since_start = since_stop + (phrase->end - phrase->first) * STEP;
  Range range = { 0, 0, phrase->difference_lu, phrase->limiting_band_hz };

  if (!GST_CLOCK_TIME_IS_VALID (now))
    return NULL;
  range.start = now > since_start ? now - since_start : 0;
  range.stop = now > since_stop ? now - since_stop : 0;
  if (!self->ranges)
    self->ranges = g_array_new (FALSE, FALSE, sizeof (Range));
  if (self->ranges->len < MOST)
    g_array_append_val (self->ranges, range);
  return gst_structure_new ("dialogue-hard-to-hear", "start", G_TYPE_UINT64,
      range.start, "stop", G_TYPE_UINT64, range.stop, "difference",
      G_TYPE_DOUBLE, range.difference, "limiting-band", G_TYPE_DOUBLE,
      range.band, NULL);
}

/* Sets an array of the values at `offset` of all ranges. */
static void
set_array (const GstDmixHardRanges *self, GstStructure *s, const gchar *name,
    GType type, gsize offset)
{
  const guint count = self->ranges ? self->ranges->len : 0;
  GValue array = G_VALUE_INIT;

  g_value_init (&array, GST_TYPE_ARRAY);
  for (guint i = 0; i < count; i++) {
    const gchar *range = (gchar *) &g_array_index (self->ranges, Range, i);
    GValue value = G_VALUE_INIT;

    g_value_init (&value, type);
    if (type == G_TYPE_UINT64)
      g_value_set_uint64 (&value, *(const guint64 *) (range + offset));
    else
      g_value_set_double (&value, *(const gdouble *) (range + offset));
    gst_value_array_append_and_take_value (&array, &value);
  }
  gst_structure_take_value (s, name, &array);
}

void
gst_dmix_hard_ranges_set (const GstDmixHardRanges *self, GstStructure *s)
{
  set_array (self, s, "hard-start", G_TYPE_UINT64,
      G_STRUCT_OFFSET (Range, start));
  set_array (self, s, "hard-stop", G_TYPE_UINT64,
      G_STRUCT_OFFSET (Range, stop));
  set_array (self, s, "hard-difference", G_TYPE_DOUBLE,
      G_STRUCT_OFFSET (Range, difference));
  set_array (self, s, "hard-band", G_TYPE_DOUBLE,
      G_STRUCT_OFFSET (Range, band));
}

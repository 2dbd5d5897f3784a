/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Fields of element messages. */
#ifndef GST_DMIX_MESSAGE_H
#define GST_DMIX_MESSAGE_H

#include <gst/gst.h>

#include "meter/loudness.h"

G_BEGIN_DECLS

/* A field of type gdouble. */
typedef struct
{
  const gchar *name;
  gdouble value;
} GstDmixNumber;

/* A field of type guint64, ns. */
typedef struct
{
  const gchar *name;
  GstClockTime value;
} GstDmixTimeField;

/* Set `count` fields. */
void gst_dmix_message_set_numbers (GstStructure *message,
    const GstDmixNumber *number, guint count);
void gst_dmix_message_set_times (GstStructure *message,
    const GstDmixTimeField *time, guint count);

/* Sets a field to an array (GST_TYPE_ARRAY) of `count` doubles. */
void gst_dmix_message_set_doubles (GstStructure *message, const gchar *name,
    const gdouble *value, guint count);

/* A message `dmixmeter` with loudness in LUFS and LU, and the true peak of each
 * channel in dBTP. */
GstStructure *gst_dmix_message_new_loudness (const DmixLoudnessReading *reading,
    const gdouble *true_peak, guint channels);

G_END_DECLS

#endif

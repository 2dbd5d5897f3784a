/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What element messages are made of. */
#ifndef GST_DMIX_MESSAGE_H
#define GST_DMIX_MESSAGE_H

#include <gst/gst.h>

#include "meter/loudness.h"

G_BEGIN_DECLS

/* Sets a field to an array (GST_TYPE_ARRAY) of `count` doubles. */
void gst_dmix_message_set_doubles (GstStructure *message, const gchar *name,
    const gdouble *value, guint count);

/* A message "dmixmeter" with these figures. */
GstStructure *gst_dmix_message_new_loudness (const DmixLoudnessReading *reading,
    const gdouble *true_peak, guint channels);

G_END_DECLS

#endif

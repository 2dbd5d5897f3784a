/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A warning instead of a silent hang: one sink pad gets no data while data waits
 * on another, as with two tracks of one file and queues that are too small. */
#ifndef GST_DMIX_STARVATION_H
#define GST_DMIX_STARVATION_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GstElement *element;
  GstClockID timer;
  gint pushing; /* the output waits for downstream; atomic */
} GstDmixStarvation;

/* From start() to stop() of the element: watches all its sink pads, and posts a
 * warning, once, 5 to 7 s after the last data. */
void gst_dmix_starvation_start (GstDmixStarvation *self, GstElement *element);
void gst_dmix_starvation_stop (GstDmixStarvation *self);

/* Around gst_aggregator_finish_buffer(). */
void gst_dmix_starvation_set_pushing (GstDmixStarvation *self,
    gboolean pushing);

G_END_DECLS

#endif

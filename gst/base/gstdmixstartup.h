/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The start of an element with several inputs beside elements that add their
 * pads late, as decodebin. */
#ifndef GST_DMIX_STARTUP_H
#define GST_DMIX_STARTUP_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  gboolean begun; /* output may come */
  gint64 since;   /* monotonic time of the first refusal, us */
} GstDmixStartup;

/* TRUE if an element that is no sink has not reached PAUSED yet, in the bin of
 * `element` or in one around it, and is not behind `element` either. */
gboolean gst_dmix_startup_has_late_element (GstElement *element);

/* Before the first aggregate() of a stream. */
void gst_dmix_startup_reset (GstDmixStartup *self);

/* TRUE if the first output has to wait, after a short pause, because there is a
 * late element, whose pads and data are to come, or because a pad that was
 * linked late has no stream yet (has_late_pad). Waits for 10 s at most, and not in
 * live pipelines: `timeout` is the argument of aggregate(). FALSE from the first
 * time on that it was FALSE. No lock held. */
gboolean gst_dmix_startup_waits (GstDmixStartup *self, GstElement *element,
    gboolean has_late_pad, gboolean timeout);

G_END_DECLS

#endif

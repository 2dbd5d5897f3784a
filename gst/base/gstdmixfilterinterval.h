/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilterInterval: when a filter tells what it meters. A message covers an
 * interval of what comes out, which begins with the first frame after the last
 * one. Part of GstDmixFilterStream; streaming thread only. */
#ifndef GST_DMIX_FILTER_INTERVAL_H
#define GST_DMIX_FILTER_INTERVAL_H

#include "base/gstdmixfilterstream.h"

G_BEGIN_DECLS

/* Frames until the message is full; `frame` is the next that comes out. */
guint gst_dmix_filter_interval_left (GstDmixFilterStream *self, guint64 frame);

/* So many frames up to `frame` have come out; posts a message that is full. */
void gst_dmix_filter_interval_go_on (GstDmixFilterStream *self, guint64 frame,
    guint frames);

/* Posts what has been metered up to `frame`, if anything has. */
void gst_dmix_filter_interval_finish (GstDmixFilterStream *self, guint64 frame);

/* What was metered since the last message is of frames that do not come out. */
void gst_dmix_filter_interval_forget (GstDmixFilterStream *self);

G_END_DECLS

#endif

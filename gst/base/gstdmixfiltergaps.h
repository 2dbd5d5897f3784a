/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFilterGaps: what a filter does where its input has none: jitter of
 * timestamps is passed on, holes and GAP events become silence, and behind
 * other jumps the processor starts anew. Private to GstDmixFilter. */
#ifndef GST_DMIX_FILTER_GAPS_H
#define GST_DMIX_FILTER_GAPS_H

#include "base/gstdmixfilterstream.h"

G_BEGIN_DECLS

/* Compares `pts` with the end of the previous buffer: fills a hole with
 * silence, drains and resets at other jumps. starts: the buffer has the flag
 * DISCONT. */
GstFlowReturn gst_dmix_filter_gaps_check (GstDmixFilterStream *stream,
    gboolean starts, GstClockTime pts);

/* A GAP event: processes silence of its duration and pushes the output. */
GstFlowReturn gst_dmix_filter_gaps_take (GstDmixFilterStream *stream,
    GstClockTime pts, GstClockTime duration);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the ducker's messages say; times are added by whoever posts them. */
#ifndef GST_DMIX_DUCKER_REPORT_H
#define GST_DMIX_DUCKER_REPORT_H

#include <gst/gst.h>

#include "ducker/duckmeter.h"
#include "meter/stemmeter.h"

G_BEGIN_DECLS

/* Message `dmixducker`: what it did. */
GstStructure *gst_dmix_ducker_report_ducking (const DmixDuckerMeter *meter);

/* Message `dmixmeter`: what both stems and the mix are like. */
GstStructure *gst_dmix_ducker_report_stems (DmixStemMeter *meter,
    guint channels);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Any sample rate on a sink pad of dmixbin: the strip gets a resampler as soon as
 * its sound has a rate that the ducker does not take, and costs nothing before.
 * Without one the pad offers all rates, too. */
#ifndef GST_DMIX_BIN_RATES_H
#define GST_DMIX_BIN_RATES_H

#include "bin/gstdmixbinstrip.h"

G_BEGIN_DECLS

/* For a strip that is as new; before its pad is linked. Keeps a reference to the
 * strip until gst_dmix_bin_rates_leave(). */
void gst_dmix_bin_rates_watch (GstDmixBinStrip *strip);
void gst_dmix_bin_rates_leave (GstDmixBinStrip *strip);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The proposal of dmixbin: settings that follow from what was measured in one
 * pass, each with its reason. */
#ifndef GST_DMIX_BIN_PROPOSAL_H
#define GST_DMIX_BIN_PROPOSAL_H

#include "bin/gstdmixbinreport.h"
#include "bin/gstdmixbinsettings.h"

G_BEGIN_DECLS

/* The message `dmixbin-proposal`. pads: names of the sink pads, whose elements
 * NAME-meter and, for dialogue, NAME-denoise have been listened to. */
GstStructure *gst_dmix_bin_proposal_new (GstDmixBinReport *report,
    const GstDmixBinValues *values, const GList *pads);

G_END_DECLS

#endif

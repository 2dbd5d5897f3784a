/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Messages that dmixbin posts: one gathered from those of the elements inside, and
 * the proposal. */
#ifndef GST_DMIX_BIN_MESSAGES_H
#define GST_DMIX_BIN_MESSAGES_H

#include "bin/gstdmixbinreport.h"
#include "bin/gstdmixbinsettings.h"

G_BEGIN_DECLS

/* Keeps a message of the ducker, the leveller or a meter in `report`, and posts
 * the message dmixbin with each one of the meter of the mix (of the ducker
 * without has_meter). TRUE: the message is taken. FALSE: it is another one, to be
 * handled as usual. */
gboolean gst_dmix_bin_messages_gather (GstBin *bin, GstMessage *message,
    GstDmixBinReport *report, gboolean has_meter);

/* Posts the proposal for these strips. */
void gst_dmix_bin_messages_propose (GstBin *bin, GstDmixBinReport *report,
    const GstDmixBinValues *v, GList *strips);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the properties of dmixbin and its pads make of the elements inside: which
 * of them are in the chain, and their settings. Which ones are in the chain
 * behind the ducker changes in READY and below. */
#ifndef GST_DMIX_BIN_SETUP_H
#define GST_DMIX_BIN_SETUP_H

#include "bin/gstdmixbinoutput.h"
#include "bin/gstdmixbinsettings.h"
#include "bin/gstdmixbinstrip.h"

G_BEGIN_DECLS

void gst_dmix_bin_set_up_ducker (GstElement *ducker, const GstDmixBinValues *v);
void gst_dmix_bin_set_up_output (GstDmixBinOutput *self,
    const GstDmixBinValues *v);
/* TRUE if an element has joined the strip. */
gboolean gst_dmix_bin_set_up_strip (const GstDmixBinValues *v,
    GstDmixBinStrip *strip);

/* strips: all of them; while one has `solo`, those without are silent. */
void gst_dmix_bin_set_up_solo (GList *strips);

G_END_DECLS

#endif

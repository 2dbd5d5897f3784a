/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixpanmix: many sounds in one space. */
#ifndef GST_DMIX_PAN_MIX_H
#define GST_DMIX_PAN_MIX_H

#include "base/gstdmixaggregator.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_PAN_MIX (gst_dmix_pan_mix_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixPanMix, gst_dmix_pan_mix, GST, DMIX_PAN_MIX,
    GstDmixAggregator)

GST_ELEMENT_REGISTER_DECLARE (dmixpanmix)

G_END_DECLS

#endif

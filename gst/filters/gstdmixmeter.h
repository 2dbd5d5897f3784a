/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixmeter: loudness meter. */
#ifndef GST_DMIX_METER_H
#define GST_DMIX_METER_H

#include "base/gstdmixfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_METER (gst_dmix_meter_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixMeter, gst_dmix_meter, GST, DMIX_METER,
    GstDmixFilter)

GST_ELEMENT_REGISTER_DECLARE (dmixmeter)

G_END_DECLS

#endif

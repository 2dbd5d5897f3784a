/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixpan: a sound in space. */
#ifndef GST_DMIX_PAN_H
#define GST_DMIX_PAN_H

#include "base/gstdmixfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_PAN (gst_dmix_pan_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixPan, gst_dmix_pan, GST, DMIX_PAN, GstDmixFilter)

GST_ELEMENT_REGISTER_DECLARE (dmixpan)

G_END_DECLS

#endif

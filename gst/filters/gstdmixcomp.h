/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixcomp: dynamic range control. */
#ifndef GST_DMIX_COMP_H
#define GST_DMIX_COMP_H

#include "base/gstdmixfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_COMP (gst_dmix_comp_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixComp, gst_dmix_comp, GST, DMIX_COMP, GstDmixFilter)

GST_ELEMENT_REGISTER_DECLARE (dmixcomp)

G_END_DECLS

#endif

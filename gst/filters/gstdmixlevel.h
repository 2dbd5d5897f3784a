/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixlevel: leveller for programmes and voices. */
#ifndef GST_DMIX_LEVEL_H
#define GST_DMIX_LEVEL_H

#include "base/gstdmixfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_LEVEL (gst_dmix_level_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixLevel, gst_dmix_level, GST, DMIX_LEVEL,
    GstDmixFilter)

GST_ELEMENT_REGISTER_DECLARE (dmixlevel)

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixducker: lowers a background while there is dialogue. */
#ifndef GST_DMIX_DUCKER_H
#define GST_DMIX_DUCKER_H

#include "base/gstdmixaggregator.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_DUCKER (gst_dmix_ducker_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixDucker, gst_dmix_ducker, GST, DMIX_DUCKER,
    GstDmixAggregator)

GST_ELEMENT_REGISTER_DECLARE (dmixducker)

G_END_DECLS

#endif

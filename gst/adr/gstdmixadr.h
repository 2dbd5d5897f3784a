/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixadr, see gstdmixadr.c. */
#ifndef GST_DMIX_ADR_H
#define GST_DMIX_ADR_H

#include <gst/base/gstaggregator.h>

G_BEGIN_DECLS

#define GST_TYPE_DMIX_ADR (gst_dmix_adr_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixAdr, gst_dmix_adr, GST, DMIX_ADR, GstAggregator)

GST_ELEMENT_REGISTER_DECLARE (dmixadr)

G_END_DECLS

#endif

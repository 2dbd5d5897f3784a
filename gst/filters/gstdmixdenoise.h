/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixdenoise: noise reduction. */
#ifndef GST_DMIX_DENOISE_H
#define GST_DMIX_DENOISE_H

#include "base/gstdmixfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_DENOISE (gst_dmix_denoise_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixDenoise, gst_dmix_denoise, GST, DMIX_DENOISE,
    GstDmixFilter)

GST_ELEMENT_REGISTER_DECLARE (dmixdenoise)

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixbin: a whole mix as one element. */
#ifndef GST_DMIX_BIN_H
#define GST_DMIX_BIN_H

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_DMIX_BIN (gst_dmix_bin_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixBin, gst_dmix_bin, GST, DMIX_BIN, GstBin)

GST_ELEMENT_REGISTER_DECLARE (dmixbin)

G_END_DECLS

#endif

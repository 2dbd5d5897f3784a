/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixdialogue: dialogue of a finished mix. */
#ifndef GST_DMIX_DIALOGUE_H
#define GST_DMIX_DIALOGUE_H

#include "base/gstdmixfilter.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_DIALOGUE (gst_dmix_dialogue_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixDialogue, gst_dmix_dialogue, GST, DMIX_DIALOGUE,
    GstDmixFilter)

GST_ELEMENT_REGISTER_DECLARE (dmixdialogue)

G_END_DECLS

#endif

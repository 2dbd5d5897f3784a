/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* HRTFs that elements share: a file is read once, while anybody uses it. */
#ifndef GST_DMIX_HRTF_H
#define GST_DMIX_HRTF_H

#include <gst/gst.h>

#include "pan/hrtf.h"

G_BEGIN_DECLS

typedef struct _GstDmixHrtf GstDmixHrtf;

/* The HRTFs of a SOFA file, NULL for the default one. Reads it if nobody has:
 * that takes a fifth of a second or more, so never call it on a streaming
 * thread. If it cannot be read, posts an element error that says why, and
 * returns NULL. */
GstDmixHrtf *gst_dmix_hrtf_acquire (GstElement *element, const gchar *location);

/* `self` may be NULL. */
void gst_dmix_hrtf_release (GstDmixHrtf *self);

const DmixHrtf *gst_dmix_hrtf_get (const GstDmixHrtf *self);

G_END_DECLS

#endif

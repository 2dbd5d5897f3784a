/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixHrtf: cache of HRTF files that elements share. */
#ifndef GST_DMIX_HRTF_H
#define GST_DMIX_HRTF_H

#include <gst/gst.h>

#include "pan/hrtf.h"

G_BEGIN_DECLS

typedef struct _GstDmixHrtf GstDmixHrtf;

/* The HRTFs of a SOFA file; NULL: the default file. Reading a file that is not
 * in the cache takes 0.2 s or more: do not call this on a streaming thread.
 * Returns NULL, after an element error with the reason, if the file cannot be
 * read. */
GstDmixHrtf *gst_dmix_hrtf_acquire (GstElement *element, const gchar *location);

/* `self` may be NULL. */
void gst_dmix_hrtf_release (GstDmixHrtf *self);

const DmixHrtf *gst_dmix_hrtf_get (const GstDmixHrtf *self);

G_END_DECLS

#endif

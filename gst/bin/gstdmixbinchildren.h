/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Children of dmixbin: its sink pads, then the elements inside, as GstChildProxy;
 * and settings of all of them as one text. */
#ifndef GST_DMIX_BIN_CHILDREN_H
#define GST_DMIX_BIN_CHILDREN_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* For G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY, ...) of a GstBin. */
void gst_dmix_bin_children_init (gpointer interface, gpointer data);

/* Sets what `text` ("target=12 dialogue_0::denoise=9", or NULL) has for names that
 * begin with `prefix`. Leaves out children that do not exist. */
void gst_dmix_bin_children_apply (GstChildProxy *proxy, const gchar *text,
    const gchar *prefix);

G_END_DECLS

#endif

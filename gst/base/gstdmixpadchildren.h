/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstChildProxy over the sink pads of an element, so that gst-launch-1.0 sets
 * `sink_0::property=value`. A class implements it with
 * G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY, gst_dmix_pad_children_init) and
 * calls gst_child_proxy_child_added() and gst_child_proxy_child_removed(). */
#ifndef GST_DMIX_PAD_CHILDREN_H
#define GST_DMIX_PAD_CHILDREN_H

#include <gst/gst.h>

G_BEGIN_DECLS

void gst_dmix_pad_children_init (gpointer interface, gpointer data);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstChildProxy over the sink pads of an element, so that gst-launch-1.0 sets
 * `sink_0::property=value`. A class implements it with
 * G_IMPLEMENT_INTERFACE (GST_TYPE_CHILD_PROXY, gst_dmix_pad_children_init) and
 * calls gst_dmix_pad_children_install() in its class_init. */
#ifndef GST_DMIX_PAD_CHILDREN_H
#define GST_DMIX_PAD_CHILDREN_H

#include <gst/gst.h>

G_BEGIN_DECLS

void gst_dmix_pad_children_init (gpointer interface, gpointer data);

/* Announces sink pads that come and go as children. Properties that stand in a
 * launch line before their pad is requested are set then. */
void gst_dmix_pad_children_install (GstElementClass *klass);

G_END_DECLS

#endif

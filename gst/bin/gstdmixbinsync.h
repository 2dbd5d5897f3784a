/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Control bindings of dmixbin and its pads, at the time of a buffer. */
#ifndef GST_DMIX_BIN_SYNC_H
#define GST_DMIX_BIN_SYNC_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* Sets the properties of `object` to what its bindings have at the stream time of a
 * buffer that passes `pad`. With no lock held. */
void gst_dmix_bin_sync (GstObject *object, GstPad *pad, GstBuffer *buffer);

/* Does so with each buffer that passes. */
void gst_dmix_bin_sync_with (GstObject *object, GstPad *pad);

G_END_DECLS

#endif

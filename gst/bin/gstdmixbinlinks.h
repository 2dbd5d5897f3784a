/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Links of pads in dmixbin that change while it plays. */
#ifndef GST_DMIX_BIN_LINKS_H
#define GST_DMIX_BIN_LINKS_H

#include <gst/gst.h>

G_BEGIN_DECLS

/* Moves the link of `next` from `src` to `other`. The signal handlers that `ducker`
 * has on `next` do not run: the ducker takes a pad without a link for one whose
 * stream has ended, and fills the block that it is at with silence. */
void gst_dmix_bin_links_move (GstPad *src, GstPad *other, GstPad *next,
    GstElement *ducker);

/* Links `src` to `sink` in the callback of an IDLE probe of `src`. `sink` gets
 * all sticky events before the next data. */
void gst_dmix_bin_links_join (GstPad *src, GstPad *sink);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinTap: an element right behind the ducker of dmixbin, which puts out the
 * stems of the mix on pads of their own. It has no factory. */
#ifndef GST_DMIX_BIN_TAP_H
#define GST_DMIX_BIN_TAP_H

#include <gst/gst.h>

G_BEGIN_DECLS

#define GST_TYPE_DMIX_BIN_TAP (gst_dmix_bin_tap_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixBinTap, gst_dmix_bin_tap, GST, DMIX_BIN_TAP,
    GstElement)

/* Adds the pad `dialogue` or `background`, also while sound flows; it adds up
 * with the other one to the mix. The pad is not referenced. */
GstPad *gst_dmix_bin_tap_add (GstDmixBinTap *self, const gchar *name);
void gst_dmix_bin_tap_remove (GstDmixBinTap *self, const gchar *name);

G_END_DECLS

#endif

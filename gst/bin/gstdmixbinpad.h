/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinPad: a sink pad of dmixbin with the settings of its sound. */
#ifndef GST_DMIX_BIN_PAD_H
#define GST_DMIX_BIN_PAD_H

#include <gst/gst.h>

#include "base/gstdmixsettings.h"

G_BEGIN_DECLS

typedef struct
{
  gdouble gain, pan, denoise, steady; /* dB, degrees, dB, dB */
  gboolean mute, solo;
  guint64 start; /* ns */
} GstDmixBinPadValues;

/* No reduction, no compression: the element is not in the chain. */
#define GST_DMIX_BIN_NONE 0.0

/* Lowest value of `gain`, dB: silence. */
#define GST_DMIX_BIN_SILENCE_DB (-120.0)

#define GST_TYPE_DMIX_BIN_PAD (gst_dmix_bin_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixBinPad, gst_dmix_bin_pad, GST, DMIX_BIN_PAD,
    GstGhostPad)

struct _GstDmixBinPad
{
  GstGhostPad parent;

  GstDmixBinPadValues values; /* object lock */
  GstDmixSettings settings;   /* whose values these are */
};

/* A pad without a target. The signal "changed" tells that a property other than
 * gain and mute has another value. */
GstDmixBinPad *gst_dmix_bin_pad_new (const gchar *name,
    GstPadTemplate *template);

/* A copy of the values. Any thread. */
GstDmixBinPadValues gst_dmix_bin_pad_get_values (GstDmixBinPad *self);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixPanPad: a sink pad of dmixpanmix, a sound with its position. */
#ifndef GST_DMIX_PAN_PAD_H
#define GST_DMIX_PAN_PAD_H

#include "base/gstdmixaggregatorpad.h"
#include "base/gstdmixcurves.h"
#include "base/gstdmixsettings.h"
#include "pan/gstdmixposition.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_PAN_PAD (gst_dmix_pan_pad_get_type ())
G_DECLARE_FINAL_TYPE (GstDmixPanPad, gst_dmix_pan_pad, GST, DMIX_PAN_PAD,
    GstDmixAggregatorPad)

struct _GstDmixPanPad
{
  GstDmixAggregatorPad parent;

  GstDmixPosition position; /* object lock */
  GstDmixSettings settings; /* whose values these are */

  /* streaming thread, under the lock of the pads */
  DmixPanObject *object; /* for `info`, in the element's pan */
  GstAudioInfo info;
  gfloat *block;  /* input of this block */
  gsize size;     /* of `block`, floats */
  guint filled;   /* frames of it so far */
  gboolean moves; /* control bindings move it in this block */
  GstDmixPosition row[GST_DMIX_CURVES_MOST];
};

/* The pad's object for this pan; a new one if the format has changed. NULL if
 * the pad has no format yet or memory is short. */
DmixPanObject *gst_dmix_pan_pad_get_object (GstDmixPanPad *self,
    const DmixPan *pan);
void gst_dmix_pan_pad_forget_object (GstDmixPanPad *self);

/* Begins an empty block of so many frames. */
void gst_dmix_pan_pad_clear (GstDmixPanPad *self, guint frames);

/* The input buffer inside a buffer of the base class. */
GstBuffer *gst_dmix_pan_pad_carried (GstBuffer *buffer);

/* Copies frames to their place in the block. */
void gst_dmix_pan_pad_collect (GstDmixPanPad *self, const gfloat *in,
    guint offset, guint frames);

/* Fills the rest of the block with silence. A block without input stays empty;
 * 0 frames make it empty. */
void gst_dmix_pan_pad_complete (GstDmixPanPad *self, guint frames);

/* Takes the settings of this block and, if control bindings move the sound, its
 * positions at each of the stream times. */
void gst_dmix_pan_pad_take_settings (GstDmixPanPad *self,
    const GstClockTime *time, guint points);

/* Sets the position of the object: that at a point of the grid, or that of the
 * block if no control binding moves it. */
void gst_dmix_pan_pad_move (GstDmixPanPad *self, guint point);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A sink pad of dmixpanmix: a sound with its position. */
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
  gfloat *block;  /* what came in for this block */
  gsize size;     /* floats that there is room for */
  guint filled;   /* frames that are in it, with holes */
  gboolean moves; /* by control bindings, in this block */
  GstDmixPosition row[GST_DMIX_CURVES_MOST];
};

/* The pad's object for this pan: a new one if the format is another. NULL if
 * it has no format yet or memory is short. */
DmixPanObject *gst_dmix_pan_pad_get_object (GstDmixPanPad *self,
    const DmixPan *pan);
void gst_dmix_pan_pad_forget_object (GstDmixPanPad *self);

/* An empty block of that many frames. */
void gst_dmix_pan_pad_clear (GstDmixPanPad *self, guint frames);

/* What came in, of a buffer that the base hands out. */
GstBuffer *gst_dmix_pan_pad_carried (GstBuffer *buffer);

/* Copies frames to their place in the block. */
void gst_dmix_pan_pad_collect (GstDmixPanPad *self, const gfloat *in,
    guint offset, guint frames);

/* All is in: the rest of the block is silence. A block that has got nothing
 * stays empty; with 0 frames it gets empty. */
void gst_dmix_pan_pad_complete (GstDmixPanPad *self, guint frames);

/* The settings of this block, and where bindings move it: at each of the
 * stream times. */
void gst_dmix_pan_pad_take_settings (GstDmixPanPad *self,
    const GstClockTime *time, guint points);

/* Tells the object where it is at a point of the grid, or now. */
void gst_dmix_pan_pad_move (GstDmixPanPad *self, guint point);

G_END_DECLS

#endif

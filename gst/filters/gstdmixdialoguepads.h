/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The request pads `dialogue` and `background` of dmixdialogue: both stems of the
 * same frames, beside the mix on `src`.
 *
 * The filter's blocks then hold three signals side by side: the mix, the
 * dialogue, the background, each with the channels of the caps. They are taken
 * apart where a block leaves on `src`, and every event that passes there is
 * repeated on the stems. */
#ifndef GST_DMIX_DIALOGUE_PADS_H
#define GST_DMIX_DIALOGUE_PADS_H

#include <gst/audio/audio.h>
#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define GST_DMIX_DIALOGUE_SIGNALS 3

typedef struct
{
  GstElement *element;
  GstPad *stem[GST_DMIX_DIALOGUE_SIGNALS - 1]; /* object lock */
  /* streaming thread */
  guint channels; /* of one signal; 0: blocks hold the mix alone */
} GstDmixDialoguePads;

/* From class_init: pad templates and the vfuncs of request pads. offset: of the
 * GstDmixDialoguePads in the instance. */
void gst_dmix_dialogue_pads_install (GstElementClass *klass, gsize offset);

/* From init. */
void gst_dmix_dialogue_pads_init (GstDmixDialoguePads *self,
    GstElement *element);

/* Streaming thread, before a new format: caps of blocks with the signals that the
 * pads need, for the caps of one signal. */
GstCaps *gst_dmix_dialogue_pads_widen (GstDmixDialoguePads *self,
    GstCaps *caps);

G_END_DECLS

#endif

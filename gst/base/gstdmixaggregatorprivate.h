/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the files of GstDmixAggregator share. Private to gstdmixaggregator*.c. */
#ifndef GST_DMIX_AGGREGATOR_PRIVATE_H
#define GST_DMIX_AGGREGATOR_PRIVATE_H

#include "base/gstdmixaggregator.h"
#include "base/gstdmixformats.h"

G_BEGIN_DECLS

typedef struct
{
  GstDmixFormats formats;
  GstClockTime lookahead; /* object lock */
  gint unusable;          /* a pad wants to warn; atomic */
  GRecMutex pads_lock;    /* held while the base walks through the pads */

  /* streaming thread only */
  GstAudioInfo info; /* of the processor */
  guint delay;       /* of the processor, frames */
  guint skip;        /* of it, what is still to be dropped */
  gint64 next;       /* block expected next, -1: any */
  gint64 sound_end;  /* end of the last block that had sound */
  gboolean drained;
} GstDmixAggregatorPrivate;

GstDmixAggregatorPrivate *gst_dmix_aggregator_private (gpointer self);
/* The class of the base, to chain up to. */
GstAggregatorClass *gst_dmix_aggregator_base (void);
/* There is a processor. */
gboolean gst_dmix_aggregator_is_configured (GstDmixAggregator *self);

/* gstdmixaggregatoroutput.c: from the full block to the src pad */

/* Forgets all sound; the next block may begin anywhere. */
void gst_dmix_aggregator_restart (GstDmixAggregator *self);
/* The frame at which the output has to end, or -1. */
gint64 gst_dmix_aggregator_output_end (GstDmixAggregator *self);
/* Lets the subclass post its messages. With pads_lock, and without it then. */
void gst_dmix_aggregator_announce (GstDmixAggregator *self, gboolean last);
/* Silence in, until all that was inside is out, and what sounds on after it if
 * there is a `tail`. With pads_lock. */
GstFlowReturn gst_dmix_aggregator_drain (GstDmixAggregator *self,
    gboolean tail);
/* GstAggregator's finish_buffer(). */
GstFlowReturn gst_dmix_aggregator_finish_buffer (GstAggregator *agg,
    GstBuffer *buffer);

/* gstdmixaggregatorinput.c: pads that come and go, and what comes in on them */

/* Each optional pad that nothing is linked to counts as ended. */
void gst_dmix_aggregator_end_unlinked (GstDmixAggregator *self);
/* Warns of buffers that could not be used. No lock held. */
void gst_dmix_aggregator_warn (GstDmixAggregator *self);
/* Sets the vfuncs of GstElement and GstAggregator for all that. */
void gst_dmix_aggregator_input_class_init (GstDmixAggregatorClass *klass);

G_END_DECLS

#endif

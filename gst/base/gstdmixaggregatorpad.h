/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAggregatorPad: a sink pad of GstDmixAggregator.
 *
 * It converts its buffers to the layout of the src pad and to whole frames, and
 * answers the latency query for itself and upstream. An optional pad that
 * nothing is linked to counts as ended while another pad is linked. */
#ifndef GST_DMIX_AGGREGATOR_PAD_H
#define GST_DMIX_AGGREGATOR_PAD_H

#include <gst/audio/gstaudioaggregator.h>

#include "base/gstdmixpadclock.h"

G_BEGIN_DECLS

#define GST_TYPE_DMIX_AGGREGATOR_PAD (gst_dmix_aggregator_pad_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstDmixAggregatorPad, gst_dmix_aggregator_pad, GST,
    DMIX_AGGREGATOR_PAD, GstAudioAggregatorPad)

struct _GstDmixAggregatorPadClass
{
  GstAudioAggregatorPadClass parent_class;
};

/* A new pad of this template for the request `req_name` (may be NULL), not yet
 * added to the element; optional unless its name is `leading_name`. NULL if the
 * element has a pad of that name. */
GstDmixAggregatorPad *gst_dmix_aggregator_pad_new (GstElement *element,
    GstPadTemplate *template, const gchar *req_name, const gchar *leading_name);

/* TRUE for an optional pad that nothing is linked to. */
gboolean gst_dmix_aggregator_pad_is_idle (GstDmixAggregatorPad *self);

/* Marks an optional pad as ended by the element because nothing is linked to it
 * (TRUE), or as started by a stream of its own (FALSE). Any thread. */
void gst_dmix_aggregator_pad_set_skipped (GstDmixAggregatorPad *self,
    gboolean skipped);
/* TRUE if the pad was skipped and is linked by now: its stream is to come. */
gboolean gst_dmix_aggregator_pad_is_awaited (GstDmixAggregatorPad *self);

/* Stores caps that were not accepted until data follows; NULL: none. Streaming
 * thread of the pad. */
void gst_dmix_aggregator_pad_refuse (GstDmixAggregatorPad *self, GstCaps *caps);
/* Those caps, or NULL. */
GstCaps *gst_dmix_aggregator_pad_refused (GstDmixAggregatorPad *self);

/* FALSE if the buffer has no usable timestamp; the pad will warn about it. */
gboolean gst_dmix_aggregator_pad_can_use (GstDmixAggregatorPad *self,
    GstBuffer *buffer);

/* Posts a warning, once, if the pad has dropped buffers, and the message about
 * a correction of its time. No lock held. */
void gst_dmix_aggregator_pad_report (GstDmixAggregatorPad *self,
    GstElement *element);

/* Takes the next buffer of the pad through its clock, and moves its timestamp
 * to the start of the nearest frame. *corrected: there is something to
 * report. NULL if memory is short: the pad has then failed. */
GstBuffer *gst_dmix_aggregator_pad_retime (GstDmixAggregatorPad *self,
    const GstDmixPadClockLimits *limits, GstBuffer *buffer,
    gboolean *corrected);
/* The next buffer goes where its timestamp says. */
void gst_dmix_aggregator_pad_restart_clock (GstDmixAggregatorPad *self);

/* Compares the next frame of the pad with the end of the output, which came at
 * a live deadline. */
void gst_dmix_aggregator_pad_check_late (GstDmixAggregatorPad *self,
    GstClockTime running_time);

/* Marks that memory is short for the pad's sound: the element ends with an
 * error before it puts out the block. Any thread. */
void gst_dmix_aggregator_pad_fail (GstDmixAggregatorPad *self);
gboolean gst_dmix_aggregator_pad_has_failed (GstDmixAggregatorPad *self);
/* Posts that error, and clears the mark. No lock held. */
void gst_dmix_aggregator_pad_complain (GstDmixAggregatorPad *self,
    GstElement *element);

/* A buffer of this size without samples, which must not be mapped; flags and
 * timestamps are those of `like`, which may be NULL. */
gboolean gst_dmix_aggregator_pad_is_carrier (GstBuffer *buffer);
GstBuffer *gst_dmix_aggregator_pad_new_carrier (GstBuffer *like, gsize size);

/* Mixes a buffer to another layout. Returns a new buffer, or a reference to the
 * same one if the layouts agree; NULL if memory is short. */
GstBuffer *gst_dmix_aggregator_place (const GstAudioInfo *from,
    const GstAudioInfo *to, GstBuffer *buffer);

G_END_DECLS

#endif

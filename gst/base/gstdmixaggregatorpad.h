/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixAggregatorPad: a sink pad of GstDmixAggregator.
 *
 * Its buffers come out in the layout of the src pad and on whole frames; it
 * tells what the pad and its upstream can store; and it need not be there: an
 * optional pad that nothing is linked to counts as ended. */
#ifndef GST_DMIX_AGGREGATOR_PAD_H
#define GST_DMIX_AGGREGATOR_PAD_H

#include <gst/audio/gstaudioaggregator.h>

G_BEGIN_DECLS

#define GST_TYPE_DMIX_AGGREGATOR_PAD (gst_dmix_aggregator_pad_get_type ())
G_DECLARE_DERIVABLE_TYPE (GstDmixAggregatorPad, gst_dmix_aggregator_pad, GST,
    DMIX_AGGREGATOR_PAD, GstAudioAggregatorPad)

struct _GstDmixAggregatorPadClass
{
  GstAudioAggregatorPadClass parent_class;
};

/* A pad of this template, and of its type, for the request `req_name` (may be
 * NULL), not yet added; optional unless its name is `leading_name`. NULL if there is one of
 * its name. */
GstDmixAggregatorPad *gst_dmix_aggregator_pad_new (GstElement *element,
    GstPadTemplate *template, const gchar *req_name, const gchar *leading_name);

/* An optional pad that nothing is linked to. */
gboolean gst_dmix_aggregator_pad_is_idle (GstDmixAggregatorPad *self);

/* Remembers caps that were not accepted, or none (NULL), for the data that
 * follows; the pad's streaming thread. */
void gst_dmix_aggregator_pad_refuse (GstDmixAggregatorPad *self, GstCaps *caps);
/* Those caps, or NULL. */
GstCaps *gst_dmix_aggregator_pad_refused (GstDmixAggregatorPad *self);

/* FALSE if the buffer has no place in time; the pad remembers that. */
gboolean gst_dmix_aggregator_pad_can_use (GstDmixAggregatorPad *self,
    GstBuffer *buffer);

/* Warns on the bus, once, of what the pad could not use. No lock held. */
void gst_dmix_aggregator_pad_warn (GstDmixAggregatorPad *self,
    GstElement *element);

/* The buffer with the timestamp of the whole frame that was meant. */
GstBuffer *gst_dmix_aggregator_pad_snap (GstDmixAggregatorPad *self,
    GstBuffer *buffer);

/* Puts the samples of a buffer into another layout, in a new buffer (or the
 * same one, with one more reference, where there is nothing to do). */
GstBuffer *gst_dmix_aggregator_place (const GstAudioInfo *from,
    const GstAudioInfo *to, GstBuffer *buffer);

G_END_DECLS

#endif

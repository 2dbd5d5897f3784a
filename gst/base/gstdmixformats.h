/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Formats of the pads of a GstDmixAggregator: one rate for all, channels free
 * on each, and the src pad has the format of the leading pad. */
#ifndef GST_DMIX_FORMATS_H
#define GST_DMIX_FORMATS_H

#include <gst/audio/gstaudioaggregator.h>

G_BEGIN_DECLS

typedef struct
{
  GstElement *element;
  const gchar *leading_pad; /* name, or NULL: all are equal */
  gint rate;                /* 0: not known; object lock */
  gint promised_rate;       /* what a pad was told before it had caps */
} GstDmixFormats;

void gst_dmix_formats_init (GstDmixFormats *self, GstElement *element,
    const gchar *leading_pad);

/* No pad has a format any more. */
void gst_dmix_formats_forget (GstDmixFormats *self);

/* Answers a CAPS or ACCEPT_CAPS query on a sink pad; FALSE: it is another. */
gboolean gst_dmix_formats_query (GstDmixFormats *self, GstPad *pad,
    GstQuery *query);

/* Judges caps that come on a sink pad; FALSE if they are none that the element
 * can take beside the others. */
gboolean gst_dmix_formats_accept (GstDmixFormats *self, GstPad *pad,
    GstCaps *caps);

/* Posts the error about caps that were not accepted. */
void gst_dmix_formats_complain (GstDmixFormats *self, GstPad *pad,
    GstCaps *caps);

/* The caps of the src pad: those of the leading pad, or of another one if it
 * has ended without any. NULL as long as that is open. */
GstCaps *gst_dmix_formats_output (GstDmixFormats *self);

G_END_DECLS

#endif

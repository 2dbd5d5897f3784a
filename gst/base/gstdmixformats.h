/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixFormats: formats of the pads of an element with several inputs. All
 * have one sample rate, each has its own channels, and the src pad has the
 * format of the leading pad (gstdmixleader.h).
 *
 * The rate is that of the leading pad, or of the first one if none leads, as
 * far as downstream and the other pads can have it. It does not depend on which
 * thread comes first: at the start, a CAPS query of another pad waits until the
 * leading pad has negotiated, as long as an element beside this one has not
 * reached PAUSED, and 3 s else; and one of the leading pad waits for such an
 * element, whose pad may have a lower number, and for 1 s until
 * the other pads know their rates, unless it is live. Pads that one thread
 * pushes to never wait for each other, nor do those that an application pushes to:
 * if nothing upstream knows the rate of the leading pad yet, the first one
 * counts. */
#ifndef GST_DMIX_FORMATS_H
#define GST_DMIX_FORMATS_H

#include <gst/audio/gstaudioaggregator.h>

#include "base/gstdmixleader.h"

G_BEGIN_DECLS

typedef struct
{
  GstElement *element;
  GstDmixLeader leader;
  gint rate;          /* Hz, 0: not known; object lock */
  gint promised_rate; /* answer to a query before any caps */
  gint waiting;       /* pads whose query waits; atomic */
  gint waited;        /* in vain, once; atomic */
} GstDmixFormats;

/* leading_pad: name, or NULL: none leads */
void gst_dmix_formats_init (GstDmixFormats *self, GstElement *element,
    const gchar *leading_pad);

/* Clears the formats of all pads. */
void gst_dmix_formats_forget (GstDmixFormats *self);

/* Answers a CAPS or ACCEPT_CAPS query on a sink pad; FALSE: another query. */
gboolean gst_dmix_formats_query (GstDmixFormats *self, GstPad *pad,
    GstQuery *query);

/* Checks the caps of a CAPS event on a sink pad; FALSE if the element cannot
 * take them together with those of the other pads. */
gboolean gst_dmix_formats_accept (GstDmixFormats *self, GstPad *pad,
    GstCaps *caps);

/* Posts the element error about caps that were not accepted. */
void gst_dmix_formats_complain (GstDmixFormats *self, GstPad *pad,
    GstCaps *caps);

/* The caps of the src pad: those of the leading pad, else what they are now, or
 * those of another pad if the leading one ended without caps. NULL: not known
 * yet. */
GstCaps *gst_dmix_formats_output (GstDmixFormats *self);

G_END_DECLS

#endif

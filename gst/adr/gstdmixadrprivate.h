/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The instance struct of dmixadr. Private to gstdmixadr*.c. */
#ifndef GST_DMIX_ADR_PRIVATE_H
#define GST_DMIX_ADR_PRIVATE_H

#include "adr/gstdmixadr.h"
#include "adr/gstdmixadrpad.h"
#include "adr/gstdmixadrsettings.h"
#include "base/gstdmixcaps.h"
#include "base/gstdmixformats.h"
#include "base/gstdmixsettings.h"
#include "base/gstdmixstarvation.h"

#include "adr/adr.h"

G_BEGIN_DECLS

/* Figures of the lines so far, for the last message. */
typedef struct
{
  guint lines, matched, mismatched;
  gdouble lowest, stretch, drift_ppm;
} Summary;

struct _GstDmixAdr
{
  GstAggregator parent;

  GstDmixFormats formats;

  GstDmixSettings settings;

  /* object lock */
  GstDmixAdrSettings values; /* of `settings` */
  gchar *protect, *sync_points;
  gdouble confidence, offset; /* of the last line; ms */

  gint refused; /* because the inputs are live; atomic */
  gint ended;   /* the guide has ended, and the output; atomic */

  /* streaming thread only */
  GstDmixAdrPad *pad[2]; /* by DmixAdrSide; referenced in aggregate() */
  DmixAdr *adr;
  GstAudioInfo info;      /* of the src pad */
  GstClockTime timestamp; /* of the first frame of the guide */
  guint64 frames;         /* of output since then */
  GstTagList *tags;       /* of the guide, to be sent on */
  Summary summary;
  GstDmixStarvation starvation;
};

/* gstdmixadrreport.c */

/* Time of a frame of the output, as a timestamp. */
GstClockTime gst_dmix_adr_frame_time (GstDmixAdr *self, gint64 frame);

/* Posts message, warning or error about a line. FALSE after an error. */
gboolean gst_dmix_adr_report_line (GstDmixAdr *self,
    const DmixAdrReport *report, const GstDmixAdrSettings *settings);
void gst_dmix_adr_post_summary (GstDmixAdr *self);

/* gstdmixadrflow.c */

/* Drops all sound and state. */
void gst_dmix_adr_forget_sound (GstDmixAdr *self);

/* GstAggregator's aggregate(). */
GstFlowReturn gst_dmix_adr_aggregate (GstAggregator *agg, gboolean timeout);

/* Posts an error, once, if an input is live. No lock held. */
void gst_dmix_adr_refuse_if_live (GstDmixAdr *self);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the files of dmixadr share. Private to gstdmixadr*.c. */
#ifndef GST_DMIX_ADR_PRIVATE_H
#define GST_DMIX_ADR_PRIVATE_H

#include "adr/gstdmixadr.h"
#include "adr/gstdmixadrpad.h"
#include "adr/gstdmixadrsettings.h"
#include "base/gstdmixcaps.h"
#include "base/gstdmixformats.h"
#include "base/gstdmixsettings.h"

#include "adr/adr.h"

G_BEGIN_DECLS

/* What the lines so far were like. */
typedef struct
{
  guint lines, matched, mismatched;
  gdouble lowest, stretch;
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

  gint refused; /* the inputs are live; atomic */

  /* streaming thread only */
  GstDmixAdrPad *pad[2]; /* by DmixAdrSide; held while aggregating */
  DmixAdr *adr;
  GstAudioInfo info;      /* of the src pad */
  GstClockTime timestamp; /* of the first frame of the guide */
  guint64 frames;         /* put out since then */
  GstTagList *tags;       /* of the guide, to be sent */
  Summary summary;
};

/* gstdmixadrreport.c */

/* Time of a frame of the output, as a timestamp. */
GstClockTime gst_dmix_adr_frame_time (GstDmixAdr *self, gint64 frame);

/* Tells of a line. FALSE if it is to stop everything. */
gboolean gst_dmix_adr_report_line (GstDmixAdr *self,
    const DmixAdrReport *report, const GstDmixAdrSettings *settings);
void gst_dmix_adr_post_summary (GstDmixAdr *self);

/* gstdmixadrflow.c */

/* Nothing has come in yet. */
void gst_dmix_adr_forget_sound (GstDmixAdr *self);

/* GstAggregator's aggregate(). */
GstFlowReturn gst_dmix_adr_aggregate (GstAggregator *agg, gboolean timeout);

/* Says once why live inputs cannot be taken, if one is. No lock held. */
void gst_dmix_adr_refuse_if_live (GstDmixAdr *self);

G_END_DECLS

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* GstDmixBinReport: gathers the messages of the elements inside dmixbin into one,
 * and keeps the last ones of each for the proposal. Any thread. */
#ifndef GST_DMIX_BIN_REPORT_H
#define GST_DMIX_BIN_REPORT_H

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GMutex lock;
  /* name of an element and of its message ("ducker/dmixmeter") to its last
   * GstMessage */
  GHashTable *last;
} GstDmixBinReport;

void gst_dmix_bin_report_init (GstDmixBinReport *self);
void gst_dmix_bin_report_clear (GstDmixBinReport *self);
void gst_dmix_bin_report_forget (GstDmixBinReport *self);

/* Keeps a message of an element in the bin, but not the element; takes it. */
void gst_dmix_bin_report_keep (GstDmixBinReport *self, GstMessage *message);

/* A number of the last message `message` of `element`; FALSE if there is none or
 * it is no number. */
gboolean gst_dmix_bin_report_get (GstDmixBinReport *self, const gchar *element,
    const gchar *message, const gchar *field, gdouble *value);

/* Largest true peak of the last dmixmeter message of `element`, dBTP. */
gboolean gst_dmix_bin_report_get_peak (GstDmixBinReport *self,
    const gchar *element, gdouble *peak_dbtp);

/* The message `dmixbin`: what is known now, with the times of the last message
 * of `clock`. */
GstStructure *gst_dmix_bin_report_gather (GstDmixBinReport *self,
    const gchar *clock_element, const gchar *clock_message);

G_END_DECLS

#endif

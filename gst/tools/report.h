/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* --report: what the elements posted while a job ran, as JSON and as a page.
 * All functions but the first two take NULL, and then do nothing. */
#pragma once

#include "tools/job.h"

typedef struct _DmixReport DmixReport;

/* FALSE and an error where the report could not be written, or would be written
 * over a file of the job. Opens nothing that exists. */
gboolean dmix_report_check (const DmixJob *job, GError **error);

/* NULL for a job without one. */
DmixReport *dmix_report_new (const DmixJob *job);
void dmix_report_free (DmixReport *report);

/* Running time that is 0 in the report: that of the first picture. */
void dmix_report_set_zero (DmixReport *report, GstClockTime zero);

/* A file that was read. `name`: its part in the job, as "dialogue_0". */
void dmix_report_add_file (DmixReport *report, const gchar *name,
    const gchar *path, GstClockTime at, GstClockTime duration, gint rate,
    gint channels);

/* An element message, before the work or (`after`) of its result. */
void dmix_report_note (DmixReport *report, gboolean after, const gchar *element,
    const GstStructure *message);

/* A warning of an element. */
void dmix_report_warn (DmixReport *report, const gchar *text);

/* Reads the properties of all elements of this set in the bin, and the verdicts
 * of its element "meter" when it ends. Call it before the bin plays. */
void dmix_report_watch (DmixReport *report, GstBin *bin);

/* The closing figures of the job. */
void dmix_report_set_figures (DmixReport *report, const GstStructure *figures);

/* Writes both files. */
gboolean dmix_report_write (DmixReport *report, GError **error);

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A plan: a file with one job a line, and one result file for each job. Engines
 * such as GNU parallel and Slurm hand out the rows; the files are all that
 * workers share. */
#pragma once

#include "tools/json.h"
#include "tools/say.h"

typedef struct
{
  gchar *path;    /* plan.jsonl */
  gchar *folder;  /* of the plan, absolute; paths of rows are relative to it */
  gchar *results; /* plan.results: folder of the result files */
  gchar **lines;  /* text of each row */
  guint rows;     /* their number */
} DmixBatch;

typedef enum
{
  DMIX_ROW_DONE,
  DMIX_ROW_FAILED,  /* with the reason in its result file */
  DMIX_ROW_MISSING, /* not run, or stopped on the way */
} DmixRowState;

/* One line of the plan; paths of the job are absolute. */
typedef struct
{
  gchar *hash;
  DmixJob *job;
} DmixRow;

DmixBatch *dmix_batch_read (const gchar *path, GError **error);
void dmix_batch_free (DmixBatch *batch);

/* The folder that paths in a plan are relative to, and that of its results. */
gchar *dmix_batch_folder (const gchar *path);
gchar *dmix_batch_results (const gchar *path);

/* Text of one row, without the end of the line: a hash of the job's text and of
 * the version of dmix, and the job. */
gchar *dmix_batch_row_text (const DmixJob *job);

/* Row 1 ... rows. An error where the text and its hash differ: the row was
 * edited, or another version of dmix made it. */
DmixRow *dmix_batch_row (const DmixBatch *batch, guint number, GError **error);
void dmix_row_free (DmixRow *row);

/* What its result file says, which is put into `result` (or NULL) as an object
 * of the caller; done only while the output is there in its full size. reason:
 * for all but DONE. */
DmixRowState dmix_batch_state (const DmixBatch *batch, const DmixRow *row,
    JsonObject **result, gchar **reason);

/* Writes the result file of a row that was run: the figures and warnings that
 * `say` kept, or the error. */
gboolean dmix_batch_write (const DmixBatch *batch, const DmixRow *row,
    const DmixSay *say, const GError *failed, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DmixBatch, dmix_batch_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DmixRow, dmix_row_free)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Plays a pipeline to its end: bus, signals, progress, warnings, errors. */
#pragma once

#include "tools/report.h"
#include "tools/say.h"

/* Receives each element message; `element`: the name of the one that posts it. */
typedef void (*DmixListener) (const gchar *element, const GstStructure *message,
    gpointer data);

/* Receives each warning; TRUE: it need not be printed. */
typedef gboolean (*DmixWarned) (const gchar *text, gpointer data);

typedef struct
{
  DmixSay *say;
  DmixListener listener; /* or NULL */
  gpointer data;
  DmixWarned warned;  /* or NULL */
  DmixReport *report; /* or NULL */
} DmixContext;

/* Runs until EOS; the pipeline is in NULL afterwards. watched: pad whose
 * buffers are the progress of `step`. Takes the pipeline. */
gboolean dmix_runner_play (DmixContext *context, GstElement *pipeline,
    GstPad *watched, const gchar *step, GstClockTime duration, GError **error);

/* Counts the frames that pass a pad, from 0. */
void dmix_runner_count (GstPad *pad, guint64 *frames);

/* Marks an element: errors of it and of those inside name this file. */
void dmix_runner_set_file (GstElement *element, const gchar *path);

/* An element of GStreamer or of this set; an error says what to install. */
GstElement *dmix_runner_make (const gchar *factory, GError **error);

/* Makes the elements (NULL-terminated; each a factory, or "FACTORY NAME") and
 * links them in a row inside of `bin`; the first and the last. FALSE and an error if one is missing. */
gboolean dmix_runner_chain (GstBin *bin, const gchar *const *factories,
    GstElement **first, GstElement **last, GError **error);

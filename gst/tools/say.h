/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the user sees: progress with the time left, warnings, results. Text for
 * people on a terminal or in a log; with --json one JSON object a line. */
#pragma once

#include "tools/error.h"

typedef struct _DmixSay DmixSay;

DmixSay *dmix_say_new (gboolean json, gboolean quiet);
/* Prints nothing; keeps the warnings and the figures of a job for its file. */
DmixSay *dmix_say_new_kept (void);
/* The warnings (each a string) and the event "done", or NULL without one. Both
 * belong to `say`. */
const GPtrArray *dmix_say_warnings (const DmixSay *say);
const GstStructure *dmix_say_done (const DmixSay *say);
void dmix_say_free (DmixSay *say);
gboolean dmix_say_is_json (const DmixSay *say);

/* A step begins: "mixing", "measuring"; duration: of its sound, or NONE. */
void dmix_say_begin (DmixSay *say, const gchar *step, GstClockTime duration);
/* Where it is; call it some ten times a second. */
void dmix_say_position (DmixSay *say, GstClockTime position);
void dmix_say_end (DmixSay *say);

/* One line on stderr: a loss or a doubt. */
void dmix_say_warning (DmixSay *say, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);
/* One line on stdout: a result for people; not with --json or --quiet. */
void dmix_say_line (DmixSay *say, const gchar *format, ...)
    G_GNUC_PRINTF (2, 3);
/* A result for machines: with --json one object on stdout. Takes `fields`. */
void dmix_say_event (DmixSay *say, const gchar *event, GstStructure *fields);
/* The error that ends the tool, on stderr and, with --json, on stdout. */
void dmix_say_error (DmixSay *say, const GError *error);

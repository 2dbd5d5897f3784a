/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The lines that dmixadr aligned, and what to do about those with a problem. */
#pragma once

#include "tools/say.h"

typedef struct _DmixLines DmixLines;

DmixLines *dmix_lines_new (void);
void dmix_lines_free (DmixLines *lines);

/* Element messages, of lines and their summary; others than those of dmixadr are
 * ignored. */
void dmix_lines_note (DmixLines *lines, const GstStructure *message);

/* A warning of dmixadr, which belongs to the latest line. TRUE: it is one. */
gboolean dmix_lines_note_warning (DmixLines *lines, const gchar *text);

/* By how many ppm the take's clock is slow; 0: not, or it cannot be told. */
gdouble dmix_lines_drift (const DmixLines *lines);

/* Fewer lines do not match; of equals: the sum of confidence is higher. */
gboolean dmix_lines_are_better (const DmixLines *a, const DmixLines *b);

/* Adds a problem for each line that matches better in `other`, the take `path`. */
void dmix_lines_compare (DmixLines *lines, const DmixLines *other,
    const gchar *path);

/* A table of all lines, then a line per problem. */
void dmix_lines_show (const DmixLines *lines, DmixSay *say);

/* Fields "lines" (array of the messages), "problems" (array of structures with
 * start and stop in ns, kind and text), "matched", "mismatched", "drift" in ppm. */
GstStructure *dmix_lines_figures (const DmixLines *lines);

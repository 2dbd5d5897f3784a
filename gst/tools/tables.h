/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Sections of a report that are tables, and how it writes figures. Each section
 * is left out where the report has nothing for it. */
#pragma once

#include "tools/json.h"

void dmix_tables_passages (GString *page, JsonObject *report);
void dmix_tables_verdicts (GString *page, JsonObject *report);
void dmix_tables_adr (GString *page, JsonObject *report);
void dmix_tables_denoise (GString *page, JsonObject *report);
void dmix_tables_settings (GString *page, JsonObject *report);

/* The passages that are hard to hear "before" or "after"; NULL: none was
 * looked for. */
JsonArray *dmix_tables_passages_of (JsonObject *report, const gchar *phase);

/* Text with the letters of HTML escaped. */
void dmix_tables_escape (GString *page, const gchar *text);

/* A member of an object (or NULL); NAN where it is not there. */
gdouble dmix_tables_number (JsonObject *object, const gchar *name);

/* A figure with its unit (or NULL); a dash for NAN. */
void dmix_tables_append (GString *page, gdouble value, guint decimals,
    const gchar *unit);

/* Seconds as H:MM:SS, from the first part on that is not 0, with tenths. */
void dmix_tables_clock (GString *page, gdouble seconds, gboolean tenths);

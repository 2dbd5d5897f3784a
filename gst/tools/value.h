/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Words of the command line and of session files to values. */
#pragma once

#include <glib.h>

/* Seconds of S, M:S or H:M:S, with decimals; FALSE for other text. */
gboolean dmix_value_time (const gchar *text, gdouble *seconds);

/* "FILE@TIME" in its parts; the last '@' counts if a time follows it. Takes
 * nothing. */
void dmix_value_place (const gchar *word, gchar **path, gint64 *at_ns);

/* Text to a number within limits; FALSE and an error that names the option. */
gboolean dmix_value_number (const gchar *option, const gchar *text,
    gdouble least, gdouble most, gdouble *number, GError **error);

/* HH:MM:SS.mmm of nanoseconds (free it). */
gchar *dmix_value_clock (guint64 ns);

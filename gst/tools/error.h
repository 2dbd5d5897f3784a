/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Errors of the tool: their domain, and the exit codes they lead to. */
#pragma once

#include <gst/gst.h>

/* Codes of the domain are exit codes; a signal is 128 + its number, and the
 * tool then ends by that signal. */
#define DMIX_EXIT_INPUT 1 /* the input or the request has to change */
#define DMIX_EXIT_TRY_AGAIN                                                    \
  75 /* disk full, no memory: the same may work later */

#define DMIX_ERROR (dmix_error_quark ())
GQuark dmix_error_quark (void);

/* Text for one line of a terminal: control characters and bytes that are not
 * UTF-8 as \xHH. Free it. */
gchar *dmix_printable (const gchar *text);

/* "PATH: TEXT" with PATH made printable. */
void dmix_error_set (GError **error, gint code, const gchar *path,
    const gchar *format, ...) G_GNUC_PRINTF (4, 5);

/* The same for a failed system call: its errno decides on the code. */
void dmix_error_set_errno (GError **error, gint number, const gchar *path,
    const gchar *doing);

/* The last line of a message's detail: what the element saw. */
const gchar *dmix_error_detail (const gchar *detail);

/* An error of the bus, of the file `path` (or NULL). */
void dmix_error_set_gst (GError **error, const gchar *path,
    const GError *bus_error, const gchar *detail);

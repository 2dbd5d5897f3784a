/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* SIGINT, SIGTERM and SIGHUP: the tool removes its scratch files and then ends
 * by the signal, so that a shell sees it. */
#pragma once

#include "tools/error.h"

/* Call once, before threads begin. A signal that is ignored (nohup) stays so. */
void dmix_signals_install (void);

/* Number of the signal that came, or 0. For loops that copy. */
gint dmix_signals_pending (void);

/* The same as an error (code 128 + number); TRUE without a signal. */
gboolean dmix_signals_check (GError **error);

/* A descriptor that is readable once a signal has come. For main loops. */
gint dmix_signals_fd (void);

/* Ends the process by the signal, as without a handler. */
void dmix_signals_end (gint number) G_GNUC_NORETURN;

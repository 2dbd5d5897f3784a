/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Session files: what `dmix mix --session` reads and `dmix analyse` writes. */
#pragma once

#include "tools/job.h"

/* "dialogue" and those of the background; NULL-terminated. */
extern const gchar *const dmix_session_roles[];

/* Adds what a session file (docs/dmix.md) says to a job. */
gboolean dmix_session_read (DmixJob *job, const gchar *path, GError **error);

/* The text of a session file at `path` for the inputs, the settings and the
 * delivery of a job; free it. Paths of files in or below the folder of `path`
 * become relative to it. NULL and an error where a file cannot be named in one. */
gchar *dmix_session_text (const DmixJob *job, const gchar *path,
    GError **error);

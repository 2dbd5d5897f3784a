/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A file to write, safely: it has no name while it is being written, and takes
 * its name (over a file of this name) only when all of it is on the disk. */
#pragma once

#include "tools/error.h"

typedef struct _DmixOutput DmixOutput;

/* FALSE where `path` is one of `inputs` (NULL-terminated) by any way: the same
 * name, another path, a symbolic or a hard link. Opens nothing. */
gboolean dmix_output_check (const gchar *path, const gchar *const *inputs,
    GError **error);

/* Opens the scratch file in the folder of `path`. */
DmixOutput *dmix_output_new (const gchar *path, GError **error);

/* Another scratch file in the same folder, for intermediate data. Close it; it
 * has no name and ends with its descriptor. -1 and an error if it fails. */
gint dmix_output_scratch (DmixOutput *output, GError **error);

/* Its descriptor, open for reading and writing; the output owns it. */
gint dmix_output_fd (DmixOutput *output);
const gchar *dmix_output_path (DmixOutput *output);

/* Writes all of it to the disk and gives it its name. */
gboolean dmix_output_finish (DmixOutput *output, GError **error);

/* Writes a whole text file in the same way. */
gboolean dmix_output_write (const gchar *path, const gchar *text,
    GError **error);

/* Two files that belong together: neither gets its name before both are on the
 * disk. */
gboolean dmix_output_write_both (const gchar *path, const gchar *text,
    const gchar *other_path, const gchar *other_text, GError **error);

/* Without dmix_output_finish() nothing of it is left. */
void dmix_output_free (DmixOutput *output);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DmixOutput, dmix_output_free)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/graft.h"
#include "tools/signals.h"

#include <errno.h>
#include <unistd.h>

#define PIECE (4 << 20) /* bytes between two looks for a signal */

gboolean
dmix_graft_write (gint fd, gconstpointer data, gsize bytes, GError **error)
{
  const guint8 *at = data;

  while (bytes > 0) {
    const gssize wrote = write (fd, at, MIN (bytes, PIECE));

    if (wrote < 0 && errno != EINTR) {
      dmix_error_set_errno (error, errno, NULL, "the output cannot be written");
      return FALSE;
    }
    if (!dmix_signals_check (error))
      return FALSE;
    at += MAX (wrote, 0);
    bytes -= (gsize) MAX (wrote, 0);
  }
  return TRUE;
}

const gchar *
dmix_graft_title (const DmixGraft *graft, guint64 track)
{
  const DmixDress *dress = graft->dress;

  return dress && track >= 1 && track <= dress->titles->len
      ? g_ptr_array_index (dress->titles, track - 1)
      : NULL;
}

gboolean
dmix_graft_is_default (const DmixGraft *graft, guint64 track)
{
  const DmixDress *dress = graft->dress;

  return !dress || track < 1 || track > dress->are_defaults->len
      || g_array_index (dress->are_defaults, gboolean, track - 1);
}

GMappedFile *
dmix_graft_map (const gchar *path, const guint8 **data, gsize *size,
    GError **error)
{
  GMappedFile *file = g_mapped_file_new (path, FALSE, NULL);

  if (!file) {
    dmix_error_set_errno (error, errno, path, "cannot be read");
    return NULL;
  }
  *data = (const guint8 *) g_mapped_file_get_contents (file);
  *size = g_mapped_file_get_length (file);
  return file;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: open(2) with O_TMPFILE, then linkat(2) to its name, or over a file of
 * that name to a scratch name and rename(2). Even a process that is killed leaves
 * nothing (but for that last case, between these two). File systems without
 * O_TMPFILE get a scratch name (.dmix-XXXXXX) from the beginning, which is
 * removed on failure and on signals. */
#define _GNU_SOURCE /* O_TMPFILE */
#include "tools/output.h"
#include "tools/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_FILES "/proc/self/fd" /* where a file without a name has one */

struct _DmixOutput
{
  gchar *path;    /* as given, for messages */
  gchar *target;  /* where it goes: symbolic links are followed */
  gchar *folder;  /* of the target */
  gchar *scratch; /* name in the folder, or NULL while it has none */
  gint fd;
};

static gboolean
is_same_file (const struct stat *a, const struct stat *b)
{
  return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

gboolean
dmix_output_check (const gchar *path, const gchar *const *inputs,
    GError **error)
{
  struct stat out, in;

  if (!*path) {
    dmix_error_set (error, DMIX_EXIT_INPUT, NULL, "the output has no name");
    return FALSE;
  }
  if (stat (path, &out) < 0)
    return TRUE; /* it is not there, and so is no input */
  if (!S_ISREG (out.st_mode)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path,
        "the output has to be a file, and this is %s",
        S_ISDIR (out.st_mode) ? "a folder" : "a device or a pipe");
    return FALSE;
  }
  for (; *inputs; inputs++)
    if (stat (*inputs, &in) == 0 && is_same_file (&out, &in)) {
      gchar *name = dmix_printable (*inputs);

      dmix_error_set (error, DMIX_EXIT_INPUT, path,
          "the output is the input %s; name another file to write", name);
      g_free (name);
      return FALSE;
    }
  return TRUE;
}

static gint
open_scratch (DmixOutput *self, gchar **name, GError **error)
{
  gint fd = -1;

  if (access (OWN_FILES, X_OK) == 0)
    fd = open (self->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  if (fd < 0) {
    *name = g_build_filename (self->folder, ".dmix-XXXXXX", NULL);
    fd = g_mkstemp_full (*name, O_RDWR | O_CLOEXEC, 0666);
    if (fd < 0) {
      dmix_error_set_errno (error, errno, self->path, "cannot be written");
      g_clear_pointer (name, g_free);
    }
  }
  return fd;
}

DmixOutput *
dmix_output_new (const gchar *path, GError **error)
{
  DmixOutput *self = g_new0 (DmixOutput, 1);
  gchar *real = realpath (path, NULL);

  self->path = g_strdup (path);
  self->target = g_strdup (real ? real : path);
  self->folder = g_path_get_dirname (self->target);
  free (real);
  self->fd = open_scratch (self, &self->scratch, error);
  if (self->fd < 0)
    g_clear_pointer (&self, dmix_output_free);
  return self;
}

gint
dmix_output_scratch (DmixOutput *self, GError **error)
{
  gchar *name = NULL;
  const gint fd = open_scratch (self, &name, error);

  if (name) {
    unlink (name);
    g_free (name);
  }
  return fd;
}

gint
dmix_output_fd (DmixOutput *self)
{
  return self->fd;
}

const gchar *
dmix_output_path (DmixOutput *self)
{
  return self->path;
}

/* A file that was there before keeps its permissions. */
static void
keep_permissions (DmixOutput *self)
{
  struct stat before;

  if (stat (self->target, &before) == 0
      && fchmod (self->fd, before.st_mode & 07777) < 0)
    GST_WARNING ("permissions of %s: %s", self->path, g_strerror (errno));
}

/* The file without a name gets that of the target or, where a file has it, a
 * scratch name, to be renamed over that file. */
static gboolean
give_name (DmixOutput *self)
{
  gchar *own = g_strdup_printf (OWN_FILES "/%d", self->fd);

  if (linkat (AT_FDCWD, own, AT_FDCWD, self->target, AT_SYMLINK_FOLLOW) == 0) {
    g_free (own);
    return TRUE;
  }

  for (guint i = 0; !self->scratch && i < 100; i++) {
    gchar *leaf = g_strdup_printf (".dmix-%08x", g_random_int ());
    gchar *name = g_build_filename (self->folder, leaf, NULL);

    if (linkat (AT_FDCWD, own, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0)
      self->scratch = g_steal_pointer (&name);
    g_free (name);
    g_free (leaf);
    if (!self->scratch && errno != EEXIST)
      break;
  }
  g_free (own);
  return self->scratch != NULL;
}

static void
sync_folder (const gchar *folder)
{
  const gint fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0) {
    fsync (fd);
    close (fd);
  }
}

gboolean
dmix_output_finish (DmixOutput *self, GError **error)
{
  if (!dmix_signals_check (error))
    return FALSE;
  keep_permissions (self);
  if (fsync (self->fd) < 0 || (!self->scratch && !give_name (self))
      || (self->scratch && rename (self->scratch, self->target) < 0)) {
    dmix_error_set_errno (error, errno, self->path, "cannot be written");
    return FALSE;
  }
  g_clear_pointer (&self->scratch, g_free);
  sync_folder (self->folder);
  return TRUE;
}

void
dmix_output_free (DmixOutput *self)
{
  if (!self)
    return;
  if (self->scratch)
    unlink (self->scratch);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->scratch);
  g_free (self->folder);
  g_free (self->target);
  g_free (self->path);
  g_free (self);
}

/* A scratch file with all of the text, without its name as yet. */
static DmixOutput *
write_scratch (const gchar *path, const gchar *text, GError **error)
{
  DmixOutput *output = dmix_output_new (path, error);
  gsize left = strlen (text);

  while (output && left > 0) {
    const gssize written = write (output->fd, text, left);

    if (written < 0 && errno != EINTR) {
      dmix_error_set_errno (error, errno, path, "cannot be written");
      g_clear_pointer (&output, dmix_output_free);
    }
    text += MAX (written, 0);
    left -= (gsize) MAX (written, 0);
  }
  return output;
}

gboolean
dmix_output_write (const gchar *path, const gchar *text, GError **error)
{
  g_autoptr (DmixOutput) output = write_scratch (path, text, error);

  return output && dmix_output_finish (output, error);
}

gboolean
dmix_output_write_both (const gchar *path, const gchar *text,
    const gchar *other_path, const gchar *other_text, GError **error)
{
  g_autoptr (DmixOutput) one = write_scratch (path, text, error);
  g_autoptr (DmixOutput) other =
      one ? write_scratch (other_path, other_text, error) : NULL;

  return other && dmix_output_finish (one, error)
      && dmix_output_finish (other, error);
}

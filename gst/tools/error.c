/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Each error is one line: the file, what is wrong, what to do. */
#include "tools/error.h"

#include <errno.h>
#include <string.h>

G_DEFINE_QUARK (dmix - error - quark, dmix_error)

gchar *
dmix_printable (const gchar *text)
{
  GString *out = g_string_new (NULL);

  while (*text) {
    gunichar c = g_utf8_get_char_validated (text, -1);

    if (c == (gunichar) -1 || c == (gunichar) -2) {
      g_string_append_printf (out, "\\x%02x", (guchar) *text);
      text++;
    } else {
      if (g_unichar_iscntrl (c))
        g_string_append_printf (out, "\\x%02x", (guint) c);
      else
        g_string_append_unichar (out, c);
      text = g_utf8_next_char (text);
    }
  }
  return g_string_free (out, FALSE);
}

void
dmix_error_set (GError **error, gint code, const gchar *path,
    const gchar *format, ...)
{
  va_list arguments;
  gchar *text, *name = path ? dmix_printable (path) : NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (name)
    g_set_error (error, DMIX_ERROR, code, "%s: %s", name, text);
  else
    g_set_error_literal (error, DMIX_ERROR, code, text);
  g_free (text);
  g_free (name);
}

/* What may be different at the next try without a change of the request. */
static gboolean
is_temporary (gint number)
{
  switch (number) {
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EIO:
    case EAGAIN:
    case EBUSY:
    case ESTALE:
      return TRUE;
    default:
      return FALSE;
  }
}

static const gchar *
advice (gint number)
{
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return "; make room there, or write to another disk";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; name a folder that you may write to";
    case ENOENT:
      return "; is the name right?";
    default:
      return "";
  }
}

void
dmix_error_set_errno (GError **error, gint number, const gchar *path,
    const gchar *doing)
{
  dmix_error_set (error,
      is_temporary (number) ? DMIX_EXIT_TRY_AGAIN : DMIX_EXIT_INPUT, path,
      "%s: %s%s", doing, g_strerror (number), advice (number));
}

const gchar *
dmix_error_detail (const gchar *detail)
{
  const gchar *line = detail ? strrchr (detail, '\n') : NULL;

  return line ? line + 1 : detail;
}

void
dmix_error_set_gst (GError **error, const gchar *path, const GError *bus_error,
    const gchar *detail)
{
  const gchar *more = dmix_error_detail (detail);
  gint code = DMIX_EXIT_INPUT;

  if (g_error_matches (bus_error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NO_SPACE_LEFT)
      || g_error_matches (bus_error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_WRITE)
      || g_error_matches (bus_error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_BUSY))
    code = DMIX_EXIT_TRY_AGAIN;
  if (g_error_matches (bus_error, GST_RESOURCE_ERROR,
          GST_RESOURCE_ERROR_NO_SPACE_LEFT)
      && (!detail || !strstr (detail, "No memory")))
    more = "make room on the disk of the output, or write to another one";
  if (g_error_matches (bus_error, GST_STREAM_ERROR,
          GST_STREAM_ERROR_TYPE_NOT_FOUND))
    more = "no sound that GStreamer knows is in this file";
  dmix_error_set (error, code, path, "%s%s%s%s", bus_error->message,
      more ? " (" : "", more ? more : "", more ? ")" : "");
}

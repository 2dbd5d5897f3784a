/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/value.h"
#include "tools/error.h"

#include <math.h>
#include <string.h>

gboolean
dmix_value_time (const gchar *text, gdouble *seconds)
{
  gchar **parts = g_strsplit (text, ":", 4);
  const guint count = g_strv_length (parts);
  gboolean good = count >= 1 && count <= 3;

  *seconds = 0;
  for (guint i = 0; good && i < count; i++) {
    gchar *end;
    const gdouble value = g_ascii_strtod (parts[i], &end);

    good = g_ascii_isdigit (*parts[i]) && !*end && (i == 0 || value < 60)
        && isfinite (value) && (i == count - 1 || !strchr (parts[i], '.'))
        && !strpbrk (parts[i], "eExXpP");
    *seconds = *seconds * 60 + value;
  }
  g_strfreev (parts);
  return good && *seconds < 1e6;
}

void
dmix_value_place (const gchar *word, gchar **path, gint64 *at_ns)
{
  const gchar *at = strrchr (word, '@');
  gdouble seconds;

  *at_ns = 0;
  if (at && at != word && !g_file_test (word, G_FILE_TEST_EXISTS)
      && dmix_value_time (at + 1, &seconds)) {
    *path = g_strndup (word, at - word);
    *at_ns = (gint64) (seconds * 1e9 + 0.5);
  } else {
    *path = g_strdup (word);
  }
}

gboolean
dmix_value_number (const gchar *option, const gchar *text, gdouble least,
    gdouble most, gdouble *number, GError **error)
{
  gchar *end;

  *number = g_ascii_strtod (text, &end);
  if (*text && !*end && *number >= least && *number <= most)
    return TRUE;
  dmix_error_set (error, DMIX_EXIT_INPUT, NULL,
      "%s %s: write a number from %g to %g", option, text, least, most);
  return FALSE;
}

gchar *
dmix_value_clock (guint64 ns)
{
  const guint64 ms = (ns + 500000) / 1000000;

  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u.%03u", ms / 3600000,
      (guint) (ms / 60000 % 60), (guint) (ms / 1000 % 60), (guint) (ms % 1000));
}

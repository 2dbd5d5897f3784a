/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/csv.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf" /* Excel begins UTF-8 with it */

static gchar
separator_of (const gchar *text)
{
  static const gchar candidates[] = { ',', ';', '\t' };
  guint count[G_N_ELEMENTS (candidates)] = { 0 };
  guint best = 0;

  for (; *text && *text != '\n'; text++)
    for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
      count[i] += *text == candidates[i];
  for (guint i = 1; i < G_N_ELEMENTS (candidates); i++)
    if (count[i] > count[best])
      best = i;
  return candidates[best];
}

/* Copies a field and returns where it ends: at a separator, a newline or the
 * end of the text; NULL for a quote that is never closed. */
static const gchar *
read_field (const gchar *at, gchar separator, GString *field)
{
  gboolean quoted = *at == '"';

  g_string_truncate (field, 0);
  if (quoted)
    at++;
  for (; *at; at++) {
    if (quoted && *at == '"' && at[1] == '"')
      at++;
    else if (quoted && *at == '"') {
      quoted = FALSE;
      continue;
    } else if (!quoted && (*at == separator || *at == '\n'))
      return at;
    g_string_append_c (field, *at);
  }
  return quoted ? NULL : at;
}

/* Also takes the end of the line; NULL and no row for an open quote. */
static const gchar *
read_row (const gchar *at, gchar separator, GPtrArray *row)
{
  GString *field = g_string_new (NULL);

  while ((at = read_field (at, separator, field))) {
    const gboolean last = *at != separator;

    if (last && field->len && field->str[field->len - 1] == '\r')
      g_string_truncate (field, field->len - 1);
    g_ptr_array_add (row, g_strdup (field->str));
    if (last)
      break;
    at++;
  }
  g_string_free (field, TRUE);
  return at && *at == '\n' ? at + 1 : at;
}

GPtrArray *
dmix_csv_read (const gchar *path, GError **error)
{
  GPtrArray *rows =
      g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  GError *wrong = NULL;
  gchar *text = NULL;
  const gchar *at;
  gchar separator;

  if (!g_file_get_contents (path, &text, NULL, &wrong)) {
    dmix_error_set (error, DMIX_EXIT_INPUT, path, "%s", wrong->message);
    g_error_free (wrong);
    g_ptr_array_unref (rows);
    return NULL;
  }
  at = text
      + (g_str_has_prefix (text, BYTE_ORDER_MARK) ? strlen (BYTE_ORDER_MARK)
                                                  : 0);
  separator = separator_of (at);
  while (at && *at) {
    GPtrArray *row = g_ptr_array_new_with_free_func (g_free);

    at = read_row (at, separator, row);
    if (row->len > 1
        || (row->len == 1 && *(gchar *) g_ptr_array_index (row, 0)))
      g_ptr_array_add (rows, row);
    else
      g_ptr_array_unref (row);
  }
  g_free (text);
  if (at)
    return rows;
  dmix_error_set (error, DMIX_EXIT_INPUT, path,
      "line %u: a quote is opened and never closed", rows->len + 1);
  g_ptr_array_unref (rows);
  return NULL;
}

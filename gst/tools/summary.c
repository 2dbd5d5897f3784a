/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Order of the page: how many rows are done, the rows that need somebody, the
 * spread of each figure, all rows. It has no script. */
#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "tools/summary.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Figures of a job that stand in the tables; a meter has other names for some.
 */
static const struct
{
  const gchar *name, *other, *title, *unit;
} figures[] = {
  { "loudness", "integrated", "Loudness", "LUFS" },
  { "range", "range", "Range", "LU" },
  { "true-peak", "true-peak", "True peak", "dBTP" },
  { "difference", "ldr", "Dialogue above background", "LU" },
  { "ducking", "ducking", "Deepest ducking", "dB" },
  { "took-seconds", "took-seconds", "Time", "s" },
};
#define FIGURES G_N_ELEMENTS (figures)

struct _DmixSummary
{
  GString *rows, *trouble; /* rows of both tables */
  GArray *values[FIGURES]; /* of gdouble, of the rows that are done */
  guint total, done, failed, missing, warned;
};

DmixSummary *
dmix_summary_new (void)
{
  DmixSummary *summary = g_new0 (DmixSummary, 1);

  summary->rows = g_string_new (NULL);
  summary->trouble = g_string_new (NULL);
  for (guint i = 0; i < FIGURES; i++)
    summary->values[i] = g_array_new (FALSE, FALSE, sizeof (gdouble));
  return summary;
}

void
dmix_summary_free (DmixSummary *summary)
{
  g_string_free (summary->rows, TRUE);
  g_string_free (summary->trouble, TRUE);
  for (guint i = 0; i < FIGURES; i++)
    g_array_unref (summary->values[i]);
  g_free (summary);
}

/*** rows ***/

static void
append_escaped (GString *out, const gchar *text)
{
  gchar *plain = dmix_printable (text);
  gchar *escaped = g_markup_escape_text (plain, -1);

  g_string_append (out, escaped);
  g_free (escaped);
  g_free (plain);
}

static const gchar *
text_of (JsonObject *line, const gchar *name)
{
  return json_object_get_string_member_with_default (line, name, "");
}

/* NAN for a figure that the row has not; of channels the highest. */
static gdouble
figure_of (JsonObject *line, const gchar *name)
{
  JsonNode *node = json_object_get_member (line, "figures");
  gdouble most = NAN;

  node =
      node ? json_object_get_member (json_node_get_object (node), name) : NULL;
  if (node && JSON_NODE_HOLDS_VALUE (node))
    return json_node_get_double (node);
  if (node && JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; i < json_array_get_length (array); i++)
      most = fmax (most, json_array_get_double_element (array, i));
  }
  return most;
}

static void
add_trouble (DmixSummary *summary, JsonObject *line, const gchar *reason)
{
  GString *out = summary->trouble;

  g_string_append_printf (out, "<tr><td>%d<td>%s<td>",
      (gint) json_object_get_int_member (line, "row"),
      text_of (line, "status"));
  append_escaped (out,
      *text_of (line, "output") ? text_of (line, "output")
                                : text_of (line, "input"));
  g_string_append (out, "<td>");
  append_escaped (out, reason);
  g_string_append (out, "\n");
}

static void
add_warnings (DmixSummary *summary, JsonObject *line)
{
  JsonArray *warnings = json_object_has_member (line, "warnings")
      ? json_object_get_array_member (line, "warnings")
      : NULL;

  for (guint i = 0; warnings && i < json_array_get_length (warnings); i++)
    add_trouble (summary, line, json_array_get_string_element (warnings, i));
  summary->warned += warnings && json_array_get_length (warnings);
}

void
dmix_summary_add (DmixSummary *summary, JsonObject *line)
{
  const gchar *status = text_of (line, "status");
  const gboolean done = g_str_equal (status, "done");
  GString *out = summary->rows;

  summary->total++;
  summary->done += done;
  summary->failed += g_str_equal (status, "failed");
  summary->missing += g_str_equal (status, "missing");
  if (done)
    add_warnings (summary, line);
  else
    add_trouble (summary, line, text_of (line, "reason"));
  g_string_append_printf (out, "<tr><td>%d<td>%s<td>",
      (gint) json_object_get_int_member (line, "row"), status);
  append_escaped (out,
      *text_of (line, "output") ? text_of (line, "output")
                                : text_of (line, "input"));
  for (guint i = 0; i < FIGURES; i++) {
    gdouble value = figure_of (line, figures[i].name);

    if (isnan (value))
      value = figure_of (line, figures[i].other);
    if (done && !isnan (value)) {
      g_array_append_val (summary->values[i], value);
      g_string_append_printf (out, "<td>%.1f", value);
    } else {
      g_string_append (out, "<td>");
    }
  }
  g_string_append (out, "\n");
}

/*** the page ***/

static gint
compare (gconstpointer a, gconstpointer b)
{
  const gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;

  return (x > y) - (x < y);
}

static void
append_spread (GString *out, DmixSummary *summary)
{
  g_string_append (out,
      "<h2>Figures</h2>\n<table><thead><tr><th scope=col>Figure<th scope=col>"
      "Lowest<th scope=col>Median<th scope=col>Highest</thead>\n");
  for (guint i = 0; i < FIGURES; i++) {
    GArray *values = summary->values[i];

    if (!values->len)
      continue;
    g_array_sort (values, compare);
    g_string_append_printf (out,
        "<tr><th scope=row>%s, %s<td>%.1f<td>%.1f<td>%.1f\n", figures[i].title,
        figures[i].unit, g_array_index (values, gdouble, 0),
        g_array_index (values, gdouble, values->len / 2),
        g_array_index (values, gdouble, values->len - 1));
  }
  g_string_append (out, "</table>\n");
}

static void
append_head (GString *out, const DmixSummary *summary, const gchar *plan)
{
  g_string_append (out,
      "<!doctype html>\n<html lang=en><meta charset=utf-8>\n"
      "<meta name=viewport content='width=device-width'>\n<title>");
  append_escaped (out, plan);
  g_string_append (out,
      "</title>\n<style>:root{color-scheme:light dark}"
      "body{font:15px/1.4 sans-serif;max-width:75em;margin:2em auto;"
      "padding:0 1em}table{border-collapse:collapse}"
      "td,th{padding:.2em .8em;text-align:left;vertical-align:top;"
      "border-bottom:1px solid #8886}td:nth-child(n+4),td:first-child"
      "{font-variant-numeric:tabular-nums}"
      "td:nth-child(3){overflow-wrap:anywhere}</style>\n<h1>");
  append_escaped (out, plan);
  g_string_append_printf (out,
      "</h1>\n<p><b>%u of %u rows are done</b>, %u failed, %u are missing; %u "
      "of those done have warnings. Made by dmix " VERSION ".</p>\n",
      summary->done, summary->total, summary->failed, summary->missing,
      summary->warned);
}

gchar *
dmix_summary_page (DmixSummary *summary, const gchar *plan)
{
  GString *out = g_string_new (NULL);

  append_head (out, summary, plan);
  if (summary->trouble->len)
    g_string_append_printf (out,
        "<h2>Failed, missing, with warnings</h2>\n<table><thead><tr><th "
        "scope=col>Row<th scope=col>Status<th scope=col>File<th "
        "scope=col>Reason</thead>\n%s</table>\n",
        summary->trouble->str);
  append_spread (out, summary);
  g_string_append (out,
      "<h2>All rows</h2>\n<table><thead><tr><th scope=col>Row<th "
      "scope=col>Status<th scope=col>File");
  for (guint i = 0; i < FIGURES; i++)
    g_string_append_printf (out, "<th scope=col>%s, %s", figures[i].title,
        figures[i].unit);
  g_string_append_printf (out, "</thead>\n%s</table>\n</html>\n",
      summary->rows->str);
  return g_string_free (out, FALSE);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/tables.h"

#include <math.h>
#include <string.h>

#define MOST_ROWS 300 /* of a table; the rest is in the JSON */
#define SURE 0.5      /* map-confidence, as in lines.c */

/*** figures ***/

void
dmix_tables_escape (GString *page, const gchar *text)
{
  gchar *escaped = g_markup_escape_text (text ? text : "", -1);

  g_string_append (page, escaped);
  g_free (escaped);
}

gdouble
dmix_tables_number (JsonObject *object, const gchar *name)
{
  JsonNode *node = object ? json_object_get_member (object, name) : NULL;

  return node && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node)
                                              : NAN;
}

void
dmix_tables_append (GString *page, gdouble value, guint decimals,
    const gchar *unit)
{
  gchar *text;

  if (!isfinite (value)) {
    g_string_append (page, "\u2013");
    return;
  }
  text = g_strdup_printf ("%.*f", (int) decimals, fabs (value));
  if (value < 0 && strspn (text, "0.") < strlen (text))
    g_string_append (page, "\u2212");
  g_string_append (page, text);
  if (unit)
    g_string_append_printf (page, "\u00a0%s", unit);
  g_free (text);
}

void
dmix_tables_clock (GString *page, gdouble seconds, gboolean tenths)
{
  const guint64 all = (guint64) (MAX (0, seconds) * 10 + 0.5);
  const guint whole = (guint) (all / 10);

  if (whole >= 3600)
    g_string_append_printf (page, "%u:%02u:%02u", whole / 3600, whole / 60 % 60,
        whole % 60);
  else
    g_string_append_printf (page, "%u:%02u", whole / 60, whole % 60);
  if (tenths)
    g_string_append_printf (page, ".%u", (guint) (all % 10));
}

/*** tables ***/

static void
begin (GString *page, const gchar *id, const gchar *title, const gchar *caption,
    const gchar *const *columns)
{
  g_string_append_printf (page,
      "<section aria-labelledby=\"h-%s\"><h2 id=\"h-%s\">%s</h2>\n"
      "<div class=\"scroll\"><table id=\"%s\"><caption>%s</caption>\n"
      "<thead><tr>",
      id, id, title, id, caption);
  for (; *columns; columns++) {
    const gboolean right = **columns == '>';

    g_string_append_printf (page, "<th scope=\"col\"%s>%s</th>",
        right ? " class=\"n\"" : "", *columns + right);
  }
  g_string_append (page, "</tr></thead>\n<tbody>\n");
}

static void
end (GString *page, guint left_out)
{
  g_string_append (page, "</tbody></table></div>\n");
  if (left_out)
    g_string_append_printf (page,
        "<p class=\"note\">%u further rows are in the JSON file.</p>\n",
        left_out);
  g_string_append (page, "</section>\n");
}

static void
cell (GString *page, gdouble value, guint decimals, const gchar *unit)
{
  g_string_append (page, "<td class=\"n\">");
  dmix_tables_append (page, value, decimals, unit);
  g_string_append (page, "</td>");
}

static void
time_cell (GString *page, gdouble start, gdouble stop)
{
  g_string_append_printf (page, "<td data-time=\"%.1f\">", start);
  dmix_tables_clock (page, start, TRUE);
  g_string_append (page, "\u2013");
  dmix_tables_clock (page, stop, TRUE);
  g_string_append (page, "</td>");
}

static void
text_cell (GString *page, const gchar *text)
{
  g_string_append (page, "<td>");
  dmix_tables_escape (page, text);
  g_string_append (page, "</td>");
}

/*** hard to hear ***/

JsonArray *
dmix_tables_passages_of (JsonObject *report, const gchar *phase)
{
  return json_object_has_member (report, phase)
      ? json_object_get_array_member (json_object_get_object_member (report,
                                          phase),
          "hard-to-hear")
      : NULL;
}

static void
passage_row (GString *page, JsonObject *one, gboolean before, gboolean sii)
{
  const gdouble start = dmix_tables_number (one, "start");
  const gdouble stop = dmix_tables_number (one, "stop");
  const gdouble band = dmix_tables_number (one, "band");

  g_string_append (page, "<tr>");
  time_cell (page, start, stop);
  cell (page, dmix_tables_number (one, "difference"), 1, "LU");
  if (sii)
    cell (page, dmix_tables_number (one, "sii"), 2, NULL);
  cell (page, band > 0 ? band : NAN, 0, "Hz");
  if (before) {
    const gboolean still = json_object_get_boolean_member (one, "still");

    cell (page, dmix_tables_number (one, "difference-after"), 1, "LU");
    g_string_append_printf (page, "<td class=\"%s\">%s</td>",
        still ? "fail" : "pass", still ? "\u2717 still hard" : "\u2713 clear");
  }
  g_string_append (page, "</tr>\n");
}

/* The index is known of stems, the difference of a phrase in any sound. */
static void
passages_table (GString *page, JsonArray *list, const gchar *id,
    const gchar *title, gboolean before)
{
  const guint count = json_array_get_length (list);
  const gboolean sii = isfinite (
      dmix_tables_number (json_array_get_object_element (list, 0), "sii"));
  const gchar *columns[7] = { "Time", ">Least difference" };
  guint n = 2;

  if (sii)
    columns[n++] = ">Least SII";
  columns[n++] = ">Masked most at";
  if (before) {
    columns[n++] = ">Difference now";
    columns[n++] = "Now";
  }
  begin (page, id, title,
      "Dialogue over its background; the frequency says where an equaliser on "
      "the background helps most.",
      columns);
  for (guint i = 0; i < MIN (count, MOST_ROWS); i++)
    passage_row (page, json_array_get_object_element (list, i), before, sii);
  end (page, count > MOST_ROWS ? count - MOST_ROWS : 0);
}

void
dmix_tables_passages (GString *page, JsonObject *report)
{
  JsonArray *was = dmix_tables_passages_of (report, "before");
  JsonArray *now = dmix_tables_passages_of (report, "after");

  if (was && json_array_get_length (was))
    passages_table (page, was, "hard-before", "Hard to hear before", TRUE);
  if (now && json_array_get_length (now))
    passages_table (page, now, "hard-after",
        was ? "Hard to hear now" : "Hard to hear", FALSE);
}

/*** verdicts ***/

void
dmix_tables_verdicts (GString *page, JsonObject *report)
{
  static const gchar *const columns[] = { "Delivery", "Verdict",
    "What to change", NULL };
  static const gchar *const names[][2] = {
    { "r128", "EBU R 128" },
    { "r128-s1", "EBU R 128 s1, short form" },
    { "r128-s4", "EBU R 128 s4, cinematic" },
    { "a85", "ATSC A/85" },
    { "a85-anchor", "ATSC A/85, by dialogue" },
    { "netflix", "Netflix" },
    { "td1008", "AES TD1008, internet" },
    { "streaming", "Streaming platforms" },
    { "podcast", "Podcasts" },
  };
  JsonArray *list = json_object_get_array_member (report, "verdicts");

  if (json_array_get_length (list) == 0)
    return;
  begin (page, "verdicts", "Deliveries",
      "The result against the limits of each specification.", columns);
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *one = json_array_get_object_element (list, i);
    const gchar *name = json_object_get_string_member (one, "specification");
    const gchar *verdict = json_object_get_string_member (one, "verdict");
    const gboolean pass = g_str_equal (verdict, "pass");

    for (gsize k = 0; k < G_N_ELEMENTS (names); k++)
      if (g_str_equal (names[k][0], name))
        g_string_append_printf (page, "<tr><th scope=\"row\">%s</th>",
            names[k][1]);
    g_string_append_printf (page,
        "<td class=\"%s\" data-verdict=\"%s\">%s</td>", pass ? "pass" : "fail",
        verdict,
        pass                                ? "\u2713 meets it"
            : g_str_equal (verdict, "fail") ? "\u2717 misses it"
                                            : "nothing heard");
    text_cell (page,
        pass ? "" : json_object_get_string_member (one, "verdict-text"));
    g_string_append (page, "</tr>\n");
  }
  end (page, 0);
}

/*** ADR ***/

static void
problems_list (GString *page, JsonArray *list)
{
  if (json_array_get_length (list) == 0)
    return;
  g_string_append (page,
      "<section aria-labelledby=\"h-todo\"><h2 id=\"h-todo\">What to do</h2>\n"
      "<ul class=\"problems\">\n");
  for (guint i = 0; i < MIN (json_array_get_length (list), MOST_ROWS); i++) {
    JsonObject *one = json_array_get_object_element (list, i);

    g_string_append (page, "<li><strong>");
    dmix_tables_clock (page, dmix_tables_number (one, "start") / 1e9, TRUE);
    g_string_append (page, "\u2013");
    dmix_tables_clock (page, dmix_tables_number (one, "stop") / 1e9, TRUE);
    g_string_append (page, "</strong> ");
    dmix_tables_escape (page, json_object_get_string_member (one, "text"));
    g_string_append (page, "</li>\n");
  }
  g_string_append (page, "</ul></section>\n");
}

static void
line_row (GString *page, JsonObject *line)
{
  const gboolean matched = json_object_get_boolean_member (line, "matched");
  const gdouble sure = dmix_tables_number (line, "map-confidence");

  g_string_append_printf (page, "<tr><th scope=\"row\" class=\"n\">%d</th>",
      (gint) json_object_get_int_member (line, "index") + 1);
  time_cell (page, dmix_tables_number (line, "start") / 1e9,
      dmix_tables_number (line, "stop") / 1e9);
  cell (page, dmix_tables_number (line, "confidence"), 2, NULL);
  cell (page, sure, 2, NULL);
  cell (page, dmix_tables_number (line, "offset") / 1e6, 0, "ms");
  cell (page, dmix_tables_number (line, "stretch"), 2, NULL);
  cell (page, dmix_tables_number (line, "gain"), 1, "dB");
  if (!matched)
    g_string_append (page, "<td class=\"fail\">\u2717 other words</td>");
  else if (sure < SURE)
    g_string_append (page, "<td class=\"fail\">? listen</td>");
  else
    g_string_append (page, "<td class=\"pass\">\u2713 matches</td>");
  g_string_append (page, "</tr>\n");
}

void
dmix_tables_adr (GString *page, JsonObject *report)
{
  static const gchar *const columns[] = { ">Line", "Time in the guide",
    ">Confidence", ">Timing", ">Offset", ">Stretch", ">Gain", "", NULL };
  JsonObject *figures = json_object_get_object_member (report, "figures");
  JsonArray *lines;
  guint rows = 0, left = 0;

  if (!json_object_has_member (figures, "lines"))
    return;
  problems_list (page, json_object_get_array_member (figures, "problems"));
  lines = json_object_get_array_member (figures, "lines");
  begin (page, "lines", "Lines",
      "Confidence: that guide and take say the same words; timing: that they "
      "are in place within 45 ms where that is least certain.",
      columns);
  for (guint i = 0; i < json_array_get_length (lines); i++) {
    JsonObject *line = json_array_get_object_element (lines, i);

    if (!json_object_get_boolean_member (line, "speech"))
      continue;
    if (rows++ < MOST_ROWS)
      line_row (page, line);
    else
      left++;
  }
  end (page, left);
}

/*** noise ***/

void
dmix_tables_denoise (GString *page, JsonObject *report)
{
  static const gchar *const columns[] = { "Input", ">Noise", ">Reduction",
    NULL };
  JsonArray *list = json_object_get_array_member (report, "denoise");

  if (json_array_get_length (list) == 0)
    return;
  begin (page, "denoise", "Noise reduction",
      "Means over the file: the level of the noise that was found, and by how "
      "much the sound was lowered.",
      columns);
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *one = json_array_get_object_element (list, i);

    g_string_append (page, "<tr><th scope=\"row\">");
    dmix_tables_escape (page, json_object_get_string_member (one, "name"));
    g_string_append (page, "</th>");
    cell (page, dmix_tables_number (one, "noise-level"), 1, "dB");
    cell (page, dmix_tables_number (one, "reduction"), 1, "dB");
    g_string_append (page, "</tr>\n");
  }
  end (page, 0);
}

/*** how it was made ***/

static void
files_rows (GString *page, JsonArray *list)
{
  static const gchar *const columns[] = { "Part", "File", ">Begins at",
    ">Length", ">Rate", ">Channels", NULL };

  begin (page, "files", "Files", "What went in.", columns);
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *one = json_array_get_object_element (list, i);

    g_string_append (page, "<tr><th scope=\"row\">");
    dmix_tables_escape (page, json_object_get_string_member (one, "name"));
    g_string_append (page, "</th>");
    text_cell (page, json_object_get_string_member (one, "file"));
    g_string_append (page, "<td class=\"n\">");
    dmix_tables_clock (page, dmix_tables_number (one, "at"), TRUE);
    g_string_append (page, "</td><td class=\"n\">");
    dmix_tables_clock (page, dmix_tables_number (one, "duration"), TRUE);
    g_string_append (page, "</td>");
    cell (page, dmix_tables_number (one, "rate") / 1000, 1, "kHz");
    cell (page, dmix_tables_number (one, "channels"), 0, NULL);
    g_string_append (page, "</tr>\n");
  }
  end (page, 0);
}

static void
settings_row (GString *page, JsonObject *one)
{
  JsonObject *properties = json_object_get_object_member (one, "properties");
  GList *names = json_object_get_members (properties);

  g_string_append (page, "<tr><th scope=\"row\">");
  dmix_tables_escape (page, json_object_get_string_member (one, "name"));
  g_string_append (page, "</th>");
  text_cell (page, json_object_get_string_member (one, "element"));
  g_string_append (page, "<td>");
  for (GList *name = names; name; name = name->next) {
    g_string_append_printf (page, "<code>%s=", (const gchar *) name->data);
    dmix_tables_escape (page,
        json_object_get_string_member (properties, name->data));
    g_string_append (page, "</code> ");
  }
  g_string_append (page, names ? "</td></tr>\n" : "defaults</td></tr>\n");
  g_list_free (names);
}

void
dmix_tables_settings (GString *page, JsonObject *report)
{
  static const gchar *const columns[] = { "Name", "Element",
    "Differs from the defaults by", NULL };
  JsonArray *settings = json_object_get_array_member (report, "settings");
  JsonArray *warnings = json_object_get_array_member (report, "warnings");

  if (json_array_get_length (warnings)) {
    g_string_append (page,
        "<section aria-labelledby=\"h-warnings\"><h2 id=\"h-warnings\">"
        "Warnings</h2><ul class=\"problems\">\n");
    for (guint i = 0; i < json_array_get_length (warnings); i++) {
      g_string_append (page, "<li>");
      dmix_tables_escape (page, json_array_get_string_element (warnings, i));
      g_string_append (page, "</li>\n");
    }
    g_string_append (page, "</ul></section>\n");
  }
  files_rows (page, json_object_get_array_member (report, "files"));
  begin (page, "settings", "Settings",
      "Properties of each element; the command below sets them again.",
      columns);
  for (guint i = 0; i < json_array_get_length (settings); i++)
    settings_row (page, json_array_get_object_element (settings, i));
  end (page, 0);
  g_string_append (page,
      "<section aria-labelledby=\"h-again\"><h2 id=\"h-again\">To do it "
      "again</h2>\n<pre id=\"again\"><code>");
  dmix_tables_escape (page, json_object_get_string_member (report, "again"));
  g_string_append (page, "</code></pre></section>\n");
}

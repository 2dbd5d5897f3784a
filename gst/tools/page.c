/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* page/report.html has the order of the page; each {{slot}} is filled by the
 * function of its name. Sections without figures are left out. */
#include "tools/page.h"
#include "tools/chart.h"
#include "tools/pagefiles.h"
#include "tools/tables.h"

#include <math.h>
#include <string.h>

/*** figures ***/

static JsonObject *
phase_of (JsonObject *report, const gchar *phase, const gchar *part)
{
  JsonObject *one = json_object_has_member (report, phase)
      ? json_object_get_object_member (report, phase)
      : NULL;

  return one && json_object_has_member (one, part)
      ? json_object_get_object_member (one, part)
      : NULL;
}

static gdouble
figure (JsonObject *report, const gchar *phase, const gchar *part,
    const gchar *name)
{
  JsonObject *object = phase_of (report, phase, part);

  return dmix_tables_number (object, name);
}

static gdouble
highest_peak (JsonObject *report, const gchar *phase)
{
  JsonObject *meter = phase_of (report, phase, "meter");
  JsonArray *peaks =
      meter ? json_object_get_array_member (meter, "true-peak") : NULL;
  gdouble most = NAN;

  for (guint i = 0; peaks && i < json_array_get_length (peaks); i++)
    most = fmax (most, json_array_get_double_element (peaks, i));
  return most;
}

/* Passages that are hard to hear; NAN where none was looked for. */
static gdouble
passages (JsonObject *report, const gchar *phase, gdouble *seconds)
{
  JsonObject *one = json_object_has_member (report, phase)
      ? json_object_get_object_member (report, phase)
      : NULL;

  if (!one)
    return NAN;
  *seconds = json_object_get_double_member (one, "hard-to-hear-seconds");
  return json_array_get_length (
      json_object_get_array_member (one, "hard-to-hear"));
}

static gboolean
is_command (JsonObject *report, const gchar *command)
{
  return g_str_equal (json_object_get_string_member (report, "command"),
      command);
}

static gboolean
has_stems (JsonObject *report)
{
  return phase_of (report, "after", "stems") != NULL;
}

/*** slots ***/

static void
put_title (GString *page, JsonObject *report)
{
  gchar *name =
      g_path_get_basename (json_object_get_string_member (report, "title"));

  dmix_tables_escape (page, name);
  g_free (name);
}

static void
put_kind (GString *page, JsonObject *report)
{
  static const gchar *const kinds[][2] = {
    { "mix", "Mix of dialogue and background" },
    { "remix", "Video with a new mix" },
    { "dialogue", "Dialogue brought forward" },
    { "adr", "New take in place of the old one" },
    { "meter", "Measurement" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (is_command (report, kinds[i][0]))
      g_string_append (page, kinds[i][1]);
}

static void
put_format (GString *page, JsonObject *figures)
{
  const gint64 channels = json_object_get_int_member (figures, "channels");

  g_string_append_printf (page, " \u00b7 %g kHz, ",
      json_object_get_int_member (figures, "rate") / 1000.0);
  if (channels <= 2)
    g_string_append (page, channels == 1 ? "mono" : "stereo");
  else
    g_string_append_printf (page, "%d channels", (gint) channels);
}

static void
put_made (GString *page, JsonObject *report)
{
  const gchar *date = json_object_get_string_member (report, "date");
  JsonObject *figures = json_object_get_object_member (report, "figures");
  const gdouble duration = dmix_chart_duration (report);

  dmix_tables_clock (page, duration, FALSE);
  if (json_object_has_member (figures, "rate"))
    put_format (page, figures);
  g_string_append_printf (page, " \u00b7 <time datetime=\"%s\">%.10s</time>",
      date, date);
}

static void
tell_difference (GString *page, JsonObject *report)
{
  const gdouble now = figure (report, "after", "stems", "difference");
  const gdouble was = figure (report, "before", "stems", "difference");

  if (!isfinite (now))
    return;
  g_string_append (page, "<p>While somebody speaks, the dialogue is <strong>");
  dmix_tables_append (page, now, 1, "LU");
  g_string_append (page, "</strong> above the background");
  if (isfinite (was)) {
    g_string_append (page, "; without the mix it would be ");
    dmix_tables_append (page, was, 1, "LU");
  }
  g_string_append (page, ".</p>\n");
}

static void
append_count (GString *page, gdouble count, gdouble seconds)
{
  if (count == 0)
    g_string_append (page, "no passage");
  else
    g_string_append_printf (page, "%g passage%s (%.0f\u00a0s)", count,
        count == 1 ? "" : "s", seconds);
}

static void
tell_passages (GString *page, JsonObject *report)
{
  gdouble was_s = 0, now_s = 0;
  const gdouble was = passages (report, "before", &was_s);
  const gdouble now = passages (report, "after", &now_s);

  if (is_command (report, "adr") || !isfinite (now)
      || !(figure (report, "after", "meter", "speech-share") > 0))
    return;
  g_string_append (page, "<p>The dialogue is hard to hear in <strong>");
  append_count (page, now, now_s);
  g_string_append (page, "</strong>");
  if (isfinite (was)) {
    g_string_append (page, "; before, it was in ");
    append_count (page, was, was_s);
  }
  g_string_append (page, ".</p>\n");
}

static void
tell_loudness (GString *page, JsonObject *report)
{
  g_string_append (page, "<p>Loudness <strong>");
  dmix_tables_append (page, figure (report, "after", "meter", "integrated"), 1,
      "LUFS");
  g_string_append (page, "</strong>, true peak ");
  dmix_tables_append (page, highest_peak (report, "after"), 1, "dBTP");
  g_string_append (page, ".</p>\n");
}

static void
tell_lines (GString *page, JsonObject *report)
{
  JsonObject *figures = json_object_get_object_member (report, "figures");
  const gint64 good = json_object_get_int_member (figures, "matched");
  const gint64 wrong = json_object_get_int_member (figures, "mismatched");
  const guint places = json_array_get_length (
      json_object_get_array_member (figures, "problems"));

  g_string_append_printf (page,
      "<p><strong>%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
      "</strong> lines match their guide; %u place%s to listen to.</p>\n",
      good, good + wrong, places, places == 1 ? "" : "s");
}

static void
put_lede (GString *page, JsonObject *report)
{
  if (is_command (report, "adr"))
    tell_lines (page, report);
  tell_difference (page, report);
  tell_passages (page, report);
  tell_loudness (page, report);
}

/* One figure, and what it was before. */
static void
put_card (GString *page, const gchar *name, gdouble now, gdouble was,
    guint decimals, const gchar *unit)
{
  if (!isfinite (now))
    return;
  g_string_append_printf (page, "<div><dt>%s</dt><dd class=\"value\">", name);
  dmix_tables_append (page, now, decimals, NULL);
  g_string_append_printf (page, " <small>%s</small></dd>", unit);
  if (isfinite (was)) {
    g_string_append (page, "<dd class=\"was\">before: ");
    dmix_tables_append (page, was, decimals, NULL);
    g_string_append (page, "</dd>");
  }
  g_string_append (page, "</div>\n");
}

static void
put_cards (GString *page, JsonObject *report)
{
  static const struct
  {
    const gchar *title, *part, *name, *unit;
    guint decimals;
  } cards[] = {
    { "Loudness, integrated", "meter", "integrated", "LUFS", 1 },
    { "Loudness range", "meter", "range", "LU", 1 },
    { "Loudest short-term", "meter", "max-shortterm", "LUFS", 1 },
    { "Loudness of the dialogue", "meter", "dialogue-loudness", "LUFS", 1 },
    { "Share of speech", "meter", "speech-share", "% of the time", 0 },
    { "Dialogue above background", "stems", "difference", "LU", 1 },
    { "Understood (SII)", "stems", "sii", "of 1", 2 },
  };
  gdouble was_s = 0, now_s = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (cards); i++) {
    const gdouble now = figure (report, "after", cards[i].part, cards[i].name);

    put_card (page, cards[i].title, now > -119 ? now : NAN,
        figure (report, "before", cards[i].part, cards[i].name),
        cards[i].decimals, cards[i].unit);
    if (i == 0)
      put_card (page, "True peak", highest_peak (report, "after"),
          highest_peak (report, "before"), 1, "dBTP");
  }
  if (!is_command (report, "adr"))
    put_card (page, "Hard to hear", passages (report, "after", &now_s),
        passages (report, "before", &was_s), 0, "passages");
}

static void
put_charts (GString *page, JsonObject *report)
{
  const gboolean before = json_object_has_member (report, "before");
  const DmixChart charts[] = {
    { "Loudness, short-term", "LUFS", { "loudness-before", "loudness-after" },
        { "before", "after" }, { "before", before ? "after" : "measured" },
        .goal = NAN },
    { "Dialogue above background", "LU",
        { "difference-before", "difference-after" }, { "before", "after" },
        { "before", "after" }, .low = -5, .high = 30, .goal = NAN,
        .small = TRUE },
    { "Speech intelligibility index", "", { "sii-before", "sii-after" },
        { "before", "after" }, { "before", "after" }, 0, 1, 0.45, "poor below",
        TRUE },
    { "Gain", "dB", { "limiter-after", "gain-after" }, { "limiter", "gain" },
        { "limiter", "background" }, .goal = NAN, .small = TRUE },
  };

  g_string_append (page,
      "<section aria-labelledby=\"h-time\"><h2 id=\"h-time\">Over time</h2>\n"
      "<div class=\"charts\">\n");
  for (gsize i = 0; i < G_N_ELEMENTS (charts); i++)
    dmix_chart_append (page, report, &charts[i], i == 0);
  if (is_command (report, "adr"))
    dmix_chart_append_lines (page, report);
  g_string_append (page, "</div>\n<p class=\"note\">");
  if (before && has_stems (report))
    g_string_append (page,
        "Before: the same files added up, with their own gains, but without "
        "ducking and limiter. ");
  else if (is_command (report, "adr"))
    g_string_append (page, "Before: the guide. ");
  else if (before)
    g_string_append (page, "Before: the file as it was. ");
  g_string_append (page,
      "Loudness, difference and index are of the 3 s that end at each "
      "time.</p></section>\n");
}

static void
put_data (GString *page, JsonObject *report)
{
  JsonObject *data = json_object_new ();
  gchar *text;

  json_object_set_object_member (data, "curves",
      json_object_ref (json_object_get_object_member (report, "curves")));
  text = dmix_json_to_text (data);
  g_string_append (page, text);
  g_free (text);
  json_object_unref (data);
}

static void
put_text (GString *page, JsonObject *report, const gchar *name)
{
  dmix_tables_escape (page, json_object_get_string_member (report, name));
}

static void
put_version (GString *page, JsonObject *report)
{
  put_text (page, report, "dmix");
}

static void
put_gstreamer (GString *page, JsonObject *report)
{
  put_text (page, report, "gstreamer");
}

static void
put_json (GString *page, JsonObject *report)
{
  put_text (page, report, "json");
}

static void
put_css (GString *page, JsonObject *report)
{
  g_string_append (page, dmix_page_css);
}

static void
put_js (GString *page, JsonObject *report)
{
  g_string_append (page, dmix_page_js);
}

static const struct
{
  const gchar *name;
  void (*put) (GString *page, JsonObject *report);
} slots[] = {
  { "title", put_title },
  { "kind", put_kind },
  { "made", put_made },
  { "lede", put_lede },
  { "cards", put_cards },
  { "charts", put_charts },
  { "passages", dmix_tables_passages },
  { "verdicts", dmix_tables_verdicts },
  { "adr", dmix_tables_adr },
  { "denoise", dmix_tables_denoise },
  { "settings", dmix_tables_settings },
  { "data", put_data },
  { "version", put_version },
  { "gstreamer", put_gstreamer },
  { "json", put_json },
  { "css", put_css },
  { "js", put_js },
};

gchar *
dmix_page (JsonObject *report)
{
  GString *page = g_string_new (NULL);
  const gchar *rest = dmix_page_html, *open;

  while ((open = strstr (rest, "{{"))) {
    const gchar *close = strstr (open, "}}");

    g_string_append_len (page, rest, open - rest);
    for (gsize i = 0; i < G_N_ELEMENTS (slots); i++)
      if (strlen (slots[i].name) == (gsize) (close - open - 2)
          && strncmp (slots[i].name, open + 2, strlen (slots[i].name)) == 0)
        slots[i].put (page, report);
    rest = close + 2;
  }
  g_string_append (page, rest);
  return g_string_free (page, FALSE);
}

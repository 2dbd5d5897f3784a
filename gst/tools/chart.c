/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Coordinates: 0 to 1000 along the time, 0 to 100 downwards. The page's script
 * draws the same with more detail once somebody zooms in. */
#include "tools/chart.h"
#include "tools/tables.h"
#include "tools/value.h"

#include <math.h>
#include <string.h>

#define WIDTH 1000.0
#define MOST_SPANS 400 /* of one kind */
#define HEIGHT 100.0
#define COLUMNS 700  /* more values than these share a column: its extremes */
#define MOST_TICKS 7 /* along the time */
#define LOUDEST_SPAN 50 /* LU that an axis shows below the loudest value */

typedef struct
{
  JsonArray *values;
  gdouble scale;
} Curve;

static gboolean
find_curve (JsonObject *report, const gchar *name, Curve *curve)
{
  JsonObject *all = json_object_get_object_member (report, "curves"), *one;

  if (!name || !json_object_has_member (all, name))
    return FALSE;
  one = json_object_get_object_member (all, name);
  curve->values = json_object_get_array_member (one, "values");
  curve->scale = (gdouble) json_object_get_int_member (one, "scale");
  return TRUE;
}

static gdouble
value_at (const Curve *curve, guint index)
{
  JsonNode *node = json_array_get_element (curve->values, index);

  return JSON_NODE_HOLDS_NULL (node)
      ? NAN
      : (gdouble) json_node_get_int (node) / curve->scale;
}

gdouble
dmix_chart_duration (JsonObject *report)
{
  JsonObject *all = json_object_get_object_member (report, "curves");
  const gdouble step = json_object_get_int_member (all, "step-ms") / 1e3;
  GList *names = json_object_get_members (all);
  guint most = 1;

  for (GList *name = names; name; name = name->next) {
    Curve curve;

    if (!g_str_equal (name->data, "step-ms")
        && find_curve (report, name->data, &curve))
      most = MAX (most, json_array_get_length (curve.values));
  }
  g_list_free (names);
  return most * step;
}

/*** axes ***/

static gdouble
nice_step (gdouble span, guint most)
{
  static const gdouble steps[] = { 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60 };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (span / steps[i] <= most)
      return steps[i];
  return 100;
}

static gdouble
time_step (gdouble seconds)
{
  static const gdouble steps[] = { 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600,
    900, 1800, 3600, 7200, 14400 };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (seconds / steps[i] <= MOST_TICKS)
      return steps[i];
  return 28800;
}

/* Limits of the axis: given, or what the curves have, on whole steps of 5. */
static void
find_range (JsonObject *report, const DmixChart *chart, gdouble *low,
    gdouble *high)
{
  gdouble least = INFINITY, most = -INFINITY;

  *low = chart->low;
  *high = chart->high;
  if (*low < *high)
    return;
  for (guint c = 0; c < 3; c++) {
    Curve curve;

    if (!find_curve (report, chart->curves[c], &curve))
      continue;
    for (guint i = 0; i < json_array_get_length (curve.values); i++) {
      const gdouble value = value_at (&curve, i);

      least = fmin (least, value);
      most = fmax (most, value);
    }
  }
  if (!isnan (chart->goal)) {
    least = fmin (least, chart->goal);
    most = fmax (most, chart->goal);
  }
  if (!isfinite (least))
    least = most = 0;
  *high = most <= 0 && g_str_equal (chart->unit, "dB")
      ? 0
      : 5 * ceil ((most + 0.5) / 5);
  *low = fmax (5 * floor ((least - 0.5) / 5), *high - LOUDEST_SPAN);
}

static gdouble
y_of (gdouble value, gdouble low, gdouble high)
{
  return CLAMP ((high - value) / (high - low), 0, 1) * HEIGHT;
}

/* -20 with a true minus; no more decimals than needed. */
static void
append_number (GString *page, gdouble value)
{
  if (value < 0)
    g_string_append (page, "\u2212");
  g_string_append_printf (page, "%g", fabs (value));
}

static void
append_grid (GString *svg, GString *labels, gdouble low, gdouble high)
{
  const gdouble step = nice_step (high - low, 5);

  for (gdouble v = ceil (low / step) * step; v <= high + 1e-9; v += step) {
    const gdouble y = y_of (v, low, high);

    g_string_append_printf (svg,
        "<line class=\"grid\" x1=\"0\" x2=\"1000\" y1=\"%.1f\" y2=\"%.1f\"/>",
        y, y);
    g_string_append_printf (labels, "<span style=\"top:%.1f%%\">", y);
    append_number (labels, v);
    g_string_append (labels, "</span>");
  }
}

static void
append_clock (GString *page, gdouble seconds)
{
  const guint whole = (guint) (seconds + 1e-6);

  if (whole >= 3600)
    g_string_append_printf (page, "%u:%02u:%02u", whole / 3600, whole / 60 % 60,
        whole % 60);
  else
    g_string_append_printf (page, "%u:%02u", whole / 60, whole % 60);
}

static void
append_times (GString *page, gdouble duration)
{
  const gdouble step = time_step (duration);

  g_string_append (page, "<div class=\"x\" aria-hidden=\"true\">");
  for (gdouble t = 0; t <= duration * 0.98; t += step) {
    g_string_append_printf (page, "<span style=\"left:%.2f%%\">",
        100 * t / duration);
    append_clock (page, t);
    g_string_append (page, "</span>");
  }
  g_string_append (page, "</div>");
}

/*** curves ***/

/* One point where a column has one value, else its first extreme, then the
 * other. */
static void
append_path (GString *svg, const Curve *curve, gdouble total, gdouble low,
    gdouble high)
{
  const guint count = json_array_get_length (curve->values);
  const guint step = (count + COLUMNS - 1) / COLUMNS;
  gboolean pen = FALSE;

  for (guint i = 0; i < count; i += step) {
    gdouble least = NAN, most = NAN;
    const gdouble x = (i + MIN (step, count - i) / 2.0) / total * WIDTH;

    for (guint k = i; k < MIN (i + step, count); k++) {
      least = fmin (least, value_at (curve, k));
      most = fmax (most, value_at (curve, k));
    }
    if (isnan (least)) {
      pen = FALSE;
      continue;
    }
    g_string_append_printf (svg, "%c%.1f %.1f", pen ? 'L' : 'M', x,
        y_of (most, low, high));
    if (most - least > (high - low) / 400)
      g_string_append_printf (svg, "V%.1f", y_of (least, low, high));
    pen = TRUE;
  }
}

static void
append_curves (GString *svg, JsonObject *report, const DmixChart *chart,
    gdouble low, gdouble high)
{
  const gdouble step =
      json_object_get_int_member (json_object_get_object_member (report,
                                      "curves"),
          "step-ms")
      / 1e3;
  const gdouble total = dmix_chart_duration (report) / step;

  for (guint c = 0; c < 3; c++) {
    Curve curve;

    if (!find_curve (report, chart->curves[c], &curve))
      continue;
    g_string_append_printf (svg,
        "<path class=\"%s\" data-label=\"%s\" data-curve=\"%s\" d=\"",
        chart->classes[c], chart->labels[c], chart->curves[c]);
    append_path (svg, &curve, total, low, high);
    g_string_append (svg, "\"/>");
  }
}

/* Mean and extremes in words, for those who do not see the curve. */
static void
append_words (GString *page, JsonObject *report, const DmixChart *chart)
{
  g_string_append_printf (page, "%s over time.", chart->title);
  for (guint c = 0; c < 3; c++) {
    gdouble sum = 0, least = NAN, most = NAN;
    guint count = 0;
    Curve curve;

    if (!find_curve (report, chart->curves[c], &curve))
      continue;
    for (guint i = 0; i < json_array_get_length (curve.values); i++) {
      const gdouble value = value_at (&curve, i);

      if (isnan (value))
        continue;
      sum += value;
      count++;
      least = fmin (least, value);
      most = fmax (most, value);
    }
    if (count)
      g_string_append_printf (page, " %s: mean %.1f, from %.1f to %.1f %s.",
          chart->labels[c], sum / count, least, most, chart->unit);
  }
}

/*** spans ***/

static void
append_span (GString *svg, gdouble start, gdouble stop, gdouble duration,
    gdouble y, gdouble height, const gchar *class)
{
  g_string_append_printf (svg,
      "<rect%s%s%s data-a=\"%.1f\" data-b=\"%.1f\" x=\"%.2f\" y=\"%g\" "
      "width=\"%.2f\" height=\"%g\"/>",
      class ? " class=\"" : "", class ? class : "", class ? "\"" : "", start,
      stop, start / duration * WIDTH, y,
      MAX (0.6, (stop - start) / duration * WIDTH), height);
}

static gboolean
has_passages (JsonObject *report, const gchar *phase)
{
  JsonArray *list = dmix_tables_passages_of (report, phase);

  return list && json_array_get_length (list) > 0;
}

/* Spans of one kind, in the order of time; those that no more than `gap` parts
 * are joined. */
typedef struct
{
  GString *svg; /* NULL: only counts */
  const gchar *class;
  gdouble duration, gap, y, height; /* s, s, units of the drawing */
  gdouble start, stop;
  guint count;
} Spans;

static void
end_span (Spans *spans)
{
  if (spans->count && spans->svg)
    append_span (spans->svg, spans->start, spans->stop, spans->duration,
        spans->y, spans->height, spans->class);
}

static void
add_span (Spans *spans, gdouble start, gdouble stop)
{
  if (spans->count && start - spans->stop < spans->gap) {
    spans->stop = stop;
    return;
  }
  end_span (spans);
  spans->count++;
  spans->start = start;
  spans->stop = stop;
}

static void
walk_hard (Spans *spans, JsonArray *list)
{
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *one = json_array_get_object_element (list, i);

    add_span (spans, json_object_get_double_member (one, "start"),
        json_object_get_double_member (one, "stop"));
  }
  end_span (spans);
}

/* MOST_SPANS at most, else a page of two hours were larger than its figures: the
 * smallest gap that does it. */
static void
append_hard (GString *svg, JsonObject *report, const gchar *phase,
    const gchar *class, gdouble duration)
{
  JsonArray *list = dmix_tables_passages_of (report, phase);
  Spans spans = { NULL, class, duration, 0, 0, HEIGHT };
  gdouble gap = 0;

  if (!list)
    return;
  do {
    spans.count = 0;
    spans.gap = gap;
    walk_hard (&spans, list);
    gap = gap > 0 ? gap * 1.5 : 0.1;
  } while (spans.count > MOST_SPANS);
  spans.count = 0;
  spans.svg = svg;
  walk_hard (&spans, list);
}

/* Phrases that no more than a pixel parts are one span. */
static void
append_speech (GString *svg, JsonObject *report, gdouble duration)
{
  JsonArray *times = json_object_get_array_member (report, "speech");
  const guint count = json_array_get_length (times);
  Spans spans = { svg, NULL, duration, duration / WIDTH, 96, 4 };

  g_string_append (svg, "<g class=\"speech\">");
  for (guint i = 0; i < count; i += 2)
    add_span (&spans, json_array_get_int_element (times, i) / 10.0,
        i + 1 < count ? json_array_get_int_element (times, i + 1) / 10.0
                      : duration);
  end_span (&spans);
  g_string_append (svg, "</g>");
}

/*** the chart ***/

static void
append_key (GString *page, const gchar *class, const gchar *label)
{
  g_string_append_printf (page, "<li class=\"%s\">%s</li>", class, label);
}

static void
append_legend (GString *page, JsonObject *report, const DmixChart *chart,
    gboolean is_first)
{
  Curve curve;

  g_string_append (page, "<ul class=\"legend\">");
  for (guint c = 0; c < 3; c++)
    if (find_curve (report, chart->curves[c], &curve))
      append_key (page, chart->classes[c], chart->labels[c]);
  if (!isnan (chart->goal))
    append_key (page, "goal", chart->goal_label);
  if (is_first) {
    if (json_array_get_length (json_object_get_array_member (report, "speech")))
      append_key (page, "speech", "speech");
    if (has_passages (report, "before") || has_passages (report, "after"))
      append_key (page, "hard",
          dmix_tables_passages_of (report, "before")
              ? "hard to hear before (with an edge: now)"
              : "hard to hear");
  }
  g_string_append (page, "</ul>");
}

void
dmix_chart_append (GString *page, JsonObject *report, const DmixChart *chart,
    gboolean is_first)
{
  const gdouble duration = dmix_chart_duration (report);
  GString *svg = g_string_new (NULL), *labels = g_string_new (NULL);
  gdouble low, high;
  gboolean any = FALSE;
  Curve curve;

  for (guint c = 0; c < 3; c++)
    any |= find_curve (report, chart->curves[c], &curve);
  if (any) {
    find_range (report, chart, &low, &high);
    append_grid (svg, labels, low, high);
    g_string_append (svg, "<g class=\"hard\">");
    append_hard (svg, report, "before", NULL, duration);
    append_hard (svg, report, "after", "now", duration);
    g_string_append (svg, "</g>");
    if (is_first)
      append_speech (svg, report, duration);
    if (!isnan (chart->goal))
      g_string_append_printf (svg,
          "<line class=\"goal\" x1=\"0\" x2=\"1000\" y1=\"%.1f\" y2=\"%.1f\"/>",
          y_of (chart->goal, low, high), y_of (chart->goal, low, high));
    append_curves (svg, report, chart, low, high);
    g_string_append_printf (page,
        "<figure data-low=\"%g\" data-high=\"%g\" data-unit=\"%s\">"
        "<figcaption><h3>%s%s%s</h3>",
        low, high, chart->unit, chart->title, *chart->unit ? ", " : "",
        chart->unit);
    append_legend (page, report, chart, is_first);
    g_string_append_printf (page,
        "</figcaption><div class=\"plot%s\"><div class=\"y\" "
        "aria-hidden=\"true\">%s</div><svg viewBox=\"0 0 1000 100\" "
        "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
        chart->small ? " small" : "", labels->str);
    append_words (page, report, chart);
    g_string_append_printf (page, "\">%s</svg>", svg->str);
    append_times (page, duration);
    g_string_append (page, "</div></figure>\n");
  }
  g_string_free (svg, TRUE);
  g_string_free (labels, TRUE);
}

void
dmix_chart_append_lines (GString *page, JsonObject *report)
{
  JsonArray *lines =
      json_object_get_array_member (json_object_get_object_member (report,
                                        "figures"),
          "lines");
  const gdouble duration = dmix_chart_duration (report);

  g_string_append (page,
      "<figure data-low=\"0\" data-high=\"1\" data-unit=\"\"><figcaption><h3>"
      "Confidence of each line</h3><ul class=\"legend\"><li "
      "class=\"ok\">matches"
      "</li><li class=\"doubt\">uncertain timing</li><li class=\"wrong\">other "
      "words</li></ul></figcaption><div class=\"plot small\">"
      "<div class=\"y\" aria-hidden=\"true\"><span style=\"top:0%\">1</span>"
      "<span style=\"top:100%\">0</span></div><svg viewBox=\"0 0 1000 100\" "
      "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"The lines over "
      "time; the table below has their figures.\">");
  for (guint i = 0; i < json_array_get_length (lines); i++) {
    JsonObject *line = json_array_get_object_element (lines, i);
    const gdouble sure = json_object_get_double_member (line, "confidence");
    const gchar *class = "ok";

    if (!json_object_get_boolean_member (line, "speech"))
      continue;
    if (!json_object_get_boolean_member (line, "matched"))
      class = "wrong";
    else if (json_object_get_double_member (line, "map-confidence") < 0.5)
      class = "doubt";
    append_span (page, json_object_get_int_member (line, "start") / 1e9,
        json_object_get_int_member (line, "stop") / 1e9, duration,
        HEIGHT * (1 - MAX (sure, 0.02)), HEIGHT * MAX (sure, 0.02), class);
  }
  g_string_append (page, "</svg>");
  append_times (page, duration);
  g_string_append (page, "</div></figure>\n");
}

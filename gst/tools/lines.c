/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/lines.h"
#include "tools/value.h"

#include <math.h>
#include <string.h>

#define SURE 0.7       /* map-confidence: below, half are wrong */
#define LEFT_OUT_S 0.6 /* words of the guide that the take does not have */
#define STRAINED 1.9   /* stretch: near the largest one */
#define CLEARLY 0.2    /* more confidence: another take is worth to hear */

/* Text of the warning of dmixadr for a take that is out of reach. */
#define TOO_FAR "The take is too far from the guide"
#define OTHER_WORDS "The take does not say the words"

typedef struct
{
  GstStructure *message;
  gboolean too_far;
} Line;

struct _DmixLines
{
  GPtrArray *lines;    /* of Line */
  GPtrArray *problems; /* of GstStructure, from other takes */
  gdouble drift_ppm;
};

static void
line_free (gpointer data)
{
  gst_structure_free (((Line *) data)->message);
  g_free (data);
}

DmixLines *
dmix_lines_new (void)
{
  DmixLines *lines = g_new0 (DmixLines, 1);

  lines->lines = g_ptr_array_new_with_free_func (line_free);
  lines->problems =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);
  return lines;
}

void
dmix_lines_free (DmixLines *lines)
{
  if (!lines)
    return;
  g_ptr_array_unref (lines->lines);
  g_ptr_array_unref (lines->problems);
  g_free (lines);
}

void
dmix_lines_note (DmixLines *lines, const GstStructure *message)
{
  Line *line;

  if (gst_structure_has_name (message, "dmixadr-summary"))
    gst_structure_get_double (message, "drift", &lines->drift_ppm);
  if (!gst_structure_has_name (message, "dmixadr-line"))
    return;
  line = g_new0 (Line, 1);
  line->message = gst_structure_copy (message);
  g_ptr_array_add (lines->lines, line);
}

gboolean
dmix_lines_note_warning (DmixLines *lines, const gchar *text)
{
  Line *line = lines->lines->len
      ? g_ptr_array_index (lines->lines, lines->lines->len - 1)
      : NULL;

  if (!line || !(strstr (text, TOO_FAR) || strstr (text, OTHER_WORDS)))
    return FALSE;
  line->too_far = strstr (text, TOO_FAR) != NULL;
  return TRUE;
}

gdouble
dmix_lines_drift (const DmixLines *lines)
{
  return lines->drift_ppm;
}

/*** fields ***/

static gdouble
number (const Line *line, const gchar *name)
{
  gdouble value = 0;

  gst_structure_get_double (line->message, name, &value);
  return value;
}

static guint64
time_of (const Line *line, const gchar *name)
{
  guint64 value = 0;

  gst_structure_get_uint64 (line->message, name, &value);
  return value;
}

static gboolean
flag (const Line *line, const gchar *name)
{
  gboolean value = FALSE;

  gst_structure_get_boolean (line->message, name, &value);
  return value;
}

static gboolean
is_wrong (const Line *line)
{
  return flag (line, "speech") && !flag (line, "matched");
}

/*** problems ***/

static GstStructure *G_GNUC_PRINTF (4, 5) problem (guint64 start, guint64 stop,
    const gchar *kind, const gchar *format, ...)
{
  va_list arguments;
  gchar *text;
  GstStructure *s;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  s = gst_structure_new ("problem", "start", G_TYPE_UINT64, start, "stop",
      G_TYPE_UINT64, stop, "kind", G_TYPE_STRING, kind, "text", G_TYPE_STRING,
      text, NULL);
  g_free (text);
  return s;
}

static GstStructure *
refusal (const Line *line)
{
  const guint64 start = time_of (line, "start"), stop = time_of (line, "stop");

  if (line->too_far)
    return problem (start, stop, "too-far",
        "the take says these words farther away than max-shift allows: raise "
        "it (--set max-shift=5000, in ms), or move the take");
  return problem (start, stop, "refused",
      "the take does not say these words (confidence %.2f): record it again, "
      "or, if it says them elsewhere, raise max-shift",
      number (line, "confidence"));
}

/* What to listen to in a line, with the time in the guide, and what to do. */
static void
add_problems (const Line *line, GPtrArray *to)
{
  const guint64 start = time_of (line, "start"), stop = time_of (line, "stop");
  const gdouble skipped_s = time_of (line, "speech-skipped") / 1e9;

  if (!flag (line, "speech"))
    return;
  if (is_wrong (line)) {
    g_ptr_array_add (to, refusal (line));
    return;
  }
  if (number (line, "map-confidence") < SURE)
    g_ptr_array_add (to,
        problem (time_of (line, "worst-start"), time_of (line, "worst-stop"),
            "timing",
            "uncertain timing (%.2f%s): listen; if it is off, give one moment "
            "of it (--set sync-points=GUIDE:TAKE, in seconds)",
            number (line, "map-confidence"),
            time_of (line, "bridged") ? ", bridged" : ""));
  if (skipped_s > LEFT_OUT_S)
    g_ptr_array_add (to,
        problem (start, stop, "missing-words",
            "%.1f s of the guide's words have none in the take: record the "
            "missing words",
            skipped_s));
  if (number (line, "stretch") > STRAINED)
    g_ptr_array_add (to,
        problem (start, stop, "stretch",
            "the take is up to %.2f times faster or slower: if it sounds so, "
            "--set strength=0.5 or --set max-stretch=1.5",
            number (line, "stretch")));
}

static gint
compare_start (gconstpointer a, gconstpointer b)
{
  guint64 x = 0, y = 0;

  gst_structure_get_uint64 (*(GstStructure *const *) a, "start", &x);
  gst_structure_get_uint64 (*(GstStructure *const *) b, "start", &y);
  return x < y ? -1 : x > y;
}

/* All problems by their time; the array owns copies. */
static GPtrArray *
problems_of (const DmixLines *lines)
{
  GPtrArray *all =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_structure_free);

  for (guint i = 0; i < lines->lines->len; i++)
    add_problems (g_ptr_array_index (lines->lines, i), all);
  for (guint i = 0; i < lines->problems->len; i++)
    g_ptr_array_add (all,
        gst_structure_copy (g_ptr_array_index (lines->problems, i)));
  g_ptr_array_sort (all, compare_start);
  return all;
}

/*** several takes ***/

static void
sum_up (const DmixLines *lines, guint *wrong, gdouble *confidence)
{
  *wrong = 0;
  *confidence = 0;
  for (guint i = 0; i < lines->lines->len; i++) {
    const Line *line = g_ptr_array_index (lines->lines, i);

    *wrong += is_wrong (line);
    *confidence += flag (line, "speech") ? number (line, "confidence") : 0;
  }
}

gboolean
dmix_lines_are_better (const DmixLines *a, const DmixLines *b)
{
  guint wrong_a, wrong_b;
  gdouble sum_a, sum_b;

  sum_up (a, &wrong_a, &sum_a);
  sum_up (b, &wrong_b, &sum_b);
  return wrong_a != wrong_b ? wrong_a < wrong_b : sum_a > sum_b;
}

/* Lines are made of the guide alone, and so are the same for all takes. */
void
dmix_lines_compare (DmixLines *lines, const DmixLines *other, const gchar *path)
{
  gchar *name = dmix_printable (path);

  for (guint i = 0; i < MIN (lines->lines->len, other->lines->len); i++) {
    const Line *mine = g_ptr_array_index (lines->lines, i);
    const Line *its = g_ptr_array_index (other->lines, i);
    const gdouble here = number (mine, "confidence");
    const gdouble there = number (its, "confidence");

    if (flag (mine, "speech") && flag (its, "matched")
        && there > here + CLEARLY)
      g_ptr_array_add (lines->problems,
          problem (time_of (mine, "start"), time_of (mine, "stop"),
              "other-take", "%s matches better here (%.2f, not %.2f): use it",
              name, there, here));
  }
  g_free (name);
}

/*** results ***/

static void
show_line (const Line *line, DmixSay *say)
{
  gchar *start = dmix_value_clock (time_of (line, "start"));
  gchar *stop = dmix_value_clock (time_of (line, "stop"));
  guint index = 0;
  gint64 offset = 0;

  gst_structure_get_uint (line->message, "index", &index);
  gst_structure_get_int64 (line->message, "offset", &offset);
  if (flag (line, "speech"))
    dmix_say_line (say, "%4u  %s-%s %+7.0f ms %+5.1f dB  x %.2f  %.2f%s", index,
        start, stop, offset / 1e6, number (line, "gain"),
        number (line, "stretch"), number (line, "confidence"),
        is_wrong (line) ? "  DOES NOT MATCH" : "");
  else
    dmix_say_line (say, "%4u  %s-%s (nothing is said)", index, start, stop);
  g_free (start);
  g_free (stop);
}

void
dmix_lines_show (const DmixLines *lines, DmixSay *say)
{
  GPtrArray *problems = problems_of (lines);
  guint spoken = 0, wrong = 0;

  dmix_say_line (say,
      "line  guide                       offset    gain stretch  confidence");
  for (guint i = 0; i < lines->lines->len; i++) {
    const Line *line = g_ptr_array_index (lines->lines, i);

    show_line (line, say);
    spoken += flag (line, "speech");
    wrong += is_wrong (line);
  }
  if (problems->len)
    dmix_say_line (say, "problems, by the time in the guide:");
  for (guint i = 0; i < problems->len; i++) {
    const GstStructure *s = g_ptr_array_index (problems, i);
    guint64 start = 0, stop = 0;
    gchar *from, *to;

    gst_structure_get_uint64 (s, "start", &start);
    gst_structure_get_uint64 (s, "stop", &stop);
    from = dmix_value_clock (start);
    to = dmix_value_clock (stop);
    dmix_say_line (say, "  %s-%s  %s", from, to,
        gst_structure_get_string (s, "text"));
    g_free (from);
    g_free (to);
  }
  if (lines->drift_ppm != 0)
    dmix_say_line (say, "the clock of the take is %.0f ppm %s; taken out",
        fabs (lines->drift_ppm), lines->drift_ppm > 0 ? "slow" : "fast");
  dmix_say_line (say, "%u of %u lines match", spoken - wrong, spoken);
  g_ptr_array_unref (problems);
}

static void
append (GValue *array, const GstStructure *s)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_STRUCTURE);
  g_value_set_boxed (&value, s);
  gst_value_array_append_and_take_value (array, &value);
}

GstStructure *
dmix_lines_figures (const DmixLines *lines)
{
  GstStructure *figures = gst_structure_new_empty ("adr");
  GPtrArray *problems = problems_of (lines);
  GValue all = G_VALUE_INIT, wrongs = G_VALUE_INIT;
  guint spoken = 0, wrong = 0;

  g_value_init (&all, GST_TYPE_ARRAY);
  g_value_init (&wrongs, GST_TYPE_ARRAY);
  for (guint i = 0; i < lines->lines->len; i++) {
    const Line *line = g_ptr_array_index (lines->lines, i);

    append (&all, line->message);
    spoken += flag (line, "speech");
    wrong += is_wrong (line);
  }
  for (guint i = 0; i < problems->len; i++)
    append (&wrongs, g_ptr_array_index (problems, i));
  gst_structure_take_value (figures, "lines", &all);
  gst_structure_take_value (figures, "problems", &wrongs);
  gst_structure_set (figures, "matched", G_TYPE_UINT, spoken - wrong,
      "mismatched", G_TYPE_UINT, wrong, "drift", G_TYPE_DOUBLE,
      lines->drift_ppm, NULL);
  g_ptr_array_unref (problems);
  return figures;
}

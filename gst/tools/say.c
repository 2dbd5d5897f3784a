/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/say.h"
#include "tools/json.h"

#include <stdio.h>
#include <unistd.h>

/* Lines of a log come each tenth of a step, those of a terminal ten times a
 * second over each other; JSON once a second. */
#define JSON_INTERVAL_US G_USEC_PER_SEC

struct _DmixSay
{
  gboolean json, quiet, terminal;
  gchar *step;
  GstClockTime duration;
  gint64 begun, last_json; /* monotonic, us */
  gint tenth;              /* last that was logged */
  gboolean line_open;      /* a progress line waits to be overwritten */
  GHashTable *warned;      /* texts of warnings */
  GPtrArray *kept;         /* warnings that are not printed, or NULL */
  GstStructure *done;      /* kept figures */
};

DmixSay *
dmix_say_new (gboolean json, gboolean quiet)
{
  DmixSay *say = g_new0 (DmixSay, 1);

  say->json = json;
  say->quiet = quiet;
  say->warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  say->terminal = isatty (STDERR_FILENO);
  return say;
}

DmixSay *
dmix_say_new_kept (void)
{
  DmixSay *say = dmix_say_new (FALSE, TRUE);

  say->kept = g_ptr_array_new_with_free_func (g_free);
  return say;
}

const GPtrArray *
dmix_say_warnings (const DmixSay *say)
{
  return say->kept;
}

const GstStructure *
dmix_say_done (const DmixSay *say)
{
  return say->done;
}

void
dmix_say_free (DmixSay *say)
{
  g_hash_table_unref (say->warned);
  g_clear_pointer (&say->kept, g_ptr_array_unref);
  g_clear_pointer (&say->done, gst_structure_free);
  g_free (say->step);
  g_free (say);
}

gboolean
dmix_say_is_json (const DmixSay *say)
{
  return say->json;
}

static void
close_line (DmixSay *say)
{
  if (say->line_open)
    fputs ("\r\033[K", stderr);
  say->line_open = FALSE;
}

void
dmix_say_begin (DmixSay *say, const gchar *step, GstClockTime duration)
{
  dmix_say_end (say);
  say->step = g_strdup (step);
  say->duration = duration;
  say->begun = g_get_monotonic_time ();
  say->last_json = 0;
  say->tenth = 0;
}

static void
show_progress (DmixSay *say, gdouble done, gdouble speed, gint64 left_s)
{
  gchar *text;

  if (done < 0)
    text = g_strdup_printf ("%s  %5.0f x real time", say->step, speed);
  else
    text = g_strdup_printf ("%s %3.0f %%  %d:%02d left  %5.0f x real time",
        say->step, 100 * done, (gint) (left_s / 60), (gint) (left_s % 60),
        speed);
  if (say->terminal) {
    fprintf (stderr, "\r%s\033[K", text);
    say->line_open = TRUE;
  } else if ((gint) (10 * done) > say->tenth) {
    say->tenth = (gint) (10 * done);
    fprintf (stderr, "%s\n", text);
  }
  fflush (stderr);
  g_free (text);
}

void
dmix_say_position (DmixSay *say, GstClockTime position)
{
  const gint64 now = g_get_monotonic_time ();
  const gdouble spent = MAX (now - say->begun, 1) / 1e6;
  const gdouble speed = position / 1e9 / spent;
  gdouble done = -1;
  gint64 left = 0;

  if (!say->step || spent < 0.2)
    return;
  if (GST_CLOCK_TIME_IS_VALID (say->duration) && say->duration > 0) {
    done = MIN (1.0, (gdouble) position / say->duration);
    left = (gint64) (spent / MAX (done, 1e-3) * (1 - done) + 0.5);
  }
  if (say->json && now - say->last_json >= JSON_INTERVAL_US) {
    say->last_json = now;
    dmix_say_event (say, "progress",
        gst_structure_new ("progress", "step", G_TYPE_STRING, say->step, "done",
            G_TYPE_DOUBLE, done, "seconds-left", G_TYPE_INT64, left, "speed",
            G_TYPE_DOUBLE, speed, NULL));
  } else if (!say->json && !say->quiet) {
    show_progress (say, done, speed, left);
  }
}

void
dmix_say_end (DmixSay *say)
{
  close_line (say);
  g_clear_pointer (&say->step, g_free);
}

void
dmix_say_warning (DmixSay *say, const gchar *format, ...)
{
  va_list arguments;
  gchar *text;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (!g_hash_table_add (say->warned, g_strdup (text))) {
    g_free (text); /* of an earlier pass */
    return;
  }
  if (say->kept) {
    g_ptr_array_add (say->kept, text);
    return;
  }
  close_line (say);
  fprintf (stderr, "dmix: warning: %s\n", text);
  dmix_say_event (say, "warning",
      gst_structure_new ("warning", "text", G_TYPE_STRING, text, NULL));
  g_free (text);
}

void
dmix_say_line (DmixSay *say, const gchar *format, ...)
{
  va_list arguments;

  if (say->json || say->quiet)
    return;
  close_line (say);
  va_start (arguments, format);
  vprintf (format, arguments);
  va_end (arguments);
  putchar ('\n');
  fflush (stdout);
}

void
dmix_say_event (DmixSay *say, const gchar *event, GstStructure *fields)
{
  gchar *text;

  if (say->kept && g_str_equal (event, "done")) {
    g_clear_pointer (&say->done, gst_structure_free);
    say->done = fields;
    return;
  }
  if (say->json) {
    gst_structure_set (fields, "event", G_TYPE_STRING, event, NULL);
    text = dmix_json_from_structure (fields);
    printf ("%s\n", text);
    fflush (stdout);
    g_free (text);
  }
  gst_structure_free (fields);
}

void
dmix_say_error (DmixSay *say, const GError *error)
{
  const gint code = error->domain == DMIX_ERROR ? error->code : DMIX_EXIT_INPUT;

  close_line (say);
  fprintf (stderr, "dmix: %s\n", error->message);
  dmix_say_event (say, "error",
      gst_structure_new ("error", "text", G_TYPE_STRING, error->message, "code",
          G_TYPE_INT, code, NULL));
}

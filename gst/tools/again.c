/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
#include "tools/again.h"
#include "tools/value.h"

#include <math.h>
#include <string.h>

/* Letters that no shell changes. */
static gboolean
is_plain (const gchar *text)
{
  return *text
      && strspn (text,
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
             "_-./:=,@+%")
      == strlen (text);
}

/* $'...' with bytes as \xHH. */
static void
append_bytes (GString *line, const gchar *text)
{
  g_string_append (line, "$'");
  for (; *text; text++)
    if (g_ascii_isprint (*text) && *text != '\'' && *text != '\\')
      g_string_append_c (line, *text);
    else
      g_string_append_printf (line, "\\x%02x", (guchar) *text);
  g_string_append_c (line, '\'');
}

static void
append (GString *line, const gchar *option, const gchar *text)
{
  gchar *printable = dmix_printable (text);

  g_string_append_c (line, ' ');
  g_string_append (line, option);
  if (is_plain (text)) {
    g_string_append (line, text);
  } else if (g_str_equal (printable, text)) {
    gchar *quoted = g_shell_quote (text);

    g_string_append (line, quoted);
    g_free (quoted);
  } else {
    append_bytes (line, text);
  }
  g_free (printable);
}

static void
append_input (GString *line, const DmixJob *job, const DmixInput *input)
{
  gchar *role =
      g_strndup (input->name, strrchr (input->name, '_') - input->name);
  gchar *option = g_strdup_printf ("--%s ", role);
  gchar *clock = dmix_value_clock ((guint64) MAX (0, input->at_ns));
  gchar *word = input->at_ns > 0 ? g_strdup_printf ("%s@%s", input->path, clock)
                                 : g_strdup (input->path);

  append (line, g_str_equal (job->command, "adr") ? "" : option, word);
  g_free (word);
  g_free (clock);
  g_free (option);
  g_free (role);
}

static void
append_number (GString *line, const gchar *option, gdouble number)
{
  g_string_append_printf (line, " %s %g", option, number);
}

gchar *
dmix_again (const DmixJob *job)
{
  const gchar *const texts[][2] = { { "--track ", job->track },
    { "--title ", job->title }, { "--layout ", job->layout },
    { "--codec ", job->codec }, { "--preset ", job->preset },
    { "--specification ", job->specification }, { "--output ", job->output },
    { "--report ", job->report } };
  DmixJob *plain = dmix_job_new (job->command);
  GString *line = g_string_new ("dmix ");

  g_string_append (line, job->command);
  if (job->video)
    append (line, "", job->video);
  for (guint i = 0; i < job->inputs->len; i++)
    append_input (line, job, g_ptr_array_index (job->inputs, i));
  if (!isnan (job->loudness))
    append_number (line, "--loudness", job->loudness);
  if (job->ceiling != plain->ceiling)
    append_number (line, "--ceiling", job->ceiling);
  if (job->rate)
    append_number (line, "--rate", job->rate);
  if (job->bitrate)
    g_string_append_printf (line, " --bitrate %d", job->bitrate);
  if (job->add)
    g_string_append (line, " --add");
  if (job->drop_others)
    g_string_append (line, " --drop-others");
  if (job->duck)
    g_string_append (line, " --duck");
  for (guint i = 0; i < job->settings->len; i++)
    append (line, "--set ", g_ptr_array_index (job->settings, i));
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i][1])
      append (line, texts[i][0], texts[i][1]);
  dmix_job_free (plain);
  return g_string_free (line, FALSE);
}

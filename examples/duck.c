/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Mixes a dialogue over a background into a WAV file and tells what the ducker
 * does meanwhile.
 *
 * usage: duck DIALOGUE BACKGROUND OUT.wav
 */
#include <gst/gst.h>
#include <sys/stat.h>

static gchar *
description (char **path)
{
  return g_strdup_printf (
      "dmixducker name=d target=15 interval=1000000000 "
      "! audioconvert ! wavenc ! filesink location=\"%s\" "
      "filesrc location=\"%s\" ! decodebin ! audioconvert ! audioresample "
      "! d.dialogue "
      "filesrc location=\"%s\" ! decodebin ! audioconvert ! audioresample "
      "! d.background",
      path[3], path[1], path[2]);
}

static void
show (const GstStructure *s)
{
  gboolean active;
  gdouble gain, difference;
  guint64 time;

  if (!gst_structure_has_name (s, "dmixducker"))
    return;
  gst_structure_get (s, "running-time", G_TYPE_UINT64, &time, "dialogue-active",
      G_TYPE_BOOLEAN, &active, "gain", G_TYPE_DOUBLE, &gain, NULL);
  g_print ("%6.1f s  %-8s  gain %6.1f dB", time / 1e9, active ? "dialogue" : "",
      gain);
  /* while somebody speaks; none before the first words */
  if (gst_structure_get_double (s, "difference", &difference))
    g_print ("  difference %5.1f LU", difference);
  g_print ("\n");
}

/* Returns the exit code. */
static int
run (GstElement *pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  int code = -1;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (code < 0) {
    GstMessage *message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
        GST_MESSAGE_EOS | GST_MESSAGE_ERROR | GST_MESSAGE_ELEMENT);
    GError *error = NULL;

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
      show (gst_message_get_structure (message));
    } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
      gst_message_parse_error (message, &error, NULL);
      g_printerr ("%s\n", error->message);
      g_clear_error (&error);
      code = 1;
    } else {
      code = 0;
    }
    gst_message_unref (message);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  return code;
}

/* TRUE where both names are of one file, by whatever way. */
static gboolean
is_same_file (const gchar *one, const gchar *other)
{
  struct stat a, b;

  return stat (one, &a) == 0 && stat (other, &b) == 0 && a.st_dev == b.st_dev
      && a.st_ino == b.st_ino;
}

int
main (int argc, char **argv)
{
  GError *error = NULL;
  GstElement *pipeline;
  gchar *text;
  int code;

  gst_init (&argc, &argv);
  if (argc != 4) {
    g_printerr ("usage: %s DIALOGUE BACKGROUND OUT.wav\n", argv[0]);
    return 2;
  }
  if (is_same_file (argv[1], argv[3]) || is_same_file (argv[2], argv[3])) {
    g_printerr ("%s is an input; write to another file\n", argv[3]);
    return 1;
  }
  text = description (argv);
  pipeline =
      gst_parse_launch_full (text, NULL, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  g_free (text);
  if (!pipeline) {
    g_printerr ("%s\n", error->message);
    g_clear_error (&error);
    return 1;
  }
  code = run (pipeline);
  gst_object_unref (pipeline);
  return code;
}

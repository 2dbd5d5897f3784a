/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Sends a sound once around the listener, on headphones, into a WAV file.
 *
 * usage: orbit SOUND OUT.wav [SECONDS]
 */
#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <gst/gst.h>
#include <sys/stat.h>

/* Binds the azimuth to a line: from 0 to 360 degrees, to the left. */
static void
bind_azimuth (GstElement *pan, gdouble seconds)
{
  GstControlSource *curve = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *points = GST_TIMED_VALUE_CONTROL_SOURCE (curve);

  g_object_set (curve, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (points, 0, 0.0);
  gst_timed_value_control_source_set (points, seconds * GST_SECOND, 360.0);
  gst_object_add_control_binding (GST_OBJECT (pan),
      gst_direct_control_binding_new_absolute (GST_OBJECT (pan), "azimuth",
          curve));
  gst_object_unref (curve);
}

/* Returns the exit code. */
static int
run (GstElement *pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GError *error = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, NULL);
    g_printerr ("%s\n", error->message);
  }
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  if (!error)
    return 0;
  g_error_free (error);
  return 1;
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
  GstElement *pipeline, *pan;
  GError *error = NULL;
  gchar *line;
  int code;

  gst_init (&argc, &argv);
  if (argc < 3) {
    g_printerr ("usage: orbit SOUND OUT.wav [SECONDS]\n");
    return 2;
  }
  if (is_same_file (argv[1], argv[2])) {
    g_printerr ("%s is the input; write to another file\n", argv[2]);
    return 1;
  }
  line = g_strdup_printf ("filesrc location=\"%s\" ! decodebin ! audioconvert "
                          "! audio/x-raw,channels=1 ! dmixpan name=pan "
                          "output=binaural "
                          "! audioconvert ! wavenc ! filesink location=\"%s\"",
      argv[1], argv[2]);
  pipeline = gst_parse_launch (line, &error);
  g_free (line);
  if (!pipeline) {
    g_printerr ("%s\n", error->message);
    g_error_free (error);
    return 1;
  }
  pan = gst_bin_get_by_name (GST_BIN (pipeline), "pan");
  bind_azimuth (pan, argc > 3 ? g_ascii_strtod (argv[3], NULL) : 8.0);
  code = run (pipeline);
  gst_object_unref (pan);
  gst_object_unref (pipeline);
  return code;
}

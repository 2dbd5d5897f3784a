/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Many mono sounds into one mixer, whose azimuths turn round; for bench.py.
 *
 * usage: objects COUNT DEGREES_PER_SECOND FILE MIXER...
 *        FILE: raw F32 mono, 48 kHz. MIXER: a line of an element named m with
 *        pads sink_%u; "none" measures the same without it
 */
#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstlfocontrolsource.h>
#include <gst/gst.h>

/* Once round in 360 / speed seconds, each sound from a place of its own. */
static void
bind_azimuth (GstElement *mixer, guint index, guint count, gdouble speed)
{
  GstControlSource *round = gst_lfo_control_source_new ();
  gchar *name = g_strdup_printf ("sink_%u", index);
  GstPad *pad = gst_element_get_static_pad (mixer, name);
  const gdouble period = 360.0 / speed;

  /* its value goes from -1 to 1, that of the binding from 0 to 1 */
  g_object_set (round, "waveform", GST_LFO_WAVEFORM_SAW, "frequency",
      1 / period, "timeshift", (guint64) (index * period / count * GST_SECOND),
      "amplitude", 0.5, "offset", 0.5, NULL);
  gst_object_add_control_binding (GST_OBJECT (pad),
      gst_direct_control_binding_new (GST_OBJECT (pad), "azimuth", round));
  gst_object_unref (round);
  gst_object_unref (pad);
  g_free (name);
}

static GstElement *
make_pipeline (guint count, const gchar *file, const gchar *mixer)
{
  const gboolean none = g_str_equal (mixer, "none");
  GString *line = g_string_new (none ? NULL : mixer);
  GstElement *pipeline;

  if (!none)
    g_string_append (line, " ! fakesink");
  for (guint i = 0; i < count; i++) {
    g_string_append_printf (line,
        " filesrc location=\"%s\" ! rawaudioparse "
        "use-sink-caps=false format=pcm pcm-format=f32le sample-rate=48000 "
        "num-channels=1 ! ",
        file);
    if (none)
      g_string_append (line, "fakesink");
    else
      g_string_append_printf (line, "m.sink_%u", i);
  }
  pipeline = gst_parse_launch (line->str, NULL);
  g_string_free (line, TRUE);
  return pipeline;
}

static int
run (GstElement *pipeline)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  int code;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  code = GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS;
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  return code;
}

int
main (int argc, char **argv)
{
  GstElement *pipeline, *mixer;
  gdouble speed;
  guint count;
  gchar *line;
  int code;

  gst_init (&argc, &argv);
  if (argc < 5)
    return 2;
  count = atoi (argv[1]);
  speed = g_ascii_strtod (argv[2], NULL);
  line = g_strjoinv (" ", argv + 4);
  pipeline = make_pipeline (count, argv[3], line);
  g_free (line);
  if (!pipeline)
    return 1;
  mixer = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  for (guint i = 0; mixer && speed > 0 && i < count; i++)
    bind_azimuth (mixer, i, count, speed);
  code = run (pipeline);
  gst_clear_object (&mixer);
  gst_object_unref (pipeline);
  return code;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* An application that links the plugin: registers it, loads every preset of
 * every element, and plays a moment of sound. Prints one line for each. */
#include <gst/gst.h>

GST_PLUGIN_STATIC_DECLARE (dmix);

static guint
load_presets (const gchar *name)
{
  GstElement *element = gst_element_factory_make (name, NULL);
  gchar **presets =
      element ? gst_preset_get_preset_names (GST_PRESET (element)) : NULL;
  guint loaded = 0;

  for (guint i = 0; presets && presets[i]; i++)
    loaded += gst_preset_load_preset (GST_PRESET (element), presets[i]);
  if (presets && loaded != g_strv_length (presets))
    g_error ("%s: %u presets loaded", name, loaded);
  g_strfreev (presets);
  gst_clear_object (&element);
  return loaded;
}

int
main (int argc, char **argv)
{
  const gchar *elements[] = { "dmixadr", "dmixcomp", "dmixdenoise",
    "dmixducker", "dmixlevel", "dmixmeter", "dmixpan", "dmixpanmix" };
  GstElement *pipeline;
  GstMessage *message;
  GstBus *bus;

  gst_init (&argc, &argv);
  GST_PLUGIN_STATIC_REGISTER (dmix);
  for (guint i = 0; i < G_N_ELEMENTS (elements); i++)
    g_print ("%s: %u presets\n", elements[i], load_presets (elements[i]));

  pipeline =
      gst_parse_launch ("audiotestsrc num-buffers=5 ! audioconvert ! dmixcomp "
                        "@preset=night-mode ! fakesink",
          NULL);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  bus = gst_element_get_bus (pipeline);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS)
    g_error ("the pipeline failed");
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What holds for every element of the plugin, whichever there are: properties
 * that tell their unit and when they can change, presets that load, control
 * bindings on every controllable property, states back and forth. */
#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <math.h>
#include <string.h>

#define SECONDS 1

typedef void (*Check) (GstElementFactory *factory);

static void
for_each_element (Check check)
{
  GList *features =
      gst_registry_get_feature_list_by_plugin (gst_registry_get (), "dmix");
  guint count = 0;

  for (GList *f = features; f; f = f->next) {
    GstPluginFeature *feature = gst_plugin_feature_load (f->data);

    fail_unless (GST_IS_ELEMENT_FACTORY (feature));
    check (GST_ELEMENT_FACTORY (feature));
    gst_object_unref (feature);
    count++;
  }
  fail_unless (count > 0, "the plugin dmix was not found");
  gst_plugin_feature_list_free (features);
}

static gboolean
is_ours (GParamSpec *spec)
{
  return g_str_has_prefix (g_type_name (spec->owner_type), "GstDmix");
}

/*** properties ***/

static gboolean
has_unit (const gchar *blurb)
{
  const gchar *units[] = {
    " dB",
    " ms",
    " LU",
    " ns",
    " Hz",
    " degrees",
    " metres",
    " m/s",
    " ppm",
    " %",
    "0 (",
    "factor",
    "number of",
  };

  for (guint u = 0; u < G_N_ELEMENTS (units); u++)
    if (strstr (blurb, units[u]))
      return TRUE;
  return FALSE;
}

static void
check_property (GParamSpec *spec)
{
  const guint flags = spec->flags;
  const gchar *blurb = g_param_spec_get_blurb (spec);
  const gchar *element = g_type_name (spec->owner_type);

  fail_unless (blurb && strlen (blurb) > 10, "%s.%s", element, spec->name);
  if (!(flags & G_PARAM_WRITABLE))
    return;
  fail_unless (!!(flags & GST_PARAM_CONTROLLABLE)
              + !!(flags & GST_PARAM_MUTABLE_READY)
              + !!(flags & GST_PARAM_MUTABLE_PAUSED)
              + !!(flags & GST_PARAM_MUTABLE_PLAYING)
          == 1,
      "%s.%s is controllable or has one MUTABLE flag", element, spec->name);
  if (G_IS_PARAM_SPEC_DOUBLE (spec) || G_IS_PARAM_SPEC_UINT64 (spec))
    fail_unless (has_unit (blurb), "%s.%s has no unit: %s", element, spec->name,
        blurb);
}

static void
check_properties (GstElementFactory *factory)
{
  GstElement *element = gst_element_factory_create (factory, NULL);
  GParamSpec **specs;
  guint count, own = 0;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &count);
  for (guint i = 0; i < count; i++) {
    if (is_ours (specs[i])) {
      check_property (specs[i]);
      own++;
    }
  }
  fail_unless (own > 0);
  g_free (specs);
  gst_object_unref (element);
}

GST_START_TEST (test_properties)
{
  for_each_element (check_properties);
}
GST_END_TEST

/*** presets ***/

/* Each line of a preset is a property, whose value the element takes as it
 * is. */
static void
check_preset_line (GstElement *element, GKeyFile *file, const gchar *preset,
    const gchar *key)
{
  gchar *want = g_key_file_get_value (file, preset, key, NULL), *got;
  GParamSpec *spec =
      g_object_class_find_property (G_OBJECT_GET_CLASS (element), key);
  GValue value = G_VALUE_INIT;

  fail_unless (spec != NULL, "%s: no property %s", preset, key);
  g_value_init (&value, spec->value_type);
  g_object_get_property (G_OBJECT (element), key, &value);
  got = gst_value_serialize (&value);
  if (g_ascii_isdigit (*want) || *want == '-') {
    fail_unless_equals_float (g_ascii_strtod (got, NULL),
        g_ascii_strtod (want, NULL));
  } else {
    fail_unless_equals_string (got, want);
  }
  g_free (got);
  g_free (want);
  g_value_unset (&value);
}

static void
check_presets (GstElementFactory *factory)
{
  GstElement *model = gst_element_factory_create (factory, NULL);
  gchar *name = g_strconcat (G_OBJECT_TYPE_NAME (model), ".prs", NULL);
  gchar *path =
      g_build_filename (g_getenv ("DMIX_SOURCE"), "gst", "presets", name, NULL);
  GKeyFile *file = g_key_file_new ();
  gchar **presets;

  fail_unless (GST_IS_PRESET (model), "%s", G_OBJECT_TYPE_NAME (model));
  fail_unless (g_key_file_load_from_file (file, path, 0, NULL), "%s", path);
  presets = g_key_file_get_groups (file, NULL);
  fail_unless (g_strv_length (presets) > 1);
  for (gchar **p = presets + 1; *p; p++) {
    GstElement *element = gst_element_factory_create (factory, NULL);
    gchar **keys = g_key_file_get_keys (file, *p, NULL, NULL);

    fail_unless (gst_preset_load_preset (GST_PRESET (element), *p), "%s", *p);
    fail_unless (g_key_file_has_key (file, *p, "_meta/comment", NULL));
    for (gchar **key = keys; *key; key++)
      if (!g_str_has_prefix (*key, "_meta"))
        check_preset_line (element, file, *p, *key);
    g_strfreev (keys);
    gst_object_unref (element);
  }
  g_strfreev (presets);
  g_key_file_free (file);
  g_free (path);
  g_free (name);
  gst_object_unref (model);
}

GST_START_TEST (test_presets)
{
  for_each_element (check_presets);
}
GST_END_TEST

/*** pipelines ***/

static void
check_finite (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer frames)
{
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (guint i = 0; i < map.size / sizeof (gfloat); i++)
    fail_unless (isfinite (((gfloat *) map.data)[i]));
  gst_buffer_unmap (buffer, &map);
  *(guint64 *) frames += GST_BUFFER_DURATION (buffer);
}

static void
feed (GstElement *pipeline, GstElement *element, GstPadTemplate *template)
{
  GstElement *src = gst_parse_bin_from_description (
      "audiotestsrc "
      "wave=pink-noise samplesperbuffer=4800 num-buffers=10 ! audio/x-raw,"
      "format=" GST_AUDIO_NE (F32) ",rate=48000,channels=1 ! queue",
      TRUE, NULL);
  GstPad *src_pad = gst_element_get_static_pad (src, "src");
  GstPad *sink_pad = template->presence == GST_PAD_REQUEST
      ? gst_element_request_pad (element, template, NULL, NULL)
      : gst_element_get_static_pad (element, template->name_template);

  gst_bin_add (GST_BIN (pipeline), src);
  fail_unless_equals_int (gst_pad_link (src_pad, sink_pad), GST_PAD_LINK_OK);
  gst_object_unref (src_pad);
  gst_object_unref (sink_pad);
}

/* Noise of one second on each kind of sink pad, the element, fakesink. */
static GstElement *
make_pipeline (GstElementFactory *factory, GstElement **element,
    guint64 *played)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GList *templates;

  *element = gst_element_factory_create (factory, NULL);
  templates = gst_element_get_pad_template_list (*element);
  *played = 0;
  g_object_set (sink, "signal-handoffs", TRUE, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (check_finite), played);
  gst_bin_add_many (GST_BIN (pipeline), *element, sink, NULL);
  for (GList *t = templates; t; t = t->next)
    if (GST_PAD_TEMPLATE_DIRECTION (t->data) == GST_PAD_SINK)
      feed (pipeline, *element, t->data);
  fail_unless (gst_element_link_pads (*element, "src", sink, "sink"));
  return pipeline;
}

static void
run (GstElement *pipeline, const gchar *what)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "%s: it does not end", what);
  fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_message_unref (message);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

/* From the lowest value to the highest and back, a whole sweep in a second. */
static void
bind (GstElement *element, const gchar *property)
{
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *timed = GST_TIMED_VALUE_CONTROL_SOURCE (source);

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (timed, 0, 0.0);
  gst_timed_value_control_source_set (timed, GST_SECOND / 2, 1.0);
  gst_timed_value_control_source_set (timed, GST_SECOND, 0.0);
  fail_unless (gst_object_add_control_binding (GST_OBJECT (element),
                   gst_direct_control_binding_new (GST_OBJECT (element),
                       property, source)),
      "%s", property);
  gst_object_unref (source);
}

static void
check_bindings (GstElementFactory *factory)
{
  GstElement *model = gst_element_factory_create (factory, NULL), *element;
  GParamSpec **specs;
  guint64 played;
  guint count;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (model), &count);
  for (guint i = 0; i < count; i++) {
    GstElement *pipeline;
    gchar *what;

    if (!is_ours (specs[i]) || !(specs[i]->flags & GST_PARAM_CONTROLLABLE))
      continue;
    what = g_strdup_printf ("%s.%s", GST_OBJECT_NAME (factory), specs[i]->name);
    pipeline = make_pipeline (factory, &element, &played);
    bind (element, specs[i]->name);
    run (pipeline, what);
    fail_unless (ABS ((gint64) played - SECONDS * (gint64) GST_SECOND)
            < GST_SECOND / 10,
        "%s: %" G_GUINT64_FORMAT " ns came out", what, played);
    g_free (what);
    gst_object_unref (pipeline);
  }
  g_free (specs);
  gst_object_unref (model);
}

GST_START_TEST (test_bindings)
{
  for_each_element (check_bindings);
}
GST_END_TEST

/* Played twice and stopped in the middle, and no element or pad outlives. */
static void
check_states (GstElementFactory *factory)
{
  GstElement *element;
  guint64 played;
  GstElement *pipeline = make_pipeline (factory, &element, &played);
  const GstState states[] = {
    GST_STATE_READY,
    GST_STATE_PAUSED,
    GST_STATE_READY,
    GST_STATE_PLAYING,
    GST_STATE_NULL,
    GST_STATE_PAUSED,
    GST_STATE_PLAYING,
    GST_STATE_PAUSED,
    GST_STATE_NULL,
  };

  for (guint i = 0; i < G_N_ELEMENTS (states); i++) {
    gst_element_set_state (pipeline, states[i]);
    fail_if (gst_element_get_state (pipeline, NULL, NULL, 10 * GST_SECOND)
        == GST_STATE_CHANGE_FAILURE);
  }
  for (guint i = 0; i < 2; i++) {
    played = 0;
    run (pipeline, GST_OBJECT_NAME (factory));
    fail_unless (played > 0);
  }
  gst_object_ref (element);
  gst_object_unref (pipeline);
  ASSERT_OBJECT_REFCOUNT (element, "element", 1);
  gst_object_unref (element);
}

GST_START_TEST (test_states)
{
  for_each_element (check_states);
}
GST_END_TEST

static Suite *
generic_suite (void)
{
  Suite *suite = suite_create ("generic");
  TCase *tc = tcase_create ("every element");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_properties);
  tcase_add_test (tc, test_presets);
  tcase_add_test (tc, test_bindings);
  tcase_add_test (tc, test_states);
  tcase_set_timeout (tc, 240);
  return suite;
}

GST_CHECK_MAIN (generic)

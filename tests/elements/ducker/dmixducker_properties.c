/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Properties, presets, messages, control bindings, states, leaks. */
#include "ducker_rig.h"

#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <math.h>
#include <string.h>

#define RATE 48000

static gboolean
is_own (GParamSpec *spec, GstElement *element)
{
  return spec->owner_type == G_OBJECT_TYPE (element);
}

/* Every property can be bound, or says when it can change; the unit of every
 * number stands in its blurb. */
GST_START_TEST (test_flags_and_units)
{
  GstElement *ducker = gst_element_factory_make ("dmixducker", NULL);
  const gchar *units[] = { " dB", " ms", " LU", " ns", " Hz", "0 (" };
  GParamSpec **specs;
  guint count, own = 0;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (ducker), &count);
  for (guint i = 0; i < count; i++) {
    const guint flags = specs[i]->flags;
    const gchar *blurb = g_param_spec_get_blurb (specs[i]);
    gboolean unit = FALSE;

    if (!is_own (specs[i], ducker))
      continue;
    own++;
    fail_unless (!!(flags & GST_PARAM_CONTROLLABLE)
                + !!(flags & GST_PARAM_MUTABLE_READY)
                + !!(flags & GST_PARAM_MUTABLE_PAUSED)
                + !!(flags & GST_PARAM_MUTABLE_PLAYING)
            == 1,
        "%s", specs[i]->name);
    for (guint u = 0; u < G_N_ELEMENTS (units); u++)
      unit |= strstr (blurb, units[u]) != NULL;
    if (G_IS_PARAM_SPEC_DOUBLE (specs[i]) || G_IS_PARAM_SPEC_UINT64 (specs[i]))
      fail_unless (unit, "%s has no unit: %s", specs[i]->name, blurb);
  }
  fail_unless_equals_int (own, 25);
  g_free (specs);
  gst_object_unref (ducker);
}
GST_END_TEST

/* Every controllable property with a control binding that moves over its whole
 * range: the stream ends, and the output is finite. */
GST_START_TEST (test_control_bindings)
{
  GstElement *model = gst_element_factory_make ("dmixducker", NULL);
  gfloat *sound = rig_noise (RATE, 0.2, 1);
  GParamSpec **specs;
  guint count, bound = 0;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (model), &count);
  for (guint i = 0; i < count; i++) {
    GstControlSource *source;
    GstTimedValueControlSource *timed;
    Rig *rig;

    if (!is_own (specs[i], model)
        || !(specs[i]->flags & GST_PARAM_CONTROLLABLE))
      continue;
    rig = rig_new (NULL);
    source = gst_interpolation_control_source_new ();
    timed = GST_TIMED_VALUE_CONTROL_SOURCE (source);
    g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
    gst_timed_value_control_source_set (timed, 0, 0.0);
    gst_timed_value_control_source_set (timed, GST_SECOND / 2, 1.0);
    gst_timed_value_control_source_set (timed, GST_SECOND, 0.0);
    fail_unless (gst_object_add_control_binding (GST_OBJECT (rig->element),
                     gst_direct_control_binding_new (GST_OBJECT (rig->element),
                         specs[i]->name, source)),
        "%s", specs[i]->name);
    rig_queue (rig_add (rig, "background", RATE, 1), sound, RATE, 1024, RATE, 1,
        0);
    rig_queue (rig_add (rig, "dialogue", RATE, 1), sound, RATE, 1024, RATE, 1,
        0);
    rig_run (rig);
    fail_unless_equals_int (rig_frames (rig), RATE);
    for (guint f = 0; f < RATE; f++)
      fail_unless (isfinite (rig_sample (rig, f, 0)));
    gst_object_unref (source);
    rig_free (rig);
    bound++;
  }
  fail_unless_equals_int (bound, 21);
  g_free (specs);
  g_free (sound);
  gst_object_unref (model);
}
GST_END_TEST

static void
set_extreme (GstElement *element, GParamSpec *spec, gboolean highest)
{
  if (G_IS_PARAM_SPEC_DOUBLE (spec))
    g_object_set (element, spec->name,
        highest ? G_PARAM_SPEC_DOUBLE (spec)->maximum
                : G_PARAM_SPEC_DOUBLE (spec)->minimum,
        NULL);
  else if (G_IS_PARAM_SPEC_UINT64 (spec))
    g_object_set (element, spec->name,
        highest ? G_PARAM_SPEC_UINT64 (spec)->maximum
                : G_PARAM_SPEC_UINT64 (spec)->minimum,
        NULL);
  else
    g_object_set (element, spec->name, highest, NULL);
}

/* All properties at their lower, then all at their upper end, but for the one
 * that is looked at: it stands at the other end. */
GST_START_TEST (test_extremes)
{
  GstElement *model = gst_element_factory_make ("dmixducker", NULL);
  gfloat *sound = rig_noise (RATE / 2, 0.2, 1);
  GParamSpec **specs;
  guint count;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (model), &count);
  for (guint s = 0; s < 2 * count; s++) {
    const gboolean highest = s >= count;
    Rig *rig;

    if (!is_own (specs[s % count], model))
      continue;
    rig = rig_new (NULL);
    for (guint i = 0; i < count; i++)
      if (is_own (specs[i], model))
        set_extreme (rig->element, specs[i], highest ^ (i == s % count));
    rig_queue (rig_add (rig, "background", RATE, 1), sound, RATE / 2, 1024,
        RATE, 1, 0);
    rig_queue (rig_add (rig, "dialogue", RATE, 1), sound, RATE / 2, 1024, RATE,
        1, 0);
    rig_run (rig);
    fail_unless_equals_int (rig_frames (rig), RATE / 2);
    for (guint f = 0; f < RATE / 2; f++)
      fail_unless (isfinite (rig_sample (rig, f, 0)));
    rig_free (rig);
  }
  g_free (specs);
  g_free (sound);
  gst_object_unref (model);
}
GST_END_TEST

/* A binding moves the sound at the stream time it names: the gain of the
 * dialogue is closed until 0.5 s and open from then on. */
GST_START_TEST (test_binding_is_in_time)
{
  gfloat *sound = g_new (gfloat, RATE);
  Rig *rig = rig_new ("lookahead=100 output-buffer-duration=1000000");
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *timed = GST_TIMED_VALUE_CONTROL_SOURCE (source);

  for (guint i = 0; i < RATE; i++)
    sound[i] = 0.25f;
  g_object_set (source, "mode", GST_INTERPOLATION_MODE_NONE, NULL);
  gst_timed_value_control_source_set (timed, 0, 0.0);
  gst_timed_value_control_source_set (timed, GST_SECOND / 2, 100 / 124.0);
  gst_object_add_control_binding (GST_OBJECT (rig->element),
      gst_direct_control_binding_new (GST_OBJECT (rig->element),
          "dialogue-gain", source));
  rig_queue (rig_add (rig, "dialogue", RATE, 1), sound, RATE, 480, RATE, 1, 0);
  rig_run (rig);
  fail_unless (fabs (rig_sample (rig, RATE / 2 - 96, 0)) < 1e-4);
  fail_unless (rig_sample (rig, RATE / 2 + 960, 0) > 0.2);
  gst_object_unref (source);
  rig_free (rig);
  g_free (sound);
}
GST_END_TEST

static void
say_nothing (const gchar *domain, GLogLevelFlags level, const gchar *text,
    gpointer data)
{
}

/* GLib calls NaN a warning or, since 2.80, something critical. */
static void
set_nan (GstElement *element, const gchar *name)
{
  const GLogLevelFlags both = G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL;
  const GLogLevelFlags fatal = g_log_set_always_fatal (G_LOG_FATAL_MASK);
  const guint handler =
      g_log_set_handler ("GLib-GObject", both, say_nothing, NULL);

  g_object_set (element, name, NAN, NULL);
  g_log_remove_handler ("GLib-GObject", handler);
  g_log_set_always_fatal (fatal);
}

GST_START_TEST (test_bad_values)
{
  Rig *rig = rig_new (NULL);
  gdouble value;

  set_nan (rig->element, "depth");
  g_object_get (rig->element, "depth", &value, NULL);
  fail_unless_equals_float (value, 12.0);
  g_object_set (rig->element, "lookahead", 50.0, NULL);
  gst_element_set_state (rig->element, GST_STATE_PAUSED);
  g_object_set (rig->element, "lookahead", 200.0, NULL);
  g_object_get (rig->element, "lookahead", &value, NULL);
  fail_unless_equals_float (value, 50.0);
  rig_free (rig);
}
GST_END_TEST

/* Each preset loads, and each of its lines is a property whose value the
 * element takes as it is. */
GST_START_TEST (test_presets)
{
  const gchar *names[] = {
    "film",
    "narration-over-music",
    "broadcast-live",
    "zero-latency",
    "hard-of-hearing",
  };
  gchar *path = g_build_filename (g_getenv ("DMIX_SOURCE"), "gst", "presets",
      "GstDmixDucker.prs", NULL);
  GKeyFile *file = g_key_file_new ();

  fail_unless (g_key_file_load_from_file (file, path, 0, NULL));
  for (guint n = 0; n < G_N_ELEMENTS (names); n++) {
    GstElement *ducker = gst_element_factory_make ("dmixducker", NULL);
    gchar **keys = g_key_file_get_keys (file, names[n], NULL, NULL);

    fail_unless (keys != NULL, "no preset %s", names[n]);
    fail_unless (gst_preset_load_preset (GST_PRESET (ducker), names[n]));
    for (gchar **key = keys; *key; key++) {
      gchar *want = g_key_file_get_value (file, names[n], *key, NULL), *got;
      GParamSpec *spec;
      GValue value = G_VALUE_INIT;

      if (!g_str_has_prefix (*key, "_meta")) {
        spec = g_object_class_find_property (G_OBJECT_GET_CLASS (ducker), *key);
        fail_unless (spec != NULL, "%s: no property %s", names[n], *key);
        g_value_init (&value, spec->value_type);
        g_object_get_property (G_OBJECT (ducker), *key, &value);
        got = gst_value_serialize (&value);
        fail_unless (strtod (got, NULL) == strtod (want, NULL)
                && (g_ascii_isdigit (*want) || *want == '-'
                    || !strcmp (got, want)),
            "%s: %s is %s, not %s", names[n], *key, got, want);
        g_free (got);
        g_value_unset (&value);
      }
      g_free (want);
    }
    g_strfreev (keys);
    gst_object_unref (ducker);
  }
  g_key_file_free (file);
  g_free (path);
}
GST_END_TEST

/* Messages are contiguous to the end of the stream, have the gain of the output
 * at their time, and stop on request. */
GST_START_TEST (test_messages)
{
  gfloat *ones = g_new (gfloat, 3 * RATE), *speech = rig_noise (RATE, 0.3, 2);

  for (guint i = 0; i < 3 * RATE; i++)
    ones[i] = 0.1f;
  for (gint post = 0; post < 2; post++) {
    Rig *rig = rig_new (post ? "mode=fixed depth=12 output=background "
                               "interval=70000000"
                             : "post-messages=false");
    GstClockTime next = 0;
    GstMessage *message;

    rig_queue (rig_add (rig, "background", RATE, 1), ones, 3 * RATE - 7, 1024,
        RATE, 1, 0);
    rig_queue (rig_add (rig, "dialogue", RATE, 1), speech, RATE, 480, RATE, 1,
        RATE);
    rig_run (rig);
    while ((message = gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ELEMENT))) {
      const GstStructure *s = gst_message_get_structure (message);
      guint64 time, stream_time, running_time, duration;
      gdouble gain, mean, dialogue, background, lowest = 0;
      gboolean active;

      fail_unless (gst_structure_has_name (s, "dmixducker"));
      fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &time,
          "stream-time", G_TYPE_UINT64, &stream_time, "running-time",
          G_TYPE_UINT64, &running_time, "duration", G_TYPE_UINT64, &duration,
          "dialogue-active", G_TYPE_BOOLEAN, &active, "gain", G_TYPE_DOUBLE,
          &gain, "gain-mean", G_TYPE_DOUBLE, &mean, "dialogue-loudness",
          G_TYPE_DOUBLE, &dialogue, "background-loudness", G_TYPE_DOUBLE,
          &background, NULL));
      fail_unless_equals_uint64 (time, next);
      fail_unless_equals_uint64 (time, stream_time);
      fail_unless_equals_uint64 (time, running_time);
      /* none before 0.4 s of speech, which begins at 1 s; see dmixducker_learn */
      fail_if (gst_structure_has_field (s, "difference")
          && time + duration < 1.4 * GST_SECOND);
      next = time + duration;
      for (guint i = gst_util_uint64_scale_round (time, RATE, GST_SECOND);
           i < gst_util_uint64_scale_round (next, RATE, GST_SECOND); i++)
        lowest = MIN (lowest, 20 * log10 (rig_sample (rig, i, 0) / 0.1));
      /* the meter reads the ends of 2 ms steps, the fastest ramp is 80 ms */
      fail_unless (fabs (lowest - gain) < 0.7, "%f %f", lowest, gain);
      if (time > 1.1 * GST_SECOND && time < 1.8 * GST_SECOND) {
        fail_unless (active);
        fail_unless (fabs (gain + 12) < 0.1 && fabs (mean + 12) < 0.1);
      }
      gst_message_unref (message);
    }
    fail_unless_equals_uint64 (next,
        post ? gst_util_uint64_scale (3 * RATE - 7, GST_SECOND, RATE) : 0);
    rig_free (rig);
  }
  g_free (ones);
  g_free (speech);
}
GST_END_TEST

GST_START_TEST (test_states)
{
  GstElement *ducker = gst_element_factory_make ("dmixducker", NULL);
  const GstState states[] = {
    GST_STATE_READY,
    GST_STATE_PAUSED,
    GST_STATE_PLAYING,
    GST_STATE_PAUSED,
    GST_STATE_READY,
    GST_STATE_NULL,
  };

  for (gint i = 0; i < 60; i++)
    fail_unless (gst_element_set_state (ducker, states[i % 6])
        != GST_STATE_CHANGE_FAILURE);
  gst_object_unref (ducker);
}
GST_END_TEST

/* One pad of each plain name, any number of the numbered ones. */
GST_START_TEST (test_pads)
{
  GstElement *ducker = gst_element_factory_make ("dmixducker", NULL);
  GstPad *background = gst_element_request_pad_simple (ducker, "background");
  GstPad *more = gst_element_request_pad_simple (ducker, "dialogue_%u");
  GstPad *again = gst_element_request_pad_simple (ducker, "dialogue_%u");

  fail_unless_equals_string (GST_PAD_NAME (background), "background");
  fail_unless_equals_string (GST_PAD_NAME (more), "dialogue_0");
  fail_unless_equals_string (GST_PAD_NAME (again), "dialogue_1");
  gst_element_release_request_pad (ducker, background);
  gst_object_unref (background);
  background = gst_element_request_pad_simple (ducker, "background");
  fail_unless (background != NULL);
  gst_object_unref (background);
  gst_object_unref (more);
  gst_object_unref (again);
  gst_object_unref (ducker);
}
GST_END_TEST

static Suite *
dmixducker_properties_suite (void)
{
  Suite *suite = suite_create ("dmixducker_properties");
  TCase *tc = tcase_create ("properties");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_flags_and_units);
  tcase_add_test (tc, test_control_bindings);
  tcase_add_test (tc, test_extremes);
  tcase_add_test (tc, test_binding_is_in_time);
  tcase_add_test (tc, test_bad_values);
  tcase_add_test (tc, test_presets);
  tcase_add_test (tc, test_messages);
  tcase_add_test (tc, test_states);
  tcase_add_test (tc, test_pads);
  return suite;
}

GST_CHECK_MAIN (dmixducker_properties)

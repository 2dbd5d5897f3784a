/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Messages, presets, queries and seeks of dmixadr. */
#include "adr_rig.h"
#include "ducker_rig.h"

#define MAP "post-map=true "

/* Every field of the messages as documented; no message if post-messages is
 * FALSE. */
GST_START_TEST (test_messages)
{
  const struct
  {
    const gchar *name;
    GType type;
  } fields[] = {
    { "index", G_TYPE_UINT },
    { "timestamp", G_TYPE_UINT64 },
    { "stream-time", G_TYPE_UINT64 },
    { "running-time", G_TYPE_UINT64 },
    { "duration", G_TYPE_UINT64 },
    { "start", G_TYPE_UINT64 },
    { "stop", G_TYPE_UINT64 },
    { "speech", G_TYPE_BOOLEAN },
    { "matched", G_TYPE_BOOLEAN },
    { "confidence", G_TYPE_DOUBLE },
    { "offset", G_TYPE_INT64 },
    { "stretch", G_TYPE_DOUBLE },
    { "speech-skipped", G_TYPE_UINT64 },
    { "gain", G_TYPE_DOUBLE },
    { "map-confidence", G_TYPE_DOUBLE },
    { "worst-start", G_TYPE_UINT64 },
    { "worst-stop", G_TYPE_UINT64 },
    { "bridged", G_TYPE_UINT64 },
    { "map", GST_TYPE_ARRAY },
    { "map-interval", G_TYPE_UINT64 },
  };
  AdrPair p = adr_pair_new (11, 1.1);
  AdrOutput output = adr_pair_run (&p, MAP "line-gap=250"), silent;
  guint lines, matched, mismatched;
  gdouble lowest, stretch, least = 1.0, most = 1.0;
  guint64 duration;

  for (guint l = 0; l < output.lines->len; l++) {
    const GstStructure *line = g_ptr_array_index (output.lines, l);

    for (guint f = 0; f < G_N_ELEMENTS (fields); f++)
      fail_unless (gst_structure_has_field_typed (line, fields[f].name,
                       fields[f].type),
          "%s", fields[f].name);
    fail_unless_equals_int (gst_structure_n_fields (line),
        G_N_ELEMENTS (fields));
    fail_unless_equals_float (adr_number (&output, l, "map-interval"),
        5 * GST_MSECOND);
    least = MIN (least, adr_number (&output, l, "confidence"));
    most = MAX (most, adr_number (&output, l, "stretch"));
  }
  fail_unless (gst_structure_get (output.summary, "lines", G_TYPE_UINT, &lines,
      "matched", G_TYPE_UINT, &matched, "mismatched", G_TYPE_UINT, &mismatched,
      "lowest-confidence", G_TYPE_DOUBLE, &lowest, "stretch", G_TYPE_DOUBLE,
      &stretch, "duration", G_TYPE_UINT64, &duration, NULL));
  fail_unless_equals_int (lines, output.lines->len);
  fail_unless_equals_int (mismatched, output.mismatched);
  fail_unless (matched + mismatched <= lines);
  fail_unless (lowest >= least);
  fail_unless_equals_float (stretch, most);
  /* far below 8 lines: no drift can be known */
  fail_unless_equals_float (g_value_get_double (
                                gst_structure_get_value (output.summary,
                                    "drift")),
      0.0);
  fail_unless_equals_uint64 (duration,
      gst_util_uint64_scale (p.guide_frames, GST_SECOND, ADR_RATE));
  silent = adr_pair_run (&p, "post-messages=false min-confidence=1");
  fail_unless (silent.lines->len == 0 && silent.summaries == 0);
  fail_unless (silent.warnings > 0); /* those are no mere messages */
  adr_output_clear (&silent);
  adr_output_clear (&output);
  output = adr_pair_run (&p, "");
  fail_unless_equals_int (output.map_points, 0);
  adr_output_clear (&output);
  adr_pair_clear (&p);
}

GST_END_TEST
/* Each preset takes a right take as it is. */
GST_START_TEST (test_presets)
{
  GstElement *adr = gst_check_setup_element ("dmixadr");
  gchar **names = gst_preset_get_preset_names (GST_PRESET (adr));
  AdrPair p = adr_pair_new (12, 1.1);

  fail_unless_equals_int (g_strv_length (names), 3);
  for (gchar **name = names; *name; name++) {
    GString *settings = g_string_new (NULL);
    gchar **properties;

    fail_unless (gst_preset_load_preset (GST_PRESET (adr), *name));
    properties = gst_preset_get_property_names (GST_PRESET (adr));
    for (gchar **q = properties; *q; q++) {
      GParamSpec *spec =
          g_object_class_find_property (G_OBJECT_GET_CLASS (adr), *q);
      GValue value = G_VALUE_INIT;
      gchar *text;

      if (!g_str_has_prefix (g_type_name (spec->owner_type), "GstDmix")
          || G_IS_PARAM_SPEC_STRING (spec))
        continue;
      g_value_init (&value, spec->value_type);
      g_object_get_property (G_OBJECT (adr), *q, &value);
      text = gst_value_serialize (&value);
      g_string_append_printf (settings, "%s=%s ", *q, text);
      g_value_unset (&value);
      g_free (text);
    }
    {
      AdrOutput output = adr_pair_run (&p, settings->str);

      fail_unless_equals_int (output.mismatched, 0);
      adr_output_clear (&output);
    }
    g_strfreev (properties);
    g_string_free (settings, TRUE);
  }
  g_strfreev (names);
  adr_pair_clear (&p);
  gst_check_teardown_element (adr);
}

GST_END_TEST
/* LATENCY: not live, and none. DURATION: the guide's. */
GST_START_TEST (test_queries)
{
  GstElement *pipeline =
      gst_parse_launch ("dmixadr name=a ! fakesink "
                        "appsrc format=time duration=1000000000 ! a.guide "
                        "appsrc format=time duration=2500000000 ! a.take",
          NULL);
  GstElement *adr = gst_bin_get_by_name (GST_BIN (pipeline), "a");
  GstQuery *query = gst_query_new_latency ();
  GstClockTime least, most;
  gint64 duration;
  gboolean live;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless (gst_element_query (adr, query));
  gst_query_parse_latency (query, &live, &least, &most);
  fail_if (live);
  fail_unless_equals_uint64 (least, 0);
  fail_unless_equals_uint64 (most, GST_CLOCK_TIME_NONE);
  fail_unless (
      gst_element_query_duration (pipeline, GST_FORMAT_TIME, &duration));
  fail_unless_equals_int64 (duration, GST_SECOND);
  gst_query_unref (query);
  gst_object_unref (adr);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

GST_END_TEST

GST_START_TEST (test_seek)
{
  rig_check_seeks ("dmixadr name=a "
                   "! audio/x-raw,rate=48000,channels=1 ! fakesink name=sink "
                   "audiotestsrc samplesperbuffer=480 ! a.guide "
                   "audiotestsrc samplesperbuffer=480 ! a.take");
}
GST_END_TEST static Suite *
dmixadr_messages_suite (void)
{
  Suite *suite = suite_create ("dmixadr_messages");
  TCase *tc = tcase_create ("messages");

  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_messages);
  tcase_add_test (tc, test_presets);
  tcase_add_test (tc, test_queries);
  tcase_add_test (tc, test_seek);
  return suite;
}

GST_CHECK_MAIN (dmixadr_messages)

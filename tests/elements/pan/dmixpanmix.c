/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixpanmix: it is the sum of dmixpans; pads that come, go and move. */
#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>
#include <math.h>
#include <string.h>

#define SOFA "/usr/share/libmysofa/default.sofa"
#define SOURCE                                                                 \
  "audiotestsrc num-buffers=%d samplesperbuffer=%d freq=%d "                   \
  "volume=0.1 ! audio/x-raw,format=" GST_AUDIO_NE (F32) ",rate=48000,"         \
                                                        "channels=%d ! "

static gboolean has_sofa;

/*** helpers ***/

typedef struct
{
  GArray *samples;
  guint channels;
  guint64 mask;
  GstClockTime end;
} Heard;

static void
hear (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  GstCaps *caps = gst_pad_get_current_caps (pad);
  GstStructure *s = gst_caps_get_structure (caps, 0);
  Heard *heard = data;
  GstMapInfo map;

  gst_structure_get_int (s, "channels", (gint *) &heard->channels);
  heard->mask = 0;
  gst_structure_get (s, "channel-mask", GST_TYPE_BITMASK, &heard->mask, NULL);
  if (GST_CLOCK_TIME_IS_VALID (heard->end))
    fail_unless (
        ABS (GST_CLOCK_DIFF (heard->end, GST_BUFFER_PTS (buffer))) <= 1);
  heard->end = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
  gst_buffer_map (buffer, &map, GST_MAP_READ);
  g_array_append_vals (heard->samples, map.data, map.size / sizeof (gfloat));
  gst_buffer_unmap (buffer, &map);
  gst_caps_unref (caps);
}

static void
init_heard (Heard *heard)
{
  heard->samples = g_array_new (FALSE, FALSE, sizeof (gfloat));
  heard->channels = 0;
  heard->end = GST_CLOCK_TIME_NONE;
}

static GstElement *
make (const gchar *line, Heard *heard)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (line, &error);
  GstElement *sink;

  fail_unless (error == NULL, "%s", line);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  init_heard (heard);
  g_object_set (sink, "signal-handoffs", TRUE, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (hear), heard);
  gst_object_unref (sink);
  return pipeline;
}

static void
run (GstElement *pipeline, const gchar *expected)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message != NULL, "it does not end");
  fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message), expected);
  gst_message_unref (message);
  gst_object_unref (bus);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

/*** the sum ***/

static const gchar *const position[] = {
  "azimuth=30 gain=-2",
  "azimuth=-100 elevation=20 distance=3 distance-model=inverse",
  "azimuth=170 spread=60 air-absorption=true distance=20",
};

/* N pads are N dmixpans and an audiomixer, within a millionth. */
GST_START_TEST (test_sum)
{
  static const gchar *const kinds[] = {
    "layout=7.1.4",
    "layout=stereo",
    "output=ambisonic ambisonic-order=2",
    "doppler=true",
    "output=binaural head-yaw=20",
    "output=binaural zero-latency=true",
  };

  for (guint k = 0; k < (has_sofa ? G_N_ELEMENTS (kinds) : 4u); k++) {
    GString *mix = g_string_new (NULL), *sum = g_string_new (NULL);
    Heard one, other;
    gdouble peak = 0;

    g_string_printf (mix, "dmixpanmix name=m %s ", kinds[k]);
    g_string_printf (sum, "audiomixer name=m ");
    for (gint i = 0; i < 3; i++) {
      gchar **settings = g_strsplit (position[i], " ", 0);

      for (gchar **s = settings; *s; s++)
        g_string_append_printf (mix, "sink_%d::%s ", i, *s);
      g_strfreev (settings);
    }
    g_string_append (mix, "! fakesink name=sink ");
    g_string_append (sum, "! fakesink name=sink ");
    for (gint i = 0; i < 3; i++) {
      g_string_append_printf (mix, SOURCE "m.sink_%d ", 20, 1000, 300 + 200 * i,
          1 + i % 2, i);
      g_string_append_printf (sum, SOURCE "dmixpan %s %s ! m. ", 20, 1000,
          300 + 200 * i, 1 + i % 2, kinds[k], position[i]);
    }
    run (make (mix->str, &one), "eos");
    run (make (sum->str, &other), "eos");
    fail_unless (one.samples->len >= 20000 * one.channels);
    fail_unless_equals_int (one.channels, other.channels);
    for (guint i = 0; i < MIN (one.samples->len, other.samples->len); i++) {
      const gfloat a = g_array_index (one.samples, gfloat, i);

      fail_unless (fabs (a - g_array_index (other.samples, gfloat, i)) < 1e-6,
          "%s: sample %u", kinds[k], i);
      peak = MAX (peak, fabs (a));
    }
    fail_unless (peak > 0.05);
    g_array_unref (one.samples);
    g_array_unref (other.samples);
    g_string_free (mix, TRUE);
    g_string_free (sum, TRUE);
  }
}
GST_END_TEST

/*** movement ***/

static void
move (GstElement *pipeline, const gchar *pad_name, gdouble from, gdouble to)
{
  GstElement *mix = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  GstPad *pad = gst_element_get_static_pad (mix, pad_name);
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *timed = GST_TIMED_VALUE_CONTROL_SOURCE (source);

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (timed, 0, from);
  gst_timed_value_control_source_set (timed, GST_SECOND, to);
  fail_unless (gst_object_add_control_binding (GST_OBJECT (pad),
      gst_direct_control_binding_new_absolute (GST_OBJECT (pad), "azimuth",
          source)));
  gst_object_unref (source);
  gst_object_unref (pad);
  gst_object_unref (mix);
}

/* Each pad follows a binding of its own, whatever the size of the blocks. */
GST_START_TEST (test_bindings)
{
  static const guint block_ms[] = { 20, 3, 100 };
  Heard heard[3];

  for (guint b = 0; b < 3; b++) {
    gchar *line =
        g_strdup_printf ("dmixpanmix name=m layout=7.1.4 "
                         "output-buffer-duration=%u ! fakesink "
                         "name=sink " SOURCE "m.sink_0 " SOURCE "m.sink_1",
            block_ms[b] * 1000000, 40, 1000, 400, 1, 40, 1000, 700, 1);
    GstElement *pipeline = make (line, &heard[b]);

    move (pipeline, "sink_0", -90, 90);
    move (pipeline, "sink_1", 180, 0);
    run (pipeline, "eos");
    fail_unless_equals_int (heard[b].samples->len, 40000 * 12);
    for (guint i = 0; i < heard[b].samples->len; i++)
      fail_unless (fabs (g_array_index (heard[b].samples, gfloat, i)
                       - g_array_index (heard[0].samples, gfloat, i))
              < 1e-6,
          "sample %u", i);
    g_free (line);
  }
  for (guint b = 0; b < 3; b++)
    g_array_unref (heard[b].samples);
}
GST_END_TEST

/*** pads ***/

/* Pads come and go while it plays, without a hole or a wrong timestamp (see
 * hear()). */
GST_START_TEST (test_pads_come_and_go)
{
  Heard heard;
  gchar *line = g_strdup_printf ("dmixpanmix name=m %s ! fakesink name=sink "
                                 "sync=true " SOURCE "m.sink_0",
      has_sofa ? "output=binaural" : "layout=5.1", 60, 1000, 400, 1);
  GstElement *pipeline = make (line, &heard);
  GstElement *mix = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (gint i = 0; i < 10; i++) {
    GstElement *src =
        gst_parse_bin_from_description ("audiotestsrc volume=0.1 is-live=true "
                                        "! "
                                        "capsfilter caps=audio/x-raw,"
                                        "rate=48000,channels=2",
            TRUE, NULL);
    GstPad *pad, *src_pad = gst_element_get_static_pad (src, "src");

    /* The pipeline may still be on its way to PLAYING: it must not start the
     * source before this is linked. */
    gst_element_set_locked_state (src, TRUE);
    gst_bin_add (GST_BIN (pipeline), src);
    pad = gst_element_request_pad_simple (mix, "sink_%u");
    g_object_set (pad, "azimuth", i * 30.0, NULL);
    gst_pad_link (src_pad, pad);
    gst_element_set_locked_state (src, FALSE);
    gst_element_sync_state_with_parent (src);
    g_usleep (50000);
    /* out of the pipeline first, which may still be on its way to PLAYING and
     * would take it along */
    gst_object_ref (src);
    gst_bin_remove (GST_BIN (pipeline), src);
    gst_element_set_state (src, GST_STATE_NULL);
    gst_element_release_request_pad (mix, pad);
    gst_object_unref (pad);
    gst_object_unref (src_pad);
    gst_object_unref (src);
  }
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless_equals_string (GST_MESSAGE_TYPE_NAME (message), "eos");
  gst_message_unref (message);
  gst_object_unref (bus);
  gst_object_unref (mix);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fail_unless (heard.samples->len / heard.channels >= 60000);
  g_array_unref (heard.samples);
  g_free (line);
}
GST_END_TEST

/* Pads of different lengths and layouts: it ends with the longest. */
GST_START_TEST (test_lengths)
{
  Heard heard;
  gchar *line = g_strdup_printf (
      "dmixpanmix name=m layout=5.1 ! fakesink "
      "name=sink " SOURCE "m.sink_0 " SOURCE "audioconvert ! audio/x-raw,"
      "channels=6,channel-mask=(bitmask)0x3f ! m.sink_1 audiotestsrc "
      "num-buffers=1 samplesperbuffer=700 ! audio/x-raw,rate=48000,channels=3,"
      "channel-mask=(bitmask)0x0 ! m.sink_2",
      10, 1000, 400, 1, 25, 1000, 500, 2);

  run (make (line, &heard), "eos");
  fail_unless_equals_int (heard.samples->len, 25000 * 6);
  fail_unless_equals_uint64 (heard.mask, 0x3f);
  g_array_unref (heard.samples);
  g_free (line);
}
GST_END_TEST

/* Downstream decides the layout; by default it is stereo. */
GST_START_TEST (test_layouts)
{
  static const struct
  {
    const gchar *caps;
    guint channels;
    guint64 mask;
  } known[] = {
    { "", 2, 0x3 },
    { "! audio/x-raw,channels=12", 12, 0x33c3f },
    { "! audio/x-raw,channels=6,channel-mask=(bitmask)0xc0f", 6, 0xc0f },
    { "! audio/x-raw,channels=1", 1, 0 },
  };

  for (guint k = 0; k < G_N_ELEMENTS (known); k++) {
    Heard heard;
    gchar *line =
        g_strdup_printf ("dmixpanmix name=m %s ! fakesink name=sink " SOURCE
                         "m.sink_0",
            known[k].caps, 5, 1000, 400, 1);

    run (make (line, &heard), "eos");
    fail_unless_equals_int (heard.channels, known[k].channels);
    fail_unless_equals_uint64 (heard.mask, known[k].mask);
    fail_unless_equals_int (heard.samples->len, 5000 * known[k].channels);
    g_array_unref (heard.samples);
    g_free (line);
  }
}
GST_END_TEST

/* Plays a pipeline with a mixer "m" to its end, while the layout changes. */
static void
run_through_layouts (GstElement *pipeline, guint changes, gulong apart_us)
{
  static const gchar *const layouts[] = {
    "7.1.4",
    "mono",
    "22.2",
    "5.1",
    "stereo",
  };
  GstElement *mix = gst_bin_get_by_name (GST_BIN (pipeline), "m");

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  for (guint i = 0; i < changes; i++) {
    g_usleep (apart_us);
    gst_util_set_object_arg (G_OBJECT (mix), "layout", layouts[i % 5]);
  }
  gst_object_unref (mix);
  run (pipeline, "eos");
}

/* The layout changes while it plays: no hole, no wrong timestamp (see hear()),
 * and the sound goes on. */
GST_START_TEST (test_layout_changes)
{
  Heard heard;
  gchar *line = g_strdup_printf ("dmixpanmix name=m layout=stereo ! fakesink "
                                 "name=sink sync=true " SOURCE
                                 "m.sink_0 " SOURCE "m.sink_1",
      40, 1234, 400, 1, 40, 1234, 500, 2);

  run_through_layouts (make (line, &heard), 15, 50000);
  fail_unless_equals_uint64 (heard.end,
      gst_util_uint64_scale (40 * 1234, GST_SECOND, 48000));
  g_array_unref (heard.samples);
  g_free (line);
}
GST_END_TEST

/* A square of one height has the same power in each frame of any layout. */
static void
weigh_frames (GstElement *sink, GstBuffer *buffer, GstPad *pad, gpointer data)
{
  const guint channels = ((Heard *) data)->channels;
  GstMapInfo map;

  gst_buffer_map (buffer, &map, GST_MAP_READ);
  for (gsize i = 0; i < map.size / sizeof (gfloat); i += channels) {
    gdouble power = 0;

    for (guint c = 0; c < channels; c++)
      power += pow (((const gfloat *) map.data)[i + c], 2);
    fail_unless (fabs (power - 0.01) < 1e-6,
        "power %g in frame %" G_GSIZE_FORMAT
        " of the block at %" GST_TIME_FORMAT ", %u channels",
        power, i / channels, GST_TIME_ARGS (GST_BUFFER_PTS (buffer)), channels);
  }
  gst_buffer_unmap (buffer, &map);
}

/* A block that is half used when the layout changes goes on with its own
 * sound, however often that happens. */
GST_START_TEST (test_sound_while_layouts_change)
{
  Heard heard;
  GstElement *pipeline = make (
      "dmixpanmix name=m layout=stereo ! fakesink "
      "name=sink sync=true audiotestsrc num-buffers=12 samplesperbuffer=9000 "
      "wave=square freq=100 volume=0.1 ! audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",rate=48000,channels=1 ! m.sink_0",
      &heard);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");

  g_signal_connect (sink, "handoff", G_CALLBACK (weigh_frames), &heard);
  gst_object_unref (sink);
  run_through_layouts (pipeline, 60, 30000);
  g_array_unref (heard.samples);
}
GST_END_TEST

/* Live, the latency query adds that of the blocks and that of the filters. */
GST_START_TEST (test_latency)
{
  Heard heard;
  GstElement *pipeline = make ("audiotestsrc is-live=true ! audio/x-raw,"
                               "rate=48000,channels=1 ! dmixpanmix name=m "
                               "output=binaural ! fakesink "
                               "name=sink sync=true",
      &heard);
  GstElement *mix = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  GstQuery *query = gst_query_new_latency ();
  GstClockTime min;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (heard.samples->len < 20000)
    g_usleep (10000);
  fail_unless (gst_element_query (mix, query));
  gst_query_parse_latency (query, NULL, &min, NULL);
  /* source 21.3 ms, block 20, filters 5.3, margin 10 */
  fail_unless (min >= 45 * GST_MSECOND && min < 100 * GST_MSECOND);
  gst_query_unref (query);
  gst_object_unref (mix);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  g_array_unref (heard.samples);
}
GST_END_TEST

GST_START_TEST (test_bad_file)
{
  GstElement *pipeline =
      gst_parse_launch ("audiotestsrc ! dmixpanmix "
                        "output=binaural sofa-location=/no/such.sofa ! "
                        "fakesink",
          NULL);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  GError *error;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  message = gst_bus_timed_pop_filtered (bus, 5 * GST_SECOND, GST_MESSAGE_ERROR);
  fail_unless (message != NULL);
  gst_message_parse_error (message, &error, NULL);
  fail_unless (strstr (error->message, "/no/such.sofa") != NULL);
  g_error_free (error);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
dmixpanmix_suite (void)
{
  Suite *s = suite_create ("dmixpanmix");
  TCase *t = tcase_create ("general");

  has_sofa =
      g_file_test (SOFA, G_FILE_TEST_EXISTS) && !g_getenv ("DMIX_WITHOUT_SOFA");
  tcase_set_timeout (t, 120);
  suite_add_tcase (s, t);
  tcase_add_test (t, test_sum);
  tcase_add_test (t, test_bindings);
  tcase_add_test (t, test_pads_come_and_go);
  tcase_add_test (t, test_lengths);
  tcase_add_test (t, test_layouts);
  tcase_add_test (t, test_layout_changes);
  tcase_add_test (t, test_sound_while_layouts_change);
  tcase_add_test (t, test_bad_file);
  if (has_sofa)
    tcase_add_test (t, test_latency);
  return s;
}

GST_CHECK_MAIN (dmixpanmix)

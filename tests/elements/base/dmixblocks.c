/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* How long the blocks of elements with several inputs are: 20 ms where somebody
 * waits for them or automation moves, and at the start; 100 ms for files, and what
 * the user has set. The sound is the same in all. And what their pads store of files: 200 ms,
 * which is no latency. */
#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/controller/gstdirectcontrolbinding.h>
#include <gst/controller/gstinterpolationcontrolsource.h>

#include <string.h>

#define FILES                                                                  \
  "audiotestsrc wave=saw freq=110 num-buffers=60 samplesperbuffer=1000 "       \
  "! audio/x-raw,rate=48000,channels=1 ! m.%s "                                \
  "audiotestsrc freq=300 volume=0.2 num-buffers=60 samplesperbuffer=777 "      \
  "! audio/x-raw,rate=48000,channels=1 ! m.%s"
#define LIVE                                                                   \
  "audiotestsrc is-live=true num-buffers=60 samplesperbuffer=1000 "            \
  "! audio/x-raw,rate=48000,channels=1 ! m.%s "                                \
  "audiotestsrc num-buffers=60 samplesperbuffer=1000 "                         \
  "! audio/x-raw,rate=48000,channels=1 ! m.%s"

typedef struct
{
  const gchar *element, *pads[2];
} Kind;

static const Kind kinds[] = {
  { "dmixducker mode=fixed trigger=level lookahead=0",
      { "background", "dialogue" } },
  { "dmixducker", { "background", "dialogue" } },
  { "dmixpanmix layout=5.1", { "sink_0", "sink_1" } },
};

typedef struct
{
  GstClockTime longest, at_start; /* the latter: within 400 ms */
  GByteArray *samples;
} Output;

static GstPadProbeReturn
keep (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Output *output = data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstMapInfo map;

  output->longest = MAX (output->longest, GST_BUFFER_DURATION (buffer));
  if (GST_BUFFER_PTS (buffer) < 400 * GST_MSECOND)
    output->at_start = MAX (output->at_start, GST_BUFFER_DURATION (buffer));
  fail_unless (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_byte_array_append (output->samples, map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  return GST_PAD_PROBE_OK;
}

/* Twenty steps of 60 ms. */
static void
automate (GstObject *object, const gchar *property)
{
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_NONE, NULL);
  for (guint i = 0; i < 20; i++)
    gst_timed_value_control_source_set (values, i * 60 * GST_MSECOND,
        0.4 + 0.1 * (i % 2));
  gst_object_add_control_binding (object,
      gst_direct_control_binding_new (object, property, source));
  gst_object_unref (source);
}

/* Plays to the end. `property`: of the element, or of its first pad if that has
 * it, to automate; NULL: none. */
static Output
play (const Kind *kind, const gchar *settings, const gchar *inputs,
    const gchar *property)
{
  gchar *linked = g_strdup_printf (inputs, kind->pads[0], kind->pads[1]);
  gchar *line = g_strdup_printf ("%s %s name=m ! fakesink sync=false %s",
      kind->element, settings, linked);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *mixer = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  GstPad *src = gst_element_get_static_pad (mixer, "src");
  GstPad *sink = gst_element_get_static_pad (mixer, kind->pads[0]);
  Output output = { 0, 0, g_byte_array_new () };
  GstMessage *message;

  gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, keep, &output, NULL);
  if (property)
    automate (g_object_class_find_property (G_OBJECT_GET_CLASS (sink), property)
            ? GST_OBJECT (sink)
            : GST_OBJECT (mixer),
        property);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
      20 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS, "%s",
      line);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (sink);
  gst_object_unref (src);
  gst_object_unref (mixer);
  gst_object_unref (pipeline);
  g_free (linked);
  g_free (line);
  return output;
}

static GstClockTime
longest (const Kind *kind, const gchar *settings, const gchar *inputs,
    const gchar *property)
{
  const Output output = play (kind, settings, inputs, property);

  g_byte_array_unref (output.samples);
  return output.longest;
}

GST_START_TEST (test_files)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    fail_unless_equals_uint64 (longest (&kinds[k], "", FILES, NULL),
        100 * GST_MSECOND);
}
GST_END_TEST

GST_START_TEST (test_live)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    fail_unless_equals_uint64 (longest (&kinds[k], "", LIVE, NULL),
        20 * GST_MSECOND);
}
GST_END_TEST

/* Automation moves in steps of 20 ms as ever, on the element and on a pad. */
GST_START_TEST (test_automated)
{
  fail_unless_equals_uint64 (longest (&kinds[0], "", FILES, "depth"),
      20 * GST_MSECOND);
  fail_unless_equals_uint64 (longest (&kinds[2], "", FILES, "azimuth"),
      20 * GST_MSECOND);
}
GST_END_TEST

/* The default, 20 ms, leaves it to the element, as after a preset. */
GST_START_TEST (test_chosen)
{
  const guint lengths[] = { 12, 21, 250 };

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    for (guint l = 0; l < G_N_ELEMENTS (lengths); l++) {
      gchar *settings =
          g_strdup_printf ("output-buffer-duration=%u000000", lengths[l]);

      fail_unless_equals_uint64 (longest (&kinds[k], settings, FILES, NULL),
          lengths[l] * GST_MSECOND);
      g_free (settings);
    }
    fail_unless_equals_uint64 (longest (&kinds[k],
                                   "output-buffer-duration=20000000", FILES,
                                   NULL),
        100 * GST_MSECOND);
  }
}
GST_END_TEST

GST_START_TEST (test_same_sound)
{
  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++) {
    const Output files = play (&kinds[k], "", FILES, NULL);
    const Output live =
        play (&kinds[k], "output-buffer-duration=10000000", FILES, NULL);

    fail_unless_equals_uint64 (files.at_start, 20 * GST_MSECOND);
    fail_unless_equals_int (files.samples->len, live.samples->len);
    fail_unless (
        memcmp (files.samples->data, live.samples->data, files.samples->len)
        == 0);
    g_byte_array_unref (files.samples);
    g_byte_array_unref (live.samples);
  }
}
GST_END_TEST

/*** what the pads store ***/

typedef struct
{
  GstPad *src, *sink;
  gint pushed; /* atomic */
  gint most;
  GThread *thread;
} Pusher;

/* Buffers of 10 ms. */
static gpointer
push (gpointer data)
{
  Pusher *self = data;
  GstSegment segment;
  GstCaps *caps = gst_caps_from_string ("audio/x-raw,format=" GST_AUDIO_NE (
      F32) ",layout=interleaved,rate=48000,channels=1");
  GstFlowReturn ret = GST_FLOW_OK;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (self->src, gst_event_new_stream_start ("s"));
  gst_pad_push_event (self->src, gst_event_new_caps (caps));
  gst_pad_push_event (self->src, gst_event_new_segment (&segment));
  gst_caps_unref (caps);
  for (gint i = 0; i < self->most && ret == GST_FLOW_OK; i++) {
    GstBuffer *buffer = gst_buffer_new_and_alloc (480 * sizeof (gfloat));

    gst_buffer_memset (buffer, 0, 0, -1);
    GST_BUFFER_PTS (buffer) = i * 10 * GST_MSECOND;
    GST_BUFFER_DURATION (buffer) = 10 * GST_MSECOND;
    ret = gst_pad_push (self->src, buffer);
    if (ret == GST_FLOW_OK)
      g_atomic_int_inc (&self->pushed);
  }
  return NULL;
}

static void
pusher_start (Pusher *self, GstElement *mixer, gint most)
{
  self->src = gst_pad_new ("src", GST_PAD_SRC);
  self->sink = gst_element_request_pad_simple (mixer, "sink_%u");
  self->pushed = 0;
  self->most = most;
  gst_pad_set_active (self->src, TRUE);
  fail_unless_equals_int (gst_pad_link (self->src, self->sink),
      GST_PAD_LINK_OK);
}

static void
pusher_stop (Pusher *self)
{
  g_thread_join (self->thread);
  gst_object_unref (self->src);
  gst_object_unref (self->sink);
}

/* How many buffers a pad takes before it makes the thread wait, after a second that
 * both pads have. */
static gint
buffers_taken (const gchar *settings)
{
  gchar *line =
      g_strdup_printf ("dmixpanmix name=m %s ! fakesink sync=false", settings);
  GstElement *pipeline = gst_parse_launch (line, NULL);
  GstElement *mixer = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  Pusher ends, goes_on;
  gint taken = -1;

  pusher_start (&ends, mixer, 100);
  pusher_start (&goes_on, mixer, 1000);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  ends.thread = g_thread_new ("ends", push, &ends);
  goes_on.thread = g_thread_new ("goes on", push, &goes_on);
  while (taken != g_atomic_int_get (&goes_on.pushed)) {
    taken = g_atomic_int_get (&goes_on.pushed);
    g_usleep (300000);
  }
  gst_element_set_state (pipeline, GST_STATE_NULL);
  pusher_stop (&ends);
  pusher_stop (&goes_on);
  gst_object_unref (mixer);
  gst_object_unref (pipeline);
  g_free (line);
  return taken - 100;
}

/* The buffer that goes beyond 200 ms comes in, too. A value of the user's
 * stays. */
GST_START_TEST (test_stores)
{
  fail_unless_equals_int (buffers_taken (""), 21);
  fail_unless_equals_int (buffers_taken ("min-upstream-latency=400000000"), 41);
}
GST_END_TEST

static GstClockTime
latency_of (GstElement *mixer, gboolean *live)
{
  GstQuery *query = gst_query_new_latency ();
  GstPad *src = gst_element_get_static_pad (mixer, "src");
  GstClockTime min;

  fail_unless (gst_pad_query (src, query));
  gst_query_parse_latency (query, live, &min, NULL);
  gst_object_unref (src);
  gst_query_unref (query);
  return min;
}

/* Files, and then a live source joins. */
GST_START_TEST (test_stored_is_no_latency)
{
  GstElement *pipeline =
      gst_parse_launch ("dmixpanmix name=m ! fakesink sync=true "
                        "audiotestsrc ! audio/x-raw,rate=48000,channels=1 ! "
                        "m.sink_0",
          NULL);
  GstElement *mixer = gst_bin_get_by_name (GST_BIN (pipeline), "m");
  GstElement *late = gst_parse_bin_from_description (
      "audiotestsrc is-live=true samplesperbuffer=480 ! audio/x-raw,rate=48000",
      TRUE, NULL);
  gboolean live;
  GstClockTime wanted, latency;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, 5 * GST_SECOND);
  g_usleep (1000000); /* the blocks are long, and the pads store */
  latency = latency_of (mixer, &live);
  fail_if (live);
  fail_unless_equals_uint64 (latency, 100 * GST_MSECOND);

  gst_bin_add (GST_BIN (pipeline), late);
  fail_unless (gst_element_link (late, mixer));
  gst_element_sync_state_with_parent (late);
  for (guint i = 0; i < 100; i++) {
    g_usleep (20000);
    wanted = latency_of (late, &live) + 20 * GST_MSECOND;
    latency = latency_of (mixer, &live);
    if (live && latency == wanted)
      break;
  }
  fail_unless (live);
  fail_unless_equals_uint64 (latency, wanted);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (mixer);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
dmixblocks_suite (void)
{
  Suite *suite = suite_create ("dmixblocks");
  TCase *tc = tcase_create ("blocks");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_files);
  tcase_add_test (tc, test_live);
  tcase_add_test (tc, test_automated);
  tcase_add_test (tc, test_chosen);
  tcase_add_test (tc, test_same_sound);
  tcase_add_test (tc, test_stores);
  tcase_add_test (tc, test_stored_is_no_latency);
  return suite;
}

GST_CHECK_MAIN (dmixblocks)

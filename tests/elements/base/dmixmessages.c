/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* One contract for the messages of all elements: the fields of time of
 * `level`, intervals that follow each other without a hole, from the first
 * frame of the output to the last. */
#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>

#define SOUND                                                                  \
  " audiotestsrc num-buffers=48 samplesperbuffer=1000 volume=0.1"              \
  " ! audio/x-raw,format=" GST_AUDIO_NE (F32) ",rate=48000,channels=1"
#define LENGTH GST_SECOND
#define DUCKER                                                                 \
  "dmixducker name=e meter=true ! fakesink" SOUND                              \
  " ! queue ! e.background" SOUND " ! queue ! e.dialogue"

static const struct
{
  const gchar *message, *pipeline;
} elements[] = {
  { "dmixcomp", SOUND " ! dmixcomp name=e lookahead=20 ! fakesink" },
  { "dmixdenoise", SOUND " ! dmixdenoise name=e ! fakesink" },
  { "dmixlevel", SOUND " ! dmixlevel name=e ! fakesink" },
  { "dmixmeter", SOUND " ! dmixmeter name=e ! fakesink" },
  { "dmixducker", DUCKER },
  { "dmixmeter", DUCKER },
};

/* Plays, and returns the pipeline with its messages on the bus. */
static GstElement *
play (const gchar *text, gboolean post)
{
  GstElement *pipeline = gst_parse_launch (text, NULL);
  GstElement *element = gst_bin_get_by_name (GST_BIN (pipeline), "e");
  GstElement *sink;
  GstIterator *sinks = gst_bin_iterate_sinks (GST_BIN (pipeline));
  GValue value = G_VALUE_INIT;
  gint64 start = g_get_monotonic_time ();

  /* 300 ms: the last interval is a short one */
  g_object_set (element, "interval", (guint64) 300 * GST_MSECOND,
      "post-messages", post, NULL);
  gst_iterator_next (sinks, &value);
  sink = g_value_get_object (&value);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  while (!GST_PAD_IS_EOS (GST_PAD (sink->sinkpads->data))) {
    fail_unless (g_get_monotonic_time () - start < 20 * G_USEC_PER_SEC);
    g_usleep (1000);
  }
  g_value_unset (&value);
  gst_iterator_free (sinks);
  gst_object_unref (element);
  return pipeline;
}

static guint64
field (const GstStructure *s, const gchar *name)
{
  guint64 value;

  fail_unless (gst_structure_get_uint64 (s, name, &value), "%s in %s", name,
      gst_structure_get_name (s));
  return value;
}

/* Returns how many messages of this name there were, and their end. */
static guint
check_messages (GstElement *pipeline, const gchar *name, GstClockTime *end)
{
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;
  guint count = 0;

  *end = 0;
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);

    if (gst_structure_has_name (s, name)) {
      fail_unless_equals_uint64 (field (s, "timestamp"), *end);
      fail_unless_equals_uint64 (field (s, "stream-time"), *end);
      fail_unless_equals_uint64 (field (s, "running-time"), *end);
      *end += field (s, "duration");
      count++;
    }
    gst_message_unref (message);
  }
  gst_object_unref (bus);
  return count;
}

GST_START_TEST (test_contract)
{
  GstElement *pipeline = play (elements[__i__].pipeline, TRUE);
  GstClockTime end;

  fail_unless_equals_int (check_messages (pipeline, elements[__i__].message,
                              &end),
      4);
  fail_unless_equals_uint64 (end, LENGTH);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
GST_END_TEST

GST_START_TEST (test_silent)
{
  GstElement *pipeline = play (elements[__i__].pipeline, FALSE);
  GstClockTime end;

  fail_unless_equals_int (check_messages (pipeline, elements[__i__].message,
                              &end),
      0);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
GST_END_TEST

static Suite *
dmixmessages_suite (void)
{
  Suite *suite = suite_create ("dmixmessages");
  TCase *tc = tcase_create ("messages");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_contract, 0, G_N_ELEMENTS (elements));
  tcase_add_loop_test (tc, test_silent, 0, G_N_ELEMENTS (elements));
  return suite;
}

GST_CHECK_MAIN (dmixmessages)

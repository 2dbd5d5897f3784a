/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The lines of GST_DEBUG=dmix*:6: every element logs negotiation, set-up,
 * blocks, drain and end, and a filter also what interrupts its stream. */
#include <gst/audio/audio.h>
#include <gst/check/gstcheck.h>
#include <gst/check/gstharness.h>
#include <string.h>

static GMutex lock;
static GString *lines; /* "category message\n" ... of dmix categories */

static void
collect (GstDebugCategory *category, GstDebugLevel level, const gchar *file,
    const gchar *function, gint line, GObject *object, GstDebugMessage *message,
    gpointer data)
{
  const gchar *name = gst_debug_category_get_name (category);

  if (!g_str_has_prefix (name, "dmix"))
    return;
  g_mutex_lock (&lock);
  if (lines)
    g_string_append_printf (lines, "%s %s\n", name,
        gst_debug_message_get (message));
  g_mutex_unlock (&lock);
}

static void
start_log (const gchar *thresholds)
{
  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (collect, NULL, NULL);
  gst_debug_set_threshold_from_string (thresholds, TRUE);
  lines = g_string_new (NULL);
}

static void
check_line (const gchar *element, const gchar *pattern)
{
  fail_unless (g_regex_match_simple (pattern, lines->str, G_REGEX_MULTILINE, 0),
      "%s: no line '%s'", element, pattern);
}

static void
stop_log (void)
{
  gst_debug_remove_log_function (collect);
  g_mutex_lock (&lock);
  g_string_free (lines, TRUE);
  lines = NULL;
  g_mutex_unlock (&lock);
}

/*** every element ***/

#define SOUND                                                                  \
  " audiotestsrc num-buffers=20 wave=pink-noise volume=0.1"                    \
  " ! audio/x-raw,format=" GST_AUDIO_NE (F32) ",rate=48000,channels=1"

static const struct
{
  const gchar *element, *pipeline;
} pipelines[] = {
  { "dmixcomp", SOUND " ! dmixcomp ratio=3 ! fakesink" },
  { "dmixdenoise", SOUND " ! dmixdenoise reduction=9 ! fakesink" },
  { "dmixlevel", SOUND " ! dmixlevel target=-16 ! fakesink" },
  { "dmixmeter", SOUND " ! dmixmeter specification=podcast ! fakesink" },
  { "dmixpan", SOUND " ! dmixpan azimuth=30 ! fakesink" },
  { "dmixpanmix",
      "dmixpanmix name=e head-yaw=5 ! fakesink" SOUND " ! e.sink_0" },
  { "dmixducker",
      "dmixducker name=e depth=9 ! fakesink" SOUND
      " ! queue ! e.background" SOUND " ! queue ! e.dialogue" },
  { "dmixadr",
      "dmixadr name=e strength=0.5 ! fakesink" SOUND " ! queue ! e.guide" SOUND
      " ! queue ! e.take" },
};

static void
play (const gchar *text)
{
  GError *error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);
  GstBus *bus = gst_element_get_bus (pipeline);
  GstMessage *message;

  fail_unless (error == NULL, "%s", error ? error->message : "");
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS, "%s",
      text);
  gst_message_unref (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (bus);
  gst_object_unref (pipeline);
}

GST_START_TEST (test_elements)
{
  const gchar *element = pipelines[__i__].element;

  start_log ("dmix*:6");
  play (pipelines[__i__].pipeline);
  check_line (element, "^dmixsettings property [a-z-]+ set to ");
  check_line (element, "negotiated: caps .*audio/x-raw.*48000");
  check_line (element, "processor set up: 48000 Hz, .*latency ");
  check_line (element,
      "block at frame 0: [0-9]+ frames, pts 0:00:00.000000000");
  check_line (element, "block at frame [1-9][0-9]*: [0-9]+ frames, pts ");
  check_line (element, "drain");
  check_line (element, "end of stream");
  stop_log ();
}
GST_END_TEST

/* At DEBUG no line is written for a block. */
GST_START_TEST (test_debug_is_quiet)
{
  start_log ("dmix*:5");
  play (pipelines[__i__].pipeline);
  check_line (pipelines[__i__].element, "processor set up");
  fail_unless (strstr (lines->str, "block at frame 1") == NULL);
  stop_log ();
}
GST_END_TEST

/*** what interrupts a stream ***/

static void
push (GstHarness *h, GstClockTime pts)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (480 * sizeof (gfloat));

  gst_buffer_memset (buffer, 0, 0, -1);
  GST_BUFFER_PTS (buffer) = pts;
  fail_unless_equals_int (gst_harness_push (h, buffer), GST_FLOW_OK);
}

GST_START_TEST (test_interruptions)
{
  GstHarness *h;

  start_log ("dmix*:6");
  h = gst_harness_new_parse ("dmixcomp lookahead=5");
  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (F32) ",layout=interleaved,"
                                               "rate=48000,channels=1");
  push (h, 0);
  push (h, GST_SECOND);
  check_line ("dmixcomp",
      "hole: expected pts 0:00:00.010000000, got 0:00:01.000000000");
  push (h, 20 * GST_SECOND);
  check_line ("dmixcomp",
      "discontinuity: expected pts 0:00:01.010000000, got 0:00:20.000000000");
  check_line ("dmixcomp", "draining 240 frames of delay");
  gst_harness_set (h, "dmixcomp", "lookahead", 10.0, NULL);
  push (h, 20 * GST_SECOND + 10 * GST_MSECOND);
  check_line ("dmixcomp", "^dmixsettings property lookahead set to 10");
  check_line ("dmixcomp", "latency changes to 480 frames");
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_start ()));
  fail_unless (gst_harness_push_event (h, gst_event_new_flush_stop (TRUE)));
  check_line ("dmixcomp", "flush");
  gst_harness_teardown (h);
  stop_log ();
}
GST_END_TEST

static Suite *
dmixlog_suite (void)
{
  Suite *suite = suite_create ("dmixlog");
  TCase *tc = tcase_create ("log");

  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_elements, 0, G_N_ELEMENTS (pipelines));
  tcase_add_loop_test (tc, test_debug_is_quiet, 0, G_N_ELEMENTS (pipelines));
  tcase_add_test (tc, test_interruptions);
  return suite;
}

GST_CHECK_MAIN (dmixlog)

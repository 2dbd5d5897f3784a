/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Segments, seeks, durations, gaps, and pads added and released: the rest of the
 * list of tests that GStreamer's audiomixer has. */
#include "ducker_rig.h"

#include <gst/check/gstharness.h>
#include <math.h>
#include <string.h>

#define RATE 48000
#define FIXED "mode=fixed depth=12 lookahead=50 hold=100 release=50 "

/* The format that downstream wants gets through to upstream of both pads. */
GST_START_TEST (test_filter_caps)
{
  GstElement *pipeline = gst_parse_launch (
      "dmixducker name=d "
      "! audio/x-raw,rate=32000,channels=1 ! fakesink name=sink "
      "audiotestsrc num-buffers=20 ! audio/x-raw,rate=48000,channels=2 "
      "! audioconvert ! audioresample ! d.background "
      "audiotestsrc num-buffers=20 ! audio/x-raw,rate=44100,channels=2 "
      "! audioresample ! d.dialogue",
      NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstMessage *message;
  GstAudioInfo info;
  GstPad *pad;
  GstCaps *caps;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
      10 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS);
  gst_message_unref (message);
  pad = gst_element_get_static_pad (sink, "sink");
  caps = gst_pad_get_current_caps (pad);
  fail_unless (gst_audio_info_from_caps (&info, caps));
  fail_unless_equals_int (GST_AUDIO_INFO_RATE (&info), 32000);
  fail_unless_equals_int (GST_AUDIO_INFO_CHANNELS (&info), 1);
  gst_caps_unref (caps);
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* Sound outside its segment is not heard, to the sample. */
GST_START_TEST (test_clip)
{
  gfloat *sound = rig_noise (RATE, 0.3, 1);
  Rig *rig = rig_new ("lookahead=50");
  RigInput *background = rig_add (rig, "background", RATE, 1);

  rig_queue_event (background,
      rig_segment (GST_SECOND / 4, GST_SECOND * 3 / 4, 0));
  rig_queue (background, sound, RATE, 1013, RATE, 1, 0);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), RATE / 2);
  fail_unless (
      !memcmp (rig->samples->data, sound + RATE / 4, RATE / 2 * sizeof *sound));
  rig_free (rig);
  g_free (sound);
}
GST_END_TEST

/* Running time counts: a dialogue whose segment starts at 100 s with a base of
 * 1 s is heard at 1 s, and goes on in a second segment. */
GST_START_TEST (test_segment_base)
{
  gfloat *silence = g_new0 (gfloat, 2 * RATE);
  gfloat *speech = rig_noise (RATE, 0.3, 2);
  Rig *rig = rig_new (NULL);
  RigInput *dialogue;

  rig_queue (rig_add (rig, "background", RATE, 1), silence, 2 * RATE, 1024,
      RATE, 1, 0);
  dialogue = rig_add (rig, "dialogue", RATE, 1);
  rig_queue_event (dialogue,
      rig_segment (100 * GST_SECOND, GST_CLOCK_TIME_NONE, GST_SECOND));
  rig_queue (dialogue, speech, RATE / 2, 1000, RATE, 1, 100 * RATE);
  rig_queue_event (dialogue,
      rig_segment (7 * GST_SECOND, GST_CLOCK_TIME_NONE, GST_SECOND * 3 / 2));
  rig_queue (dialogue, speech + RATE / 2, RATE / 2, 1000, RATE, 1, 7 * RATE);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), 2 * RATE);
  for (guint i = 0; i < RATE; i++)
    fail_unless_equals_float (rig_sample (rig, i, 0), 0.0f);
  fail_unless (!memcmp ((gfloat *) rig->samples->data + RATE, speech,
      RATE * sizeof *speech));
  rig_free (rig);
  g_free (silence);
  g_free (speech);
}
GST_END_TEST

/* A dialogue that steps back in time: what would be a second time there is
 * dropped, the rest stays in its place. */
GST_START_TEST (test_backwards)
{
  gfloat *silence = g_new0 (gfloat, RATE), *speech = rig_noise (RATE, 0.3, 3);
  Rig *rig = rig_new (NULL);
  RigInput *dialogue;

  rig_queue (rig_add (rig, "background", RATE, 1), silence, RATE, 1024, RATE, 1,
      0);
  dialogue = rig_add (rig, "dialogue", RATE, 1);
  rig_queue (dialogue, speech, RATE / 2, 480, RATE, 1, 0);
  rig_queue (dialogue, speech + RATE / 4, RATE * 3 / 4, 480, RATE, 1, RATE / 4);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), RATE);
  fail_unless (!memcmp (rig->samples->data, speech, RATE * sizeof *speech));
  rig_free (rig);
  g_free (silence);
  g_free (speech);
}
GST_END_TEST

/* A GAP event of the dialogue is silence: the duck is released behind it, and
 * the background does not wait for data. */
GST_START_TEST (test_gap_event)
{
  gfloat *ones = g_new (gfloat, 3 * RATE), *speech = rig_noise (RATE, 0.3, 4);
  Rig *rig = rig_new (FIXED "output=background");
  RigInput *dialogue;

  for (guint i = 0; i < 3 * RATE; i++)
    ones[i] = 0.1f;
  rig_queue (rig_add (rig, "background", RATE, 1), ones, 3 * RATE, 1024, RATE,
      1, 0);
  dialogue = rig_add (rig, "dialogue", RATE, 1);
  rig_queue (dialogue, speech, RATE / 2, 480, RATE, 1, 0);
  rig_queue_event (dialogue,
      gst_event_new_gap (GST_SECOND / 2, GST_SECOND * 3 / 2));
  rig_queue (dialogue, speech, RATE / 2, 480, RATE, 1, 2 * RATE);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), 3 * RATE);
  fail_unless (
      fabs (20 * log10 (rig_sample (rig, RATE / 4, 0) / 0.1) + 12) < 0.05);
  fail_unless_equals_float (rig_sample (rig, 2 * RATE - 2400, 0), 0.1f);
  fail_unless (
      fabs (20 * log10 (rig_sample (rig, 2 * RATE, 0) / 0.1) + 12) < 0.05);
  rig_free (rig);
  g_free (ones);
  g_free (speech);
}
GST_END_TEST

/* DURATION: the longer of both. */
GST_START_TEST (test_duration)
{
  GstElement *pipeline =
      gst_parse_launch ("dmixducker name=d ! fakesink "
                        "appsrc format=time duration=1000000000 ! d.background "
                        "appsrc format=time duration=2500000000 ! d.dialogue",
          NULL);
  gint64 duration;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  fail_unless (
      gst_element_query_duration (pipeline, GST_FORMAT_TIME, &duration));
  fail_unless_equals_int64 (duration, 2500 * GST_MSECOND);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
GST_END_TEST

GST_START_TEST (test_seek)
{
  rig_check_seeks ("dmixducker name=d "
                   "! audio/x-raw,rate=48000,channels=1 ! fakesink name=sink "
                   "audiotestsrc samplesperbuffer=480 ! d.background "
                   "audiotestsrc samplesperbuffer=480 ! d.dialogue");
}
GST_END_TEST

/* A live pipeline can be sought, too: it goes on. */
GST_START_TEST (test_live_seeking)
{
  GstElement *pipeline =
      gst_parse_launch ("dmixducker name=d lookahead=20 "
                        "! fakesink name=sink sync=true audiotestsrc "
                        "is-live=true "
                        "! d.background audiotestsrc is-live=true ! d.dialogue",
          NULL);
  GstElement *sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  GstPad *pad = gst_element_get_static_pad (sink, "sink");
  RigReceived received;

  rig_receive (pad, &received);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_usleep (300000);
  for (gint i = 0; i < 3; i++) {
    fail_unless (gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME,
        GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, 0));
    g_usleep (500000);
    fail_unless (received.bytes > 0, "no output after a live seek");
  }
  fail_if (gst_bus_pop_filtered (GST_ELEMENT_BUS (pipeline), GST_MESSAGE_ERROR)
      != NULL);
  gst_object_unref (pad);
  gst_object_unref (sink);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* Dialogue tracks come and go 50 times while a live background plays. */
GST_START_TEST (test_pads_come_and_go)
{
  GstElement *pipeline = gst_parse_launch ("dmixducker name=d lookahead=20 "
                                           "! fakesink sync=true audiotestsrc "
                                           "is-live=true ! d.background",
      NULL);
  GstElement *ducker = gst_bin_get_by_name (GST_BIN (pipeline), "d");
  gint64 before, after;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_usleep (200000);
  fail_unless (gst_element_query_position (ducker, GST_FORMAT_TIME, &before));
  for (gint i = 0; i < 50; i++) {
    GstElement *source = gst_element_factory_make ("audiotestsrc", NULL);
    GstPad *src, *sink;

    g_object_set (source, "is-live", TRUE, NULL);
    gst_bin_add (GST_BIN (pipeline), source);
    src = gst_element_get_static_pad (source, "src");
    sink = gst_element_request_pad_simple (ducker,
        i % 2 ? "dialogue" : "dialogue_%u");
    fail_unless_equals_int (gst_pad_link (src, sink), GST_PAD_LINK_OK);
    gst_element_sync_state_with_parent (source);
    g_usleep (i % 5 * 7000);
    gst_element_set_state (source, GST_STATE_NULL);
    gst_pad_unlink (src, sink);
    gst_element_release_request_pad (ducker, sink);
    gst_object_unref (sink);
    gst_object_unref (src);
    gst_bin_remove (GST_BIN (pipeline), source);
  }
  g_usleep (200000);
  fail_unless (gst_element_query_position (ducker, GST_FORMAT_TIME, &after));
  fail_unless (after > before + 500 * GST_MSECOND);
  fail_if (gst_bus_pop_filtered (GST_ELEMENT_BUS (pipeline), GST_MESSAGE_ERROR)
      != NULL);
  gst_object_unref (ducker);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}
GST_END_TEST

static GstBuffer *
ten_ms (GstClockTime pts)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (480 * sizeof (gfloat));

  gst_buffer_memset (buffer, 0, 0, -1);
  GST_BUFFER_PTS (buffer) = pts;
  GST_BUFFER_DURATION (buffer) = 10 * GST_MSECOND;
  return buffer;
}

/* Live, late buffers are dropped, and with qos-messages a message has the time
 * of the buffer and the number of frames. */
GST_START_TEST (test_qos_message_live)
{
  GstElement *ducker = gst_element_factory_make ("dmixducker", NULL);
  GstBus *bus = gst_bus_new ();
  GstHarness *h;
  GstPad *pad;
  GstMessage *message = NULL;
  GstClockTime played = 0;
  guint64 timestamp, duration, dropped;

  g_object_set (ducker, "lookahead", 0.0, "output-buffer-duration",
      10 * GST_MSECOND, NULL);
  h = gst_harness_new_with_element (ducker, "background", "src");
  pad = gst_element_get_static_pad (ducker, "background");
  g_object_set (pad, "qos-messages", TRUE, NULL);
  gst_element_set_bus (h->element, bus);
  gst_harness_use_testclock (h);
  gst_harness_play (h);
  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=48000,channels=1");
  fail_unless_equals_int (gst_harness_push (h, ten_ms (0)), GST_FLOW_OK);
  while (played < 300 * GST_MSECOND) {
    GstBuffer *buffer;

    fail_unless (gst_harness_crank_single_clock_wait (h));
    buffer = gst_harness_pull (h);
    played = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_int (gst_harness_push (h, ten_ms (20 * GST_MSECOND)),
      GST_FLOW_OK);
  for (guint i = 0; i < 10 && !message; i++) {
    gst_harness_crank_single_clock_wait (h);
    message =
        gst_bus_timed_pop_filtered (bus, 100 * GST_MSECOND, GST_MESSAGE_QOS);
  }
  fail_unless (message != NULL);
  gst_message_parse_qos (message, NULL, NULL, NULL, &timestamp, &duration);
  gst_message_parse_qos_stats (message, NULL, NULL, &dropped);
  fail_unless_equals_uint64 (timestamp, 20 * GST_MSECOND);
  fail_unless_equals_uint64 (duration, 10 * GST_MSECOND);
  fail_unless_equals_uint64 (dropped, 480);
  gst_message_unref (message);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_object_unref (pad);
  gst_object_unref (ducker);
  gst_harness_teardown (h);
}
GST_END_TEST

static Suite *
dmixducker_segments_suite (void)
{
  Suite *suite = suite_create ("dmixducker_segments");
  TCase *tc = tcase_create ("segments");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_filter_caps);
  tcase_add_test (tc, test_clip);
  tcase_add_test (tc, test_segment_base);
  tcase_add_test (tc, test_backwards);
  tcase_add_test (tc, test_gap_event);
  tcase_add_test (tc, test_duration);
  tcase_add_test (tc, test_seek);
  tcase_add_test (tc, test_live_seeking);
  tcase_add_test (tc, test_pads_come_and_go);
  tcase_add_test (tc, test_qos_message_live);
  return suite;
}

GST_CHECK_MAIN (dmixducker_segments)

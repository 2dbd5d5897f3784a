/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The base class of the filters, with minimal processors: a delay whose length
 * can change, and one from mono to stereo. Every filter inherits the handling
 * of time that is tested here. */
#include "base/testfilter.h"

#include <gst/controller/gstinterpolationcontrolsource.h>
#include <gst/controller/gstdirectcontrolbinding.h>
#include <math.h>
#include <string.h>

#define RATE 48000

/*** another filter: mono to stereo, right inverted ***/

typedef TestFilter TestStereo;
typedef GstDmixFilterClass TestStereoClass;
static GType test_stereo_get_type (void);
G_DEFINE_TYPE (TestStereo, test_stereo, test_filter_get_type ())
static void
stereo_process (GstDmixFilter *filter, const gfloat *in, gfloat *out,
    guint frames)
{
  gfloat *mono = g_memdup2 (in, frames * sizeof *in);

  GST_DMIX_FILTER_CLASS (test_stereo_parent_class)
      ->process (filter, mono, mono, frames);
  for (guint i = 0; i < frames; i++) {
    out[2 * i] = mono[i];
    out[2 * i + 1] = -mono[i];
  }
  g_free (mono);
}

static GstCaps *
stereo_caps (GstBaseTransform *trans, GstPadDirection direction, GstCaps *caps,
    GstCaps *filter)
{
  GstCaps *other = gst_caps_copy (caps);

  if (direction == GST_PAD_SINK)
    gst_caps_set_simple (other, "channels", G_TYPE_INT, 2, "channel-mask",
        GST_TYPE_BITMASK, (guint64) 0x3, NULL);
  else
    for (guint i = 0; i < gst_caps_get_size (other); i++) {
      gst_structure_remove_field (gst_caps_get_structure (other, i),
          "channel-mask");
      gst_structure_set (gst_caps_get_structure (other, i), "channels",
          G_TYPE_INT, 1, NULL);
    }
  return other;
}

static void
test_stereo_class_init (TestStereoClass *klass)
{
  GstCaps *caps = gst_caps_from_string (GST_DMIX_CAPS);

  gst_audio_filter_class_add_pad_templates (GST_AUDIO_FILTER_CLASS (klass),
      caps);
  gst_caps_unref (caps);
  GST_BASE_TRANSFORM_CLASS (klass)->transform_caps = stereo_caps;
  klass->process = stereo_process;
}

static void
test_stereo_init (TestStereo *self)
{
}

/*** tests ***/

static const gint rates[] = { 8000, 11025, 44100, 48000, 96000, 192000 };
static const guint delays[] = { 0, 1, 66, 480, 4800 };
static const guint blocks[] = { 1, 7, 480, 1013, 65536 };

/* Every frame leaves with the timestamp it came with, none is lost, and what
 * the LATENCY query says is what the first frame waits for. */
GST_START_TEST (test_time)
{
  test_filter_checks_time = TRUE; /* in this test, in a process of its own */
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint d = 0; d < G_N_ELEMENTS (delays); d++) {
      for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
        GstHarness *h = test_filter_harness (test_filter_get_type (), rates[r],
            2, "delay", (gdouble) delays[d], NULL);
        const guint total = blocks[b] == 1 ? 3000 : 20011;
        guint64 out = 0;

        for (guint done = 0, n; done < total; done += n) {
          n = MIN (blocks[b], total - done);
          test_filter_push_frames (h, done, n, rates[r], 2);
          out = test_filter_check_output (h, out, rates[r], 2);
          fail_unless_equals_uint64 (out,
              done + n > delays[d] ? done + n - delays[d] : 0);
        }
        fail_unless_equals_uint64 (gst_harness_query_latency (h),
            gst_util_uint64_scale_round (delays[d], GST_SECOND, rates[r]));
        gst_harness_push_event (h, gst_event_new_eos ());
        fail_unless_equals_uint64 (test_filter_check_output (h, out, rates[r],
                                       2),
            total);
        gst_harness_teardown (h);
      }
    }
  }
}
GST_END_TEST

/* Upstream's latency is added to, in min and max, and its liveness kept. */
GST_START_TEST (test_latency_adds_up)
{
  GstElement *pipeline = gst_pipeline_new (NULL);
  GstElement *src = gst_element_factory_make ("audiotestsrc", NULL);
  GstElement *filter =
      g_object_new (test_filter_get_type (), "delay", 480.0, NULL);
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  GstQuery *query = gst_query_new_latency ();
  GstCaps *caps = gst_caps_from_string ("audio/x-raw,rate=48000");
  GstClockTime min, max, upstream_min, upstream_max;
  gboolean live;

  g_object_set (src, "is-live", TRUE, "samplesperbuffer", 960, NULL);
  gst_bin_add_many (GST_BIN (pipeline), src, filter, sink, NULL);
  fail_unless (gst_element_link_filtered (src, filter, caps));
  fail_unless (gst_element_link (filter, sink));
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  gst_element_get_state (pipeline, NULL, NULL, 5 * GST_SECOND);
  fail_unless (gst_element_query (src, query));
  gst_query_parse_latency (query, NULL, &upstream_min, &upstream_max);
  fail_unless (gst_element_query (filter, query));
  gst_query_parse_latency (query, &live, &min, &max);
  fail_unless (live);
  fail_unless_equals_uint64 (min, upstream_min + 10 * GST_MSECOND);
  fail_unless_equals_uint64 (max,
      GST_CLOCK_TIME_IS_VALID (upstream_max) ? upstream_max + 10 * GST_MSECOND
                                             : GST_CLOCK_TIME_NONE);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_caps_unref (caps);
  gst_query_unref (query);
  gst_object_unref (pipeline);
}
GST_END_TEST

/* Old sound leaves in the old format, before the new caps. */
GST_START_TEST (test_caps_change)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 2,
      "delay", 480.0, NULL);
  GstEvent *event;
  guint caps_events = 0;

  test_filter_push_frames (h, 0, 1000, RATE, 2);
  gst_harness_set_src_caps_str (h,
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=48000,channels=1");
  fail_unless_equals_uint64 (test_filter_check_output (h, 0, RATE, 2), 1000);
  test_filter_push_frames (h, 4800, 1000, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (test_filter_check_output (h, 4800, RATE, 1), 5800);
  while ((event = gst_harness_try_pull_event (h))) {
    caps_events += GST_EVENT_TYPE (event) == GST_EVENT_CAPS;
    gst_event_unref (event);
  }
  fail_unless_equals_int (caps_events, 2);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Nothing from before a flush comes after it. */
GST_START_TEST (test_flush)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 2,
      "delay", 4800.0, NULL);
  GstSegment segment;

  test_filter_push_frames (h, 0, 6000, RATE, 2);
  fail_unless_equals_uint64 (test_filter_check_output (h, 0, RATE, 2), 1200);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  test_filter_push_frames (h, 90000, 6000, RATE, 2);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (test_filter_check_output (h, 90000, RATE, 2),
      96000);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Buffers without timestamps go through without. */
GST_START_TEST (test_no_timestamps)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 100.0, NULL);
  GstBuffer *buffer = test_filter_buffer (0, 1000, RATE, 1);

  GST_BUFFER_PTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET (buffer) = GST_BUFFER_OFFSET_NONE;
  test_filter_push (h, buffer);
  buffer = gst_harness_pull (h);
  fail_if (GST_BUFFER_PTS_IS_VALID (buffer));
  fail_if (GST_BUFFER_OFFSET_IS_VALID (buffer));
  fail_unless_equals_int (gst_buffer_get_size (buffer), 900 * 4);
  gst_buffer_unref (buffer);
  gst_harness_teardown (h);
}

GST_END_TEST

/* A delay that changes while playing: no frame is lost, doubled or moved, and
 * the pipeline gets a LATENCY message. */
GST_START_TEST (test_delay_change)
{
  const guint steps[] = { 480, 4800, 100, 0, 1000, 1001, 1000, 9000, 0 };
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 2,
      "delay", 0.0, NULL);
  GstBus *bus = gst_bus_new ();
  guint64 in = 0, out = 0;
  guint messages = 0;
  GstMessage *message;

  gst_element_set_bus (h->element, bus);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_object_set (h->element, "delay", (gdouble) steps[i], NULL);
    for (guint b = 0; b < 20; b++, in += 333) {
      test_filter_push_frames (h, in, 333, RATE, 2);
      out = test_filter_check_output (h, out, RATE, 2);
    }
    fail_unless_equals_uint64 (gst_harness_query_latency (h),
        gst_util_uint64_scale_round (steps[i], GST_SECOND, RATE));
    fail_unless (steps[i] > 20 * 333 || in - out == steps[i]);
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (test_filter_check_output (h, out, RATE, 2), in);
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_LATENCY))) {
    gst_message_unref (message);
    messages++;
  }
  fail_unless_equals_int (messages, G_N_ELEMENTS (steps));
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Messages are contiguous from the first frame to the last, and each is about
 * the frames that came out in its interval. */
GST_START_TEST (test_messages)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 777.0, "interval", (guint64) 10 * GST_MSECOND, NULL);
  GstBus *bus = gst_bus_new ();
  GstClockTime next = test_filter_time (96000, RATE);
  GstMessage *message;
  guint frames, total = 0;

  gst_element_set_bus (h->element, bus);
  for (guint i = 0; i < 20; i++)
    test_filter_push_frames (h, 96000 + i * 1013, 1013, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 timestamp, stream_time, running_time, duration;
    gdouble peak;

    fail_unless (gst_structure_has_name (s, "test"));
    fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
        "stream-time", G_TYPE_UINT64, &stream_time, "running-time",
        G_TYPE_UINT64, &running_time, "duration", G_TYPE_UINT64, &duration,
        "frames", G_TYPE_UINT, &frames, "peak", G_TYPE_DOUBLE, &peak, NULL));
    fail_unless_equals_uint64 (timestamp, next);
    fail_unless_equals_uint64 (stream_time, next);
    fail_unless_equals_uint64 (running_time, next);
    total += frames;
    next += duration;
    fail_unless_equals_uint64 (next, test_filter_time (96000 + total, RATE));
    fail_unless (frames == 480 || total == 20 * 1013);
    /* the samples rise: the loudest is the last */
    fail_unless_equals_float (peak, test_filter_value (96000 + total - 1));
    gst_message_unref (message);
  }
  fail_unless_equals_int (total, 20 * 1013);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}
GST_END_TEST

GST_START_TEST (test_no_messages)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "post-messages", FALSE, NULL);
  GstBus *bus = gst_bus_new ();

  gst_element_set_bus (h->element, bus);
  test_filter_push_frames (h, 0, 3 * RATE, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT) == NULL);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}
GST_END_TEST

/* A bound property moves within a buffer, by the stream time of the frames
 * that come out, and nothing hangs. */
GST_START_TEST (test_control_binding)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 480.0, NULL);
  GstControlSource *source = gst_interpolation_control_source_new ();
  GstTimedValueControlSource *values = GST_TIMED_VALUE_CONTROL_SOURCE (source);
  guint64 frame = 0;
  GstBuffer *buffer;

  g_object_set (source, "mode", GST_INTERPOLATION_MODE_LINEAR, NULL);
  gst_timed_value_control_source_set (values, 0, 0.0);
  gst_timed_value_control_source_set (values, GST_SECOND, 1.0);
  gst_object_add_control_binding (GST_OBJECT (h->element),
      gst_direct_control_binding_new_absolute (GST_OBJECT (h->element), "gain",
          source));
  test_filter_push_frames (h, 0, RATE, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    const guint frames = gst_buffer_get_size (buffer) / 4;
    gfloat sample;

    fail_unless (frames <= RATE / 100);
    gst_buffer_extract (buffer, 0, &sample, 4);
    if (frame < RATE - 480)
      fail_unless (fabs (sample / test_filter_value (frame)
                       - (gdouble) frame / RATE)
              < 1e-4,
          "frame %u: %f", (guint) frame, sample / test_filter_value (frame));
    frame += frames;
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (frame, RATE);
  gst_object_unref (source);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Sound after the last frame is let out, too. */
GST_START_TEST (test_tail)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 480.0, "tail", 100.0, NULL);
  GstBuffer *buffer;
  guint64 end = 0;

  test_filter_push_frames (h, 0, 1000, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        test_filter_time (end, RATE));
    end += gst_buffer_get_size (buffer) / 4;
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (end, 1100);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Another segment ends the stream; the same one again does not. */
GST_START_TEST (test_segment)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 480.0, NULL);
  GstSegment segment;

  test_filter_push_frames (h, 0, 1000, RATE, 1);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  fail_unless_equals_uint64 (test_filter_check_output (h, 0, RATE, 1), 520);
  segment.base = 5 * GST_SECOND;
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  fail_unless_equals_uint64 (test_filter_check_output (h, 520, RATE, 1), 1000);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Sound outside the segment is not played; buffers clipped at its edges keep
 * their time. */
GST_START_TEST (test_clipping)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 480.0, NULL);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  segment.start = segment.time = test_filter_time (1440, RATE);
  segment.stop = test_filter_time (4800, RATE);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  for (guint i = 0; i < 10; i++)
    test_filter_push_frames (h, i * 960, 960, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (test_filter_check_output (h, 1440, RATE, 1), 4800);
  gst_harness_teardown (h);
}
GST_END_TEST

/* The position is the end of the output. */
GST_START_TEST (test_position)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 4800.0, NULL);
  gint64 position;

  test_filter_push_frames (h, 0, RATE, RATE, 1);
  fail_unless (
      gst_element_query_position (h->element, GST_FORMAT_TIME, &position));
  fail_unless_equals_int64 (position, 900 * GST_MSECOND);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Into another number of channels. */
GST_START_TEST (test_other_layout)
{
  GstHarness *h = test_filter_harness (test_stereo_get_type (), RATE, 1,
      "delay", 480.0, NULL);
  GstBuffer *buffer;
  guint64 frame = 0;

  for (guint i = 0; i < 10; i++)
    test_filter_push_frames (h, i * 333, 333, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    GstMapInfo map;

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        test_filter_time (frame, RATE));
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    for (guint i = 0; i < map.size / 8; i++, frame++) {
      fail_unless_equals_float (((gfloat *) map.data)[2 * i],
          test_filter_value (frame));
      fail_unless_equals_float (((gfloat *) map.data)[2 * i + 1],
          -test_filter_value (frame));
    }
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (frame, 3330);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Buffers with half frames: a warning that names the remedy, once, and whole
 * frames go on. Empty buffers are nothing. */
GST_START_TEST (test_broken_buffers)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 2,
      "delay", 10.0, NULL);
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  gchar *debug;

  gst_element_set_bus (h->element, bus);
  for (guint i = 0; i < 3; i++) {
    GstBuffer *buffer = test_filter_buffer (i * 100, 101, RATE, 2);

    gst_buffer_resize (buffer, 0, 100 * 8 + 3);
    test_filter_push (h, buffer);
    test_filter_push (h, test_filter_buffer (i * 100 + 100, 0, RATE, 2));
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (test_filter_check_output (h, 0, RATE, 2), 300);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_parse_warning (message, NULL, &debug);
  fail_unless (strstr (debug, "rawaudioparse") != NULL);
  g_free (debug);
  gst_message_unref (message);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  gst_element_set_bus (h->element, NULL);
  gst_object_unref (bus);
  gst_harness_teardown (h);
}
GST_END_TEST

/* A processor that cannot be: the flow ends with an error of the subclass. */
GST_START_TEST (test_setup_fails)
{
  GstHarness *h =
      test_filter_harness (test_filter_get_type (), 8001, 1, NULL, NULL);

  fail_unless_equals_int (gst_harness_push (h,
                              test_filter_buffer (0, 10, 8001, 1)),
      GST_FLOW_NOT_NEGOTIATED);
  gst_harness_teardown (h);
}
GST_END_TEST

/* READY and back, twice: as new each time, with the settings kept. */
GST_START_TEST (test_states)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 480.0, NULL);

  for (guint i = 0; i < 3; i++) {
    GstSegment segment;

    test_filter_push_frames (h, 0, 1000, RATE, 1);
    fail_unless_equals_uint64 (test_filter_check_output (h, 0, RATE, 1), 520);
    gst_element_set_state (h->element, GST_STATE_READY);
    fail_unless_equals_uint64 (gst_harness_query_latency (h), 0);
    gst_element_set_state (h->element, GST_STATE_PLAYING);
    gst_segment_init (&segment, GST_FORMAT_TIME);
    gst_harness_push_event (h, gst_event_new_stream_start ("again"));
    gst_harness_set_src_caps_str (h,
        "audio/x-raw,format=" GST_AUDIO_NE (
            F32) ",layout=interleaved,rate=48000,channels=1");
    gst_harness_push_event (h, gst_event_new_segment (&segment));
  }
  gst_harness_teardown (h);
}

GST_END_TEST static Suite *
dmixfilter_suite (void)
{
  Suite *suite = suite_create ("dmixfilter");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_time);
  tcase_add_test (tc, test_latency_adds_up);
  tcase_add_test (tc, test_caps_change);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_no_timestamps);
  tcase_add_test (tc, test_delay_change);
  tcase_add_test (tc, test_messages);
  tcase_add_test (tc, test_no_messages);
  tcase_add_test (tc, test_control_binding);
  tcase_add_test (tc, test_tail);
  tcase_add_test (tc, test_segment);
  tcase_add_test (tc, test_clipping);
  tcase_add_test (tc, test_position);
  tcase_add_test (tc, test_other_layout);
  tcase_add_test (tc, test_broken_buffers);
  tcase_add_test (tc, test_setup_fails);
  tcase_add_test (tc, test_states);
  return suite;
}

GST_CHECK_MAIN (dmixfilter)

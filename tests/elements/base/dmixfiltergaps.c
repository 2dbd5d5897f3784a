/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The base class of the filters where its input has no sound: holes, jumps,
 * jitter of timestamps, gaps. */
#include "base/testfilter.h"

#include <string.h>

#define RATE 48000

/* Plays 6000 frames, a hole, 3000 frames and EOS, and returns all samples, after
 * a check that the output is contiguous. kind: 0: DISCONT, 1: timestamps only,
 * 2: a GAP event, 3: zeros */
static GArray *
play_hole (guint kind, guint hole)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 2,
      "delay", 480.0, "tail", 100.0, NULL);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  GstBuffer *buffer;

  test_filter_push_frames (h, 0, 6000, RATE, 2);
  if (kind == 2)
    gst_harness_push_event (h,
        gst_event_new_gap (test_filter_time (6000, RATE),
            test_filter_time (hole, RATE)));
  if (kind == 3) {
    buffer = test_filter_buffer (6000, hole, RATE, 2);
    gst_buffer_memset (buffer, 0, 0, -1);
    test_filter_push (h, buffer);
  }
  buffer = test_filter_buffer (6000 + hole, 3000, RATE, 2);
  if (kind == 0)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  test_filter_push (h, buffer);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_int (TEST_FILTER (h->element)->resets, 2);
  while ((buffer = gst_harness_try_pull (h))) {
    GstMapInfo map;

    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        test_filter_time (out->len / 2, RATE));
    gst_buffer_map (buffer, &map, GST_MAP_READ);
    g_array_append_vals (out, map.data, map.size / sizeof (gfloat));
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  gst_harness_teardown (h);
  return out;
}

/* A hole of up to 10 s is silence of its length, however it is told: the same
 * bits come out, contiguous, and the processor keeps its state. */
GST_START_TEST (test_hole)
{
  const guint holes[] = { 10, RATE / 50, RATE / 20, RATE, 10 * RATE };

  for (guint i = 0; i < G_N_ELEMENTS (holes); i++) {
    GArray *want = play_hole (3, holes[i]);

    fail_unless_equals_int (want->len, 2 * (6000 + holes[i] + 3000 + 100));
    for (guint kind = 0; kind < 3; kind++) {
      GArray *out;

      if (kind == 1 && holes[i] < RATE / 20)
        continue; /* jitter */
      out = play_hole (kind, holes[i]);
      fail_unless_equals_int (out->len, want->len);
      fail_unless (
          memcmp (out->data, want->data, want->len * sizeof (gfloat)) == 0);
      g_array_unref (out);
    }
    g_array_unref (want);
  }
}
GST_END_TEST

/* DISCONT without a hole changes nothing. Behind a flagged jump back of more than
 * 40 ms and behind a hole of more than 10 s the processor begins anew: the delayed
 * sound leaves with its own timestamps. */
GST_START_TEST (test_discont)
{
  const gint jumps[] = { 0, -RATE / 50, -RATE / 20, 10 * RATE + RATE / 100 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (jumps); i++) {
    const gint jump = jumps[i / 2];
    const guint64 again = 6000 + jump;
    const gboolean anew = (i % 2 && jump < -RATE / 25) || jump > 0;
    GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 2,
        "delay", 480.0, NULL);
    TestFilter *filter = TEST_FILTER (h->element);
    GstBuffer *buffer = test_filter_buffer (again, 3000, RATE, 2);
    guint resets;

    test_filter_push_frames (h, 0, 6000, RATE, 2);
    resets = filter->resets;
    if (i % 2)
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
    fail_unless_equals_uint64 (test_filter_check_output (h, 0, RATE, 2), 5520);
    test_filter_push (h, buffer);
    fail_unless_equals_int (filter->resets, resets + anew);
    buffer = gst_harness_pull (h);
    fail_unless_equals_uint64 (GST_BUFFER_OFFSET (buffer), 5520);
    if (jump == 0) {
      fail_unless_equals_uint64 (GST_BUFFER_OFFSET_END (buffer), 8520);
      gst_buffer_unref (buffer);
      gst_harness_push_event (h, gst_event_new_eos ());
      fail_unless_equals_uint64 (test_filter_check_output (h, 8520, RATE, 2),
          9000);
    } else {
      fail_unless_equals_uint64 (GST_BUFFER_OFFSET_END (buffer), 6000);
      gst_buffer_unref (buffer);
      gst_harness_push_event (h, gst_event_new_eos ());
      fail_unless_equals_uint64 (test_filter_check_output (h, again, RATE, 2),
          again + 3000);
    }
    gst_harness_teardown (h);
  }
}
GST_END_TEST

/* Timestamps that jitter are kept for the very frames that had them, and the
 * processor goes on. */
GST_START_TEST (test_jitter)
{
  const GstClockTimeDiff jitter[] = {
    0,
    3 * GST_MSECOND,
    -2 * GST_MSECOND,
    0,
    20 * GST_MSECOND,
    7,
  };
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 700.0, NULL);
  TestFilter *filter = TEST_FILTER (h->element);
  GstBuffer *buffer;
  guint64 frame = 0;

  for (guint i = 0; i < G_N_ELEMENTS (jitter); i++) {
    buffer = test_filter_buffer (48000 + i * 1000, 1000, RATE, 1);
    GST_BUFFER_PTS (buffer) += jitter[i];
    test_filter_push (h, buffer);
  }
  fail_unless_equals_int (filter->resets, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((buffer = gst_harness_try_pull (h))) {
    const guint part = frame / 1000;

    fail_unless (part < G_N_ELEMENTS (jitter));
    fail_unless_equals_uint64 (GST_BUFFER_PTS (buffer),
        test_filter_time (48000 + part * 1000, RATE) + jitter[part]
            + test_filter_time (frame % 1000, RATE));
    frame += gst_buffer_get_size (buffer) / 4;
    fail_unless (frame <= (part + 1) * 1000);
    gst_buffer_unref (buffer);
  }
  fail_unless_equals_uint64 (frame, 6000);
  gst_harness_teardown (h);
}
GST_END_TEST

static void
count_gaps (GstHarness *h, guint64 *first_gap, guint64 *gap_end, guint64 *end)
{
  GstBuffer *buffer;

  *first_gap = *gap_end = G_MAXUINT64;
  while ((buffer = gst_harness_try_pull (h))) {
    const guint64 start =
        gst_util_uint64_scale_round (GST_BUFFER_PTS (buffer), RATE, GST_SECOND);

    *end = start + gst_buffer_get_size (buffer) / 4;
    if (GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_GAP)) {
      *first_gap = MIN (*first_gap, start);
      *gap_end = *end;
    }
    gst_buffer_unref (buffer);
  }
}

/* A gap, as an event or as buffers with or without memory, comes out as a gap
 * in the same place, but for the buffer it begins in. */
GST_START_TEST (test_gap)
{
  for (guint kind = 0; kind < 3; kind++) {
    GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
        "delay", 480.0, NULL);
    guint64 first, gap_end, end;
    GstBuffer *buffer;

    test_filter_push_frames (h, 0, 4800, RATE, 1);
    if (kind == 0) {
      gst_harness_push_event (h,
          gst_event_new_gap (test_filter_time (4800, RATE),
              test_filter_time (9600, RATE)));
    } else {
      buffer = kind == 1 ? test_filter_buffer (4800, 9600, RATE, 1)
                         : gst_buffer_new ();
      GST_BUFFER_PTS (buffer) = test_filter_time (4800, RATE);
      GST_BUFFER_DURATION (buffer) = test_filter_time (9600, RATE);
      GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_GAP);
      test_filter_push (h, buffer);
    }
    test_filter_push_frames (h, 14400, 4800, RATE, 1);
    gst_harness_push_event (h, gst_event_new_eos ());
    count_gaps (h, &first, &gap_end, &end);
    fail_unless_equals_uint64 (end, 19200);
    if (kind != 1) { /* one buffer of 200 ms begins with sound */
      fail_unless (first >= 4800 && first <= 4800 + 960);
      fail_unless (gap_end <= 14400 && gap_end >= 14400 - 960);
    }
    gst_harness_teardown (h);
  }
}
GST_END_TEST

/* An endless gap costs a minute of silence, then it goes on as an event. */
GST_START_TEST (test_long_gap)
{
  GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 1,
      "delay", 480.0, NULL);
  GstEvent *event;
  GstClockTime pts = 0, duration = 0;

  gst_harness_push_event (h, gst_event_new_gap (0, 3600 * GST_SECOND));
  fail_unless_equals_int (test_filter_pull_frames (h, 1), 60 * RATE);
  while ((event = gst_harness_try_pull_event (h))) {
    if (GST_EVENT_TYPE (event) == GST_EVENT_GAP)
      gst_event_parse_gap (event, &pts, &duration);
    gst_event_unref (event);
  }
  fail_unless_equals_uint64 (pts, 60 * GST_SECOND);
  fail_unless_equals_uint64 (duration, 3540 * GST_SECOND);
  test_filter_push_frames (h, (guint64) 3600 * RATE, 1000, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  fail_unless_equals_uint64 (test_filter_check_output (h, (guint64) 3600 * RATE,
                                 RATE, 1),
      (guint64) 3600 * RATE + 1000);
  gst_harness_teardown (h);
}
GST_END_TEST

/* Behind a jump back the tail is left out, behind a long hole it is complete. */
GST_START_TEST (test_tail_before_discont)
{
  for (guint back = 0; back < 2; back++) {
    GstHarness *h = test_filter_harness (test_filter_get_type (), RATE, 2,
        "delay", 48.0, "tail", 100.0, NULL);

    test_filter_push_frames (h, 20 * RATE, 1000, RATE, 2);
    fail_unless_equals_int (test_filter_pull_frames (h, 2), 952);
    test_filter_push_frames (h, back ? 19 * RATE : 31 * RATE, 1000, RATE, 2);
    fail_unless_equals_int (test_filter_pull_frames (h, 2),
        48 + (back ? 0 : 100) + 952);
    gst_harness_push_event (h, gst_event_new_eos ());
    fail_unless_equals_int (test_filter_pull_frames (h, 2), 48 + 100);
    gst_harness_teardown (h);
  }
}
GST_END_TEST

static Suite *
dmixfiltergaps_suite (void)
{
  Suite *suite = suite_create ("dmixfiltergaps");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_hole);
  tcase_add_test (tc, test_discont);
  tcase_add_test (tc, test_jitter);
  tcase_add_test (tc, test_gap);
  tcase_add_test (tc, test_long_gap);
  tcase_add_test (tc, test_tail_before_discont);
  return suite;
}

GST_CHECK_MAIN (dmixfiltergaps)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixmeter as an element: sound passes unchanged, the figures do not depend on
 * buffers and interval, and the measurement continues with the programme. The figures themselves are tested in tests/dsp. */
#include <math.h>
#include <string.h>

#include "meter_rig.h"

static gdouble
true_peak (const GstStructure *s, guint channel)
{
  return g_value_get_double (
      gst_value_array_get_value (gst_structure_get_value (s, "true-peak"),
          channel));
}

static gdouble
integrated_at_end (MeterRig *rig)
{
  GstStructure *s;
  gdouble value;

  gst_harness_push_event (rig->h, gst_event_new_eos ());
  s = meter_rig_last_message (rig, NULL);
  fail_unless (s != NULL);
  value = meter_rig_number (s, "integrated");
  gst_structure_free (s);
  return value;
}

/*** sound ***/

/* Every bit passes with its timestamp and without delay; NaN and infinite samples
 * become 0, and shared buffers are not written to. */
GST_START_TEST (test_untouched)
{
  const gint rates[] = { 8000, 44100, 48000, 192000 };
  gfloat sound[64] = { -0.0f, 1e-40f, -1e-45f, 1e30f, -3e38f, 1.5f, -1.0f };

  for (guint i = 7; i < 64; i++)
    sound[i] = (gfloat) g_random_double_range (-2, 2);
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    MeterRig rig = meter_rig_new ("", rates[r]);

    for (guint b = 0; b < 50; b++) {
      GstBuffer *in = meter_rig_make_buffer (&rig, sound, 32), *out;
      const GstClockTime pts = GST_BUFFER_PTS (in);

      gst_harness_push (rig.h, gst_buffer_ref (in));
      out = gst_harness_pull (rig.h);
      fail_unless_equals_uint64 (GST_BUFFER_PTS (out), pts);
      fail_unless (gst_buffer_memcmp (out, 0, sound, sizeof sound) == 0);
      fail_unless (gst_buffer_memcmp (in, 0, sound, sizeof sound) == 0);
      gst_buffer_unref (out);
      gst_buffer_unref (in);
    }
    fail_unless_equals_uint64 (gst_harness_query_latency (rig.h), 0);
    meter_rig_free (&rig);
  }
}
GST_END_TEST

GST_START_TEST (test_no_number)
{
  gfloat sound[8] = { NAN, 0.5f, INFINITY, -0.5f, -INFINITY, 0.25f, 1, NAN };
  const gfloat want[8] = { 0, 0.5f, 0, -0.5f, 0, 0.25f, 1, 0 };
  MeterRig rig = meter_rig_new ("", 48000);
  GstBuffer *in = meter_rig_make_buffer (&rig, sound, 4), *out;

  gst_harness_push (rig.h, gst_buffer_ref (in));
  out = gst_harness_pull (rig.h);
  fail_unless (gst_buffer_memcmp (out, 0, want, sizeof want) == 0);
  fail_unless (gst_buffer_memcmp (in, 0, sound, sizeof sound) == 0);
  gst_buffer_unref (in);
  gst_buffer_unref (out);
  meter_rig_play (&rig, 2, -23, 480);
  meter_rig_assert_near (integrated_at_end (&rig), -23);
  meter_rig_free (&rig);
}
GST_END_TEST

/*** messages ***/

GST_START_TEST (test_fields)
{
  const gchar *numbers[] = {
    "momentary",
    "shortterm",
    "integrated",
    "range",
    "max-momentary",
    "max-shortterm",
  };
  const gchar *times[] = {
    "timestamp",
    "stream-time",
    "running-time",
    "duration",
  };
  MeterRig rig = meter_rig_new ("interval=250000000", 48000);
  GstStructure *s;
  guint count;
  guint64 time;

  meter_rig_play (&rig, 4, -23, 1000);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  s = meter_rig_last_message (&rig, &count);
  fail_unless_equals_int (count, 17); /* the last one is about the whole file */
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    fail_unless (isfinite (meter_rig_number (s, numbers[i])), "%s", numbers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    fail_unless (gst_structure_get_uint64 (s, times[i], &time));
  fail_unless_equals_uint64 (time, 0);
  gst_structure_get_uint64 (s, "timestamp", &time);
  fail_unless_equals_uint64 (time, 4 * GST_SECOND);
  meter_rig_assert_near (meter_rig_number (s, "momentary"), -23);
  meter_rig_assert_near (meter_rig_number (s, "shortterm"), -23);
  meter_rig_assert_near (meter_rig_number (s, "integrated"), -23);
  meter_rig_assert_near (meter_rig_number (s, "max-momentary"), -23);
  meter_rig_assert_near (meter_rig_number (s, "max-shortterm"), -23);
  fail_unless_equals_int (gst_value_array_get_size (
                              gst_structure_get_value (s, "true-peak")),
      2);
  meter_rig_assert_near (true_peak (s, 0), -23);
  meter_rig_assert_near (true_peak (s, 1), -23);
  gst_structure_free (s);
  meter_rig_free (&rig);
}
GST_END_TEST

/* EBU Tech 3341 case 13, with buffers and intervals of any length: a meter
 * that looks only when it posts would miss up to 0.5 LU. */
GST_START_TEST (test_any_buffers_and_interval)
{
  const guint blocks[] = { 64, 441, 1024, 100000 };
  const gchar *intervals[] = {
    "interval=7000000",
    "interval=100000000",
    "interval=333333333",
    "interval=3600000000000",
  };

  for (guint i = 0; i < 20; i++) {
    MeterRig rig = meter_rig_new (intervals[i / 5], i % 3 ? 48000 : 44100);
    GstStructure *s;

    meter_rig_play (&rig, i * 0.02, -200, blocks[i % 4]);
    meter_rig_play (&rig, 0.4, -23, blocks[i % 4]);
    meter_rig_play (&rig, 1, -200, blocks[i % 4]);
    gst_harness_push_event (rig.h, gst_event_new_eos ());
    s = meter_rig_last_message (&rig, NULL);
    meter_rig_assert_near (meter_rig_number (s, "max-momentary"), -23);
    gst_structure_free (s);
    meter_rig_free (&rig);
  }
}
GST_END_TEST

GST_START_TEST (test_no_messages)
{
  MeterRig rig = meter_rig_new ("post-messages=false", 48000);
  GstStructure *s;
  guint count;

  meter_rig_play (&rig, 1, -23, 480);
  s = meter_rig_last_message (&rig, &count);
  fail_unless (s == NULL && count == 0);
  meter_rig_free (&rig);
}
GST_END_TEST

/* EBU Tech 3341 case 6: the weights of 5.1, LFE left out. */
GST_START_TEST (test_surround)
{
  const gdouble peak_db[] = { -28, -28, -24, -6, -30, -30 };
  MeterRig rig = meter_rig_new ("", 48000);
  gfloat *sound = g_new (gfloat, 6 * 48000);

  meter_rig_set_caps (&rig, 48000, 6, 0x3f);
  for (guint i = 0; i < 6 * 48000; i++)
    sound[i] = (gfloat) (pow (10, peak_db[i % 6] / 20)
        * sin (2 * G_PI * 1000 * (i / 6) / 48000));
  for (guint second = 0; second < 20; second++) {
    gst_harness_push (rig.h, meter_rig_make_buffer (&rig, sound, 48000));
    gst_buffer_unref (gst_harness_pull (rig.h));
  }
  meter_rig_assert_near (integrated_at_end (&rig), -23);
  g_free (sound);
  meter_rig_free (&rig);
}
GST_END_TEST

/*** where a programme goes on and where it begins ***/

static void
flush (MeterRig *rig)
{
  GstSegment segment;

  gst_harness_push_event (rig->h, gst_event_new_flush_start ());
  gst_harness_push_event (rig->h, gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (rig->h, gst_event_new_segment (&segment));
}

/* EBU Tech 3341 case 5, with a flush, a jump, new caps or nothing between its
 * parts: the integrated loudness is that of all. */
GST_START_TEST (test_programme_goes_on)
{
  for (guint kind = 0; kind < 4; kind++) {
    MeterRig rig = meter_rig_new ("", 48000);

    meter_rig_play (&rig, 20, -26, 480);
    meter_rig_play (&rig, 20.1, -20, 480);
    if (kind == 1)
      flush (&rig);
    if (kind == 2)
      rig.frame += 480000;
    if (kind == 3)
      meter_rig_set_caps (&rig, 44100, 2, 0x3);
    if (kind == 3)
      rig.frame = (guint64) (rig.frame * 44100.0 / 48000);
    meter_rig_play (&rig, 20, -26, 480);
    meter_rig_assert_near (integrated_at_end (&rig), -23);
    meter_rig_free (&rig);
  }
}
GST_END_TEST

/* A window does not span a flush: nothing is heard before 400 ms are full. */
GST_START_TEST (test_windows_after_flush)
{
  MeterRig rig = meter_rig_new ("interval=50000000", 48000);
  GstStructure *s;

  meter_rig_play (&rig, 5, -20, 480);
  flush (&rig);
  gst_structure_free (meter_rig_last_message (&rig, NULL));
  meter_rig_play (&rig, 0.4, -40, 480);
  s = meter_rig_last_message (&rig, NULL);
  meter_rig_assert_near (meter_rig_number (s, "momentary"), -40);
  meter_rig_assert_near (meter_rig_number (s, "max-momentary"), -20);
  gst_structure_free (s);
  meter_rig_free (&rig);
}
GST_END_TEST

GST_START_TEST (test_reset)
{
  for (guint by_state = 0; by_state < 2; by_state++) {
    MeterRig rig = meter_rig_new ("", 48000);
    GstElement *meter = gst_harness_find_element (rig.h, "dmixmeter");
    GstStructure *s;

    meter_rig_play (&rig, 5, -10, 480);
    if (by_state) {
      gst_element_set_state (meter, GST_STATE_READY);
      gst_element_set_state (meter, GST_STATE_PLAYING);
      meter_rig_set_caps (&rig, 48000, 2, 0x3);
      flush (&rig);
    } else {
      g_signal_emit_by_name (meter, "reset");
    }
    meter_rig_play (&rig, 5, -23, 480);
    gst_harness_push_event (rig.h, gst_event_new_eos ());
    s = meter_rig_last_message (&rig, NULL);
    meter_rig_assert_near (meter_rig_number (s, "integrated"), -23);
    meter_rig_assert_near (meter_rig_number (s, "max-momentary"), -23);
    meter_rig_assert_near (true_peak (s, 1), -23);
    gst_structure_free (s);
    gst_object_unref (meter);
    meter_rig_free (&rig);
  }
}
GST_END_TEST

/* The signal judges as the message of a meter with that specification does. */
GST_START_TEST (test_judge)
{
  static const gchar *const names[] = { "r128", "a85", "netflix", "podcast",
    "td1008" };
  MeterRig rig = meter_rig_new ("dialogue=both", 48000);
  GstElement *meter = gst_harness_find_element (rig.h, "dmixmeter");
  GstStructure *s = NULL;

  g_signal_emit_by_name (meter, "judge", "r128", &s);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), "none");
  gst_structure_free (s);
  meter_rig_play (&rig, 5, -23, 480);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    gchar *settings =
        g_strdup_printf ("dialogue=both specification=%s", names[i]);
    MeterRig other = meter_rig_new (settings, 48000);
    GstStructure *wanted;

    meter_rig_play (&other, 5, -23, 480);
    gst_harness_push_event (other.h, gst_event_new_eos ());
    wanted = meter_rig_last_message (&other, NULL);
    g_signal_emit_by_name (meter, "judge", names[i], &s);
    fail_unless_equals_string (gst_structure_get_string (s, "verdict"),
        gst_structure_get_string (wanted, "verdict"));
    fail_unless_equals_string (gst_structure_get_string (s, "verdict-text"),
        gst_structure_get_string (wanted, "verdict-text"));
    gst_structure_free (s);
    gst_structure_free (wanted);
    meter_rig_free (&other);
    g_free (settings);
  }
  g_signal_emit_by_name (meter, "judge", "nonsense", &s);
  fail_unless (s == NULL);
  gst_object_unref (meter);
  meter_rig_free (&rig);
}
GST_END_TEST

/* What passes in bypass is not measured. */
GST_START_TEST (test_bypass)
{
  MeterRig rig = meter_rig_new ("", 48000);
  GstElement *meter = gst_harness_find_element (rig.h, "dmixmeter");

  meter_rig_play (&rig, 5, -23, 480);
  g_object_set (meter, "bypass", TRUE, NULL);
  meter_rig_play (&rig, 5, -10, 480);
  g_object_set (meter, "bypass", FALSE, NULL);
  meter_rig_play (&rig, 5, -23, 480);
  meter_rig_assert_near (integrated_at_end (&rig), -23);
  gst_object_unref (meter);
  meter_rig_free (&rig);
}
GST_END_TEST

/*** verdicts ***/

static void
check_verdict (const gchar *preset, gdouble level, gdouble click,
    const gchar *want)
{
  gchar *settings = g_strconcat ("specification=", preset, NULL);
  MeterRig rig = meter_rig_new (settings, 48000);
  GstStructure *s;

  meter_rig_play (&rig, 5, level, 480);
  meter_rig_play (&rig, 0.001, click, 480); /* a period of it, hardly heard */
  meter_rig_play (&rig, 10, level, 480);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  s = meter_rig_last_message (&rig, NULL);
  fail_unless_equals_string (gst_structure_get_string (s, "specification"),
      preset);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), want);
  fail_unless (gst_structure_get_string (s, "verdict-text") != NULL);
  gst_structure_free (s);
  meter_rig_free (&rig);
  g_free (settings);
}

GST_START_TEST (test_verdict)
{
  static const struct
  {
    const gchar *preset;
    gdouble target, tolerance, peak;
  } specs[] = {
    { "r128", -23, 0.5, -1 },
    { "a85", -24, 2, -2 },
    { "netflix", -27, 2, -2 },
    { "streaming", -14, 1, -1 },
    { "podcast", -16, 1, -1 },
    { "r128-s1", -23, 0.5, -1 },
    { "r128-s4", -23, 0.5, -1 }, /* the rest: with dialogue, below */
    { "a85-anchor", -24, 2, -2 },
    { "td1008", -18, 2, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (specs); i++) {
    const gdouble inside = specs[i].tolerance - 0.2;
    const gdouble outside = specs[i].tolerance + 0.2;
    const gdouble target = specs[i].target, peak = specs[i].peak;

    check_verdict (specs[i].preset, target, peak - 2, "pass");
    check_verdict (specs[i].preset, target + inside, peak - 2, "pass");
    check_verdict (specs[i].preset, target - inside, peak - 2, "pass");
    check_verdict (specs[i].preset, target + outside, peak - 2, "fail");
    check_verdict (specs[i].preset, target - outside, peak - 2, "fail");
    check_verdict (specs[i].preset, target, peak + 0.5, "fail");
  }
  check_verdict ("r128", -200, -200, "none");
}
GST_END_TEST

/* Short form: with 2 s at -12 LUFS the programme may be right, its short-term
 * loudness is not. */
GST_START_TEST (test_short_form)
{
  MeterRig rig = meter_rig_new ("specification=r128-s1", 48000);
  GstStructure *s;

  meter_rig_play (&rig, 25, -27.1, 480);
  meter_rig_play (&rig, 3, -14.6, 480);
  gst_harness_push_event (rig.h, gst_event_new_eos ());
  s = meter_rig_last_message (&rig, NULL);
  meter_rig_assert_near (meter_rig_number (s, "max-shortterm"), -14.6);
  fail_unless_equals_string (gst_structure_get_string (s, "verdict"), "fail");
  fail_unless (strstr (gst_structure_get_string (s, "verdict-text"),
      "lower the loudest passages by 0.4 dB"));
  gst_structure_free (s);
  meter_rig_free (&rig);
}
GST_END_TEST

static Suite *
dmixmeter_suite (void)
{
  Suite *suite = suite_create ("dmixmeter");
  TCase *tc = tcase_create ("meter");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_untouched);
  tcase_add_test (tc, test_no_number);
  tcase_add_test (tc, test_fields);
  tcase_add_test (tc, test_any_buffers_and_interval);
  tcase_add_test (tc, test_no_messages);
  tcase_add_test (tc, test_surround);
  tcase_add_test (tc, test_programme_goes_on);
  tcase_add_test (tc, test_windows_after_flush);
  tcase_add_test (tc, test_reset);
  tcase_add_test (tc, test_judge);
  tcase_add_test (tc, test_bypass);
  tcase_add_test (tc, test_verdict);
  tcase_add_test (tc, test_short_form);
  return suite;
}

GST_CHECK_MAIN (dmixmeter)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixcomp as an element: time, formats, automation and messages. What the
 * processor does to sound is tested in tests/dsp and tests/quality. */
#include "filter_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000

/* An impulse keeps its timestamp, and its samples where nothing is compressed;
 * the LATENCY query returns its delay. */
GST_START_TEST (test_impulse)
{
  const gint rates[] = { 8000, 44100, 48000, 96000, 192000 };
  const gdouble lookaheads[] = { 0, 1, 1.37, 5, 20, 100 };
  const gchar *modes[] = { "compress", "limit" };

  for (guint m = 0; m < 2; m++) {
    for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
      for (guint l = 0; l < G_N_ELEMENTS (lookaheads); l++) {
        gchar *settings = g_strdup_printf ("mode=%s lookahead=%f "
                                           "threshold=0 knee=0",
            modes[m], lookaheads[l]);
        GstHarness *h = filter_rig_new ("dmixcomp", settings, rates[r], 1);
        const guint frames = rates[r] / 2, at = 1001;
        gfloat *impulse = g_new0 (gfloat, frames);
        GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
        guint delay;

        impulse[at] = 0.5f;
        filter_rig_push (h, impulse, 0, frames, rates[r], 1);
        filter_rig_pull (h, out, rates[r], 1);
        delay = frames - out->len;
        fail_unless (!memcmp (out->data, impulse, out->len * sizeof (gfloat)));
        fail_unless_equals_int (delay,
            gst_util_uint64_scale_round (gst_harness_query_latency (h),
                rates[r], GST_SECOND));
        if (m == 0)
          fail_unless_equals_int (delay,
              (gint) (lookaheads[l] * rates[r] / 1000 + 0.5));
        g_array_unref (out);
        g_free (impulse);
        g_free (settings);
        gst_harness_teardown (h);
      }
    }
  }
}
GST_END_TEST

/* How the stream is cut changes no bit, in any mode. */
GST_START_TEST (test_splits)
{
  const gchar *modes[] = {
    "compress",
    "limit ceiling=-20",
    "expand",
    "gate",
    "upward",
  };
  const guint frames = 2 * RATE;
  gfloat *sound = filter_rig_noise (2 * frames, 0.5f, 1);

  for (guint i = 0; i < frames; i++)
    if (i / 9000 % 2)
      sound[2 * i] *= 0.01f;
  for (guint m = 0; m < G_N_ELEMENTS (modes); m++) {
    gchar *settings = g_strconcat ("link=0.5 mode=", modes[m], NULL);

    filter_rig_check_splits ("dmixcomp", settings, sound, frames, RATE, 2);
    g_free (settings);
  }
  g_free (sound);
}
GST_END_TEST

/* Nothing to do: bit by bit the input, with whatever else is set. */
GST_START_TEST (test_identity)
{
  const gchar *settings[] = {
    "ratio=1",
    "mix=0 makeup=12",
    "bypass=true",
    "threshold=0 knee=0",
    "mode=limit ceiling=0",
    "mode=gate range=0",
    "mode=expand ratio=1",
    "range=0",
    "mode=upward ratio=1",
    "ratio=1 lookahead=0",
    "ratio=1 lookahead=100 link=0",
  };
  gfloat *sound = filter_rig_noise (3 * RATE, 0.5f, 2);

  for (guint s = 0; s < G_N_ELEMENTS (settings); s++) {
    GstHarness *h = filter_rig_new ("dmixcomp", settings[s], RATE, 3);
    GArray *out = filter_rig_play (h, sound, RATE, 1013, RATE, 3);

    fail_unless (!memcmp (out->data, sound, out->len * sizeof (gfloat)), "%s",
        settings[s]);
    g_array_unref (out);
    gst_harness_teardown (h);
  }
  g_free (sound);
}
GST_END_TEST

/* Look-ahead that changes while playing: no frame is lost, doubled or moved
 * (the stream is below the threshold: it has to stay as it is to the bit), and
 * the pipeline learns of each new latency. */
GST_START_TEST (test_lookahead_while_playing)
{
  const gdouble steps[] = { 20, 0, 100, 1.37, 5 };
  const guint frames = 5 * RATE;
  gfloat *sound = filter_rig_noise (2 * frames, 0.01f, 3);
  GstHarness *h = filter_rig_new ("dmixcomp", "threshold=0 knee=0", RATE, 2);
  GstElement *comp = gst_harness_find_element (h, "dmixcomp");
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  GstBus *bus = gst_bus_new ();
  GstMessage *message;
  guint messages = 0;

  gst_element_set_bus (comp, bus);
  for (guint i = 0; i < frames; i += 480) {
    if (i % RATE == 0)
      g_object_set (comp, "lookahead", steps[i / RATE], NULL);
    filter_rig_push (h, sound, i, 480, RATE, 2);
    filter_rig_pull (h, out, RATE, 2);
    if (i % RATE == RATE / 2)
      fail_unless_equals_uint64 (gst_harness_query_latency (h),
          gst_util_uint64_scale_round ((guint64) (steps[i / RATE] * 48 + 0.5),
              GST_SECOND, RATE));
  }
  gst_harness_push_event (h, gst_event_new_eos ());
  filter_rig_pull (h, out, RATE, 2);
  fail_unless_equals_int (out->len, 2 * frames);
  fail_unless (!memcmp (out->data, sound, out->len * sizeof (gfloat)));
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_LATENCY))) {
    gst_message_unref (message);
    messages++;
  }
  fail_unless_equals_int (messages, G_N_ELEMENTS (steps));
  gst_element_set_bus (comp, NULL);
  gst_object_unref (bus);
  gst_object_unref (comp);
  g_array_unref (out);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

/* NaN and Inf: nothing of them comes out, and one buffer later all is as if
 * they had been silence. */
GST_START_TEST (test_bad_samples)
{
  const gchar *settings[] = {
    "",
    "mode=limit ceiling=-6",
    "detector=peak",
    "detector=k-weighted",
    "highpass=100 lowpass=5000",
    "mode=gate",
  };
  gfloat *sound = filter_rig_noise (RATE, 0.5f, 4);

  for (guint s = 0; s < G_N_ELEMENTS (settings); s++)
    filter_rig_check_bad_samples ("dmixcomp", settings[s], sound, RATE, RATE);
  g_free (sound);
}
GST_END_TEST

/* 1 to 64 channels, with positions and without: the linked gain is the same
 * for all channels. */
GST_START_TEST (test_channels)
{
  const gint channels[] = { 1, 2, 3, 5, 6, 8, 64 };

  for (guint c = 0; c < G_N_ELEMENTS (channels); c++) {
    GstHarness *h =
        filter_rig_new ("dmixcomp", "threshold=-30 ratio=4", RATE, channels[c]);
    gfloat *sound = filter_rig_noise (RATE / 2 * channels[c], 0.5f, 5);
    GArray *out;

    for (guint i = 0; i < RATE / 2; i++) /* of one sample each */
      for (gint k = 1; k < channels[c]; k++)
        sound[i * channels[c] + k] = sound[i * channels[c]] / (1 << k % 8);
    out = filter_rig_play (h, sound, RATE / 2, 1013, RATE, channels[c]);
    for (guint i = 0; i < RATE / 2; i++)
      for (gint k = 1; k < channels[c]; k++)
        if (g_array_index (out, gfloat, i * channels[c] + k) * (1 << k % 8)
            != g_array_index (out, gfloat, i * channels[c]))
          fail ("channel %d of %d, frame %u", k, channels[c], i);
    g_array_unref (out);
    g_free (sound);
    gst_harness_teardown (h);
  }
}
GST_END_TEST

static gdouble
first_of_array (const GstStructure *s, const gchar *name, guint channels)
{
  const GValue *array = gst_structure_get_value (s, name);

  fail_unless (array && GST_VALUE_HOLDS_ARRAY (array));
  fail_unless_equals_int (gst_value_array_get_size (array), channels);
  return g_value_get_double (gst_value_array_get_value (array, 0));
}

/* Messages are contiguous and have the levels and the gain of the output in
 * their interval, within 0.1 dB. */
GST_START_TEST (test_messages)
{
  const guint frames = 3 * RATE + 777;
  gfloat *sound = filter_rig_noise (frames, 0.5f, 6);
  GstHarness *h = filter_rig_new ("dmixcomp",
      "threshold=-30 ratio=4 "
      "makeup=3 interval=50000000",
      RATE, 1);
  GstElement *comp = gst_harness_find_element (h, "dmixcomp");
  GstBus *bus = gst_bus_new ();
  guint64 next = 0;
  GstMessage *message;
  GArray *out;

  for (guint i = RATE; i < 2 * RATE; i++)
    sound[i] *= 0.001f;
  gst_element_set_bus (comp, bus);
  out = filter_rig_play (h, sound, frames, 1013, RATE, 1);
  while ((message = gst_bus_pop_filtered (bus, GST_MESSAGE_ELEMENT))) {
    const GstStructure *s = gst_message_get_structure (message);
    guint64 timestamp, duration;
    gdouble lowest, mean, makeup;
    guint first, count;

    fail_unless (gst_structure_has_name (s, "dmixcomp"));
    fail_unless (gst_structure_get (s, "timestamp", G_TYPE_UINT64, &timestamp,
        "duration", G_TYPE_UINT64, &duration, "gain-reduction", G_TYPE_DOUBLE,
        &lowest, "gain-reduction-mean", G_TYPE_DOUBLE, &mean, "makeup",
        G_TYPE_DOUBLE, &makeup, NULL));
    fail_unless_equals_uint64 (timestamp, next);
    next += duration;
    first = gst_util_uint64_scale_round (timestamp, RATE, GST_SECOND);
    count = gst_util_uint64_scale_round (next, RATE, GST_SECOND) - first;
    fail_unless (fabs (first_of_array (s, "input-rms", 1)
                     - filter_rig_rms_db (sound, first, count))
        < 0.01);
    fail_unless (fabs (first_of_array (s, "output-rms", 1)
                     - filter_rig_rms_db ((gfloat *) out->data, first, count))
        < 0.01);
    fail_unless (fabs (makeup - 3) < 1e-6);
    fail_unless (lowest <= mean + 1e-6);
    /* The mean of the gain in dB is the difference of levels where the gain
     * rests: away from the steps at 1 s and 2 s. */
    if ((first > RATE / 4 && first + count < RATE)
        || first > 2 * RATE + RATE / 4)
      fail_unless (
          fabs (filter_rig_rms_db ((gfloat *) out->data, first, count)
              - filter_rig_rms_db (sound, first, count) - mean - makeup)
          < 0.1);
    for (guint i = first; i < first + count; i++)
      if (20 * log10 (fabs (g_array_index (out, gfloat, i) / sound[i]))
          < lowest + makeup - 0.1)
        fail ("frame %u has less gain than %f", i, lowest);
    gst_message_unref (message);
  }
  fail_unless_equals_uint64 (next,
      gst_util_uint64_scale (frames, GST_SECOND, RATE));
  gst_element_set_bus (comp, NULL);
  gst_object_unref (bus);
  gst_object_unref (comp);
  g_array_unref (out);
  g_free (sound);
  gst_harness_teardown (h);
}
GST_END_TEST

/* After a flush the gain is the one of a new stream. */
GST_START_TEST (test_flush)
{
  GstHarness *h = filter_rig_new ("dmixcomp",
      "threshold=-40 ratio=10 release=5000", RATE, 1);
  gfloat *loud = filter_rig_noise (RATE, 1.0f, 7);
  gfloat *soft = filter_rig_noise (RATE, 0.001f, 8);
  GArray *out = g_array_new (FALSE, FALSE, sizeof (gfloat));
  GstSegment segment;

  filter_rig_push (h, loud, 0, RATE, RATE, 1);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  gst_harness_push_event (h, gst_event_new_flush_stop (TRUE));
  gst_buffer_unref (gst_harness_pull (h));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  filter_rig_push (h, soft, 0, RATE, RATE, 1);
  gst_harness_push_event (h, gst_event_new_eos ());
  filter_rig_pull (h, out, RATE, 1);
  fail_unless_equals_int (out->len, RATE);
  fail_unless (!memcmp (out->data, soft, RATE * sizeof (gfloat)));
  g_array_unref (out);
  g_free (loud);
  g_free (soft);
  gst_harness_teardown (h);
}
GST_END_TEST

static Suite *
dmixcomp_suite (void)
{
  Suite *suite = suite_create ("dmixcomp");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_impulse);
  tcase_add_test (tc, test_splits);
  tcase_add_test (tc, test_identity);
  tcase_add_test (tc, test_lookahead_while_playing);
  tcase_add_test (tc, test_bad_samples);
  tcase_add_test (tc, test_channels);
  tcase_add_test (tc, test_messages);
  tcase_add_test (tc, test_flush);
  return suite;
}

GST_CHECK_MAIN (dmixcomp)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Time: every sample leaves with the timestamp it came with, none is lost, and
 * the ducking is where the dialogue is. The rig checks that offsets have no
 * hole and start at 0, so output frame n is input frame n. */
#include "ducker_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000

static const gint rates[] = { 8000, 44100, 48000, 96000, 192000 };
static const gdouble lookaheads[] = { 0, 1.37, 5, 100, 500 };

/* Background alone, every rate and look-ahead: bit for bit the input. */
GST_START_TEST (test_identity)
{
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint l = 0; l < G_N_ELEMENTS (lookaheads); l++) {
      gchar *settings = g_strdup_printf ("lookahead=%f", lookaheads[l]);
      const guint frames = rates[r] * 6 / 10 + 7;
      gfloat *noise = rig_noise (2 * frames, 0.5, 1);
      Rig *rig = rig_new (settings);

      rig_queue (rig_add (rig, "background", rates[r], 2), noise, frames, 1013,
          rates[r], 2, 0);
      rig_run (rig);
      fail_unless_equals_int (rig_frames (rig), frames);
      fail_unless (
          !memcmp (rig->samples->data, noise, 2 * frames * sizeof *noise));
      rig_free (rig);
      g_free (noise);
      g_free (settings);
    }
  }
}
GST_END_TEST

/* LATENCY: upstream's + one block + look-ahead + a margin of 10 ms. */
GST_START_TEST (test_latency_query)
{
  for (guint l = 0; l < G_N_ELEMENTS (lookaheads); l++) {
    gchar *settings =
        g_strdup_printf ("dmixducker name=d lookahead=%f "
                         "! fakesink sync=true audiotestsrc is-live=true "
                         "num-buffers=5 "
                         "! audio/x-raw,rate=48000 ! d.background",
            lookaheads[l]);
    GstElement *pipeline = gst_parse_launch (settings, NULL);
    GstElement *ducker = gst_bin_get_by_name (GST_BIN (pipeline), "d");
    GstQuery *query = gst_query_new_latency ();
    const guint64 extra = lookaheads[l] > 0 ? 10 * GST_MSECOND : 0;
    guint64 block, upstream;
    GstClockTime min;
    GstPad *pad;

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    gst_element_get_state (pipeline, NULL, NULL, GST_SECOND);
    g_usleep (100000);
    pad = gst_element_get_static_pad (ducker, "background");
    fail_unless (gst_pad_peer_query (pad, query));
    gst_query_parse_latency (query, NULL, &upstream, NULL);
    gst_object_unref (pad);
    fail_unless (gst_element_query (ducker, query));
    gst_query_parse_latency (query, NULL, &min, NULL);
    g_object_get (ducker, "output-buffer-duration", &block, NULL);
    fail_unless_equals_uint64 (min,
        upstream + block + extra
            + (guint64) (lookaheads[l] * GST_MSECOND + 0.5));
    gst_query_unref (query);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (ducker);
    gst_object_unref (pipeline);
    g_free (settings);
  }
}
GST_END_TEST

/* Cutting the inputs otherwise changes no bit, nor does the output block. */
GST_START_TEST (test_splits)
{
  const guint blocks[][2] = { { 4800, 4800 }, { 7, 1013 }, { 1013, 64 },
    { 9600, 99 } };
  const gchar *settings[] = {
    "lookahead=37.3",
    "lookahead=37.3 output-buffer-duration=7780000",
  };
  const guint frames = 2 * RATE;
  gfloat *noise = rig_noise (2 * frames, 0.3, 2);
  gfloat *speech = rig_noise (frames, 0.3, 3);
  GArray *first = NULL;

  memset (speech, 0, RATE / 2 * sizeof *speech);
  memset (speech + RATE, 0, RATE / 2 * sizeof *speech);
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    for (guint s = 0; s < G_N_ELEMENTS (settings); s++) {
      Rig *rig = rig_new (settings[s]);

      rig_queue (rig_add (rig, "background", RATE, 2), noise, frames,
          blocks[b][0], RATE, 2, 0);
      rig_queue (rig_add (rig, "dialogue", RATE, 1), speech, frames,
          blocks[b][1], RATE, 1, 0);
      rig_run (rig);
      fail_unless_equals_int (rig_frames (rig), frames);
      if (!first)
        first = g_array_ref (rig->samples);
      else
        fail_unless (!memcmp (first->data, rig->samples->data,
            2 * frames * sizeof (gfloat)));
      rig_free (rig);
    }
  }
  g_array_unref (first);
  g_free (noise);
  g_free (speech);
}
GST_END_TEST

/* The whole depth is there at the first sample of the dialogue, wherever its
 * timestamps put it: also behind a hole that no flag announces. */
GST_START_TEST (test_duck_is_where_the_dialogue_is)
{
  const guint onsets[] = {
    RATE,
    RATE + 240,
    RATE + 960,
    RATE + 1920,
    RATE + 24000,
  };
  gfloat *ones = g_new (gfloat, 3 * RATE);
  gfloat *speech = rig_noise (RATE, 0.3, 4);
  gfloat *silence = g_new0 (gfloat, RATE);

  for (guint i = 0; i < 3 * RATE; i++)
    ones[i] = 0.1f;
  for (guint o = 0; o < G_N_ELEMENTS (onsets); o++) {
    Rig *rig = rig_new ("mode=fixed depth=12 output=background");
    RigInput *dialogue;

    rig_queue (rig_add (rig, "background", RATE, 1), ones, 3 * RATE, 1024, RATE,
        1, 0);
    dialogue = rig_add (rig, "dialogue", RATE, 1);
    rig_queue (dialogue, silence, RATE, 480, RATE, 1, 0);
    rig_queue (dialogue, speech, RATE, 480, RATE, 1, onsets[o]);
    rig_run (rig);
    fail_unless_equals_float (rig_sample (rig, onsets[o] - RATE / 10, 0), 0.1f);
    fail_unless (
        fabs (20 * log10 (rig_sample (rig, onsets[o], 0) / 0.1) + 12) < 0.05);
    rig_free (rig);
  }
  g_free (ones);
  g_free (speech);
  g_free (silence);
}
GST_END_TEST

/* Timestamps are rounded down to nanoseconds; a stream that starts, or goes on
 * behind a hole, at any frame is put at that frame and not one before it. */
GST_START_TEST (test_starts_at_any_frame)
{
  gfloat one[480];

  for (guint i = 0; i < 480; i++)
    one[i] = 0.5f;
  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    for (guint start = 1; start < 40; start += 3) {
      Rig *rig = rig_new ("bypass=true lookahead=0");
      RigInput *input = rig_add (rig, "background", rates[r], 1);
      const guint again = start + 480 + rates[r] / 10;

      rig_queue (input, one, 480, 480, rates[r], 1, start);
      rig_queue (input, one, 480, 480, rates[r], 1, again);
      rig_run (rig);
      fail_unless_equals_int (rig_frames (rig), again + 480);
      fail_unless_equals_float (rig_sample (rig, start - 1, 0), 0.0f);
      fail_unless_equals_float (rig_sample (rig, start, 0), 0.5f);
      fail_unless_equals_float (rig_sample (rig, again - 1, 0), 0.0f);
      fail_unless_equals_float (rig_sample (rig, again, 0), 0.5f);
      rig_free (rig);
    }
  }
}
GST_END_TEST

/* The position is the end of the output, not of the input. */
GST_START_TEST (test_position)
{
  gfloat *noise = rig_noise (RATE, 0.3, 5);
  Rig *rig = rig_new ("lookahead=200");
  gint64 position;

  rig_queue (rig_add (rig, "background", RATE, 1), noise, RATE, 480, RATE, 1,
      0);
  rig_feed (rig);
  g_thread_join (rig->input[0].thread);
  rig->input[0].thread = NULL;
  g_usleep (100000);
  fail_unless (
      gst_element_query_position (rig->element, GST_FORMAT_TIME, &position));
  fail_unless_equals_int64 (position,
      gst_util_uint64_scale (rig_frames (rig), GST_SECOND, RATE));
  rig_free (rig);
  g_free (noise);
}
GST_END_TEST

static Suite *
dmixducker_time_suite (void)
{
  Suite *suite = suite_create ("dmixducker_time");
  TCase *tc = tcase_create ("time");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_identity);
  tcase_add_test (tc, test_latency_query);
  tcase_add_test (tc, test_splits);
  tcase_add_test (tc, test_duck_is_where_the_dialogue_is);
  tcase_add_test (tc, test_starts_at_any_frame);
  tcase_add_test (tc, test_position);
  return suite;
}

GST_CHECK_MAIN (dmixducker_time)

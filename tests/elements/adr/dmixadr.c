/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixadr as an element: length, time, formats, messages, refused input.
 * How well it aligns is tested in tests/dsp and tests/quality. */
#include "adr_rig.h"

#include <math.h>
#include <string.h>

/* The guide as the take, nothing matched: the same bits, at every rate, and
 * the same for any blocks. */
GST_START_TEST (test_same)
{
  const gint rates[] = { 8000, 16000, 44100, 48000, 96000, 192000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    guint frames;
    gfloat *samples = adr_speak (1, NULL, rates[r], &frames);
    const AdrInput guide = { samples, frames, 1, 0, 0 };
    const AdrInput take = { samples, frames, 1, 777, 0 };
    AdrOutput output = adr_replace (ADR_OFF, &guide, &take, rates[r]);

    fail_unless (!output.error && output.warnings == 0);
    fail_unless_equals_int (output.samples->len, frames);
    fail_unless (!memcmp (output.samples->data, samples,
                     frames * sizeof (gfloat)),
        "at %d Hz", rates[r]);
    fail_unless_equals_int (output.summaries, 1);
    adr_output_clear (&output);
    g_free (samples);
  }
}

GST_END_TEST
/* Sound without speech keeps its bits, too: noise and a tone match themselves
 * everywhere, and must stay in place. */
GST_START_TEST (test_same_noise)
{
  const guint frames = 40 * 16000;
  GRand *rand = g_rand_new_with_seed (1);
  gfloat *samples = g_new (gfloat, frames);

  for (guint tone = 0; tone < 2; tone++) {
    AdrInput input = { samples, frames, 1, 0, 0 };
    AdrOutput output;

    for (guint i = 0; i < frames; i++)
      samples[i] =
          tone ? 0.3 * sin (0.17 * i) : g_rand_double_range (rand, -0.2, 0.2);
    output = adr_replace (ADR_OFF, &input, &input, 16000);
    fail_unless (!output.error && output.warnings == 0);
    fail_unless_equals_int (output.samples->len, frames);
    fail_unless (
        !memcmp (output.samples->data, samples, frames * sizeof (gfloat)));
    adr_output_clear (&output);
  }
  g_free (samples);
  g_rand_free (rand);
}
GST_END_TEST

/* The guide's length and the take's channels, whatever those are. */
GST_START_TEST (test_channels)
{
  const guint counts[][2] = { { 1, 2 }, { 2, 1 }, { 6, 2 }, { 2, 6 },
    { 1, 1 } };
  guint na, nb;
  gfloat *a, *b;

  a = adr_speak (2, NULL, 16000, &na);
  b = adr_speak_slower (2, 1.1, 16000, &nb);
  for (guint k = 0; k < G_N_ELEMENTS (counts); k++) {
    gfloat *many_a = adr_spread (a, na, counts[k][0]);
    gfloat *many_b = adr_spread (b, nb, counts[k][1]);
    const AdrInput guide = { many_a, na, counts[k][0], 0, 0 };
    const AdrInput take = { many_b, nb, counts[k][1], 0, 0 };
    AdrOutput output = adr_replace ("room-tone=gaps", &guide, &take, 16000);

    fail_unless (!output.error && output.mismatched == 0);
    fail_unless_equals_int (output.channels, counts[k][1]);
    fail_unless_equals_int (output.samples->len, na * counts[k][1]);
    adr_output_clear (&output);
    g_free (many_a);
    g_free (many_b);
  }
  g_free (a);
  g_free (b);
}

GST_END_TEST
/* All channels of the take are spliced at the same frames: they stay what
 * they were to each other. */
GST_START_TEST (test_one_warp)
{
  guint na, nb;
  gfloat *a, *b, *two;
  AdrOutput output;

  a = adr_speak (3, NULL, 16000, &na);
  b = adr_speak_slower (3, 1.15, 16000, &nb);
  two = g_new (gfloat, 2 * nb);
  for (guint i = 0; i < nb; i++) {
    two[2 * i] = b[i];
    two[2 * i + 1] = -0.5f * b[i];
  }
  output = adr_replace (ADR_OFF, &(AdrInput){ a, na, 1, 0, 0 },
      &(AdrInput){ two, nb, 2, 0, 0 }, 16000);
  fail_unless_equals_int (output.samples->len, 2 * na);
  for (guint i = 0; i < na; i++)
    fail_unless (g_array_index (output.samples, gfloat, 2 * i + 1)
        == -0.5f * g_array_index (output.samples, gfloat, 2 * i));
  adr_output_clear (&output);
  g_free (a);
  g_free (b);
  g_free (two);
}

GST_END_TEST
/* Either may end first, or have nothing: as long as the guide, to the frame;
 * without any guide nothing comes out. */
GST_START_TEST (test_lengths)
{
  guint frames;
  gfloat *samples = adr_speak (4, NULL, 16000, &frames);
  const guint lengths[] = { 0, 1, 799, 16000, frames };

  for (guint g = 0; g < G_N_ELEMENTS (lengths); g++)
    for (guint t = 0; t < G_N_ELEMENTS (lengths); t++) {
      const AdrInput guide = { samples, lengths[g], 1, 0, 0 };
      const AdrInput take = { samples, lengths[t], 1, 0, 0 };
      AdrOutput output = adr_replace ("room-tone=full", &guide, &take, 16000);

      fail_unless (!output.error);
      fail_unless_equals_int (output.samples->len, lengths[g]);
      adr_output_clear (&output);
    }
  g_free (samples);
}

GST_END_TEST
/* The guide's timestamps; a take with later ones is as much later. */
GST_START_TEST (test_timestamps)
{
  guint frames;
  gfloat *samples = adr_speak (5, NULL, 16000, &frames);
  const guint late = 4800; /* 0.3 s */
  const AdrInput guide = { samples, frames, 1, 0, 5 * GST_SECOND };
  const AdrInput take = {
    samples + late,
    frames - late,
    1,
    0,
    5 * GST_SECOND + 300 * GST_MSECOND,
  };
  AdrOutput output = adr_replace (ADR_OFF, &guide, &take, 16000);

  fail_unless (!output.error && output.mismatched == 0);
  fail_unless_equals_uint64 (output.start, 5 * GST_SECOND);
  fail_unless_equals_int (output.samples->len, frames);
  fail_unless (!memcmp (&g_array_index (output.samples, gfloat, late),
      samples + late, (frames - late) * sizeof (gfloat)));
  adr_output_clear (&output);
  g_free (samples);
}

GST_END_TEST
/* A hole in the guide's timestamps is silence of that length. */
GST_START_TEST (test_hole)
{
  GstElement *pipeline, *sink;
  AdrOutput output;

  adr_output_init (&output);
  pipeline = gst_parse_launch (
      "dmixadr name=a ! fakesink name=out "
      "signal-handoffs=true sync=false appsrc name=guide format=time "
      "caps=audio/x-raw,format=F32LE,layout=interleaved,rate=8000,channels=1 "
      "! a.guide appsrc name=take format=time caps=audio/x-raw,format=F32LE,"
      "layout=interleaved,rate=8000,channels=1 ! a.take",
      NULL);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_signal_connect (sink, "handoff", G_CALLBACK (adr_keep), &output);
  gst_object_unref (sink);
  for (guint s = 0; s < 2; s++) {
    GstElement *source =
        gst_bin_get_by_name (GST_BIN (pipeline), s ? "take" : "guide");
    GstFlowReturn ret;

    for (guint b = 0; b < 2; b++) {
      GstBuffer *buffer = gst_buffer_new_and_alloc (8000 * sizeof (gfloat));

      gst_buffer_memset (buffer, 0, 0, 8000 * sizeof (gfloat));
      GST_BUFFER_PTS (buffer) = b * 3 * GST_SECOND;
      g_signal_emit_by_name (source, "push-buffer", buffer, &ret);
      gst_buffer_unref (buffer);
    }
    g_signal_emit_by_name (source, "end-of-stream", &ret);
    gst_object_unref (source);
  }
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  adr_follow (pipeline, &output);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fail_unless_equals_int (output.samples->len, 4 * 8000);
  adr_output_clear (&output);
}

GST_END_TEST
/* Wrong words: a warning for the line, and the output set in on-mismatch. */
GST_START_TEST (test_mismatch)
{
  guint na, nb;
  gfloat *a = adr_speak (6, NULL, 16000, &na),
         *b = adr_speak (7, NULL, 16000, &nb);
  const AdrInput guide = { a, na, 1, 0, 0 }, take = { b, nb, 1, 0, 0 };
  AdrOutput output =
      adr_replace (ADR_OFF "on-mismatch=mute", &guide, &take, 16000);

  fail_unless (!output.error && output.mismatched > 0);
  fail_unless_equals_int (output.warnings, output.mismatched);
  fail_unless_equals_int (output.samples->len, na);
  for (guint i = 0; i < na; i++)
    fail_unless (g_array_index (output.samples, gfloat, i) == 0.0f);
  adr_output_clear (&output);

  output = adr_replace (ADR_OFF "on-mismatch=guide", &guide, &take, 16000);
  fail_unless (!memcmp (output.samples->data, a, na * sizeof (gfloat)));
  adr_output_clear (&output);

  /* one piece of the take, as it is */
  output = adr_replace (ADR_OFF "on-mismatch=shift max-shift=0", &guide, &take,
      16000);
  fail_unless (output.mismatched > 0 && output.warnings > 0);
  adr_output_clear (&output);

  output = adr_replace (ADR_OFF "on-mismatch=error", &guide, &take, 16000);
  fail_unless (g_error_matches (output.error, GST_STREAM_ERROR,
      GST_STREAM_ERROR_FAILED));
  adr_output_clear (&output);
  g_free (a);
  g_free (b);
}

GST_END_TEST
/* analyse-only: the take as it is, and the messages. */
GST_START_TEST (test_analyse_only)
{
  guint na, nb;
  gfloat *a, *b;
  AdrOutput output;

  a = adr_speak (8, NULL, 16000, &na);
  b = adr_speak_slower (8, 1.1, 16000, &nb);
  output = adr_replace ("analyse-only=true post-map=true room-tone=full",
      &(AdrInput){ a, na, 1, 0, 0 }, &(AdrInput){ b, nb, 1, 0, 0 }, 16000);
  fail_unless (output.lines->len > 0 && output.mismatched == 0);
  fail_unless (!memcmp (output.samples->data, b, na * sizeof (gfloat)));
  /* a point each 5 ms of the guide, rounded up by what the last line has */
  fail_unless (ABS ((gint) output.map_points - (gint) (na / 80)) <= 1);
  adr_output_clear (&output);
  g_free (a);
  g_free (b);
}

GST_END_TEST
/* Live inputs are refused at once, with the reason: whichever is live, and even
 * if it, or the other, sends no sound, or nothing is linked to the other pad. */
GST_START_TEST (test_live)
{
  const gchar *live = "audiotestsrc is-live=true",
              *file = "audiotestsrc num-buffers=20";
  const gchar *silent =
      "appsrc is-live=true format=time caps=audio/x-raw,"
      "format=" GST_AUDIO_NE (F32) ",layout=interleaved,rate=44100,channels=1";
  const gchar *sources[][2] = {
    { live, live },
    { live, file },
    { file, live },
    { live, silent },
    { silent, live },
    { file, silent },
    { live, NULL },
  };

  for (guint s = 0; s < G_N_ELEMENTS (sources); s++) {
    gchar *line = g_strdup_printf ("dmixadr name=a ! fakesink %s ! a.guide "
                                   "%s%s",
        sources[s][0], sources[s][1] ? sources[s][1] : "",
        sources[s][1] ? " ! a.take" : "");
    GstElement *pipeline = gst_parse_launch (line, NULL);
    AdrOutput output;

    adr_output_init (&output);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    adr_follow (pipeline, &output);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (pipeline);
    fail_unless (g_error_matches (output.error, GST_RESOURCE_ERROR,
                     GST_RESOURCE_ERROR_SETTINGS),
        "%s", line);
    fail_unless (strstr (output.error->message, "live") != NULL);
    adr_output_clear (&output);
    g_free (line);
  }
}

GST_END_TEST
/* The guide's tags, not the take's. */
GST_START_TEST (test_tags)
{
  GstElement *pipeline = gst_parse_launch (
      "dmixadr name=a ! fakesink "
      "audiotestsrc num-buffers=20 ! taginject tags=title=scene ! a.guide "
      "audiotestsrc num-buffers=20 ! taginject tags=title=take ! a.take",
      NULL);
  gchar *title = NULL;
  AdrOutput output;

  adr_output_init (&output);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  adr_follow (pipeline, &output);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  fail_unless (!output.error && output.tags);
  fail_unless (gst_tag_list_get_string (output.tags, GST_TAG_TITLE, &title));
  fail_unless_equals_string (title, "scene");
  g_free (title);
  adr_output_clear (&output);
}

GST_END_TEST
/* Lists of times: kept as they are if they are some, else refused. */
GST_START_TEST (test_lists)
{
  GstElement *adr = gst_check_setup_element ("dmixadr");
  const gchar *wrong[] = {
    "x",
    "1",
    "1-",
    "1:2",
    "-1-2",
    "1-2;3-4",
    "1-2,",
    "1-nan",
  };
  gchar *text;

  g_object_set (adr, "protect", "1.5-2.25, 7-9", NULL);
  for (guint w = 0; w < G_N_ELEMENTS (wrong); w++) {
    if (g_str_equal (wrong[w], "1-2,"))
      continue; /* a comma too many does no harm */
    g_object_set (adr, "protect", wrong[w], NULL);
    g_object_get (adr, "protect", &text, NULL);
    fail_unless_equals_string (text, "1.5-2.25, 7-9");
    g_free (text);
  }
  g_object_set (adr, "protect", "", "sync-points", "1:1.2,3:3.4", NULL);
  g_object_get (adr, "protect", &text, NULL);
  fail_unless_equals_string (text, "");
  g_free (text);
  g_object_get (adr, "sync-points", &text, NULL);
  fail_unless_equals_string (text, "1:1.2,3:3.4");
  g_free (text);
  gst_check_teardown_element (adr);
}

GST_END_TEST
/* Seeks and a second run, from the same element. */
GST_START_TEST (test_again)
{
  GstElement *pipeline =
                 gst_parse_launch ("dmixadr name=a ! fakesink name=out "
                                   "sync=false signal-handoffs=true "
                                   "audiotestsrc num-buffers=100 ! a.guide "
                                   "audiotestsrc num-buffers=100 ! a.take",
                     NULL),
             *sink;

  sink = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  for (guint run = 0; run < 3; run++) {
    AdrOutput output;

    adr_output_init (&output);
    g_signal_connect (sink, "handoff", G_CALLBACK (adr_keep), &output);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    adr_follow (pipeline, &output);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    fail_unless (!output.error);
    fail_unless_equals_int (output.samples->len, 100 * 1024);
    g_signal_handlers_disconnect_by_data (sink, &output);
    adr_output_clear (&output);
  }
  gst_object_unref (sink);
  gst_object_unref (pipeline);
}

GST_END_TEST static Suite *
dmixadr_suite (void)
{
  Suite *s = suite_create ("dmixadr");
  TCase *tc = tcase_create ("general");

  suite_add_tcase (s, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_same);
  tcase_add_test (tc, test_same_noise);
  tcase_add_test (tc, test_channels);
  tcase_add_test (tc, test_one_warp);
  tcase_add_test (tc, test_lengths);
  tcase_add_test (tc, test_timestamps);
  tcase_add_test (tc, test_hole);
  tcase_add_test (tc, test_mismatch);
  tcase_add_test (tc, test_analyse_only);
  tcase_add_test (tc, test_live);
  tcase_add_test (tc, test_tags);
  tcase_add_test (tc, test_lists);
  tcase_add_test (tc, test_again);
  return s;
}

GST_CHECK_MAIN (dmixadr)

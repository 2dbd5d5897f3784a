/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Flow: lengths, ends in any order, pads that are missing, not linked, late,
 * silent or taken away, flushes and gaps. */
#include "ducker_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000
#define FIXED "mode=fixed depth=12 lookahead=50 hold=100 release=50 "

static gfloat *
ones (guint frames)
{
  gfloat *x = g_new (gfloat, frames);

  for (guint i = 0; i < frames; i++)
    x[i] = 0.1f;
  return x;
}

/* The mix is as long as the longer, the stem as long as the background. */
GST_START_TEST (test_length)
{
  const guint lengths[][2] = {
    { 30000, 50000 },
    { 50000, 30000 },
    { 30000, 0 },
    { 1, 30000 },
    { 30001, 30001 },
  };
  /* without look-ahead the last of the background is in a block that may still
   * wait for the dialogue */
  const gchar *settings[] = { FIXED, FIXED "output=background",
    FIXED "lookahead=0 output=background" };
  gfloat *sound = rig_noise (50000, 0.3, 1);

  for (guint l = 0; l < G_N_ELEMENTS (lengths); l++) {
    for (guint stem = 0; stem < G_N_ELEMENTS (settings); stem++) {
      Rig *rig = rig_new (settings[stem]);

      rig_queue (rig_add (rig, "background", RATE, 1), sound, lengths[l][0],
          777, RATE, 1, 0);
      rig_queue (rig_add (rig, "dialogue", RATE, 1), sound, lengths[l][1], 1000,
          RATE, 1, 0);
      rig_run (rig);
      fail_unless_equals_int (rig_frames (rig),
          stem ? lengths[l][0] : MAX (lengths[l][0], lengths[l][1]));
      rig_free (rig);
    }
  }
  g_free (sound);
}
GST_END_TEST

/* Gaps of the background count as background, also at its end. */
GST_START_TEST (test_gaps)
{
  gfloat *sound = rig_noise (10000, 0.3, 2);
  Rig *rig = rig_new ("lookahead=50 output=background bypass=true "
                      "output-buffer-duration=10000000");
  RigInput *background = rig_add (rig, "background", RATE, 1);

  rig_queue (background, sound, 10000, 1000, RATE, 1, 0);
  rig_queue_gap (background, 20000, RATE, 10000);
  rig_queue (background, sound, 10000, 1000, RATE, 1, 30000);
  rig_queue_gap (background, 20000, RATE, 40000);
  rig_queue (rig_add (rig, "dialogue", RATE, 1), sound, 1000, 1000, RATE, 1, 0);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), 60000);
  fail_unless (rig->gaps > 40);
  for (guint i = 0; i < 60000; i++)
    if ((i >= 10000 && i < 30000) || i >= 40000)
      fail_unless_equals_float (rig_sample (rig, i, 0), 0.0f);
  fail_unless_equals_float (rig_sample (rig, 39999, 0), sound[9999]);
  rig_free (rig);
  g_free (sound);
}
GST_END_TEST

/* Without dialogue, with a pad that nothing is linked to, with one that only
 * sends its end: the background comes through untouched. */
GST_START_TEST (test_no_dialogue)
{
  gfloat *sound = rig_noise (RATE, 0.3, 3);

  for (gint kind = 0; kind < 4; kind++) {
    Rig *rig = rig_new (NULL);
    GstPad *pad = NULL;

    rig_queue (rig_add (rig, "background", RATE, 1), sound, RATE, 1024, RATE, 1,
        0);
    if (kind == 1)
      pad = gst_element_request_pad_simple (rig->element, "dialogue");
    if (kind == 2)
      rig_add (rig, "dialogue", RATE, 1);
    if (kind == 3) {
      rig_add (rig, "dialogue", RATE, 1);
      gst_pad_unlink (rig->input[1].pad, rig->input[1].peer);
    }
    rig_run (rig);
    fail_unless_equals_int (rig_frames (rig), RATE);
    fail_unless (!memcmp (rig->samples->data, sound, RATE * sizeof *sound));
    if (pad) {
      gst_element_release_request_pad (rig->element, pad);
      gst_object_unref (pad);
    }
    rig_free (rig);
  }
  g_free (sound);
}
GST_END_TEST

/* While playing the dialogue pad is unlinked (0) or released (1): the output
 * goes on to the end of the background and the duck is released. */
GST_START_TEST (test_dialogue_taken_away)
{
  gfloat *background = ones (4 * RATE), *speech = rig_noise (RATE, 0.3, 4);

  for (gint released = 0; released < 2; released++) {
    Rig *rig = rig_new (FIXED "output=background");
    RigInput *dialogue;
    gfloat lowest = 1.0f;

    rig_queue (rig_add (rig, "background", RATE, 1), background, 4 * RATE, 1024,
        RATE, 1, 0);
    rig_queue_event (&rig->input[0], gst_event_new_eos ());
    dialogue = rig_add (rig, "dialogue", RATE, 1);
    rig_queue (dialogue, speech, RATE, 480, RATE, 1, 0);
    rig_feed (rig);
    g_thread_join (dialogue->thread);
    dialogue->thread = NULL;
    gst_pad_unlink (dialogue->pad, dialogue->peer);
    if (released) {
      gst_element_release_request_pad (rig->element, dialogue->peer);
      gst_clear_object (&dialogue->peer);
    }
    rig_wait_eos (rig);
    fail_unless_equals_int (rig_frames (rig), 4 * RATE);
    for (guint i = 0; i < RATE; i++)
      lowest = MIN (lowest, rig_sample (rig, i, 0));
    fail_unless (fabs (20 * log10 (lowest / 0.1) + 12) < 0.1);
    fail_unless_equals_float (rig_sample (rig, 4 * RATE - 1, 0), 0.1f);
    rig_free (rig);
  }
  g_free (background);
  g_free (speech);
}
GST_END_TEST

/* A dialogue pad that comes while the background plays ducks from then on. */
GST_START_TEST (test_dialogue_comes_late)
{
  gfloat *background = ones (3 * RATE), *speech = rig_noise (RATE, 0.3, 5);
  Rig *rig = rig_new (FIXED "output=background");
  RigInput *input = rig_add (rig, "background", RATE, 1), *dialogue;

  rig_queue (input, background, RATE, 1024, RATE, 1, 0);
  rig_feed (rig);
  g_thread_join (input->thread);
  input->thread = NULL;
  dialogue = rig_add (rig, "dialogue", RATE, 1);
  rig_feed (rig); /* its stream has begun: it is waited for */
  for (guint i = 0; i < rig->inputs; i++) {
    g_thread_join (rig->input[i].thread);
    rig->input[i].thread = NULL;
  }
  rig_queue (input, background, 2 * RATE, 1024, RATE, 1, RATE);
  rig_queue (dialogue, speech, RATE, 1024, RATE, 1, 2 * RATE);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), 3 * RATE);
  fail_unless_equals_float (rig_sample (rig, RATE, 0), 0.1f);
  fail_unless (
      fabs (20 * log10 (rig_sample (rig, 2 * RATE, 0) / 0.1) + 12) < 0.1);
  rig_free (rig);
  g_free (background);
  g_free (speech);
}
GST_END_TEST

static void
queue_flush (RigInput *input, guint32 seqnum)
{
  GstEvent *start = gst_event_new_flush_start ();
  GstEvent *stop = gst_event_new_flush_stop (TRUE);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_event_set_seqnum (start, seqnum);
  gst_event_set_seqnum (stop, seqnum);
  rig_queue_event (input, start);
  rig_queue_event (input, stop);
  rig_queue_event (input, gst_event_new_segment (&segment));
}

/* After a flush neither sound nor gain from before it is left, also with a pad
 * that nothing is linked to and that gets no flush. */
GST_START_TEST (test_flush)
{
  for (gint unlinked = 0; unlinked < 2; unlinked++) {
    gfloat *noise = rig_noise (RATE, 0.3, 6), *clean = ones (RATE);
    Rig *rig = rig_new (FIXED);
    RigInput *background = rig_add (rig, "background", RATE, 1);
    GstPad *pad = NULL;

    rig_queue (background, noise, RATE, 1024, RATE, 1, 0);
    if (unlinked) {
      pad = gst_element_request_pad_simple (rig->element, "dialogue");
    } else {
      RigInput *dialogue = rig_add (rig, "dialogue", RATE, 1);

      rig_queue (dialogue, noise, RATE, 1024, RATE, 1, 0);
      queue_flush (dialogue, 1234);
    }
    queue_flush (background, 1234);
    rig_feed (rig);
    for (guint i = 0; i < rig->inputs; i++) {
      g_thread_join (rig->input[i].thread);
      rig->input[i].thread = NULL;
    }
    rig_queue (background, clean, RATE, 1024, RATE, 1, 0);
    rig_run (rig);
    fail_unless_equals_int (rig_frames (rig), RATE);
    for (guint i = 0; i < RATE; i++)
      fail_unless_equals_float (rig_sample (rig, i, 0), 0.1f);
    if (pad) {
      gst_element_release_request_pad (rig->element, pad);
      gst_object_unref (pad);
    }
    rig_free (rig);
    g_free (noise);
    g_free (clean);
  }
}
GST_END_TEST

/* Stopped and started again, twice the same. */
GST_START_TEST (test_play_twice)
{
  GstElement *pipeline =
      gst_parse_launch ("dmixducker name=d ! fakesink "
                        "audiotestsrc num-buffers=50 ! d.background "
                        "audiotestsrc num-buffers=50 ! d.dialogue",
          NULL);

  for (gint i = 0; i < 3; i++) {
    GstMessage *message;

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
        10 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    fail_unless (message != NULL);
    fail_unless_equals_int (GST_MESSAGE_TYPE (message), GST_MESSAGE_EOS);
    gst_message_unref (message);
    gst_element_set_state (pipeline, GST_STATE_NULL);
  }
  gst_object_unref (pipeline);
}
GST_END_TEST

typedef struct
{
  guint buffers, late; /* late: by more than 1 ms */
  GstClockTime latency;
} Punctuality;

static GstPadProbeReturn
check_time (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Punctuality *p = data;
  GstClockTime now =
      gst_element_get_current_running_time (GST_PAD_PARENT (pad));

  p->buffers++;
  if (now > GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info)) + p->latency
          + GST_MSECOND)
    p->late++;
  return GST_PAD_PROBE_OK;
}

/* A live dialogue that never sends data: the output goes on, in time. The best
 * of a few runs counts: the machine may be busy, but an element that is late by
 * design is late in every run. */
GST_START_TEST (test_live_silent_dialogue)
{
  guint least = G_MAXUINT;

  for (gint run = 0; run < 5 && least > 0; run++) {
    GstElement *pipeline = gst_parse_launch (
        "dmixducker name=d "
        "lookahead=200 output-buffer-duration=10000000 ! fakesink sync=true "
        "audiotestsrc is-live=true samplesperbuffer=480 "
        "! audio/x-raw,rate=48000 ! d.background "
        "audiotestsrc is-live=true ! audio/x-raw,rate=48000 ! valve drop=true "
        "! d.dialogue",
        NULL);
    GstElement *ducker = gst_bin_get_by_name (GST_BIN (pipeline), "d");
    GstPad *src = gst_element_get_static_pad (ducker, "src");
    GstQuery *query = gst_query_new_latency ();
    Punctuality p = { 0, 0, 0 };

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    g_usleep (300000);
    fail_unless (gst_element_query (pipeline, query));
    gst_query_parse_latency (query, NULL, &p.latency, NULL);
    gst_pad_add_probe (src, GST_PAD_PROBE_TYPE_BUFFER, check_time, &p, NULL);
    g_usleep (3 * G_USEC_PER_SEC);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    fail_unless (p.buffers > 240, "only %u buffers", p.buffers);
    least = MIN (least, p.late);
    gst_query_unref (query);
    gst_object_unref (src);
    gst_object_unref (ducker);
    gst_object_unref (pipeline);
  }
  fail_unless (least <= 3, "%u buffers late", least);
}
GST_END_TEST

static Suite *
dmixducker_flow_suite (void)
{
  Suite *suite = suite_create ("dmixducker_flow");
  TCase *tc = tcase_create ("flow");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_length);
  tcase_add_test (tc, test_gaps);
  tcase_add_test (tc, test_no_dialogue);
  tcase_add_test (tc, test_dialogue_taken_away);
  tcase_add_test (tc, test_dialogue_comes_late);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_play_twice);
  tcase_add_test (tc, test_live_silent_dialogue);
  return suite;
}

GST_CHECK_MAIN (dmixducker_flow)

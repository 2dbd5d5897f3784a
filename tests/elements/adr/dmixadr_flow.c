/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Flow of dmixadr: segments, gaps, jumps, flushes, format changes,
 * released pads, broken buffers. In most tests guide and take are the same
 * sound, and so is the output, bit by bit. */
#include "adr_rig.h"
#include "ducker_rig.h"

#include <math.h>
#include <string.h>

#define RATE 16000
#define SAME "dmixadr " ADR_OFF

static void
assert_no_error (Rig *rig)
{
  fail_if (gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ERROR) != NULL);
}

static void
assert_sound (Rig *rig, const gfloat *sound, guint frames)
{
  assert_no_error (rig);
  fail_unless_equals_int (rig_frames (rig), frames);
  fail_unless (!memcmp (rig->samples->data, sound, frames * sizeof *sound));
}

/* Both inputs, from one sound in buffers of their own sizes. */
static Rig *
rig_with_both (const gchar *text, const gfloat *sound, guint frames)
{
  Rig *rig = rig_new_element (text);

  rig_queue (rig_add (rig, "guide", RATE, 1), sound, frames, 1013, RATE, 1, 0);
  rig_queue (rig_add (rig, "take", RATE, 1), sound, frames, 480, RATE, 1, 0);
  return rig;
}

/* Outside of the guide's segment nothing is put out, and that segment, as it
 * is, is that of the output. */
GST_START_TEST (test_clip)
{
  guint frames;
  gfloat *sound = adr_speak (1, NULL, RATE, &frames);
  Rig *rig = rig_new_element (SAME);
  RigInput *guide = rig_add (rig, "guide", RATE, 1);
  RigInput *take = rig_add (rig, "take", RATE, 1);

  rig_queue_event (guide,
      rig_segment (GST_SECOND, 3 * GST_SECOND, 7 * GST_SECOND));
  rig_queue (guide, sound, frames, 1013, RATE, 1, 0);
  rig_queue_event (take,
      rig_segment (GST_SECOND, 3 * GST_SECOND, 7 * GST_SECOND));
  rig_queue (take, sound, frames, 480, RATE, 1, 0);
  rig_run (rig);
  assert_sound (rig, sound + RATE, 2 * RATE);
  fail_unless_equals_uint64 (rig->first_pts, GST_SECOND);
  fail_unless_equals_uint64 (rig->segment.start, GST_SECOND);
  fail_unless_equals_uint64 (rig->segment.stop, 3 * GST_SECOND);
  fail_unless_equals_uint64 (rig->segment.time, GST_SECOND);
  fail_unless_equals_uint64 (rig->segment.base, 7 * GST_SECOND);
  rig_free (rig);
  g_free (sound);
}

GST_END_TEST
/* The output ends with the guide; the take is taken to its end, or a tee upstream
 * would end its other branches. */
GST_START_TEST (test_longer_take)
{
  guint frames;
  gfloat *sound = adr_speak (2, NULL, RATE, &frames);
  Rig *rig = rig_new_element (SAME "max-shift=0");
  RigInput *take;

  rig_queue (rig_add (rig, "guide", RATE, 1), sound, frames, 1013, RATE, 1, 0);
  take = rig_add (rig, "take", RATE, 1);
  for (guint i = 0; i < 8; i++)
    rig_queue (take, sound, frames, 480, RATE, 1, i * frames);
  rig_run (rig);
  g_thread_join (take->thread);
  take->thread = NULL;
  assert_no_error (rig);
  fail_unless_equals_int (rig_frames (rig), frames);
  fail_unless_equals_int (take->flow, GST_FLOW_OK);
  rig_free (rig);
  g_free (sound);
}
GST_END_TEST

/* Running time counts: a take whose segment starts at 100 s is where its base
 * puts it. */
GST_START_TEST (test_segment_base)
{
  guint frames;
  gfloat *sound = adr_speak (2, NULL, RATE, &frames);
  Rig *rig = rig_new_element (SAME "max-shift=0");
  RigInput *take;

  rig_queue (rig_add (rig, "guide", RATE, 1), sound, frames, 1013, RATE, 1, 0);
  take = rig_add (rig, "take", RATE, 1);
  rig_queue_event (take,
      rig_segment (100 * GST_SECOND, GST_CLOCK_TIME_NONE, GST_SECOND / 4));
  rig_queue (take, sound + RATE / 4, frames - RATE / 4, 480, RATE, 1,
      100 * RATE);
  rig_run (rig);
  assert_no_error (rig);
  fail_unless_equals_int (rig_frames (rig), frames);
  fail_unless (!memcmp ((gfloat *) rig->samples->data + RATE / 4,
      sound + RATE / 4, (frames - RATE / 4) * sizeof *sound));
  rig_free (rig);
  g_free (sound);
}

GST_END_TEST
/* The buffer goes on where the one before it ends, before any jitter. */
static gboolean
follows (GList *item)
{
  GstBuffer *last = item->prev->data, *now = item->data;

  return GST_BUFFER_PTS (last) + GST_BUFFER_DURATION (last) + 2 * GST_MSECOND
      > GST_BUFFER_PTS (now)
      && GST_BUFFER_PTS (now) + 2 * GST_MSECOND
      > GST_BUFFER_PTS (last) + GST_BUFFER_DURATION (last);
}

/* Steps back in time are left out, holes filled with silence, jitter of less
 * than 2 ms is none, and a flag alone changes nothing: on either side. */
GST_START_TEST (test_jumps)
{
  guint frames;
  gfloat *sound = adr_speak (3, NULL, RATE, &frames);
  gfloat *holed = g_memdup2 (sound, frames * sizeof *sound);
  const GstClockTime jitter[] = { 0, GST_MSECOND / 2, GST_MSECOND };
  guint n = 0;

  memset (holed + 2 * RATE, 0, RATE / 2 * sizeof *sound);
  for (guint back = 0; back < 2; back++) {
    const gfloat *want = back ? sound : holed;
    Rig *rig = rig_new_element (SAME);

    for (guint s = 0; s < 2; s++) {
      RigInput *input = rig_add (rig, s ? "take" : "guide", RATE, 1);
      gboolean even = TRUE;

      if (back) {
        rig_queue (input, sound, 3 * RATE, 700 + s, RATE, 1, 0);
        rig_queue (input, sound + 2 * RATE, frames - 2 * RATE, 900, RATE, 1,
            2 * RATE);
      } else {
        rig_queue (input, sound, 2 * RATE, 700 + s, RATE, 1, 0);
        rig_queue (input, sound + 5 * RATE / 2, frames - 5 * RATE / 2, 900,
            RATE, 1, 5 * RATE / 2);
      }
      for (GList *i = input->items.head; i; i = i->next)
        if (GST_IS_BUFFER (i->data)) {
          GstBuffer *buffer = i->data;

          GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
          even &= !GST_IS_BUFFER (i->prev->data) || follows (i);
          if (even && GST_IS_BUFFER (i->prev->data))
            GST_BUFFER_PTS (buffer) += jitter[n++ % 3];
        }
    }
    rig_run (rig);
    assert_sound (rig, want, frames);
    rig_free (rig);
  }
  g_free (holed);
  g_free (sound);
}

GST_END_TEST
/* Timestamps that jitter by 10 ms, on either side. */
GST_START_TEST (test_jitter)
{
  guint frames;
  gfloat *sound = adr_speak (3, NULL, RATE, &frames);
  Rig *rig = rig_with_both (SAME, sound, frames);

  for (guint s = 0; s < 2; s++) {
    guint n = 0;

    for (GList *i = rig->input[s].items.head; i; i = i->next)
      if (GST_IS_BUFFER (i->data) && n++ > 0)
        GST_BUFFER_PTS (i->data) +=
            ((gint) (n * 7919 % 2001) - 1000) * 10 * GST_USECOND;
  }
  rig_run (rig);
  assert_sound (rig, sound, frames);
  rig_free (rig);
  g_free (sound);
}
GST_END_TEST

/* GAP events, gap buffers and buffers without timestamps. */
GST_START_TEST (test_gaps)
{
  guint frames;
  gfloat *sound = adr_speak (4, NULL, RATE, &frames);
  Rig *rig = rig_new_element (SAME);

  memset (sound, 0, RATE / 2 * sizeof *sound);
  memset (sound + 2 * RATE, 0, RATE * sizeof *sound);
  memset (sound + frames - RATE, 0, RATE * sizeof *sound);
  for (guint s = 0; s < 2; s++) {
    RigInput *input = rig_add (rig, s ? "take" : "guide", RATE, 1);

    rig_queue_event (input, gst_event_new_gap (0, GST_SECOND / 2));
    rig_queue (input, sound + RATE / 2, RATE * 3 / 2, 1013, RATE, 1, RATE / 2);
    if (s)
      rig_queue_event (input, gst_event_new_gap (2 * GST_SECOND, GST_SECOND));
    else
      rig_queue_gap (input, RATE, RATE, 2 * RATE);
    rig_queue (input, sound + 3 * RATE, frames - 4 * RATE, 1013, RATE, 1,
        3 * RATE);
    GST_BUFFER_PTS ((GstBuffer *) input->items.tail->data) =
        GST_CLOCK_TIME_NONE;
    rig_queue_event (input,
        gst_event_new_gap (gst_util_uint64_scale (frames - RATE, GST_SECOND,
                               RATE),
            GST_SECOND));
  }
  rig_run (rig);
  assert_sound (rig, sound, frames);
  fail_unless (rig->gaps > 0);
  rig_free (rig);
  g_free (sound);
}

GST_END_TEST static void
join (Rig *rig)
{
  for (guint i = 0; i < rig->inputs; i++) {
    g_thread_join (rig->input[i].thread);
    rig->input[i].thread = NULL;
  }
}

/* Both pads get one event, as from one seek: another sequence number would be
 * another flush. */
static void
push_to_both (Rig *rig, GstEvent *event)
{
  gst_pad_push_event (rig->input[0].pad, gst_event_ref (event));
  gst_pad_push_event (rig->input[1].pad, event);
}

/* Nothing from before a flush stays, at whatever moment it comes: here, while
 * the threads of both inputs work or wait. */
GST_START_TEST (test_flush)
{
  guint frames;
  gfloat *sound = adr_speak (5, NULL, RATE, &frames);
  gfloat *noise = rig_noise (4 * RATE, 0.3, 5);
  const guint before[] = { 0, 100, RATE, 4 * RATE };
  const gulong wait[] = { 0, 500, 20000 };

  for (guint k = 0; k < G_N_ELEMENTS (before) * G_N_ELEMENTS (wait); k++) {
    Rig *rig = rig_with_both (SAME, noise, before[k / G_N_ELEMENTS (wait)]);

    rig_feed (rig);
    g_usleep (wait[k % G_N_ELEMENTS (wait)]);
    push_to_both (rig, gst_event_new_flush_start ());
    join (rig);
    push_to_both (rig, gst_event_new_flush_stop (TRUE));
    for (guint s = 0; s < 2; s++) {
      rig_queue_event (&rig->input[s], rig_segment (0, GST_CLOCK_TIME_NONE, 0));
      rig_queue (&rig->input[s], sound, frames, 1000 + s, RATE, 1, 0);
    }
    rig_run (rig);
    assert_sound (rig, sound, frames);
    rig_free (rig);
  }
  g_free (noise);
  g_free (sound);
}

GST_END_TEST
static void
push_items (RigInput *input)
{
  gpointer item;

  while ((item = g_queue_pop_head (&input->items)))
    if (GST_IS_EVENT (item))
      gst_pad_push_event (input->pad, item);
    else
      gst_pad_push (input->pad, item);
}

static void
queue_again (RigInput *input, GstEvent *start, GstEvent *stop,
    const gfloat *sound, guint frames, guint block)
{
  if (start)
    rig_queue_event (input, gst_event_ref (start));
  rig_queue_event (input, gst_event_ref (stop));
  rig_queue_event (input, rig_segment (0, GST_CLOCK_TIME_NONE, 0));
  rig_queue (input, sound, frames, block, RATE, 1, 0);
  rig_queue_event (input, gst_event_new_eos ());
}

/* One input is flushed, and sends new sound, while the other one still has old
 * sound in its queue and is flushed later, as in a seek over two files: nothing
 * of the new sound is lost. */
GST_START_TEST (test_flush_one_by_one)
{
  guint frames;
  gfloat *sound = adr_speak (5, NULL, RATE, &frames);
  gfloat *noise = rig_noise (3 * RATE, 0.3, 5);

  for (guint first = 0; first < 2; first++) {
    Rig *rig = rig_new_element (SAME);
    RigInput *guide = rig_add (rig, "guide", RATE, 1);
    RigInput *take = rig_add (rig, "take", RATE, 1);
    RigInput *one = first ? take : guide, *other = first ? guide : take;
    GstEvent *start = gst_event_new_flush_start ();
    GstEvent *stop = gst_event_new_flush_stop (TRUE);

    rig_queue (one, noise, RATE, 1000, RATE, 1, 0);
    rig_queue (other, noise, 3 * RATE, 1000, RATE, 1, 0);
    queue_again (one, start, stop, sound, frames, 480);
    rig_feed (rig);
    g_usleep (100000);
    gst_pad_push_event (other->pad, start);
    g_thread_join (other->thread);
    other->thread = NULL;
    queue_again (other, NULL, stop, sound, frames, 1013);
    push_items (other);
    rig_wait_eos (rig);
    assert_sound (rig, sound, frames);
    gst_event_unref (stop);
    rig_free (rig);
  }
  g_free (noise);
  g_free (sound);
}

GST_END_TEST
/* The channels of either side change while it plays: they are mixed to those
 * that were there first; not a frame is lost, and nothing moves. */
GST_START_TEST (test_channels_change)
{
  guint frames;
  gfloat *sound = adr_speak (6, NULL, RATE, &frames);
  gfloat *two = g_new (gfloat, 2 * frames);
  const guint change = 3 * RATE + 123;

  for (guint i = 0; i < frames; i++)
    two[2 * i] = two[2 * i + 1] = sound[i];
  for (guint k = 0; k < 4; k++) {
    Rig *rig = rig_new_element (SAME);

    for (guint s = 0; s < 2; s++) {
      RigInput *input = rig_add (rig, s ? "take" : "guide", RATE, 1);

      rig_queue (input, sound, change, k < 2 ? 1000 : change, RATE, 1, 0);
      if (s == k % 2) {
        rig_queue_caps (input, RATE, 2);
        rig_queue (input, two + 2 * change, frames - change, 700, RATE, 2,
            change);
      } else
        rig_queue (input, sound + change, frames - change, 900, RATE, 1,
            change);
    }
    rig_run (rig);
    assert_sound (rig, sound, frames);
    fail_unless_equals_int (rig->channels, 1);
    rig_free (rig);
  }
  g_free (sound);
  g_free (two);
}

GST_END_TEST
/* Rates that do not agree, and one that changes: an error that names the pad
 * and the remedy. */
GST_START_TEST (test_rates)
{
  gfloat *sound = rig_noise (48000, 0.3, 7);

  for (guint changes = 0; changes < 2; changes++) {
    Rig *rig = rig_new_element (SAME);
    RigInput *guide = rig_add (rig, "guide", 48000, 1);
    RigInput *take = rig_add (rig, "take", changes ? 48000 : 44100, 1);

    rig_queue (guide, sound, 48000, 1024, 48000, 1, 0);
    if (changes)
      rig_queue_caps (take, 44100, 1);
    rig_queue (take, sound, 44100, 1024, 44100, 1, 0);
    rig_feed (rig);
    rig_wait_rate_error (rig);
    rig_free (rig);
  }
  g_free (sound);
}

GST_END_TEST
/* With audioresample before the pads it just works, every time. */
GST_START_TEST (test_resampled)
{
  for (guint run = 0; run < 20; run++) {
    GstElement *pipeline = gst_parse_launch (
        "dmixadr name=a ! fakesink "
        "audiotestsrc num-buffers=20 ! audio/x-raw,rate=48000 "
        "! audioresample ! queue ! a.guide audiotestsrc num-buffers=20 "
        "! audio/x-raw,rate=44100 ! audioresample ! queue ! a.take",
        NULL);
    AdrOutput output;

    adr_output_init (&output);
    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    adr_follow (pipeline, &output);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (pipeline);
    fail_unless (!output.error);
    adr_output_clear (&output);
  }
}

GST_END_TEST
/* A pad that is let go while its thread waits in it: that thread comes back,
 * the side has ended, and the rest goes on to the end. */
GST_START_TEST (test_released)
{
  guint frames;
  gfloat *sound = adr_speak (8, NULL, RATE, &frames);

  for (guint side = 0; side < 2; side++) {
    Rig *rig = rig_new_element (SAME);
    RigInput *guide = rig_add (rig, "guide", RATE, 1);
    RigInput *take = rig_add (rig, "take", RATE, 1);
    RigInput *gone = side ? take : guide, *stays = side ? guide : take;

    /* the one that stays has sent nothing yet */
    rig_queue (gone, sound, frames, 480, RATE, 1, 0);
    rig_feed (rig);
    g_usleep (50000);
    gst_element_release_request_pad (rig->element, gone->peer);
    gst_clear_object (&gone->peer);
    join (rig);
    fail_unless (
        gone->flow == GST_FLOW_FLUSHING || gone->flow == GST_FLOW_NOT_LINKED);
    rig_queue (stays, sound, frames, 480, RATE, 1, 0);
    rig_queue_event (stays, gst_event_new_eos ());
    rig_feed (rig);
    rig_wait_eos (rig);
    /* without a guide nothing is said where */
    fail_unless_equals_int (rig_frames (rig), side ? frames : 0);
    assert_no_error (rig);
    rig_free (rig);
  }
  g_free (sound);
}

GST_END_TEST
/* No number becomes silence where it is, and nowhere else. */
GST_START_TEST (test_bad_samples)
{
  const gfloat bad[] = { NAN, INFINITY, -INFINITY };
  guint frames;
  gfloat *sound = adr_speak (9, NULL, RATE, &frames);
  gfloat *want = g_memdup2 (sound, frames * sizeof *sound);
  Rig *rig;

  for (guint i = 100; i < frames; i += 7919) {
    sound[i] = bad[i % 3];
    want[i] = 0.0f;
  }
  rig = rig_with_both (SAME, sound, frames);
  rig_run (rig);
  assert_sound (rig, want, frames);
  rig_free (rig);

  rig = rig_with_both ("dmixadr room-tone=full", sound, frames);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), frames);
  for (guint i = 0; i < frames; i++)
    fail_unless (isfinite (rig_sample (rig, i, 0)));
  rig_free (rig);
  g_free (sound);
  g_free (want);
}

GST_END_TEST static GstBuffer *
odd_buffer (gsize size, GstClockTime pts)
{
  GstBuffer *buffer = gst_buffer_new_and_alloc (size);

  gst_buffer_memset (buffer, 0, 0, -1);
  GST_BUFFER_PTS (buffer) = pts;
  return buffer;
}

/* Empty buffers, parts of frames, times beyond all: no harm done. */
GST_START_TEST (test_odd_buffers)
{
  guint frames;
  gfloat *sound = adr_speak (10, NULL, RATE, &frames);
  Rig *rig = rig_new_element (SAME);

  for (guint s = 0; s < 2; s++) {
    RigInput *input = rig_add (rig, s ? "take" : "guide", RATE, 1);

    g_queue_push_tail (&input->items, odd_buffer (0, 0));
    rig_queue (input, sound, RATE, 1, RATE, 1, 0);
    g_queue_push_tail (&input->items, odd_buffer (3, GST_SECOND));
    g_queue_push_tail (&input->items, odd_buffer (0, GST_CLOCK_TIME_NONE));
    g_queue_push_tail (&input->items,
        odd_buffer (400, GST_CLOCK_TIME_NONE - 1));
    rig_queue (input, sound + RATE, frames - RATE, frames, RATE, 1, RATE);
  }
  rig_run (rig);
  assert_sound (rig, sound, frames);
  rig_free (rig);
  g_free (sound);
}

GST_END_TEST
/* Whatever is set while it plays: the length is the guide's. */
GST_START_TEST (test_settings_while_playing)
{
  guint frames, slow_frames;
  gfloat *sound = adr_speak (11, NULL, RATE, &frames);
  gfloat *slow = adr_speak_slower (11, 1.2, RATE, &slow_frames);
  Rig *rig = rig_new_element ("dmixadr max-line=5 line-gap=100");
  RigInput *guide = rig_add (rig, "guide", RATE, 1);
  RigInput *take = rig_add (rig, "take", RATE, 1);
  const guint rounds = 5;

  for (guint r = 0; r < rounds; r++) {
    rig_queue (guide, sound, frames, 480, RATE, 1, r * frames);
    rig_queue (take, slow, frames, 480, RATE, 1, r * frames);
  }
  rig_queue_event (guide, gst_event_new_eos ());
  rig_queue_event (take, gst_event_new_eos ());
  rig_feed (rig);
  for (guint k = 0; k < 200; k++) {
    g_object_set (rig->element, "strength", k % 3 / 2.0, "tolerance",
        k % 20 * 1.0, "max-stretch", 1.0 + k % 11 / 10.0, "line-gap",
        100.0 + k % 7 * 200, "room-tone", k % 3, "room-tone-gain",
        -1.0 * (k % 60), "on-mismatch", k % 3, "min-confidence", k % 5 / 4.0,
        "eq-limit", k % 24 * 1.0, "match-level", k % 2, "post-map", k % 2,
        NULL);
    g_usleep (2000);
  }
  rig_wait_eos (rig);
  fail_unless_equals_int (rig_frames (rig), rounds * frames);
  assert_no_error (rig);
  rig_free (rig);
  g_free (sound);
  g_free (slow);
}

GST_END_TEST static Suite *
dmixadr_flow_suite (void)
{
  Suite *suite = suite_create ("dmixadr_flow");
  TCase *tc = tcase_create ("flow");

  suite_add_tcase (suite, tc);
  tcase_set_timeout (tc, 120);
  tcase_add_test (tc, test_clip);
  tcase_add_test (tc, test_longer_take);
  tcase_add_test (tc, test_segment_base);
  tcase_add_test (tc, test_jumps);
  tcase_add_test (tc, test_jitter);
  tcase_add_test (tc, test_gaps);
  tcase_add_test (tc, test_flush);
  tcase_add_test (tc, test_flush_one_by_one);
  tcase_add_test (tc, test_channels_change);
  tcase_add_test (tc, test_rates);
  tcase_add_test (tc, test_resampled);
  tcase_add_test (tc, test_released);
  tcase_add_test (tc, test_bad_samples);
  tcase_add_test (tc, test_odd_buffers);
  tcase_add_test (tc, test_settings_while_playing);
  return suite;
}

GST_CHECK_MAIN (dmixadr_flow)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The request pads of dmixdialogue: both stems of the same frames, events,
 * queries, and what stops the stream. */
#include "filter_rig.h"

#include <string.h>

#define RATE 48000
#define FRAMES RATE

enum
{
  MIX,
  DIALOGUE,
  BACKGROUND,
  OUTPUTS
};

static const gchar *const names[OUTPUTS] = { "src", "dialogue", "background" };

typedef struct
{
  GstElement *element;
  GstHarness *out[OUTPUTS]; /* the one of `src` also feeds the element */
} Rig;

static Rig
rig_new (const gchar *settings, gint channels, guint64 mask)
{
  gchar *launch = g_strconcat ("dmixdialogue ", settings, NULL);
  gchar *caps = g_strdup_printf ("audio/x-raw,format=" GST_AUDIO_NE (
                                     F32) ",layout=interleaved,rate=%d,"
                                          "channels=%d,channel-mask="
                                          "(bitmask)0x%" G_GINT64_MODIFIER "x",
      RATE, channels, mask);
  Rig rig = { gst_parse_launch (launch, NULL), { NULL } };

  /* stems first: the caps of the first harness set the element up */
  for (int o = BACKGROUND; o > MIX; o--)
    rig.out[o] = gst_harness_new_with_element (rig.element, NULL, names[o]);
  rig.out[MIX] = gst_harness_new_with_element (rig.element, "sink", "src");
  gst_harness_set_src_caps_str (rig.out[MIX], caps);
  g_free (caps);
  g_free (launch);
  return rig;
}

static void
rig_free (Rig *rig)
{
  for (int o = BACKGROUND; o >= MIX; o--)
    if (rig->out[o])
      gst_harness_teardown (rig->out[o]);
  gst_object_unref (rig->element);
}

static void
push (Rig *rig, const gfloat *sound, guint frames, gint channels)
{
  for (guint at = 0; at < frames; at += 1013)
    filter_rig_push_at (rig->out[MIX], at, sound + at * channels,
        MIN (1013, frames - at), RATE, channels);
}

/* A buzz in every channel, and noise of its own. */
static gfloat *
programme (guint frames, gint channels)
{
  gfloat *made = filter_rig_noise (frames * channels, 0.1f, 1);

  for (guint i = 0; i < frames * channels; i++)
    made[i] += (i / channels * 140 % RATE < RATE / 8) ? 0.2f : 0.0f;
  return made;
}

static const struct
{
  gint channels;
  guint64 mask;
} layouts[] = { { 1, 4 }, { 2, 3 }, { 6, 0x3f }, { 64, 0 } };

/* Each pad puts out what an element of its own does with that `output`: the
 * same bits, and timestamps from 0 on; all get EOS. */
GST_START_TEST (test_same)
{
  const gint channels = layouts[__i__].channels;
  const gchar *settings = "boost=6 duck=6 lookahead=20";
  const gchar *outputs[OUTPUTS] = { "mix", "dialogue", "background" };
  const guint frames = channels > 6 ? FRAMES / 4 : FRAMES;
  gfloat *sound = programme (frames, channels);
  Rig rig = rig_new (settings, channels, layouts[__i__].mask);

  push (&rig, sound, frames, channels);
  gst_harness_push_event (rig.out[MIX], gst_event_new_eos ());
  for (int o = 0; o < OUTPUTS; o++) {
    gchar *all = g_strconcat (settings, " output=", outputs[o], NULL);
    GstHarness *single = filter_rig_new_layout ("dmixdialogue", all, RATE,
        channels, layouts[__i__].mask);
    GArray *wanted =
        filter_rig_play (single, sound, frames, 1013, RATE, channels);
    GArray *got = g_array_new (FALSE, FALSE, sizeof (gfloat));
    GstEvent *event;
    gboolean ended = FALSE;

    filter_rig_pull (rig.out[o], got, RATE, channels);
    fail_unless_equals_int (got->len, wanted->len);
    fail_unless (!memcmp (got->data, wanted->data, got->len * sizeof (gfloat)),
        "%s", names[o]);
    while ((event = gst_harness_try_pull_event (rig.out[o]))) {
      ended |= GST_EVENT_TYPE (event) == GST_EVENT_EOS;
      gst_event_unref (event);
    }
    fail_unless (ended, "%s", names[o]);
    g_array_unref (got);
    g_array_unref (wanted);
    g_free (all);
    gst_harness_teardown (single);
  }
  g_free (sound);
  rig_free (&rig);
}
GST_END_TEST

/* Stems have streams of their own, caps and segment of the mix, its latency. */
GST_START_TEST (test_events)
{
  Rig rig = rig_new ("", 2, 3);
  gfloat *sound = programme (RATE / 4, 2);
  const gchar *id[OUTPUTS];
  GstEvent *start[OUTPUTS];

  push (&rig, sound, RATE / 4, 2);
  for (int o = 0; o < OUTPUTS; o++) {
    GstPad *pad = GST_PAD_PEER (rig.out[o]->sinkpad);
    GstCaps *caps = gst_pad_get_current_caps (pad);
    GstEvent *segment = gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
    gint channels = 0;

    start[o] = gst_pad_get_sticky_event (pad, GST_EVENT_STREAM_START, 0);
    fail_unless (caps && segment && start[o], "%s", names[o]);
    gst_event_parse_stream_start (start[o], &id[o]);
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels",
        &channels);
    fail_unless_equals_int (channels, 2);
    fail_unless_equals_uint64 (gst_harness_query_latency (rig.out[o]),
        gst_harness_query_latency (rig.out[MIX]));
    gst_caps_unref (caps);
    gst_event_unref (segment);
  }
  fail_unless (g_strcmp0 (id[MIX], id[DIALOGUE])
      && g_strcmp0 (id[DIALOGUE], id[BACKGROUND]));
  for (int o = 0; o < OUTPUTS; o++)
    gst_event_unref (start[o]);
  g_free (sound);
  rig_free (&rig);
}
GST_END_TEST

/* A flush reaches the stems, and behind it they begin at 0 again; so they do
 * behind new caps, with these. */
GST_START_TEST (test_flush_and_caps)
{
  Rig rig = rig_new ("lookahead=0", 2, 3);
  gfloat *sound = programme (RATE / 2, 2);
  GArray *got = g_array_new (FALSE, FALSE, sizeof (gfloat));
  GstSegment segment;
  GstCaps *caps;
  GstBuffer *buffer;

  push (&rig, sound, RATE / 4, 2);
  gst_harness_push_event (rig.out[MIX], gst_event_new_flush_start ());
  for (int o = 0; o < OUTPUTS; o++)
    while ((buffer = gst_harness_try_pull (rig.out[o])))
      gst_buffer_unref (buffer);
  gst_harness_push_event (rig.out[MIX], gst_event_new_flush_stop (TRUE));
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (rig.out[MIX], gst_event_new_segment (&segment));
  push (&rig, sound, RATE / 4, 2);
  filter_rig_pull (rig.out[DIALOGUE], got, RATE, 2);
  fail_unless (got->len > RATE / 4);
  for (int o = 0; o < OUTPUTS; o++)
    while ((buffer = gst_harness_try_pull (rig.out[o])))
      gst_buffer_unref (buffer);
  gst_harness_set_src_caps_str (rig.out[MIX],
      "audio/x-raw,format=" GST_AUDIO_NE (
          F32) ",layout=interleaved,rate=48000,channels=1");
  filter_rig_push_at (rig.out[MIX], RATE / 4, sound, RATE / 4, RATE, 1);
  for (int o = 0; o < OUTPUTS; o++) {
    gint channels = 0;

    caps = gst_pad_get_current_caps (GST_PAD_PEER (rig.out[o]->sinkpad));
    gst_structure_get_int (gst_caps_get_structure (caps, 0), "channels",
        &channels);
    fail_unless_equals_int (channels, 1);
    fail_unless (gst_harness_buffers_in_queue (rig.out[o]) > 0, "%s", names[o]);
    gst_caps_unref (caps);
  }
  g_array_unref (got);
  g_free (sound);
  rig_free (&rig);
}
GST_END_TEST

/* `src` may stay without a link if a stem has one; without any the stream ends
 * with not-linked. A stem that is released, or that has no link, stops nothing. */
GST_START_TEST (test_links)
{
  gfloat *sound = programme (RATE / 4, 2);
  Rig rig = rig_new ("", 2, 3);
  GstPad *pad, *peer;
  guint before;

  pad = gst_element_get_static_pad (rig.element, "src");
  peer = gst_pad_get_peer (pad);
  gst_pad_unlink (pad, peer);
  push (&rig, sound, RATE / 4, 2);
  fail_unless (gst_harness_buffers_in_queue (rig.out[DIALOGUE]) > 0);
  gst_pad_link (pad, peer);
  gst_object_unref (peer);
  gst_object_unref (pad);

  before = gst_harness_buffers_in_queue (rig.out[MIX]);
  gst_harness_teardown (rig.out[DIALOGUE]); /* releases the pad */
  rig.out[DIALOGUE] = NULL;
  fail_if (gst_element_get_static_pad (rig.element, "dialogue"));
  for (guint at = RATE / 4; at < RATE; at += RATE / 4)
    filter_rig_push_at (rig.out[MIX], at, sound, RATE / 4, RATE, 2);
  fail_unless (gst_harness_buffers_in_queue (rig.out[MIX]) > before);
  fail_unless (gst_harness_buffers_in_queue (rig.out[BACKGROUND]) > 0);

  pad = gst_element_get_static_pad (rig.element, "background");
  peer = gst_pad_get_peer (pad);
  gst_pad_unlink (pad, peer);
  filter_rig_push_at (rig.out[MIX], RATE, sound, RATE / 4, RATE, 2);
  gst_pad_link (pad, peer);
  gst_object_unref (peer);
  gst_object_unref (pad);
  g_free (sound);
  rig_free (&rig);
}
GST_END_TEST

/* A pad that was released can be requested again. */
GST_START_TEST (test_again)
{
  GstElement *element = gst_element_factory_make ("dmixdialogue", NULL);
  GstPad *pad = gst_element_request_pad_simple (element, "dialogue");

  fail_unless (pad != NULL);
  gst_element_release_request_pad (element, pad);
  gst_object_unref (pad);
  pad = gst_element_request_pad_simple (element, "dialogue");
  fail_unless (pad != NULL);
  gst_object_unref (pad);
  gst_object_unref (element);
}
GST_END_TEST

static Suite *
dmixdialogue_pads_suite (void)
{
  Suite *suite = suite_create ("dmixdialogue_pads");
  TCase *tc = tcase_create ("general");

  tcase_set_timeout (tc, 120);
  suite_add_tcase (suite, tc);
  tcase_add_loop_test (tc, test_same, 0, G_N_ELEMENTS (layouts));
  tcase_add_test (tc, test_events);
  tcase_add_test (tc, test_flush_and_caps);
  tcase_add_test (tc, test_links);
  tcase_add_test (tc, test_again);
  return suite;
}

GST_CHECK_MAIN (dmixdialogue_pads)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Formats: layouts that change while playing, rates that do not agree. */
#include "ducker_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000

static gint
channels_of (const gchar *caps)
{
  const gchar *at = strstr (caps, "channels=(int)");

  return at ? atoi (at + strlen ("channels=(int)")) : 0;
}

/* The background goes from 1 to 2 to 6 channels: the output follows, every
 * frame is there, and the gain stays where it is. */
GST_START_TEST (test_background_layout_changes)
{
  const gint layouts[] = { 1, 2, 6 };
  const guint part = RATE, frames = 3 * RATE;
  gfloat *ones = g_new (gfloat, 6 * part);
  gfloat *speech = rig_noise (frames, 0.3, 1);
  Rig *rig = rig_new ("mode=fixed depth=12 lookahead=50 output=background");
  RigInput *background = rig_add (rig, "background", RATE, 1);
  guint at = 0, total = 0;

  for (guint i = 0; i < 6 * part; i++)
    ones[i] = 0.1f;
  for (gint l = 0; l < 3; l++) {
    if (l > 0)
      rig_queue_caps (background, RATE, layouts[l]);
    rig_queue (background, ones, part, 1000, RATE, layouts[l], l * part);
  }
  rig_queue (rig_add (rig, "dialogue", RATE, 1), speech, frames, 1024, RATE, 1,
      0);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), frames);
  fail_unless_equals_int (rig->caps->len, 3);
  for (gint l = 0; l < 3; l++)
    fail_unless_equals_int (channels_of (g_ptr_array_index (rig->caps, l)),
        layouts[l]);
  /* from half a second on all is ducked, whatever the layout */
  for (at = RATE / 2; at < rig->samples->len; at++, total++)
    fail_unless (
        fabs (20 * log10 (g_array_index (rig->samples, gfloat, at) / 0.1) + 12)
            < 0.05
        || g_array_index (rig->samples, gfloat, at) == 0.0f);
  fail_unless (total > 8 * part);
  rig_free (rig);
  g_free (ones);
  g_free (speech);
}
GST_END_TEST

/* The dialogue changes its layout in the middle of a block: no sample of it is
 * lost or moved. */
GST_START_TEST (test_dialogue_layout_changes)
{
  gfloat *silence = g_new0 (gfloat, 2 * RATE);
  gfloat *mono = rig_noise (RATE, 0.3, 2), *stereo = g_new (gfloat, 2 * RATE);
  const guint change = 12345;
  Rig *rig = rig_new ("lookahead=50");
  RigInput *dialogue;

  for (guint i = 0; i < RATE; i++)
    stereo[2 * i] = stereo[2 * i + 1] = mono[i];
  rig_queue (rig_add (rig, "background", RATE, 2), silence, RATE, 1024, RATE, 2,
      0);
  dialogue = rig_add (rig, "dialogue", RATE, 1);
  rig_queue (dialogue, mono, change, 700, RATE, 1, 0);
  rig_queue_caps (dialogue, RATE, 2);
  rig_queue (dialogue, stereo + 2 * change, RATE - change, 700, RATE, 2,
      change);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), RATE);
  fail_unless (!memcmp (rig->samples->data, stereo, 2 * RATE * sizeof *stereo));
  rig_free (rig);
  g_free (silence);
  g_free (mono);
  g_free (stereo);
}
GST_END_TEST

/* Rates that do not agree, and one that changes: an error that names the pad
 * and the remedy. */
GST_START_TEST (test_rates)
{
  for (gint changes = 0; changes < 2; changes++) {
    gfloat *sound = rig_noise (RATE, 0.3, 3);
    Rig *rig = rig_new (NULL);
    RigInput *background = rig_add (rig, "background", RATE, 1);

    rig_queue (background, sound, RATE, 1024, RATE, 1, 0);
    if (changes) {
      rig_queue_caps (background, 44100, 1);
      rig_queue (background, sound, 44100, 1024, 44100, 1, 44100);
    } else {
      rig_queue (rig_add (rig, "dialogue", 44100, 1), sound, 44100, 1024, 44100,
          1, 0);
    }
    rig_feed (rig);
    rig_wait_rate_error (rig);
    rig_free (rig);
    g_free (sound);
  }
}
GST_END_TEST

/* A dialogue of another rate that never sends data causes no error. */
GST_START_TEST (test_rate_without_data)
{
  gfloat *sound = rig_noise (RATE, 0.3, 3);
  Rig *rig = rig_new (NULL);
  GstCaps *caps = rig_caps (44100, 1);
  RigInput *dialogue;

  rig_queue (rig_add (rig, "background", RATE, 1), sound, RATE, 1024, RATE, 1,
      0);
  dialogue = rig_add (rig, "dialogue", RATE, 1);
  rig_queue_event (dialogue, gst_event_new_caps (caps));
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), RATE);
  fail_unless (!memcmp (rig->samples->data, sound, RATE * sizeof *sound));
  fail_if (gst_bus_pop_filtered (rig->bus, GST_MESSAGE_ERROR) != NULL);
  gst_caps_unref (caps);
  rig_free (rig);
  g_free (sound);
}
GST_END_TEST

/* With audioresample before the pads it just works, every time; also if only
 * one of them has it, whichever comes first. */
GST_START_TEST (test_resampled)
{
  const gchar *lines[] = {
    "! d.background %s audiotestsrc num-buffers=20 "
    "! audio/x-raw,rate=44100 ! audioresample ! d.dialogue",
    "! queue ! d.background %s audiotestsrc num-buffers=20 "
    "! audio/x-raw,rate=44100 ! audioresample ! queue ! d.dialogue",
    "! audioresample ! d.background %s audiotestsrc num-buffers=20 "
    "! audio/x-raw,rate=8000 ! audioresample ! d.dialogue",
    "! audioresample ! d.background %s audiotestsrc num-buffers=20 "
    "! audio/x-raw,rate=44100 ! d.dialogue",
    "! audioresample ! queue ! d.background %s audiotestsrc num-buffers=20 "
    "! audio/x-raw,rate=44100 ! queue ! d.dialogue",
  };

  for (gint run = 0; run < 150; run++) {
    gchar *tail = g_strdup_printf (lines[run % 5], "");
    gchar *text = g_strdup_printf ("dmixducker name=d ! fakesink "
                                   "audiotestsrc num-buffers=20 ! "
                                   "audio/x-raw,rate=48000 %s",
        tail);
    GstElement *pipeline = gst_parse_launch (text, NULL);
    GstMessage *message;

    gst_element_set_state (pipeline, GST_STATE_PLAYING);
    message = gst_bus_timed_pop_filtered (GST_ELEMENT_BUS (pipeline),
        10 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
    fail_unless (message && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS,
        "run %d", run);
    gst_message_unref (message);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (pipeline);
    g_free (text);
    g_free (tail);
  }
}
GST_END_TEST

/* A dialogue in telephone quality that negotiates before the background does
 * not limit the bandwidth of the mix; one at a full rate keeps its rate. */
GST_START_TEST (test_narrow_dialogue_first)
{
  const gint rates[][2] = { { 8000, 48000 }, { 16000, 48000 },
    { 44100, 44100 } };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    gchar *line = g_strdup_printf (
        "dmixducker name=d ! fakesink "
        "audiotestsrc ! audio/x-raw,rate=%d ! audioconvert ! audioresample "
        "! d.dialogue appsrc ! audioconvert ! audioresample ! d.background",
        rates[r][0]);
    GstElement *pipeline = gst_parse_launch (line, NULL);
    GstElement *ducker = gst_bin_get_by_name (GST_BIN (pipeline), "d");
    GstPad *pad = gst_element_get_static_pad (ducker, "dialogue");
    GstCaps *caps = NULL;
    GstAudioInfo info;

    gst_element_set_state (pipeline, GST_STATE_PAUSED);
    for (guint i = 0; i < 500 && !caps; i++) {
      g_usleep (10000);
      caps = gst_pad_get_current_caps (pad);
    }
    fail_unless (caps && gst_audio_info_from_caps (&info, caps));
    fail_unless_equals_int (GST_AUDIO_INFO_RATE (&info), rates[r][1]);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_caps_unref (caps);
    gst_object_unref (pad);
    gst_object_unref (ducker);
    gst_object_unref (pipeline);
    g_free (line);
  }
}
GST_END_TEST

static Suite *
dmixducker_caps_suite (void)
{
  Suite *suite = suite_create ("dmixducker_caps");
  TCase *tc = tcase_create ("caps");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_background_layout_changes);
  tcase_add_test (tc, test_dialogue_layout_changes);
  tcase_add_test (tc, test_rates);
  tcase_add_test (tc, test_rate_without_data);
  tcase_add_test (tc, test_resampled);
  tcase_add_test (tc, test_narrow_dialogue_first);
  return suite;
}

GST_CHECK_MAIN (dmixducker_caps)

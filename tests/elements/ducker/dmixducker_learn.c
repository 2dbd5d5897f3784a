/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the messages tell (the learned loudness, one difference, a range that limits),
 * warnings, and pads that are requested without a name. */
#include "ducker_rig.h"

#include <math.h>

#define RATE 48000
#define FRAMES (6 * RATE)

/* Noise in words of 0.3 s, 0.2 s apart, from 1 s on: speech for both triggers. */
static gfloat *
words (gfloat peak)
{
  gfloat *x = rig_noise (FRAMES, peak, 3);

  for (guint i = 0; i < FRAMES; i++)
    if (i < RATE || i % (RATE / 2) > 3 * RATE / 10)
      x[i] = 0.0f;
  return x;
}

typedef struct
{
  GstStructure *ducker, *meter; /* the last messages */
  guint early;                  /* differences before the first word */
  guint warnings;
} Heard;

static Heard
play (const gchar *settings, gfloat dialogue_peak, gfloat background_peak)
{
  Rig *rig = rig_new (settings);
  gfloat *d = words (dialogue_peak);
  gfloat *b = rig_noise (FRAMES, background_peak, 4);
  Heard heard = { NULL, NULL, 0, 0 };
  GstMessage *message;

  rig_queue (rig_add (rig, "background", RATE, 1), b, FRAMES, 1024, RATE, 1, 0);
  rig_queue (rig_add (rig, "dialogue", RATE, 1), d, FRAMES, 480, RATE, 1, 0);
  rig_run (rig);
  g_usleep (100000); /* the warning comes from a thread of its own */
  while ((message = gst_bus_pop (rig->bus))) {
    const GstStructure *s = gst_message_get_structure (message);

    heard.warnings += GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING;
    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
      GstStructure **last = gst_structure_has_name (s, "dmixducker")
          ? &heard.ducker
          : &heard.meter;
      guint64 time = 0;

      gst_structure_get_uint64 (s, "timestamp", &time);
      heard.early += time < GST_SECOND / 2
          && (gst_structure_has_field (s, "difference")
              || gst_structure_has_field (s, "difference-integrated")
              || gst_structure_has_field (s, "dialogue-learned"));
      g_clear_pointer (last, gst_structure_free);
      *last = gst_structure_copy (s);
    }
    gst_message_unref (message);
  }
  g_free (d);
  g_free (b);
  rig_free (rig);
  return heard;
}

static void
heard_clear (Heard *heard)
{
  g_clear_pointer (&heard->ducker, gst_structure_free);
  g_clear_pointer (&heard->meter, gst_structure_free);
}

static gdouble
number (const GstStructure *s, const gchar *field)
{
  gdouble value;

  fail_unless (gst_structure_get_double (s, field, &value), "%s", field);
  return value;
}

/* Both messages have the same difference, which the target mode brings to its
 * target, and none before the first word. */
GST_START_TEST (test_one_difference)
{
  Heard ducked = play ("target=12 trigger=level meter=true", 0.5, 0.3);
  Heard plain = play ("bypass=true trigger=level meter=true", 0.5, 0.3);

  fail_unless_equals_int (ducked.early + plain.early, 0);
  fail_unless (number (ducked.ducker, "difference")
      == number (ducked.meter, "difference"));
  fail_unless (number (ducked.ducker, "difference-shortterm")
      == number (ducked.meter, "difference-shortterm"));
  fail_unless (fabs (number (ducked.ducker, "difference") - 12) < 2.5, "%f",
      number (ducked.ducker, "difference"));
  /* 20 log10 (0.5 / 0.3) */
  fail_unless (fabs (number (plain.ducker, "difference") - 4.4) < 0.5, "%f",
      number (plain.ducker, "difference"));
  fail_unless (fabs (number (ducked.ducker, "dialogue-learned")
                   - number (plain.ducker, "dialogue-learned"))
      < 0.01);
  heard_clear (&ducked);
  heard_clear (&plain);
}
GST_END_TEST

/* The range limits: a field tells it, and one warning. Without a range of its own,
 * target=20 and depth=24 are reached. */
GST_START_TEST (test_range)
{
  Heard limited = play ("target=20 range=10 trigger=level", 0.4, 0.4);
  Heard reached = play ("target=20 trigger=level", 0.4, 0.4);
  Heard fixed = play ("mode=fixed depth=24 trigger=level", 0.4, 0.4);
  Heard fixed_limited = play ("mode=fixed depth=24 range=15 trigger=level "
                              "post-messages=false",
      0.4, 0.4);
  gboolean is_limited = FALSE;

  fail_unless_equals_int (limited.warnings, 1);
  fail_unless (
      gst_structure_get_boolean (limited.ducker, "limited", &is_limited));
  fail_unless (is_limited);
  fail_unless (number (limited.ducker, "depth-needed") > 15);
  fail_unless (number (limited.ducker, "gain") > -10.01);
  fail_unless_equals_int (reached.warnings, 0);
  fail_unless (
      gst_structure_get_boolean (reached.ducker, "limited", &is_limited));
  fail_unless (!is_limited);
  fail_unless (number (reached.ducker, "gain") < -17);
  fail_unless_equals_int (fixed.warnings, 0);
  fail_unless (fabs (number (fixed.ducker, "gain") + 24) < 0.01);
  fail_unless_equals_int (fixed_limited.warnings, 1);
  heard_clear (&limited);
  heard_clear (&reached);
  heard_clear (&fixed);
  heard_clear (&fixed_limited);
}
GST_END_TEST

/* Set while playing, the look-ahead keeps its value and a warning says so. */
GST_START_TEST (test_lookahead_while_playing)
{
  GstElement *ducker = gst_check_setup_element ("dmixducker");
  GstBus *bus = gst_bus_new ();
  gdouble value = 0.0;
  GstMessage *message;

  gst_element_set_bus (ducker, bus);
  g_object_set (ducker, "lookahead", 50.0, NULL);
  fail_unless (gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING) == NULL);
  gst_element_set_state (ducker, GST_STATE_PAUSED);
  g_object_set (ducker, "lookahead", 200.0, NULL);
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_WARNING);
  fail_unless (message != NULL);
  gst_message_unref (message);
  g_object_get (ducker, "lookahead", &value, NULL);
  fail_unless_equals_float (value, 50.0);
  gst_element_set_state (ducker, GST_STATE_NULL);
  gst_element_set_bus (ducker, NULL);
  gst_object_unref (bus);
  gst_check_teardown_element (ducker);
}
GST_END_TEST

/* `... ! d. ... ! d.` makes a background and a dialogue. */
GST_START_TEST (test_pads_without_names)
{
  GstElement *ducker = gst_element_factory_make ("dmixducker", NULL);
  GstElement *source[2];

  gst_object_ref_sink (ducker);
  for (guint i = 0; i < 2; i++) {
    source[i] = gst_element_factory_make ("audioconvert", NULL);
    gst_object_ref_sink (source[i]);
    fail_unless (gst_element_link (source[i], ducker));
  }
  for (guint i = 0; i < 2; i++) {
    GstPad *pad = gst_element_get_static_pad (source[i], "src");
    GstPad *peer = gst_pad_get_peer (pad);

    fail_unless_equals_string (GST_PAD_NAME (peer),
        i ? "dialogue" : "background");
    gst_object_unref (peer);
    gst_object_unref (pad);
  }
  for (guint i = 0; i < 2; i++)
    gst_object_unref (source[i]);
  gst_object_unref (ducker);
}
GST_END_TEST

/* An element with several inputs is no effect: GES would take it for one. */
GST_START_TEST (test_is_no_effect)
{
  const gchar *names[] = { "dmixducker", "dmixadr", "dmixpanmix" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    GstElementFactory *factory = gst_element_factory_find (names[i]);
    const gchar *klass =
        gst_element_factory_get_metadata (factory, GST_ELEMENT_METADATA_KLASS);

    fail_if (strstr (klass, "Effect"), "%s", names[i]);
    gst_object_unref (factory);
  }
}
GST_END_TEST

static Suite *
dmixducker_learn_suite (void)
{
  Suite *suite = suite_create ("dmixducker_learn");
  TCase *tc = tcase_create ("learn");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_one_difference);
  tcase_add_test (tc, test_range);
  tcase_add_test (tc, test_lookahead_while_playing);
  tcase_add_test (tc, test_pads_without_names);
  tcase_add_test (tc, test_is_no_effect);
  return suite;
}

GST_CHECK_MAIN (dmixducker_learn)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixducker with trigger=meta: the voice flag of the dialogue buffers ducks, and
 * their sound does not. */
#include "ducker_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000
#define BLOCK 480
#define SECONDS 6
#define SETTINGS                                                               \
  "trigger=meta output=background mode=fixed depth=12 hold=100 release=100 "   \
  "lookahead=100"

/* Queues a steady tone, with a meta on each buffer. flag: from this second on,
 * for one second; < 0: no metas. */
static void
queue_tone (RigInput *input, gdouble flag)
{
  gfloat *tone = g_new (gfloat, SECONDS * RATE);
  guint frame = 0;

  for (guint i = 0; i < SECONDS * RATE; i++)
    tone[i] = 0.1f * (gfloat) sin (2 * G_PI * 997 * i / RATE);
  rig_queue (input, tone, SECONDS * RATE, BLOCK, RATE, 1, 0);
  for (GList *l = input->items.head; l && flag >= 0; l = l->next)
    if (GST_IS_BUFFER (l->data)) {
      gst_buffer_add_audio_level_meta (l->data, 23,
          frame >= flag * RATE && frame < (flag + 1) * RATE);
      frame += BLOCK;
    }
  g_free (tone);
}

/* Runs with a constant background of two channels and dialogue of one, so that
 * the dialogue is converted. */
static Rig *
run (gdouble flag, gdouble second_flag)
{
  gfloat *background = g_new (gfloat, 2 * SECONDS * RATE);
  Rig *rig = rig_new (SETTINGS);

  for (guint i = 0; i < 2 * SECONDS * RATE; i++)
    background[i] = 0.25f;
  rig_queue (rig_add (rig, "background", RATE, 2), background, SECONDS * RATE,
      1024, RATE, 2, 0);
  queue_tone (rig_add (rig, "dialogue", RATE, 1), flag);
  if (second_flag >= 0)
    queue_tone (rig_add (rig, "dialogue_1", RATE, 1), second_flag);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), SECONDS * RATE);
  g_free (background);
  return rig;
}

static gdouble
gain_at (Rig *rig, gdouble second)
{
  return 20 * log10 (rig_sample (rig, (guint) (second * RATE), 0) / 0.25);
}

static void
check_ducked (Rig *rig, gdouble from_s)
{
  fail_unless (fabs (gain_at (rig, from_s - 0.15)) < 0.01);
  fail_unless (gain_at (rig, from_s + 0.02) < -11.5, "%g dB",
      gain_at (rig, from_s + 0.02));
  fail_unless (fabs (gain_at (rig, from_s + 0.98) + 12) < 0.01);
  fail_unless (fabs (gain_at (rig, from_s + 1.95)) < 0.1, "%g dB",
      gain_at (rig, from_s + 1.95));
}

/* With look-ahead the gain has arrived when the first flagged buffer leaves. */
GST_START_TEST (test_flag)
{
  Rig *rig = run (2, -1);

  check_ducked (rig, 2);
  fail_unless (fabs (gain_at (rig, 5.5)) < 0.01);
  rig_free (rig);
}
GST_END_TEST

/* A flag on any of several dialogue pads. */
GST_START_TEST (test_two_pads)
{
  Rig *rig = run (1, 4);

  check_ducked (rig, 1);
  check_ducked (rig, 4);
  rig_free (rig);
}
GST_END_TEST

/* Dialogue without metas does not duck, and one warning says why. */
GST_START_TEST (test_no_meta)
{
  Rig *rig = run (-1, -1);
  GstMessage *message;
  guint warnings = 0;

  for (guint i = 0; i < 2 * SECONDS * RATE; i++)
    fail_unless (rig_sample (rig, i / 2, i % 2) == 0.25f);
  while ((message = gst_bus_timed_pop_filtered (rig->bus,
              warnings ? 0 : 5 * GST_SECOND, GST_MESSAGE_WARNING))) {
    GError *error;
    gchar *text;

    gst_message_parse_warning (message, &error, &text);
    fail_unless (strstr (text, "'dialogue'") && strstr (text, "dmixmeter"),
        "%s", text);
    g_error_free (error);
    g_free (text);
    gst_message_unref (message);
    warnings++;
  }
  fail_unless_equals_int (warnings, 1);
  rig_free (rig);
}
GST_END_TEST

static Suite *
dmixducker_flag_suite (void)
{
  Suite *suite = suite_create ("dmixducker_flag");
  TCase *tc = tcase_create ("flag");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_flag);
  tcase_add_test (tc, test_two_pads);
  tcase_add_test (tc, test_no_meta);
  return suite;
}

GST_CHECK_MAIN (dmixducker_flag)

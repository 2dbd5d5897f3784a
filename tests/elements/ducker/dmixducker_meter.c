/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The messages dmixmeter of dmixducker: they measure the output.
 * The figures themselves are tested in tests/dsp. */
#include "ducker_rig.h"

#include <math.h>

#define RATE 48000
#define FRAMES (8 * RATE)

/* Dialogue: 1 kHz, a second on, a second off. */
static GstStructure *
play (const gchar *settings, gdouble dialogue_db, gdouble background_db,
    gdouble background_hz, guint *count)
{
  Rig *rig = rig_new (settings);
  RigInput *background = rig_add (rig, "background", RATE, 2);
  RigInput *dialogue = rig_add (rig, "dialogue", RATE, 1);
  gfloat *d = g_new0 (gfloat, FRAMES), *b = g_new0 (gfloat, 2 * FRAMES);
  GstStructure *last = NULL;
  GstMessage *message;

  for (guint i = 0; i < FRAMES; i++) {
    if (i / RATE % 2)
      d[i] = (gfloat) (pow (10, dialogue_db / 20)
          * sin (2 * G_PI * 1000 * i / RATE));
    b[2 * i] = b[2 * i + 1] = (gfloat) (pow (10, background_db / 20)
        * sin (2 * G_PI * background_hz * i / RATE));
  }
  rig_queue (background, b, FRAMES, 1024, RATE, 2, 0);
  rig_queue (dialogue, d, FRAMES, 700, RATE, 1, 0);
  rig_queue_event (background, gst_event_new_eos ());
  rig_queue_event (dialogue, gst_event_new_eos ());
  rig_run (rig);
  *count = 0;
  while ((message = gst_bus_pop (rig->bus))) {
    const GstStructure *s = gst_message_get_structure (message);

    if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
        && gst_structure_has_name (s, "dmixmeter")) {
      g_clear_pointer (&last, gst_structure_free);
      last = gst_structure_copy (s);
      (*count)++;
    }
    gst_message_unref (message);
  }
  g_free (d);
  g_free (b);
  rig_free (rig);
  return last;
}

static gdouble
number (const GstStructure *s, const gchar *field)
{
  gdouble value;

  fail_unless (gst_structure_get_double (s, field, &value), "%s", field);
  fail_unless (isfinite (value), "%s", field);
  return value;
}

GST_START_TEST (test_only_if_asked_for)
{
  guint count;

  fail_unless (play ("", -23, -30, 3000, &count) == NULL);
  fail_unless_equals_int (count, 0);
}
GST_END_TEST

/* Without ducking the figures are those of the input, for both outputs. */
GST_START_TEST (test_figures)
{
  const gchar *outputs[] = { "output=mix", "output=background" };
  const gchar *all[] = {
    "momentary",
    "shortterm",
    "integrated",
    "range",
    "max-momentary",
    "max-shortterm",
    "dialogue-loudness",
    "dialogue-range",
    "background-loudness",
    "difference",
    "difference-shortterm",
    "difference-integrated",
    "glimpse-proportion",
    "glimpse-proportion-shortterm",
    "sii",
    "sii-shortterm",
    "dialogue-activity",
    "limiting-band",
  };

  for (guint o = 0; o < 2; o++) {
    gchar *settings = g_strdup_printf ("meter=true bypass=true "
                                       "interval=500000000 dialogue-gain=-3 %s",
        outputs[o]);
    guint count;
    GstStructure *s = play (settings, -20, -33, 3000, &count);
    gboolean critical = TRUE;

    fail_unless_equals_int (count, 16);
    for (guint i = 0; i < G_N_ELEMENTS (all); i++)
      number (s, all[i]);
    fail_unless (gst_structure_get_boolean (s, "critical", &critical));
    fail_unless (!critical);
    fail_unless (fabs (number (s, "dialogue-loudness") + 23.5) < 0.8);
    fail_unless (fabs (number (s, "background-loudness") + 29.5) < 1);
    fail_unless (fabs (number (s, "difference-integrated")
                     - number (s, "dialogue-loudness")
                     + number (s, "background-loudness"))
        < 1e-9);
    /* -23 and -29.5 LUFS together */
    fail_unless (fabs (number (s, "max-momentary") + 22.1) < 0.5);
    fail_unless_equals_float (number (s, "limiting-band"), 3150);
    fail_unless_equals_int (gst_value_array_get_size (
                                gst_structure_get_value (s, "true-peak")),
        2);
    gst_structure_free (s);
    g_free (settings);
  }
}
GST_END_TEST

/* It measures behind the ducking, which matters where the background lies in
 * the band of the dialogue. */
GST_START_TEST (test_behind_the_ducking)
{
  guint count;
  GstStructure *plain = play ("meter=true bypass=true", -23, -26, 1050, &count);
  GstStructure *ducked = play ("meter=true mode=fixed depth=15 range=15 "
                               "hold=2000",
      -23, -26, 1050, &count);

  fail_unless (number (ducked, "glimpse-proportion-shortterm")
      >= number (plain, "glimpse-proportion-shortterm"));
  fail_unless (
      number (ducked, "sii-shortterm") > number (plain, "sii-shortterm"));
  fail_unless (fabs (number (ducked, "difference-shortterm")
                   - number (plain, "difference-shortterm") - 15)
      < 0.5);
  fail_unless (fabs (number (ducked, "dialogue-loudness")
                   - number (plain, "dialogue-loudness"))
      < 0.001);
  gst_structure_free (plain);
  gst_structure_free (ducked);
}
GST_END_TEST

static Suite *
dmixducker_meter_suite (void)
{
  Suite *suite = suite_create ("dmixducker_meter");
  TCase *tc = tcase_create ("meter");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_only_if_asked_for);
  tcase_add_test (tc, test_figures);
  tcase_add_test (tc, test_behind_the_ducking);
  return suite;
}

GST_CHECK_MAIN (dmixducker_meter)

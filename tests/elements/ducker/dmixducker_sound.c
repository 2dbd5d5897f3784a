/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Output: equal to the input, bit by bit, without dialogue; the dialogue in its
 * channels; no lasting damage from NaN and infinite samples. */
#include "ducker_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000

/* Dialogue over a silent background, and over a missing one: unchanged. */
GST_START_TEST (test_dialogue_is_untouched)
{
  gfloat *speech = rig_noise (2 * RATE, 0.5, 1);
  gfloat *silence = g_new0 (gfloat, 2 * RATE);

  for (gint missing = 0; missing < 2; missing++) {
    Rig *rig = rig_new (NULL);

    if (!missing)
      rig_queue (rig_add (rig, "background", RATE, 2), silence, RATE, 1024,
          RATE, 2, 0);
    rig_queue (rig_add (rig, "dialogue", RATE, 2), speech, RATE, 777, RATE, 2,
        0);
    rig_run (rig);
    fail_unless_equals_int (rig_frames (rig), RATE);
    fail_unless (
        !memcmp (rig->samples->data, speech, 2 * RATE * sizeof *speech));
    rig_free (rig);
  }
  g_free (speech);
  g_free (silence);
}
GST_END_TEST

/* Mono goes to the centre where there is one (3rd of 5.1), else to left and
 * right; stereo to the loudspeakers of its names; 64 channels by number. */
GST_START_TEST (test_placement)
{
  const struct
  {
    gint from, to;
    const gchar *gains; /* of the first source channel */
  } cases[] = {
    { 1, 1, "1" },
    { 1, 2, "11" },
    { 1, 6, "001000" },
    { 2, 6, "100000" },
    { 2, 2, "10" },
    { 1, 3, "110" },
    { 64, 64, "1000" },
    { 64, 2, "10" },
    { 2, 64, "1000" },
  };

  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    const gint from = cases[c].from, to = cases[c].to;
    const guint frames = 4800;
    gfloat *silence = g_new0 (gfloat, frames * to);
    gfloat *sound = g_new0 (gfloat, frames * from);
    Rig *rig = rig_new ("lookahead=5");

    for (guint i = 0; i < frames; i++)
      sound[i * from] = 0.25f;
    rig_queue (rig_add (rig, "background", RATE, to), silence, frames, 480,
        RATE, to, 0);
    rig_queue (rig_add (rig, "dialogue", RATE, from), sound, frames, 480, RATE,
        from, 0);
    rig_run (rig);
    for (gint o = 0; o < to; o++) {
      const gfloat want =
          o < (gint) strlen (cases[c].gains) && cases[c].gains[o] == '1' ? 0.25f
                                                                         : 0.0f;

      fail_unless (rig_sample (rig, 2000, o) == want,
          "%d to %d channels: channel %d has %f", from, to, o,
          rig_sample (rig, 2000, o));
    }
    rig_free (rig);
    g_free (silence);
    g_free (sound);
  }
}
GST_END_TEST

/* Stereo in mono: the rule of GStreamer's own mixer, half of each. */
GST_START_TEST (test_downmix)
{
  gfloat silence[480] = { 0 }, sound[960];
  Rig *rig = rig_new ("lookahead=0");

  for (gint i = 0; i < 480; i++) {
    sound[2 * i] = 0.5f;
    sound[2 * i + 1] = 0.25f;
  }
  rig_queue (rig_add (rig, "background", RATE, 1), silence, 480, 480, RATE, 1,
      0);
  rig_queue (rig_add (rig, "dialogue", RATE, 2), sound, 480, 480, RATE, 2, 0);
  rig_run (rig);
  fail_unless (fabs (rig_sample (rig, 100, 0) - 0.375) < 1e-6);
  rig_free (rig);
}
GST_END_TEST

/* Several tracks of a kind add up; the format is the one of `background`. */
GST_START_TEST (test_more_tracks)
{
  gfloat *a = rig_noise (RATE, 0.2, 2), *b = rig_noise (RATE, 0.2, 3);
  gfloat *c = rig_noise (RATE, 0.2, 4), *d = rig_noise (RATE, 0.2, 5);
  Rig *rig = rig_new ("bypass=true");

  rig_queue (rig_add (rig, "background", RATE, 1), a, RATE, 480, RATE, 1, 0);
  rig_queue (rig_add (rig, "background_0", RATE, 1), b, RATE / 2, 777, RATE, 1,
      0);
  rig_queue (rig_add (rig, "dialogue", RATE, 1), c, RATE, 333, RATE, 1, 0);
  rig_queue (rig_add (rig, "dialogue_7", RATE, 1), d, RATE, 4800, RATE, 1, 0);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), RATE);
  for (guint i = 0; i < RATE; i++)
    fail_unless (fabs (rig_sample (rig, i, 0)
                     - (a[i] + (i < RATE / 2 ? b[i] : 0) + c[i] + d[i]))
        < 1e-6);
  rig_free (rig);
  g_free (a);
  g_free (b);
  g_free (c);
  g_free (d);
}
GST_END_TEST

/* The target is met with the faders counted in: steady noise 3 dB apart, the
 * dialogue lowered by 2 dB: 14 dB of ducking are left to do. */
GST_START_TEST (test_target_counts_faders)
{
  gfloat *background = rig_noise (6 * RATE, 0.1, 6);
  gfloat *speech = rig_noise (6 * RATE, 0.1 * pow (10, 3 / 20.0), 7);
  Rig *rig = rig_new ("target=15 dialogue-gain=-2 output=background");

  rig_queue (rig_add (rig, "background", RATE, 1), background, 6 * RATE, 1024,
      RATE, 1, 0);
  rig_queue (rig_add (rig, "dialogue", RATE, 1), speech, 6 * RATE, 1024, RATE,
      1, 0);
  rig_run (rig);
  for (guint i = 5 * RATE; i < 6 * RATE - 4800; i += 100)
    if (fabsf (background[i]) > 0.01)
      fail_unless (
          fabs (20 * log10 (rig_sample (rig, i, 0) / background[i]) + 14)
          < 0.3);
  rig_free (rig);
  g_free (background);
  g_free (speech);
}
GST_END_TEST

/* NaN, infinities, denormals, huge values on both pads: finite output that is
 * the undisturbed one again afterwards (the fixed mode forgets all). */
GST_START_TEST (test_bad_samples)
{
  gfloat *background = rig_noise (2 * RATE, 0.3, 8);
  gfloat *speech = rig_noise (2 * RATE, 0.3, 9);
  GArray *clean = NULL;

  for (gint bad = 0; bad < 2; bad++) {
    Rig *rig = rig_new ("mode=fixed lookahead=20");

    if (bad) {
      background[10] = NAN;
      background[20] = INFINITY;
      background[30] = 1e38f;
      speech[40] = -INFINITY;
      speech[50] = NAN;
      speech[60] = 1e-40f;
    }
    rig_queue (rig_add (rig, "background", RATE, 1), background, 2 * RATE, 480,
        RATE, 1, 0);
    rig_queue (rig_add (rig, "dialogue", RATE, 1), speech, 2 * RATE, 480, RATE,
        1, 0);
    rig_run (rig);
    for (guint i = 0; i < 2 * RATE; i++)
      fail_unless (isfinite (rig_sample (rig, i, 0)));
    if (!bad)
      clean = g_array_ref (rig->samples);
    else
      for (guint i = 4800; i < 2 * RATE; i++)
        fail_unless_equals_float (rig_sample (rig, i, 0),
            g_array_index (clean, gfloat, i));
    rig_free (rig);
  }
  g_array_unref (clean);
  g_free (background);
  g_free (speech);
}
GST_END_TEST

/* Empty buffers, and buffers of one sample. */
GST_START_TEST (test_odd_buffers)
{
  gfloat *sound = rig_noise (1000, 0.3, 10);
  Rig *rig = rig_new ("lookahead=1.37");
  RigInput *background = rig_add (rig, "background", RATE, 1);

  g_queue_push_tail (&background->items, gst_buffer_new ());
  rig_queue (background, sound, 1000, 1, RATE, 1, 0);
  rig_queue (rig_add (rig, "dialogue", RATE, 1), sound, 1, 1, RATE, 1, 0);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), 1000);
  rig_free (rig);
  g_free (sound);
}
GST_END_TEST

static Suite *
dmixducker_sound_suite (void)
{
  Suite *suite = suite_create ("dmixducker_sound");
  TCase *tc = tcase_create ("sound");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_dialogue_is_untouched);
  tcase_add_test (tc, test_placement);
  tcase_add_test (tc, test_downmix);
  tcase_add_test (tc, test_more_tracks);
  tcase_add_test (tc, test_target_counts_faders);
  tcase_add_test (tc, test_bad_samples);
  tcase_add_test (tc, test_odd_buffers);
  return suite;
}

GST_CHECK_MAIN (dmixducker_sound)

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* dmixducker with trigger=speech, spectral and goal: sound that is not dialogue
 * does not duck, and without ducking every bit stays. The effect on speech is
 * tested in tests/quality. */
#include "ducker_rig.h"

#include <math.h>
#include <string.h>

#define RATE 48000

/* Feeds both (mono), returns how many of the output's frames from `from_s` on
 * are not those of the background. */
static guint
changed_frames (const gchar *settings, const gfloat *background,
    const gfloat *dialogue, guint frames, gdouble from_s)
{
  gchar *all =
      g_strdup_printf ("trigger=speech output=background %s", settings);
  Rig *rig = rig_new (all);
  const gfloat *out;
  guint changed = 0;

  rig_queue (rig_add (rig, "background", RATE, 1), background, frames, 1024,
      RATE, 1, 0);
  rig_queue (rig_add (rig, "dialogue", RATE, 1), dialogue, frames, 700, RATE, 1,
      0);
  rig_run (rig);
  fail_unless_equals_int (rig_frames (rig), frames);
  out = (const gfloat *) rig->samples->data;
  for (guint i = (guint) (from_s * RATE); i < frames; i++)
    changed += memcmp (&out[i], &background[i], sizeof *out) != 0;
  rig_free (rig);
  g_free (all);
  return changed;
}

static const gchar *const settings[] = {
  "",
  "spectral=12",
  "lookahead=20 spectral=12",
  "lookahead=5.4 spectral=6",
  "lookahead=0 spectral=12",
  "goal=glimpse spectral=12",
  "goal=sii",
};

/* No dialogue: the background, to the bit. */
GST_START_TEST (test_transparent)
{
  gfloat *background = rig_noise (2 * RATE, 0.5, 1);
  gfloat *silence = g_new0 (gfloat, 2 * RATE);

  for (guint s = 0; s < G_N_ELEMENTS (settings); s++)
    fail_unless_equals_int (changed_frames (settings[s], background, silence,
                                2 * RATE, 0),
        0);
  g_free (background);
  g_free (silence);
}
GST_END_TEST

/* Hum, hiss and bleed 20 dB down do not duck any more after 3 s; the release
 * takes some more. The level alone would duck for all of them. */
GST_START_TEST (test_no_dialogue)
{
  const guint frames = 9 * RATE;
  gfloat *background = rig_noise (frames, 0.3, 1);
  gfloat *key = g_new (gfloat, frames), *hiss = rig_noise (frames, 0.05, 2);

  for (guint i = 0; i < frames; i++) /* gusts of a second and a half */
    background[i] *= 0.55f + 0.45f * (gfloat) sin (2 * G_PI * i / (1.5 * RATE));
  for (guint kind = 0; kind < 3; kind++) {
    for (guint i = 0; i < frames; i++)
      key[i] = kind == 0 ? 0.1f * (gfloat) sin (2 * G_PI * 50 * i / RATE)
              + 0.03f * (gfloat) sin (2 * G_PI * 250 * i / RATE)
          : kind == 1 ? hiss[i]
                      : 0.1f * background[i];
    for (guint s = 0; s < 2; s++)
      fail_unless_equals_int (changed_frames (settings[s], background, key,
                                  frames, 6.5),
          0);
    fail_unless (changed_frames ("trigger=level", background, key, frames, 6.5)
            > 2 * RATE,
        "kind %u", kind);
  }
  g_free (background);
  g_free (key);
  g_free (hiss);
}
GST_END_TEST

/* A click of 5 ms does not duck. */
GST_START_TEST (test_click)
{
  const guint frames = 4 * RATE;
  gfloat *background = rig_noise (frames, 0.3, 1);
  gfloat *key = g_new0 (gfloat, frames), *click = rig_noise (240, 0.9, 2);

  memcpy (key + 2 * RATE + 33, click, 240 * sizeof *key);
  fail_unless_equals_int (changed_frames ("", background, key, frames, 0), 0);
  fail_unless (
      changed_frames ("trigger=level", background, key, frames, 0) > 0);
  g_free (background);
  g_free (key);
  g_free (click);
}
GST_END_TEST

/* Syllables: a buzz of 150 Hz with many harmonics (voiced), or hiss. */
static void
add_syllables (gfloat *key, gdouble from_s, gdouble to_s, const gfloat *hiss,
    gdouble rms)
{
  for (guint i = (guint) (from_s * RATE); i < (guint) (to_s * RATE); i++) {
    const gdouble t = (gdouble) i / RATE, shape = sin (4 * G_PI * t);
    gdouble voice = 0;

    for (guint h = 1; h <= 20; h++)
      voice += sin (2 * G_PI * 150 * h * t + h * h);
    voice *= sqrt (2 / 20.0);
    key[i] += (gfloat) (rms * shape * shape * (hiss ? hiss[i] : voice));
  }
}

/* The gain of a constant background, dB. */
static gdouble
gain_at (Rig *rig, gdouble second)
{
  return 20 * log10 (rig_sample (rig, (guint) (second * RATE), 0) / 0.25);
}

/* A whispered phrase 20 dB below the voice before it, which begins softly,
 * ducks within 100 ms: by 90 % within 40 ms with look-ahead (all the sooner, but
 * the soft beginning costs some of it), by half without, where the attack comes
 * on top. */
GST_START_TEST (test_whisper)
{
  const struct
  {
    const gchar *settings;
    gdouble down_s, least_db, most_db;
  } cases[] = {
    { "lookahead=100", 7.04, -12.01, -0.9 * 12 },
    { "lookahead=0", 7.1, -12.01, -0.5 * 12 },
  };
  const guint frames = 10 * RATE;
  gfloat *background = g_new (gfloat, frames),
         *hiss = rig_noise (frames, (gfloat) sqrt (3), 2); /* of rms 1 */
  gfloat *key = rig_noise (frames, 2e-5f, 1);

  for (guint i = 0; i < frames; i++)
    background[i] = 0.25f;
  add_syllables (key, 1, 4, NULL, 0.08);
  add_syllables (key, 7, 9, hiss, 0.008);
  for (guint c = 0; c < G_N_ELEMENTS (cases); c++) {
    gchar *settings = g_strconcat ("trigger=speech output=background "
                                   "mode=fixed depth=12 ",
        cases[c].settings, NULL);
    Rig *rig = rig_new (settings);
    gdouble gain_db;

    rig_queue (rig_add (rig, "background", RATE, 1), background, frames, 1024,
        RATE, 1, 0);
    rig_queue (rig_add (rig, "dialogue", RATE, 1), key, frames, 1024, RATE, 1,
        0);
    rig_run (rig);
    fail_unless (gain_at (rig, 3.5) < -11.9);
    fail_unless (fabs (gain_at (rig, 6.85)) < 0.01, "%g", gain_at (rig, 6.85));
    gain_db = gain_at (rig, cases[c].down_s);
    fail_unless (gain_db >= cases[c].least_db && gain_db <= cases[c].most_db,
        "%s: %g dB", settings, gain_db);
    rig_free (rig);
    g_free (settings);
  }
  g_free (background);
  g_free (key);
  g_free (hiss);
}
GST_END_TEST

static Suite *
dmixducker_speech_suite (void)
{
  Suite *suite = suite_create ("dmixducker_speech");
  TCase *tc = tcase_create ("speech");

  suite_add_tcase (suite, tc);
  tcase_add_test (tc, test_transparent);
  tcase_add_test (tc, test_no_dialogue);
  tcase_add_test (tc, test_click);
  tcase_add_test (tc, test_whisper);
  return suite;
}

GST_CHECK_MAIN (dmixducker_speech)

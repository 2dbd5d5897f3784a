/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of dialoguelevel.h, on steps of known levels. */
#include "signals.h"

#include "ducker/dialoguelevel.h"
#include "meter/kweight.h"

#define STEP_S 0.002

static void
hear (DmixDialogueLevel *level, double lufs, double seconds)
{
  const DmixActivityState state = { 1, 1, lufs };

  for (int i = 0; i < lround (seconds / STEP_S); i++)
    dmix_dialoguelevel_add (level, &state, dmix_kweight_mean_square (lufs));
}

static double
mean_lufs (const DmixDialogueLevel *level)
{
  return dmix_kweight_lufs (dmix_dialoguelevel_get_mean (level));
}

/* Before the first word the estimate is that of any dialogue. A louder voice is
 * estimated within 3 dB after 0.3 s. A softer one may be a soft beginning: the
 * estimate comes down by no more than 3 dB in 0.1 s and by 8.5 dB a second later.
 * Both are within 0.5 dB after 3 s. */
static void
test_first_words (void)
{
  for (double voice = -40; voice <= -8; voice += 4) {
    DmixDialogueLevel *level = dmix_dialoguelevel_new (STEP_S);

    g_assert_cmpfloat_with_epsilon (dmix_dialoguelevel_estimate (level), -24.9,
        1e-9);
    hear (level, voice, 0.1);
    g_assert_cmpfloat (dmix_dialoguelevel_estimate (level), >, -27.9);
    hear (level, voice, 0.3);
    g_assert_cmpfloat_with_epsilon (dmix_dialoguelevel_estimate (level),
        MAX (voice, -24.9 - 2.2 - 8.5 * 0.35), 3.0);
    g_assert_true (dmix_dialoguelevel_is_learning (level));
    hear (level, voice, 2.6);
    g_assert_cmpfloat_with_epsilon (dmix_dialoguelevel_estimate (level), voice,
        0.5);
    g_assert_false (dmix_dialoguelevel_is_learning (level));
    dmix_dialoguelevel_free (level);
  }
}

/* 0.2 s of breath 30 dB below the voice move the estimate by less than 6 dB, and
 * leave no trace in the mean once the voice begins. */
static void
test_soft_beginning (void)
{
  DmixDialogueLevel *level = dmix_dialoguelevel_new (STEP_S);

  hear (level, -54, 0.12);
  g_assert_cmpfloat (dmix_dialoguelevel_estimate (level), >, -28.0);
  hear (level, -24, 0.3);
  g_assert_cmpfloat_with_epsilon (mean_lufs (level), -24, 1e-6);
  dmix_dialoguelevel_free (level);
}

/* A known loudness is the estimate from the first step on, also after a reset, and
 * counts as 3 s of speech: half of the way to another level after 3 s. */
static void
test_known (void)
{
  DmixDialogueLevel *level = dmix_dialoguelevel_new (STEP_S);

  for (int i = 0; i < 2; i++) {
    dmix_dialoguelevel_set_known (level, -35);
    g_assert_cmpfloat_with_epsilon (dmix_dialoguelevel_estimate (level), -35,
        1e-9);
    hear (level, -20, 0.1);
    g_assert_cmpfloat_with_epsilon (dmix_dialoguelevel_estimate (level), -35,
        0.5);
    g_assert_false (dmix_dialoguelevel_is_learning (level));
    hear (level, -20, 2.9);
    g_assert_cmpfloat_with_epsilon (dmix_dialoguelevel_estimate (level), -27.5,
        0.5);
    dmix_dialoguelevel_reset (level);
  }
  dmix_dialoguelevel_set_known (level, 0.0);
  g_assert_cmpfloat_with_epsilon (dmix_dialoguelevel_estimate (level), -24.9,
      1e-9);
  dmix_dialoguelevel_free (level);
}

/* 2 s that are louder by 15 to 400 dB, before any speech or after 6 s of it: after
 * 1.3 s of speech the mean is that of the voice within 1 dB, and the learned
 * loudness after 3 s. */
static void
test_loud_moment (void)
{
  const double louder[] = { 15, 24, 400 };

  for (guint i = 0; i < G_N_ELEMENTS (louder); i++)
    for (int before = 0; before < 2; before++) {
      DmixDialogueLevel *level = dmix_dialoguelevel_new (STEP_S);

      hear (level, -26, 6.0 * before);
      g_assert_cmpint (dmix_dialoguelevel_is_loud (level, -26 + louder[i]), ==,
          before);
      hear (level, -26 + louder[i], 2.0);
      g_assert_cmpint (dmix_dialoguelevel_is_loud (level, -26 + louder[i]), ==,
          before);
      hear (level, -26, 1.3);
      g_assert_cmpfloat_with_epsilon (mean_lufs (level), -26, 1.0);
      g_assert_cmpint (dmix_dialoguelevel_read_dropped (level), ==,
          before ? 0 : 2);
      hear (level, -26, 1.7);
      g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                          dmix_dialoguelevel_get_learned (
                                              level)),
          -26, 1.0);
      dmix_dialoguelevel_free (level);
    }
}

/* Claps of 0.1 s, 18 dB above the voice, raise a mean over 6 s by some dB only: 1 s
 * after the last one the mean is again that of the voice within 1 dB, whether they
 * come before the speech or within it. Speech whose words are 8 dB apart is no clap:
 * nothing is dropped. */
static void
test_claps (void)
{
  for (int claps = 1; claps <= 4; claps++)
    for (int before = 0; before < 2; before++) {
      DmixDialogueLevel *level = dmix_dialoguelevel_new (STEP_S);

      hear (level, -26, 6.0 * before);
      for (int i = 0; i < claps; i++) {
        hear (level, -8, 0.1);
        dmix_dialoguelevel_pause (level);
      }
      hear (level, -26, before ? 1.0 : 2.0);
      g_assert_cmpfloat_with_epsilon (mean_lufs (level), -26, 1.0);
      dmix_dialoguelevel_free (level);
    }
  for (int first = 0; first < 2; first++) {
    DmixDialogueLevel *level = dmix_dialoguelevel_new (STEP_S);

    for (int i = 0; i < 20; i++)
      hear (level, i % 3 == first ? -20 : -28, 0.4);
    g_assert_cmpint (dmix_dialoguelevel_read_dropped (level), ==, 0);
    dmix_dialoguelevel_free (level);
  }
}

/* A voice that stays 15 dB louder is the voice after 3 s. */
static void
test_louder_voice (void)
{
  DmixDialogueLevel *level = dmix_dialoguelevel_new (STEP_S);

  hear (level, -35, 6);
  hear (level, -20, 3.2);
  g_assert_false (dmix_dialoguelevel_is_loud (level, -20));
  g_assert_cmpfloat_with_epsilon (mean_lufs (level), -20, 4.0);
  dmix_dialoguelevel_free (level);
}

static void
test_take_over (void)
{
  DmixDialogueLevel *a = dmix_dialoguelevel_new (STEP_S);
  DmixDialogueLevel *b = dmix_dialoguelevel_new (STEP_S);

  hear (a, -30, 1.3);
  dmix_dialoguelevel_pause (a);
  dmix_dialoguelevel_take_over (b, a);
  hear (a, -20, 0.7);
  hear (b, -20, 0.7);
  g_assert_cmpfloat (dmix_dialoguelevel_estimate (a), ==,
      dmix_dialoguelevel_estimate (b));
  g_assert_cmpfloat (dmix_dialoguelevel_get_learned (a), ==,
      dmix_dialoguelevel_get_learned (b));
  dmix_dialoguelevel_reset (a);
  g_assert_cmpfloat (dmix_dialoguelevel_get_learned (a), ==, 0.0);
  dmix_dialoguelevel_free (a);
  dmix_dialoguelevel_free (b);
  dmix_dialoguelevel_free (NULL);
  g_assert_null (dmix_dialoguelevel_new (0.0));
  g_assert_null (dmix_dialoguelevel_new (2.0));
  g_assert_null (dmix_dialoguelevel_new (NAN));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dialoguelevel/first-words", test_first_words);
  g_test_add_func ("/dialoguelevel/soft-beginning", test_soft_beginning);
  g_test_add_func ("/dialoguelevel/known", test_known);
  g_test_add_func ("/dialoguelevel/loud-moment", test_loud_moment);
  g_test_add_func ("/dialoguelevel/claps", test_claps);
  g_test_add_func ("/dialoguelevel/louder-voice", test_louder_voice);
  g_test_add_func ("/dialoguelevel/take-over", test_take_over);
  return g_test_run ();
}

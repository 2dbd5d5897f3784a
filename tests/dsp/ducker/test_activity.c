/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of activity.h, on steps of known levels. */
#include "signals.h"

#include "ducker/activity.h"
#include "meter/kweight.h"

#define STEP_S 0.002

static const DmixActivityParams usual = { -16, -24, -50, 400 };

static DmixActivity *
make (const DmixActivityParams *params)
{
  DmixActivity *activity = dmix_activity_new (STEP_S);

  g_assert_nonnull (activity);
  dmix_activity_set_params (activity, params);
  return activity;
}

/* Plays a steady level for some seconds; returns the last state. */
static DmixActivityState
hear (DmixActivity *activity, double lufs, double seconds)
{
  const double mean_square = dmix_kweight_mean_square (lufs);
  DmixActivityState state = { 0 };

  for (int i = 0; i < lround (seconds / STEP_S); i++)
    state = dmix_activity_step (activity, mean_square, DMIX_ACTIVITY_UNASKED);
  return state;
}

static DmixActivityState
silence (DmixActivity *activity, double seconds)
{
  return hear (activity, -200, seconds);
}

/* Seconds of this level until `active` becomes `wanted`; at most `most`. */
static double
seconds_until (DmixActivity *activity, double lufs, int wanted, double most)
{
  for (int i = 1; i <= lround (most / STEP_S); i++)
    if (hear (activity, lufs, STEP_S).active == wanted)
      return i * STEP_S;
  return INFINITY;
}

/* The level is a mean over 20 ms: one loud step of ten reads 10 dB less, and
 * leaves the window after ten steps. */
static void
test_level (void)
{
  DmixActivity *a = make (&usual);

  g_assert_cmpfloat_with_epsilon (hear (a, -33.3, 0.020).level_lufs, -33.3,
      1e-9);
  silence (a, 1);
  g_assert_cmpfloat_with_epsilon (hear (a, -20, STEP_S).level_lufs, -30, 1e-9);
  g_assert_cmpfloat_with_epsilon (silence (a, 0.018).level_lufs, -30, 1e-9);
  g_assert_cmpfloat (silence (a, STEP_S).level_lufs, ==,
      DMIX_KWEIGHT_SILENCE_LUFS);
  dmix_activity_free (a);
}

/* The first reference is -30 LUFS, so -46 opens the gate. */
static void
test_opens (void)
{
  DmixActivity *a = make (&usual);

  g_assert_false (hear (a, -46.1, 0.05).active);
  dmix_activity_reset (a);
  g_assert_true (hear (a, -45.9, 0.05).active);
  dmix_activity_reset (a);
  /* a clean loud onset is detected in its first step */
  g_assert_cmpfloat (seconds_until (a, -23, 1, 1), ==, STEP_S);
  dmix_activity_free (a);
}

/* The same thresholds relative to a loud and to a quiet voice. 60 s bring the
 * reference to within 10 dB * exp (-57 / 3). */
static void
test_thresholds_are_relative (void)
{
  for (double voice = -45; voice <= -5; voice += 10) {
    DmixActivityParams params = usual;
    DmixActivity *a;

    params.floor_lufs = -120;
    a = make (&params);
    hear (a, voice, 60);
    silence (a, 1);
    g_assert_false (hear (a, voice - 16.2, 0.05).active);
    g_assert_true (hear (a, voice - 15.8, 0.05).active);
    g_assert_true (hear (a, voice - 23.8, 0.5).speaking);
    g_assert_false (hear (a, voice - 24.2, 0.03).speaking);
    g_assert_false (hear (a, voice - 24.2, 0.4).active);
    dmix_activity_free (a);
  }
}

/* The hold starts at the step where the 20 ms window falls below `close`. */
static void
test_hold (void)
{
  const double holds[] = { 0, 10, 400, 2500 };

  for (guint h = 0; h < G_N_ELEMENTS (holds); h++) {
    DmixActivityParams params = usual;
    DmixActivity *a;
    DmixActivityState state;

    params.hold_ms = holds[h];
    a = make (&params);
    hear (a, -23, 2);
    state = silence (a, 0.018);
    g_assert_true (state.active && state.speaking);
    if (holds[h] > 0) {
      state = silence (a, STEP_S);
      g_assert_true (state.active && !state.speaking);
      state = silence (a, holds[h] / 1000 - STEP_S);
      g_assert_true (state.active && !state.speaking);
    }
    g_assert_false (silence (a, STEP_S).active);
    /* speech during the hold restarts it */
    hear (a, -23, 0.1);
    silence (a, 0.020 + 0.9 * holds[h] / 1000);
    hear (a, -23, 0.1);
    g_assert_cmpfloat_with_epsilon (seconds_until (a, -200, 0, 5),
        0.020 + holds[h] / 1000, 1.01 * STEP_S);
    dmix_activity_free (a);
  }
}

/* A hold shortened while it runs ends after its new length. */
static void
test_hold_shortened (void)
{
  DmixActivityParams params = usual;
  DmixActivity *a = make (&params);

  hear (a, -23, 1);
  silence (a, 0.1);
  params.hold_ms = 20;
  dmix_activity_set_params (a, &params);
  g_assert_cmpfloat (seconds_until (a, -200, 0, 1), <=, 0.0221);
  dmix_activity_free (a);
}

/* Levels below the floor never open the gate, for any reference. */
static void
test_floor (void)
{
  DmixActivity *a = make (&usual);

  g_assert_false (hear (a, -50.1, 60).active);
  dmix_activity_free (a);
  a = make (&usual);
  hear (a, -40, 30); /* -24 relative to it would be -64 */
  g_assert_true (hear (a, -49.9, 1).active);
  g_assert_false (hear (a, -50.1, 1).active);
  dmix_activity_free (a);
}

/* A speaker 20 dB quieter after a loud one: the reference sinks by 1 dB a
 * second, by 12 dB at most. Here it must sink by 4 dB. */
static void
test_quieter_voice (void)
{
  DmixActivity *a = make (&usual);

  hear (a, -15, 60);
  silence (a, 1);
  g_assert_cmpfloat_with_epsilon (seconds_until (a, -35, 1, 20), 4, 0.1);
  hear (a, -35, 30); /* now the reference voice: 16 dB below it opens */
  silence (a, 1);
  g_assert_true (hear (a, -49.9, 0.05).active);
  dmix_activity_free (a);

  a = make (&usual);
  hear (a, -15, 60);
  silence (a, 1);
  g_assert_cmpfloat_with_epsilon (seconds_until (a, -42.5, 1, 20), 11.5, 0.1);
  silence (a, 1);
  dmix_activity_reset (a);
  hear (a, -15, 60);
  silence (a, 1);
  g_assert_true (isinf (seconds_until (a, -43.5, 1, 60)));
  dmix_activity_free (a);
}

/* Room noise before the voice, loud enough to open the gate, no longer counts
 * after a second of voice: it is 30 dB below, with `close` at -24. */
static void
test_room_before_the_voice (void)
{
  DmixActivity *a = make (&usual);

  g_assert_true (hear (a, -45, 5).speaking);
  g_assert_true (hear (a, -15, 1).speaking);
  g_assert_false (hear (a, -45, 0.05).speaking);
  dmix_activity_free (a);
}

/* A bump of 20 ms, 30 dB above the voice, must not shut out the voice. */
static void
test_bump (void)
{
  DmixActivity *a = make (&usual);

  hear (a, -30, 10);
  hear (a, 0, 0.020);
  silence (a, 1);
  g_assert_cmpfloat (seconds_until (a, -30, 1, 1), <=, 0.010);
  dmix_activity_free (a);
}

/* Words of 0.1 s, 10 dB apart, as long as asked. */
static DmixActivityState
say (DmixActivity *activity, double lufs, double seconds)
{
  DmixActivityState state = { 0 };

  for (int i = 0; i < lround (seconds / 0.2); i++) {
    hear (activity, lufs - 10, 0.1);
    state = hear (activity, lufs, 0.1);
  }
  return state;
}

/* A peak of 40 ms, 15 dB above a known voice, is no louder level: it moves the
 * reference as any other step, by 15 dB * 40 ms / 3 s. */
static void
test_peak (void)
{
  DmixActivity *a = make (&usual);

  hear (a, -28, 10);
  hear (a, -13, 0.04);
  silence (a, 1);
  g_assert_cmpfloat (seconds_until (a, -43.4, 1, 1), <, 0.1);
  dmix_activity_free (a);
}

/* The reference that comes back after a loud moment moves as slowly as before:
 * 0.2 s of a voice 10 dB above it raise it by less than 1 dB. */
static void
test_back_with_its_weight (void)
{
  DmixActivity *a = make (&usual);

  say (a, -28, 10);
  hear (a, -3, 1);
  say (a, -28, 1);
  hear (a, -21, 0.2);
  silence (a, 1);
  g_assert_cmpfloat (seconds_until (a, -45, 1, 1), <, 0.1);
  dmix_activity_free (a);
}

/* A slate of 2 s, 25 dB above a known voice: the voice is active again within a
 * second. The reference alone would sink by 1 dB a second. */
static void
test_slate (void)
{
  DmixActivity *a = make (&usual);

  say (a, -28, 10);
  hear (a, -3, 2);
  silence (a, 0.5);
  g_assert_false (say (a, -28, 0.2).speaking);
  g_assert_true (say (a, -28, 1).speaking);
  g_assert_cmpfloat (seconds_until (a, -44.5, 1, 1), <, 0.1);
  dmix_activity_free (a);
}

/* A steady room does not pass for the voice before: not within 5 s. */
static void
test_room_after_the_voice (void)
{
  DmixActivity *a = make (&usual);

  hear (a, -45, 5);
  hear (a, -15, 1);
  g_assert_false (hear (a, -45, 5).speaking);
  dmix_activity_free (a);
}

/* A voice that stays 33 dB louder is the voice after 3 s. */
static void
test_louder_voice (void)
{
  DmixActivity *a = make (&usual);

  say (a, -38, 10);
  say (a, -5, 8);
  g_assert_false (say (a, -38, 2).speaking);
  dmix_activity_free (a);
}

/* A minute of silence leaves the reference alone. So do gaps between words,
 * more than 15 dB down, except for the 9 steps on each side whose 20 ms window
 * holds part of the word. For a word of 100 steps these average to 2 * sum (10
 * log (k / 10)) / 109 = -0.63 dB. */
static void
test_pauses_teach_nothing (void)
{
  DmixActivity *a = make (&usual);

  hear (a, -15, 60);
  silence (a, 60);
  g_assert_false (hear (a, -31.2, 0.05).active);
  for (int word = 0; word < 100; word++) {
    hear (a, -15, 0.2);
    hear (a, -38, 0.2);
  }
  silence (a, 1);
  g_assert_false (hear (a, -31.7, 0.05).active);
  g_assert_true (hear (a, -31.6, 0.05).active);
  dmix_activity_free (a);
}

/* The reference, measured on copies: in a pause, the softest level that opens
 * the gate is 16 dB below it. Up to 20 ms at 1 dB a second it sinks meanwhile. */
static double
reference_of (const DmixActivity *activity)
{
  DmixActivityParams params = usual;
  DmixActivity *paused, *copy;
  double low = -120, high = 20;

  params.floor_lufs = -120;
  paused = make (&params);
  copy = make (&params);
  dmix_activity_take_over (paused, activity);
  silence (paused, 0.5);
  while (high - low > 1e-3) {
    const double level = 0.5 * (low + high);

    dmix_activity_take_over (copy, paused);
    if (hear (copy, level, 0.020).active)
      high = level;
    else
      low = level;
  }
  dmix_activity_free (paused);
  dmix_activity_free (copy);
  return high + 16;
}

/* The reference is the mean of the levels in dB, in which the first guess (-30
 * LUFS) has the weight of 0.3 s, and from 2.7 s on a running mean over 3 s. The
 * first steps have a window of 20 ms that is not full: k / 10 of the power. So
 * have the nine steps in which it empties, with which the pause begins. */
static void
test_reference (void)
{
  const double times_s[] = { 0.1, 0.5, 2, 2.6, 5, 9 };
  DmixActivity *a = make (&usual);
  double filling = 0, heard = 0;

  for (int k = 1; k < 10; k++)
    filling += 10 * log10 (k / 10.0) * STEP_S;
  for (guint i = 0; i < G_N_ELEMENTS (times_s); i++) {
    const double end = times_s[i] + 9 * STEP_S, t = fmin (end, 2.7);
    const double partial = (t < 2.7 ? 2 : 1) * filling;
    const double mean = (0.3 * -30 + t * -22 + partial) / (0.3 + t);
    const double left = exp (-(end - t) / 3.0);
    const double emptying = t < 2.7 ? 0 : filling / 3.0;

    hear (a, -22, times_s[i] - heard);
    heard = times_s[i];
    g_assert_cmpfloat_with_epsilon (reference_of (a),
        -22 + (mean + 22) * left + emptying, 0.03);
  }
  dmix_activity_free (a);
}

/* Speech up to 12 dB above the reference is learnt with 3 s, more with the speed
 * of a first impression; 0.1 dB beyond the limit shows which. What is up to 15
 * dB below counts, with 3 s; what is softer makes the reference sink, by 1 dB a
 * second, after a second of it. */
static void
test_reference_limits (void)
{
  const struct
  {
    double level, seconds, part, sinks;
  } cases[] = {
    { 11.8, 0.6, 0, 0 },
    { 12.3, 0.6, 0.3 / 0.9, 0 },
    { -14.8, 0.6, 0, 0 },
    { -15.3, 0.9, 1, 0 },
    { -15.3, 1.25, 1, 0.25 },
  };
  DmixActivity *a = make (&usual), *b = make (&usual);

  hear (a, -30, 40);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const double left =
        cases[i].part > 0 ? cases[i].part : exp (-cases[i].seconds / 3.0);

    dmix_activity_take_over (b, a);
    hear (b, -30 + cases[i].level, cases[i].seconds);
    /* the change of level takes 20 ms, which is 0.1 dB of 12 dB in 3 s, and at
     * the faster speed 0.3 dB */
    g_assert_cmpfloat_with_epsilon (reference_of (b),
        -30 + cases[i].level * (1 - left) - cases[i].sinks,
        cases[i].part > 0 && cases[i].part < 1 ? 0.35 : 0.1);
  }
  dmix_activity_free (a);
  dmix_activity_free (b);
}

/* After a loud moment of under 3 s, half a second of the voice before, of at
 * least 8 dB from its softest to its loudest step, restores the reference. */
static void
test_loud_moment_limits (void)
{
  const struct
  {
    double loud_s, spread_db, voice_s;
    int restores;
  } cases[] = {
    { 2.9, 8.2, 0.54, 1 }, { 3.1, 8.2, 0.54, 0 }, { 2.9, 7.8, 0.54, 0 },
    { 2.9, 8.2, 0.50, 0 },
    { 2.9, 23, 0.54, 0 }, /* the softer half of the words is a pause */
  };
  DmixActivity *a = make (&usual), *b = make (&usual);

  say (a, -28, 10);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    DmixActivityState state = { 0 };

    dmix_activity_take_over (b, a);
    hear (b, 5, cases[i].loud_s);
    for (int n = 0; n < lround (cases[i].voice_s / 0.02); n++)
      state = hear (b, -26 - (n / 3 % 2 ? 0 : cases[i].spread_db), 0.02);
    /* over 24 dB below the loud moment, less than that below the voice */
    g_assert_cmpint (state.speaking, ==, cases[i].restores);
  }
  dmix_activity_free (a);
  dmix_activity_free (b);
}

static void
test_parameter_limits (void)
{
  /* `close` above `open`: treated as equal, so the gate does not flutter */
  const DmixActivityParams crossed = { -20, -5, -120, 0 };
  const DmixActivityParams beyond = { 40, -INFINITY, 99, 1e9 };
  DmixActivity *a = make (&crossed);

  hear (a, -20, 60);
  silence (a, 1);
  g_assert_true (hear (a, -39.8, 0.5).active);
  g_assert_false (hear (a, -40.3, 0.05).active);
  dmix_activity_free (a);
  a = make (&beyond); /* clamped to 0, -60, 0, 10 s */
  g_assert_false (hear (a, -0.1, 1).active);
  g_assert_true (hear (a, 0.1, 1).active);
  /* the first silent step lowers the window by 0.5 dB, below the floor */
  g_assert_cmpfloat_with_epsilon (seconds_until (a, -200, 0, 20), 10.0,
      1.01 * STEP_S);
  dmix_activity_free (a);
}

/* A copied state decides like the original; unequal step lengths copy
 * nothing. */
static void
test_copy (void)
{
  DmixActivity *a = make (&usual), *b = make (&usual);
  DmixActivity *other = dmix_activity_new (0.001);

  hear (a, -18, 7);
  silence (a, 0.1);
  dmix_activity_take_over (b, a);
  for (int i = 0; i < 5000; i++) {
    const double mean_square =
        dmix_kweight_mean_square (i / 700 % 2 ? -20 : -33 - i / 1000);
    const DmixActivityState x =
        dmix_activity_step (a, mean_square, DMIX_ACTIVITY_UNASKED);
    const DmixActivityState y =
        dmix_activity_step (b, mean_square, DMIX_ACTIVITY_UNASKED);

    g_assert_true (x.active == y.active && x.speaking == y.speaking
        && x.level_lufs == y.level_lufs);
  }
  dmix_activity_set_params (other, &usual);
  dmix_activity_take_over (other, a);
  g_assert_false (
      dmix_activity_step (other, 0.0, DMIX_ACTIVITY_UNASKED).active);
  dmix_activity_free (a);
  dmix_activity_free (b);
  dmix_activity_free (other);
}

static void
test_bad_arguments (void)
{
  g_assert_null (dmix_activity_new (0.0));
  g_assert_null (dmix_activity_new (-1.0));
  g_assert_null (dmix_activity_new (1.1));
  g_assert_null (dmix_activity_new (NAN));
  dmix_activity_free (NULL);
}

/* A speech detector's decision overrides the level, above the floor, with the
 * same hold. */
static void
test_opinion (void)
{
  const double loud = dmix_kweight_mean_square (-20);
  const double soft = dmix_kweight_mean_square (-45);
  const double below = dmix_kweight_mean_square (-55);
  DmixActivity *activity = dmix_activity_new (0.001);
  const DmixActivityParams params = { -16, -24, -50, 100 };
  int held = 0;

  dmix_activity_set_params (activity, &params);
  for (int i = 0; i < 500; i++)
    g_assert_false (
        dmix_activity_step (activity, loud, DMIX_ACTIVITY_NO_SPEECH).active);
  for (int i = 0; i < 500; i++)
    dmix_activity_step (activity, loud, DMIX_ACTIVITY_SPEECH);
  for (int i = 0; i < 500; i++)
    held += dmix_activity_step (activity, loud, DMIX_ACTIVITY_NO_SPEECH).active;
  g_assert_cmpint (held, >=, 99);
  g_assert_cmpint (held, <=, 101);
  for (int i = 0; i < 500; i++)
    dmix_activity_step (activity, below, DMIX_ACTIVITY_SPEECH);
  g_assert_false (
      dmix_activity_step (activity, below, DMIX_ACTIVITY_SPEECH).active);
  for (int i = 0; i < 21; i++)
    held = dmix_activity_step (activity, soft, DMIX_ACTIVITY_SPEECH).speaking;
  g_assert_true (held);
  dmix_activity_free (activity);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/activity/level", test_level);
  g_test_add_func ("/activity/opens", test_opens);
  g_test_add_func ("/activity/thresholds-are-relative",
      test_thresholds_are_relative);
  g_test_add_func ("/activity/hold", test_hold);
  g_test_add_func ("/activity/hold-shortened", test_hold_shortened);
  g_test_add_func ("/activity/floor", test_floor);
  g_test_add_func ("/activity/quieter-voice", test_quieter_voice);
  g_test_add_func ("/activity/room-before-the-voice",
      test_room_before_the_voice);
  g_test_add_func ("/activity/bump", test_bump);
  g_test_add_func ("/activity/slate", test_slate);
  g_test_add_func ("/activity/peak", test_peak);
  g_test_add_func ("/activity/back-with-its-weight", test_back_with_its_weight);
  g_test_add_func ("/activity/room-after-the-voice", test_room_after_the_voice);
  g_test_add_func ("/activity/louder-voice", test_louder_voice);
  g_test_add_func ("/activity/pauses-teach-nothing", test_pauses_teach_nothing);
  g_test_add_func ("/activity/parameter-limits", test_parameter_limits);
  g_test_add_func ("/activity/copy", test_copy);
  g_test_add_func ("/activity/bad-arguments", test_bad_arguments);
  g_test_add_func ("/activity/opinion", test_opinion);
  g_test_add_func ("/activity/reference", test_reference);
  g_test_add_func ("/activity/reference-limits", test_reference_limits);
  g_test_add_func ("/activity/loud-moment-limits", test_loud_moment_limits);
  return g_test_run ();
}

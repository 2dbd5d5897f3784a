/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Decisions of duckcontrol.h and their times. Expected gains are closed forms:
 * one-pole steps, the step response of a symmetric filter, limits. */
#include "signals.h"

#include "ducker/duckcontrol.h"

#define RATE 48000
#define STEP 96 /* frames: 2 ms */
#define STEP_S 0.002
#define DEPTH_DB 12.0

typedef struct
{
  DmixDuckControl *control;
  float noise[64 * STEP]; /* -20 dB RMS */
  unsigned steps;
} Rig;

static DmixDuckerParams
defaults (void)
{
  return (DmixDuckerParams){
    .mode = DMIX_DUCK_FIXED,
    .depth_db = DEPTH_DB,
    .range_db = 15,
    .attack_ms = 20,
    .hold_ms = 400,
    .release_ms = 250,
    .open_db = -16,
    .close_db = -24,
    .floor_lufs = -50,
  };
}

static Rig *
rig_new (const float *weight, double lookahead_s)
{
  const DmixFormat format = { RATE, 1 };
  const DmixDuckerParams params = defaults ();
  Rig *rig = g_new0 (Rig, 1);

  rig->control = dmix_duckcontrol_new (&format, weight, STEP,
      (unsigned) lround (lookahead_s * RATE));
  g_assert_nonnull (rig->control);
  dmix_duckcontrol_reset (rig->control);
  dmix_duckcontrol_set_params (rig->control, &params, 0.0, 0);
  fill_noise (rig->noise, G_N_ELEMENTS (rig->noise), 0.1, 7);
  return rig;
}

static void
rig_free (Rig *rig)
{
  dmix_duckcontrol_free (rig->control);
  g_free (rig);
}

/* One step, with noise or silence as each signal. */
static DmixDuckDecision
rig_step (Rig *rig, gboolean background, gboolean dialogue)
{
  static const float silence[STEP] = { 0.0f };
  const float *noise = rig->noise + rig->steps++ % 64 * STEP;

  dmix_duckcontrol_process (rig->control, background ? noise : silence,
      dialogue ? noise : silence, STEP);
  return dmix_duckcontrol_step (rig->control, NULL);
}

/* Without look-ahead: n steps after the onset the gain has made 1 - exp (-n
 * step / attack) of the way. */
static void
test_attack (void)
{
  Rig *rig = rig_new (NULL, 0.0);

  for (int n = 0; n < 20; n++)
    g_assert_true (rig_step (rig, TRUE, FALSE).gain_db == 0.0);
  for (int n = 1; n <= 60; n++)
    g_assert_cmpfloat_with_epsilon (rig_step (rig, TRUE, TRUE).gain_db,
        -DEPTH_DB * (1.0 - exp (-n * STEP_S / 0.020)), 1e-9);
  rig_free (rig);
}

/* The detector's 20 ms window empties (10 steps, some more for the K filter's
 * ringing), the hold passes (200 steps), then the gain rises by exp (-n step /
 * release). */
static void
test_hold_and_release (void)
{
  Rig *rig = rig_new (NULL, 0.0);
  DmixDuckDecision decision;
  double gain = 0.0;
  int held = 0;

  for (int n = 0; n < 400; n++)
    gain = rig_step (rig, FALSE, TRUE).gain_db;
  g_assert_cmpfloat (gain, ==, -DEPTH_DB);
  for (;;) {
    decision = rig_step (rig, FALSE, FALSE);
    if (!decision.heard.active)
      break;
    g_assert_cmpfloat (decision.gain_db, ==, -DEPTH_DB);
    held++;
    g_assert_cmpint (held, <, 1000);
  }
  g_assert_cmpint (held, >=, 200 + 9);
  g_assert_cmpint (held, <=, 200 + 15);
  for (int n = 1; n <= 300; n++) {
    g_assert_cmpfloat_with_epsilon (decision.gain_db,
        -DEPTH_DB * exp (-n * STEP_S / 0.250), 1e-9);
    decision = rig_step (rig, FALSE, FALSE);
  }
  rig_free (rig);
}

/* With look-ahead the ramp is N steps long: N = steps of the look-ahead less 2,
 * less 20 (or half of them) for the detector, at least 3. It is the step
 * response of a symmetric filter of N + 1 taps, s(i) + s(N - 1 - i) = 1, and
 * ends exactly at the depth. */
static void
test_ramp (void)
{
  const struct
  {
    double lookahead_s;
    int steps;
  } ramps[] = { { 0.020, 3 }, { 0.100, 28 }, { 0.500, 228 } };

  for (guint r = 0; r < G_N_ELEMENTS (ramps); r++) {
    const int steps = ramps[r].steps;
    Rig *rig = rig_new (NULL, ramps[r].lookahead_s);
    double gain[300] = { 0.0 };

    g_assert_cmpfloat_with_epsilon (dmix_duckcontrol_ramp_s (rig->control),
        steps * STEP_S, 1e-12);
    for (int i = 0; i <= steps; i++)
      gain[i] = rig_step (rig, FALSE, TRUE).gain_db;
    g_assert_cmpfloat (gain[steps], ==, -DEPTH_DB);
    g_assert_cmpfloat (gain[steps - 1], >, -DEPTH_DB);
    for (int i = 0; i < steps; i++) {
      g_assert_cmpfloat (gain[i], <, i> 0 ? gain[i - 1] : 0.0);
      g_assert_cmpfloat_with_epsilon (gain[i] + gain[steps - 1 - i], -DEPTH_DB,
          0.0011); /* a gain within 0.001 dB snaps to its target */
    }
    rig_free (rig);
  }
}

/* Energies are weighted; a channel of weight 0 does not count, unless it is the
 * only one. */
static void
test_weight (void)
{
  const float surround = 1.41f, none = 0.0f;
  Rig *one = rig_new (NULL, 0.0), *heavy = rig_new (&surround, 0.0);
  Rig *lfe = rig_new (&none, 0.0);
  DmixDuckDecision a = { 0 }, b = { 0 }, c = { 0 };

  for (int n = 0; n < 500; n++) {
    a = rig_step (one, TRUE, TRUE);
    b = rig_step (heavy, TRUE, TRUE);
    c = rig_step (lfe, TRUE, TRUE);
  }
  g_assert_cmpfloat (a.heard.background, >, 0.0);
  g_assert_cmpfloat_with_epsilon (b.heard.background / a.heard.background,
      surround, 1e-9);
  g_assert_true (c.heard.background == a.heard.background);
  rig_free (one);
  rig_free (heavy);
  rig_free (lfe);
}

/* Gain after 3 s of both signals at one level; the loudness difference needs no
 * ducking (target 0). every: set the parameters again before each step. */
static double
goal_gain_db (double share, double range_db, gboolean every)
{
  DmixDuckerParams params = defaults ();
  Rig *rig = rig_new (NULL, 0.1);
  double gain = 0.0;

  params.mode = DMIX_DUCK_TARGET;
  params.target_lu = 0.0;
  params.range_db = range_db;
  params.goal = DMIX_DUCK_GOAL_SII;
  params.intelligibility = share;
  dmix_duckcontrol_set_params (rig->control, &params, 0.0, 0);
  for (int n = 0; n < 1500; n++) {
    if (every)
      dmix_duckcontrol_set_params (rig->control, &params, 0.0, 0);
    gain = rig_step (rig, TRUE, TRUE).gain_db;
  }
  rig_free (rig);
  return gain;
}

/* A SII of 1 needs 15 dB in every band: a range of 12 dB is used in full,
 * a range beyond 60 dB only as far as needed. A share of 0 needs no depth.
 * Setting unchanged parameters has no effect. */
static void
test_goal (void)
{
  g_assert_cmpfloat_with_epsilon (goal_gain_db (1.0, 12.0, FALSE), -12.0, 0.01);
  g_assert_cmpfloat_with_epsilon (goal_gain_db (1.0, 12.0, TRUE), -12.0, 0.01);
  g_assert_cmpfloat_with_epsilon (goal_gain_db (1.0, 100.0, FALSE), -15.0, 0.2);
  g_assert_cmpfloat_with_epsilon (goal_gain_db (0.0, 12.0, FALSE), 0.0, 0.01);
}

/* Room tone of 2 s at -100 dBFS before the first words is no speech: a SII of
 * 0.9 needs 12 dB, as without it. The first frame holds part of a word only. */
static void
test_goal_after_room_tone (void)
{
  DmixDuckerParams params = defaults ();
  Rig *rig = rig_new (NULL, 0.1);
  float room[STEP], background[STEP];
  double gain = 0.0;

  params.mode = DMIX_DUCK_TARGET;
  params.target_lu = 0.0;
  params.range_db = 60.0;
  params.goal = DMIX_DUCK_GOAL_SII;
  params.intelligibility = 0.9;
  dmix_duckcontrol_set_params (rig->control, &params, 0.0, 0);
  for (int n = 0; n < 1000; n++) {
    memcpy (background, rig->noise, sizeof background);
    for (int i = 0; i < STEP; i++)
      room[i] = 1e-4f * rig->noise[i];
    dmix_duckcontrol_process (rig->control, background, room, STEP);
    dmix_duckcontrol_step (rig->control, NULL);
  }
  for (int n = 0; n < 1500; n++)
    gain = rig_step (rig, TRUE, TRUE).gain_db;
  g_assert_cmpfloat_with_epsilon (gain, -12.0, 0.7);
  rig_free (rig);
}

/* Levels count up to 24 dB above full scale, a mean square of 256, whatever the
 * samples are: other data read as float reaches 1e38. */
static void
test_loudest (void)
{
  Rig *rig = rig_new (NULL, 0.0);
  DmixDuckDecision decision = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (rig->noise); i++)
    rig->noise[i] *= 1e6f;
  for (int n = 0; n < 100; n++)
    decision = rig_step (rig, TRUE, TRUE);
  g_assert_cmpfloat_with_epsilon (decision.heard.background, 256.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (decision.heard.dialogue, 256.0, 1e-6);
  rig_free (rig);
}

/* A control that takes over the state of another, in a release or in the hold,
 * makes the same decisions from then on. */
static void
test_take_over (void)
{
  const int silent_steps[] = { 100, 250 };

  for (guint s = 0; s < G_N_ELEMENTS (silent_steps); s++) {
    Rig *a = rig_new (NULL, 0.0), *b = rig_new (NULL, 0.0);

    for (int n = 0; n < 400; n++)
      rig_step (a, TRUE, TRUE);
    for (int n = 0; n < silent_steps[s]; n++)
      rig_step (a, FALSE, FALSE);
    dmix_duckcontrol_take_over (b->control, a->control);
    for (int n = 0; n < 500; n++) {
      const DmixDuckDecision x = rig_step (a, FALSE, FALSE);
      const DmixDuckDecision y = rig_step (b, FALSE, FALSE);

      g_assert_true (n > 0 || x.gain_db < -5.0);
      g_assert_cmpfloat_with_epsilon (x.gain_db, y.gain_db, 1e-9);
      g_assert_cmpint (x.heard.active, ==, y.heard.active);
      g_assert_true (x.heard.dialogue == y.heard.dialogue);
    }
    rig_free (a);
    rig_free (b);
  }
}

/* A reset control decides like a new one. */
static void
test_reset (void)
{
  Rig *a = rig_new (NULL, 0.1), *b = rig_new (NULL, 0.1);

  for (int n = 0; n < 400; n++)
    rig_step (a, TRUE, n % 100 < 50);
  dmix_duckcontrol_reset (a->control);
  a->steps = 0;
  for (int n = 0; n < 400; n++) {
    const DmixDuckDecision x = rig_step (a, TRUE, n > 50);
    const DmixDuckDecision y = rig_step (b, TRUE, n > 50);

    g_assert_true (x.gain_db == y.gain_db);
    g_assert_cmpint (x.heard.active, ==, y.heard.active);
    g_assert_true (x.heard.dialogue == y.heard.dialogue);
    g_assert_true (x.heard.background == y.heard.background);
  }
  rig_free (a);
  rig_free (b);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/duckcontrol/attack", test_attack);
  g_test_add_func ("/duckcontrol/hold-and-release", test_hold_and_release);
  g_test_add_func ("/duckcontrol/ramp", test_ramp);
  g_test_add_func ("/duckcontrol/weight", test_weight);
  g_test_add_func ("/duckcontrol/goal", test_goal);
  g_test_add_func ("/duckcontrol/goal-after-room-tone",
      test_goal_after_room_tone);
  g_test_add_func ("/duckcontrol/loudest", test_loudest);
  g_test_add_func ("/duckcontrol/take-over", test_take_over);
  g_test_add_func ("/duckcontrol/reset", test_reset);
  return g_test_run ();
}

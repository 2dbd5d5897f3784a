/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of duckgoal.h. */
#include "signals.h"

#include "ducker/duckgoal.h"
#include "speech/intelligibility.h"

/* Frames whose cells have random signal-to-noise ratios around 0 dB. */
static void
fill_frame (DmixSpeechBandsFrame *frame, GRand *rand, double depth_db)
{
  for (int b = 0; b < DMIX_SPEECHBANDS; b++) {
    frame->dialogue[b] = pow (10, g_rand_double_range (rand, -5, -3));
    frame->background[b] = frame->dialogue[b]
        * pow (10, -(g_rand_double_range (rand, -20, 20) + depth_db) / 10);
  }
}

static double
measured (DmixDuckGoalKind kind, double depth_db, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);
  DmixIntelligibility *meter = dmix_intelligibility_new ();
  DmixIntelligibilityReading r;

  for (int i = 0; i < 1000; i++) {
    DmixSpeechBandsFrame frame;

    fill_frame (&frame, rand, depth_db);
    dmix_intelligibility_add (meter, &frame);
  }
  dmix_intelligibility_read (meter, &r);
  dmix_intelligibility_free (meter);
  g_rand_free (rand);
  return kind == DMIX_DUCK_GOAL_SII ? r.sii : r.glimpse_proportion;
}

/* With the depth it returns, the intelligibility meter reads the goal; fader
 * gain and band depths already applied are included. */
static void
test_depth_meets_goal (void)
{
  const DmixDuckGoalKind kinds[] = {
    DMIX_DUCK_GOAL_GLIMPSE,
    DMIX_DUCK_GOAL_SII,
  };

  for (int k = 0; k < 2; k++) {
    for (double share = 0.5; share < 0.95; share += 0.1) {
      for (double given_db = 0; given_db <= 6; given_db += 6) {
        DmixDuckGoal *goal = dmix_duckgoal_new ();
        GRand *rand = g_rand_new_with_seed (3);
        double bands[DMIX_SPEECHBANDS], depth;

        for (int b = 0; b < DMIX_SPEECHBANDS; b++)
          bands[b] = given_db / 2;
        for (int i = 0; i < 1000; i++) {
          DmixSpeechBandsFrame frame;

          fill_frame (&frame, rand, 0);
          dmix_duckgoal_add (goal, &frame, -24, given_db / 2, bands);
        }
        depth = dmix_duckgoal_get_depth (goal, kinds[k], share, 40);
        g_assert_cmpfloat_with_epsilon (measured (kinds[k],
                                            fmax (0, depth) + given_db, 3),
            depth > 0 ? share : measured (kinds[k], given_db, 3), 0.012);
        g_rand_free (rand);
        dmix_duckgoal_free (goal);
      }
    }
  }
}

/* A telephone voice has only rounding noise in the upper bands. No depth makes
 * them audible, so 15 of 18 bands is the most. */
static void
test_narrow_band_voice (void)
{
  DmixDuckGoal *goal = dmix_duckgoal_new ();
  GRand *rand = g_rand_new_with_seed (5);

  for (int i = 0; i < 1000; i++) {
    DmixSpeechBandsFrame frame;

    fill_frame (&frame, rand, 0);
    for (int b = 15; b < DMIX_SPEECHBANDS; b++) {
      frame.dialogue[b] = 1e-12;
      frame.background[b] = 1e-13;
    }
    dmix_duckgoal_add (goal, &frame, -24, 0, NULL);
  }
  g_assert_cmpfloat (dmix_duckgoal_get_depth (goal, DMIX_DUCK_GOAL_GLIMPSE,
                         0.82, 40),
      <, 25);
  g_assert_cmpfloat (dmix_duckgoal_get_depth (goal, DMIX_DUCK_GOAL_GLIMPSE,
                         0.84, 40),
      ==, 40);
  g_rand_free (rand);
  dmix_duckgoal_free (goal);
}

static void
test_limits (void)
{
  DmixDuckGoal *goal = dmix_duckgoal_new (), *copy = dmix_duckgoal_new ();
  GRand *rand = g_rand_new_with_seed (5);
  DmixSpeechBandsFrame frame, silence = { { 0 } };

  dmix_duckgoal_free (NULL);
  for (int i = 0; i < 1000; i++)
    dmix_duckgoal_add (goal, &silence, -120, 0, NULL);
  g_assert_cmpfloat (dmix_duckgoal_get_depth (goal, DMIX_DUCK_GOAL_SII, 0.5,
                         40),
      <, 0); /* silence does not count as dialogue */
  for (int i = 0; i < 100; i++) {
    fill_frame (&frame, rand, 0);
    dmix_duckgoal_add (goal, &frame, -24, 0, NULL);
  }
  g_assert_cmpfloat (dmix_duckgoal_get_depth (goal, DMIX_DUCK_GOAL_SII, 0.0,
                         40),
      ==, 0.0);
  g_assert_cmpfloat (dmix_duckgoal_get_depth (goal, DMIX_DUCK_GOAL_SII, 1.0, 7),
      ==, 7.0);
  dmix_duckgoal_take_over (copy, goal);
  g_assert_cmpfloat (dmix_duckgoal_get_depth (goal, DMIX_DUCK_GOAL_SII, 0.7,
                         40),
      ==, dmix_duckgoal_get_depth (copy, DMIX_DUCK_GOAL_SII, 0.7, 40));
  dmix_duckgoal_reset (goal);
  g_assert_cmpfloat (dmix_duckgoal_get_depth (goal, DMIX_DUCK_GOAL_SII, 0.5,
                         40),
      <, 0);
  g_rand_free (rand);
  dmix_duckgoal_free (goal);
  dmix_duckgoal_free (copy);
}

/* Adds some frames: the dialogue in all bands, above a background of 1e-6. */
static void
add_frames (DmixDuckGoal *goal, int count, double snr_db, double level_lufs)
{
  DmixSpeechBandsFrame frame;

  for (int b = 0; b < DMIX_SPEECHBANDS; b++) {
    frame.background[b] = 1e-6;
    frame.dialogue[b] = 1e-6 * pow (10, snr_db / 10);
  }
  while (count-- > 0)
    dmix_duckgoal_add (goal, &frame, level_lufs, 0, NULL);
}

/* Claps above -12 LUFS and their echoes before and within the speech leave the
 * depth of the speech alone once they are forgotten, to the bit where the rest is
 * the same; what is older than 5 s goes, too. */
static void
test_forgets_loud (void)
{
  DmixDuckGoal *alone = dmix_duckgoal_new (), *goal = dmix_duckgoal_new ();
  const DmixDuckGoalKind kind = DMIX_DUCK_GOAL_SII;
  double before;

  add_frames (alone, 60, -3, -24);
  add_frames (goal, 100, 8, -24); /* more than 5 s before the end */
  for (int clap = 0; clap < 6; clap++) {
    add_frames (goal, 3, 5, -24); /* what precedes it may hold some of it */
    add_frames (goal, 4, 20, -4);
    add_frames (goal, 15, 10, -20);
    add_frames (goal, 10, -3, -24);
  }
  add_frames (goal, 58, -3, -24);
  before = dmix_duckgoal_get_depth (goal, kind, 0.6, 40);
  dmix_duckgoal_forget_loud (goal, -12);
  g_assert_cmpfloat_with_epsilon (dmix_duckgoal_get_depth (goal, kind, 0.6, 40),
      dmix_duckgoal_get_depth (alone, kind, 0.6, 40), 1e-9);
  g_assert_cmpfloat (fabs (before
                         - dmix_duckgoal_get_depth (alone, kind, 0.6, 40)),
      >, 1.0);
  dmix_duckgoal_forget_loud (goal, -30); /* nothing is left */
  g_assert_cmpfloat (dmix_duckgoal_get_depth (goal, kind, 0.6, 40), <, 0.0);
  dmix_duckgoal_free (alone);
  dmix_duckgoal_free (goal);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/duckgoal/depth", test_depth_meets_goal);
  g_test_add_func ("/duckgoal/narrow-band", test_narrow_band_voice);
  g_test_add_func ("/duckgoal/limits", test_limits);
  g_test_add_func ("/duckgoal/forgets-loud", test_forgets_loud);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Corrections of the gain, from blocks whose levels and gains are known. */
#include "dynamics/levelplan.h"

#include <glib.h>
#include <math.h>

#define WINDOW DMIX_LEVELPLAN_WINDOW
#define PRESENT DMIX_LEVELPLAN_PRESENT
#define COUNT (WINDOW + 21)
#define TARGET -20.0

static double
power (double lufs)
{
  return pow (10.0, (lufs + 0.691) / 10.0);
}

static void
set (DmixLevelPlan *plan, unsigned first, unsigned count, double lufs,
    int speech)
{
  for (unsigned i = first; i < first + count; i++) {
    plan->mean_square[i] = power (lufs);
    plan->speech[i] = speech;
  }
}

/* All at -26 LUFS, with the gain that brings it to the target, or `off_db` more. */
static DmixLevelPlan
steady (double off_db)
{
  DmixLevelPlan plan = { .count = COUNT,
    .target_lufs = TARGET,
    .lowest_db = -20.0,
    .highest_db = 20.0,
    .most_db = 2.0 };

  set (&plan, 0, COUNT, -26.0, 1);
  for (unsigned i = 0; i < COUNT; i++)
    plan.gain_db[i] = 6.0 + off_db;
  return plan;
}

/* What is on target stays. A plan that is off from the present on is brought most of
 * the way back, not all of it: its windows hold the good gains of before, too. What was
 * off before is made up for by 3 dB at most. */
static void
test_steady (void)
{
  DmixLevelPlan plan = steady (0.0);

  g_assert_cmpfloat_with_epsilon (dmix_levelplan_correction (&plan), 0.0, 1e-9);
  for (double off = -1.0; off <= 1.0; off += 0.5) {
    plan = steady (0.0);
    for (unsigned i = PRESENT; i < COUNT; i++)
      plan.gain_db[i] += off;
    g_assert_cmpfloat_with_epsilon (dmix_levelplan_correction (&plan),
        -0.8 * off, 0.1 * fabs (off) + 1e-9);
  }
  plan = steady (-6.0);
  g_assert_cmpfloat_with_epsilon (dmix_levelplan_correction (&plan), 3.0, 1e-9);
  plan = steady (3.9); /* 4 dB would be a shout */
  g_assert_cmpfloat_with_epsilon (dmix_levelplan_correction (&plan), -3.0,
      1e-9);
}

static double
behind_silence (unsigned blocks)
{
  DmixLevelPlan plan = steady (0.0);

  set (&plan, PRESENT - 2 - blocks, blocks, -90.0, 0);
  return dmix_levelplan_correction (&plan);
}

/* Behind a pause the voice is lifted, so that the windows with the pause have the
 * target: the longer the pause the more, up to 0.8 s. Longer silences lift no more. */
static void
test_silence (void)
{
  g_assert_cmpfloat (behind_silence (2), >, 0.0);
  g_assert_cmpfloat (behind_silence (4), >, behind_silence (2) + 0.1);
  g_assert_cmpfloat (behind_silence (8), >, behind_silence (4) + 0.1);
  for (unsigned blocks = 9; blocks <= PRESENT - 2; blocks++)
    g_assert_cmpfloat (behind_silence (blocks), <, behind_silence (8));
}

/* 0.8 s of music up to 16 LU louder than the voice change nothing. Of a shout 10 LU
 * louder only the first 0.1 s count, in windows that end there; of what is 3 LU louder
 * all does. */
static void
test_louder (void)
{
  DmixLevelPlan plan = steady (0.0);

  for (double lufs = -26.0; lufs <= -10.0; lufs += 4.0) {
    set (&plan, PRESENT + 2, 8, lufs, 0);
    g_assert_cmpfloat_with_epsilon (dmix_levelplan_correction (&plan), 0.0,
        1e-9);
  }
  set (&plan, PRESENT + 2, 8, -16.0, 1);
  g_assert_cmpfloat_with_epsilon (dmix_levelplan_correction (&plan), -0.2, 0.2);
  set (&plan, PRESENT + 2, 8, -23.0, 1);
  g_assert_cmpfloat (dmix_levelplan_correction (&plan), <, -0.6);
}

/* No gain above the highest one, however much is missed; and a correction does not
 * ask for more than the speed allows. */
static void
test_limits (void)
{
  DmixLevelPlan plan = steady (-6.0), slow = steady (-6.0);

  plan.highest_db = 1.0;
  g_assert_cmpfloat_with_epsilon (dmix_levelplan_correction (&plan), 3.0, 1e-9);
  slow.most_db = 0.01;
  g_assert_cmpfloat_with_epsilon (dmix_levelplan_correction (&slow), 3.0, 1e-9);
}

/* The most by which 3 s of a voice at -26 LUFS miss the target with these gains. */
static double
worst (const double *gain_db, unsigned count)
{
  double most = 0.0;

  for (unsigned s = 0; s + WINDOW <= count; s++) {
    double sum = 0.0;

    for (unsigned i = s; i < s + WINDOW; i++)
      sum += power (-26.0 + gain_db[i]) / WINDOW;
    most = fmax (most, fabs (10.0 * log10 (sum) - 0.691 - TARGET));
  }
  return most;
}

/* A running mean of 0.4 s, four times. */
static void
smooth (double *gain_db, unsigned count)
{
  for (int times = 0; times < 4; times++)
    for (unsigned i = 0; i + 4 <= count; i++)
      gain_db[i] =
          (gain_db[i] + gain_db[i + 1] + gain_db[i + 2] + gain_db[i + 3]) / 4.0;
}

/* Gains that are 1.5 dB too high and too low in turn, for 4 s each, decided block by
 * block with what was corrected before: the windows miss the target by less than half
 * of what they would. */
static void
test_course (void)
{
  enum
  {
    LENGTH = 300,
    BEGIN = 80,
    USED = 150
  };
  double wanted[LENGTH], given[LENGTH];

  for (unsigned i = 0; i < LENGTH; i++)
    given[i] = wanted[i] = i / 40 % 2 ? 7.5 : 4.5;
  for (unsigned at = PRESENT; at + COUNT - PRESENT <= LENGTH; at++) {
    DmixLevelPlan plan = steady (0.0);

    for (unsigned i = 0; i < COUNT; i++)
      plan.gain_db[i] =
          i < PRESENT ? given[at - PRESENT + i] : wanted[at - PRESENT + i];
    given[at] = wanted[at] + dmix_levelplan_correction (&plan);
  }
  smooth (wanted, LENGTH);
  smooth (given, LENGTH);
  g_test_message ("%g dB off before, %g after", worst (wanted + BEGIN, USED),
      worst (given + BEGIN, USED));
  g_assert_cmpfloat (worst (wanted + BEGIN, USED), >, 1.3);
  g_assert_cmpfloat (worst (given + BEGIN, USED), <, 0.65);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/levelplan/steady", test_steady);
  g_test_add_func ("/levelplan/silence", test_silence);
  g_test_add_func ("/levelplan/louder", test_louder);
  g_test_add_func ("/levelplan/limits", test_limits);
  g_test_add_func ("/levelplan/course", test_course);
  return g_test_run ();
}

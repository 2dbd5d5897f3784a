/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* splitbound.h on powers that are known: phrases of 0.8 s with pauses of 0.4 s
 * over a steady background. */
#include <glib.h>
#include <math.h>

#include "dialogue/splitbound.h"

#define HOP_S 0.016

enum
{
  PHRASE = 50, /* frames */
  ROUND = 75
};

/* Plays `rounds` phrases of `speech` over a background of power 1, of which
 * `removed` is to be removed. Returns the last share during speech. */
static float
play (DmixSplitBound *bound, int rounds, double background, double speech,
    double removed)
{
  float share = 0.0f;

  for (int t = 0; t < rounds * ROUND; t++) {
    const int on = t % ROUND >= ROUND - PHRASE;
    const double power = background + (on ? speech : 0.0);
    const float now =
        dmix_splitbound_step (bound, power, on ? removed : background, on);

    g_assert_true (now >= 0.0f && now <= 1.0f);
    if (on)
      share = now;
  }
  return share;
}

/* Speech 30 dB over the background: of what is 20 dB over it, less than a tenth
 * is removed (4 dB of slack, and what the smoothing leaves of the speech in pauses
 * of 0.4 s); what is as loud as the background is removed. */
static void
test_clean (void)
{
  DmixSplitBound bound;
  float share;

  dmix_splitbound_init (&bound, HOP_S);
  share = play (&bound, 8, 1, 1e3, 100);
  g_test_message ("share %g, clean by %.1f dB", share,
      dmix_splitbound_get_clean_db (&bound));
  g_assert_cmpfloat (share, <, 0.1f);
  dmix_splitbound_reset (&bound);
  g_assert_cmpfloat (play (&bound, 8, 1, 1e3, 1), ==, 1.0f);
}

/* With a pause of 5 s the background is known: the share is its level and 4 dB
 * over what is removed. */
static void
test_share (void)
{
  DmixSplitBound bound;

  dmix_splitbound_init (&bound, HOP_S);
  for (int t = 0; t < 320; t++)
    dmix_splitbound_step (&bound, 1, 1, 0);
  g_assert_cmpfloat_with_epsilon (dmix_splitbound_get_background (&bound), 1,
      0.06);
  g_assert_cmpfloat_with_epsilon (dmix_splitbound_step (&bound, 1e4, 100, 1),
      pow (10, 0.4) / 100, 2e-3);
  g_assert_cmpfloat_with_epsilon (dmix_splitbound_get_clean_db (&bound), 40,
      0.3);
}

/* A mix at 5 dB is not bound. */
static void
test_noisy (void)
{
  DmixSplitBound bound;

  dmix_splitbound_init (&bound, HOP_S);
  g_assert_cmpfloat (play (&bound, 8, 1, 3.2, 3), ==, 1.0f);
}

/* At first nothing is known, and nothing bound; a background that has become
 * louder is known after two windows of 4 s. */
static void
test_time (void)
{
  DmixSplitBound bound;
  float share = 1.0f;

  dmix_splitbound_init (&bound, HOP_S);
  g_assert_cmpfloat (dmix_splitbound_get_clean_db (&bound), ==, 0);
  g_assert_cmpfloat (dmix_splitbound_step (&bound, 1e4, 100, 1), ==, 1.0f);
  dmix_splitbound_reset (&bound);
  play (&bound, 8, 1, 1e3, 1);
  g_assert_cmpfloat (dmix_splitbound_get_background (&bound), <, 10);
  share = play (&bound, 8, 1000, 0, 500);
  g_assert_cmpfloat (share, ==, 1.0f);
  g_assert_cmpfloat_with_epsilon (dmix_splitbound_get_background (&bound), 1000,
      50);
}

/* What has to stay is taken from the loudest bins: of energies 100, 1 and 1 a share
 * of .5 leaves a quarter, and the quiet ones whole. */
static void
test_spread (void)
{
  const float energy[3] = { 1, 100, 1 };
  float x[3] = { 1, 100, 1 };
  double left = 0;

  dmix_splitbound_spread (x, 3, 0.5f);
  for (int b = 0; b < 3; b++)
    left += x[b] * x[b] * energy[b];
  g_assert_cmpfloat_with_epsilon (left, 102 / 4.0, 0.1);
  g_assert_cmpfloat (x[0], ==, 1.0f);
  g_assert_cmpfloat (x[2], ==, 1.0f);
  x[0] = x[1] = x[2] = 5;
  dmix_splitbound_spread (x, 3, 1.0f);
  g_assert_cmpfloat (x[0], ==, 1.0f);
  x[0] = x[1] = x[2] = 0;
  dmix_splitbound_spread (x, 3, 0.1f);
  g_assert_cmpfloat (x[0], ==, 1.0f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/splitbound/clean", test_clean);
  g_test_add_func ("/splitbound/share", test_share);
  g_test_add_func ("/splitbound/noisy", test_noisy);
  g_test_add_func ("/splitbound/time", test_time);
  g_test_add_func ("/splitbound/spread", test_spread);
  return g_test_run ();
}

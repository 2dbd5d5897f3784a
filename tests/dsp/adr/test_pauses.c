/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of pauses.h. The level is smoothed by 0.15 a row, so that after a
 * step of D dB it is within a third of D, which counts as quiet, in
 * log (0.33) / log (0.85) = 7 rows. */
#include "signals.h"

#include "adr/pauses.h"

#define LATE 8 /* rows */

static void
push (DmixPauses *pauses, double db, unsigned rows)
{
  float power[DMIX_MEL_BANDS];

  for (unsigned b = 0; b < DMIX_MEL_BANDS; b++)
    power[b] = (float) (pow (10.0, db / 10.0) / DMIX_MEL_BANDS);
  while (rows--)
    dmix_pauses_add (pauses, power);
}

static void
test_counts (void)
{
  DmixPauses pauses;

  dmix_pauses_reset (&pauses);
  push (&pauses, -70, 100);
  g_assert_cmpuint (pauses.quiet_rows, ==, 100);
  for (int k = 0; k < 5; k++) {
    dmix_pauses_cut (&pauses);
    push (&pauses, -30, 200);
    g_assert_cmpuint (pauses.quiet_rows, ==, 0);
    g_assert_cmpuint (pauses.speech_rows, >=, 200 - LATE);
    push (&pauses, -70, 140);
    g_assert_cmpuint (pauses.quiet_rows, <=, 140);
    g_assert_cmpuint (pauses.quiet_rows, >=, 140 - LATE);
    g_assert_cmpuint (pauses.speech_rows, <=, 200 + LATE);
  }
  dmix_pauses_cut (&pauses);
  g_assert_cmpuint (pauses.speech_rows, ==, 0);
  g_assert_cmpuint (pauses.quiet_rows, >=, 140 - LATE);
}

/* A background that slowly rises by 15 dB is still background, and so is a
 * steady sound of any level. */
static void
test_background (void)
{
  DmixPauses pauses;

  dmix_pauses_reset (&pauses);
  for (int k = 0; k < 15 * 200; k++)
    push (&pauses, -70 + k / 200.0, 1);
  g_assert_cmpuint (pauses.speech_rows, ==, 0);
  for (int db = -130; db <= 0; db += 10) {
    dmix_pauses_reset (&pauses);
    push (&pauses, db, 500);
    g_assert_cmpuint (pauses.quiet_rows, ==, 500);
  }
}

/* Only level differences count: the same pauses at any level. */
static void
test_level (void)
{
  for (int db = -60; db <= 0; db += 20) {
    DmixPauses pauses;

    dmix_pauses_reset (&pauses);
    push (&pauses, db - 30, 100);
    push (&pauses, db, 100);
    push (&pauses, db - 30, 100);
    g_assert_cmpuint (pauses.quiet_rows, >=, 100 - LATE);
    g_assert_cmpuint (pauses.speech_rows, >=, 100 - LATE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pauses/counts", test_counts);
  g_test_add_func ("/pauses/background", test_background);
  g_test_add_func ("/pauses/level", test_level);
  return g_test_run ();
}

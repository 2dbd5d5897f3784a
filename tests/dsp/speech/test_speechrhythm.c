/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Energies with the pauses of speech, steady ones, and borders of both. */
#include "speech/speechrhythm.h"

#include <glib.h>

/* Steps of 10 ms; a share of each 200 ms is `soft` times as loud. */
static void
add (DmixSpeechRhythm *r, unsigned steps, unsigned soft_of_20, double soft)
{
  for (unsigned i = 0; i < steps; i++)
    dmix_speechrhythm_add (r, i % 20 < soft_of_20 ? soft : 1.0);
}

static void
test_kinds (void)
{
  DmixSpeechRhythm r;

  dmix_speechrhythm_reset (&r);
  g_assert_false (dmix_speechrhythm_is_speech (&r));
  add (&r, 400, 6, 0.001); /* 30 % pauses */
  g_assert_true (dmix_speechrhythm_is_speech (&r));
  add (&r, 400, 1, 0.001); /* 5 % */
  g_assert_false (dmix_speechrhythm_is_speech (&r));
  add (&r, 400, 6, 0.3); /* over noise 5 dB below */
  g_assert_false (dmix_speechrhythm_is_speech (&r));
  add (&r, 400, 0, 1.0);
  g_assert_false (dmix_speechrhythm_is_speech (&r));
}

/* A pause before or behind steady sound is no rhythm; a click is none. */
static void
test_borders (void)
{
  DmixSpeechRhythm r;

  dmix_speechrhythm_reset (&r);
  for (unsigned i = 0; i < 250; i++) {
    add (&r, 1, 0, 1.0);
    g_assert_false (dmix_speechrhythm_is_speech (&r));
  }
  for (unsigned i = 0; i < 250; i++) {
    dmix_speechrhythm_add (&r, 0.0);
    g_assert_false (dmix_speechrhythm_is_speech (&r));
  }
  add (&r, 3, 0, 1.0);
  add (&r, 20, 20, 0.0);
  add (&r, 3, 0, 1.0);
  g_assert_false (dmix_speechrhythm_is_speech (&r));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/speechrhythm/kinds", test_kinds);
  g_test_add_func ("/speechrhythm/borders", test_borders);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Gains changed during playback reach their target, without a jump. */
#include "signals.h"

#include "ducker/ducker.h"

#define RATE 48000
#define BLOCK 4800

/* Plays a block of ones as background (and dialogue, with `mix`); returns its
 * last sample and the largest step between samples. */
static float
play (DmixDucker *ducker, float dialogue, float *last, float *step)
{
  static float background[BLOCK], key[BLOCK];

  for (int i = 0; i < BLOCK; i++) {
    background[i] = 1.0f;
    key[i] = dialogue;
  }
  dmix_ducker_process (ducker, background, key, BLOCK);
  for (int i = 0; i < BLOCK; i++) {
    *step = fmaxf (*step, fabsf (background[i] - *last));
    *last = background[i];
  }
  return *last;
}

/* 20 dB down and up again, each within half a second. */
static void
test_gain (gconstpointer which)
{
  const gboolean of_dialogue = GPOINTER_TO_INT (which);
  const DmixFormat format = { RATE, 1 };
  DmixDuckerParams params = {
    .mode = DMIX_DUCK_FIXED,
    .trigger = DMIX_DUCK_TRIGGER_LEVEL,
    .hold_ms = 400,
    .release_ms = 250,
    .open_db = -16,
    .close_db = -24,
    .floor_lufs = 0,
    .background_gain_db = of_dialogue ? -100 : 0,
    .dialogue_gain_db = of_dialogue ? 0 : -100,
    .mix = 1,
  };
  double *gain_db =
      of_dialogue ? &params.dialogue_gain_db : &params.background_gain_db;
  DmixDucker *ducker = dmix_ducker_new (&format, NULL, 0);
  float last = 1.0f, step = 0.0f;

  dmix_ducker_set_params (ducker, &params);
  play (ducker, of_dialogue, &last, &step);
  g_assert_cmpfloat_with_epsilon (last, 1.0, 1e-3);
  for (int n = 0; n < 2; n++) {
    const double wanted_db = n == 0 ? -20.0 : 0.0;

    *gain_db = wanted_db;
    dmix_ducker_set_params (ducker, &params);
    step = 0.0f;
    for (int b = 0; b < 5; b++)
      play (ducker, of_dialogue, &last, &step);
    g_assert_cmpfloat_with_epsilon (20.0 * log10 (last), wanted_db, 0.1);
    g_assert_cmpfloat (step, <, 0.01);
  }
  dmix_ducker_free (ducker);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/ducker/fader/background", GINT_TO_POINTER (FALSE),
      test_gain);
  g_test_add_data_func ("/ducker/fader/dialogue", GINT_TO_POINTER (TRUE),
      test_gain);
  return g_test_run ();
}

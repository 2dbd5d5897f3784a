/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of lowsound.h. */
#include "signals.h"

#include "speech/lowsound.h"

#define RATE 48000
#define FACTOR 4
#define WINDOW 240
#define PASS_HZ 4000.0

/* The samples of a window, in blocks of `block` frames, with sound from frame 0. */
static void
window_of (const float *in, size_t frames, size_t block, float *window)
{
  DmixLowSound *sound = dmix_lowsound_new (RATE, FACTOR, PASS_HZ, WINDOW);

  for (size_t at = 0; at < frames; at += block)
    dmix_lowsound_process (sound, in + at, MIN (block, frames - at));
  memcpy (window, dmix_lowsound_get (sound), WINDOW * sizeof *window);
  dmix_lowsound_free (sound);
}

/* The window ends less than a millisecond before the newest frame: a sine of 1 kHz
 * in it is that of these frames, within the ripple of 0.23 %. */
static void
test_sine (void)
{
  enum
  {
    FRAMES = 4800
  };
  static float in[FRAMES];
  float window[WINDOW];
  int best = -1;

  fill_sine (in, FRAMES, 1, 1000.0, RATE, 0.5);
  for (int i = 0; i < FRAMES; i++)
    in[i] *= (float) (i + 1) / FRAMES; /* no two periods are the same */
  window_of (in, FRAMES, 480, window);
  for (int late = 0; late < 48 && best < 0; late++) {
    double worst = 0.0;

    for (int i = 0; i < WINDOW; i++)
      worst = fmax (worst,
          fabs (window[i] - in[FRAMES - 1 - late - FACTOR * (WINDOW - 1 - i)]));
    best = worst < 0.5 * 0.0023 ? late : best;
  }
  g_assert_cmpint (best, >=, 0);
}

static void
test_blocks (void)
{
  static float in[7001];
  const size_t blocks[] = { 1, 7, 96, 1024, 7001 };
  float whole[WINDOW], window[WINDOW];

  fill_noise (in, 7001, 0.3, 5);
  window_of (in, 7001, 480, whole);
  g_assert_cmpfloat (fabsf (whole[0]) + fabsf (whole[WINDOW - 1]), >, 0.0f);
  for (guint b = 0; b < G_N_ELEMENTS (blocks); b++) {
    window_of (in, 7001, blocks[b], window);
    g_assert_cmpmem (window, sizeof window, whole, sizeof whole);
  }
}

/* A factor of 1 keeps the samples, of blocks longer than the window, too. */
static void
test_no_factor (void)
{
  DmixLowSound *sound = dmix_lowsound_new (8000, 1, PASS_HZ, 100);
  float in[250];

  fill_noise (in, 250, 0.3, 2);
  dmix_lowsound_process (sound, in, 30);
  g_assert_cmpfloat (dmix_lowsound_get (sound)[69], ==, 0.0f);
  g_assert_cmpmem (dmix_lowsound_get (sound) + 70, 30 * sizeof *in, in,
      30 * sizeof *in);
  dmix_lowsound_process (sound, in + 30, 220);
  g_assert_cmpmem (dmix_lowsound_get (sound), 100 * sizeof *in, in + 150,
      100 * sizeof *in);
  dmix_lowsound_free (sound);
}

/* Goes on as the other one would have; after a reset as a new one does. */
static void
test_state (void)
{
  DmixLowSound *a = dmix_lowsound_new (RATE, FACTOR, PASS_HZ, WINDOW);
  DmixLowSound *b = dmix_lowsound_new (RATE, FACTOR, PASS_HZ, WINDOW);
  float in[1000], fresh[WINDOW];

  fill_noise (in, 1000, 0.3, 7);
  window_of (in, 501, 501, fresh);
  dmix_lowsound_process (a, in + 100, 801);
  dmix_lowsound_take_over (b, a);
  dmix_lowsound_process (a, in, 333);
  dmix_lowsound_process (b, in, 333);
  g_assert_cmpmem (dmix_lowsound_get (a), sizeof fresh, dmix_lowsound_get (b),
      sizeof fresh);
  dmix_lowsound_reset (a);
  g_assert_cmpfloat (dmix_lowsound_get (a)[WINDOW - 1], ==, 0.0f);
  dmix_lowsound_process (a, in, 501);
  g_assert_cmpmem (dmix_lowsound_get (a), sizeof fresh, fresh, sizeof fresh);
  dmix_lowsound_free (a);
  dmix_lowsound_free (b);
}

static void
test_arguments (void)
{
  g_assert_null (dmix_lowsound_new (RATE, 0, PASS_HZ, WINDOW));
  g_assert_null (dmix_lowsound_new (RATE, FACTOR, PASS_HZ, 0));
  g_assert_null (dmix_lowsound_new (RATE, FACTOR, 6000.0, WINDOW));
  dmix_lowsound_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lowsound/sine", test_sine);
  g_test_add_func ("/lowsound/blocks", test_blocks);
  g_test_add_func ("/lowsound/no-factor", test_no_factor);
  g_test_add_func ("/lowsound/state", test_state);
  g_test_add_func ("/lowsound/arguments", test_arguments);
  return g_test_run ();
}

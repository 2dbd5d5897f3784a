/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The leveller and its decisions: target, limits, speed, splits, NaN, delay.
 * What it does to recordings is in tests/quality/test_level_quality.py. */
#include "signals.h"

#include "dynamics/leveller.h"

#include <math.h>

#define RATE 16000
#define FRAMES (8 * RATE)

static const DmixFormat mono = { RATE, 1 };

static DmixLevellerParams
standard (void)
{
  return (DmixLevellerParams){
    .control = { -23, 20, 20, 20, -60 },
    .anchor = DMIX_LEVELLER_PROGRAMME,
    .ceiling_dbtp = 0,
  };
}

/* dB of the last second of a sine of this amplitude. */
static double
level_of_sine (const DmixLevellerParams *params, double amplitude)
{
  DmixLeveller *self =
      dmix_leveller_new (&mono, NULL, NULL, DMIX_LEVELLER_RIDE, 100);
  float *x = g_new (float, FRAMES);
  double power = 0;

  for (int i = 0; i < FRAMES; i++)
    x[i] = (float) (amplitude * sin (2 * G_PI * 1000.0 * i / RATE));
  dmix_leveller_set_params (self, params);
  dmix_leveller_process (self, x, FRAMES);
  for (int i = FRAMES - RATE; i < FRAMES; i++)
    power += (double) x[i] * x[i] / RATE;
  g_free (x);
  dmix_leveller_free (self);
  return 10 * log10 (power);
}

/* A sine of 1 kHz has the loudness of its mean square within 0.1 LU. */
static void
test_target (void)
{
  DmixLevellerParams params = standard ();

  g_assert_cmpfloat_with_epsilon (level_of_sine (&params, 0.01), -23, 0.15);
  g_assert_cmpfloat_with_epsilon (level_of_sine (&params, 0.5), -23, 0.15);
  params.control.max_gain_db = 3;
  g_assert_cmpfloat_with_epsilon (level_of_sine (&params, 0.01), -40.01, 0.01);
  params.control.max_cut_db = 3;
  g_assert_cmpfloat_with_epsilon (level_of_sine (&params, 0.5), -12.03, 0.01);
  params.control.max_gain_db = 20;
  params.control.gate_lufs = -30; /* the sine is at -43 */
  g_assert_cmpfloat_with_epsilon (level_of_sine (&params, 0.01), -43.01, 0.01);
  params.control.gate_lufs = -60;
  params.control.target_lufs = -10;
  params.ceiling_dbtp = -20;
  g_assert_cmpfloat (level_of_sine (&params, 0.5), <, -23);
}

/* Gain per step of 10 ms, up to the smoothing, which sees no more than that. */
static void
test_speed (void)
{
  const DmixLevelControlParams params = { -20, 60, 60, 5, -90 };
  DmixLevelControl *self = dmix_levelcontrol_new (0);
  double last = 0;

  dmix_levelcontrol_set_params (self, &params);
  for (int i = 0; i < 1500; i++) {
    const double gain = dmix_levelcontrol_step (self, 1e-6, 1, 1);

    g_assert_cmpfloat (fabs (gain - last), <=, 0.05 + 1e-9);
    last = gain;
  }
  g_assert_cmpfloat (last, >, 39);
  for (int i = 0; i < 1000; i++) /* nothing counts: it rests */
    g_assert_cmpfloat_with_epsilon (dmix_levelcontrol_step (self, 1.0, i % 2,
                                        0),
        last, 1.5);
  g_assert_null (dmix_levelcontrol_new (DMIX_LEVELCONTROL_MAX_AHEAD + 1));
  dmix_levelcontrol_free (self);
}

/* A voice, 6 LU louder music of 20 s that does not count, and the voice again: the 400 ms
 * that hold both are no louder voice, so the gain stays where it is. (Half music and
 * half voice are 4 LU louder.) */
static void
test_border (void)
{
  const DmixLevelControlParams params = { -20, 60, 60, 20, -90, 6, 60, 4 };
  const double voice = 2.944e-3, music = 4 * voice; /* about -26 LUFS */
  DmixLevelControl *self = dmix_levelcontrol_new (DMIX_LEVELCONTROL_MAX_AHEAD);
  double settled = 0;

  dmix_levelcontrol_set_params (self, &params);
  for (int i = 0; i < 7000; i++) {
    const int is_music = i >= 4000 && i < 6000;
    const double gain = dmix_levelcontrol_step (self, is_music ? music : voice,
        !is_music, i < 4050 || i >= 6050);

    if (i == 3900)
      settled = gain;
    if (i >= 3900)
      g_assert_cmpfloat_with_epsilon (gain, settled, 0.05);
  }
  g_assert_cmpfloat_with_epsilon (settled, 6, 0.1);
  dmix_levelcontrol_free (self);
}

static void
test_splits (void)
{
  const size_t sizes[] = { FRAMES, 1, 7, 160, 1023 };
  float *first = NULL;

  for (int mode = 0; mode < 3; mode++) {
    g_clear_pointer (&first, g_free);
    for (unsigned s = 0; s < G_N_ELEMENTS (sizes); s++) {
      DmixLevellerParams params = standard ();
      DmixLeveller *self =
          dmix_leveller_new (&mono, NULL, NULL, (DmixLevellerMode) mode, 700);
      float *x = g_new (float, FRAMES);

      fill_noise (x, FRAMES, 0.05f, 1);
      params.anchor = DMIX_LEVELLER_DIALOGUE;
      params.gain_db = 4;
      dmix_leveller_set_params (self, &params);
      for (size_t at = 0; at < FRAMES; at += sizes[s])
        dmix_leveller_process (self, x + at, MIN (sizes[s], FRAMES - at));
      if (!first)
        first = x;
      else {
        g_assert_cmpmem (x, FRAMES * sizeof *x, first, FRAMES * sizeof *x);
        g_free (x);
      }
      dmix_leveller_free (self);
    }
  }
  g_free (first);
}

/* Bypass: the input to the bit, late by the reported delay; NaN becomes 0 and
 * does not stay. */
static void
test_bypass_and_nan (void)
{
  const double lookaheads[] = { 0, 1.37, 100, 3000 };

  for (unsigned l = 0; l < G_N_ELEMENTS (lookaheads); l++) {
    DmixLevellerParams params = standard ();
    DmixLeveller *self = dmix_leveller_new (&mono, NULL, NULL,
        DMIX_LEVELLER_RIDE, lookaheads[l]);
    const unsigned delay = dmix_leveller_latency_frames (self);
    float *x = g_new (float, FRAMES), *in;

    fill_noise (x, FRAMES, 0.2f, 1);
    x[100] = NAN;
    x[101] = INFINITY;
    in = g_memdup2 (x, FRAMES * sizeof *x);
    in[100] = in[101] = 0;
    params.bypass = 1;
    dmix_leveller_set_params (self, &params);
    dmix_leveller_process (self, x, FRAMES);
    g_assert_cmpmem (x + delay, (FRAMES - delay) * sizeof *x, in,
        (FRAMES - delay) * sizeof *x);
    params.bypass = 0;
    dmix_leveller_set_params (self, &params);
    dmix_leveller_process (self, x, FRAMES);
    for (int i = 0; i < FRAMES; i++)
      g_assert_true (isfinite (x[i]));
    g_free (in);
    g_free (x);
    dmix_leveller_free (self);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/leveller/target", test_target);
  g_test_add_func ("/leveller/speed", test_speed);
  g_test_add_func ("/leveller/border", test_border);
  g_test_add_func ("/leveller/splits", test_splits);
  g_test_add_func ("/leveller/bypass_and_nan", test_bypass_and_nan);
  return g_test_run ();
}

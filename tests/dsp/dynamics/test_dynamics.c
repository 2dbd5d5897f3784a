/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of dynamics.h: curve, times, look-ahead, link, mix and makeup.
 * Tolerances: a step of 1/6000 s in time; the detector's ripple in level. */
#include "dynamicsrig.h"

#define RATE 48000

/* Steady gain of a sine of 997 Hz at this level (peak, dB). */
static double
sine_gain_db (unsigned rate, const DmixDynamicsParams *p, double peak_db)
{
  const size_t frames = rate * 2 / 5, part = rate / 10;
  float *x = g_new (float, frames), *y;
  double gain;

  fill_sine (x, frames, 1, 997, rate, pow (10, peak_db / 20));
  y = rig_run (rate, 1, p, x, frames, 4096);
  gain =
      db (rms (y + frames - part, part, 1) / rms (x + frames - part, part, 1));
  g_free (x);
  g_free (y);
  return gain;
}

/* Giannoulis et al., equation 4. */
static double
curve_db (const DmixDynamicsParams *p, double level)
{
  const double d = level - p->threshold_db, w = p->knee_db;

  if (2 * d < -w)
    return 0;
  if (w > 0 && 2 * fabs (d) <= w)
    return (1 / p->ratio - 1) * pow (d + w / 2, 2) / (2 * w);
  return (1 / p->ratio - 1) * d;
}

/* The full grid of parameters: error <= 0.05 dB (rms), 0.10 dB (peak, where
 * the largest of the 8 samples of a step is a little below the top). */
static void
check_static_curve (unsigned rate, double level)
{
  const double thresholds[] = { -40, -20, -10 }, knees[] = { 0, 6, 12 };
  const double ratios[] = { 1, 1.5, 2, 4, 10, INFINITY };

  for (int t = 0; t < 3; t++)
    for (int r = 0; r < 6; r++)
      for (int k = 0; k < 3; k++) {
        DmixDynamicsParams p = rig_params ();

        p.threshold_db = thresholds[t];
        p.ratio = ratios[r];
        p.knee_db = knees[k];
        p.hold_ms = 2;
        p.release_ms = 10;
        p.lookahead_ms = 1;
        g_assert_cmpfloat_with_epsilon (sine_gain_db (rate, &p, level),
            curve_db (&p, level), 0.10);
        p.detector = DMIX_DETECTOR_RMS;
        p.rms_window_ms = 50;
        g_assert_cmpfloat_with_epsilon (sine_gain_db (rate, &p, level),
            curve_db (&p, level - 3.0103), 0.05);
      }
}

static void
test_static_curve (void)
{
  const unsigned rates[] = { 44100, 48000, 96000 };

  for (int i = 0; i < 3; i++)
    for (double level = g_test_slow () ? -60 : -60 + 2 * i; level <= 0;
         level += g_test_slow () ? 2 : 6)
      check_static_curve (rates[i], level);
}

static void
test_static_curve_of_soft_sound (void)
{
  DmixDynamicsParams p = rig_params ();

  p.detector = DMIX_DETECTOR_RMS;
  p.rms_window_ms = 50;
  p.threshold_db = -30;
  p.ratio = 2;
  p.release_ms = 5;
  p.mode = DMIX_DYNAMICS_EXPAND;
  for (double level = -60; level <= 0; level += 4)
    g_assert_cmpfloat_with_epsilon (sine_gain_db (RATE, &p, level),
        MIN (0, level - 3.0103 + 30), 0.05);
  p.mode = DMIX_DYNAMICS_UPWARD;
  for (double level = -60; level <= 0; level += 4)
    g_assert_cmpfloat_with_epsilon (sine_gain_db (RATE, &p, level),
        MAX (0, -0.5 * (level - 3.0103 + 30)), 0.05);
  p.mode = DMIX_DYNAMICS_GATE;
  for (double level = -60; level <= 0; level += 4)
    g_assert_cmpfloat_with_epsilon (sine_gain_db (RATE, &p, level),
        level - 3.0103 < -30 ? -60 : 0, 0.05);
}

/* DC that steps from -26 to -6 dBFS at 1 s and back at 2 s. */
static float *
steps (unsigned rate, size_t frames)
{
  float *x = g_new (float, frames);

  for (size_t i = 0; i < frames; i++)
    x[i] = i >= rate && i < 2 * rate ? 0.50118723f : 0.050118723f;
  return x;
}

/* Milliseconds after second `start` at which the gain has passed `limit_db`. */
static double
passed_ms (const float *y, const float *x, unsigned rate, unsigned start,
    double limit_db, int falling)
{
  size_t i = start * rate;

  while (falling ? db (y[i] / x[i]) > limit_db : db (y[i] / x[i]) < limit_db)
    i++;
  return (i - start * rate) * 1000.0 / rate;
}

/* Reduction is 14 dB * (1 - 1/4) = 10.5 dB. 63 % within 3 % or 1 ms, 90 % at
 * 2.303 time constants within 5 % or 1 ms. */
static void
test_times (void)
{
  const unsigned rates[] = { 16000, 44100, 48000 };
  const double attacks[] = { 1, 5, 20, 100 }, releases[] = { 50, 250, 1000 };

  for (int n = 0; n < 36; n++) {
    const unsigned rate = rates[n % 3];
    const double attack = attacks[n / 3 % 4], release = releases[n / 12];
    const size_t frames = 5 * rate;
    DmixDynamicsParams p = rig_params ();
    float *x = steps (rate, frames), *y;

    p.attack_ms = attack;
    p.release_ms = release;
    y = rig_run (rate, 1, &p, x, frames, 4096);
    g_assert_cmpfloat_with_epsilon (passed_ms (y, x, rate, 1,
                                        -10.5 * (1 - exp (-1)), TRUE),
        attack, MAX (1, 0.03 * attack));
    g_assert_cmpfloat_with_epsilon (passed_ms (y, x, rate, 1, -9.45, TRUE),
        2.303 * attack, MAX (1, 0.05 * 2.303 * attack));
    g_assert_cmpfloat_with_epsilon (passed_ms (y, x, rate, 2, -10.5 * exp (-1),
                                        FALSE),
        release, MAX (1, 0.03 * release));
    g_assert_cmpfloat_with_epsilon (passed_ms (y, x, rate, 2, -1.05, FALSE),
        2.303 * release, MAX (1, 0.05 * 2.303 * release));
    g_free (x);
    g_free (y);
  }
}

static void
test_hold (void)
{
  const double holds[] = { 0, 1, 10, 100, 500 };

  for (int h = 0; h < 5; h++) {
    DmixDynamicsParams p = rig_params ();
    float *x = steps (RATE, 4 * RATE), *y;

    p.hold_ms = holds[h];
    p.release_ms = 50;
    y = rig_run (RATE, 1, &p, x, 4 * RATE, 4096);
    g_assert_cmpfloat_with_epsilon (passed_ms (y, x, RATE, 2, -10.499, FALSE),
        holds[h], 1);
    g_free (x);
    g_free (y);
  }
}

/* For gate and expander attack opens and release closes, after the hold. */
static void
test_times_of_a_gate (void)
{
  DmixDynamicsParams p = rig_params ();
  float *x = steps (RATE, 4 * RATE), *y;

  p.mode = DMIX_DYNAMICS_GATE;
  p.range_db = 20;
  p.attack_ms = 10;
  p.hold_ms = 50;
  p.release_ms = 100;
  y = rig_run (RATE, 1, &p, x, 4 * RATE, 4096);
  g_assert_cmpfloat_with_epsilon (passed_ms (y, x, RATE, 1, -20 * exp (-1),
                                      FALSE),
      10, 1);
  g_assert_cmpfloat_with_epsilon (passed_ms (y, x, RATE, 2, -0.001, TRUE), 50,
      1);
  g_assert_cmpfloat_with_epsilon (passed_ms (y, x, RATE, 2,
                                      -20 * (1 - exp (-1)), TRUE),
      150, 3);
  g_free (x);
  g_free (y);
}

/* With attack 0 and a look-ahead of two steps or more, the gain is fully
 * reduced, and a gate fully open, before the onset. */
static void
test_lookahead_is_in_time (void)
{
  const double looks[] = { 0.5, 1.37, 5, 20, 100 };

  for (int l = 0; l < 5; l++)
    for (int gate = 0; gate < 2; gate++) {
      DmixDynamicsParams p = rig_params ();
      float *x = steps (RATE, 3 * RATE), *y;

      p.mode = gate ? DMIX_DYNAMICS_GATE : DMIX_DYNAMICS_COMPRESS;
      p.range_db = 40;
      p.lookahead_ms = looks[l];
      p.release_ms = 50;
      y = rig_run (RATE, 1, &p, x, 3 * RATE, 4096);
      for (size_t i = RATE; i < 2 * RATE; i++)
        g_assert_cmpfloat_with_epsilon (db (y[i] / x[i]), gate ? 0 : -10.5,
            1e-4);
      g_assert_cmpfloat_with_epsilon (db (y[RATE - 1
                                              - (size_t) (looks[l] * RATE
                                                  / 1000)
                                              - 8]
                                          / 0.050118723),
          gate ? -40 : 0, 1e-4);
      g_free (x);
      g_free (y);
    }
}

/* Energy of all but the sine itself, dB below it, over 1 s (whole periods). */
static double
distortion_db (const float *y, unsigned rate, double frequency)
{
  double re = 0, im = 0, all = 0, own;

  for (size_t i = 0; i < rate; i++) {
    re += y[i] * cos (2 * G_PI * frequency * i / rate);
    im += y[i] * sin (2 * G_PI * frequency * i / rate);
    all += (double) y[i] * y[i];
  }
  own = 2 * (re * re + im * im) / rate;
  return 10 * log10 (MAX (all - own, 1e-20) / own);
}

/* 1 kHz at 6 dB of reduction: 8 dB above the threshold at 4:1. At most -80
 * dB. */
static void
test_distortion (void)
{
  for (int detector = 0; detector < 3; detector++) {
    DmixDynamicsParams p = rig_params ();
    float *x = g_new (float, 3 * RATE), *y;

    p.detector = (DmixDetectorKind) detector;
    p.attack_ms = 5;
    p.release_ms = 100;
    p.lookahead_ms = 5;
    p.threshold_db = detector == DMIX_DETECTOR_PEAK ? -14 : -17;
    fill_sine (x, 3 * RATE, 1, 1000, RATE, 0.5011872);
    y = rig_run (RATE, 1, &p, x, 3 * RATE, 1024);
    g_assert_cmpfloat_with_epsilon (db (rms (y + RATE, RATE, 1)
                                        / rms (x + RATE, RATE, 1)),
        -6, 0.15);
    g_test_message ("detector %d: %.1f dB", detector,
        distortion_db (y + RATE, RATE, 1000));
    g_assert_cmpfloat (distortion_db (y + RATE, RATE, 1000), <, -80);
    g_free (x);
    g_free (y);
  }
}

/* Gains of a loud left and a soft right channel. */
static void
linked_gains (DmixDynamicsMode mode, double link, double *left, double *right)
{
  DmixDynamicsParams p = rig_params ();
  float *x = g_new (float, RATE * 2), *y;

  p.mode = mode;
  p.ratio = 2;
  p.link = link;
  p.threshold_db = -30;
  p.range_db = 40;
  for (size_t i = 0; i < RATE; i++) {
    x[2 * i] = 0.1f;      /* -20 dB */
    x[2 * i + 1] = 0.01f; /* -40 dB */
  }
  y = rig_run (RATE, 2, &p, x, RATE, 1024);
  *left = db (y[2 * RATE - 2] / x[2 * RATE - 2]);
  *right = db (y[2 * RATE - 1] / x[2 * RATE - 1]);
  g_free (x);
  g_free (y);
}

/* Own gains 2:1 at -30 dB: compress -5 and 0, upward 0 and 5, expand 0 and
 * -10, gate 0 and -40. Linked: those of the louder, left channel. */
static void
test_link (void)
{
  const double own[5][2] = { { -5, 0 }, { 0, 0 }, { 0, -10 }, { 0, -40 },
    { 0, 5 } };
  const double links[] = { 0, 0.5, 1 };

  for (int mode = 0; mode < 5; mode++)
    for (int l = 0; l < 3 && mode != DMIX_DYNAMICS_LIMIT; l++) {
      double left, right;

      linked_gains ((DmixDynamicsMode) mode, links[l], &left, &right);
      g_assert_cmpfloat_with_epsilon (left, own[mode][0], 0.001);
      g_assert_cmpfloat_with_epsilon (right,
          (1 - links[l]) * own[mode][1] + links[l] * own[mode][0], 0.001);
    }
}

/* Steady gain of DC at -6.0206 dB. */
static double
dc_gain_db (const DmixDynamicsParams *p)
{
  float *x = g_new (float, RATE), *y;
  double gain;

  for (size_t i = 0; i < RATE; i++)
    x[i] = 0.5f;
  y = rig_run (RATE, 1, p, x, RATE, 1024);
  gain = y[RATE - 1] / x[RATE - 1];
  g_free (x);
  g_free (y);
  return db (gain);
}

static void
test_makeup_mix_and_range (void)
{
  const double reduced = -0.75 * (20 - 6.0206);
  DmixDynamicsParams p = rig_params ();

  g_assert_cmpfloat_with_epsilon (dc_gain_db (&p), reduced, 1e-4);
  p.makeup_db = 4;
  g_assert_cmpfloat_with_epsilon (dc_gain_db (&p), reduced + 4, 1e-4);
  p.auto_makeup = 1; /* half of 0.75 * 20 dB more */
  g_assert_cmpfloat_with_epsilon (dc_gain_db (&p), reduced + 4 + 7.5, 1e-4);
  p.auto_makeup = 0;
  p.mix = 0.25;
  g_assert_cmpfloat_with_epsilon (dc_gain_db (&p),
      db (0.75 + 0.25 * pow (10, (reduced + 4) / 20)), 1e-4);
  p.mix = 1;
  p.makeup_db = 0;
  p.range_db = 3;
  g_assert_cmpfloat_with_epsilon (dc_gain_db (&p), -3, 1e-4);
  p.bypass = 1;
  g_assert_cmpfloat (dc_gain_db (&p), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dynamics/static-curve", test_static_curve);
  g_test_add_func ("/dynamics/static-curve-of-soft-sound",
      test_static_curve_of_soft_sound);
  g_test_add_func ("/dynamics/times", test_times);
  g_test_add_func ("/dynamics/hold", test_hold);
  g_test_add_func ("/dynamics/times-of-a-gate", test_times_of_a_gate);
  g_test_add_func ("/dynamics/lookahead-is-in-time", test_lookahead_is_in_time);
  g_test_add_func ("/dynamics/distortion", test_distortion);
  g_test_add_func ("/dynamics/link", test_link);
  g_test_add_func ("/dynamics/makeup-mix-and-range", test_makeup_mix_and_range);
  return g_test_run ();
}

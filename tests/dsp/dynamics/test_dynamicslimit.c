/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of the limiter of dynamics.h: the ceiling, measured by an
 * independent interpolator with 16 points per frame and 128 taps. */
#include "dynamicsrig.h"

#define FINE 16
#define SIDE 64 /* taps on each side */

static double taps[FINE][2 * SIDE];

static double
bessel_i0 (double x)
{
  double sum = 1, term = 1;

  for (int k = 1; k < 50; k++)
    sum += term *= x * x / (4.0 * k * k);
  return sum;
}

static void
make_taps (void)
{
  for (int p = 0; p < FINE; p++)
    for (int k = 0; k < 2 * SIDE; k++) {
      const double t = k - (SIDE - 1) - (double) p / FINE;
      const double w = bessel_i0 (8 * sqrt (MAX (0, 1 - t * t / (SIDE * SIDE))))
          / bessel_i0 (8);

      taps[p][k] = w * (t == 0 ? 1 : sin (G_PI * t) / (G_PI * t));
    }
}

static double
true_peak_db (const float *x, size_t frames)
{
  double peak = 0;

  for (size_t i = SIDE; i + SIDE < frames; i++) {
    float near = 0;

    for (int k = -8; k <= 8; k++)
      near = MAX (near, fabsf (x[i + k]));
    if (near < 0.5 * peak) /* cannot exceed the peak */
      continue;
    for (int p = 0; p < FINE; p++) {
      double sum = 0;

      for (int k = 0; k < 2 * SIDE; k++)
        sum += taps[p][k] * x[i + k - (SIDE - 1)];
      peak = MAX (peak, fabs (sum));
    }
  }
  return db (peak);
}

static DmixDynamicsParams
limiter (double lookahead_ms)
{
  return (DmixDynamicsParams){ .mode = DMIX_DYNAMICS_LIMIT,
    .ratio = 1,
    .release_ms = 50,
    .lookahead_ms = lookahead_ms,
    .mix = 1,
    .link = 1,
    .ceiling_dbtp = -1 };
}

/* Fades the ends: abrupt ones would ring between samples. */
static void
fade (float *x, size_t frames)
{
  for (size_t i = 0; i < frames / 20; i++) {
    x[i] *= (float) i / (frames / 20);
    x[frames - 1 - i] *= (float) i / (frames / 20);
  }
}

static void
noise_with_spikes (float *x, size_t frames, unsigned rate)
{
  fill_noise (x, frames, 0.17, 1);
  for (size_t i = 331; i < frames; i += 331 + i % 97)
    x[i] = i % 3 ? 1.5f : -1.5f;
}

static void
one_sample (float *x, size_t frames, unsigned rate)
{
  fill_sine (x, frames, 1, MIN (8000, 0.4 * rate), rate, 0.17782794);
  x[frames / 2] = 1;
}

static void
sines (float *x, size_t frames, unsigned rate)
{
  double f[12], a[12];

  for (int k = 0; k < 12; k++) {
    f[k] = 2 * G_PI * g_test_rand_double_range (0.001, 0.45);
    a[k] = g_test_rand_double_range (0, 0.5);
  }
  for (size_t i = 0; i < frames; i++) {
    double sum = 0;

    for (int k = 0; k < 12; k++)
      sum += a[k] * sin (f[k] * i + k);
    x[i] = (float) sum;
  }
}

/* True peak of the output for look-aheads of 0.5 ms and more. */
static void
test_ceiling (void)
{
  void (*signals[]) (float *, size_t, unsigned) = {
    noise_with_spikes,
    one_sample,
    sines,
  };
  const unsigned rates[] = { 22050, 44100, 48000, 96000 };
  const double looks[] = { 0.5, 1.5, 5 };

  make_taps ();
  for (int n = 0; n < 36; n++) {
    const unsigned rate = rates[n % 4];
    const size_t frames = rate / 2;
    const DmixDynamicsParams p = limiter (looks[n / 12]);
    float *x = g_new (float, frames), *y;
    double peak;

    signals[n / 4 % 3](x, frames, rate);
    fade (x, frames);
    y = rig_run (rate, 1, &p, x, frames, 0);
    peak = true_peak_db (y, frames);
    g_test_message ("%u Hz, %g ms, signal %d: %.3f dBTP", rate, looks[n / 12],
        n / 4 % 3, peak);
    g_assert_cmpfloat (peak, <=, -1 + 0.05);
    for (size_t i = 0; i < frames; i++)
      g_assert_cmpfloat (fabsf (y[i]), <=, 0.8912510f);
    g_free (x);
    g_free (y);
  }
}

/* No needless reduction: audio that peaks at the ceiling is lowered at most by
 * the margin for other interpolators. */
static void
test_no_more_than_needed (void)
{
  const DmixDynamicsParams p = limiter (5);
  float *x = g_new (float, 48000), *y;

  fill_sine (x, 48000, 1, 1000, 48000, 0.8912509);
  y = rig_run (48000, 1, &p, x, 48000, 0);
  g_assert_cmpfloat_with_epsilon (db (rms (y, 48000, 1) / rms (x, 48000, 1)),
      -0.1, 0.01);
  g_free (y);
  fill_sine (x, 48000, 1, 1000, 48000, 0.88);
  y = rig_run (48000, 1, &p, x, 48000, 0);
  g_assert_cmpmem (x, 48000 * sizeof *x, y, 48000 * sizeof *y);
  g_free (x);
  g_free (y);
}

/* Without look-ahead samples still keep the ceiling, with and without link;
 * makeup is applied before it. */
static void
test_samples_without_lookahead (void)
{
  const double looks[] = { 0, 0.1, 0.2, 0.3 };

  for (int n = 0; n < 24; n++) {
    const unsigned rate = n % 3 ? 48000 : 8000;
    DmixDynamicsParams p = limiter (looks[n / 6]);
    float *x = g_new (float, 2 * rate), *y;

    p.link = n % 2;
    p.makeup_db = n % 5;
    noise_with_spikes (x, 2 * rate, rate);
    y = rig_run (rate, 2, &p, x, rate, 0);
    for (size_t i = 0; i < 2 * rate; i++)
      g_assert_cmpfloat (fabsf (y[i]), <=, 0.8912510f);
    g_assert_cmpfloat (rms (y, rate, 2), >, 0.5 * rms (x, rate, 2));
    g_free (x);
    g_free (y);
  }
}

/* Makeup drives the limiter, with auto release and hold. */
static void
test_drive (void)
{
  DmixDynamicsParams p = limiter (5);
  float *x = g_new (float, 48000), *y;

  p.makeup_db = 20;
  fill_sine (x, 48000, 1, 1000, 48000, 0.05);
  y = rig_run (48000, 1, &p, x, 48000, 0);
  g_assert_cmpfloat_with_epsilon (db (rms (y + 24000, 24000, 1) * sqrt (2)),
      db (0.5), 0.001);
  g_free (y);
  fill_sine (x, 48000, 1, 1000, 48000, 0.5);
  y = rig_run (48000, 1, &p, x, 48000, 0);
  g_assert_cmpfloat_with_epsilon (db (rms (y + 24000, 24000, 1) * sqrt (2)),
      -1.1, 0.01);
  g_free (x);
  g_free (y);
}

/* One channel's peak lowers both (linked), or only itself. */
static void
test_link (void)
{
  for (int link = 0; link < 2; link++) {
    DmixDynamicsParams p = limiter (5);
    float *x = g_new (float, 96000), *y;

    p.link = link;
    for (int i = 0; i < 48000; i++) {
      x[2 * i] = 1.0f;
      x[2 * i + 1] = 0.1f;
    }
    y = rig_run (48000, 2, &p, x, 48000, 0);
    g_assert_cmpfloat_with_epsilon (db (y[48000]), -1.1, 0.01);
    g_assert_cmpfloat_with_epsilon (db (y[48001]), link ? -21.1 : -20, 0.01);
    g_free (x);
    g_free (y);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dynamicslimit/ceiling", test_ceiling);
  g_test_add_func ("/dynamicslimit/no-more-than-needed",
      test_no_more_than_needed);
  g_test_add_func ("/dynamicslimit/samples-without-lookahead",
      test_samples_without_lookahead);
  g_test_add_func ("/dynamicslimit/drive", test_drive);
  g_test_add_func ("/dynamicslimit/link", test_link);
  return g_test_run ();
}

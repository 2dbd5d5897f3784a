/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of binloops.h: all versions give the same bits, and the approximations
 * are within the errors stated in binloops.c. */
#include "signals.h"

#include "denoise/binloops.h"

enum
{
  BINS = 203,
  OCTAVES = 4,
  REACH = 15,
  ARRAYS = 10
};

typedef struct
{
  float array[ARRAYS][BINS + 2 * REACH];
  float sum;
} Result;

static void
fill_powers (float *out, guint32 seed)
{
  GRand *rand = g_rand_new_with_seed (seed);

  for (int b = 0; b < BINS; b++)
    out[b] = (float) pow (10.0, g_rand_double_range (rand, -4, 5));
  g_rand_free (rand);
}

static void
run_all (const DmixBinLoops *loops, Result *r)
{
  const DmixTrackLaw track = { 2.3f, 9.6f, 0.07f, 0.07f };
  const DmixGainLaw law = { 0.97f, 0.003f };
  float (*a)[BINS + 2 * REACH] = r->array;

  memset (r, 0, sizeof *r);
  for (int frame = 0; frame < 20; frame++) {
    float re[BINS], im[BINS], power[BINS];

    fill_powers (re, 2 * frame);
    fill_powers (im, 2 * frame + 1);
    loops->power (power, re, im, BINS, 0);
    loops->power (power, im, re, BINS, 1);
    if (frame == 0)
      memcpy (a[0], power, sizeof power);
    loops->track (&track, power, a[0], a[1], a[2], BINS);
    loops->octaves (power, a[0], 0.003f, a[8], BINS);
    loops->follow (a[9], a[8], a[2], BINS);
    loops->ratios (a[9], 1.4f, 0.003f, a[4], BINS);
    loops->gain (&law, power, a[0], a[3], a[4], a[5], BINS);
    loops->widen (a[4], a[6], a[7], BINS, 0.2f, 10.0f, OCTAVES);
    loops->fade (a[5], a[7], 0.1f, BINS);
    loops->floor (a[5], 0.25f, BINS);
    loops->remove (re, im, a[5], BINS);
    loops->weigh (power, a[5], BINS);
    r->sum += loops->sum (re, BINS) + loops->sum (power, BINS);
  }
}

static void
test_versions_agree (void)
{
#ifdef HAVE_AVX2
  static Result plain, avx2;

  if (!__builtin_cpu_supports ("avx2")) {
    g_test_skip ("this processor has no AVX2");
    return;
  }
  run_all (&dmix_binloops_plain, &plain);
  run_all (&dmix_binloops_avx2, &avx2);
  g_assert_cmpmem (&plain, sizeof plain, &avx2, sizeof avx2);
  g_assert_cmpfloat (plain.sum, >, 0.0);
#else
  g_test_skip ("built without AVX2 loops");
#endif
}

/* No loop writes past its `bins` floats: every version, any number of bins. */
static void
check_ends (const DmixBinLoops *loops, unsigned bins)
{
  const DmixTrackLaw track = { 2.3f, 9.6f, 0.07f, 0.07f };
  const DmixGainLaw law = { 0.97f, 0.003f };
  float a[ARRAYS][BINS + 1], wide[BINS + 2 * REACH + 1];

  for (unsigned i = 0; i < ARRAYS; i++)
    for (unsigned b = 0; b <= bins; b++)
      a[i][b] = b < bins ? 0.5f : -7.0f - i;
  wide[bins + 2 * REACH] = -7.0f;
  loops->power (a[0], a[1], a[2], bins, 0);
  loops->power (a[0], a[1], a[2], bins, 1);
  loops->track (&track, a[0], a[3], a[4], a[5], bins);
  loops->choose (a[3], a[9], 1.1f, a[4], 1.2f, bins);
  loops->octaves (a[0], a[3], 0.003f, a[6], bins);
  loops->follow (a[7], a[6], a[5], bins);
  loops->ratios (a[6], 1.4f, 0.003f, a[8], bins);
  loops->gain (&law, a[0], a[3], a[9], a[8], a[7], bins);
  loops->widen (a[8], a[6], wide, bins, 0.2f, 10.0f, OCTAVES);
  loops->fade (a[7], wide, 0.1f, bins);
  loops->floor (a[7], 0.25f, bins);
  loops->remove (a[1], a[2], a[7], bins);
  loops->weigh (a[0], a[7], bins);
  for (unsigned i = 0; i < ARRAYS; i++)
    g_assert_cmpfloat (a[i][bins], ==, -7.0f - i);
  g_assert_cmpfloat (wide[bins + 2 * REACH], ==, -7.0f);
}

static void
test_ends (void)
{
  for (unsigned bins = 2 * REACH; bins <= BINS; bins++) {
    check_ends (&dmix_binloops_plain, bins);
    check_ends (dmix_binloops_get (), bins);
  }
}

/* The mean under a triangle of 2 * 2^octaves - 1 bins, mirrored at the ends. */
static double
triangle (const float *x, int bins, int b, unsigned octaves)
{
  const int width = 1 << octaves;
  double sum = 0.0;

  for (int k = 1 - width; k < width; k++) {
    const int at = b + k < 0 ? -(b + k) : b + k;

    sum += (width - abs (k)) * x[at < bins ? at : 2 * (bins - 1) - at];
  }
  return sum / (width * width);
}

static void
test_widen (void)
{
  enum
  {
    MOST_OCTAVES = 6,
    ROOM = BINS + 4 * (1 << MOST_OCTAVES)
  };
  float prior[BINS], slow[BINS], wide[ROOM];

  for (unsigned octaves = 1; octaves <= MOST_OCTAVES; octaves++)
    for (int bins = 130; bins <= BINS; bins += 7) {
      fill_noise (prior, BINS, 0.5, octaves);
      memset (slow, 0, sizeof slow);
      dmix_binloops_get ()->widen (prior, slow, wide, bins, 1.0f, 10.0f,
          octaves);
      for (int b = 0; b < bins; b++)
        g_assert_cmpfloat_with_epsilon (wide[b],
            triangle (prior, bins, b, octaves), 1e-6);
    }
}

/* The first of the largest values, if it is above the least. */
static void
test_peak (void)
{
  float a[40];

  for (unsigned count = 1; count <= 40; count++) {
    const DmixBinLoops *loops[] = { &dmix_binloops_plain,
      dmix_binloops_get () };

    for (int i = 0; i < 2; i++) {
      const unsigned top = g_test_rand_int_range (0, count);

      fill_noise (a, 40, 0.5, count);
      g_assert_cmpint (loops[i]->peak (a, count, 1.0f), ==, -1);
      a[top] = a[count - 1] = 1.5f;
      g_assert_cmpint (loops[i]->peak (a, count, 1.0f), ==, top);
      if (count < 40)
        a[count] = 2.0f;
      g_assert_cmpint (loops[i]->peak (a, count, 1.0f), ==, top);
    }
  }
}

/* The sum adds `bins` floats, neither fewer nor more. */
static void
test_sum (void)
{
  float a[40];

  for (unsigned bins = 0; bins < 40; bins++) {
    for (unsigned b = 0; b < 40; b++)
      a[b] = b < bins ? (float) (b + 1) : 1000.0f;
    g_assert_cmpfloat (dmix_binloops_plain.sum (a, bins), ==,
        bins * (bins + 1) / 2.0);
    g_assert_cmpfloat (dmix_binloops_get ()->sum (a, bins), ==,
        bins * (bins + 1) / 2.0);
  }
}

/* E1 (x), Abramowitz and Stegun 5.1.11 (series) and 5.1.22 (fraction). */
static double
exponential_integral (double x)
{
  double sum = 0, term = 1;

  if (x > 2) {
    for (int n = 60; n > 0; n--)
      sum = n / (1 + n / (x + sum));
    return exp (-x) / (x + sum);
  }
  for (int n = 1; n < 60; n++) {
    term *= -x / n;
    sum -= term / n;
  }
  return -0.57721566490153286 - log (x) + sum;
}

/* The gain equals that of the log spectral amplitude estimator within 0.01 dB
 * and is never above 1. */
static void
test_gain (void)
{
  const DmixGainLaw law = { 0.5f, 0.003f };

  for (double prior = -20; prior <= 30; prior += 2.5)
    for (double snr_db = -20; snr_db <= 30; snr_db += 2.5) {
      const double snr = pow (10.0, snr_db / 10.0);
      const float power = (float) snr, noise = 1.0f;
      float speech = (float) (2 * pow (10.0, prior / 10.0)), gain;
      const double directed =
          pow (10.0, prior / 10.0) + fmax (0.0, snr - 1.0) / 2;
      float x = 0.5f;
      double v;

      dmix_binloops_plain.gain (&law, &power, &noise, &speech, &x, &gain, 1);
      g_assert_cmpfloat_with_epsilon (x / sqrt (0.5 * directed), 1.0, 1e-4);
      v = snr * x / (1 + x);
      g_assert_cmpfloat_with_epsilon (db (gain),
          fmin (0.0, db (x / (1.0 + x) * exp (exponential_integral (v) / 2))),
          0.01);
      g_assert_cmpfloat (gain, <=, 1.0f);
      g_assert_cmpfloat_with_epsilon (speech / (gain * gain * snr), 1.0, 1e-3);
    }
}

/* octaves() is a logarithm to base 2, and ratios() its inverse. */
static void
test_octaves (void)
{
  for (double ratio = 0.0125; ratio < 9000; ratio *= 1.07) {
    const float power = (float) (2 * (ratio + 1)), noise = 2.0f;
    float octaves, back;

    dmix_binloops_plain.octaves (&power, &noise, 0.01f, &octaves, 1);
    g_assert_cmpfloat_with_epsilon (octaves, log2 (ratio), 1e-4);
    dmix_binloops_plain.ratios (&octaves, 3.0f, 0.01f, &back, 1);
    g_assert_cmpfloat_with_epsilon (back / (3 * ratio), 1.0, 1e-4);
  }
}

/* Presence, its mean and the noise follow their formulas, SNR -20 to 20 dB. */
static void
test_presence (void)
{
  const DmixTrackLaw law = { 1.4f, 6.0f, 0.1f, 0.1f };

  for (double snr = 0.01; snr < 100; snr *= 1.2) {
    float power[3] = { (float) snr, (float) snr, (float) snr };
    float noise[3] = { 1, 1, 1 }, mean[3] = { 0 }, presence[3];
    const double p = 1 / (1 + exp2 (6.0 - 1.4f * snr));

    dmix_binloops_plain.track (&law, power, noise, mean, presence, 3);
    for (int b = 0; b < 3; b++) {
      g_assert_cmpfloat_with_epsilon (presence[b], p, 1e-6);
      g_assert_cmpfloat_with_epsilon (mean[b], 0.1 * p, 1e-6);
      g_assert_cmpfloat_with_epsilon (noise[b], 1 + 0.1 * (1 - p) * (snr - 1),
          1e-5);
    }
  }
}

/* A constant stays constant up to the edges; a peak becomes a triangle. */
static void
test_widening (void)
{
  float prior[BINS] = { 0 }, slow[BINS] = { 0 }, wide[BINS + 2 * REACH];

  prior[100] = 1.0f;
  dmix_binloops_plain.widen (prior, slow, wide, BINS, 1.0f, 2.0f, OCTAVES);
  for (int b = 0; b < BINS; b++)
    g_assert_cmpfloat_with_epsilon (wide[b],
        MAX (0, 16 - ABS (b - 100)) / 256.0, 1e-6);
  for (int b = 0; b < BINS; b++)
    prior[b] = 3.0f;
  dmix_binloops_plain.widen (prior, slow, wide, BINS, 1.0f, 2.0f, OCTAVES);
  for (int b = 0; b < BINS; b++)
    g_assert_cmpfloat_with_epsilon (wide[b], 2.0, 1e-5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/binloops/widen", test_widen);
  g_test_add_func ("/binloops/peak", test_peak);
  g_test_add_func ("/binloops/versions-agree", test_versions_agree);
  g_test_add_func ("/binloops/ends", test_ends);
  g_test_add_func ("/binloops/sum", test_sum);
  g_test_add_func ("/binloops/gain", test_gain);
  g_test_add_func ("/binloops/octaves", test_octaves);
  g_test_add_func ("/binloops/presence", test_presence);
  g_test_add_func ("/binloops/widening", test_widening);
  return g_test_run ();
}

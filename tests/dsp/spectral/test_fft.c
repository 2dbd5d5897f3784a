/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of fft.h, at every size, against the sum that defines the
 * transform. */
#include "signals.h"

#include "spectral/fft.h"
#include "spectral/fftpass.h"

#define LARGEST DMIX_FFT_MAX_SIZE

/* Errors are relative to the largest possible bin of the signal, and grow with
 * the number of passes: 3e-8 (half a unit in the last place) for each of the
 * three operations of up to 16 radix-2 steps. */
#define TOLERANCE 1e-6

static float noise[LARGEST], back[LARGEST];
static float re[LARGEST / 2 + 1], im[LARGEST / 2 + 1];

static guint
next_size (guint size)
{
  return dmix_fft_size_for (size + 1);
}

static void
bin_of_definition (const float *x, guint size, guint k, double *r, double *i)
{
  *r = *i = 0;
  for (guint n = 0; n < size; n++) {
    const double turns = (double) ((guint64) k * n % size) / size;

    *r += x[n] * cos (2 * G_PI * turns);
    *i -= x[n] * sin (2 * G_PI * turns);
  }
}

static double
energy (const float *x, guint count)
{
  double sum = 0;

  for (guint i = 0; i < count; i++)
    sum += (double) x[i] * x[i];
  return sum;
}

/* All bins of small sizes, some of large ones. */
static void
test_definition (void)
{
  int sizes = 0;

  for (guint size = DMIX_FFT_MIN_SIZE; size; size = next_size (size)) {
    DmixFft *fft = dmix_fft_new (size);
    const guint step = size <= 512 ? 1 : size / 2 / 23;

    fill_noise (noise, size, 0.5, size);
    dmix_fft_forward (fft, noise, re, im);
    for (guint k = 0; k <= size / 2; k += step) {
      const double scale = sqrt (size * energy (noise, size));
      double r, i;

      bin_of_definition (noise, size, k, &r, &i);
      g_assert_cmpfloat_with_epsilon (re[k] / scale, r / scale, TOLERANCE);
      g_assert_cmpfloat_with_epsilon (im[k] / scale, i / scale, TOLERANCE);
    }
    g_assert_cmpfloat (im[0], ==, 0.0f);
    g_assert_cmpfloat (im[size / 2], ==, 0.0f);
    dmix_fft_free (fft);
    sizes++;
  }
  g_assert_cmpint (sizes, ==, 12 + 10);
}

/* Parseval's theorem covers the bins that the definition is too slow for. */
static void
test_energy_and_inverse (void)
{
  for (guint size = DMIX_FFT_MIN_SIZE; size; size = next_size (size)) {
    DmixFft *fft = dmix_fft_new (size);
    const guint half = size / 2;
    double bins;

    fill_noise (noise, size, 0.5, size + 1);
    dmix_fft_forward (fft, noise, re, im);
    bins = 2 * (energy (re, half + 1) + energy (im, half + 1))
        - (double) re[0] * re[0] - (double) re[half] * re[half];
    g_assert_cmpfloat_with_epsilon (bins / size / energy (noise, size), 1.0,
        TOLERANCE);
    dmix_fft_inverse (fft, re, im, back);
    for (guint n = 0; n < size; n++)
      g_assert_cmpfloat_with_epsilon (back[n], noise[n], 2 * TOLERANCE);
    dmix_fft_free (fft);
  }
}

/* The first bins and the last one, at any number of them, have the same bits. */
static void
test_low (void)
{
  static float low_re[LARGEST / 2 + 1], low_im[LARGEST / 2 + 1];

  for (guint size = DMIX_FFT_MIN_SIZE; size <= 4096; size = next_size (size)) {
    DmixFft *fft = dmix_fft_new (size);
    const guint half = size / 2, step = size <= 128 ? 1 : size / 50;

    fill_noise (noise, size, 0.5, size + 2);
    dmix_fft_forward (fft, noise, re, im);
    for (guint bins = 1; bins <= half + 1; bins += step) {
      memset (low_re, 0, sizeof low_re);
      memset (low_im, 0, sizeof low_im);
      dmix_fft_forward_low (fft, noise, bins, low_re, low_im);
      g_assert_cmpmem (low_re, bins * sizeof *re, re, bins * sizeof *re);
      g_assert_cmpmem (low_im, bins * sizeof *im, im, bins * sizeof *im);
      g_assert_cmpfloat (low_re[half], ==, re[half]);
    }
    dmix_fft_free (fft);
  }
}

/* A cosine at the centre of a bin has no other bin; an impulse has all bins
 * equal. */
static void
test_known_spectra (void)
{
  for (guint size = DMIX_FFT_MIN_SIZE; size <= 4096; size = next_size (size)) {
    DmixFft *fft = dmix_fft_new (size);
    const guint bin = size / 4 - 3;

    for (guint n = 0; n < size; n++)
      noise[n] = (float) cos (2 * G_PI * (bin * n % size) / size - 0.5);
    dmix_fft_forward (fft, noise, re, im);
    for (guint k = 0; k <= size / 2; k++) {
      const double r = k == bin ? size / 2.0 * cos (0.5) : 0.0;
      const double i = k == bin ? -(size / 2.0) * sin (0.5) : 0.0;

      g_assert_cmpfloat_with_epsilon (re[k] / size, r / size, TOLERANCE);
      g_assert_cmpfloat_with_epsilon (im[k] / size, i / size, TOLERANCE);
    }
    memset (noise, 0, size * sizeof *noise);
    noise[0] = 1.0f;
    dmix_fft_forward (fft, noise, re, im);
    for (guint k = 0; k <= size / 2; k++) {
      g_assert_cmpfloat (re[k], ==, 1.0f);
      g_assert_cmpfloat (fabs (im[k]), ==, 0.0);
    }
    dmix_fft_free (fft);
  }
}

/* The inverse ignores imaginary parts at 0 Hz and half the rate, which no real
 * signal has. */
static void
test_ends_are_real (void)
{
  DmixFft *fft = dmix_fft_new (64);
  float other[64];

  fill_noise (noise, 64, 0.5, 1);
  dmix_fft_forward (fft, noise, re, im);
  dmix_fft_inverse (fft, re, im, back);
  im[0] = im[32] = 7.0f;
  dmix_fft_inverse (fft, re, im, other);
  g_assert_cmpmem (back, 64 * sizeof *back, other, sizeof other);
  dmix_fft_free (fft);
}

#ifdef HAVE_AVX2
/* Both versions of the loops give the same bits, with every kind of pass but
 * pass_small(), on random tables. */
static void
test_versions_agree (void)
{
  enum
  {
    HALF = 96 * 16
  };
  static float tables[6 * HALF], work[2][4][HALF];
  static float out[2][2][HALF + 1], time[2][2 * HALF];
  const DmixFftPass passes[] = {
    { 4, HALF / 4, 1 },
    { 4, HALF / 16, 4 },
    { 4, HALF / 64, 16 },
    { 4, HALF / 256, 64 },
    { 2, 3, 256 },
    { 3, 1, 512 },
  };
  DmixFftPlan plan = { .half = HALF, .passes = G_N_ELEMENTS (passes) };

  if (!__builtin_cpu_supports ("avx2")) {
    g_test_skip ("this processor has no AVX2");
    return;
  }
  fill_noise (tables, 6 * HALF, 0.7, 1);
  fill_noise (noise, 2 * HALF, 0.5, 2);
  for (guint i = 0; i < plan.passes; i++) {
    plan.pass[i] = passes[i];
    plan.pass[i].twiddle_re = tables;
    plan.pass[i].twiddle_im = tables + 3 * HALF / 4;
  }
  plan.half_re = tables;
  plan.half_im = tables + HALF;
  for (int avx2 = 0; avx2 < 2; avx2++) {
    for (int i = 0; i < 4; i++)
      plan.work[i / 2][i % 2] = work[avx2][i];
    (avx2 ? dmix_fft_forward_avx2 : dmix_fft_forward_plain) (&plan, noise,
        HALF + 1, out[avx2][0], out[avx2][1]);
    (avx2 ? dmix_fft_inverse_avx2 : dmix_fft_inverse_plain) (&plan,
        out[avx2][0], out[avx2][1], time[avx2]);
  }
  g_assert_cmpmem (out[0], sizeof out[0], out[1], sizeof out[1]);
  g_assert_cmpmem (time[0], sizeof time[0], time[1], sizeof time[1]);
  g_assert_cmpfloat (energy (time[0], 2 * HALF), >, 1.0);
}
#endif

static void
test_sizes (void)
{
  const guint none[] = { 0, 1, 16, 31, 33, 48, 64 * 5, 9 * 32, 131072, 98304 };

  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    g_assert_null (dmix_fft_new (none[i]));
  g_assert_cmpuint (dmix_fft_size_for (0), ==, 32);
  g_assert_cmpuint (dmix_fft_size_for (33), ==, 64);
  g_assert_cmpuint (dmix_fft_size_for (65), ==, 96);
  g_assert_cmpuint (dmix_fft_size_for (1411), ==, 1536);
  g_assert_cmpuint (dmix_fft_size_for (1537), ==, 2048);
  g_assert_cmpuint (dmix_fft_size_for (49153), ==, 65536);
  g_assert_cmpuint (dmix_fft_size_for (65537), ==, 0);
  dmix_fft_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/fft/definition", test_definition);
  g_test_add_func ("/fft/energy-and-inverse", test_energy_and_inverse);
  g_test_add_func ("/fft/low", test_low);
  g_test_add_func ("/fft/known-spectra", test_known_spectra);
  g_test_add_func ("/fft/ends-are-real", test_ends_are_real);
#ifdef HAVE_AVX2
  g_test_add_func ("/fft/versions-agree", test_versions_agree);
#endif
  g_test_add_func ("/fft/sizes", test_sizes);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of powerframe.h: the window and its scale against closed forms. */
#include "signals.h"

#include "spectral/powerframe.h"

static double
total (DmixPowerFrame *frame, const float *in, unsigned bins)
{
  const float *power = dmix_powerframe_process (frame, in, 1);
  double sum = 0.0;

  for (unsigned b = 0; b < bins; b++)
    sum += power[b];
  return sum;
}

/* An impulse at i has the magnitude window[i] in every bin. So impulses measure
 * the window: the Hann window of powerframe.h, symmetric. */
static void
test_window (void)
{
  const unsigned window = 100, size = 128;
  DmixPowerFrame *frame = dmix_powerframe_new (window, size,
      dmix_powerframe_plain_weight (window, size));
  double sum = 0.0, energy = 0.0, read[100];

  for (unsigned i = 0; i < window; i++) {
    float in[100] = { 0 }, re[65], im[65];
    const double turn = 2.0 * G_PI * (i + 0.5) / window;

    in[i] = 1.0f;
    dmix_powerframe_transform (frame, in, 1, re, im);
    read[i] = re[0];
    g_assert_cmpfloat (fabs (read[i] - (0.5 - 0.5 * cos (turn))), <, 1e-6);
    for (unsigned b = 0; b <= size / 2; b++)
      g_assert_cmpfloat (fabs (hypot (re[b], im[b]) - read[i]), <, 1e-6);
    sum += read[i];
    energy += read[i] * read[i];
  }
  for (unsigned i = 0; i < window; i++)
    g_assert_cmpfloat (fabs (read[i] - read[window - 1 - i]), <, 1e-6);
  g_assert_cmpfloat (fabs (sum - window / 2.0), <, 1e-5);
  g_assert_cmpfloat (fabs (energy - dmix_powerframe_window_energy (window)), <,
      1e-5);
  dmix_powerframe_free (frame);
}

/* A sine of any phase at the centre of bin k, without zero padding. The
 * spectrum of a Hann window is 1/2 and 1/4 on each side, with an energy of 3/8,
 * so bin k has 2/3 of the power, its neighbours 1/6 each, and all others 0. */
static void
test_sine (void)
{
  const unsigned size = 256, k = 20;
  DmixPowerFrame *frame = dmix_powerframe_new (size, size, 1.0);
  float in[256];

  for (double phase = 0.0; phase < 6.0; phase += 0.7) {
    const float *power;

    for (unsigned i = 0; i < size; i++)
      in[i] = (float) (0.4 * sin (2.0 * G_PI * k * i / size + phase));
    power = dmix_powerframe_process (frame, in, 1);
    for (unsigned b = 0; b <= size / 2; b++) {
      const double share = b == k    ? 2.0 / 3.0
          : b + 1 == k || b == k + 1 ? 1.0 / 6.0
                                     : 0.0;

      g_assert_cmpfloat (fabs (power[b] / 0.08 - share), <, 1e-6);
    }
  }
  dmix_powerframe_free (frame);
}

/* The powers of a signal of mean square 1 add up to the weight, with and
 * without zero padding, for any window length. */
static void
test_weight (void)
{
  const unsigned windows[] = { 200, 255, 256, 300, 1024 };
  float in[1024];

  fill_sine (in, 1024, 1, 6000, 48000, sqrt (2.0));
  for (guint w = 0; w < G_N_ELEMENTS (windows); w++)
    for (double weight = 0.25; weight < 5.0; weight *= 4.0) {
      DmixPowerFrame *frame = dmix_powerframe_new (windows[w], 1024, weight);

      g_assert_cmpfloat_with_epsilon (total (frame, in, 513), weight,
          1e-4 * weight);
      dmix_powerframe_free (frame);
    }
}

/* Samples `stride` floats apart give the same bits as adjacent ones, and the
 * previous frame leaves no trace. */
static void
test_stride (void)
{
  const unsigned window = 90;
  DmixPowerFrame *frame = dmix_powerframe_new (window, 96, 1.0);
  float in[90], wide[270], first[49];

  fill_noise (in, window, 0.1, 3);
  fill_noise (wide, 3 * window, 0.1, 4);
  for (unsigned i = 0; i < window; i++)
    wide[3 * i] = in[i];
  memcpy (first, dmix_powerframe_process (frame, in, 1), sizeof first);
  g_assert_cmpfloat (first[7], >, 0.0);
  dmix_powerframe_process (frame, wide + 1, 2);
  g_assert_cmpmem (dmix_powerframe_process (frame, wide, 3), sizeof first,
      first, sizeof first);
  dmix_powerframe_free (frame);
}

/* The first bins of a frame. */
static void
test_low (void)
{
  const unsigned window = 187, size = 256, bins = 40;
  DmixPowerFrame *frame = dmix_powerframe_new (window, size, 1.0);
  float in[187], re[129], im[129], low_re[129], low_im[129];

  fill_noise (in, window, 0.5, 3);
  dmix_powerframe_transform (frame, in, 1, re, im);
  dmix_powerframe_transform_low (frame, in, bins, low_re, low_im);
  g_assert_cmpmem (low_re, bins * sizeof *re, re, bins * sizeof *re);
  g_assert_cmpmem (low_im, bins * sizeof *im, im, bins * sizeof *im);
  memset (in, 0, sizeof in);
  dmix_powerframe_transform_low (frame, in, bins, low_re, low_im);
  for (unsigned b = 0; b < bins; b++)
    g_assert_cmpfloat (fabsf (low_re[b]) + fabsf (low_im[b]), ==, 0.0f);
  dmix_powerframe_free (frame);
}

/* Silence, which is not transformed, has no power whatever was there before; one
 * sample has. */
static void
test_silence (void)
{
  DmixPowerFrame *frame = dmix_powerframe_new (90, 96, 1.0);
  float in[90] = { 0 };
  const float *power;

  for (unsigned i = 0; i < 90; i++) {
    in[i] = 1;
    power = dmix_powerframe_process (frame, in, 1);
    for (unsigned b = 0; b <= 48; b++)
      g_assert_cmpfloat (power[b], >, 0);
    in[i] = 0;
    power = dmix_powerframe_process (frame, in, 1);
    for (unsigned b = 0; b <= 48; b++)
      g_assert_cmpfloat (power[b], ==, 0);
  }
  dmix_powerframe_free (frame);
}

static void
test_bad_arguments (void)
{
  g_assert_null (dmix_powerframe_new (2, 32, 1.0));
  g_assert_null (dmix_powerframe_new (33, 32, 1.0));
  g_assert_null (dmix_powerframe_new (32, 33, 1.0));
  g_assert_null (dmix_powerframe_new (32, 32, 0.0));
  g_assert_null (dmix_powerframe_new (32, 32, NAN));
  dmix_powerframe_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/powerframe/window", test_window);
  g_test_add_func ("/powerframe/sine", test_sine);
  g_test_add_func ("/powerframe/weight", test_weight);
  g_test_add_func ("/powerframe/stride", test_stride);
  g_test_add_func ("/powerframe/low", test_low);
  g_test_add_func ("/powerframe/silence", test_silence);
  g_test_add_func ("/powerframe/bad-arguments", test_bad_arguments);
  return g_test_run ();
}

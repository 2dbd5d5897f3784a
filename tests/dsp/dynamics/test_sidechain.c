/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of sidechain.h, against the analogue Butterworth response at the
 * prewarped frequency: |H|^2 = 1 / (1 + (w / wc)^4), inverse for high-pass. */
#include "signals.h"

#include "dynamics/sidechain.h"

/* Gain of a sine, dB. */
static double
response_db (unsigned rate, double high, double low, double frequency)
{
  const DmixFormat format = { rate, 1 };
  DmixSideChain *filter = dmix_sidechain_new (&format);
  const size_t frames = 2 * rate;
  float *x = g_new (float, frames), *y = g_new (float, frames);
  double sum = 0;

  dmix_sidechain_set_cutoffs (filter, high, low);
  fill_sine (x, frames, 1, frequency, rate, 1.0);
  dmix_sidechain_process (filter, x, y, frames);
  for (size_t i = rate; i < frames; i++) /* whole periods in 1 s */
    sum += (double) y[i] * y[i];
  g_free (x);
  g_free (y);
  dmix_sidechain_free (filter);
  return 10 * log10 (2 * sum / rate);
}

static void
test_response (void)
{
  const unsigned rates[] = { 8000, 44100, 48000, 192000 };
  const double cutoffs[] = { 20, 100, 1000, 3000 };

  for (int r = 0; r < 4; r++)
    for (int c = 0; c < 4; c++)
      for (double f = cutoffs[c] / 4; f <= cutoffs[c] * 2; f *= 2) {
        const double bent =
            tan (G_PI * f / rates[r]) / tan (G_PI * cutoffs[c] / rates[r]);

        if (f > 0.45 * rates[r])
          continue;
        g_assert_cmpfloat_with_epsilon (response_db (rates[r], cutoffs[c], 0,
                                            f),
            -10 * log10 (1 + pow (bent, -4)), 0.02);
        g_assert_cmpfloat_with_epsilon (response_db (rates[r], 0, cutoffs[c],
                                            f),
            -10 * log10 (1 + pow (bent, 4)), 0.02);
      }
}

static void
test_off (void)
{
  const DmixFormat format = { 48000, 2 };
  DmixSideChain *filter = dmix_sidechain_new (&format);
  float x[200], y[200];

  fill_noise (x, 200, 0.1, 1);
  dmix_sidechain_set_cutoffs (filter, NAN, 0.5 * 48000);
  g_assert_false (dmix_sidechain_is_on (filter));
  dmix_sidechain_process (filter, x, y, 100);
  g_assert_cmpmem (x, sizeof x, y, sizeof y);
  dmix_sidechain_set_cutoffs (filter, -5, 1000);
  g_assert_true (dmix_sidechain_is_on (filter));
  dmix_sidechain_free (filter);
}

static void
test_blocks_and_copies (void)
{
  const DmixFormat format = { 48000, 3 };
  DmixSideChain *a = dmix_sidechain_new (&format);
  DmixSideChain *b = dmix_sidechain_new (&format);
  static float x[3 * 5000], y[3 * 5000], z[3 * 5000];

  fill_noise (x, 3 * 5000, 0.1, 1);
  dmix_sidechain_set_cutoffs (a, 100, 2000);
  dmix_sidechain_process (a, x, y, 2000);
  dmix_sidechain_take_over (b, a);
  dmix_sidechain_process (a, x + 6000, y + 6000, 3000);
  for (int i = 2000; i < 5000; i++)
    dmix_sidechain_process (b, x + 3 * i, z + 3 * i, 1);
  g_assert_cmpmem (y + 6000, 9000 * sizeof *y, z + 6000, 9000 * sizeof *z);
  dmix_sidechain_reset (a);
  memset (x, 0, sizeof x);
  dmix_sidechain_process (a, x, y, 5000);
  g_assert_cmpmem (x, sizeof x, y, sizeof y);
  dmix_sidechain_free (a);
  dmix_sidechain_free (b);
}

/* A decayed filter state is exactly 0, not a denormal number. */
static void
test_dies_away (void)
{
  const DmixFormat format = { 8000, 1 };
  DmixSideChain *filter = dmix_sidechain_new (&format);
  static float x[80000], y[80000];

  x[0] = 1;
  dmix_sidechain_set_cutoffs (filter, 200, 2000);
  dmix_sidechain_process (filter, x, y, 80000);
  g_assert_cmpfloat (y[1], !=, 0);
  for (int i = 40000; i < 80000; i++)
    g_assert_cmpfloat (y[i], ==, 0);
  dmix_sidechain_free (filter);
}

static void
test_bad_arguments (void)
{
  const DmixFormat bad = { 48000, 0 };

  g_assert_null (dmix_sidechain_new (&bad));
  dmix_sidechain_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sidechain/response", test_response);
  g_test_add_func ("/sidechain/off", test_off);
  g_test_add_func ("/sidechain/blocks-and-copies", test_blocks_and_copies);
  g_test_add_func ("/sidechain/dies-away", test_dies_away);
  g_test_add_func ("/sidechain/bad-arguments", test_bad_arguments);
  return g_test_run ();
}

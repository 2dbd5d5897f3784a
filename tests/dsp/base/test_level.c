/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of level.h, against plain sums, for all numbers of channels. */
#include "signals.h"

#include "base/format.h"
#include "base/level.h"

static void
test_against_plain (void)
{
  const size_t lengths[] = { 1, 2, 7, 8, 64 };

  for (unsigned channels = 1; channels <= DMIX_MAX_CHANNELS; channels++)
    for (int l = 0; l < 5; l++) {
      const size_t frames = lengths[l];
      float *x = g_new (float, frames *channels);
      float peak[DMIX_MAX_CHANNELS], energy[DMIX_MAX_CHANNELS], all = 0;
      float peaks[DMIX_MAX_CHANNELS], energies[DMIX_MAX_CHANNELS];

      fill_noise (x, frames * channels, 0.3, channels * 10 + l);
      dmix_level_peak (x, channels, frames, peak);
      dmix_level_energy (x, channels, frames, energy);
      dmix_level_both (x, channels, frames, peaks, energies);
      g_assert_cmpmem (peak, channels * sizeof *peak, peaks,
          channels * sizeof *peaks);
      g_assert_cmpmem (energy, channels * sizeof *energy, energies,
          channels * sizeof *energies);
      for (unsigned c = 0; c < channels; c++) {
        double sum = 0;
        float most = 0;

        for (size_t i = 0; i < frames; i++) {
          sum += (double) x[i * channels + c] * x[i * channels + c];
          most = MAX (most, fabsf (x[i * channels + c]));
        }
        all = MAX (all, most);
        g_assert_cmpfloat (peak[c], ==, most);
        g_assert_cmpfloat_with_epsilon (energy[c], sum, 4e-6 * sum);
      }
      g_assert_cmpfloat (dmix_level_peak_all (x, frames * channels), ==, all);
      g_free (x);
    }
}

/* The smallest samples give no denormal result. */
static void
test_softest (void)
{
  const float x[4] = { 0.0f, 1e-30f, -1e-38f, 1e-19f };
  float energy;

  dmix_level_energy (x, 1, 4, &energy);
  g_assert_cmpfloat_with_epsilon (energy, 4e-30, 1e-35);
}

/* One sample that is not 0 is found anywhere, and none outside. */
static void
test_silent (void)
{
  float x[201] = { 0 };

  x[3] = -0.0f;
  for (size_t count = 0; count <= 200; count += 40) {
    g_assert_true (dmix_level_is_silent (x, count));
    for (size_t i = 0; i <= count; i++) {
      x[i] = i % 2 ? 1e-30f : -1;
      g_assert_cmpint (!!dmix_level_is_silent (x, count), ==, i == count);
      x[i] = 0;
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/level/against-plain", test_against_plain);
  g_test_add_func ("/level/softest", test_softest);
  g_test_add_func ("/level/silent", test_silent);
  return g_test_run ();
}

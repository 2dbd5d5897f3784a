/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of noiseprofile.h. */
#include "signals.h"

#include "denoise/noiseprofile.h"

enum
{
  MOST = 6145
};

static float power[MOST], back[MOST];

static double
slope_db (double hz)
{
  return -100.0 - 6.0 * log2 ((hz + 200.0) / 1000.0);
}

static void
fill (const DmixProfileScale *scale)
{
  for (unsigned b = 0; b < scale->bins; b++)
    power[b] = (float) (scale->power_per_density
        * pow (10.0, slope_db (b * scale->hz_per_bin) / 10.0));
}

/* A slope set from one spectrum and read for another is correct within 1 dB:
 * bands are means over up to a fifth of an octave, and bins are interpolated
 * between them. */
static void
test_rates_do_not_matter (void)
{
  const DmixProfileScale scales[] = {
    { 769, 31.25, 1e6 },
    { 129, 31.25, 3e5 },
    { 1537, 31.25, 2e6 },
    { 2049, 48000.0 / 4096, 2e6 },
    { 385, 62.5, 1e5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (scales); i++)
    for (guint j = 0; j < G_N_ELEMENTS (scales); j++) {
      const DmixProfileScale *from = &scales[i], *to = &scales[j];
      const double top = (from->bins - 1) * from->hz_per_bin * 0.85;
      DmixNoiseProfile profile;

      dmix_noiseprofile_clear (&profile);
      g_assert_cmpfloat (profile.seconds, ==, 0.0f);
      fill (from);
      dmix_noiseprofile_from_power (&profile, from, power);
      dmix_noiseprofile_to_power (&profile, to, back);
      for (unsigned b = 0; b < to->bins && b * to->hz_per_bin < top; b++)
        g_assert_cmpfloat_with_epsilon (10
                * log10 (back[b] / to->power_per_density),
            slope_db (b * to->hz_per_bin), 1.0);
    }
}

/* Bands above a low rate's spectrum keep what a high rate has captured. */
static void
test_bands_above_the_spectrum_stay (void)
{
  const DmixProfileScale high = { 1537, 31.25, 1e6 }, low = { 129, 31.25, 1e6 };
  DmixNoiseProfile profile, before;

  dmix_noiseprofile_clear (&profile);
  fill (&high);
  dmix_noiseprofile_from_power (&profile, &high, power);
  before = profile;
  memset (power, 0, sizeof power);
  dmix_noiseprofile_from_power (&profile, &low, power);
  for (int band = 0; band < DMIX_NOISEPROFILE_BANDS; band++)
    if (dmix_noiseprofile_band_hz (band) > 4000)
      g_assert_cmpfloat (profile.density_db[band], ==, before.density_db[band]);
    else
      g_assert_cmpfloat (profile.density_db[band], <, -250.0);
}

/* The bands reach 160 kHz, enough for a rate of 320 kHz. */
static void
test_bands (void)
{
  g_assert_cmpfloat (dmix_noiseprofile_band_hz (0), ==, 0.0);
  g_assert_cmpfloat_with_epsilon (dmix_noiseprofile_band_hz (1), 13.0, 0.1);
  g_assert_cmpfloat (dmix_noiseprofile_band_hz (DMIX_NOISEPROFILE_BANDS - 1), >,
      160e3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/noiseprofile/rates-do-not-matter",
      test_rates_do_not_matter);
  g_test_add_func ("/noiseprofile/bands-above-the-spectrum-stay",
      test_bands_above_the_spectrum_stay);
  g_test_add_func ("/noiseprofile/bands", test_bands);
  return g_test_run ();
}

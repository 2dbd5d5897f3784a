/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What netrows.h promises: rows where the front end has them, levels that do
 * not depend on rate and transform, gains that come back to their bins. */
#include "signals.h"

#include "net/netrows.h"

enum
{
  ROWS = DMIX_NET_ROWS,
  MOST_BINS = 8193
};

static const DmixNetSpectrum own = { 769, 31.25, 768.0 };

/* Widths: 1 to 2 kHz, 2 to 4 kHz, then 48 of 0.359 on the ERB-rate scale,
 * each edge rounded to a bin, of which the narrowest has 5 (0.36 / 5 = 0.07). */
static void
test_widths (void)
{
  unsigned bin = 1;

  for (unsigned r = 0; r < ROWS; r++) {
    const unsigned width = dmix_netrows_width (r);

    if (r < 96) {
      g_assert_cmpuint (width, ==, r < 64 ? 1 : 2);
    } else {
      const double low = 21.4 * log10 (1 + 0.00437 * 31.25 * bin);
      const double high = 21.4 * log10 (1 + 0.00437 * 31.25 * (bin + width));

      g_assert_cmpfloat_with_epsilon (high - low, 0.359, 0.08);
    }
    bin += width;
  }
  g_assert_cmpuint (bin, ==, 769);
}

/* Sums of bins in the front end's own spectrum; bin 0 is in none. */
static void
test_own_spectrum (void)
{
  DmixNetRows *rows = dmix_netrows_new (&own);
  float power[769], energy[ROWS];
  unsigned bin = 1;

  for (unsigned b = 0; b < 769; b++)
    power[b] = (float) (b % 17) + 1.0f;
  dmix_netrows_energy (rows, power, energy);
  for (unsigned r = 0; r < ROWS; r++) {
    double sum = 0;

    for (unsigned i = 0; i < dmix_netrows_width (r); i++)
      sum += power[bin++];
    g_assert_cmpfloat_with_epsilon (energy[r], sum, 1e-5 * sum);
  }
  dmix_netrows_free (rows);
}

/* White noise of a spectral density (mean square of a Hz): the same energy in
 * all rows at any rate, +-0.01 dB, and none in rows above half the rate. */
static void
test_rates (void)
{
  const unsigned rates[] = { 8000, 16000, 22050, 44100, 48000, 96000, 192000 };
  static float power[MOST_BINS];
  float energy[ROWS];

  for (guint i = 0; i < G_N_ELEMENTS (rates); i++) {
    const unsigned window = rates[i] * 4 / 125;
    unsigned size = 64;
    DmixNetSpectrum s;
    DmixNetRows *rows;

    while (size < window)
      size = size % 3 ? size / 2 * 3 : size / 3 * 4;
    s = (DmixNetSpectrum){ size / 2 + 1, (double) rates[i] / size,
      window / 2.0 };
    g_assert_cmpuint (s.bins, <=, MOST_BINS);
    rows = dmix_netrows_new (&s);
    for (unsigned b = 0; b < s.bins; b++)
      power[b] = (float) (0.5 * rates[i] / 24000 * window / 2);
    dmix_netrows_energy (rows, power, energy);
    for (unsigned r = 0; r < dmix_netrows_count (rows); r++)
      g_assert_cmpfloat_with_epsilon (energy[r] / dmix_netrows_width (r), 768,
          768 * 0.0023);
    for (unsigned r = dmix_netrows_count (rows); r < ROWS; r++)
      g_assert_cmpfloat (energy[r], ==, 0.0f);
    g_assert_cmpuint (dmix_netrows_count (rows), >=,
        rates[i] < 44100 ? 96 : 140);
    dmix_netrows_free (rows);
  }
}

/* A gain for each row by a smooth curve comes back in bins at its frequency, at
 * 44.1 kHz and in the front end's own spectrum. */
static void
test_gains (void)
{
  const DmixNetSpectrum other = { 769, 44100.0 / 1536, 705.0 };

  for (int i = 0; i < 2; i++) {
    const DmixNetSpectrum *s = i ? &other : &own;
    DmixNetRows *rows = dmix_netrows_new (s);
    float u[ROWS], gain[769];
    unsigned bin = 1;

    for (unsigned r = 0; r < ROWS; r++) {
      const unsigned width = dmix_netrows_width (r);

      u[r] = (float) (1 / (1 + (bin + 0.5 * width - 0.5) / 200));
      bin += width;
    }
    dmix_netrows_gain (rows, u, gain);
    for (unsigned b = 2; b < 700; b++)
      g_assert_cmpfloat_with_epsilon (gain[b],
          pow (1 / (1 + b * s->hz_per_bin / 31.25 / 200), 1 / 0.3), 0.01);
    for (unsigned r = 0; r < ROWS; r++)
      u[r] = r % 2;
    dmix_netrows_gain (rows, u, gain);
    for (unsigned b = 0; b < 769; b++)
      g_assert_true (gain[b] >= 0.0f && gain[b] <= 1.0f);
    if (s == &own) /* each bin its row: 1 is row 0 */
      for (unsigned b = 1; b < 65; b++)
        g_assert_cmpfloat_with_epsilon (gain[b], (b - 1) % 2, 1e-6);
    dmix_netrows_free (rows);
  }
}

static void
test_bad_arguments (void)
{
  const DmixNetSpectrum bad[] = {
    { 1, 31.25, 768 }, { 769, 0, 768 }, { 769, NAN, 768 }, { 769, 31.25, 0 },
    { 2, 10, 1 }, /* ends below the first row */
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_null (dmix_netrows_new (&bad[i]));
  g_assert_null (dmix_netrows_new (NULL));
  dmix_netrows_free (NULL);
}

/* Noise like that of the highest row below half the rate fills those above; a
 * burst moves it by little. */
static void
test_fill_above (void)
{
  const DmixNetSpectrum low = { 257, 31.25, 256.0 }; /* 16 kHz */
  DmixNetRows *rows = dmix_netrows_new (&low);
  DmixNetRows *all = dmix_netrows_new (&own);
  const unsigned count = dmix_netrows_count (rows);
  float energy[ROWS], above = -1.0f;

  g_assert_cmpuint (count, <, ROWS);
  for (int frame = 0; frame < 3; frame++) {
    for (unsigned r = 0; r < ROWS; r++)
      energy[r] = r < count ? 2.0f * (float) dmix_netrows_width (r) : 0.0f;
    if (frame == 1)
      energy[count - 1] *= 10.0f;
    above = dmix_netrows_fill_above (rows, above, energy);
    for (unsigned r = count; r < ROWS; r++)
      g_assert_cmpfloat_with_epsilon (energy[r] / dmix_netrows_width (r), above,
          1e-4);
    if (frame == 0)
      g_assert_cmpfloat_with_epsilon (above, 2.0, 1e-4);
    g_assert_cmpfloat (above, <, 2.1);
    g_assert_true (frame == 0 || above > 2.03);
  }
  energy[ROWS - 1] = 7.0f;
  dmix_netrows_fill_above (all, above, energy);
  g_assert_cmpfloat (energy[ROWS - 1], ==, 7.0);
  dmix_netrows_free (rows);
  dmix_netrows_free (all);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func ("/netrows/" name, test)
  ADD ("widths", test_widths);
  ADD ("own-spectrum", test_own_spectrum);
  ADD ("rates", test_rates);
  ADD ("gains", test_gains);
  ADD ("fill-above", test_fill_above);
  ADD ("bad-arguments", test_bad_arguments);
#undef ADD
  return g_test_run ();
}

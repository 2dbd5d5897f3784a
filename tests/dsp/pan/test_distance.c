/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* distance.h, air.h, ambisonic.h and doppler.h against their formulas. */
#include "pan/air.h"
#include "pan/ambisonic.h"
#include "pan/distance.h"
#include "pan/doppler.h"
#include "signals.h"

static double
gain (DmixDistanceModel model, double d, double rolloff)
{
  const DmixDistanceParams params = { model, d, 2, 10, rolloff };

  return dmix_distance_gain (&params);
}

/* OpenAL 1.1, 3.4, with a reference of 2 m and a maximum of 10 m. */
static void
test_models (void)
{
  for (double d = 0; d < 20; d += 0.25) {
    const double c = CLAMP (d, 2, 10);

    g_assert_cmpfloat (gain (DMIX_DISTANCE_NONE, d, 1), ==, 1);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_INVERSE, d, 0.5),
        2 / (2 + 0.5 * (d - 2)), 1e-12);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_INVERSE_CLAMPED, d, 1),
        2 / c, 1e-12);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_LINEAR, d, 1),
        MAX (1 - (d - 2) / 8, 0), 1e-12);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_LINEAR_CLAMPED, d, 1),
        1 - (c - 2) / 8, 1e-12);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_EXPONENTIAL, d, 2),
        MIN (pow (d / 2, -2), 100), 1e-9);
    g_assert_cmpfloat_with_epsilon (gain (DMIX_DISTANCE_EXPONENTIAL_CLAMPED, d,
                                        2),
        pow (c / 2, -2), 1e-12);
  }
  for (int model = 0; model < 7; model++)
    for (double rolloff = 0; rolloff <= 10; rolloff += 5) {
      const double g = gain ((DmixDistanceModel) model, 0, rolloff);

      g_assert_true (g >= 0 && g <= DMIX_DISTANCE_MOST_GAIN);
    }
}

/* From 1.4 m on nothing; nearer, the near ear gains and the far one loses. */
static void
test_ears (void)
{
  double ear[2], last = 0;

  dmix_distance_ears (1.4, 0.7, ear);
  g_assert_cmpfloat (ear[0], ==, 1);
  g_assert_cmpfloat (ear[1], ==, 1);
  for (double d = 1.3; d > 0.15; d -= 0.1) {
    dmix_distance_ears (d, 1, ear);
    g_assert_cmpfloat (db (ear[1] / ear[0]), >, last);
    last = db (ear[1] / ear[0]);
  }
  g_test_message ("%.1f dB at 20 cm", last);
  g_assert_true (last > 6 && last < 20);
  for (double x = -1; x <= 1; x += 0.1) {
    dmix_distance_ears (0, x, ear);
    g_assert_true (isfinite (ear[0]) && isfinite (ear[1]));
  }
}

/* ISO 9613-1, table 1 (20 degrees, 50 %): dB / km at exact midband
 * frequencies. */
static void
test_air_attenuation (void)
{
  static const double known[][2] = {
    { 125, 0.445 },
    { 250, 1.32 },
    { 500, 2.73 },
    { 1000, 4.66 },
    { 2000, 9.86 },
    { 4000, 29.4 },
    { 8000, 104 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    g_assert_cmpfloat (fabs (
                           1000 * dmix_air_db_per_m (known[i][0]) / known[i][1]
                           - 1),
        <, 0.03);
}

/* The filters have that response. */
static void
test_air_filters (void)
{
  static const unsigned rates[] = { 16000, 44100, 48000, 96000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    DmixAir *air = dmix_air_new (rates[r]);

    for (double d = 0; d <= 1000; d = d * 1.7 + 1)
      for (double f = 200; f < 16000 && f < 0.45 * rates[r]; f *= 1.3) {
        const double wanted = -d * dmix_air_db_per_m (f);
        float tap[DMIX_AIR_TAPS];
        double re = 0, im = 0;

        dmix_air_get_filter (air, d, tap);
        for (unsigned n = 0; n < DMIX_AIR_TAPS; n++) {
          re += tap[n] * cos (2 * G_PI * f * n / rates[r]);
          im -= tap[n] * sin (2 * G_PI * f * n / rates[r]);
        }
        if (wanted > -40
            && fabs (db (hypot (re, im)) - wanted) > 1 - 0.05 * wanted)
          g_error ("%u Hz, %g m, %g Hz: %g dB, not %g", rates[r], d, f,
              db (hypot (re, im)), wanted);
      }
    dmix_air_free (air);
  }
  g_assert_null (dmix_air_new (0));
}

/* SN3D: the squares of each degree sum up to 1, in every direction; and first
 * order is W 1, Y left, Z up, X front. */
static void
test_harmonics (void)
{
  for (int i = 0; i < 500; i++) {
    const DmixVector d = dmix_vector_from_angles (i * 7.3, i * 0.31 - 77);
    double y[16];

    dmix_ambisonic_get_gains (3, d, 0, 0, y);
    g_assert_cmpfloat_with_epsilon (y[1], -d.x, 1e-12);
    g_assert_cmpfloat_with_epsilon (y[2], d.z, 1e-12);
    g_assert_cmpfloat_with_epsilon (y[3], d.y, 1e-12);
    for (int l = 0, c = 0; l <= 3; l++) {
      double sum = 0;

      for (; c < (l + 1) * (l + 1); c++)
        sum += y[c] * y[c];
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-12);
    }
  }
}

/* Spread takes the direction away, without a step at 0. */
static void
test_ambisonic_spread (void)
{
  double narrow[16], wide[16];

  dmix_ambisonic_get_gains (3, dmix_vector_from_angles (40, 20), 0, 0, narrow);
  dmix_ambisonic_get_gains (3, dmix_vector_from_angles (40, 20), 0.1, 0, wide);
  for (int c = 0; c < 16; c++)
    g_assert_cmpfloat_with_epsilon (wide[c], narrow[c], 1e-4);
  dmix_ambisonic_get_gains (3, dmix_vector_from_angles (40, 20), 360, 0, wide);
  g_assert_cmpfloat (wide[0], ==, 1);
  for (int c = 1; c < 16; c++)
    g_assert_cmpfloat (fabs (wide[c]), <, 1e-9);
}

/* A sound at rest is the sound itself, later by distance / c, to -80 dB up to
 * 0.4 of the rate, for any fraction of a frame. */
static void
test_delay_is_clean (void)
{
  enum
  {
    STEP = 64,
    FRAMES = 64 * 200
  };
  static float io[FRAMES];

  for (double d = 1; d < 10; d += 0.777)
    for (double f = 100; f < 0.4 * 48000; f *= 2.1) {
      DmixDoppler *doppler = dmix_doppler_new (48000, STEP);
      double error = 0;

      fill_sine (io, FRAMES, 1, f, 48000, 1);
      for (int i = 0; i < FRAMES; i += STEP) {
        dmix_doppler_set_distance (doppler, d);
        dmix_doppler_process (doppler, io + i, 0, STEP);
      }
      for (int i = FRAMES / 2; i < FRAMES; i++)
        error = MAX (error,
            fabs (io[i] - sin (2 * G_PI * f * (i - d / 343 * 48000) / 48000)));
      g_assert_cmpfloat (db (error), <, f < 12000 ? -75 : -40);
      dmix_doppler_free (doppler);
    }
  g_assert_null (dmix_doppler_new (0, 64));
  g_assert_null (dmix_doppler_new (48000, 0));
  g_assert_null (dmix_doppler_new (48000, 257));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/distance/models", test_models);
  g_test_add_func ("/distance/ears", test_ears);
  g_test_add_func ("/air/attenuation", test_air_attenuation);
  g_test_add_func ("/air/filters", test_air_filters);
  g_test_add_func ("/ambisonic/harmonics", test_harmonics);
  g_test_add_func ("/ambisonic/spread", test_ambisonic_spread);
  g_test_add_func ("/doppler/delay-is-clean", test_delay_is_clean);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of air.h with the table of ISO 9613-1. */
#include "pan/air.h"
#include "signals.h"

/* ISO 9613-1, table 1 (20 degrees, 50 %): dB / km at exact midband
 * frequencies. */
static void
test_attenuation (void)
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

/* The filters have this attenuation within 1 dB plus 5 %. */
static void
test_filters (void)
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
          g_error ("rate %u Hz, %g m, %g Hz: %g dB, not %g", rates[r], d, f,
              db (hypot (re, im)), wanted);
      }
    dmix_air_free (air);
  }
  g_assert_null (dmix_air_new (0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/air/attenuation", test_attenuation);
  g_test_add_func ("/air/filters", test_filters);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of sinc.h: the Bessel function against tables, the kernel against
 * closed forms. */
#include "signals.h"

#include "spectral/sinc.h"

/* Abramowitz and Stegun, "Handbook of Mathematical Functions", table 9.8. */
static void
test_bessel (void)
{
  const double x[] = { 0.0, 1.0, 2.0, 5.0, 10.0 };
  const double i0[] = { 1.0, 1.2660658777520084, 2.2795853023360673,
    27.239871823604442, 2815.7166284662544 };

  for (guint i = 0; i < G_N_ELEMENTS (x); i++) {
    g_assert_cmpfloat (fabs (dmix_sinc_bessel_i0 (x[i]) / i0[i] - 1.0), <,
        1e-13);
    g_assert_cmpfloat (dmix_sinc_bessel_i0 (-x[i]), ==,
        dmix_sinc_bessel_i0 (x[i]));
  }
  /* exp (x) / sqrt (2 pi x) (1 + 1 / 8x + 9 / 128x^2 + 75 / 1024x^3 + ...) */
  g_assert_cmpfloat (fabs (dmix_sinc_bessel_i0 (50.0) * sqrt (100.0 * G_PI)
                             / exp (50.0)
                             / (1.0 + 1.0 / 400.0 + 9.0 / 320000.0
                                 + 75.0 / 128000000.0)
                         - 1.0),
      <, 1e-7);
}

static void
test_values (void)
{
  /* half way to the edge the window is I0 (beta sqrt (3) / 2) / I0 (beta), and
   * sin (1.5 pi) / (1.5 pi) = -2 / (3 pi) */
  const double value = -2.0 / (3.0 * G_PI)
      * dmix_sinc_bessel_i0 (5.0 * sqrt (0.75)) / 27.239871823604442;

  g_assert_cmpfloat (dmix_sinc_kaiser (0.0, 3.0, 5.0), ==, 1.0);
  g_assert_cmpfloat (fabs (dmix_sinc_kaiser (1.5, 3.0, 5.0) - value), <, 1e-14);
  for (int n = 1; n <= 16; n++)
    g_assert_cmpfloat (fabs (dmix_sinc_kaiser (n, 16.0, 8.0)), <, 1e-15);
  /* beta 0: a rectangular window */
  g_assert_cmpfloat (fabs (dmix_sinc_kaiser (2.5, 2.5, 0.0) - 0.4 / G_PI), <,
      1e-15);
  g_assert_cmpfloat (dmix_sinc_kaiser (2.51, 2.5, 0.0), ==, 0.0);
  g_assert_cmpfloat (dmix_sinc_kaiser (-40.5, 16.0, 8.0), ==, 0.0);
}

static void
test_symmetry (void)
{
  for (double x = 0.0; x < 17.0; x += 0.0625)
    g_assert_cmpfloat (dmix_sinc_kaiser (x, 16.0, 8.0), ==,
        dmix_sinc_kaiser (-x, 16.0, 8.0));
}

/* Gain of interpolation at `place`, for a sine of `cycles` per sample. */
static double
gain_at (double place, double half_width, double beta, double cycles)
{
  double re = 0.0, im = 0.0;

  for (int n = (int) -half_width; n <= (int) half_width + 1; n++) {
    const double h = dmix_sinc_kaiser (n - place, half_width, beta);

    re += h * cos (2.0 * G_PI * cycles * n);
    im -= h * sin (2.0 * G_PI * cycles * n);
  }
  return hypot (re, im);
}

/* Constant signals and tones below the transition band keep their level between
 * the samples. The ripple is that of Kaiser's formula, 10^-(A / 20) with
 * beta = 0.1102 (A - 8.7). */
static void
test_pass_band (void)
{
  const struct
  {
    double half_width, beta;
  } k[] = { { 10, 5 }, { 16, 8 }, { 40, 10 } };

  for (guint i = 0; i < G_N_ELEMENTS (k); i++) {
    const double ripple = pow (10.0, -(k[i].beta / 0.1102 + 8.7) / 20.0);

    for (double place = 0.0; place <= 1.0; place += 0.125)
      for (double cycles = 0.0; cycles <= 0.25; cycles += 0.0625)
        g_assert_cmpfloat (fabs (gain_at (place, k[i].half_width, k[i].beta,
                                     cycles)
                               - 1.0),
            <, 2.0 * ripple);
  }
  /* without the window, 10 samples on each side have a ripple above 1 % */
  g_assert_cmpfloat (fabs (gain_at (0.5, 10, 0.0, 0.0) - 1.0), >, 0.01);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sinc/bessel", test_bessel);
  g_test_add_func ("/sinc/values", test_values);
  g_test_add_func ("/sinc/symmetry", test_symmetry);
  g_test_add_func ("/sinc/pass-band", test_pass_band);
  return g_test_run ();
}

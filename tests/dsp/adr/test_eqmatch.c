/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of eqmatch.h: the difference within the limit, at the same
 * loudness; bands without clear speech follow their neighbours. */
#include "signals.h"

#include "adr/eqmatch.h"

#define THIRDS DMIX_MEANSPECTRUM_THIRDS

static double guide[THIRDS], take[THIRDS], quiet[THIRDS], curve[THIRDS];

/* Speech-like spectra. The guide is coloured by a sinusoid over frequency, some
 * dB high, and is 10 dB louder. */
static void
prepare (double wave_db)
{
  for (int b = 0; b < THIRDS; b++) {
    take[b] = pow (10.0, -0.15 * abs (b - 8));
    guide[b] = 10.0 * take[b] * pow (10.0, wave_db * sin (b * 0.6) / 10.0);
    quiet[b] = 0.0;
  }
}

static void
match (double amount, double limit_db, const double *background)
{
  const DmixEqMatchParams params = { amount, limit_db };
  const DmixEqMatchSide from = { guide, background }, to = { take, quiet };

  dmix_eqmatch_get_curve (&params, &from, &to, curve);
}

/* The curve is that sinusoid, except for a level common to all bands. */
static void
test_difference (void)
{
  prepare (5.0);
  match (1.0, 12.0, quiet);
  for (int b = 1; b < THIRDS; b++)
    g_assert_cmpfloat (fabs (curve[b] - curve[0] - 5.0 * sin (b * 0.6)), <,
        0.01);
  match (0.5, 12.0, quiet);
  for (int b = 1; b < THIRDS; b++)
    g_assert_cmpfloat (fabs (curve[b] - curve[0] - 2.5 * sin (b * 0.6)), <,
        0.01);
}

/* Loudness is kept: with speech in one band only, that band's gain is 0. (The
 * K-weighting itself plays no part then.) */
static void
test_loudness (void)
{
  prepare (6.0);
  for (int b = 0; b < THIRDS; b++)
    if (b != 11) {
      take[b] *= 1e-9;
      guide[b] *= 1e-9;
    }
  match (1.0, 20.0, quiet);
  g_assert_cmpfloat (fabs (curve[11]), <, 0.01);
}

static void
test_limit (void)
{
  prepare (30.0);
  match (1.0, 12.0, quiet);
  for (int b = 0; b < THIRDS; b++)
    g_assert_cmpfloat (fabs (curve[b]), <=, 12.0);
}

static void
test_unclear_band (void)
{
  double background[THIRDS] = { 0.0 };

  prepare (5.0);
  background[5] = 0.9 * guide[5];
  match (1.0, 12.0, background);
  g_assert_cmpfloat (fabs (curve[5] - curve[4]), <, 1e-9);
}

static void
test_response (void)
{
  float magnitude[1025];

  for (int b = 0; b < THIRDS; b++)
    curve[b] = b - 11.0;
  dmix_eqmatch_get_response (curve, 48000, 1025, magnitude);
  for (int k = 0; k < 1025; k++) {
    const double hz = k * 24000.0 / 1024.0;
    const double db_want =
        fmin (fmax (10 * log10 (fmax (hz, 1.0) / 1000.0), -11.0), 11.0);

    g_assert_cmpfloat (fabs (db (magnitude[k]) - db_want), <, 1e-3);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/eqmatch/difference", test_difference);
  g_test_add_func ("/eqmatch/loudness", test_loudness);
  g_test_add_func ("/eqmatch/limit", test_limit);
  g_test_add_func ("/eqmatch/unclear-band", test_unclear_band);
  g_test_add_func ("/eqmatch/response", test_response);
  return g_test_run ();
}

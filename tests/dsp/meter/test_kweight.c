/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of kweight.h, against the tables of ITU-R BS.1770-5. */
#include "signals.h"

#include "meter/kweight.h"

#include <complex.h>

/* Tables 1 and 2 of Annex 1, for 48 kHz: b0 b1 b2 a1 a2 */
static const double table_shelf[] = {
  1.53512485958697,
  -2.69169618940638,
  1.19839281085285,
  -1.69065929318241,
  0.73248077421585,
};
static const double table_pass[] = {
  1.0,
  -2.0,
  1.0,
  -1.99004745483398,
  0.99007225036621,
};

static double
table_power (const double *t, double radians)
{
  const double complex z = cexp (-I * radians);

  return pow (cabs ((t[0] + t[1] * z + t[2] * z * z)
                  / (1.0 + t[3] * z + t[4] * z * z)),
      2.0);
}

/* Mean square of a full-scale sine after the filters. */
static double
measured_power (unsigned rate, double frequency)
{
  DmixKWeight *k = dmix_kweight_new (rate, 1);
  const size_t frames = rate; /* whole periods of whole frequencies */
  float *sine = g_new (float, 2 * frames);
  const float *lane[] = { sine };
  double settle = 0.0, energy = 0.0;

  fill_sine (sine, 2 * frames, 1, frequency, rate, 1.0);
  dmix_kweight_process (k, lane, 1, frames, &settle);
  lane[0] = sine + frames;
  dmix_kweight_process (k, lane, 1, frames, &energy);
  g_free (sine);
  dmix_kweight_free (k);
  return energy / frames;
}

/* Tolerance 1e-5 (0.00004 dB): float samples and the tables' 14 digits. */
static void
test_tables (void)
{
  const double frequencies[] = {
    20,
    38,
    100,
    500,
    997,
    1682,
    4000,
    10000,
    20000,
  };

  for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++) {
    const double w = 2 * G_PI * frequencies[i] / 48000;
    const double want =
        0.5 * table_power (table_shelf, w) * table_power (table_pass, w);

    g_assert_cmpfloat_with_epsilon (measured_power (48000, frequencies[i])
            / want,
        1.0, 1e-5);
  }
}

/* Squared gain of the analogue prototype of both filters: centre frequency,
 * gain and Q of the shelf, and of the high-pass. */
static double
analogue_power (double frequency)
{
  const double high = pow (10.0, 3.999843853973347 / 20.0);
  const double complex s = I * frequency / 1681.974450955533;
  const double complex p = I * frequency / 38.13547087602444;
  const double complex shelf =
      (high * s * s + pow (high, 0.4996667741545416) * s / 0.7071752369554196
          + 1)
      / (s * s + s / 0.7071752369554196 + 1);

  return pow (cabs (shelf * p * p / (p * p + p / 0.5003270373238773 + 1)), 2.0);
}

/* "The same frequency response at other rates", up to 0.45 of the rate:
 * 0.05 dB of the analogue response and of the standard's own filter. The gains
 * at 997 Hz are made equal; by 0.03 dB the analogue prototype is lower there,
 * since the standard leaves the high-pass's numerator unscaled. */
static void
test_other_rates (void)
{
  const unsigned rates[] = { 8000, 11025, 12000, 16000, 22050, 24000, 32000,
    44100, 48000, 64000, 88200, 96000, 176400, 192000, 384000 };
  const double frequencies[] = { 40, 80, 160, 315, 630, 997, 1250, 1600, 2000,
    2500, 3000, 3600, 4500, 5400, 7200, 9900, 14000, 19800 };
  const double at_997 = measured_power (48000, 997) / analogue_power (997);

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    for (guint i = 0; i < G_N_ELEMENTS (frequencies); i++) {
      const double f = frequencies[i];
      double power;

      if (f > 0.45 * rates[r])
        break;
      power = measured_power (rates[r], f);
      g_assert_cmpfloat_with_epsilon (10
              * log10 (power / (at_997 * analogue_power (f))),
          0.0, 0.05);
      g_assert_cmpfloat_with_epsilon (10
              * log10 (power / measured_power (48000, f)),
          0.0, 0.05);
    }
}

/* Every rate gives a filter that is stable and passes sound. */
static void
test_all_rates (void)
{
  for (unsigned rate = 1; rate < 768000; rate += 1 + rate / 40) {
    DmixKWeight *k = dmix_kweight_new (rate, 1);
    const float one = 1.0f, *lane[] = { &one };
    float silence[64] = { 0 };
    double energy = 0.0, tail = 0.0;

    dmix_kweight_process (k, lane, 1, 1, &energy);
    lane[0] = silence;
    for (int i = 0; i < 400; i++) {
      tail = 0.0;
      dmix_kweight_process (k, lane, 1, 64, &tail);
    }
    g_assert_true (isfinite (energy) && energy > 0.1 && energy < 10.0);
    g_assert_cmpfloat (tail, <, 1e-3);
    dmix_kweight_free (k);
  }
}

/* "0 dB FS, 997 Hz" reads the same at all of them. */
static void
test_reference_tone (void)
{
  const unsigned rates[] = { 8000, 11025, 32000, 44100, 96000, 192000, 768000 };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++)
    g_assert_cmpfloat_with_epsilon (10
            * log10 (
                measured_power (rates[r], 997) / measured_power (48000, 997)),
        0.0, 0.0001);
}

/* EBU Tech 3341 case 1: stereo 1 kHz at -23 dBFS reads -23.0 +-0.1 LUFS. */
static void
test_level (void)
{
  const double mean_square =
      2 * measured_power (48000, 1000) * pow (10.0, -2.3);

  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (mean_square), -23.0, 0.1);
  g_assert_cmpfloat (dmix_kweight_lufs (0.0), ==, DMIX_KWEIGHT_SILENCE_LUFS);
  g_assert_cmpfloat_with_epsilon (dmix_kweight_lufs (
                                      dmix_kweight_mean_square (-31.5)),
      -31.5, 1e-9);
}

static void
test_lanes_and_splits (void)
{
  enum
  {
    FRAMES = 5000,
    LANES = 9
  };
  float *noise = g_new (float, FRAMES *LANES);
  const float *lane[LANES];
  double whole[LANES] = { 0 }, parts[LANES] = { 0 }, alone;
  DmixKWeight *a = dmix_kweight_new (48000, LANES);
  DmixKWeight *b = dmix_kweight_new (48000, LANES);
  GRand *rand = g_rand_new_with_seed (3);

  fill_noise (noise, FRAMES * LANES, 0.1, 4);
  for (int l = 0; l < LANES; l++)
    lane[l] = noise + l;
  dmix_kweight_process (a, lane, LANES, FRAMES, whole);
  for (int done = 0, n; done < FRAMES; done += n) {
    n = g_rand_int_range (rand, 0, 300);
    n = MIN (n, FRAMES - done);
    for (int l = 0; l < LANES; l++)
      lane[l] = noise + done * LANES + l;
    dmix_kweight_process (b, lane, LANES, n, parts);
  }
  g_assert_cmpmem (whole, sizeof whole, parts, sizeof parts);
  for (int l = 0; l < LANES; l++) {
    DmixKWeight *c = dmix_kweight_new (48000, 1);
    const float *one[] = { noise + l };

    alone = 0.0;
    dmix_kweight_process (c, one, LANES, FRAMES, &alone);
    g_assert_cmpfloat (alone, ==, whole[l]);
    dmix_kweight_free (c);
  }
  g_rand_free (rand);
  g_free (noise);
  dmix_kweight_free (a);
  dmix_kweight_free (b);
}

/* After a sound, silence gives exactly 0: denormal numbers would slow down all
 * later samples. */
static void
test_settles (void)
{
  DmixKWeight *k = dmix_kweight_new (48000, 1);
  float block[96];
  const float *lane[] = { block };
  double energy = 1.0;

  fill_noise (block, 96, 0.5, 6);
  dmix_kweight_process (k, lane, 1, 96, &energy);
  memset (block, 0, sizeof block);
  for (int i = 0; i < 1000; i++) {
    energy = 0.0;
    dmix_kweight_process (k, lane, 1, 96, &energy);
    dmix_kweight_settle (k);
  }
  g_assert_cmpfloat (energy, ==, 0.0);
  dmix_kweight_free (k);
}

static void
test_take_over (void)
{
  DmixKWeight *a = dmix_kweight_new (48000, 5);
  DmixKWeight *b = dmix_kweight_new (48000, 5);
  float x[5 * 96];
  const float *lane[] = { x, x + 1, x + 2, x + 3, x + 4 };
  double first[5] = { 0 }, second[5] = { 0 };

  fill_noise (x, 5 * 96, 0.5, 6);
  dmix_kweight_process (a, lane, 5, 96, first);
  dmix_kweight_take_over (b, a);
  memset (first, 0, sizeof first);
  dmix_kweight_process (a, lane, 5, 96, first);
  dmix_kweight_process (b, lane, 5, 96, second);
  g_assert_cmpmem (first, sizeof first, second, sizeof second);
  dmix_kweight_free (a);
  dmix_kweight_free (b);
}

static void
test_bad_arguments (void)
{
  g_assert_null (dmix_kweight_new (0, 1));
  g_assert_null (dmix_kweight_new (48000, 0));
  g_assert_null (dmix_kweight_new (1000000, 1));
  dmix_kweight_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kweight/tables", test_tables);
  g_test_add_func ("/kweight/other-rates", test_other_rates);
  g_test_add_func ("/kweight/all-rates", test_all_rates);
  g_test_add_func ("/kweight/reference-tone", test_reference_tone);
  g_test_add_func ("/kweight/level", test_level);
  g_test_add_func ("/kweight/lanes-and-splits", test_lanes_and_splits);
  g_test_add_func ("/kweight/settles", test_settles);
  g_test_add_func ("/kweight/take-over", test_take_over);
  g_test_add_func ("/kweight/bad-arguments", test_bad_arguments);
  return g_test_run ();
}

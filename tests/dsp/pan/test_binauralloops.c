/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of binauralloops.h: each loop against complex arithmetic in double, and
 * all versions against each other. */
#include "signals.h"

#include "pan/binauralloops.h"

#include <complex.h>

#define MOST 1200 /* beyond several groups of 64 bins */

static float in[6][2 * MOST], to[4][2 * MOST], other[4][2 * MOST];

static double complex
bin (const float *spectrum, unsigned k, unsigned stride)
{
  return spectrum[k] + I * spectrum[stride + k];
}

static void
fill (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (in); i++)
    fill_noise (in[i], 2 * MOST, 0.5, 3 + i);
  for (guint i = 0; i < G_N_ELEMENTS (to); i++) {
    fill_noise (to[i], 2 * MOST, 0.5, 30 + i);
    memcpy (other[i], to[i], sizeof to[i]);
  }
}

/* Rounding of four products and three sums of numbers below 2: 1e-6. */
static void
assert_close (double complex a, double complex b)
{
  g_assert_cmpfloat (cabs (a - b), <, 1e-6);
}

static void
test_products (void)
{
  const DmixBinauralLoops *plain = &dmix_binauralloops_plain;

  for (unsigned stride = 8; stride <= MOST; stride += 88) {
    fill ();
    plain->multiply_add (to[0], in[0], in[1], stride);
    plain->multiply_add_twice (to[1], to[2], in[0], in[1], stride);
    for (unsigned k = 0; k < stride; k++) {
      const double complex product =
          bin (in[0], k, stride) * bin (in[1], k, stride);

      for (guint i = 0; i < 3; i++)
        assert_close (bin (to[i], k, stride),
            bin (other[i], k, stride) + product);
    }

    fill ();
    plain->multiply_add_turn (to[0], to[1], in[0], to[2], in[1], stride);
    for (unsigned k = 0; k < stride; k++) {
      assert_close (bin (to[0], k, stride),
          bin (other[0], k, stride)
              + bin (in[0], k, stride) * bin (other[2], k, stride));
      assert_close (bin (to[1], k, stride),
          bin (other[1], k, stride)
              + bin (in[0], k, stride) * bin (in[1], k, stride));
    }
    g_assert_cmpmem (to[2], 2 * stride * sizeof (float), in[1],
        2 * stride * sizeof (float));
  }
}

/* Three sources with mixes as their next filters, the second one of two
 * directions: the bits of the loops that do one thing each. */
static void
check_turn (const DmixBinauralLoops *loops)
{
  static float filter[2][3][2 * MOST];

  for (unsigned stride = 8; stride <= MOST; stride += 88)
    for (unsigned sources = 0; sources <= 3; sources++) {
      DmixBinauralTurn turn[3];

      fill ();
      for (unsigned i = 0; i < 3; i++) {
        fill_noise (filter[0][i], 2 * MOST, 0.5, 50 + i);
        memcpy (filter[1][i], filter[0][i], sizeof filter[0][i]);
        turn[i] = (DmixBinauralTurn){
          .x = in[i],
          .filter = filter[0][i],
          .from = { in[3], in[4], in[5] },
          .weight = { 0.6f, 0.3f, i == 1 ? 0 : 0.2f },
          .radians = 0.4321 - i,
        };
      }
      loops->turn (turn, sources, to[0], to[1], stride);
      for (unsigned i = 0; i < sources; i++) {
        loops->mix (other[3], turn[i].from, turn[i].weight, turn[i].radians,
            stride);
        loops->multiply_add_turn (other[0], other[1], in[i], filter[1][i],
            other[3], stride);
      }
      g_assert_cmpmem (to[0], sizeof to[0], other[0], sizeof other[0]);
      g_assert_cmpmem (to[1], sizeof to[1], other[1], sizeof other[1]);
      g_assert_cmpmem (filter[0], sizeof filter[0], filter[1],
          sizeof filter[1]);
    }
}

static void
test_turn (void)
{
  check_turn (&dmix_binauralloops_plain);
  check_turn (dmix_binauralloops_get ());
}

/* A weighted sum of spectra, times the phase of a delay. */
static void
test_mix (void)
{
  const float *const from[3] = { in[0], in[1], in[2] };

  for (unsigned stride = 8; stride <= MOST; stride += 88)
    for (guint zero = 0; zero < 2; zero++) {
      const float weight[3] = { 0.6f, 0.3f, zero ? 0 : 0.2f };
      const double radians = 0.1234;

      fill ();
      dmix_binauralloops_plain.mix (to[0], from, weight, radians, stride);
      for (unsigned k = 0; k < stride; k++) {
        double complex sum = 0;

        for (guint i = 0; i < 3; i++)
          sum += weight[i] * bin (from[i], k, stride);
        assert_close (bin (to[0], k, stride), sum * cexp (-I * radians * k));
      }
    }
}

static void
test_same_bits (void)
{
  const DmixBinauralLoops *plain = &dmix_binauralloops_plain;
  const DmixBinauralLoops *best = dmix_binauralloops_get ();
  const float *const from[3] = { in[0], in[1], in[2] };
  const float weight[3] = { 0.5f, 0.25f, 0.25f };

  if (best == plain)
    g_test_message ("this processor has one version only");
  for (unsigned stride = 8; stride <= MOST; stride += 8) {
    fill ();
    plain->mix (to[0], from, weight, -0.3, stride);
    best->mix (other[0], from, weight, -0.3, stride);
    plain->multiply_add (to[1], in[3], in[4], stride);
    best->multiply_add (other[1], in[3], in[4], stride);
    plain->multiply_add_turn (to[1], to[2], in[5], to[3], in[4], stride);
    best->multiply_add_turn (other[1], other[2], in[5], other[3], in[4],
        stride);
    plain->multiply_add_twice (to[1], to[2], in[5], in[4], stride);
    best->multiply_add_twice (other[1], other[2], in[5], in[4], stride);
    g_assert_true (memcmp (to, other, sizeof to) == 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/binauralloops/products", test_products);
  g_test_add_func ("/binauralloops/mix", test_mix);
  g_test_add_func ("/binauralloops/turn", test_turn);
  g_test_add_func ("/binauralloops/same-bits", test_same_bits);
  return g_test_run ();
}

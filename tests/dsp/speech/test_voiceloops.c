/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of voiceloops.h: each loop against sums in double, and both versions
 * against each other. */
#include "signals.h"

#include "speech/voiceloops.h"

#define WIDE DMIX_VOICELOOPS_WIDE

enum
{
  MOST = 256,
  ROWS = 27 /* the loops take four at a time, then the rest */
};

static float weight[ROWS * MOST * WIDE], x[MOST];

static void
fill (void)
{
  fill_noise (weight, G_N_ELEMENTS (weight), 0.5, 1);
  fill_noise (x, MOST, 0.5, 2);
}

/* Rounding of 256 products below 1/4 and their sum: 1e-5. */
static void
check_weigh (const DmixVoiceLoops *loops)
{
  for (unsigned count = 8; count <= MOST; count += 56)
    for (unsigned rows = 0; rows <= ROWS; rows++) {
      float sum[ROWS + 1];

      for (unsigned r = 0; r <= ROWS; r++)
        sum[r] = 7;
      loops->weigh (weight, x, count, sum, rows);
      for (unsigned r = 0; r < rows; r++) {
        double wanted = 0;

        for (unsigned i = 0; i < count; i++)
          wanted += (double) weight[r * count + i] * x[i];
        g_assert_cmpfloat_with_epsilon (sum[r], wanted, 1e-5);
      }
      g_assert_true (sum[rows] == 7);
    }
}

/* The rows go backwards from any one, past the first to the last. */
static void
check_sum_back (const DmixVoiceLoops *loops)
{
  const DmixVoiceRing ring = { weight, 10, 24 };

  for (unsigned newest = 0; newest < ring.rows; newest++)
    for (unsigned count = 0; count <= ring.rows; count++) {
      float sum[24];

      loops->sum_back (&ring, newest, count, sum);
      for (unsigned k = 0; k < ring.floats; k++) {
        double wanted = 0;

        for (unsigned ago = 0; ago < count; ago++)
          wanted +=
              weight[(newest + ring.rows - ago) % ring.rows * ring.floats + k];
        g_assert_cmpfloat_with_epsilon (sum[k], wanted, 1e-5);
      }
    }
}

static void
check_match (const DmixVoiceLoops *loops)
{
  for (unsigned count = 1; count <= MOST; count += 85)
    for (unsigned groups = 0; groups <= 9; groups++) {
      float match[10 * WIDE];

      for (unsigned i = 0; i < G_N_ELEMENTS (match); i++)
        match[i] = 7;
      loops->match (x, weight, count, match, groups);
      for (unsigned m = 0; m < groups * WIDE; m++) {
        const float *wave = weight + (size_t) m / WIDE * count * WIDE;
        double wanted = 0;

        for (unsigned i = 0; i < count; i++)
          wanted += (double) wave[i * WIDE + m % WIDE] * x[i];
        g_assert_cmpfloat_with_epsilon (match[m], wanted, 1e-5);
      }
      g_assert_true (match[groups * WIDE] == 7);
    }
}

static void
test_sums (void)
{
  fill ();
  check_weigh (&dmix_voiceloops_plain);
  check_sum_back (&dmix_voiceloops_plain);
  check_match (&dmix_voiceloops_plain);
}

static void
test_same_bits (void)
{
  const DmixVoiceLoops *all[] = { &dmix_voiceloops_plain,
    dmix_voiceloops_get () };
  const DmixVoiceRing ring = { weight, 200, 24 };
  float out[2][ROWS + 24 + 12 * WIDE] = { { 0 } };

  if (all[0] == all[1])
    g_test_message ("this processor has one version only");
  fill ();
  for (guint i = 0; i < 2; i++) {
    all[i]->weigh (weight, x, MOST, out[i], ROWS);
    all[i]->sum_back (&ring, 50, 150, out[i] + ROWS);
    all[i]->match (x, weight, 144, out[i] + ROWS + 24, 12);
  }
  g_assert_cmpmem (out[0], sizeof out[0], out[1], sizeof out[1]);
  fill_noise (x, MOST, 0.5, 3);
  check_weigh (all[1]);
  check_sum_back (all[1]);
  check_match (all[1]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/voiceloops/sums", test_sums);
  g_test_add_func ("/voiceloops/same-bits", test_same_bits);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of kweightfilter.h: the output of two biquads, from every version. */
#include "signals.h"

#include "meter/kweightfilter.h"

enum
{
  FRAMES = 3000,
  LANES = DMIX_KWEIGHT_GROUP
};

static const DmixBiquad shelf = { 1.535, -2.692, 1.198, -1.691, 0.7325 };
static const DmixBiquad pass = { 1.0, -2.0, 1.0, -1.99, 0.9901 };

typedef struct
{
  DmixKWeightMemory memory;
  double energy[LANES];
} Result;

/* Lanes interleaved (stride 4) or one after another (stride 1). */
static Result
filtered (DmixKWeightFilter *filter, const float *noise, size_t stride,
    int blocks)
{
  Result r = { 0 };

  for (int b = 0; b < blocks; b++) {
    const size_t first = FRAMES / blocks * b;
    const size_t apart = stride == 1 ? FRAMES : 1;
    const float *lane[LANES];

    for (int l = 0; l < LANES; l++)
      lane[l] = noise + first * stride + l * apart;
    filter (&shelf, &pass, &r.memory, lane, stride, FRAMES / blocks, r.energy);
  }
  return r;
}

/* The reference is in direct form II transposed, the module in direct form I.
 * Tolerance: rounding (1e-16 each, summed by the slow pole over some 100
 * samples). */
static void
test_two_biquads (void)
{
  static float noise[FRAMES * LANES];
  Result r;

  fill_noise (noise, FRAMES * LANES, 0.1, 1);
  r = filtered (dmix_kweight_filter_plain, noise, LANES, 1);
  for (int l = 0; l < LANES; l++) {
    double s1 = 0, s2 = 0, p1 = 0, p2 = 0, energy = 0, y = 0, z = 0;

    for (int i = 0; i < FRAMES; i++) {
      const double x = noise[i * LANES + l];

      y = shelf.b0 * x + s1;
      s1 = shelf.b1 * x - shelf.a1 * y + s2;
      s2 = shelf.b2 * x - shelf.a2 * y;
      z = pass.b0 * y + p1;
      p1 = pass.b1 * y - pass.a1 * z + p2;
      p2 = pass.b2 * y - pass.a2 * z;
      energy += z * z;
    }
    g_assert_cmpfloat_with_epsilon (r.energy[l] / energy, 1.0, 1e-10);
    g_assert_cmpfloat_with_epsilon (r.memory.z[l], z, 1e-10);
  }
}

static void
test_blocks (void)
{
  static float noise[FRAMES * LANES];

  fill_noise (noise, FRAMES * LANES, 0.1, 2);
  for (size_t stride = 1; stride <= LANES; stride += LANES - 1) {
    const Result whole = filtered (dmix_kweight_filter_plain, noise, stride, 1);
    const Result parts =
        filtered (dmix_kweight_filter_plain, noise, stride, 60);

    g_assert_cmpmem (&whole, sizeof whole, &parts, sizeof parts);
  }
}

static int
has_fma (void)
{
#ifdef HAVE_FMA
  return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
#else
  return 0;
#endif
}

/* Tolerance: 1e-13, the rounding of 3000 sums that have random signs. */
static void
test_versions_agree (void)
{
#ifdef HAVE_FMA
  static float noise[FRAMES * LANES];

  if (!has_fma ()) {
    g_test_skip ("this processor has no FMA");
    return;
  }
  for (int level = -200; level <= 40; level += 40) {
    fill_noise (noise, FRAMES * LANES, pow (10, level / 20.0), level + 300);
    for (size_t stride = 1; stride <= LANES; stride += LANES - 1) {
      const Result plain =
          filtered (dmix_kweight_filter_plain, noise, stride, 3);
      const Result fma = filtered (dmix_kweight_filter_fma, noise, stride, 5);
      const Result split = filtered (dmix_kweight_filter_fma, noise, stride, 3);

      g_assert_cmpmem (&split, sizeof split, &fma, sizeof fma);
      for (int l = 0; l < LANES; l++)
        g_assert_cmpfloat_with_epsilon (fma.energy[l] / plain.energy[l], 1.0,
            1e-13);
    }
  }
#else
  g_test_skip ("built without FMA");
#endif
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kweightfilter/two-biquads", test_two_biquads);
  g_test_add_func ("/kweightfilter/blocks", test_blocks);
  g_test_add_func ("/kweightfilter/versions-agree", test_versions_agree);
  return g_test_run ();
}

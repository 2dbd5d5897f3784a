/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What netloops.h promises: the versions agree to the last bit, and their
 * functions are what they are called. */
#include "signals.h"

#include "net/netloops.h"

enum
{
  MOST = 1040
};

typedef struct
{
  int16_t q[MOST];
  float step, y[64], h[100], tanh[100], sigmoid[100];
  float noise[100], presence[100], clean[100], ratio[100];
} Result;

static int8_t weight[64 * MOST] __attribute__ ((aligned (32)));
static float scale[64];

static const DmixNetRatioLaw law = { 31.6f, 200, 0.14f, 0.3f, 0.99f, 1e4f,
  0.96f, 0.0158f, 1e-9f };

static void
fill (float *out, unsigned count, double peak, guint32 seed)
{
  fill_noise (out, count, peak / sqrt (3.0), seed);
}

static DmixNetRowsOfWeights
matrix (unsigned stride, unsigned blocks)
{
  GRand *rand = g_rand_new_with_seed (stride);

  for (unsigned i = 0; i < 64 * stride; i++)
    weight[i] = (int8_t) g_rand_int_range (rand, -127, 128);
  for (unsigned o = 0; o < 64; o++)
    scale[o] = 0.001f * (float) (o + 1);
  g_rand_free (rand);
  return (DmixNetRowsOfWeights){ 64, stride, blocks, weight, scale };
}

static void
run_all (const DmixNetLoops *loops, Result *r)
{
  const DmixNetRowsOfWeights whole = matrix (576, 1);
  float x[MOST], gates[600], power[100];

  memset (r, 0, sizeof *r);
  for (int i = 0; i < 100; i++)
    r->noise[i] = 1.0f;
  for (int frame = 0; frame < 20; frame++) {
    fill (x, MOST, 3.0, frame);
    r->step = loops->quantize (r->q, x, 576);
    loops->multiply (&whole, r->q, r->step, r->y);
    fill (gates, 600, 5.0, 100 + frame);
    loops->gates (r->h, gates, gates + 300, 100);
    fill (r->tanh, 100, 3.0 * frame, frame);
    memcpy (r->sigmoid, r->tanh, sizeof r->tanh);
    loops->tanh (r->tanh, 100);
    loops->sigmoid (r->sigmoid, 100);
    for (int i = 0; i < 100; i++)
      power[i] = expf (4.0f * x[i]);
    loops->ratio (&law, power, r->noise, r->presence, r->clean, r->ratio, 100);
  }
}

#ifdef HAVE_AVX2
static void
check_agrees (const DmixNetLoops *loops)
{
  static Result plain, other;

  run_all (&dmix_netloops_plain, &plain);
  run_all (loops, &other);
  g_assert_cmpmem (&plain, sizeof plain, &other, sizeof other);
}
#endif

static void
test_versions_agree (void)
{
#ifdef HAVE_AVX2
  if (__builtin_cpu_supports ("avx2"))
    check_agrees (&dmix_netloops_avx2);
  else
    g_test_skip ("no AVX2 here");
#else
  g_test_skip ("one version only");
#endif
}

static void
test_vnni_agrees (void)
{
#ifdef HAVE_AVX512VNNI
  if (__builtin_cpu_supports ("avx512bw")
      && __builtin_cpu_supports ("avx512vnni"))
    check_agrees (&dmix_netloops_vnni);
  else
    g_test_skip ("no AVX-512 with VNNI here");
#else
  g_test_skip ("no such version");
#endif
}

/* Products of large and small matrices, whole and in blocks, with the largest
 * values too, where a sum of 32 bits would not do; within half a step of each
 * rounded input. */
static void
check_multiply (const DmixNetLoops *loops, unsigned stride, unsigned blocks,
    int largest)
{
  DmixNetRowsOfWeights m = matrix (stride, blocks);
  static float x[MOST * 4];
  static int16_t q[MOST * 4];
  float y[64], step;

  fill (x, stride * blocks, 2.0, 5);
  for (unsigned i = 0; i < stride * blocks && largest; i++)
    x[i] = -2.0f;
  for (unsigned i = 0; i < 64 * stride && largest; i++)
    weight[i] = -127;
  step = loops->quantize (q, x, stride * blocks);
  for (unsigned o = 0; o < 64; o++)
    y[o] = 1.0f;
  loops->multiply (&m, q, step, y);
  for (unsigned o = 0; o < 64; o++) {
    const float *in = x + o / (64 / blocks) * stride;
    double sum = 0, slack = 1e-6;

    for (unsigned i = 0; i < stride; i++) {
      sum += (double) scale[o] * weight[o * stride + i] * in[i];
      slack += 0.51 * step * scale[o] * abs (weight[o * stride + i]);
    }
    g_assert_cmpfloat_with_epsilon (y[o], 1.0 + sum, slack + 1e-6 * fabs (sum));
  }
}

static void
test_multiply (void)
{
  const DmixNetLoops *loops[3] = { &dmix_netloops_plain };
  int versions = 1;

  loops[versions++] = dmix_netloops_get ();
#ifdef HAVE_AVX2
  if (__builtin_cpu_supports ("avx2"))
    loops[versions++] = &dmix_netloops_avx2;
#endif
  for (int i = 0; i < versions; i++)
    for (int largest = 0; largest < 2; largest++) {
      check_multiply (loops[i], 16, 1, largest);
      check_multiply (loops[i], 256, 1, largest);
      check_multiply (loops[i], 272, 1, largest);
      check_multiply (loops[i], 576, 1, largest);
      check_multiply (loops[i], 1040, 1, largest);
      check_multiply (loops[i], 32, 4, largest);
      check_multiply (loops[i], 48, 32, largest); /* two rows each */
    }
}

/* Inputs that are all 0 stay 0. */
static void
test_quantize (void)
{
  const float zero[20] = { 0 }, x[] = { 1.0f, -0.5f, 1e-9f, -2.0f };
  int16_t q[20];
  float step;

  g_assert_true (isfinite (dmix_netloops_get ()->quantize (q, zero, 20)));
  for (int i = 0; i < 20; i++)
    g_assert_cmpint (q[i], ==, 0);
  step = dmix_netloops_get ()->quantize (q, x, 4);
  g_assert_cmpint (q[3], ==, -32767);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (q[i] * step, x[i], 0.51 * step);
}

/* tanh and the logistic function, any size of input. */
static void
test_functions (void)
{
  const DmixNetLoops *loops = dmix_netloops_get ();

  for (double size = -1e30; size < 1.1e30; size = size < -1e-3 ? size / 1.3
           : size < 1e-3                                       ? size + 2e-4
                                                               : size * 1.3) {
    float a = (float) size, b = (float) size;

    loops->tanh (&a, 1);
    loops->sigmoid (&b, 1);
    g_assert_cmpfloat_with_epsilon (a, tanh (size), 5e-7);
    g_assert_cmpfloat_with_epsilon (b, 1 / (1 + exp (-size)), 5e-7);
  }
}

/* The gates of K. Cho et al. (2014), as PyTorch has them, with an update that
 * keeps .998 at most. */
static void
test_gates (void)
{
  float h[5], in[15], own[15];

  fill (h, 5, 1.0, 1);
  fill (in, 15, 3.0, 2);
  fill (own, 15, 3.0, 3);
  in[5] = 20.0f; /* an update of 1, but for the limit */
  for (int i = 0; i < 5; i++) {
    const double reset = 1 / (1 + exp (-in[i] - own[i]));
    const double update = fmin (1 / (1 + exp (-in[5 + i] - own[5 + i])), 0.998);
    const double fresh = tanh (in[10 + i] + reset * own[10 + i]);
    float alone[1] = { h[i] }, x[3], y[3];

    for (int g = 0; g < 3; g++) {
      x[g] = in[5 * g + i];
      y[g] = own[5 * g + i];
    }
    dmix_netloops_get ()->gates (alone, x, y, 1);
    g_assert_cmpfloat_with_epsilon (alone[0],
        (1 - update) * fresh + update * h[i], 1e-6);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, test) g_test_add_func ("/netloops/" name, test)
  ADD ("versions-agree", test_versions_agree);
  ADD ("vnni-agrees", test_vnni_agrees);
  ADD ("multiply", test_multiply);
  ADD ("quantize", test_quantize);
  ADD ("functions", test_functions);
  ADD ("gates", test_gates);
#undef ADD
  return g_test_run ();
}

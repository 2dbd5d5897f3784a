/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of smoothcurve.h. */
#include "signals.h"

#include "adr/smoothcurve.h"

#define N 200

typedef struct
{
  double weight[N], point[N], bend[N], stiff[N], work[3 * N], curve[N];
} Rig;

static void
rig_fill (Rig *rig)
{
  for (int i = 0; i < N; i++) {
    rig->weight[i] = g_test_rand_double_range (0.01, 2.0);
    rig->point[i] = g_test_rand_double_range (-50.0, 50.0);
    rig->bend[i] = pow (10.0, g_test_rand_double_range (-2.0, 4.0));
    rig->stiff[i] = i % 7 ? 0.0 : pow (10.0, g_test_rand_double_range (-1, 4));
  }
}

static void
rig_find (Rig *rig, size_t count)
{
  dmix_smoothcurve_find (rig->weight, rig->point, rig->bend, rig->stiff, count,
      rig->work, rig->curve);
}

/* The cost that the curve minimises. */
static double
cost (const Rig *rig, const double *x, int count)
{
  double sum = 0.0;

  for (int i = 0; i < count; i++) {
    sum += rig->weight[i] * (x[i] - rig->point[i]) * (x[i] - rig->point[i]);
    if (i > 0 && i + 1 < count)
      sum += rig->bend[i] * pow (x[i - 1] - 2.0 * x[i] + x[i + 1], 2.0);
    if (i + 1 < count)
      sum += rig->stiff[i] * pow (x[i + 1] - x[i], 2.0);
  }
  return sum;
}

/* At the minimum of a quadratic form, a step up and a step down cost the same:
 * checked for each value of the curve, for several lengths. */
static void
test_least (void)
{
  for (int count = 1; count <= N; count = count < 6 ? count + 1 : 2 * count) {
    Rig rig;

    rig_fill (&rig);
    rig_find (&rig, (size_t) count);
    for (int i = 0; i < count; i++) {
      double left[N], right[N];

      memcpy (left, rig.curve, sizeof left);
      memcpy (right, rig.curve, sizeof right);
      left[i] -= 1.0;
      right[i] += 1.0;
      g_assert_cmpfloat_with_epsilon (cost (&rig, left, count),
          cost (&rig, right, count), 1e-9 * cost (&rig, left, count));
    }
  }
}

/* A straight line has no bends: it comes back at any price of bends, and gaps
 * (weight 0) are filled. Within a gap of 80 points only bends cost, the longest
 * wave (pi / 80)^4: the equations have a condition number up to 1e13, so an
 * error of 2^-53 of 50 may grow to 1e-2; it is 1e-6 with most seeds. */
static void
test_line (void)
{
  Rig rig;

  rig_fill (&rig);
  for (int i = 0; i < N; i++) {
    rig.point[i] = 3.0 - 0.25 * i;
    rig.stiff[i] = 0.0;
    if (i > 20 && i < 100) {
      rig.weight[i] = 0.0;
      rig.point[i] = 1e3;
    }
  }
  rig_find (&rig, N);
  for (int i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (rig.curve[i], 3.0 - 0.25 * i, 1e-4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/smoothcurve/least", test_least);
  g_test_add_func ("/smoothcurve/line", test_line);
  return g_test_run ();
}

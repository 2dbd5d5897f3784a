/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of slidingmean.h. */
#include "signals.h"

#include "dynamics/slidingmean.h"

/* Integers add up without rounding, so a wrong window or a trace of old values
 * would show. */
static void
test_exact (void)
{
  const unsigned lengths[] = { 1, 2, 3, 64, 1000 };

  for (int l = 0; l < 5; l++) {
    const unsigned n = lengths[l];
    double *memory = g_new (double, n), *past = g_new (double, n);
    DmixSlidingMean mean;
    double sum = 5.0 * n;

    dmix_slidingmean_init (&mean, memory, n, 5.0);
    for (unsigned i = 0; i < n; i++)
      past[i] = 5.0;
    for (int i = 0; i < 20000; i++) {
      const double value = g_test_rand_int_range (1, 1 << 20);

      sum += value - past[i % n];
      past[i % n] = value;
      g_assert_cmpfloat_with_epsilon (dmix_slidingmean_add (&mean, value),
          sum / n, 1e-15 * sum);
    }
    g_free (memory);
    g_free (past);
  }
}

/* After audio of +180 dB silence reads 0, not rounding errors. */
static void
test_no_trace (void)
{
  double memory[100], last = 1;
  DmixSlidingMean mean;

  dmix_slidingmean_init (&mean, memory, 100, 0.0);
  for (int i = 0; i < 1050; i++)
    dmix_slidingmean_add (&mean, 1e18 * g_test_rand_double ());
  for (int i = 0; i < 100; i++)
    last = dmix_slidingmean_add (&mean, 1e-18);
  g_assert_cmpfloat_with_epsilon (last, 1e-18, 1e-31);
}

/* Many values at once, in any split, give the bits of one after the other. */
static void
test_many (void)
{
  const unsigned lengths[] = { 1, 2, 3, 60, 1000 };

  for (int l = 0; l < 5; l++) {
    const unsigned n = lengths[l];
    double *one = g_new (double, n), *many = g_new (double, n);
    float value[3000], mean[3000];
    DmixSlidingMean a, b;

    fill_noise (value, 3000, 0.5, l);
    dmix_slidingmean_init (&a, one, n, 0.25);
    dmix_slidingmean_init (&b, many, n, 0.25);
    for (unsigned done = 0, part; done < 3000; done += part) {
      part = (unsigned) g_test_rand_int_range (1, 100);
      part = MIN (part, 3000 - done);
      dmix_slidingmean_process (&b, value + done, part, mean + done);
    }
    for (unsigned i = 0; i < 3000; i++)
      g_assert_cmpfloat (mean[i], ==,
          (float) dmix_slidingmean_add (&a, value[i]));
    g_free (one);
    g_free (many);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/slidingmean/exact", test_exact);
  g_test_add_func ("/slidingmean/many", test_many);
  g_test_add_func ("/slidingmean/no-trace", test_no_trace);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of percentile.h: the value that sorting would put there. */
#include "signals.h"

#include "base/percentile.h"

#include <string.h>

static int
by_value (const void *a, const void *b)
{
  const float x = *(const float *) a, y = *(const float *) b;

  return (x > y) - (x < y);
}

static void
test_as_sorted (void)
{
  float value[200], sorted[200];

  for (size_t count = 1; count <= 200; count++) {
    fill_noise (value, count, 1, (unsigned) g_test_rand_int ());
    for (size_t i = 0; count % 3 == 0 && i < count; i++)
      value[i] = (float) (int) (4 * value[i]); /* many equal ones */
    memcpy (sorted, value, count * sizeof *value);
    qsort (sorted, count, sizeof *sorted, by_value);
    for (double part = 0; part <= 1; part += 0.125)
      g_assert_cmpfloat (dmix_percentile (value, count, part), ==,
          sorted[(size_t) (part * (double) (count - 1))]);
    qsort (value, count, sizeof *value, by_value);
    g_assert_cmpmem (value, count * sizeof *value, sorted,
        count * sizeof *sorted); /* none is lost */
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/percentile/as-sorted", test_as_sorted);
  return g_test_run ();
}

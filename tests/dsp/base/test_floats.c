/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of floats.h: arrays of zeros that begin at a cache line. */
#include "signals.h"

#include "base/floats.h"

#include <stdint.h>

#define ARRAYS 200

/* The heap hands out addresses that are multiples of 16 only. */
static void
test_aligned_zeros (void)
{
  float *array[ARRAYS];

  for (size_t n = 0; n < ARRAYS; n++) {
    array[n] = dmix_floats_new (n);
    g_assert_nonnull (array[n]);
    g_assert_cmpuint ((uintptr_t) array[n] % 64, ==, 0);
    for (size_t i = 0; i < n; i++)
      g_assert_true (array[n][i] == 0);
    fill_noise (array[n], n, 1, n);
  }
  for (size_t n = 0; n < ARRAYS; n++)
    dmix_floats_free (array[n]);
  dmix_floats_free (NULL);
}

static void
test_too_many (void)
{
  g_assert_null (dmix_floats_new (SIZE_MAX));
  g_assert_null (dmix_floats_new (SIZE_MAX / sizeof (float)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/floats/aligned-zeros", test_aligned_zeros);
  g_test_add_func ("/floats/too-many", test_too_many);
  return g_test_run ();
}

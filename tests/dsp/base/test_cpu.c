/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* DMIX_SIMD=off must really select the plain loops; else the test run meant for
 * them tests nothing. */
#include "base/cpu.h"
#include "pan/binauralloops.h"

#include <glib.h>

static void
test_off (void)
{
  g_setenv ("DMIX_SIMD", "off", TRUE);
  g_assert_cmpint (dmix_cpu_has_avx2 (), ==, 0);
  g_assert_true (dmix_binauralloops_get () == &dmix_binauralloops_plain);
  g_unsetenv ("DMIX_SIMD");
}

/* Only the value "off" disables SIMD. */
static void
test_on (void)
{
  int usual;

  g_unsetenv ("DMIX_SIMD");
  usual = dmix_cpu_has_avx2 ();
#ifdef HAVE_AVX2
  g_assert_cmpint (usual, ==, __builtin_cpu_supports ("avx2") != 0);
#else
  g_assert_cmpint (usual, ==, 0);
#endif
  g_setenv ("DMIX_SIMD", "on", TRUE);
  g_assert_cmpint (dmix_cpu_has_avx2 (), ==, usual);
  g_assert_cmpint (dmix_binauralloops_get () == &dmix_binauralloops_plain, ==,
      !usual);
  g_unsetenv ("DMIX_SIMD");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cpu/off", test_off);
  g_test_add_func ("/cpu/on", test_on);
  return g_test_run ();
}

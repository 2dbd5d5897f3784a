/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Effect of spread in stereo: behind the listener a point source is 3 dB softer
 * (BS.2127), and one of 10 degrees or more has power 1. */
#include "pan/vbap.h"

#include <glib.h>

static double
power_behind (double spread_deg)
{
  const DmixVbapParams params = { dmix_vector_from_angles (180, 0), spread_deg,
    0 };
  double gain[2] = { 0, 0 };
  unsigned hint = 0;
  DmixLayout layout;
  DmixVbap *vbap;

  g_assert_true (dmix_layout_from_name (&layout, "stereo"));
  vbap = dmix_vbap_new (&layout);
  dmix_vbap_get_gains (vbap, &params, &hint, gain);
  dmix_vbap_free (vbap);
  return gain[0] * gain[0] + gain[1] * gain[1];
}

static void
test_behind (void)
{
  double last = power_behind (0);

  g_assert_cmpfloat_with_epsilon (last, 0.5, 1e-3);
  for (int spread = 1; spread <= 10; spread++) {
    const double now = power_behind (spread);

    g_assert_cmpfloat (now, >, last);
    g_assert_cmpfloat (now, <, last + 0.1);
    last = now;
  }
  for (int spread = 10; spread <= 360; spread += 10)
    g_assert_cmpfloat_with_epsilon (power_behind (spread), 1.0, 1e-9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vbap/spread/behind", test_behind);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* stretch.h does not splice while the drift is within half the tolerance, even
 * where a splice would cost nothing. */
#include "signals.h"

#include "adr/stretch.h"

#define RATE 48000
#define FRAMES (2 * RATE)
#define KNOTS (FRAMES / 240 + 1)

/* Number of splices of a sine whose map jumps by some frames in the middle. A
 * sine repeats every period, so every splice is a good one. */
static size_t
splices_of_jump (double jump, double period, double tolerance_ms)
{
  static float take[3 * RATE], out[FRAMES];
  static double map[KNOTS];
  const DmixFormat format = { RATE, 1 };
  const DmixStretchParams params = { tolerance_ms };
  const DmixStretchTake all = { take, 0, G_N_ELEMENTS (take) };
  const DmixStretchMap wish = { map, 0, KNOTS };
  DmixStretch *self = dmix_stretch_new (&format);
  size_t splices;

  fill_sine (take, G_N_ELEMENTS (take), 1, RATE / period, RATE, 0.3);
  for (size_t k = 0; k < KNOTS; k++)
    map[k] = 240.0 * (double) k + (k > KNOTS / 2 ? jump : 0.0);
  dmix_stretch_set_params (self, &params);
  dmix_stretch_process (self, &all, &wish, out, FRAMES);
  splices = dmix_stretch_get_splices (self);
  if (splices == 0)
    g_assert_cmpmem (out, sizeof out, take, sizeof out);
  dmix_stretch_free (self);
  return splices;
}

/* 3 ms are 144 frames. */
static void
test_tolerance (void)
{
  g_assert_cmpuint (splices_of_jump (60.0, 60.0, 3.0), ==, 0);
  g_assert_cmpuint (splices_of_jump (-60.0, 60.0, 3.0), ==, 0);
  g_assert_cmpuint (splices_of_jump (240.0, 60.0, 3.0), >, 0);
  g_assert_cmpuint (splices_of_jump (60.0, 60.0, 1.0), >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stretch/lazy/tolerance", test_tolerance);
  return g_test_run ();
}

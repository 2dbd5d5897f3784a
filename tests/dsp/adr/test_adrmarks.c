/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Contract of adrmarks.h: marks within the rows of a scene, counted from its
 * start, and take rows from that of its search. Rows are 5 ms. */
#include "adr/adrmarks.h"

#include <glib.h>

static void
test_find (void)
{
  const DmixAdrSync sync[] = {
    { 0.995, 1.5 },                            /* before the scene */
    { 1.0, 1.25 }, { 2.0, 2.5 }, { 2.5, 0.5 }, /* before the take's first row */
    { 2.995, 3.5 }, { 3.0, 3.6 },              /* after the scene */
  };
  const DmixAdrProtect protect[] = {
    { 0.2, 1.0 }, /* ends where the scene begins */
    { 0.5, 1.005 }, { 1.5, 2.0 }, { 2.9, 9.0 },
    { 3.0, 4.0 }, /* begins where it ends */
  };
  const long anchor[][2] = { { 0, 110 }, { 200, 360 }, { 399, 560 } };
  const long range[][2] = { { -100, 1 }, { 100, 200 }, { 380, 1600 } };
  DmixAdrLineParams how = { 0 };
  DmixAdrMarks marks;

  /* the take starts 0.1 s late: its second 1.25 is its row 230 */
  g_assert_true (dmix_adrmarks_init (&marks, sync, G_N_ELEMENTS (sync), protect,
      G_N_ELEMENTS (protect), 0.1));
  dmix_adrmarks_find (&marks, 200, 600, 120, &how);
  g_assert_cmpuint (how.anchors, ==, 3);
  g_assert_cmpuint (how.protects, ==, 3);
  for (int k = 0; k < 3; k++) {
    g_assert_cmpint (how.anchor[k].guide_frame, ==, anchor[k][0]);
    g_assert_cmpint (how.anchor[k].take_frame, ==, anchor[k][1]);
    g_assert_cmpint (how.protect[k].first, ==, range[k][0]);
    g_assert_cmpint (how.protect[k].end, ==, range[k][1]);
  }
  dmix_adrmarks_find (&marks, 10000, 20000, 0, &how);
  g_assert_cmpuint (how.anchors + how.protects, ==, 0);
  dmix_adrmarks_free (&marks);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/adrmarks/find", test_find);
  return g_test_run ();
}

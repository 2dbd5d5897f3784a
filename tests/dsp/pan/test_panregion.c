/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of panregion.h with closed forms: the tangent law, bilinear weights,
 * regular solids. */
#include "pan/panregion.h"
#include "signals.h"

/* Corners of a region are points; this is the node of each point. */
static const unsigned node[] = { 2, 0, 3, 1, 4, 5, 6, 7 };
static const DmixVector axis[] = {
  { 1, 0, 0 },
  { 0, 1, 0 },
  { 0, 0, 1 },
  { -1, 0, 0 },
  { 0, -1, 0 },
  { 0, 0, -1 },
};

static DmixVector
towards (double x, double y, double z)
{
  return dmix_vector_unit ((DmixVector){ x, y, z });
}

/* For loudspeakers at right angles the gains are the coordinates of the
 * direction. They are added to the array; outside of the region nothing is. */
static void
test_right_angles (void)
{
  const DmixVector inside = towards (1, 2, 3);
  double gain[8] = { 10, 10, 10, 10 };
  DmixPanRegion region;

  g_assert_true (
      dmix_panregion_set_triplet (&region, axis, (unsigned[]){ 0, 1, 2 }));
  g_assert_true (dmix_panregion_add_gains (&region, inside, node, gain));
  g_assert_cmpfloat_with_epsilon (gain[2], 10 + inside.x, 1e-12);
  g_assert_cmpfloat_with_epsilon (gain[0], 10 + inside.y, 1e-12);
  g_assert_cmpfloat_with_epsilon (gain[3], 10 + inside.z, 1e-12);
  g_assert_cmpfloat (gain[1], ==, 10);
  memset (gain, 0, sizeof gain);
  g_assert_false (
      dmix_panregion_add_gains (&region, towards (1, 2, -0.01), node, gain));
  for (int i = 0; i < 8; i++)
    g_assert_cmpfloat (gain[i], ==, 0);
  g_assert_true (dmix_panregion_add_gains (&region, axis[1], node, gain));
  for (int i = 0; i < 8; i++)
    g_assert_cmpfloat (gain[i], ==, i == 0);
}

/* The tangent law of a pair: (gl - gr) / (gl + gr) = tan (at) / tan (apart). */
static void
test_tangent_law (void)
{
  for (double apart = 20; apart < 70; apart += 12) {
    const DmixVector point[] = {
      dmix_vector_from_angles (apart, 0),
      dmix_vector_from_angles (-apart, 0),
      dmix_vector_from_angles (0, 80),
    };
    DmixPanRegion region;

    g_assert_true (
        dmix_panregion_set_triplet (&region, point, (unsigned[]){ 0, 1, 2 }));
    for (double at = -apart + 1; at < apart; at += 5) {
      const double law = tan (DMIX_RADIANS (at)) / tan (DMIX_RADIANS (apart));
      double gain[8] = { 0 };

      g_assert_true (dmix_panregion_add_gains (&region,
          dmix_vector_from_angles (at, 0), node, gain));
      g_assert_cmpfloat_with_epsilon ((gain[2] - gain[0]) / (gain[2] + gain[0]),
          law, 1e-9);
      g_assert_cmpfloat_with_epsilon (gain[2] * gain[2] + gain[0] * gain[0], 1,
          1e-9);
      g_assert_cmpfloat (gain[3], ==, 0);
    }
  }
}

/* Corners on one great circle make no triplet and no fan. */
static void
test_flat_corners (void)
{
  const DmixVector point[] = {
    dmix_vector_from_angles (0, 0),
    dmix_vector_from_angles (40, 0),
    dmix_vector_from_angles (90, 0),
  };
  const unsigned corner[] = { 0, 1, 2 };
  DmixPanRegion region;

  g_assert_false (dmix_panregion_set_triplet (&region, point, corner));
  g_assert_false (dmix_panregion_set_fan (&region, point, corner, corner, 3));
}

/* A direction that is a bilinear mix of the corners gets the weights of the
 * mix, scaled to power 1. */
static void
test_bilinear (void)
{
  static const DmixVector wall[] = {
    { -1, 1, -0.7 },
    { 1, 1, 0.7 },
    { 1, 1, -0.7 },
    { -1, 1, 0.7 },
  };
  unsigned corner[] = { 0, 1, 2, 3 };
  DmixVector point[4];
  DmixPanRegion region;

  for (int i = 0; i < 4; i++)
    point[i] = dmix_vector_unit (wall[i]);
  dmix_panregion_sort (point, corner, 4);
  g_assert_true (dmix_panregion_set_quad (&region, point, corner));
  for (double x = 0; x <= 1; x += 0.125)
    for (double y = 0; y <= 1; y += 0.125) {
      const double g[4] = { (1 - x) * (1 - y), x * (1 - y), x * y,
        (1 - x) * y };
      const double power =
          g[0] * g[0] + g[1] * g[1] + g[2] * g[2] + g[3] * g[3];
      DmixVector sum = { 0, 0, 0 };
      double gain[8] = { 0 };

      for (int i = 0; i < 4; i++)
        sum = dmix_vector_add_scaled (sum, point[corner[i]], g[i]);
      sum = dmix_vector_unit (sum);
      g_assert_true (dmix_panregion_add_gains (&region, sum, node, gain));
      for (int i = 0; i < 4; i++)
        g_assert_cmpfloat_with_epsilon (gain[node[corner[i]]],
            g[i] / sqrt (power), 1e-9);
      sum = dmix_vector_add_scaled ((DmixVector){ 0, 0, 0 }, sum, -1);
      g_assert_false (dmix_panregion_add_gains (&region, sum, node, gain));
    }
  g_assert_false (
      dmix_panregion_add_gains (&region, axis[0], node, (double[8]){ 0 }));
}

/* The gain of a fan's pole goes to all loudspeakers around it equally. */
static void
test_fan (void)
{
  const unsigned rim[] = { 0, 1, 3, 4 };
  DmixPanRegion region;

  g_assert_true (
      dmix_panregion_set_fan (&region, axis, (unsigned[]){ 0, 1, 2 }, rim, 4));
  for (double up = 0; up <= 1; up += 0.25) {
    const DmixVector d = towards (1 - up, (1 - up) / 2, up);
    const double own[] = { d.x + d.z / 2, d.y + d.z / 2, d.z / 2, d.z / 2 };
    double gain[8] = { 0 }, power = 0;

    for (int i = 0; i < 4; i++)
      power += own[i] * own[i];
    g_assert_true (dmix_panregion_add_gains (&region, d, node, gain));
    for (int i = 0; i < 4; i++)
      g_assert_cmpfloat_with_epsilon (gain[node[rim[i]]], own[i] / sqrt (power),
          1e-12);
    g_assert_cmpfloat (gain[node[2]], ==, 0);
  }
  g_assert_false (
      dmix_panregion_add_gains (&region, axis[5], node, (double[8]){ 0 }));
}

/* An octahedron has 8 triangles, a cube 6 squares; `most` limits the number. */
static void
test_hull (void)
{
  static DmixPanRegionFace face[13];
  DmixVector cube[8];

  for (int i = 0; i < 8; i++)
    cube[i] = towards (i & 1 ? 1 : -1, i & 2 ? 1 : -1, i & 4 ? 1 : -1);
  g_assert_cmpuint (dmix_panregion_hull (axis, 6, face, 12), ==, 8);
  for (int f = 0; f < 8; f++)
    g_assert_cmpuint (face[f].corners, ==, 3);
  g_assert_cmpuint (dmix_panregion_hull (axis, 6, face, 5), ==, 5);
  g_assert_cmpuint (dmix_panregion_hull (cube, 8, face, 12), ==, 6);
  for (int f = 0; f < 6; f++) {
    unsigned all = 7, none = 0;

    g_assert_cmpuint (face[f].corners, ==, 4);
    for (int i = 0; i < 4; i++) {
      all &= face[f].corner[i];
      none |= face[f].corner[i];
    }
    /* one coordinate (bit of the index) is the same at all corners */
    g_assert_true (all != 0 || none != 7);
  }
}

/* In the sorted list, neighbours are neighbours in the hexagon. */
static void
test_sort (void)
{
  unsigned corner[] = { 3, 0, 4, 2, 5, 1 };
  DmixVector point[6];

  for (int i = 0; i < 6; i++)
    point[i] = dmix_vector_from_angles (60 * i, 40);
  dmix_panregion_sort (point, corner, 6);
  for (int i = 0; i < 6; i++) {
    const unsigned step = (corner[(i + 1) % 6] + 6 - corner[i]) % 6;

    g_assert_cmpuint (step, ==, (corner[1] + 6 - corner[0]) % 6);
    g_assert_true (step == 1 || step == 5);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/panregion/right-angles", test_right_angles);
  g_test_add_func ("/panregion/tangent-law", test_tangent_law);
  g_test_add_func ("/panregion/flat-corners", test_flat_corners);
  g_test_add_func ("/panregion/bilinear", test_bilinear);
  g_test_add_func ("/panregion/fan", test_fan);
  g_test_add_func ("/panregion/hull", test_hull);
  g_test_add_func ("/panregion/sort", test_sort);
  return g_test_run ();
}

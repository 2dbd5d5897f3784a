/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Tests of sphere.h with grids of measurements and with random points. */
#include "pan/sphere.h"

#include <glib.h>

#define MOST 4000

typedef struct
{
  unsigned points;
  DmixVector point[MOST];
} Grid;

static void
add (Grid *grid, DmixVector point)
{
  grid->point[grid->points++] = point;
}

/* Rings of elevation, the usual grid of HRTFs, with many coplanar points. */
static void
make_rings (Grid *grid, int lowest, int step)
{
  grid->points = 0;
  for (int el = lowest; el < 90; el += step)
    for (int az = 0; az < 360; az += step)
      add (grid, dmix_vector_from_angles (az, el));
  add (grid, dmix_vector_from_angles (0, 90));
}

static void
make_random (Grid *grid, unsigned points)
{
  GRand *rand = g_rand_new_with_seed (5);

  grid->points = 0;
  while (grid->points < points) {
    const DmixVector v = {
      g_rand_double_range (rand, -1, 1),
      g_rand_double_range (rand, -1, 1),
      g_rand_double_range (rand, -1, 1),
    };

    if (dmix_vector_length (v) > 0.1 && dmix_vector_length (v) < 1)
      add (grid, dmix_vector_unit (v));
  }
  g_rand_free (rand);
}

static DmixVector
random_direction (GRand *rand)
{
  return dmix_vector_from_angles (g_rand_double_range (rand, -180, 180),
      asin (g_rand_double_range (rand, -1, 1)) * 180 / DMIX_PI);
}

static double
degrees (DmixVector a, DmixVector b)
{
  return atan2 (dmix_vector_length (dmix_vector_cross (a, b)),
             dmix_vector_dot (a, b))
      * 180 / DMIX_PI;
}

/* The weighted sum of the corners has the direction, and no corner is farther
 * from it than `widest_deg`. */
static void
check_directions (const Grid *grid, double widest_deg)
{
  DmixSphere *sphere = dmix_sphere_new (grid->point, grid->points);
  GRand *rand = g_rand_new_with_seed (7);
  unsigned hint = 0;

  g_assert_nonnull (sphere);
  for (int i = 0; i < 2000; i++) {
    const DmixVector to = random_direction (rand);
    DmixVector sum = { 0, 0, 0 };
    unsigned corner[3];
    double weight[3], total = 0;

    dmix_sphere_find (sphere, to, &hint, corner, weight);
    for (unsigned k = 0; k < 3; k++) {
      g_assert_cmpfloat (weight[k], >=, 0);
      g_assert_cmpuint (corner[k], <, grid->points);
      sum = dmix_vector_add_scaled (sum, grid->point[corner[k]], weight[k]);
      total += weight[k];
      if (widest_deg > 0)
        g_assert_cmpfloat (degrees (to, grid->point[corner[k]]), <, widest_deg);
    }
    g_assert_cmpfloat_with_epsilon (total, 1, 1e-12);
    g_assert_cmpfloat (degrees (sum, to), <, 0.05);
  }
  g_rand_free (rand);
  dmix_sphere_free (sphere);
}

static void
test_directions (void)
{
  static Grid grid;

  make_rings (&grid, -90 + 10, 10);
  add (&grid, dmix_vector_from_angles (0, -90));
  check_directions (&grid, 15);
  make_rings (&grid, -85, 5);
  add (&grid, dmix_vector_from_angles (0, -90));
  check_directions (&grid, 7.5);
  make_random (&grid, 500);
  check_directions (&grid, 32);
  make_random (&grid, 2500);
  check_directions (&grid, 16);
}

/* In the direction of a point its weight is 1. */
static void
test_points (void)
{
  static Grid grid;
  DmixSphere *sphere;
  unsigned hint = 0;

  make_rings (&grid, -40, 5);
  sphere = dmix_sphere_new (grid.point, grid.points);
  for (unsigned i = 0; i < grid.points; i++) {
    unsigned corner[3];
    double weight[3], found = 0;

    dmix_sphere_find (sphere, grid.point[i], &hint, corner, weight);
    for (unsigned k = 0; k < 3; k++)
      found += corner[k] == i ? weight[k] : 0;
    g_assert_cmpfloat (found, ==, 1);
  }
  dmix_sphere_free (sphere);
}

/* Weights are continuous, also over the hole at the bottom. */
static void
test_no_steps (void)
{
  static Grid grid;
  static double last[MOST], now[MOST];
  DmixSphere *sphere;
  unsigned hint = 0;
  double largest = 0;

  make_rings (&grid, -40, 10);
  add (&grid, dmix_vector_from_angles (0, -90));
  sphere = dmix_sphere_new (grid.point, grid.points);
  for (int i = 0; i <= 36000; i++) {
    unsigned corner[3];
    double weight[3];

    for (unsigned p = 0; p < grid.points; p++)
      now[p] = 0;
    dmix_sphere_find (sphere,
        dmix_vector_rotate (dmix_vector_from_angles (i * 0.01, 0), 0,
            i < 18000 ? 77 : 90),
        &hint, corner, weight);
    for (unsigned k = 0; k < 3; k++)
      now[corner[k]] += weight[k];
    for (unsigned p = 0; p < grid.points; p++) {
      if (i > 0 && i != 18000)
        largest = fmax (largest, fabs (now[p] - last[p]));
      last[p] = now[p];
    }
  }
  /* points are 1.7 degrees apart or more, 170 steps of 0.01 degrees */
  g_assert_cmpfloat (largest, <, 0.02);
  dmix_sphere_free (sphere);
}

/* A closed surface of n points has 2 n - 4 triangles, and its points have 6 n -
 * 12 neighbours together. */
static void
test_closed (void)
{
  static Grid grid;
  unsigned neighbour[MOST], sum = 0;
  DmixSphere *sphere;

  make_rings (&grid, -80, 10);
  sphere = dmix_sphere_new (grid.point, grid.points);
  for (unsigned i = 0; i < grid.points; i++)
    sum += dmix_sphere_get_neighbours (sphere, i, neighbour, MOST);
  g_assert_cmpuint (sum, ==, 6 * grid.points - 12);
  dmix_sphere_free (sphere);
}

/* With few points, or all in one plane, the nearest one gets the weight 1. */
static void
test_few (void)
{
  const DmixVector point[] = { { 0, 1, 0 }, { 1, 0, 0 }, { -1, 0, 0 },
    { 0, -1, 0 } };

  for (unsigned points = 1; points <= 4; points++) {
    DmixSphere *sphere = dmix_sphere_new (point, points);
    unsigned hint = 0, corner[3];
    double weight[3];

    g_assert_nonnull (sphere);
    dmix_sphere_find (sphere, dmix_vector_from_angles (10, 20), &hint, corner,
        weight);
    g_assert_cmpuint (corner[0], ==, 0);
    g_assert_cmpfloat (weight[0], ==, 1);
    dmix_sphere_free (sphere);
  }
  g_assert_null (dmix_sphere_new (point, 0));
  g_assert_null (dmix_sphere_new (NULL, 1));
  g_assert_null (dmix_sphere_new (point, DMIX_SPHERE_MAX_POINTS + 1));
  dmix_sphere_free (NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sphere/directions", test_directions);
  g_test_add_func ("/sphere/points", test_points);
  g_test_add_func ("/sphere/no-steps", test_no_steps);
  g_test_add_func ("/sphere/closed", test_closed);
  g_test_add_func ("/sphere/few", test_few);
  return g_test_run ();
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Triangles over points on a sphere: between which three of many measured
 * directions does a direction lie, and how near is it to each?
 *
 * After dmix_sphere_new() nothing changes: one may be used by several threads.
 */
#ifndef DMIX_SPHERE_H
#define DMIX_SPHERE_H

#include "pan/vector.h"

typedef struct DmixSphere DmixSphere;

#define DMIX_SPHERE_MAX_POINTS 65536u

/* points: 1 to DMIX_SPHERE_MAX_POINTS, of length 1, no two in one place. NULL
 * on bad arguments or if memory is short. Takes time: some ms for 1000 points,
 * growing with the square. */
DmixSphere *dmix_sphere_new (const DmixVector *point, unsigned points);
void dmix_sphere_free (DmixSphere *self);

/* The corners of the triangle around a direction, and weights >= 0 of sum 1,
 * which change without a step; on a point its weight is 1. Where the points
 * leave half of the sphere open, the nearest one gets all. hint: where the last
 * search ended; start with 0. */
void dmix_sphere_find (const DmixSphere *self, DmixVector direction,
    unsigned *hint, unsigned corner[3], double weight[3]);

/* The points that share a triangle with this one: their number; the first
 * `most` of them in neighbour[]. */
unsigned dmix_sphere_get_neighbours (const DmixSphere *self, unsigned point,
    unsigned *neighbour, unsigned most);

#endif

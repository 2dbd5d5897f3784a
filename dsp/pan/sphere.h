/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Triangulation of points on a sphere: finds the three of many measured
 * directions around a given direction, and their weights for interpolation.
 *
 * A triangulation is constant after dmix_sphere_new(): several threads can
 * share it.
 */
#ifndef DMIX_SPHERE_H
#define DMIX_SPHERE_H

#include "pan/vector.h"

typedef struct DmixSphere DmixSphere;

#define DMIX_SPHERE_MAX_POINTS 65536u

/* points: 1 to DMIX_SPHERE_MAX_POINTS, of length 1, all different. NULL on bad
 * arguments or if memory is short. Takes some ms for 1000 points; the time
 * grows with the square of the number. */
DmixSphere *dmix_sphere_new (const DmixVector *point, unsigned points);
void dmix_sphere_free (DmixSphere *self);

/* Finds the corners of the triangle around a direction, and weights >= 0 whose
 * sum is 1. The weights are continuous over the sphere; in the direction of a
 * point its weight is 1. If the points leave half of the sphere open, the
 * nearest point gets the weight 1. hint: triangle in which the search starts,
 * replaced by the one found; 0 at first. */
void dmix_sphere_find (const DmixSphere *self, DmixVector direction,
    unsigned *hint, unsigned corner[3], double weight[3]);

/* Returns the number of points that share a triangle with this one, and writes
 * the first `most` of them to neighbour[]. */
unsigned dmix_sphere_get_neighbours (const DmixSphere *self, unsigned point,
    unsigned *neighbour, unsigned most);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the Delaunay triangles of points on a sphere are the faces of their
 * convex hull. The hull is built point by point: a fan of triangles from the
 * new point to the outline of the faces that are visible from it replaces these
 * faces (the "beneath-beyond" method; de Berg et al., Computational Geometry,
 * 3rd ed., chapter 11). Because measured grids have many points in one plane,
 * all points are first moved by up to 1e-7 ("joggled input" of Qhull: Barber,
 * Dobkin, Huhdanpaa, ACM TOMS 22(4), 1996).
 *
 * The search for a direction walks from triangle to triangle towards it. The
 * weights are the barycentric coordinates of the point where the ray meets the
 * plane of the triangle.
 *
 * State, constant after dmix_sphere_new()
 *   face[]   corner[k] and corner[k + 1] make the edge to face next[k]; corners
 *            are counter-clockwise, seen from outside
 */
#include "pan/sphere.h"

#include "base/units.h"

#include <stdlib.h>
#include <string.h>

#define JOGGLE 1e-7
#define NEAR 1e-4 /* weights below this come from the joggling */
#define NONE (~0u)

typedef struct
{
  unsigned corner[3], next[3];
  DmixVector normal;
  double offset; /* of the plane; a point is outside if normal * point > it */
  int visible;   /* from the point being added */
} Face;

struct DmixSphere
{
  unsigned points, faces;
  DmixVector *point;
  Face *face;
};

/*** building the hull ***/

static void
set_plane (DmixSphere *self, Face *face)
{
  const DmixVector a = self->point[face->corner[0]];
  const DmixVector b = self->point[face->corner[1]];
  const DmixVector c = self->point[face->corner[2]];

  face->normal = dmix_vector_cross (dmix_vector_add_scaled (b, a, -1),
      dmix_vector_add_scaled (c, a, -1));
  face->offset = dmix_vector_dot (face->normal, a);
}

static int
is_outside (const Face *face, DmixVector point)
{
  return dmix_vector_dot (face->normal, point) > face->offset;
}

/* Chooses the first point and three others that form a tetrahedron far from
 * flat, and makes them the first four in `order`. Returns 0 if all points lie
 * in one plane. */
static int
choose_first (const DmixSphere *self, unsigned *order)
{
  for (unsigned want = 1; want < 4; want++) {
    const DmixVector a = self->point[order[0]];
    unsigned best = want;
    double largest = 0;

    for (unsigned i = want; i < self->points; i++) {
      const DmixVector to =
          dmix_vector_add_scaled (self->point[order[i]], a, -1);
      DmixVector span = to;

      if (want >= 2)
        span = dmix_vector_cross (dmix_vector_add_scaled (self->point[order[1]],
                                      a, -1),
            to);
      if (want == 3)
        span = (DmixVector){
          dmix_vector_dot (
              dmix_vector_cross (dmix_vector_add_scaled (self->point[order[1]],
                                     a, -1),
                  dmix_vector_add_scaled (self->point[order[2]], a, -1)),
              to),
          0, 0
        };
      if (dmix_vector_length (span) > largest) {
        largest = dmix_vector_length (span);
        best = i;
      }
    }
    if (largest < 1e-3)
      return 0;
    const unsigned swap = order[want];
    order[want] = order[best];
    order[best] = swap;
  }
  return 1;
}

static void
make_tetrahedron (DmixSphere *self, const unsigned *order)
{
  static const unsigned corner[4][3] = {
    { 0, 1, 2 },
    { 0, 2, 3 },
    { 0, 3, 1 },
    { 1, 3, 2 },
  };
  static const unsigned next[4][3] = {
    { 2, 3, 1 },
    { 0, 3, 2 },
    { 1, 3, 0 },
    { 2, 1, 0 },
  };
  const DmixVector a = self->point[order[0]];
  const int inside_out =
      dmix_vector_dot (
          dmix_vector_cross (dmix_vector_add_scaled (self->point[order[1]], a,
                                 -1),
              dmix_vector_add_scaled (self->point[order[2]], a, -1)),
          dmix_vector_add_scaled (self->point[order[3]], a, -1))
      > 0;
  const unsigned name[4] = {
    order[0],
    order[inside_out ? 2 : 1],
    order[inside_out ? 1 : 2],
    order[3],
  };

  self->faces = 4;
  for (unsigned f = 0; f < 4; f++) {
    Face *face = &self->face[f];

    for (unsigned k = 0; k < 3; k++) {
      face->corner[k] = name[corner[f][k]];
      face->next[k] = next[f][k];
    }
    set_plane (self, face);
  }
}

/* Sets a face of the fan: from the new point to the edge from-to, beyond which
 * lies the face `across`. */
static void
fan_face (DmixSphere *self, unsigned slot, unsigned from, unsigned to,
    unsigned point, unsigned across)
{
  Face *face = &self->face[slot];
  Face *other = &self->face[across];

  face->corner[0] = from;
  face->corner[1] = to;
  face->corner[2] = point;
  face->next[0] = across;
  face->next[1] = face->next[2] = NONE;
  face->visible = 0;
  for (unsigned k = 0; k < 3; k++)
    if (other->corner[k] == to && other->corner[(k + 1) % 3] == from)
      other->next[k] = slot;
  set_plane (self, face);
}

typedef struct
{
  unsigned from, to, across;
} Edge;

/* Finds the faces that are visible from the point (slot[]) and the edges of
 * their outline. Returns the number of edges. */
static unsigned
find_outline (DmixSphere *self, DmixVector point, Edge *edge, unsigned *slot,
    unsigned *slots)
{
  unsigned edges = 0;

  *slots = 0;
  for (unsigned f = 0; f < self->faces; f++) {
    self->face[f].visible = is_outside (&self->face[f], point);
    if (self->face[f].visible)
      slot[(*slots)++] = f;
  }
  for (unsigned i = 0; i < *slots; i++) {
    const Face *face = &self->face[slot[i]];

    for (unsigned k = 0; k < 3; k++)
      if (!self->face[face->next[k]].visible)
        edge[edges++] = (Edge){
          face->corner[k],
          face->corner[(k + 1) % 3],
          face->next[k],
        };
  }
  return edges;
}

/* Adds a point to the hull; starts[p]: face of the fan with the edge from p. */
static void
add_point (DmixSphere *self, unsigned point, Edge *edge, unsigned *slot,
    unsigned *starts)
{
  unsigned slots,
      edges = find_outline (self, self->point[point], edge, slot, &slots);

  for (unsigned i = 0; i < edges; i++) {
    if (i >= slots)
      slot[i] = self->faces++;
    fan_face (self, slot[i], edge[i].from, edge[i].to, point, edge[i].across);
    starts[edge[i].from] = slot[i];
  }
  for (unsigned i = 0; i < edges; i++) {
    const unsigned follower = starts[edge[i].to];

    self->face[slot[i]].next[1] = follower;
    self->face[follower].next[2] = slot[i];
  }
}

static int
build (DmixSphere *self)
{
  const size_t most = 2 * (size_t) self->points + 8;
  unsigned *memory = calloc (3 * most, sizeof *memory);
  Edge *edge = calloc (most, sizeof *edge);
  unsigned *order = memory, *slot = memory + most, *starts = slot + most;
  const int good = memory && edge;

  for (unsigned i = 0; good && i < self->points; i++)
    order[i] = i;
  if (good && self->points >= 4 && choose_first (self, order)) {
    make_tetrahedron (self, order);
    for (unsigned i = 4; i < self->points; i++)
      add_point (self, order[i], edge, slot, starts);
  }
  free (memory);
  free (edge);
  return good;
}

/*** search ***/

/* Moves a point by a pseudo-random offset, the same in each run. */
static void
joggle (DmixVector *point, unsigned *seed)
{
  double *const coordinate[3] = { &point->x, &point->y, &point->z };

  for (unsigned i = 0; i < 3; i++) {
    *seed = *seed * 1664525u + 1013904223u;
    *coordinate[i] += JOGGLE * ((*seed >> 8) / 8388608.0 - 1);
  }
  *point = dmix_vector_unit (*point);
}

DmixSphere *
dmix_sphere_new (const DmixVector *point, unsigned points)
{
  DmixSphere *self;
  unsigned seed = 1;

  if (!point || points < 1 || points > DMIX_SPHERE_MAX_POINTS
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->points = points;
  self->point = malloc (points * sizeof *point);
  self->face = calloc (2 * (size_t) points + 8, sizeof *self->face);
  if (!self->point || !self->face) {
    dmix_sphere_free (self);
    return NULL;
  }
  memcpy (self->point, point, points * sizeof *point);
  for (unsigned i = 0; i < points; i++)
    joggle (&self->point[i], &seed);
  if (!build (self)) {
    dmix_sphere_free (self);
    return NULL;
  }
  return self;
}

void
dmix_sphere_free (DmixSphere *self)
{
  if (!self)
    return;
  free (self->point);
  free (self->face);
  free (self);
}

/* Sets the barycentric coordinates of a direction up to a common factor > 0. A
 * coordinate is negative if the edge opposite to its corner separates the
 * direction from the corner. */
static void
coordinates (const DmixSphere *self, const Face *face, DmixVector direction,
    double share[3])
{
  for (unsigned k = 0; k < 3; k++)
    share[k] = dmix_vector_dot (direction,
        dmix_vector_cross (self->point[face->corner[(k + 1) % 3]],
            self->point[face->corner[(k + 2) % 3]]));
}

static void
nearest (const DmixSphere *self, DmixVector direction, unsigned corner[3],
    double weight[3])
{
  unsigned best = 0;

  for (unsigned i = 1; i < self->points; i++)
    if (dmix_vector_dot (direction, self->point[i])
        > dmix_vector_dot (direction, self->point[best]))
      best = i;
  corner[0] = corner[1] = corner[2] = best;
  weight[0] = 1;
  weight[1] = weight[2] = 0;
}

static void
set_weights (const Face *face, const double share[3], unsigned corner[3],
    double weight[3])
{
  double sum = 0;

  for (unsigned k = 0; k < 3; k++)
    sum += DMIX_MAX (share[k], 0);
  for (unsigned k = 0; k < 3; k++) {
    corner[k] = face->corner[k];
    weight[k] = DMIX_MAX (share[k], 0) / sum;
  }
  /* continuous: 0 up to NEAR, then with slope 2 up to 2 * NEAR */
  sum = 0;
  for (unsigned k = 0; k < 3; k++) {
    if (weight[k] < 2 * NEAR)
      weight[k] = DMIX_MAX (2 * (weight[k] - NEAR), 0);
    sum += weight[k];
  }
  for (unsigned k = 0; k < 3; k++)
    weight[k] /= sum;
}

void
dmix_sphere_find (const DmixSphere *self, DmixVector direction, unsigned *hint,
    unsigned corner[3], double weight[3])
{
  unsigned f = *hint < self->faces ? *hint : 0;

  for (unsigned steps = 0; steps <= self->faces && self->faces; steps++) {
    const Face *face = &self->face[f];
    double share[3];
    unsigned worst = 0;

    coordinates (self, face, direction, share);
    for (unsigned k = 1; k < 3; k++)
      if (share[k] < share[worst])
        worst = k;
    if (share[worst] >= -1e-9 && face->offset > 0) {
      *hint = f;
      set_weights (face, share, corner, weight);
      return;
    }
    f = face->next[(worst + 1) % 3];
  }
  nearest (self, direction, corner, weight);
}

unsigned
dmix_sphere_get_neighbours (const DmixSphere *self, unsigned point,
    unsigned *neighbour, unsigned most)
{
  unsigned count = 0;

  /* each neighbour is the corner after the point in exactly one face */
  for (unsigned f = 0; f < self->faces; f++)
    for (unsigned k = 0; k < 3; k++)
      if (self->face[f].corner[k] == point) {
        if (count < most)
          neighbour[count] = self->face[f].corner[(k + 1) % 3];
        count++;
      }
  return count;
}

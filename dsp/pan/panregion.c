/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: ITU-R BS.2127-1, 6.1.2.
 *
 * Triplet: the gains g solve direction = g * [l1 l2 l3] and are scaled to power
 * 1 (V. Pulkki, "Virtual sound source positioning using vector base amplitude
 * panning", JAES 45(6), 1997).
 * Quad: x is the position that divides two opposite edges so that the direction
 * lies in one plane with both points of division, the root of a quadratic
 * equation; y is the same for the other two edges. The gains are (1 - x)(1 - y)
 * and so on.
 * Fan: a triplet with an imaginary loudspeaker, whose gain goes to all
 * loudspeakers around it.
 *
 * The faces of the hull are found by testing every plane through three points,
 * which is fast enough for their number and runs once.
 *
 * State: none.
 */
#include "pan/panregion.h"

#include "base/units.h"

#include <string.h>

#define EDGE 1e-11 /* rounding errors of gains on an edge */
#define PLANE 1e-6 /* distance of points that lie in a plane */

/*** hull ***/

/* Non-zero if no points lie on both sides of the plane through `on`. Then the
 * points in the plane are the corners of the face. */
static int
find_face (const DmixVector *point, unsigned points, DmixVector on,
    DmixVector normal, DmixPanRegionFace *face)
{
  int above = 0, below = 0;

  face->corners = 0;
  for (unsigned i = 0; i < points; i++) {
    const double distance =
        dmix_vector_dot (dmix_vector_add_scaled (point[i], on, -1), normal);

    above |= distance >= PLANE;
    below |= distance <= -PLANE;
    if (above && below)
      return 0;
    if (fabs (distance) < PLANE)
      face->corner[face->corners++] = i;
  }
  return 1;
}

static int
is_same (const DmixPanRegionFace *a, const DmixPanRegionFace *b)
{
  return a->corners == b->corners
      && memcmp (a->corner, b->corner, a->corners * sizeof *a->corner) == 0;
}

static int
is_known (const DmixPanRegionFace *face, unsigned faces,
    const DmixPanRegionFace *wanted)
{
  for (unsigned i = 0; i < faces; i++)
    if (is_same (&face[i], wanted))
      return 1;
  return 0;
}

unsigned
dmix_panregion_hull (const DmixVector *p, unsigned points,
    DmixPanRegionFace *face, unsigned most)
{
  unsigned faces = 0;

  for (unsigned i = 0; i < points; i++)
    for (unsigned j = i + 1; j < points; j++)
      for (unsigned k = j + 1; k < points && faces < most; k++) {
        const DmixVector normal =
            dmix_vector_cross (dmix_vector_add_scaled (p[j], p[i], -1),
                dmix_vector_add_scaled (p[k], p[i], -1));

        if (dmix_vector_length (normal) >= PLANE
            && find_face (p, points, p[i], dmix_vector_unit (normal),
                &face[faces])
            && !is_known (face, faces, &face[faces]))
          faces++;
      }
  return faces;
}

void
dmix_panregion_sort (const DmixVector *point, unsigned *corner,
    unsigned corners)
{
  double angle[DMIX_PANREGION_MAX_POINTS];
  DmixVector centre = { 0, 0, 0 }, normal, across;

  for (unsigned i = 0; i < corners; i++)
    centre = dmix_vector_add_scaled (centre, point[corner[i]], 1.0 / corners);
  normal = dmix_vector_unit (centre);
  across = dmix_vector_add_scaled (point[corner[0]], centre, -1);
  across = dmix_vector_unit (dmix_vector_add_scaled (across, normal,
      -dmix_vector_dot (across, normal)));
  for (unsigned i = 0; i < corners; i++) {
    const DmixVector to = dmix_vector_add_scaled (point[corner[i]], centre, -1);
    const unsigned this = corner[i];
    const double its =
        atan2 (dmix_vector_dot (to, dmix_vector_cross (normal, across)),
            dmix_vector_dot (to, across));
    unsigned place = i;

    for (; place > 0 && angle[place - 1] > its; place--) {
      angle[place] = angle[place - 1];
      corner[place] = corner[place - 1];
    }
    angle[place] = its;
    corner[place] = this;
  }
}

/*** regions ***/

int
dmix_panregion_set_triplet (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[3])
{
  const DmixVector a = point[corner[0]], b = point[corner[1]];
  const DmixVector c = point[corner[2]];
  const DmixVector row[3] = {
    dmix_vector_cross (b, c),
    dmix_vector_cross (c, a),
    dmix_vector_cross (a, b),
  };
  const double volume = dmix_vector_dot (a, row[0]);

  if (fabs (volume) < 1e-9)
    return 0;
  memset (self, 0, sizeof *self);
  self->kind = DMIX_PANREGION_TRIPLET;
  memcpy (self->corner, corner, 3 * sizeof *corner);
  for (unsigned i = 0; i < 3; i++) {
    self->inverse[3 * i] = row[i].x / volume;
    self->inverse[3 * i + 1] = row[i].y / volume;
    self->inverse[3 * i + 2] = row[i].z / volume;
  }
  return 1;
}

int
dmix_panregion_set_fan (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[3], const unsigned *rim, unsigned rim_size)
{
  if (!dmix_panregion_set_triplet (self, point, corner))
    return 0;
  self->kind = DMIX_PANREGION_FAN;
  self->rim = rim;
  self->rim_size = rim_size;
  return 1;
}

static void
put_row (double *row, DmixVector v)
{
  row[0] = v.x;
  row[1] = v.y;
  row[2] = v.z;
}

/* Sets the coefficients of the quadratic equation for x from edge a-d to edge
 * b-c; they are linear in the direction. */
static void
find_place_along (double *along, DmixVector a, DmixVector b, DmixVector c,
    DmixVector d)
{
  const DmixVector ab = dmix_vector_add_scaled (b, a, -1),
                   dc = dmix_vector_add_scaled (c, d, -1);

  put_row (along, dmix_vector_cross (ab, dc));
  put_row (along + 3,
      dmix_vector_add_scaled (dmix_vector_cross (a, dc),
          dmix_vector_cross (ab, d), 1));
  put_row (along + 6, dmix_vector_cross (a, d));
}

int
dmix_panregion_set_quad (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[4])
{
  DmixVector p[4];

  for (unsigned i = 0; i < 4; i++)
    p[i] = point[corner[i]];
  memset (self, 0, sizeof *self);
  self->kind = DMIX_PANREGION_QUAD;
  memcpy (self->corner, corner, 4 * sizeof *corner);
  memcpy (self->point, p, sizeof p);
  find_place_along (self->along[0], p[0], p[1], p[2], p[3]);
  find_place_along (self->along[1], p[1], p[2], p[3], p[0]);
  return 1;
}

/*** gains ***/

static double
row_dot (const double *row, DmixVector v)
{
  return row[0] * v.x + row[1] * v.y + row[2] * v.z;
}

/* Sets the gains of the three corners, power 1. Returns 0 if one of them is
 * negative: the direction is outside. */
static int
solve_triplet (const DmixPanRegion *self, DmixVector direction, double g[3])
{
  double power = 0;

  for (unsigned i = 0; i < 3; i++) {
    g[i] = row_dot (self->inverse + 3 * i, direction);
    if (g[i] < -EDGE)
      return 0;
    g[i] = g[i] < EDGE ? 0 : g[i]; /* at a corner the others are 0 */
    power += g[i] * g[i];
  }
  for (unsigned i = 0; i < 3; i++)
    g[i] /= sqrt (power);
  return 1;
}

/* Returns the root of a x^2 + b x + c from 0 to 1, or -1 if there is none. */
static double
solve_place (const double *along, DmixVector direction)
{
  const double a = row_dot (along, direction);
  const double b = row_dot (along + 3, direction);
  const double c = row_dot (along + 6, direction);
  const double square = b * b - 4 * a * c;
  double root[2] = { -1, -1 };

  if (fabs (c) < 1e-10) {
    root[0] = 0;
  } else if (fabs (a) < 1e-10) {
    root[0] = -c / b;
  } else if (square > -1e-10) {
    const double r = sqrt (DMIX_MAX (square, 0));

    root[0] = (-b + r) / (2 * a);
    root[1] = (-b - r) / (2 * a);
  }
  for (unsigned i = 0; i < 2; i++)
    if (root[i] > -1e-10 && root[i] < 1 + 1e-10)
      return root[i] < EDGE ? 0 : root[i] > 1 - EDGE ? 1 : root[i];
  return -1;
}

static int
add_quad (const DmixPanRegion *self, DmixVector direction, const unsigned *node,
    double *gain)
{
  const double x = solve_place (self->along[0], direction);
  const double y = solve_place (self->along[1], direction);
  const double g[4] = { (1 - x) * (1 - y), x * (1 - y), x * y, (1 - x) * y };
  DmixVector sum = { 0, 0, 0 };
  double power = 0;

  if (x < 0 || y < 0)
    return 0;
  for (unsigned i = 0; i < 4; i++) {
    sum = dmix_vector_add_scaled (sum, self->point[i], g[i]);
    power += g[i] * g[i];
  }
  if (dmix_vector_dot (sum, direction) <= 0)
    return 0; /* the opposite direction has the same roots */
  for (unsigned i = 0; i < 4; i++)
    gain[node[self->corner[i]]] += g[i] / sqrt (power);
  return 1;
}

static int
add_fan (const DmixPanRegion *self, DmixVector direction, const unsigned *node,
    double *gain)
{
  double g[3], each, power = 0;

  if (!solve_triplet (self, direction, g))
    return 0;
  each = g[2] / sqrt (self->rim_size);
  for (unsigned pass = 0; pass < 2; pass++)
    for (unsigned i = 0; i < self->rim_size; i++) {
      const double own = each + (self->rim[i] == self->corner[0] ? g[0] : 0)
          + (self->rim[i] == self->corner[1] ? g[1] : 0);

      if (pass == 0)
        power += own * own;
      else
        gain[node[self->rim[i]]] += own / sqrt (power);
    }
  return 1;
}

int
dmix_panregion_add_gains (const DmixPanRegion *self, DmixVector direction,
    const unsigned *node, double *gain)
{
  double g[3];

  if (self->kind == DMIX_PANREGION_QUAD)
    return add_quad (self, direction, node, gain);
  if (self->kind == DMIX_PANREGION_FAN)
    return add_fan (self, direction, node, gain);
  if (!solve_triplet (self, direction, g))
    return 0;
  for (unsigned i = 0; i < 3; i++)
    gain[node[self->corner[i]]] += g[i];
  return 1;
}

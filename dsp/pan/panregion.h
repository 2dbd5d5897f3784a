/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Regions of the sphere between loudspeakers, and the gains of their corners
 * for a direction. Private to vbap.c.
 */
#ifndef DMIX_PANREGION_H
#define DMIX_PANREGION_H

#include "pan/vector.h"

/* A convex hull has fewer than twice as many faces as it has corners. */
#define DMIX_PANREGION_MAX_POINTS 200u

typedef enum
{
  DMIX_PANREGION_TRIPLET, /* three loudspeakers: Pulkki's VBAP */
  DMIX_PANREGION_QUAD,    /* four in a plane: bilinear */
  DMIX_PANREGION_FAN      /* two, and an imaginary one inside of a rim */
} DmixPanRegionKind;

typedef struct
{
  DmixPanRegionKind kind;
  unsigned corner[4];  /* points; of a fan only two are used */
  double inverse[9];   /* triplet, fan: directions to gains */
  double along[2][9];  /* quad: equations for x and y */
  DmixVector point[4]; /* quad: directions of the corners */
  const unsigned *rim; /* fan: points that share the imaginary one's gain */
  unsigned rim_size;
} DmixPanRegion;

/* A face of the hull; the corners are not in their order around it. */
typedef struct
{
  unsigned corners;
  unsigned corner[DMIX_PANREGION_MAX_POINTS];
} DmixPanRegionFace;

/* Finds the faces of the convex hull of `points` points; triangles in one plane
 * are joined to one face. Returns the number of faces, at most `most`. */
unsigned dmix_panregion_hull (const DmixVector *point, unsigned points,
    DmixPanRegionFace *face, unsigned most);

/* Sorts corners into their order around the face. */
void dmix_panregion_sort (const DmixVector *point, unsigned *corner,
    unsigned corners);

/* Triplet and fan return 0 if the corners lie on one great circle, which is not
 * a region. The corners of a quad must be sorted. */
int dmix_panregion_set_triplet (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[3]);
int dmix_panregion_set_quad (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[4]);
int dmix_panregion_set_fan (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[3], const unsigned *rim, unsigned rim_size);

/* Adds the gains for a direction, whose power is 1, to gain[node[point]].
 * Returns 0 and adds nothing if the direction is outside of the region. */
int dmix_panregion_add_gains (const DmixPanRegion *self, DmixVector direction,
    const unsigned *node, double *gain);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Regions of the sphere between loudspeakers, for vbap.c: the gain of each
 * corner. Private to vbap.c.
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
  DMIX_PANREGION_FAN      /* two, and an imaginary one inside of many */
} DmixPanRegionKind;

typedef struct
{
  DmixPanRegionKind kind;
  unsigned corner[4];  /* points; of a fan only two are used */
  double inverse[9];   /* triplet, fan: directions to gains */
  double along[2][9];  /* quad: place along two pairs of edges */
  DmixVector point[4]; /* quad */
  const unsigned *rim; /* fan: all points around, equally loud */
  unsigned rim_size;
} DmixPanRegion;

/* A face of the hull: its corners, in no order. */
typedef struct
{
  unsigned corners;
  unsigned corner[DMIX_PANREGION_MAX_POINTS];
} DmixPanRegionFace;

/* The faces of the convex hull of `points` points, those in one plane joined.
 * Returns their number (at most `most`). */
unsigned dmix_panregion_hull (const DmixVector *point, unsigned points,
    DmixPanRegionFace *face, unsigned most);

/* Puts corners into their order around the face. */
void dmix_panregion_sort (const DmixVector *point, unsigned *corner,
    unsigned corners);

/* Return 0 if the corners lie on one great circle: no region. The corners of
 * a quad have to be sorted. */
int dmix_panregion_set_triplet (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[3]);
int dmix_panregion_set_quad (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[4]);
int dmix_panregion_set_fan (DmixPanRegion *self, const DmixVector *point,
    const unsigned corner[3], const unsigned *rim, unsigned rim_size);

/* Gains for a direction, added to gain[node[point]], of power 1. Returns 0,
 * and adds nothing, if the direction is not in the region. */
int dmix_panregion_add_gains (const DmixPanRegion *self, DmixVector direction,
    const unsigned *node, double *gain);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* A DmixVbap and how its nodes come about. Private to vbap.c and vbapnodes.c.
 */
#ifndef DMIX_VBAPNODES_H
#define DMIX_VBAPNODES_H

#include "pan/panregion.h"
#include "pan/vbap.h"

#define DMIX_VBAP_MAX_NODES (DMIX_MAX_CHANNELS + 4u) /* no more gaps */
#define DMIX_VBAP_MAX_REGIONS (4 * DMIX_REGION_MAX_POINTS)
#define DMIX_VBAP_MID_DEG 10.0 /* up to here one is at ear height */

typedef struct
{
  double azimuth_deg, elevation_deg;
  int channel;                    /* -1: imaginary */
  double send[DMIX_MAX_CHANNELS]; /* of an imaginary one */
} DmixVbapNode;

struct DmixVbap
{
  unsigned channels, nodes, points, regions, rims;
  int is_stereo, is_filled; /* filled: there are imaginary nodes */
  DmixVbapNode node[DMIX_VBAP_MAX_NODES];
  DmixVector point[DMIX_REGION_MAX_POINTS];
  unsigned node_of[DMIX_REGION_MAX_POINTS];
  unsigned rim[2 * DMIX_REGION_MAX_POINTS];
  DmixRegion region[DMIX_VBAP_MAX_REGIONS];
};

/* The loudspeakers of the layout, and imaginary ones in its gaps. */
void dmix_vbap_make_nodes (DmixVbap *self, const DmixLayout *layout);

#endif

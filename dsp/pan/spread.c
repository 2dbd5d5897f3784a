/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: two rings of eight directions around the source, at half of the
 * spread's radius and at all of it.
 *
 * State: none.
 */
#include "pan/spread.h"

#define RINGS 2
#define RING_SIZE 8
#define SIDE_DEG 45.0

static const DmixVector origin = { 0, 0, 0 };

/* Sets two directions at right angles to `direction`: to the left and up, seen
 * from the listener. */
static void
across (DmixVector direction, DmixVector *left, DmixVector *up)
{
  const double level = hypot (direction.x, direction.y);

  *left = level > 1e-9
      ? (DmixVector){ -direction.y / level, direction.x / level, 0 }
      : (DmixVector){ -1, 0, 0 };
  *up = dmix_vector_cross (direction, *left);
}

/* `direction` rotated by an angle towards `side`. */
static DmixVector
turned (DmixVector direction, DmixVector side, double radians)
{
  return dmix_vector_add_scaled (dmix_vector_add_scaled (origin, direction,
                                     cos (radians)),
      side, sin (radians));
}

unsigned
dmix_spread_get_parts (DmixVector direction, double spread_deg,
    DmixVector part[DMIX_SPREAD_MOST], double weight[DMIX_SPREAD_MOST])
{
  unsigned parts = 1;
  DmixVector left, up;

  part[0] = direction;
  weight[0] = 1;
  if (!(spread_deg > 0))
    return 1;
  across (direction, &left, &up);
  for (unsigned ring = 1; ring <= RINGS; ring++) {
    const double turn = DMIX_RADIANS (spread_deg / 2 * ring / RINGS);
    /* beyond 90 degrees a ring shrinks to a point opposite to the source */
    const double its_weight =
        turn <= DMIX_PI / 2 ? 1 : fmax (sin (turn), 1.0 / RING_SIZE);

    for (unsigned i = 0; i < RING_SIZE; i++) {
      const double around = 2 * DMIX_PI * i / RING_SIZE;

      weight[parts] = its_weight;
      part[parts++] = turned (direction, turned (left, up, around), turn);
    }
  }
  return parts;
}

unsigned
dmix_spread_get_divergence (DmixVector direction, double divergence,
    DmixVector part[3], double power[3])
{
  DmixVector left, up;

  part[0] = direction;
  power[0] = 1;
  if (!(divergence > 0))
    return 1;
  across (direction, &left, &up);
  part[1] = turned (direction, left, DMIX_RADIANS (SIDE_DEG));
  part[2] = turned (direction, left, DMIX_RADIANS (-SIDE_DEG));
  power[0] = (1 - divergence) / (1 + divergence);
  power[1] = power[2] = divergence / (1 + divergence);
  return 3;
}

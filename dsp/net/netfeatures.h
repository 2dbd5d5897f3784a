/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* What the network sees of a sound: four numbers for each row, from the
 * energies of mid and side in one frame and what came before.
 *
 *   0  level of the row over the mean level of all rows in the last 2 s
 *   1  level over a slowly rising minimum of the smoothed level
 *   2  ratio of speech to noise by statistics (a-priori SNR)
 *   3  level of the side over that of the mid
 *
 * All are natural logarithms of powers, divided by 4. One frame is 16 ms.
 */
#ifndef DMIX_NETFEATURES_H
#define DMIX_NETFEATURES_H

#include "net/netmodel.h"

typedef struct
{
  unsigned frames; /* so far, counted to 125 */
  double level;
  float smooth[DMIX_NET_ROWS], floor[DMIX_NET_ROWS];
  float noise[DMIX_NET_ROWS], presence[DMIX_NET_ROWS], clean[DMIX_NET_ROWS];
} DmixNetFeatures;

void dmix_netfeatures_reset (DmixNetFeatures *self);

/* mid, side: energies of the rows (dmix_netrows_energy()); any values: those
 * that are no energy count as 0. side: NULL if there is none. out:
 * DMIX_NET_KINDS * DMIX_NET_ROWS, all rows of a kind together. */
void dmix_netfeatures_step (DmixNetFeatures *self, const DmixNetLoops *loops,
    const float *mid, const float *side, float *out);

#endif

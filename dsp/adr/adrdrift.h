/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Drift of the take's clock against the guide's, over a reel: two recorders
 * without a common clock move apart by up to some 200 ppm, 0.7 s in an hour.
 *
 * A line moves by itself, too: an actor speaks it up to some 0.1 s earlier or
 * later. The drift is the slope that all lines have in common, once it is far
 * from what chance gives.
 */
#ifndef DMIX_ADR_DRIFT_H
#define DMIX_ADR_DRIFT_H

typedef struct
{
  double count, time, offset; /* sums over the lines, from `origin` on */
  double time2, both, offset2;
  double origin_s, origin_offset_s;
} DmixAdrDrift;

void dmix_adrdrift_reset (DmixAdrDrift *self);

/* A matched line at guide_s whose take is offset_s later. */
void dmix_adrdrift_add (DmixAdrDrift *self, double guide_s, double offset_s);

/* Positive if the take's clock is slow, so that it is later and later. 0 with
 * less than 8 lines, or where chance could be it; beyond 300 ppm too: that is
 * another frame rate or tempo, and no drift. */
double dmix_adrdrift_get_ppm (const DmixAdrDrift *self);

#endif

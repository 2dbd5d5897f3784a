/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Bound on what the splitter removes from a mix that is nearly clean: there an
 * error of a decibel in the gains harms the dialogue by more than the whole
 * background does.
 *
 * A plain struct: no memory of its own. Not thread safe.
 */
#ifndef DMIX_SPLITBOUND_H
#define DMIX_SPLITBOUND_H

typedef struct
{
  float smooth_share, mean_share; /* means over 50 ms and 4 s */
  unsigned window, first; /* frames of a minimum; before the first one */
  /* state */
  double smooth, lowest, lowest_before, power, removed;
  double begin_power, begin_removed; /* 1 / frames so far, as for a mean */
  unsigned frames;
} DmixSplitBound;

void dmix_splitbound_init (DmixSplitBound *self, double hop_s);
void dmix_splitbound_reset (DmixSplitBound *self);

/* One frame. power: of the mix; removed: what the gains would take from it, the
 * sum of (1 - gain)^2 power; speech: non-zero while somebody speaks. Returns the
 * share of (1 - gain) that is to be removed, 0 to 1. */
float dmix_splitbound_step (DmixSplitBound *self, double power, double removed,
    int speech);

/* Factors of (1 - gain) of each bin that leave share^2 of the energy which the
 * gains would remove: those of the loudest bins alone are below 1. x: this energy of each
 * bin, in; the factors, out. */
void dmix_splitbound_spread (float *x, unsigned bins, float share);

/* The estimated level of the background, as a power (infinity: not known yet), the
 * power during speech (0), and this over that, in dB (0: not known yet). */
double dmix_splitbound_get_speech (const DmixSplitBound *self);
double dmix_splitbound_get_background (const DmixSplitBound *self);
double dmix_splitbound_get_clean_db (const DmixSplitBound *self);

#endif

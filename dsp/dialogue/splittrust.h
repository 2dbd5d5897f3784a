/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Is the loud sound of a clean mix a voice? Level alone cannot tell: music that takes
 * turns with a clean voice is as far above the pauses.
 *
 * A plain struct: no memory of its own. Not thread safe.
 */
#ifndef DMIX_SPLITTRUST_H
#define DMIX_SPLITTRUST_H

/* Probabilities of a voice: below `other` a loud sound is none; from doubtful to sure
 * trust in it rises from 0 to 1. */
typedef struct
{
  float other, doubtful, sure;
} DmixSplitLimits;

typedef struct
{
  DmixSplitLimits limits, limits_louder;
  float rise_share, fall_share;
  /* state */
  float probability;
  int loud, louder;
} DmixSplitTrust;

void dmix_splittrust_init (DmixSplitTrust *self, double hop_s,
    const DmixSplitLimits *limits, const DmixSplitLimits *louder);
void dmix_splittrust_reset (DmixSplitTrust *self);

/* One frame. probability: of a voice in it, 0 to 1; loud: non-zero where the level
 * alone would take it for a voice; louder: where it is above the voice before. */
void dmix_splittrust_step (DmixSplitTrust *self, float probability, int loud,
    int louder);

/* How far this frame may count as the voice of a clean mix, 0 to 1. */
float dmix_splittrust_get (const DmixSplitTrust *self);

/* Non-zero if it is loud and no voice. */
int dmix_splittrust_is_other (const DmixSplitTrust *self);

#endif

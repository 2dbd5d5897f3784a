/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* The loudness of the phrase at one moment, from blocks of 100 ms on both sides: of
 * its speech, without pauses. Private to levelcontrol.c. No state.
 */
#ifndef DMIX_PHRASELEVEL_H
#define DMIX_PHRASELEVEL_H

#define DMIX_PHRASELEVEL_REACH 20u /* most blocks on each side */

typedef struct
{
  double mean_square; /* K-weighted, summed over weighted channels */
  int counts;         /* belongs to what is levelled */
  int confirmed;      /* surely so: see dmix_levelcontrol_step() */
} DmixPhraseBlock;

/* Sets speech[i] to 1 where a block surely is speech, else to 0. Behind a break it is
 * what comes behind the moment that makes sure. count: any; present: as below. */
void dmix_phraselevel_find_speech (const DmixPhraseBlock *block, unsigned count,
    unsigned present, int *speech);

/* block: in the order of time; `present` of them lie before the moment. wide_lufs:
 * loudness of some seconds around, the result where few blocks count.
 * loudest_lufs: that of the louder side; 1.5 s far above it are a shout, which does not
 * count. range_db: how far the result may be from wide_lufs. */
double dmix_phraselevel_lufs (const DmixPhraseBlock *block, unsigned count,
    unsigned present, double wide_lufs, double loudest_lufs, double range_db);

#endif

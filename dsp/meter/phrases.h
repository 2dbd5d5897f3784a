/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Phrases of a finished programme: the speech of each over the background in the
 * pauses around it.
 *
 * Takes blocks that are speech or pause. A phrase ends with a pause of
 * DMIX_PHRASES_PAUSE_LEAST blocks; its background is the mean of the pause before
 * and of the pause behind it, at most DMIX_PHRASES_PAUSE blocks of each. So a
 * background that is loud only while somebody speaks is not seen, and a phrase
 * without pauses around it is not measured.
 *
 * Plain struct, private to phrases.c. Not thread safe.
 */
#ifndef DMIX_PHRASES_H
#define DMIX_PHRASES_H

#include "speech/speechbands.h"

#define DMIX_PHRASES_PAUSE 30u
#define DMIX_PHRASES_PAUSE_LEAST 2u

/* Mean squares of a block: K-weighted, and of the bands of speech. */
typedef struct
{
  double power, band[DMIX_SPEECHBANDS];
} DmixPhraseBlock;

typedef struct
{
  DmixPhraseBlock mean;
  unsigned count;
} DmixPhrasePause;

typedef struct
{
  unsigned long long first, end; /* steps: first with speech, behind the last */
  unsigned long long blocks;
  double mixed, background; /* K-weighted: sum over the blocks; mean */
  double difference_lu;     /* speech over background; at most 60 */
  double limiting_band_hz; /* centre of the band whose background lowers the SII
                               most; 0: none does */
} DmixPhrase;

typedef struct
{
  DmixPhrasePause before, after;
  DmixPhraseBlock sum; /* of the open phrase */
  unsigned long long blocks, first, end;
} DmixPhrases;

void dmix_phrases_reset (DmixPhrases *self);

/* Adds a block of speech, whose speech lies in the steps first to end - 1.
 * Non-zero if that ends the phrase before, which is then in *done. */
int dmix_phrases_add_speech (DmixPhrases *self, const DmixPhraseBlock *block,
    unsigned long long first, unsigned long long end, DmixPhrase *done);

/* Adds a block of a pause. Non-zero as above. */
int dmix_phrases_add_pause (DmixPhrases *self, const DmixPhraseBlock *block,
    DmixPhrase *done);

/* Ends the phrase. Non-zero as above. */
int dmix_phrases_finish (DmixPhrases *self, DmixPhrase *done);

#endif

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a Hann window of 2.1 s around the moment over the energy of the blocks
 * that count. Pauses do not: that 3 s with a pause are softer is levelplan.c's.
 *
 *   onset    behind a break of 0.5 s or more 2 s have to pass before speech is
 *            confirmed by what was before: until then what is ahead confirms it
 *   shout    1.5 s around a block that are far above both sides
 */
#include "dynamics/phraselevel.h"

#include "base/units.h"
#include "meter/kweight.h"

#include <math.h>

#define WINDOW 10u /* blocks on each side */
#define MOST (2 * DMIX_PHRASELEVEL_REACH)
#define BREAK 5u
#define LEAST (0.3 * WINDOW)
#define SHOUT 7 /* blocks on each side */
#define SHOUT_DB 7.0
#define PART_OF_SHOUT_DB 3.0
#define BURST_DB 10.0
/* further than the range from the seconds around, and no more counted */
#define LOUDER_DB 3.0
#define SOFTER_DB 6.0

typedef struct
{
  const DmixPhraseBlock *block;
  unsigned count, present;
  int speech[MOST];
} Phrase;

/* Begin of the blocks before the moment that no break separates from it: 0 if
 * there is no break. */
static unsigned
find_onset (const DmixPhraseBlock *block, unsigned present)
{
  unsigned run = 0;

  for (unsigned i = present; i-- > 0;)
    if (!block[i].counts)
      run++;
    else if (run >= BREAK)
      return i + 1;
    else
      run = 0;
  return run >= BREAK ? 0 : present;
}

void
dmix_phraselevel_find_speech (const DmixPhraseBlock *block, unsigned count,
    unsigned present, int *speech)
{
  const int goes_on = present < count && block[present].confirmed;
  const unsigned onset = goes_on ? find_onset (block, present) : present;

  for (unsigned i = 0; i < count; i++) {
    const int sure = block[i].confirmed || (i >= onset && i < present);

    speech[i] = block[i].counts && sure;
  }
}

/* Loudness of the speech within 1.5 s, LUFS. */
static double
around (const Phrase *self, int i)
{
  double sum = 0.0;
  unsigned members = 0;

  for (int k = DMIX_MAX (0, i - SHOUT);
       k <= DMIX_MIN ((int) self->count - 1, i + SHOUT); k++)
    if (self->speech[k]) {
      sum += self->block[k].mean_square;
      members++;
    }
  return members > 0 ? dmix_kweight_lufs (sum / members)
                     : DMIX_KWEIGHT_SILENCE_LUFS;
}

static int
is_shout (const Phrase *self, int i, double loudest_lufs)
{
  const double off =
      dmix_kweight_lufs (self->block[i].mean_square) - loudest_lufs;

  return off > BURST_DB
      || (off > PART_OF_SHOUT_DB && around (self, i) > loudest_lufs + SHOUT_DB);
}

double
dmix_phraselevel_lufs (const DmixPhraseBlock *block, unsigned count,
    unsigned present, double wide_lufs, double loudest_lufs, double range_db)
{
  const unsigned first = present > WINDOW ? present - WINDOW : 0;
  Phrase self = { .block = block, .count = count, .present = present };
  double energy = 0.0, weight = 0.0;

  dmix_phraselevel_find_speech (block, count, present, self.speech);
  for (unsigned i = first; i < DMIX_MIN (count, present + WINDOW); i++) {
    const double off = dmix_kweight_lufs (block[i].mean_square) - wide_lufs;
    const double at = ((double) i + 0.5 - present) / (WINDOW + 0.5);
    const double w = 0.5 + 0.5 * cos (DMIX_PI * at);

    if (!self.speech[i] || off > range_db + LOUDER_DB
        || off < -range_db - SOFTER_DB
        || is_shout (&self, (int) i, loudest_lufs))
      continue;
    energy += w * block[i].mean_square;
    weight += w;
  }
  if (weight < LEAST)
    return wide_lufs;
  return dmix_clamp (dmix_kweight_lufs (energy / weight), wide_lufs - range_db,
      wide_lufs + range_db);
}

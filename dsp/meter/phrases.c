/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: power subtraction. What a phrase has more than the pauses around it is
 * the speech; E.g. M. Torcoli et al., "Speech loudness in broadcasting", arXiv
 * 2405.17364, 2024, on why the loudness of a mix while somebody speaks
 * overestimates the speech. The limiting band is that of the SII (ANSI S3.5-1997)
 * for the mean powers of the bands.
 */
#include "meter/phrases.h"

#include "base/units.h"
#include "speech/intelligibility.h"

#include <math.h>

#define BANDS DMIX_SPEECHBANDS
#define LEAST_SHARE 0.01 /* of speech in the mix: -20 dB */
#define MOST_LU 60.0

void
dmix_phrases_reset (DmixPhrases *self)
{
  *self = (DmixPhrases){ .blocks = 0 };
}

static void
add_to_pause (DmixPhrasePause *pause, const DmixPhraseBlock *block)
{
  DmixPhraseBlock *mean = &pause->mean;

  pause->count += pause->count < DMIX_PHRASES_PAUSE;
  mean->power += (block->power - mean->power) / pause->count;
  for (int b = 0; b < BANDS; b++)
    mean->band[b] += (block->band[b] - mean->band[b]) / pause->count;
}

/* Speech over background, dB, from the mean power of both together. */
static double
difference (double mixed, double background)
{
  const double speech = fmax (mixed - background, LEAST_SHARE * mixed);

  if (speech <= 0.0)
    return 0.0;
  return fmin (dmix_db_from_power (speech / fmax (background, 1e-6 * speech)),
      MOST_LU);
}

static double
limiting_band (const double *mixed, const double *background)
{
  double most = 0.0, hz = 0.0;

  for (int b = 0; b < BANDS; b++) {
    const double snr = difference (mixed[b], background[b]);
    const double lost = dmix_intelligibility_importance[b]
        * (1.0 - dmix_clamp ((snr + 15.0) / 30.0, 0.0, 1.0));

    if (mixed[b] > 0.0 && lost > most) {
      most = lost;
      hz = dmix_speechbands_hz[b];
    }
  }
  return hz;
}

static double
weighed (double before, double after, const DmixPhrases *self)
{
  return (before * self->before.count + after * self->after.count)
      / (self->before.count + self->after.count);
}

static void
measure (const DmixPhrases *self, DmixPhrase *done)
{
  double mixed[BANDS], background[BANDS];

  done->first = self->first;
  done->end = self->end;
  done->blocks = self->blocks;
  done->mixed = self->sum.power;
  done->background =
      weighed (self->before.mean.power, self->after.mean.power, self);
  done->difference_lu =
      difference (done->mixed / (double) self->blocks, done->background);
  for (int b = 0; b < BANDS; b++) {
    mixed[b] = self->sum.band[b] / (double) self->blocks;
    background[b] =
        weighed (self->before.mean.band[b], self->after.mean.band[b], self);
  }
  done->limiting_band_hz = limiting_band (mixed, background);
}

int
dmix_phrases_finish (DmixPhrases *self, DmixPhrase *done)
{
  const int known =
      self->before.count + self->after.count >= DMIX_PHRASES_PAUSE_LEAST
      && self->blocks > 0;

  if (known)
    measure (self, done);
  self->sum = (DmixPhraseBlock){ 0.0 };
  self->blocks = 0;
  if (self->after.count > 0)
    self->before = self->after;
  self->after = (DmixPhrasePause){ .count = 0 };
  return known;
}

int
dmix_phrases_add_speech (DmixPhrases *self, const DmixPhraseBlock *block,
    unsigned long long first, unsigned long long end, DmixPhrase *done)
{
  const int ended = self->after.count >= DMIX_PHRASES_PAUSE_LEAST
      && dmix_phrases_finish (self, done);

  if (self->blocks == 0)
    self->first = first;
  self->end = end;
  self->sum.power += block->power;
  for (int b = 0; b < BANDS; b++)
    self->sum.band[b] += block->band[b];
  self->blocks++;
  return ended;
}

int
dmix_phrases_add_pause (DmixPhrases *self, const DmixPhraseBlock *block,
    DmixPhrase *done)
{
  DmixPhrasePause *pause = self->blocks > 0 ? &self->after : &self->before;

  add_to_pause (pause, block);
  return pause == &self->after && pause->count == DMIX_PHRASES_PAUSE
      && dmix_phrases_finish (self, done);
}

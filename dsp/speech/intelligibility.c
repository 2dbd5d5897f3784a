/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method. Glimpses: M. Cooke, "A glimpsing model of speech perception in
 * noise", J. Acoust. Soc. Am. 119(3), 2006. They predict the level of dialogue
 * over ambience that listeners prefer: M. Torcoli et al., J. Audio Eng. Soc.
 * 67(12), 2019. SII: ANSI S3.5-1997, table 3 and section 5, from frames of
 * 20 ms instead of a long-term spectrum, without hearing threshold and masking.
 *
 * The gate for speech depends on the levels of all frames. Results are
 * therefore summed by level, in classes of 0.5 dB; a reading adds up the
 * classes above the gate.
 *
 * State
 *   level[]     for each class: number of frames, and for each band the sums of
 *               glimpses and of audibility
 *   recent[]    ring of the last 3 s; `at` is the oldest frame
 *   frames      number of frames since the reset
 */
#include "speech/intelligibility.h"

#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BANDS DMIX_SPEECHBANDS
#define LOWEST_DB -140.0
#define CLASSES 440 /* to +80 dB */
#define CLASSES_PER_DB 2.0
#define GATE_DB 32.0    /* gate, below the percentile of the levels */
#define GATE_SHARE 0.95 /* this percentile */
#define GLIMPSE_DB 3.0
#define RECENT 150 /* frames in 3 s */

const double dmix_intelligibility_importance[BANDS] = {
  .0083,
  .0095,
  .0150,
  .0289,
  .0440,
  .0578,
  .0653,
  .0711,
  .0818,
  .0844,
  .0882,
  .0898,
  .0868,
  .0844,
  .0771,
  .0527,
  .0364,
  .0185,
};

typedef struct
{
  double frames, glimpses[BANDS], audible[BANDS];
} Sums;

typedef struct
{
  int level; /* class; < 0: no frame yet */
  float audible[BANDS];
  unsigned char glimpse[BANDS];
} Recent;

struct DmixIntelligibility
{
  Sums level[CLASSES];
  Recent recent[RECENT];
  unsigned at;
  double frames;
};

double
dmix_intelligibility_db (double mean_square)
{
  return dmix_db_from_power (fmax (mean_square, 1e-14));
}

DmixIntelligibility *
dmix_intelligibility_new (void)
{
  DmixIntelligibility *self = malloc (sizeof *self);

  if (self)
    dmix_intelligibility_reset (self);
  return self;
}

void
dmix_intelligibility_free (DmixIntelligibility *self)
{
  free (self);
}

void
dmix_intelligibility_reset (DmixIntelligibility *self)
{
  memset (self, 0, sizeof *self);
  for (int i = 0; i < RECENT; i++)
    self->recent[i].level = -1;
}

void
dmix_intelligibility_take_over (DmixIntelligibility *self,
    const DmixIntelligibility *from)
{
  *self = *from;
}

static int
class_of (double level_db)
{
  const double place = (level_db - LOWEST_DB) * CLASSES_PER_DB;

  return (int) fmin (fmax (place, 0.0), CLASSES - 1);
}

void
dmix_intelligibility_add (DmixIntelligibility *self,
    const DmixSpeechBandsFrame *frame)
{
  Recent *now = &self->recent[self->at];
  double level = 0.0;
  Sums *sums;

  for (int b = 0; b < BANDS; b++)
    level += frame->dialogue[b];
  now->level = class_of (dmix_intelligibility_db (level));
  sums = &self->level[now->level];
  for (int b = 0; b < BANDS; b++) {
    const double snr = dmix_intelligibility_db (frame->dialogue[b])
        - dmix_intelligibility_db (frame->background[b]);

    now->glimpse[b] = snr > GLIMPSE_DB;
    now->audible[b] = (float) fmin (fmax ((snr + 15.0) / 30.0, 0.0), 1.0);
    sums->glimpses[b] += now->glimpse[b];
    sums->audible[b] += now->audible[b];
  }
  sums->frames += 1.0;
  self->frames += 1.0;
  self->at = (self->at + 1) % RECENT;
}

/* The lowest level class of frames with speech. Class 0, silence, is not, even
 * if all frames are silent. */
static int
gate (const DmixIntelligibility *self)
{
  double above = self->frames * (1.0 - GATE_SHARE);
  int level = CLASSES - 1;

  while (level > 0 && self->level[level].frames <= above)
    above -= self->level[level--].frames;
  level -= (int) (GATE_DB * CLASSES_PER_DB);
  return DMIX_MAX (level, 1);
}

static double
glimpse_proportion (const Sums *sums)
{
  double glimpses = 0.0;

  for (int b = 0; b < BANDS; b++)
    glimpses += sums->glimpses[b];
  return sums->frames > 0.0 ? glimpses / (BANDS * sums->frames) : 0.0;
}

static double
index_of (const Sums *sums)
{
  double index = 0.0;

  for (int b = 0; b < BANDS; b++)
    index += dmix_intelligibility_importance[b] * sums->audible[b];
  return sums->frames > 0.0 ? index / sums->frames : 0.0;
}

static Sums
sum_from (const DmixIntelligibility *self, int lowest)
{
  Sums sums = { 0.0 };

  for (int level = lowest; level < CLASSES; level++) {
    const Sums *s = &self->level[level];

    if (s->frames == 0.0)
      continue;
    sums.frames += s->frames;
    for (int b = 0; b < BANDS; b++) {
      sums.glimpses[b] += s->glimpses[b];
      sums.audible[b] += s->audible[b];
    }
  }
  return sums;
}

static Sums
sum_recent (const DmixIntelligibility *self, int lowest)
{
  Sums sums = { 0.0 };

  for (int i = 0; i < RECENT; i++) {
    const Recent *r = &self->recent[i];

    if (r->level < 0 || r->level < lowest)
      continue;
    sums.frames += 1.0;
    for (int b = 0; b < BANDS; b++) {
      sums.glimpses[b] += r->glimpse[b];
      sums.audible[b] += r->audible[b];
    }
  }
  return sums;
}

static double
limiting_band (const Sums *sums)
{
  double most = 0.0, hz = 0.0;

  for (int b = 0; b < BANDS; b++) {
    const double lost =
        dmix_intelligibility_importance[b] * (sums->frames - sums->audible[b]);

    if (lost > most) {
      most = lost;
      hz = dmix_speechbands_hz[b];
    }
  }
  return hz;
}

void
dmix_intelligibility_read (const DmixIntelligibility *self,
    DmixIntelligibilityReading *reading)
{
  const int lowest = gate (self);
  const Sums all = sum_from (self, lowest), now = sum_recent (self, lowest);

  *reading = (DmixIntelligibilityReading){
    .glimpse_proportion = glimpse_proportion (&all),
    .sii = index_of (&all),
    .shortterm_glimpse_proportion = glimpse_proportion (&now),
    .shortterm_sii = index_of (&now),
    .shortterm_activity = now.frames / RECENT,
    .limiting_band_hz = limiting_band (&now),
  };
}

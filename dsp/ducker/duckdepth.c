/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: depth = clip (target - (L_dialogue - L_background), 0, range), with
 * both loudnesses K-weighted (ITU-R BS.1770-5) and running over 6 s (of 3, 6
 * and 10 s, 6 kept real scenes nearest to their target). What listeners
 * prefer: at least 10 LU over music and 15 LU over ambience (M. Torcoli et
 * al., J. Audio Eng. Soc. 67(12), 2019).
 *
 * The dialogue is averaged only while somebody speaks, the background always,
 * for it is what it is before the ducker touches it, and at least as loud as
 * in the last second: a gust counts at once. All averages are plain means
 * while less is known than they are long.
 *
 * A loud moment (a slate, a cough near the microphone) would count for as long as
 * the average runs. The median loudness of the last eight blocks of 0.4 s of
 * speech knows nothing of moments shorter than half of them: where the average is
 * more than 6 dB above it, which speech alone does not reach, the mean of the
 * blocks around the median takes the place of the average.
 *
 * Nothing is known of a dialogue at its first syllable. It is then taken for a
 * little less than -24 LUFS (EBU R 128, ATSC A/85) unless what is heard within
 * the look-ahead says otherwise, and the depth may move fast until two seconds
 * of speech have been heard. Later it moves by 1 dB a second inside a phrase,
 * which nobody hears as pumping, and freely between phrases.
 *
 * State
 *   dialogue      mean square of the active dialogue
 *   heard_s       seconds of speech that have formed it
 *   gap_s         seconds since the last word of this phrase
 *   unlike_s      seconds of sound too quiet for this voice since then
 *   loudest       highest fast level since reset, LUFS
 *   block         mean squares of the last blocks of speech, a ring; the sum
 *                 and seconds of the block that is being filled
 *   background    mean square of the background
 *   recent        the same of its last second
 *   known_s       seconds that have formed it
 *   depth         the depth of the current phrase, dB
 *   asked_db      depth set for the mode target; < 0: none
 *   phrase_s      how long this phrase has lasted; < 0: no phrase
 */
#include "ducker/duckdepth.h"
#include "base/units.h"
#include "meter/kweight.h"

#include <math.h>
#include <stdlib.h>

#define AVERAGE_S 6.0        /* of both loudnesses */
#define RECENT_S 1.0         /* so that a gust counts at once */
#define USUAL_LUFS -24.0     /* of dialogue: EBU R 128, ATSC A/85 */
#define CAUTION_DB 1.0       /* better too clear a first word than none */
#define PRIOR_S 0.8          /* by then "usual" counts no more */
#define ONSET_S 0.080        /* first syllables reach their peak by then: */
#define ONSET_MOST_DB 6.0    /* ... it is at most so far above the loudness */
#define ONSET_LEAST_DB 1.0   /* ... and at least so far */
#define ONSET_START_DB -14.0 /* ... while at the start it may be far below */
#define GAP_S 0.3            /* shorter pauses belong to the speech */
#define QUIET_DB -15.0       /* below its loudness: room between words, */
#define UNLIKE_S 1.0         /* ... unless it stays so: a quieter voice */
#define AUDIBLE 1.1724653e-7 /* mean square of -70 LUFS, the absolute gate */
#define BLOCK_S 0.4
#define BLOCKS 8
#define OUTLIER 3.98 /* 6 dB: blocks so far above the median do not count */
#define LEARN_S 2.0  /* of speech, in which the depth moves fast, */
#define LEARN_DB_PER_S 18.0 /* ... so fast */
#define MOVE_DB_PER_S 1.0   /* later: slow enough not to pump */

struct DmixDuckDepth
{
  double step_s, free_s;
  double dialogue, heard_s, gap_s, unlike_s, loudest;
  double block[BLOCKS], block_sum, block_s;
  unsigned blocks, block_at;
  int dropped; /* for _read_dropped() */
  double background, recent, known_s;
  double depth, phrase_s, asked_db;
  DmixDuckDepthParams params;
};

DmixDuckDepth *
dmix_duckdepth_new (double step_s, double free_s)
{
  DmixDuckDepth *self;

  if (!(step_s >= 1e-5 && step_s <= 1.0) || !(free_s >= 0.0)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->step_s = step_s;
  self->free_s = free_s;
  dmix_duckdepth_reset (self);
  return self;
}

void
dmix_duckdepth_free (DmixDuckDepth *self)
{
  free (self);
}

void
dmix_duckdepth_reset (DmixDuckDepth *self)
{
  self->dialogue = self->heard_s = self->gap_s = self->unlike_s = 0.0;
  self->loudest = DMIX_KWEIGHT_SILENCE_LUFS;
  self->block_sum = self->block_s = 0.0;
  self->blocks = self->block_at = 0;
  self->dropped = 0;
  self->background = self->recent = self->known_s = 0.0;
  self->depth = 0.0;
  self->asked_db = -1.0;
  self->phrase_s = -1.0;
}

void
dmix_duckdepth_set_params (DmixDuckDepth *self,
    const DmixDuckDepthParams *params)
{
  DmixDuckDepthParams *p = &self->params;

  p->mode = params->mode;
  p->target_lu = dmix_clamp (params->target_lu, 0.0, 60.0);
  p->depth_db = dmix_clamp (params->depth_db, 0.0, 60.0);
  p->range_db = dmix_clamp (params->range_db, 0.0, 60.0);
  p->balance_db = dmix_clamp (params->balance_db, -200.0, 200.0);
}

/* A mean that is plain at first and runs over length_s later. */
static void
average (double *mean, double value, double span_s, double known_s,
    double length_s)
{
  *mean += span_s / fmin (known_s, length_s) * (value - *mean);
}

/* What the dialogue's loudness is taken for, LUFS. */
static double
dialogue_estimate (const DmixDuckDepth *self)
{
  double known = fmin (1.0, self->heard_s / PRIOR_S);
  double onset = fmin (1.0, self->heard_s / ONSET_S);
  double least = ONSET_START_DB + onset * (ONSET_LEAST_DB - ONSET_START_DB);
  double usual = dmix_clamp (USUAL_LUFS - CAUTION_DB,
      self->loudest - ONSET_MOST_DB, self->loudest - least);

  return usual + known * (dmix_kweight_lufs (self->dialogue) - usual);
}

static double
needed_depth (const DmixDuckDepth *self)
{
  const DmixDuckDepthParams *p = &self->params;
  double difference;

  if (p->mode == DMIX_DUCK_FIXED)
    return fmin (p->depth_db, p->range_db);
  if (self->asked_db >= 0.0)
    return fmin (self->asked_db, p->range_db);
  difference = dialogue_estimate (self)
      - dmix_kweight_lufs (fmax (self->background, self->recent))
      + p->balance_db;
  return dmix_clamp (p->target_lu - difference, 0.0, p->range_db);
}

/* A word, not what a detector adds to its end. */
static int
is_word (DmixDuckDepth *self, const DmixActivityState *dialogue)
{
  if (!dialogue->speaking)
    return 0;
  if (self->heard_s < LEARN_S
      || dialogue->level_lufs > dmix_kweight_lufs (self->dialogue) + QUIET_DB)
    self->unlike_s = 0.0;
  else if (self->unlike_s <= UNLIKE_S)
    self->unlike_s += self->step_s;
  return self->unlike_s == 0.0 || self->unlike_s > UNLIKE_S;
}

/* The median of the blocks, the lower one of two. */
static double
median_block (const DmixDuckDepth *self)
{
  double sorted[BLOCKS];

  for (unsigned i = 0; i < self->blocks; i++) {
    unsigned at = i;

    for (; at > 0 && sorted[at - 1] > self->block[i]; at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = self->block[i];
  }
  return sorted[(self->blocks - 1) / 2];
}

/* Brings the average down to the recent speech where a louder moment rules it,
 * and lets the depth follow as fast as for a new voice. */
static void
drop_outliers (DmixDuckDepth *self)
{
  const double most = OUTLIER * median_block (self);
  double sum = 0.0;
  unsigned count = 0;

  if (self->dialogue <= most)
    return;
  for (unsigned i = 0; i < self->blocks; i++)
    if (self->block[i] <= most) {
      sum += self->block[i];
      count++;
    }
  self->dialogue = sum / count;
  self->heard_s = fmin (count * BLOCK_S, 0.5 * LEARN_S);
  self->dropped = 1;
  self->loudest =
      fmin (self->loudest, dmix_kweight_lufs (self->dialogue) + ONSET_MOST_DB);
}

/* Puts speech into the current block; a complete one is compared. */
static void
fill_block (DmixDuckDepth *self, double mean_square, double span_s)
{
  self->block_sum += mean_square * span_s;
  self->block_s += span_s;
  if (self->block_s < BLOCK_S)
    return;
  self->block[self->block_at] = self->block_sum / self->block_s;
  self->block_at = (self->block_at + 1) % BLOCKS;
  if (self->blocks < BLOCKS)
    self->blocks++;
  self->block_sum = self->block_s = 0.0;
  drop_outliers (self);
}

/* Loudness of speech is that of its words and of the short gaps between them,
 * but not of the pause that follows. */
static void
listen (DmixDuckDepth *self, const DmixActivityState *dialogue,
    double mean_square)
{
  if (!is_word (self, dialogue)) {
    self->gap_s += self->step_s;
    return;
  }
  if (self->gap_s > 0.0 && self->gap_s < GAP_S) {
    self->heard_s += self->gap_s;
    average (&self->dialogue, 0.0, self->gap_s, self->heard_s, AVERAGE_S);
    fill_block (self, 0.0, self->gap_s);
  }
  self->gap_s = 0.0;
  self->heard_s += self->step_s;
  average (&self->dialogue, mean_square, self->step_s, self->heard_s,
      AVERAGE_S);
  self->loudest = fmax (self->loudest, dialogue->level_lufs);
  fill_block (self, mean_square, self->step_s);
}

void
dmix_duckdepth_add (DmixDuckDepth *self, double mean_square, double level_lufs)
{
  const DmixActivityState speaking = { 1, 1, level_lufs };

  listen (self, &speaking, mean_square);
}

static void
survey (DmixDuckDepth *self, double mean_square)
{
  if (mean_square <= AUDIBLE)
    return;
  self->known_s += self->step_s;
  average (&self->background, mean_square, self->step_s, self->known_s,
      AVERAGE_S);
  average (&self->recent, mean_square, self->step_s, self->known_s, RECENT_S);
}

/* Brings the depth of the phrase towards what is needed. */
static void
follow (DmixDuckDepth *self)
{
  double needed = needed_depth (self);
  double speed = self->heard_s < LEARN_S ? LEARN_DB_PER_S : MOVE_DB_PER_S;
  double most = speed * self->step_s;

  if (self->params.mode == DMIX_DUCK_FIXED || self->phrase_s <= self->free_s)
    self->depth = needed;
  else
    self->depth += dmix_clamp (needed - self->depth, -most, most);
}

double
dmix_duckdepth_step (DmixDuckDepth *self, const DmixActivityState *dialogue,
    double dialogue_mean_square, double background_mean_square)
{
  survey (self, background_mean_square);
  if (!dialogue->active) {
    self->phrase_s = -1.0;
    self->gap_s = GAP_S;
    return 0.0;
  }
  listen (self, dialogue, dialogue_mean_square);
  self->phrase_s = self->phrase_s < 0.0 ? 0.0 : self->phrase_s + self->step_s;
  follow (self);
  return -self->depth;
}

int
dmix_duckdepth_read_dropped (DmixDuckDepth *self)
{
  const int dropped = self->dropped;

  self->dropped = 0;
  return dropped;
}

void
dmix_duckdepth_set_needed (DmixDuckDepth *self, double depth_db)
{
  self->asked_db = depth_db;
}

double
dmix_duckdepth_get_range_db (const DmixDuckDepth *self)
{
  return self->params.range_db;
}

double
dmix_duckdepth_get_dialogue (const DmixDuckDepth *self)
{
  return self->dialogue;
}

double
dmix_duckdepth_get_background (const DmixDuckDepth *self)
{
  return self->background;
}

void
dmix_duckdepth_take_over (DmixDuckDepth *self, const DmixDuckDepth *from)
{
  *self = *from;
}

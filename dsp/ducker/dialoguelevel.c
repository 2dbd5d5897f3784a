/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a running mean over 6 s of the K-weighted power of the words and of the
 * short gaps between them (of 3, 6 and 10 s, 6 kept real scenes nearest to their
 * target); a plain mean while less has been heard.
 *
 * First words. On 258 recordings the loudness of a phrase lies 2 dB below the mean of
 * its beginning, with a standard deviation of 8 dB after 60 ms, 5.5 dB after
 * 0.1 s, 3.2 dB after 0.2 s and 1.9 dB after 0.4 s. The estimate weighs this with
 * what is expected of a dialogue, near -24 LUFS (EBU R 128, ATSC A/85): the
 * beginning counts by h^2 / (h^2 + t^2), h the seconds heard. t is 0.08 s for a
 * beginning louder than expected, which is a louder voice, and 0.3 s for a softer one,
 * which is a soft beginning more often than a softer voice: too much depth is worse
 * than too little. One voice in ten begins with a breath or a soft onset, up to 30 dB
 * below the rest: the estimate comes down with the time only, and a beginning is
 * forgotten when a level 10 dB above it follows. A search over all constants on
 * 302 phrases of 149 speakers chose them, limited to those that leave a voice at -24
 * LUFS within 1 dB of its depth from the first syllable on (test_duck_quality.py).
 * Where the loudness is known beforehand it counts as 3 s of speech.
 *
 * Loud moments (a slate, a cough near the microphone) would count for as long as
 * the mean runs. Speech is compared in blocks of 0.4 s:
 *
 *   - A block 8 dB below the mean, but near the mean of before the last jump
 *     upwards, brings that mean back: the voice is the old one.
 *   - Two such blocks within the first seconds, or after a jump, start anew.
 *   - The same after one block near it, if no more than a second was loud since
 *     the jump: claps, which raise the mean by less than 8 dB.
 *   - The median of the last eight blocks knows nothing of moments shorter than
 *     half of them: where the mean is more than 6 dB above it, which speech alone
 *     does not reach, the mean of the blocks around the median replaces it. In
 *     the first seconds one block 10 dB above it is enough: a clap.
 *
 * State
 *   mean          mean square of the speech, and its loudness
 *   heard_s       seconds of speech that have formed it
 *   gap_s         seconds since the last word of this phrase
 *   unlike_s      seconds of sound too quiet for this voice since then
 *   total_s       seconds of speech since the reset (capped)
 *   before        mean before the last jump; loud_s: seconds of speech since
 *                 (capped); jump_s: those more than 12 dB above that mean
 *   block         mean squares of the last blocks of speech, a ring; the sum
 *                 and seconds of the block that is being filled
 *   quieter       number of blocks in a row 8 dB below the mean
 *   count[]       blocks by level since the reset; learned: the mean square of
 *                 the voice that follows from them
 */
#include "ducker/dialoguelevel.h"

#include "base/units.h"
#include "meter/kweight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define AVERAGE_S 6.0
#define USUAL_LUFS -24.9
#define TRUST_S 0.30      /* speech that counts as much as the expectation, */
#define TRUST_LOUD_S 0.08 /* ... if it is louder than expected, */
#define KNOWN_S 3.0       /* ... if the loudness is known */
#define BEGINNING_DB 2.4  /* beginnings are louder than the phrase by this; */
#define BEGINNING_S 0.85  /* ... time constant of the difference */
#define BEGINS_S (40.0 * BEGINNING_S) /* later it rounds to 0 */
#define SOFT_S 0.05       /* by then a beginning may be softer than expected */
#define SOFT_DB 2.2       /* ... by this, */
#define SOFT_DB_PER_S 8.5 /* ... and later by so much more */
#define LEARN_S 2.0       /* of speech; then the voice is known */
#define ONSET_S 1.0       /* until then a jump ... */
#define ONSET_DB 10.0     /* ... of so much shows that speech only now begins */
#define GAP_S 0.3         /* shorter pauses belong to the speech */
#define QUIET_DB -15.0    /* below its loudness: room between words, */
#define UNLIKE_S 1.0      /* ... unless it stays so: a quieter voice */
#define BLOCK_S 0.4
#define BLOCKS 8
#define LEAST_BLOCKS 4 /* for a median */
#define OUTLIER 3.98   /* 6 dB: blocks so far above it do not count */
#define QUIETER                                                                \
  0.158           /* -8 dB: a block this far below the mean is another voice */
#define LONE 10.0 /* 10 dB: one block so far above it is a moment, */
#define FEW_S 5.0 /* ... until so much speech has been heard */
#define NEAR 6.31 /* 8 dB: blocks so near to a mean are of its voice */
#define DROPPED 10.0 /* 10 dB: other statistics are as wrong */
#define JUMP_DB 12.0
#define LOUD_S 3.0  /* a louder level is a voice after so much of it */
#define SHORT_S 1.0 /* loud moments up to here leave the mean of before */
#define RAISED 1.26 /* 1 dB: a mean that a short moment has raised */
#define YOUNG_S                                                                \
  4.0 /* until then quiet speech counts, too: the mean may be a moment */
#define LOWEST_LUFS -70.0 /* of count[], */
#define PER_DB 2          /* ... its bins per dB */
#define BINS 188          /* up to 24 dB above full scale */
#define SPREAD_DB 8 /* bins so near to the median form the learned loudness */

struct DmixDialogueLevel
{
  double step_s, known_lufs;
  double mean, mean_lufs, heard_s, gap_s, unlike_s;
  double total_s, before, loud_s, jump_s;
  double block[BLOCKS], block_sum, block_s;
  unsigned blocks, block_at, quieter;
  int dropped; /* for _read_dropped() */
  double count[BINS], learned;
};

static void
set_mean (DmixDialogueLevel *self, double mean)
{
  self->mean = mean;
  self->mean_lufs = dmix_kweight_lufs (mean);
}

DmixDialogueLevel *
dmix_dialoguelevel_new (double step_s)
{
  DmixDialogueLevel *self;

  if (!(step_s >= 1e-5 && step_s <= 1.0) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->step_s = step_s;
  dmix_dialoguelevel_reset (self);
  return self;
}

void
dmix_dialoguelevel_free (DmixDialogueLevel *self)
{
  free (self);
}

void
dmix_dialoguelevel_reset (DmixDialogueLevel *self)
{
  const double step_s = self->step_s, known_lufs = self->known_lufs;

  memset (self, 0, sizeof *self);
  self->step_s = step_s;
  self->known_lufs = known_lufs;
  set_mean (self, 0.0);
}

void
dmix_dialoguelevel_set_known (DmixDialogueLevel *self, double lufs)
{
  lufs = dmix_clamp (lufs, LOWEST_LUFS, 0.0);
  if (lufs == self->known_lufs)
    return;
  self->known_lufs = lufs;
  self->heard_s = 0.0;
  self->before = 0.0;
}

/*** running mean ***/

static void
average (DmixDialogueLevel *self, double mean_square, double span_s)
{
  self->heard_s += span_s;
  set_mean (self,
      self->mean
          + span_s / DMIX_MIN (self->heard_s, AVERAGE_S)
              * (mean_square - self->mean));
  self->loud_s = DMIX_MIN (self->loud_s + span_s, 2.0 * LOUD_S);
  self->total_s = DMIX_MIN (self->total_s + span_s, FEW_S);
}

/* A word, not what a detector adds to its end. */
static int
is_word (DmixDialogueLevel *self, const DmixActivityState *dialogue)
{
  if (!dialogue->speaking)
    return 0;
  if (self->heard_s < LEARN_S || self->loud_s < YOUNG_S
      || dialogue->level_lufs > self->mean_lufs + QUIET_DB)
    self->unlike_s = 0.0;
  else if (self->unlike_s <= UNLIKE_S)
    self->unlike_s += self->step_s;
  return self->unlike_s == 0.0 || self->unlike_s > UNLIKE_S;
}

/* A jump upwards may still be only a loud moment. */
static int
is_in_doubt (const DmixDialogueLevel *self)
{
  return self->before > 0.0 && self->loud_s < LOUD_S;
}

/* A soft beginning is forgotten when the speech begins; a jump of later is noted,
 * for it may be only a loud moment. */
static void
note_jump (DmixDialogueLevel *self, double level_lufs)
{
  const double above = level_lufs - self->mean_lufs;

  if (self->heard_s <= 0.0)
    return;
  if (self->heard_s < ONSET_S && above > ONSET_DB) {
    self->heard_s = 0.0;
    self->loud_s = 0.0;
  } else if (self->heard_s >= ONSET_S && above > JUMP_DB
      && !is_in_doubt (self)) {
    self->before = self->mean;
    self->loud_s = self->jump_s = 0.0;
  }
  if (self->before > 0.0
      && level_lufs > dmix_kweight_lufs (self->before) + JUMP_DB)
    self->jump_s += self->step_s;
}

/*** blocks ***/

/* The median of the blocks, the lower one of two. */
static double
median_block (const DmixDialogueLevel *self)
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

/* Replaces the mean; the depth then follows as fast as for a new voice. */
static void
replace (DmixDialogueLevel *self, double mean, double heard_s)
{
  self->dropped = self->mean > DROPPED * mean ? 2 : 1;
  set_mean (self, mean);
  self->heard_s = fmin (heard_s, 0.5 * LEARN_S);
  self->quieter = 0;
  self->before = 0.0;
  self->loud_s = LOUD_S;
}

/* Non-zero if one of the last blocks stands far above their median. */
static int
has_lone_block (const DmixDialogueLevel *self, double median)
{
  for (unsigned i = 0; i < self->blocks; i++)
    if (self->block[i] > LONE * median)
      return 1;
  return 0;
}

/* Brings the mean down to the recent speech where a louder moment rules it, or, in
 * the first seconds, raises it. */
static void
drop_outliers (DmixDialogueLevel *self)
{
  const double median = median_block (self), most = OUTLIER * median;
  double sum = 0.0;
  unsigned count = 0;

  if (self->blocks < LEAST_BLOCKS)
    return;
  for (unsigned i = 0; i < self->blocks; i++)
    if (self->block[i] <= most) {
      sum += self->block[i];
      count++;
    }
  if (self->mean > most
      || (self->total_s < FEW_S && self->mean > RAISED * sum / count
          && has_lone_block (self, median)))
    replace (self, sum / count, count * BLOCK_S);
}

/* The voice of before the jump is back. */
static int
is_back (const DmixDialogueLevel *self, double block)
{
  return self->before > 0.0 && block < NEAR * self->before
      && NEAR * block > self->before
      && (self->quieter > 0
          || (self->jump_s <= SHORT_S && self->mean > RAISED * self->before));
}

static void
compare_block (DmixDialogueLevel *self, double block)
{
  self->quieter = block < QUIETER * self->mean ? self->quieter + 1 : 0;
  if (is_back (self, block)) {
    replace (self, self->before, LEARN_S);
    self->dropped = 0; /* the others left it out, see _is_loud() */
  } else if (self->quieter > 1 && self->loud_s < 2.0 * LOUD_S) {
    const double last = self->block[(self->block_at + BLOCKS - 2) % BLOCKS];

    /* that one may hold the end of the moment */
    if (last > OUTLIER * block)
      replace (self, block, BLOCK_S);
    else
      replace (self, 0.5 * (block + last), 2.0 * BLOCK_S);
  } else if (!is_in_doubt (self)) {
    drop_outliers (self);
  }
}

static int
bin_of (double mean_square)
{
  const double at = PER_DB * (dmix_kweight_lufs (mean_square) - LOWEST_LUFS);

  return (int) dmix_clamp (at, 0.0, BINS - 1);
}

/* The mean of the blocks around the median of all: a loud moment does not move it. */
static double
learn (const DmixDialogueLevel *self)
{
  double total = 0.0, below = 0.0, sum = 0.0, blocks = 0.0;
  int median = 0;

  for (int i = 0; i < BINS; i++)
    total += self->count[i];
  while ((below += self->count[median]) < 0.5 * total)
    median++;
  for (int i = 0; i < BINS; i++)
    if (abs (i - median) <= PER_DB * SPREAD_DB) {
      sum += self->count[i]
          * dmix_kweight_mean_square (LOWEST_LUFS + (i + 0.5) / PER_DB);
      blocks += self->count[i];
    }
  return sum / blocks;
}

/* Puts speech into the current block; a complete one is compared. */
static void
fill_block (DmixDialogueLevel *self, double mean_square, double span_s)
{
  double block;

  self->block_sum += mean_square * span_s;
  self->block_s += span_s;
  if (self->block_s < BLOCK_S)
    return;
  block = self->block_sum / self->block_s;
  self->block[self->block_at] = block;
  self->block_at = (self->block_at + 1) % BLOCKS;
  if (self->blocks < BLOCKS)
    self->blocks++;
  self->count[bin_of (block)] += 1.0;
  self->learned = learn (self);
  self->block_sum = self->block_s = 0.0;
  compare_block (self, block);
}

void
dmix_dialoguelevel_add (DmixDialogueLevel *self,
    const DmixActivityState *dialogue, double mean_square)
{
  if (!is_word (self, dialogue)) {
    self->gap_s += self->step_s;
    return;
  }
  note_jump (self, dialogue->level_lufs);
  if (self->gap_s > 0.0 && self->gap_s < GAP_S && self->heard_s > 0.0) {
    average (self, 0.0, self->gap_s);
    fill_block (self, 0.0, self->gap_s);
  }
  self->gap_s = 0.0;
  average (self, mean_square, self->step_s);
  fill_block (self, mean_square, self->step_s);
}

void
dmix_dialoguelevel_pause (DmixDialogueLevel *self)
{
  self->gap_s = GAP_S;
}

/*** readings ***/

double
dmix_dialoguelevel_estimate (const DmixDialogueLevel *self)
{
  const int known = self->known_lufs < 0.0;
  const double expected = known ? self->known_lufs : USUAL_LUFS;
  const double h = self->heard_s;
  const double heard = self->mean_lufs
      - (h < BEGINS_S ? BEGINNING_DB * exp (-h / BEGINNING_S) : 0.0);
  const double least =
      expected - SOFT_DB - SOFT_DB_PER_S * fmax (0.0, h - SOFT_S);

  const double trust_s = known ? KNOWN_S
      : heard > expected       ? TRUST_LOUD_S
                               : TRUST_S;
  const double weight = h * h / (h * h + trust_s * trust_s);

  return expected + weight * (fmax (heard, least) - expected);
}

int
dmix_dialoguelevel_is_learning (const DmixDialogueLevel *self)
{
  return self->known_lufs == 0.0 && self->heard_s < LEARN_S;
}

double
dmix_dialoguelevel_get_mean (const DmixDialogueLevel *self)
{
  return self->mean;
}

double
dmix_dialoguelevel_get_heard_s (const DmixDialogueLevel *self)
{
  return self->heard_s;
}

double
dmix_dialoguelevel_get_loud_lufs (const DmixDialogueLevel *self)
{
  return (is_in_doubt (self) ? dmix_kweight_lufs (self->before)
                             : self->mean_lufs)
      + JUMP_DB;
}

double
dmix_dialoguelevel_get_learned (const DmixDialogueLevel *self)
{
  return self->learned;
}

int
dmix_dialoguelevel_is_loud (const DmixDialogueLevel *self, double level_lufs)
{
  return self->heard_s + self->loud_s * is_in_doubt (self) > ONSET_S
      && level_lufs > dmix_dialoguelevel_get_loud_lufs (self);
}

int
dmix_dialoguelevel_read_dropped (DmixDialogueLevel *self)
{
  const int dropped = self->dropped;

  self->dropped = 0;
  return dropped;
}

void
dmix_dialoguelevel_take_over (DmixDialogueLevel *self,
    const DmixDialogueLevel *from)
{
  *self = *from;
}

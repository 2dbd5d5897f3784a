/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: ten steps make a block of 100 ms, which has the momentary loudness
 * (400 ms) at its end. The loudness around a block is taken
 * from the blocks that count before it and behind it, as far as the look-ahead
 * has them:
 *
 *   side       energy mean of the blocks on one side, without those 10 dB below
 *              and 6 dB above their median: pauses and shouts do not count.
 *              The nearest blocks are left out, so that a shout that begins is
 *              no new voice
 *   loudness   mean of both sides in dB, weighted by their length and by how
 *              near they are to the second around the block: at the border
 *              between two voices the side of the own voice wins, as the
 *              best-fitting window does in the edge-preserving filter of
 *              Kuwahara (1976)
 *   phrase     with look-ahead, near that, the loudness of the phrase around the
 *              block (phraselevel.h): so short-term loudness varies less, too;
 *              and the gain is corrected by what the 3 s around would still miss
 *              (levelplan.h)
 *   gain       target - loudness + trim, limited, at most speed_db_s fast, then
 *              four running means of 0.4 s, which leave -50 dB at 2 Hz
 *   trim       the mean over the last trim_s of by how much blocks with that
 *              gain miss the target (gated at -10 LU as in BS.1770-5): the
 *              energy mean of levelled windows is not that of the whole. None where
 *              the gain follows phrases: it would be 0.1 to 0.4 dB
 *
 * State
 *   sum, recent[]     of the current block and the last four
 *   block[]           the latest blocks, a ring; the one at `newest` came last, the
 *                     present came ahead_blocks before it
 *   past[]            latest blocks before the present that count, a ring
 *   raw_db            gain of the latest block; slewed_db, with the
 *                     speed; gain_db, smoothed
 *   box[]             the running means: their latest inputs
 *   missed, heard     sums for the trim: energy over target, weight
 */
#include "dynamics/levelcontrol.h"

#include "base/units.h"
#include "dynamics/levelplan.h"
#include "dynamics/phraselevel.h"
#include "meter/kweight.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_PER_BLOCK 10
#define MOMENTARY 4 /* blocks in a momentary loudness */
#define STEP_S 0.01
#define BLOCK_S 0.1
#define BOX 40 /* steps; levelplan.c predicts what these means leave */
#define BOXES 4
#define KERNEL_STEPS (BOXES * BOX / 2)
/* delay of the gain and of the middle of a momentary loudness */
#define LEAST_AHEAD (KERNEL_STEPS + MOMENTARY * STEPS_PER_BLOCK / 2)
#define WINDOW 120 /* blocks before, without look-ahead */
#define SIDE 28    /* the same, with */

#define LONG_SIDE 50 /* of which a shout of 1.5 s is the lesser part */

#define MOST_AHEAD (DMIX_LEVELCONTROL_MAX_AHEAD / STEPS_PER_BLOCK)
#define BLOCKS 64u /* 20 ahead, and a window of the plan, at least */
/* What phrases will want is asked for every 0.4 s; 0.1 s bring nothing. */
#define STRIDE 4u
/* Blocks for which the sound ahead stays confirmed: the rhythm of speech has holes
 * that long. Twice as many level one of 16 voices better, and pull the end of a
 * phrase before music by 7 dB in place of 4. */
#define PATIENCE 7u
#define SHOUT 8       /* nearest blocks that do not count */
#define FEWEST 5      /* blocks that tell a loudness */
#define FEWEST_PAST 8 /* the same, before the present, beside those ahead */
#define FEWEST_OF_PHRASE 13u /* blocks ahead */
#define NEAR 5               /* blocks on each side that are "around" a block */
#define LOUDEST 4.0          /* of the median's energy */
#define SOFTEST 0.1
#define SAME_DB 3.0    /* sides that differ by less are one voice */
#define FIT_DB 1.0     /* a side this far from the near blocks weighs half */
#define TRUSTED_S 10.0 /* of sound that the trim needs for its full weight */
/* Gains on their way do not count in the trim, nor gains at a limit: what they
 * leave would be added to the next gain that is not. */
#define SETTLED_DB 3.0
#define MAX_TRIM_DB 3.0

typedef struct
{
  double value[BOX];
  unsigned at;
} Box;

/* 100 ms. momentary: mean square of the 400 ms up to its end. */
typedef struct
{
  double mean_square, momentary;
  int own, counts; /* at least half of the 100, of the 400 ms counts */
  int confirmed;
  double slewed_db; /* at its end */
} Block;

typedef struct
{
  double energy, counted; /* of all steps, and of those that count */
  unsigned members;       /* that count */
} Sum;

struct DmixLevelControl
{
  DmixLevelControlParams params;
  Sum sum, recent[MOMENTARY];
  unsigned steps, recent_at;

  Block block[BLOCKS];
  int confirmed_ahead;
  unsigned ahead_blocks, newest, unconfirmed;
  double past[WINDOW];
  unsigned past_at, past_count;
  double loudness_lufs, raw_db, slewed_db, gain_db;
  Box box[BOXES];
  double missed, heard, trim_db;
};

DmixLevelControl *
dmix_levelcontrol_new (unsigned ahead)
{
  DmixLevelControl *self;

  if (ahead > DMIX_LEVELCONTROL_MAX_AHEAD || !(self = calloc (1, sizeof *self)))
    return NULL;
  if (ahead > LEAST_AHEAD)
    self->ahead_blocks = (ahead - LEAST_AHEAD) / STEPS_PER_BLOCK;

  dmix_levelcontrol_reset (self);
  return self;
}

void
dmix_levelcontrol_free (DmixLevelControl *self)
{
  free (self);
}

void
dmix_levelcontrol_reset (DmixLevelControl *self)
{
  self->sum = (Sum){ 0 };
  self->steps = self->recent_at = 0;
  memset (self->recent, 0, sizeof self->recent);
  memset (self->block, 0, sizeof self->block);
  self->confirmed_ahead = 0;
  self->unconfirmed = PATIENCE + 1;
  self->newest = self->past_at = self->past_count = 0;
  memset (self->past, 0, sizeof self->past);
  memset (self->box, 0, sizeof self->box);
  self->loudness_lufs = DMIX_KWEIGHT_SILENCE_LUFS;
  self->raw_db = self->slewed_db = self->gain_db = 0.0;
  self->missed = self->heard = self->trim_db = 0.0;
}

void
dmix_levelcontrol_set_params (DmixLevelControl *self,
    const DmixLevelControlParams *params)
{
  self->params = (DmixLevelControlParams){
    .target_lufs = dmix_clamp (params->target_lufs, -60.0, 0.0),
    .max_gain_db = dmix_clamp (params->max_gain_db, 0.0, 60.0),
    .max_cut_db = dmix_clamp (params->max_cut_db, 0.0, 60.0),
    .speed_db_s = dmix_clamp (params->speed_db_s, 0.1, 100.0),
    .gate_lufs = dmix_clamp (params->gate_lufs, -120.0, 0.0),
    .phrase_db = dmix_clamp (params->phrase_db, 0.0, 60.0),
    .trim_s = dmix_clamp (params->trim_s, 1.0, 1000.0),
    .burst = dmix_clamp (params->burst, 1.0, 100.0),
  };
}

/*** loudness ***/

static double
median (const double *value, unsigned count)
{
  double sorted[WINDOW];

  for (unsigned i = 0; i < count; i++) {
    unsigned k = i;

    for (; k > 0 && sorted[k - 1] > value[i]; k--)
      sorted[k] = sorted[k - 1];
    sorted[k] = value[i];
  }
  return sorted[count / 2];
}

/* Loudness of some blocks, LUFS. count: at least 1. */
static double
loudness_of (const double *block, unsigned count)
{
  const double middle = median (block, count);
  double sum = 0.0;
  unsigned members = 0;

  for (unsigned i = 0; i < count; i++)
    if (block[i] >= SOFTEST * middle && block[i] <= LOUDEST * middle) {
      sum += block[i];
      members++;
    }
  return dmix_kweight_lufs (sum / members);
}

/* The block that came `age` blocks before the newest. */
static const Block *
block_at (const DmixLevelControl *self, unsigned age)
{
  return &self->block[(self->newest + BLOCKS - age) % BLOCKS];
}

/* Whether the block i blocks behind the present counts. */
static int
counts_ahead (const DmixLevelControl *self, unsigned i)
{
  return self->confirmed_ahead
      && block_at (self, self->ahead_blocks - 1 - i)->counts;
}

/* The blocks that count behind the moment `from` blocks after the present, the nearest
 * one first. */
static unsigned
blocks_ahead (const DmixLevelControl *self, unsigned from, double *block)
{
  unsigned count = 0;

  for (unsigned i = from; i < self->ahead_blocks; i++)
    if (counts_ahead (self, i))
      block[count++] = block_at (self, self->ahead_blocks - 1 - i)->momentary;
  return count;
}

/* The same before that moment, the nearest one first. */
static unsigned
blocks_past (const DmixLevelControl *self, unsigned from, double *block)
{
  unsigned count = 0;

  for (unsigned i = from; i-- > 0;)
    if (counts_ahead (self, i))
      block[count++] = block_at (self, self->ahead_blocks - 1 - i)->momentary;
  for (unsigned i = 0; i < self->past_count && count < WINDOW; i++)
    block[count++] = self->past[(self->past_at + WINDOW - 1 - i) % WINDOW];
  return count;
}

/* Weight of a side that is `off_db` from the blocks around the present. */
static double
fit (double off_db)
{
  const double square = off_db * off_db / (FIT_DB * FIT_DB);

  return 1.0 / (1.0 + square * square);
}

/* Non-zero if the gain follows phrases by more than the trim could mend. */
static int
follows_phrases (const DmixLevelControl *self)
{
  return self->ahead_blocks >= FEWEST_OF_PHRASE
      && self->params.phrase_db > MAX_TRIM_DB;
}

/* The latest blocks, in the order of time. */
static void
as_phrase (const DmixLevelControl *self, DmixPhraseBlock *block, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    const unsigned age = count - 1 - i;
    const Block *b = block_at (self, age);
    const int ahead = age < self->ahead_blocks;

    block[i] = (DmixPhraseBlock){ b->momentary, b->counts,
      ahead ? self->confirmed_ahead : b->confirmed };
  }
}

/* Loudness of the phrase at the moment, near `wide_lufs`, that of the seconds
 * around it. */
static double
of_phrase (const DmixLevelControl *self, unsigned from, double wide_lufs,
    double loudest_lufs)
{
  DmixPhraseBlock block[DMIX_PHRASELEVEL_REACH + MOST_AHEAD];
  const unsigned count = DMIX_PHRASELEVEL_REACH + self->ahead_blocks - from;

  if (self->ahead_blocks < FEWEST_OF_PHRASE)
    return wide_lufs;
  as_phrase (self, block, count);
  return dmix_phraselevel_lufs (block, count, DMIX_PHRASELEVEL_REACH, wide_lufs,
      loudest_lufs, self->params.phrase_db);
}

static double
between (const DmixLevelControl *self, unsigned from, const double *past,
    unsigned pasts, const double *ahead, unsigned aheads)
{
  const unsigned left = pasts >= SIDE + SHOUT ? SHOUT : 0;
  const unsigned used = DMIX_MIN (pasts - left, SIDE);
  const double before = loudness_of (past + left, used);
  const unsigned skipped = aheads > 2 * SHOUT ? SHOUT : 0;
  const double behind = loudness_of (ahead + skipped, aheads - skipped);
  double near[2 * NEAR], here, edge, a, b;

  memcpy (near, past, NEAR * sizeof *near);
  memcpy (near + NEAR, ahead, NEAR * sizeof *near);
  here = loudness_of (near, 2 * NEAR);
  edge = dmix_clamp ((fabs (before - behind) - SAME_DB) / 2.0, 0.0, 1.0);
  a = used * pow (fit (before - here), edge);
  b = aheads * pow (fit (behind - here), edge);
  return of_phrase (self, from, (a * before + b * behind) / (a + b),
      fmax (loudness_of (past, DMIX_MIN (pasts, LONG_SIDE)), behind));
}

/* The loudness around the moment `from` blocks after the present; it stays
 * `last_lufs` without sound that counts. */
static double
find_loudness (const DmixLevelControl *self, unsigned from, double last_lufs)
{
  double past[WINDOW], ahead[MOST_AHEAD];
  const unsigned pasts = blocks_past (self, from, past);
  const unsigned aheads = blocks_ahead (self, from, ahead);

  if (pasts >= FEWEST_PAST && aheads >= FEWEST)
    return between (self, from, past, pasts, ahead, aheads);
  if (pasts >= FEWEST)
    return loudness_of (past, pasts);
  return aheads >= FEWEST ? loudness_of (ahead, aheads) : last_lufs;
}

/*** gain ***/

/* Adds the present block to the trim, with the gain that it gets without it. */
static void
add_to_trim (DmixLevelControl *self, double block, double gain_db)
{
  const double keep = exp (-BLOCK_S / self->params.trim_s);
  const double over = block * dmix_power_from_db (gain_db)
      / dmix_kweight_mean_square (self->params.target_lufs);

  if (!(block > 0.0)
      || (self->heard > 0.0 && over < SOFTEST * self->missed / self->heard))
    return;
  self->missed = keep * self->missed + fmin (over, self->params.burst);
  self->heard = keep * self->heard + 1.0;
  self->trim_db = -dmix_db_from_power (self->missed / self->heard)
      * fmin (1.0, self->heard * BLOCK_S / TRUSTED_S);
  self->trim_db = dmix_clamp (self->trim_db, -MAX_TRIM_DB, MAX_TRIM_DB);
}

/* Mean square of some steps; counts: whether at least half of them do. What does not
 * count and is louder is another sound, which has just ended or begins; what is softer
 * is a pause of this one. */
static double
mean_of (const Sum *sum, unsigned steps, int *counts)
{
  const unsigned others = steps - sum->members;

  *counts = sum->members >= others;
  if (*counts
      && (sum->energy - sum->counted) * sum->members > sum->counted * others)
    return sum->counted / sum->members;
  return sum->energy / steps;
}

/* The block of the steps since the last call. */
static Block
take_block (DmixLevelControl *self, int confirmed)
{
  Block block = { .confirmed = confirmed, .slewed_db = self->slewed_db };
  Sum all = { 0 };

  block.mean_square = mean_of (&self->sum, STEPS_PER_BLOCK, &block.own);
  self->recent[self->recent_at] = self->sum;
  self->recent_at = (self->recent_at + 1) % MOMENTARY;
  self->sum = (Sum){ 0 };
  self->steps = 0;
  for (unsigned i = 0; i < MOMENTARY; i++) {
    all.energy += self->recent[i].energy;
    all.counted += self->recent[i].counted;
    all.members += self->recent[i].members;
  }
  block.momentary = mean_of (&all, MOMENTARY * STEPS_PER_BLOCK, &block.counts);
  return block;
}

/* Takes the newest block; the one that becomes the present leaves, 0 if it does not
 * count. */
static double
push_block (DmixLevelControl *self, const Block *newest)
{
  const Block *present;

  self->newest = (self->newest + 1) % BLOCKS;
  self->block[self->newest] = *newest;
  self->unconfirmed = newest->confirmed ? 0 : self->unconfirmed + 1;
  self->confirmed_ahead = self->unconfirmed <= PATIENCE;
  present = block_at (self, self->ahead_blocks);
  return present->counts && present->confirmed ? present->momentary : 0.0;
}

static double
wanted_db (const DmixLevelControl *self, double lufs)
{
  return dmix_clamp (self->params.target_lufs - lufs, -self->params.max_cut_db,
      self->params.max_gain_db);
}

/* Sets gain[0] to the gain that the phrase at the present wants, and so on: at every
 * STRIDE blocks that of the phrase there, between them on a line. */
static void
plan_phrases (const DmixLevelControl *self, double *gain, unsigned count)
{
  double lufs = self->loudness_lufs, last = wanted_db (self, lufs);

  gain[0] = last;
  for (unsigned from = 0; from + 1 < count; from += STRIDE) {
    const unsigned next = from + STRIDE;
    double step;

    if (next < self->ahead_blocks)
      lufs = find_loudness (self, next, lufs);
    step = (wanted_db (self, lufs) - last) / STRIDE;
    for (unsigned i = from + 1; i <= next && i < count; i++)
      gain[i] = last += step;
  }
}

/* Speech was found by 400 ms, which are late by 200: they begin to count two blocks
 * behind its begin, and count for two blocks of the music behind its end. So a block
 * is speech if it counts itself and one of the three 400 ms that it is in is speech. */
static void
keep_own (const DmixLevelControl *self, int *speech, unsigned count)
{
  for (unsigned i = 0; i < count; i++) {
    const int later =
        (i + 1 < count && speech[i + 1]) || (i + 2 < count && speech[i + 2]);

    speech[i] = (speech[i] || later) && block_at (self, count - 1 - i)->own;
  }
}

/* dB by which the gain of the present has to differ from what its phrase wants. What
 * is decided now is for the 100 ms that came a block before the present, and is
 * reached at the end of the next block. */
static double
correct (const DmixLevelControl *self)
{
  const unsigned before = DMIX_LEVELPLAN_PRESENT + 2;
  DmixPhraseBlock block[DMIX_LEVELPLAN_MOST];
  DmixLevelPlan plan = {
    .count = before + self->ahead_blocks,
    .target_lufs = self->params.target_lufs,
    .lowest_db = -self->params.max_cut_db,
    .highest_db = self->params.max_gain_db,
    .most_db = self->params.speed_db_s * BLOCK_S,
  };

  for (unsigned i = 0; i < plan.count; i++)
    plan.mean_square[i] = block_at (self, plan.count - 1 - i)->mean_square;
  for (unsigned i = 0; i < DMIX_LEVELPLAN_PRESENT; i++)
    plan.gain_db[i] =
        block_at (self, DMIX_LEVELPLAN_PRESENT - 1 - i)->slewed_db;
  as_phrase (self, block, plan.count);
  dmix_phraselevel_find_speech (block, plan.count, before, plan.speech);
  keep_own (self, plan.speech, plan.count);
  plan_phrases (self, plan.gain_db + DMIX_LEVELPLAN_PRESENT,
      plan.count - DMIX_LEVELPLAN_PRESENT);
  return dmix_levelplan_correction (&plan);
}

static void
end_block (DmixLevelControl *self, int confirmed)
{
  const DmixLevelControlParams *p = &self->params;
  const Block newest = take_block (self, confirmed);
  const double block = push_block (self, &newest);
  double wanted, gain_db;

  if (block > 0.0) {
    self->past[self->past_at] = block;
    self->past_at = (self->past_at + 1) % WINDOW;
    self->past_count += self->past_count < WINDOW;
  }
  self->loudness_lufs = find_loudness (self, 0, self->loudness_lufs);
  if (self->loudness_lufs <= DMIX_KWEIGHT_SILENCE_LUFS)
    return;
  if (follows_phrases (self)) {
    self->raw_db =
        dmix_clamp (wanted_db (self, self->loudness_lufs) + correct (self),
            -p->max_cut_db, p->max_gain_db);
    return;
  }
  wanted = p->target_lufs - self->loudness_lufs;
  gain_db = self->gain_db - self->trim_db;
  if (wanted >= -p->max_cut_db && wanted <= p->max_gain_db
      && fabs (gain_db - wanted) <= SETTLED_DB)
    add_to_trim (self, block, gain_db);

  self->raw_db =
      dmix_clamp (wanted + self->trim_db, -p->max_cut_db, p->max_gain_db);
}

static double
box_push (Box *self, double value)
{
  double sum = 0.0;

  self->value[self->at] = value;
  self->at = (self->at + 1) % BOX;
  for (unsigned i = 0; i < BOX; i++)
    sum += self->value[i];
  return sum / BOX;
}

double
dmix_levelcontrol_step (DmixLevelControl *self, double mean_square, int counts,
    int confirmed)
{
  const double most = self->params.speed_db_s * STEP_S;
  double gain_db;

  self->sum.energy += mean_square;
  if (counts && dmix_kweight_lufs (mean_square) > self->params.gate_lufs) {
    self->sum.counted += mean_square;
    self->sum.members++;
  }
  if (++self->steps == STEPS_PER_BLOCK)
    end_block (self, confirmed);
  self->slewed_db += dmix_clamp (self->raw_db - self->slewed_db, -most, most);
  gain_db = self->slewed_db;
  for (unsigned i = 0; i < BOXES; i++)
    gain_db = box_push (&self->box[i], gain_db);
  self->gain_db = gain_db;
  return gain_db;
}

double
dmix_levelcontrol_get_loudness_lufs (const DmixLevelControl *self)
{
  return self->loudness_lufs;
}

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
 *              block (phraselevel.h): so short-term loudness varies less, too
 *   gain       target - loudness + trim, limited, at most speed_db_s fast, then
 *              four running means of 0.4 s, which leave -50 dB at 2 Hz
 *   trim       the mean over the last trim_s of by how much blocks with that
 *              gain miss the target (gated at -10 LU as in BS.1770-5): the
 *              energy mean of levelled windows is not that of the whole. None where
 *              the gain follows phrases: it would be 0.1 to 0.4 dB
 *
 * State
 *   sum, recent[]     of the current block and the last four
 *   ahead[]           blocks behind the present, 0 where they do not count;
 *                     ahead[next] is the oldest
 *   past[]            latest blocks before the present that count, a ring
 *   raw_db            gain of the latest block; slewed_db, with the
 *                     speed; gain_db, smoothed
 *   box[]             the running means: their latest inputs
 *   missed, heard     sums for the trim: energy over target, weight
 */
#include "dynamics/levelcontrol.h"

#include "base/units.h"
#include "dynamics/phraselevel.h"
#include "meter/kweight.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_PER_BLOCK 10
#define MOMENTARY 4 /* blocks in a momentary loudness */
#define STEP_S 0.01
#define BLOCK_S 0.1
#define BOX 40 /* steps */
#define BOXES 4
#define KERNEL_STEPS (BOXES * BOX / 2)
/* delay of the gain and of the middle of a momentary loudness */
#define LEAST_AHEAD (KERNEL_STEPS + MOMENTARY * STEPS_PER_BLOCK / 2)
#define WINDOW 120 /* blocks before, without look-ahead */
#define SIDE 28    /* the same, with */

#define LONG_SIDE 50 /* of which a shout of 1.5 s is the lesser part */

#define MOST_AHEAD (DMIX_LEVELCONTROL_MAX_AHEAD / STEPS_PER_BLOCK)
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

  double ahead[MOST_AHEAD], sound[MOST_AHEAD];
  int confirmed[MOST_AHEAD], confirmed_ahead;
  unsigned ahead_blocks, next, unconfirmed;
  DmixPhraseBlock before[DMIX_PHRASELEVEL_REACH];
  unsigned before_at;
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
  memset (self->ahead, 0, sizeof self->ahead);
  memset (self->sound, 0, sizeof self->sound);
  memset (self->confirmed, 0, sizeof self->confirmed);
  memset (self->before, 0, sizeof self->before);
  self->before_at = self->confirmed_ahead = 0;
  self->unconfirmed = PATIENCE + 1;
  self->next = self->past_at = self->past_count = 0;
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

/* The blocks that count behind the present, the nearest one first. */
static unsigned
blocks_ahead (const DmixLevelControl *self, double *block)
{
  unsigned count = 0;

  for (unsigned i = 0; i < self->ahead_blocks; i++) {
    const double value = self->ahead[(self->next + i) % self->ahead_blocks];

    if (value > 0.0 && self->confirmed_ahead)
      block[count++] = value;
  }
  return count;
}

/* The same before the present, the nearest one first. */
static unsigned
blocks_past (const DmixLevelControl *self, double *block)
{
  for (unsigned i = 0; i < self->past_count; i++)
    block[i] = self->past[(self->past_at + WINDOW - 1 - i) % WINDOW];
  return self->past_count;
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

/* Loudness of the phrase at the present, near `wide_lufs`, that of the seconds
 * around it. */
static double
of_phrase (const DmixLevelControl *self, double wide_lufs, double loudest_lufs)
{
  DmixPhraseBlock block[DMIX_PHRASELEVEL_REACH + MOST_AHEAD];

  if (self->ahead_blocks < FEWEST_OF_PHRASE)
    return wide_lufs;
  for (unsigned i = 0; i < DMIX_PHRASELEVEL_REACH; i++)
    block[i] = self->before[(self->before_at + i) % DMIX_PHRASELEVEL_REACH];
  for (unsigned i = 0; i < self->ahead_blocks; i++) {
    const unsigned at = (self->next + i) % self->ahead_blocks;

    block[DMIX_PHRASELEVEL_REACH + i] = (DmixPhraseBlock){
      .mean_square = self->sound[at],
      .counts = self->ahead[at] > 0.0,
      .confirmed = self->confirmed_ahead,
    };
  }
  return dmix_phraselevel_lufs (block,
      DMIX_PHRASELEVEL_REACH + self->ahead_blocks, DMIX_PHRASELEVEL_REACH,
      wide_lufs, loudest_lufs, self->params.phrase_db);
}

static double
between (const DmixLevelControl *self, const double *past, unsigned pasts,
    const double *ahead, unsigned aheads)
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
  return of_phrase (self, (a * before + b * behind) / (a + b),
      fmax (loudness_of (past, DMIX_MIN (pasts, LONG_SIDE)), behind));
}

/* Updates the loudness around the present; without sound that counts it stays. */
static void
find_loudness (DmixLevelControl *self)
{
  double past[WINDOW], ahead[MOST_AHEAD];
  const unsigned pasts = blocks_past (self, past);
  const unsigned aheads = blocks_ahead (self, ahead);

  if (pasts >= FEWEST_PAST && aheads >= FEWEST)
    self->loudness_lufs = between (self, past, pasts, ahead, aheads);
  else if (pasts >= FEWEST)
    self->loudness_lufs = loudness_of (past, pasts);
  else if (aheads >= FEWEST)
    self->loudness_lufs = loudness_of (ahead, aheads);
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

/* Takes the steps since the last call: the mean square of the last 400 ms, and
 * whether at least half of them counts. What does not count and is louder is another
 * sound, which has just ended or begins; what is softer is a pause of this one. */
static double
momentary (DmixLevelControl *self, int *counts)
{
  Sum all = { 0 };
  unsigned others;

  self->recent[self->recent_at] = self->sum;
  self->recent_at = (self->recent_at + 1) % MOMENTARY;
  self->sum = (Sum){ 0 };
  self->steps = 0;
  for (unsigned i = 0; i < MOMENTARY; i++) {
    all.energy += self->recent[i].energy;
    all.counted += self->recent[i].counted;
    all.members += self->recent[i].members;
  }
  others = MOMENTARY * STEPS_PER_BLOCK - all.members;
  *counts = all.members >= others;
  if (*counts
      && (all.energy - all.counted) * all.members > all.counted * others)
    return all.counted / all.members;
  return all.energy / (MOMENTARY * STEPS_PER_BLOCK);
}

/* Takes the newest block; the one that becomes the present leaves, 0 if it does not
 * count. */
static double
pass_ahead (DmixLevelControl *self, double newest, int counts, int confirmed)
{
  const unsigned at = self->next;
  const DmixPhraseBlock present = { self->sound[at], self->ahead[at] > 0.0,
    self->confirmed[at] };

  self->unconfirmed = confirmed ? 0 : self->unconfirmed + 1;
  self->confirmed_ahead = self->unconfirmed <= PATIENCE;
  self->sound[at] = newest;
  self->ahead[at] = counts ? newest : 0.0;
  self->confirmed[at] = confirmed;
  self->next = (at + 1) % self->ahead_blocks;
  self->before[self->before_at] = present;
  self->before_at = (self->before_at + 1) % DMIX_PHRASELEVEL_REACH;
  return present.counts && present.confirmed ? present.mean_square : 0.0;
}

static void
end_block (DmixLevelControl *self, int confirmed)
{
  const DmixLevelControlParams *p = &self->params;
  double wanted, gain_db, block;
  int counts;

  block = momentary (self, &counts);
  if (self->ahead_blocks > 0)
    block = pass_ahead (self, block, counts, confirmed);
  else if (!counts || !confirmed)
    block = 0.0;
  if (block > 0.0) {
    self->past[self->past_at] = block;
    self->past_at = (self->past_at + 1) % WINDOW;
    self->past_count += self->past_count < WINDOW;
  }
  find_loudness (self);
  if (self->loudness_lufs <= DMIX_KWEIGHT_SILENCE_LUFS)
    return;
  wanted = p->target_lufs - self->loudness_lufs;
  gain_db = self->gain_db - self->trim_db;
  if (wanted >= -p->max_cut_db && wanted <= p->max_gain_db
      && fabs (gain_db - wanted) <= SETTLED_DB && !follows_phrases (self))
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

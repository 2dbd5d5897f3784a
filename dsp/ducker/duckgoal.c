/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: two histograms of the signal-to-noise ratio of all cells (a band of a
 * frame) with dialogue, as in speech/intelligibility.c: one counts cells, the
 * other sums their importance. A depth of g dB shifts both by g to the right,
 * so either measure can be computed for any depth. Bisection finds the
 * smallest depth that meets the goal.
 *
 * State
 *   cells[], weight[]   the histograms, with exponential forgetting
 *   level[]             histogram of the dialogue's frame levels, for the gate
 *   frames, heard       number of frames in level[], and in the histograms
 *   recent[]            the last frames, a ring of count and next place: to fill
 *                       the histograms anew without a loud moment
 */
#include "ducker/duckgoal.h"

#include "base/units.h"
#include "speech/intelligibility.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BANDS DMIX_SPEECHBANDS
#define LOWEST_SNR -80.0
#define BINS 640 /* -80 to +80 dB */
#define BINS_PER_DB 4.0
#define LEVELS 220 /* bins of 1 dB, from -140 dB */
#define LOWEST_LEVEL -140.0
#define GATE_DB 32
#define GATE_SHARE 0.05
#define GLIMPSE_DB 3.0
#define INAUDIBLE_DB -110.0 /* the voice has no energy in the band */
#define MEMORY_S 12.0
#define RECENT 250  /* frames, 5 s */
#define BEFORE 3    /* frames beside a loud one that may hold some of it, ... */
#define AFTER 15    /* ... or its echo */
#define ENOUGH 50.0 /* frames, 1 s: least data for an answer */

typedef struct
{
  double level_lufs;
  double level_db;           /* unweighted, for the gate */
  unsigned short bin[BANDS]; /* of cells[] and weight[] */
} RecentFrame;

struct DmixDuckGoal
{
  double cells[BINS], weight[BINS];
  double level[LEVELS];
  double frames, heard;
  RecentFrame recent[RECENT];
  unsigned count, next;
};

DmixDuckGoal *
dmix_duckgoal_new (void)
{
  return calloc (1, sizeof (DmixDuckGoal));
}

void
dmix_duckgoal_free (DmixDuckGoal *self)
{
  free (self);
}

void
dmix_duckgoal_reset (DmixDuckGoal *self)
{
  memset (self, 0, sizeof *self);
}

void
dmix_duckgoal_take_over (DmixDuckGoal *self, const DmixDuckGoal *from)
{
  *self = *from;
}

static int
place (double value, double lowest, double per_db, int count)
{
  const double at = (value - lowest) * per_db;

  return (int) dmix_clamp (at, 0.0, count - 1);
}

/* Counts the level; non-zero if it is within GATE_DB of the loudest speech. */
static int
is_dialogue (DmixDuckGoal *self, double level_db)
{
  const int now = place (level_db, LOWEST_LEVEL, 1.0, LEVELS);
  double above;
  int top = LEVELS - 1;

  self->level[now] += 1.0;
  self->frames += 1.0;
  above = GATE_SHARE * self->frames;
  while (top > 0 && self->level[top] <= above)
    above -= self->level[top--];
  return now > 1 && now >= top - GATE_DB;
}

static void
fade (DmixDuckGoal *self)
{
  const double keep = 1.0 - DMIX_SPEECHBANDS_HOP_S / MEMORY_S;

  for (int i = 0; i < BINS; i++) {
    self->cells[i] *= keep;
    self->weight[i] *= keep;
  }
  for (int i = 0; i < LEVELS; i++)
    self->level[i] *= keep;
  self->frames *= keep;
  self->heard *= keep;
}

static void
add_frame (DmixDuckGoal *self, const RecentFrame *frame)
{
  if (!is_dialogue (self, frame->level_db))
    return;
  fade (self);
  for (int b = 0; b < BANDS; b++) {
    self->cells[frame->bin[b]] += 1.0 / BANDS;
    self->weight[frame->bin[b]] += dmix_intelligibility_importance[b];
  }
  self->heard += 1.0;
}

void
dmix_duckgoal_add (DmixDuckGoal *self, const DmixSpeechBandsFrame *frame,
    double level_lufs, double gain_db, const double *band_depth_db)
{
  RecentFrame *now = &self->recent[self->next];
  double level = 0.0;

  for (int b = 0; b < BANDS; b++) {
    const double voice_db = dmix_intelligibility_db (frame->dialogue[b]);
    const double snr = voice_db - dmix_intelligibility_db (frame->background[b])
        + gain_db + (band_depth_db ? band_depth_db[b] : 0.0);

    level += frame->dialogue[b];
    now->bin[b] = voice_db < INAUDIBLE_DB
        ? 0
        : (unsigned short) place (snr, LOWEST_SNR, BINS_PER_DB, BINS);
  }
  now->level_lufs = level_lufs;
  now->level_db = dmix_intelligibility_db (level);
  self->next = (self->next + 1) % RECENT;
  self->count += self->count < RECENT;
  add_frame (self, now);
}

void
dmix_duckgoal_forget_loud (DmixDuckGoal *self, double level_lufs)
{
  const unsigned count = self->count;
  const unsigned oldest = (self->next + RECENT - count) % RECENT;
  unsigned loud_until = 0;

  memset (self->cells, 0, sizeof self->cells);
  memset (self->weight, 0, sizeof self->weight);
  memset (self->level, 0, sizeof self->level);
  self->frames = self->heard = 0.0;
  for (unsigned i = 0; i < count; i++) {
    int loud = i < loud_until;

    for (unsigned j = i; j <= i + BEFORE && j < count; j++)
      if (self->recent[(oldest + j) % RECENT].level_lufs > level_lufs) {
        loud = 1;
        loud_until = j + AFTER + 1;
      }
    if (!loud)
      add_frame (self, &self->recent[(oldest + i) % RECENT]);
  }
}

/* The measure (0 to 1) that a ducking depth would give. */
static double
measure (const DmixDuckGoal *self, DmixDuckGoalKind kind, double depth_db)
{
  double sum = 0.0;

  for (int i = 0; i < BINS; i++) {
    const double snr = LOWEST_SNR + (i + 0.5) / BINS_PER_DB + depth_db;

    if (kind == DMIX_DUCK_GOAL_GLIMPSE)
      sum += snr > GLIMPSE_DB ? self->cells[i] : 0.0;
    else
      sum += self->weight[i] * dmix_clamp ((snr + 15.0) / 30.0, 0.0, 1.0);
  }
  return sum / self->heard;
}

double
dmix_duckgoal_get_depth (const DmixDuckGoal *self, DmixDuckGoalKind kind,
    double share, double most_db)
{
  double low = 0.0, high = most_db;

  if (self->heard < ENOUGH)
    return -1.0;
  if (measure (self, kind, low) >= share)
    return low;
  if (measure (self, kind, high) < share)
    return high;
  while (high - low > 0.1) {
    const double middle = 0.5 * (low + high);

    if (measure (self, kind, middle) < share)
      low = middle;
    else
      high = middle;
  }
  return high;
}

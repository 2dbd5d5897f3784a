/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: hysteresis and hold on the K-weighted level of the last 20 ms (short
 * enough to follow syllables, long enough to bridge the periods of a voice).
 *
 * The reference is the running level of the active dialogue, averaged in dB
 * over 3 s, and faster while little has been heard; steps far below it (room
 * between words) do not count. It may also sink by 1 dB a second, 12 dB at
 * the most, while something is audible that does not reach the threshold, or
 * reaches it and has not counted for a second: else a quiet speaker after a
 * loud one would never be found, or never become the usual one. What is more
 * than 12 dB above it is another voice, or the first one after a noisy room,
 * and is learnt afresh: else the room would pass for it for seconds. A loud moment
 * (a slate, a cough near the microphone) is not a voice: until 3 s of the louder
 * level have been heard, half a second of the level before, modulated as speech
 * is, brings the old reference back.
 *
 * State
 *   window     mean squares of the steps of the last 20 ms; `at` the oldest
 *   reference  usual level of the active dialogue, LUFS
 *   lowest     how far the reference may sink
 *   heard      seconds that have formed the reference
 *   unlike     active seconds since then
 *   above      seconds more than LOUDER_DB above the reference, without a break
 *   before     reference before the last jump to a louder level, LUFS, and the
 *              seconds that had formed it
 *   loud       seconds of the louder level since; < 0: no jump is in doubt
 *   back       seconds at the level of `before` since; their lowest and highest
 *              level, LUFS
 *   hold       steps of hold that are left
 */
#include "ducker/activity.h"
#include "base/units.h"
#include "meter/kweight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW_S 0.020
#define AVERAGE_S 3.0
#define FIRST_S 0.3     /* a first impression needs this much speech */
#define COUNTS_DB -15.0 /* steps below reference - 15 dB are pauses */
#define LOUDER_DB 12.0  /* no voice is so far above its usual level */
#define PEAK_S 0.06     /* ... for longer than this */
#define UNLIKE_S 1.0    /* longer than a dip between words */
#define SINK_DB_PER_S 1.0
#define SINK_MOST_DB 12.0
#define LOUD_S 3.0         /* a louder level is a voice after so much of it */
#define BACK_S 0.5         /* the old voice is back after so much of it, ... */
#define BACK_SPREAD_DB 8.0 /* ... if its level varies as no room tone does */
#define UNKNOWN_LUFS -30.0 /* opens at -46: any usual speech, no hiss */

struct DmixActivity
{
  double step_s;
  double *window;
  unsigned length, at;
  double reference, lowest;
  double heard, unlike;
  double above, before, heard_before, loud;
  struct
  {
    double span, lowest, highest;
  } back;
  unsigned hold, hold_steps;
  int active;
  DmixActivityParams params;
};

DmixActivity *
dmix_activity_new (double step_s)
{
  DmixActivity *self;

  if (!(step_s >= 1e-5 && step_s <= 1.0) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->step_s = step_s;
  self->length = (unsigned) fmax (1.0, round (WINDOW_S / step_s));
  self->window = calloc (self->length, sizeof *self->window);
  if (!self->window) {
    free (self);
    return NULL;
  }
  dmix_activity_reset (self);
  return self;
}

void
dmix_activity_free (DmixActivity *self)
{
  if (!self)
    return;
  free (self->window);
  free (self);
}

void
dmix_activity_reset (DmixActivity *self)
{
  memset (self->window, 0, self->length * sizeof *self->window);
  self->at = 0;
  self->reference = UNKNOWN_LUFS;
  self->lowest = UNKNOWN_LUFS - SINK_MOST_DB;
  self->heard = self->unlike = 0.0;
  self->before = UNKNOWN_LUFS;
  self->heard_before = 0.0;
  self->loud = -1.0;
  self->above = 0.0;
  self->back.span = 0.0;
  self->hold = 0;
  self->active = 0;
}

void
dmix_activity_set_params (DmixActivity *self, const DmixActivityParams *params)
{
  DmixActivityParams *p = &self->params;

  p->open_db = dmix_clamp (params->open_db, -60.0, 0.0);
  p->close_db = dmix_clamp (params->close_db, -60.0, p->open_db);
  p->floor_lufs = dmix_clamp (params->floor_lufs, -120.0, 0.0);
  p->hold_ms = dmix_clamp (params->hold_ms, 0.0, 10000.0);
  self->hold_steps = (unsigned) round (p->hold_ms / 1000.0 / self->step_s);
  if (self->hold > self->hold_steps)
    self->hold = self->hold_steps;
}

/* Mean of the window, summed anew: twenty additions, and no rounding error
 * can build up over hours. */
static double
windowed (DmixActivity *self, double mean_square)
{
  double sum = 0.0;

  self->window[self->at] = mean_square;
  self->at = self->at + 1 == self->length ? 0 : self->at + 1;
  for (unsigned i = 0; i < self->length; i++)
    sum += self->window[i];
  return sum / self->length;
}

/* A step above reference + LOUDER_DB begins a jump to a louder level. */
static void
note_louder (DmixActivity *self, double level)
{
  self->above =
      level > self->reference + LOUDER_DB ? self->above + self->step_s : 0.0;
  if (self->above > PEAK_S) {
    if (self->loud < 0.0) {
      self->before = self->reference;
      self->heard_before = self->heard;
      self->loud = 0.0;
    }
    self->heard = 0.0;
  }
  if (self->loud >= 0.0)
    self->loud += self->step_s;
  if (self->loud > LOUD_S)
    self->loud = -1.0;
  if (level > self->before + LOUDER_DB)
    self->back.span = 0.0;
}

/* Takes the last jump back when the level of before it is heard again. */
static void
note_back (DmixActivity *self, double level)
{
  if (self->loud < 0.0 || level < self->before + COUNTS_DB
      || level > self->before + LOUDER_DB)
    return;
  if (self->back.span == 0.0)
    self->back.lowest = self->back.highest = level;
  self->back.lowest = fmin (self->back.lowest, level);
  self->back.highest = fmax (self->back.highest, level);
  self->back.span += self->step_s;
  if (self->back.span >= BACK_S
      && self->back.highest - self->back.lowest >= BACK_SPREAD_DB) {
    self->reference = self->before;
    self->heard = self->heard_before;
    self->lowest = self->reference - SINK_MOST_DB;
    self->loud = -1.0;
    self->back.span = 0.0;
  }
}

static void
learn_reference (DmixActivity *self, double level)
{
  double heard, weight;

  if (level <= self->params.floor_lufs)
    return;
  if (self->active)
    self->unlike += self->step_s;
  if (self->active && level > self->reference + COUNTS_DB) {
    note_louder (self, level);
    self->heard += self->step_s;
    heard = self->heard + FIRST_S;
    weight = self->step_s / DMIX_MIN (heard, AVERAGE_S);
    self->reference += weight * (level - self->reference);
    self->lowest = self->reference - SINK_MOST_DB;
    self->unlike = 0.0;
    note_back (self, level);
    return;
  }
  note_back (self, level);
  if ((!self->active || self->unlike > UNLIKE_S)
      && self->reference > self->lowest) {
    self->reference -= SINK_DB_PER_S * self->step_s;
  }
}

/* Above the threshold of the level, if that is what decides. */
static int
is_speaking (const DmixActivity *self, double level,
    DmixActivityOpinion opinion)
{
  const DmixActivityParams *p = &self->params;
  double above = self->reference + (self->active ? p->close_db : p->open_db);

  if (opinion != DMIX_ACTIVITY_UNASKED)
    return opinion == DMIX_ACTIVITY_SPEECH && level > p->floor_lufs;
  return level > fmax (above, p->floor_lufs);
}

DmixActivityState
dmix_activity_step (DmixActivity *self, double mean_square,
    DmixActivityOpinion opinion)
{
  double level = dmix_kweight_lufs (windowed (self, mean_square));
  int speaking = is_speaking (self, level, opinion);

  if (speaking) {
    self->active = 1;
    self->hold = self->hold_steps;
  } else if (self->hold > 0) {
    self->hold--;
  } else {
    self->active = 0;
  }
  learn_reference (self, level);
  return (DmixActivityState){ self->active, speaking, level };
}

void
dmix_activity_take_over (DmixActivity *self, const DmixActivity *from)
{
  double *window = self->window;

  if (self->length != from->length)
    return;
  memcpy (window, from->window, self->length * sizeof *window);
  *self = *from;
  self->window = window;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a ring delays the readings of each step as long as the audio.
 *
 * State
 *   past[]            the ring of readings; `at`: the oldest one
 *   reading           reading of the step put out now; active: dialogue at any
 *                     time in the interval
 *   gain_db_sum, gain_db_min, gain_steps    gain over the interval
 *   needed_db, limited                      depth asked for in the interval
 *   limited_db        the largest that was limited since the reset; 0: none
 *   speech, under     sums of the mean squares of dialogue and background while
 *                     somebody speaks; steps: their number
 *   last_speech, last_under    running means of the same
 */
#include "ducker/duckmeter.h"

#include "base/units.h"
#include "meter/kweight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SHORTTERM_STEPS 1500.0 /* 3 s */
#define LEAST_STEPS 200.0      /* 0.4 s, a block of BS.1770 */
#define LIMITED_DB 1.0         /* what is missing must matter */
#define AUDIBLE 1.1724653e-7   /* mean square of -70 LUFS */

struct DmixDuckMeter
{
  DmixDuckMeterStep *past, reading;
  unsigned length, at;
  double gain_db_sum, gain_db_min;
  unsigned gain_steps;
  double needed_db;
  int limited;
  double limited_db;
  double speech, under, steps, last_speech, last_under;
  double balance_db, balance; /* of the latest step; as a power */
};

DmixDuckMeter *
dmix_duckmeter_new (unsigned delay_steps)
{
  DmixDuckMeter *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->length = delay_steps + 1;
  self->balance = 1.0;
  self->past = calloc (self->length, sizeof *self->past);
  if (!self->past) {
    free (self);
    return NULL;
  }
  return self;
}

void
dmix_duckmeter_free (DmixDuckMeter *self)
{
  if (!self)
    return;
  free (self->past);
  free (self);
}

static void
begin_interval (DmixDuckMeter *self)
{
  self->gain_db_sum = self->gain_db_min = 0.0;
  self->gain_steps = 0;
  self->reading.active = 0;
  self->needed_db = 0.0;
  self->limited = 0;
}

void
dmix_duckmeter_reset (DmixDuckMeter *self)
{
  memset (self->past, 0, self->length * sizeof *self->past);
  self->reading = (DmixDuckMeterStep){ 0, 0.0, 0.0 };
  self->steps = self->speech = self->under = self->limited_db = 0.0;
  self->balance_db = 0.0;
  self->balance = 1.0;
  begin_interval (self);
}

/* Adds the output of a step to the difference while somebody speaks. */
static void
compare (DmixDuckMeter *self, const DmixDuckMeterStep *step, double gain_db)
{
  double speech, under, share;

  if (step->restart)
    self->steps = self->speech = self->under = 0.0;
  if (!step->speaking)
    return;
  if (step->balance_db != self->balance_db) {
    self->balance_db = step->balance_db;
    self->balance = dmix_power_from_db (step->balance_db);
  }
  speech = step->dialogue_now * self->balance;
  under = step->background_now * dmix_power_from_db (gain_db);
  self->speech += speech;
  self->under += under;
  self->steps += 1.0;
  share = 1.0 / DMIX_MIN (self->steps, SHORTTERM_STEPS);
  if (self->steps == 1.0)
    self->last_speech = self->last_under = 0.0;
  self->last_speech += share * (speech - self->last_speech);
  self->last_under += share * (under - self->last_under);
}

void
dmix_duckmeter_add (DmixDuckMeter *self, const DmixDuckMeterStep *step,
    double gain_db)
{
  const int was_active = self->reading.active;

  self->past[self->at] = *step;
  self->at = self->at + 1 == self->length ? 0 : self->at + 1;
  self->reading = self->past[self->at];
  self->reading.active |= was_active;
  compare (self, &self->past[self->at], gain_db);
  self->needed_db = DMIX_MAX (self->reading.needed_db, self->needed_db);
  if (self->reading.needed_db > self->reading.range_db + LIMITED_DB) {
    self->limited = 1;
    self->limited_db = fmax (self->limited_db, self->reading.needed_db);
  }
  self->gain_db_sum += gain_db;
  self->gain_db_min = DMIX_MIN (gain_db, self->gain_db_min);
  self->gain_steps++;
}

/* Loudness after a gain; silence stays silence. */
static double
shown (double mean_square, double gain_db)
{
  const double lufs = dmix_kweight_lufs (mean_square);

  return lufs > DMIX_KWEIGHT_SILENCE_LUFS ? lufs + gain_db : lufs;
}

static void
read_difference (const DmixDuckMeter *self, DmixDuckerMeter *meter)
{
  meter->has_difference = self->steps >= LEAST_STEPS
      && self->speech > AUDIBLE * self->steps
      && self->under > AUDIBLE * self->steps && self->last_speech > AUDIBLE
      && self->last_under > AUDIBLE;
  meter->difference_lu = meter->shortterm_difference_lu = 0.0;
  if (!meter->has_difference)
    return;
  meter->difference_lu = dmix_db_from_power (self->speech / self->under);
  meter->shortterm_difference_lu =
      dmix_db_from_power (self->last_speech / self->last_under);
}

void
dmix_duckmeter_read (DmixDuckMeter *self, double gain_db,
    double dialogue_gain_db, double background_gain_db, DmixDuckerMeter *meter)
{
  const unsigned steps = self->gain_steps;

  meter->dialogue_active = self->reading.active;
  meter->gain_mean_db = steps ? self->gain_db_sum / steps : gain_db;
  meter->gain_min_db = steps ? self->gain_db_min : gain_db;
  meter->dialogue_lufs = shown (self->reading.dialogue, dialogue_gain_db);
  meter->background_lufs = shown (self->reading.background,
      background_gain_db + meter->gain_mean_db);
  read_difference (self, meter);
  meter->learned_lufs = dmix_kweight_lufs (self->reading.learned);
  meter->needed_db = self->needed_db;
  meter->limited = self->limited;
  begin_interval (self);
}

double
dmix_duckmeter_get_limited_db (const DmixDuckMeter *self)
{
  return self->limited_db;
}

void
dmix_duckmeter_take_over (DmixDuckMeter *self, const DmixDuckMeter *from)
{
  self->reading = from->reading;
  self->speech = from->speech;
  self->under = from->under;
  self->steps = from->steps;
  self->last_speech = from->last_speech;
  self->last_under = from->last_under;
}

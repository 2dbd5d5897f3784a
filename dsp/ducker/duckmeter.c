/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a ring delays the readings of each step as long as the audio.
 *
 * State
 *   past[]            the ring of readings; `at`: the oldest one
 *   reading           reading of the step put out now; active: dialogue at any
 *                     time in the interval
 *   gain_db_sum, gain_db_min, gain_steps    gain over the interval
 */
#include "ducker/duckmeter.h"

#include "meter/kweight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct DmixDuckMeter
{
  DmixDuckMeterStep *past, reading;
  unsigned length, at;
  double gain_db_sum, gain_db_min;
  unsigned gain_steps;
};

DmixDuckMeter *
dmix_duckmeter_new (unsigned delay_steps)
{
  DmixDuckMeter *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->length = delay_steps + 1;
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
}

void
dmix_duckmeter_reset (DmixDuckMeter *self)
{
  memset (self->past, 0, self->length * sizeof *self->past);
  self->reading = (DmixDuckMeterStep){ 0, 0.0, 0.0 };
  begin_interval (self);
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
  self->gain_db_sum += gain_db;
  self->gain_db_min = fmin (self->gain_db_min, gain_db);
  self->gain_steps++;
}

/* Loudness after a gain; silence stays silence. */
static double
shown (double mean_square, double gain_db)
{
  const double lufs = dmix_kweight_lufs (mean_square);

  return lufs > DMIX_KWEIGHT_SILENCE_LUFS ? lufs + gain_db : lufs;
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
  begin_interval (self);
}

void
dmix_duckmeter_take_over (DmixDuckMeter *self, const DmixDuckMeter *from)
{
  self->reading = from->reading;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: depth = clip (target - (L_dialogue - L_background), 0, range), with
 * both loudnesses K-weighted (ITU-R BS.1770-5). The dialogue's is that of its
 * speech (dialoguelevel). What listeners prefer: at least 10 LU over music and
 * 15 LU over ambience (M. Torcoli et al., J. Audio Eng. Soc. 67(12), 2019).
 *
 * The background's is its mean over 6 s before ducking (a plain mean while less
 * is known), and at least that of its last second: a gust counts at once.
 *
 * The depth may move fast until the voice is known. Later it moves by 1 dB a
 * second inside a phrase, which nobody hears as pumping, and freely between
 * phrases.
 *
 * State
 *   background    mean square of the background
 *   recent        the same of its last second
 *   known_s       seconds that have formed it
 *   depth         the depth of the current phrase, dB
 *   needed        the depth it should have, before `range`, dB
 *   asked_db      depth set for the mode target; < 0: none
 *   phrase_s      how long this phrase has lasted; < 0: no phrase
 */
#include "ducker/duckdepth.h"
#include "base/units.h"
#include "ducker/dialoguelevel.h"
#include "meter/kweight.h"

#include <math.h>
#include <stdlib.h>

#define AVERAGE_S 6.0 /* of the background */
#define RECENT_S 1.0  /* so that a gust counts at once */
#define AUTO_DB 3.0   /* dialogue may be so much softer than the background */
#define AUDIBLE 1.1724653e-7 /* mean square of -70 LUFS, the absolute gate */
#define FAR_DB 1.0           /* while the voice is learned: a depth so wrong */
#define DEEPEN_DB_PER_S 50.0 /* ... moves so fast, */
#define EASE_DB_PER_S 90.0   /* ... and back so, */
#define NEAR_DB_PER_S 4.0    /* ... and otherwise so */
#define MOVE_DB_PER_S 1.0    /* later: slow enough not to pump */

struct DmixDuckDepth
{
  double step_s, free_s;
  DmixDialogueLevel *dialogue;
  double background, recent, known_s;
  double depth, needed, phrase_s, asked_db;
  int is_auto; /* range_db follows target_lu */
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
  self->dialogue = dmix_dialoguelevel_new (step_s);
  if (!self->dialogue) {
    free (self);
    return NULL;
  }
  dmix_duckdepth_reset (self);
  return self;
}

void
dmix_duckdepth_free (DmixDuckDepth *self)
{
  if (!self)
    return;
  dmix_dialoguelevel_free (self->dialogue);
  free (self);
}

void
dmix_duckdepth_reset (DmixDuckDepth *self)
{
  dmix_dialoguelevel_reset (self->dialogue);
  self->background = self->recent = self->known_s = 0.0;
  self->depth = self->needed = 0.0;
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
  self->is_auto = params->range_db < 0.0 && p->mode == DMIX_DUCK_TARGET;
  if (params->range_db < 0.0)
    p->range_db = p->mode == DMIX_DUCK_FIXED ? 60.0 : p->target_lu + AUTO_DB;
  else
    p->range_db = dmix_clamp (params->range_db, 0.0, 60.0);
  p->balance_db = dmix_clamp (params->balance_db, -200.0, 200.0);
  p->dialogue_lufs = params->dialogue_lufs;
  dmix_dialoguelevel_set_known (self->dialogue, params->dialogue_lufs);
}

/* A mean that is plain at first and runs over length_s later. */
static void
average (double *mean, double value, double span_s, double known_s,
    double length_s)
{
  *mean += span_s / DMIX_MIN (known_s, length_s) * (value - *mean);
}

/* The depth that the mode asks for, dB, before `range`. */
static double
needed_depth (const DmixDuckDepth *self)
{
  const DmixDuckDepthParams *p = &self->params;
  double difference;

  if (p->mode == DMIX_DUCK_FIXED)
    return p->depth_db;
  if (self->asked_db >= 0.0)
    return self->asked_db;
  difference = dmix_dialoguelevel_estimate (self->dialogue)
      - dmix_kweight_lufs (DMIX_MAX (self->background, self->recent))
      + p->balance_db;
  return DMIX_MAX (p->target_lu - difference, 0.0);
}

void
dmix_duckdepth_add (DmixDuckDepth *self, double mean_square, double level_lufs)
{
  const DmixActivityState speaking = { 1, 1, level_lufs };

  dmix_dialoguelevel_add (self->dialogue, &speaking, mean_square);
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
  const DmixDuckDepthParams *p = &self->params;
  const int learning = dmix_dialoguelevel_is_learning (self->dialogue);
  const double range_db =
      self->is_auto && learning ? p->target_lu : p->range_db;
  const double needed = DMIX_MIN (self->needed, range_db);
  const double speed = !learning             ? MOVE_DB_PER_S
      : fabs (needed - self->depth) < FAR_DB ? NEAR_DB_PER_S
      : needed > self->depth                 ? DEEPEN_DB_PER_S
                                             : EASE_DB_PER_S;
  const double most = speed * self->step_s;

  if (p->mode == DMIX_DUCK_FIXED || self->phrase_s <= self->free_s)
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
    dmix_dialoguelevel_pause (self->dialogue);
    return 0.0;
  }
  dmix_dialoguelevel_add (self->dialogue, dialogue, dialogue_mean_square);
  self->phrase_s = self->phrase_s < 0.0 ? 0.0 : self->phrase_s + self->step_s;
  self->needed = needed_depth (self);
  follow (self);
  return -self->depth;
}

int
dmix_duckdepth_is_loud (const DmixDuckDepth *self, double level_lufs)
{
  return dmix_dialoguelevel_is_loud (self->dialogue, level_lufs);
}

int
dmix_duckdepth_read_dropped (DmixDuckDepth *self)
{
  return dmix_dialoguelevel_read_dropped (self->dialogue);
}

double
dmix_duckdepth_get_loud_lufs (const DmixDuckDepth *self)
{
  return dmix_dialoguelevel_get_loud_lufs (self->dialogue);
}

void
dmix_duckdepth_set_needed (DmixDuckDepth *self, double depth_db)
{
  self->asked_db = depth_db;
}

double
dmix_duckdepth_get_needed_db (const DmixDuckDepth *self)
{
  return self->needed;
}

double
dmix_duckdepth_get_learned (const DmixDuckDepth *self)
{
  return dmix_dialoguelevel_get_learned (self->dialogue);
}

double
dmix_duckdepth_get_range_db (const DmixDuckDepth *self)
{
  return self->params.range_db;
}

double
dmix_duckdepth_get_depth (const DmixDuckDepth *self)
{
  return self->depth;
}

int
dmix_duckdepth_is_learning (const DmixDuckDepth *self)
{
  return self->params.mode == DMIX_DUCK_TARGET
      && dmix_dialoguelevel_is_learning (self->dialogue);
}

double
dmix_duckdepth_get_dialogue (const DmixDuckDepth *self)
{
  return dmix_dialoguelevel_get_mean (self->dialogue);
}

double
dmix_duckdepth_get_background (const DmixDuckDepth *self)
{
  return self->background;
}

void
dmix_duckdepth_take_over (DmixDuckDepth *self, const DmixDuckDepth *from)
{
  DmixDialogueLevel *dialogue = self->dialogue;

  dmix_dialoguelevel_take_over (dialogue, from->dialogue);
  *self = *from;
  self->dialogue = dialogue;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method, every step of 2 ms:
 *
 *   K-weighted energy of dialogue and background (meter/kweight.h)
 *   speech activity and band levels (ducklistener)
 *   -> gate (activity)
 *   -> depth (duckdepth, duckgoal): the target gain, dB
 *   -> ramp down: look-ahead minimum and smoothing (base/lookahead.h), or a
 *      one-pole `attack` without look-ahead
 *   -> ramp up: a one-pole `release`, in dB; faster for corrections within the
 *      first words
 *
 * Timing. A gain decided at the end of a step is reached a step later, and
 * the level detector needs some milliseconds to detect a soft onset. The ramp
 * is shorter than the look-ahead by both, so that the gain has its full depth
 * when the first syllable leaves the delay. While the voice is learned a ramp of
 * 32 ms, which begins later by the rest, leaves the time to the estimate of its
 * loudness: the depth is then decided from as much of the first words as the
 * look-ahead holds.
 *
 * State
 *   energy[]       K-weighted energy of the current step: background lanes,
 *                  then dialogue lanes
 *   weight[]       loudness weight of each lane
 *   unnoticed[]    the dialogue's last steps: the start of a phrase, which the
 *                  trigger detects late
 *   is_learning    the voice was not known yet in the last step
 *   loud_frames    frames of band levels to leave out, for they hold a loud moment
 *   ramp, quick    both ramps; arrived[]: their last gain
 *   began          activity of the last steps, a ring: the quick ramp begins
 *                  later by its length
 *   is_quick       the quick ramp is in use
 *   gain_db        the ducking gain at the end of the last step
 */
#include "ducker/duckcontrol.h"

#include "base/units.h"
#include "ducker/ducklistener.h"
#include "meter/kweight.h"
#include "base/lookahead.h"
#include "base/smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Mean square, 24 dB above full scale: more is no sound. */
#define LOUDEST 256.0
#define DETECTION_S 0.040 /* longest detection delay of a soft onset */
#define USUALLY_S 0.024   /* usual detection delay */
#define ONSET_DB 15.0     /* steps softer by this precede the phrase */
#define SHORTEST_RAMP 3   /* steps: shorter ones click */
#define QUICK_S 0.020     /* ramp while the voice is learned */
#define CORRECT_S 0.050   /* its way up, time constant */
#define SETTLED_DB 0.001  /* inaudible: a gain this close snaps to its target */
#define LOUD_FRAMES                                                            \
  12 /* of band levels, 20 ms each, that a loud step or its echo may be in */
#define MOST_UNNOTICED 16 /* steps of 2 ms: USUALLY_S and some spare */

typedef struct
{
  double mean_square, level_lufs;
} HeardStep;

struct DmixDuckControl
{
  unsigned channels, step_frames;
  double step_s;
  unsigned lanes, half; /* half: lanes per signal */
  unsigned *channel;    /* channel of each lane of one signal */
  const float **lane;
  double *energy, *weight;
  DmixKWeight *kweight;
  DmixActivity *activity;
  DmixDuckListener *listener;
  DmixDuckDepth *depth;
  DmixDuckGoal *goal;
  DmixDuckGoalKind goal_kind;
  double goal_share, balance_db;
  HeardStep unnoticed[MOST_UNNOTICED];
  unsigned unnoticed_at, unnoticed_steps;
  int was_active, is_learning, loud_frames;
  unsigned ramp_steps;
  DmixLookahead *ramp, *quick; /* NULL: no look-ahead */
  float arrived[2];
  unsigned char *began;
  unsigned began_at, began_steps;
  int is_quick;
  double gain_db, attack_share, release_share, correct_share;
};

/*** new, free, reset ***/

static unsigned
ramp_steps (double step_s, int steps)
{
  const int noticed = (int) (fmin (DETECTION_S / step_s, steps / 2.0));
  const int left = steps - 2 - noticed;

  return left > SHORTEST_RAMP ? (unsigned) left : SHORTEST_RAMP;
}

/* One lane per channel of non-zero weight: background, then dialogue. */
static int
set_up_lanes (DmixDuckControl *self, const float *weight)
{
  const unsigned channels = self->channels;
  unsigned n = 0;

  self->channel = calloc (channels, sizeof *self->channel);
  self->weight = calloc (channels, sizeof *self->weight);
  self->lane = calloc (2 * channels, sizeof *self->lane);
  self->energy = calloc (2 * channels, sizeof *self->energy);
  if (!self->channel || !self->weight || !self->lane || !self->energy)
    return 0;
  for (unsigned c = 0; c < channels; c++) {
    if (weight && !(weight[c] > 0.0f))
      continue;
    self->weight[n] = weight ? weight[c] : 1.0;
    self->channel[n++] = c;
  }
  if (n == 0) /* LFE only: measure it although its weight is 0 */
    self->weight[n++] = 1.0;
  self->half = n;
  self->lanes = 2 * n;
  return 1;
}

static int
set_up_ramps (DmixDuckControl *self, unsigned lookahead_steps)
{
  const unsigned most = (unsigned) fmax (SHORTEST_RAMP, QUICK_S / self->step_s);
  unsigned quick;

  self->ramp_steps = ramp_steps (self->step_s, (int) lookahead_steps);
  quick = DMIX_MIN (self->ramp_steps, most);
  self->began_steps = self->ramp_steps - quick;
  self->ramp = dmix_lookahead_new (self->ramp_steps);
  self->quick = dmix_lookahead_new (quick);
  self->began = calloc (self->began_steps + 1, 1);
  return self->ramp && self->quick && self->began;
}

static int
set_up_parts (DmixDuckControl *self, unsigned rate_hz, unsigned lookahead)
{
  const double free_s = fmax (0.0, (double) lookahead / rate_hz - DETECTION_S);

  self->kweight = dmix_kweight_new (rate_hz, self->lanes);
  self->activity = dmix_activity_new (self->step_s);
  self->depth = dmix_duckdepth_new (self->step_s, free_s);
  self->listener = dmix_ducklistener_new (rate_hz, self->step_frames);
  self->goal = dmix_duckgoal_new ();
  self->ramp_steps = ramp_steps (self->step_s, 0);
  if (lookahead > 0 && !set_up_ramps (self, lookahead / self->step_frames))
    return 0;
  return self->kweight && self->activity && self->depth && self->listener
      && self->goal;
}

DmixDuckControl *
dmix_duckcontrol_new (const DmixFormat *format, const float *weight,
    unsigned step_frames, unsigned lookahead_frames)
{
  DmixDuckControl *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->channels = format->channels;
  self->step_frames = step_frames;
  self->step_s = fmin (1.0, (double) step_frames / format->rate_hz);
  self->unnoticed_steps =
      (unsigned) fmin (MOST_UNNOTICED, 1.0 + USUALLY_S / self->step_s);
  if (!set_up_lanes (self, weight)
      || !set_up_parts (self, format->rate_hz, lookahead_frames)) {
    dmix_duckcontrol_free (self);
    return NULL;
  }
  return self;
}

void
dmix_duckcontrol_free (DmixDuckControl *self)
{
  if (!self)
    return;
  dmix_kweight_free (self->kweight);
  dmix_activity_free (self->activity);
  dmix_ducklistener_free (self->listener);
  dmix_duckdepth_free (self->depth);
  dmix_duckgoal_free (self->goal);
  dmix_lookahead_free (self->ramp);
  dmix_lookahead_free (self->quick);
  free (self->began);
  free (self->channel);
  free (self->lane);
  free (self->energy);
  free (self->weight);
  free (self);
}

static void
rest_ramps (DmixDuckControl *self, double gain_db, int active)
{
  self->arrived[0] = self->arrived[1] = (float) gain_db;
  self->began_at = 0;
  if (!self->ramp)
    return;
  dmix_lookahead_reset (self->ramp, (float) gain_db);
  dmix_lookahead_reset (self->quick, (float) gain_db);
  memset (self->began, active, self->began_steps + 1);
}

void
dmix_duckcontrol_reset (DmixDuckControl *self)
{
  dmix_kweight_reset (self->kweight);
  dmix_activity_reset (self->activity);
  dmix_ducklistener_reset (self->listener);
  dmix_duckdepth_reset (self->depth);
  dmix_duckgoal_reset (self->goal);
  rest_ramps (self, 0.0, 0);
  memset (self->energy, 0, self->lanes * sizeof *self->energy);
  self->unnoticed_at = 0;
  for (unsigned i = 0; i < MOST_UNNOTICED; i++)
    self->unnoticed[i] = (HeardStep){ 0.0, DMIX_KWEIGHT_SILENCE_LUFS };
  self->was_active = self->is_quick = self->loud_frames = 0;
  self->is_learning = 0;
  self->gain_db = 0.0;
}

void
dmix_duckcontrol_take_over (DmixDuckControl *self, const DmixDuckControl *from)
{
  dmix_activity_take_over (self->activity, from->activity);
  dmix_ducklistener_take_over (self->listener, from->listener);
  dmix_duckgoal_take_over (self->goal, from->goal);
  dmix_duckdepth_take_over (self->depth, from->depth);
  self->gain_db = from->gain_db;
  self->was_active = from->was_active;
  self->is_learning = from->is_learning;
  self->is_quick = from->is_quick;
  self->loud_frames = from->loud_frames;
  rest_ramps (self, from->gain_db, from->was_active);
}

double
dmix_duckcontrol_ramp_s (const DmixDuckControl *self)
{
  return self->ramp_steps * self->step_s;
}

/*** parameters ***/

static void
set_goal (DmixDuckControl *self, const DmixDuckerParams *params)
{
  if (params->goal != self->goal_kind)
    dmix_duckgoal_reset (self->goal);
  if (params->goal == DMIX_DUCK_GOAL_DIFFERENCE)
    dmix_duckdepth_set_needed (self->depth, -1.0);
  self->goal_kind = params->goal;
  self->goal_share = dmix_clamp (params->intelligibility, 0.0, 1.0);
}

void
dmix_duckcontrol_set_params (DmixDuckControl *self,
    const DmixDuckerParams *params, double balance_db, int bands)
{
  const DmixActivityParams activity = {
    params->open_db,
    params->close_db,
    params->floor_lufs,
    params->hold_ms,
  };
  const DmixDuckDepthParams depth = {
    params->mode,
    params->target_lu,
    params->depth_db,
    params->range_db,
    balance_db,
    params->dialogue_lufs,
  };

  dmix_activity_set_params (self->activity, &activity);
  set_goal (self, params);
  self->balance_db = balance_db;
  dmix_ducklistener_set_detectors (self->listener, params->trigger,
      params->detector == DMIX_DUCK_DETECTOR_LEARNED,
      bands || self->goal_kind != DMIX_DUCK_GOAL_DIFFERENCE);
  dmix_duckdepth_set_params (self->depth, &depth);
  self->correct_share =
      dmix_smooth_share (fmin (CORRECT_S,
                             dmix_clamp (params->release_ms, 1.0, 10000.0)
                                 / 1000.0),
          self->step_s);
  self->attack_share =
      dmix_smooth_share (dmix_clamp (params->attack_ms, 0.0, 1000.0) / 1000.0,
          self->step_s);
  self->release_share =
      dmix_smooth_share (dmix_clamp (params->release_ms, 1.0, 10000.0) / 1000.0,
          self->step_s);
}

void
dmix_duckcontrol_set_speech (DmixDuckControl *self, int speech)
{
  dmix_ducklistener_set_speech (self->listener, speech);
}

/*** control step ***/

void
dmix_duckcontrol_process (DmixDuckControl *self, const float *background,
    const float *dialogue, size_t frames)
{
  int loud = 0;

  for (unsigned l = 0; l < self->half; l++) {
    self->lane[l] = background + self->channel[l];
    self->lane[self->half + l] = dialogue + self->channel[l];
  }
  dmix_kweight_process (self->kweight, self->lane, self->channels, frames,
      self->energy);
  for (unsigned l = 0; l < self->lanes; l++)
    loud |= self->energy[l] > LOUDEST; /* that of one sample is enough */
  dmix_ducklistener_process (self->listener, self->lane + self->half,
      self->lane, self->half, self->channels, frames, loud);
}

static double
mean_square (const DmixDuckControl *self, const double *energy)
{
  double sum = 0.0;

  for (unsigned l = 0; l < self->half; l++)
    sum += self->weight[l] * energy[l];
  sum /= self->step_frames;
  return DMIX_MIN (sum, LOUDEST);
}

/* The gate opens some steps late; adds these steps to the phrase's level. */
static void
add_phrase_start (DmixDuckControl *self, const DmixActivityState *state,
    DmixActivityOpinion opinion, double mean_square)
{
  if (state->active && !self->was_active && opinion != DMIX_ACTIVITY_UNASKED)
    for (unsigned i = 0; i < self->unnoticed_steps; i++) {
      const HeardStep *h =
          &self->unnoticed[(self->unnoticed_at + i) % self->unnoticed_steps];

      if (h->level_lufs > state->level_lufs - ONSET_DB)
        dmix_duckdepth_add (self->depth, h->mean_square, h->level_lufs);
    }
  self->was_active = state->active;
  self->unnoticed[self->unnoticed_at] =
      (HeardStep){ mean_square, state->level_lufs };
  self->unnoticed_at = (self->unnoticed_at + 1) % self->unnoticed_steps;
}

/* Passes new band levels to the band ducker and the intelligibility goal. A loud
 * moment is no dialogue to them, and what was too loud before the voice was known
 * has been one. */
static void
add_bands (DmixDuckControl *self, const DmixActivityState *state,
    DmixSpectralDuck *bands, int dropped)
{
  const DmixSpeechBandsFrame *frame =
      dmix_ducklistener_read_bands (self->listener);
  const int was_learning = self->is_learning;

  self->is_learning = dmix_duckdepth_is_learning (self->depth);
  if (dropped || (was_learning && (frame || !self->is_learning)))
    dmix_duckgoal_forget_loud (self->goal,
        dmix_duckdepth_get_loud_lufs (self->depth));
  if (dropped > 1 && bands)
    dmix_spectralduck_forget_dialogue (bands);
  if (!frame)
    return;
  self->loud_frames = dmix_duckdepth_is_loud (self->depth, state->level_lufs)
      ? LOUD_FRAMES
      : self->loud_frames - (self->loud_frames > 0);
  if (bands)
    dmix_spectralduck_add (bands, frame,
        state->active && self->loud_frames == 0, self->balance_db);
  if (self->goal_kind != DMIX_DUCK_GOAL_DIFFERENCE) {
    /* room tone before the first words is no speech */
    if (state->active && self->loud_frames == 0)
      dmix_duckgoal_add (self->goal, frame, state->level_lufs, self->balance_db,
          bands ? dmix_spectralduck_get_depth_db (bands) : NULL);
    dmix_duckdepth_set_needed (self->depth,
        dmix_duckgoal_get_depth (self->goal, self->goal_kind, self->goal_share,
            dmix_duckdepth_get_range_db (self->depth)));
  }
}

/* The activity of began_steps ago. */
static int
delay_activity (DmixDuckControl *self, int active)
{
  self->began[self->began_at] = (unsigned char) active;
  self->began_at = self->began_at == self->began_steps ? 0 : self->began_at + 1;
  return self->began[self->began_at];
}

/* The gain of the ramp in use. The other one is chosen while both are idle, so
 * that the gain does not jump. */
static double
ramp (DmixDuckControl *self, double target_db, int active)
{
  float gain[2] = { (float) target_db, 0.0f };

  if (active && self->arrived[0] == 0.0f && self->arrived[1] == 0.0f)
    self->is_quick = dmix_duckdepth_is_learning (self->depth);
  if (delay_activity (self, active))
    gain[1] = (float) -dmix_duckdepth_get_depth (self->depth);
  dmix_lookahead_process (self->ramp, &gain[0], 1);
  dmix_lookahead_process (self->quick, &gain[1], 1);
  memcpy (self->arrived, gain, sizeof gain);
  return gain[self->is_quick];
}

/* Moves the gain towards its target: down by the ramp, up by the release. */
static void
follow (DmixDuckControl *self, double target_db, int active)
{
  const double ramped = self->ramp ? ramp (self, target_db, active) : target_db;
  const double left = ramped - self->gain_db;

  if (fabs (left) < SETTLED_DB)
    self->gain_db = ramped;
  else if (left < 0.0)
    self->gain_db += self->ramp ? left : self->attack_share * left;
  else if (active && dmix_duckdepth_is_learning (self->depth))
    self->gain_db += self->correct_share * left;
  else
    self->gain_db += self->release_share * left;
}

DmixDuckDecision
dmix_duckcontrol_step (DmixDuckControl *self, DmixSpectralDuck *bands)
{
  const double background = mean_square (self, self->energy);
  const double dialogue = mean_square (self, self->energy + self->half);
  const DmixActivityOpinion opinion =
      dmix_ducklistener_read_opinion (self->listener);
  const DmixActivityState state =
      dmix_activity_step (self->activity, dialogue, opinion);
  DmixDuckDecision decision;
  double target_db;
  int dropped;

  add_phrase_start (self, &state, opinion, dialogue);
  decision.heard = (DmixDuckMeterStep){
    state.active,
    dmix_duckdepth_get_dialogue (self->depth),
    dmix_duckdepth_get_background (self->depth),
    state.speaking && !dmix_duckdepth_is_loud (self->depth, state.level_lufs),
    0,
    dialogue,
    background,
    self->balance_db,
    dmix_duckdepth_get_learned (self->depth),
  };
  target_db = dmix_duckdepth_step (self->depth, &state, dialogue, background);
  dropped = dmix_duckdepth_read_dropped (self->depth);
  decision.heard.restart = dropped > 1;
  if (state.active && !dmix_duckdepth_is_learning (self->depth)) {
    decision.heard.needed_db = dmix_duckdepth_get_needed_db (self->depth);
    decision.heard.range_db = dmix_duckdepth_get_range_db (self->depth);
  }
  add_bands (self, &state, bands, dropped);
  follow (self, target_db, state.active);
  dmix_kweight_settle (self->kweight);
  memset (self->energy, 0, self->lanes * sizeof *self->energy);
  decision.gain_db = self->gain_db;
  return decision;
}

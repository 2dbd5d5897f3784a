/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: with x the input, d the dialogue and b = x - d the background, all
 * delayed alike, and b' the ducked background,
 *
 *   output = wx x + wb (b' - b) + wd d
 *
 *                wx  wb  wd
 *   mix          1   1   boost - 1
 *   dialogue     0   0   1
 *   background   1   0   -1
 *   bypass       1   0   0
 *
 * Where nothing ducks b' is b, to the bit, so a mix with boost 1 is x, to the
 * bit. The weights glide from step to step. The gain of the loudness keeper and
 * the limiter follow.
 *
 * State
 *   step, at     length of a step; frames of the current step so far
 *   dialogue, background, original   a step of each
 *   weight[]     wx, wb, wd; line[]: their values in this step
 *   keep         gain of the loudness keeper, linear
 *   stem_delay   the limiter's delay, for both stems
 *   fresh        nothing processed since new or reset: parameters apply at once
 */
#include "dialogue/dialogue.h"

#include "base/delay.h"
#include "base/mixgain.h"
#include "base/sanitize.h"
#include "base/smooth.h"
#include "base/units.h"
#include "dialogue/learnedsplit.h"
#include "dialogue/loudnesskeeper.h"
#include "dialogue/splitter.h"
#include "dialogue/statisticalsplit.h"
#include "ducker/ducker.h"
#include "dynamics/dynamics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_S 0.002
#define GLIDE_S 0.010
#define KEEP_S 0.3
#define SILENT_DB -100.0
#define OPEN_DB -16.0
#define CLOSE_DB -24.0
#define FLOOR_LUFS -60.0
#define ATTACK_MS 10.0 /* without look-ahead */
#define SPECTRAL_TARGET_LU 16.0

enum
{
  INPUT,
  DUCKED,
  VOICE,
  WEIGHTS
};

struct DmixDialogue
{
  DmixFormat format;
  DmixDialogueParams params;
  DmixSplitter *splitter;
  DmixDucker *ducker;
  DmixLoudnessKeeper *keeper;
  DmixDynamics *limiter;
  DmixDelay *split_delay, *ducker_delay, *stem_delay;
  float *memory, *dialogue, *background, *original;
  DmixSmooth weight[WEIGHTS], keep;
  DmixGainLine line[WEIGHTS], keep_line;
  unsigned step, at;
  int fresh;
  double speech;
};

int
dmix_dialogue_is_learned (DmixDialogueEstimator wish, const DmixFormat *format)
{
  return wish != DMIX_DIALOGUE_STATISTICAL
      && format->rate_hz >= DMIX_DIALOGUE_MIN_LEARNED_RATE_HZ;
}

/*** new, free, reset ***/

static int
has_work (const DmixDialogueParams *p)
{
  return p->output == DMIX_DIALOGUE_MIX && !p->bypass
      && (p->boost_db != 0.0 || p->duck_db > 0.0 || p->target_lu > 0.0
          || p->spectral_db > 0.0);
}

static void
set_limiter (DmixDialogue *self)
{
  const DmixDynamicsParams params =
      dmix_dynamicsparams_ceiling (self->params.ceiling_dbtp,
          !has_work (&self->params));

  dmix_dynamics_set_params (self->limiter, &params);
}

/* The gain of the loudness keeper before any sound is known. */
static void
arrive (DmixDialogue *self)
{
  const DmixDialogueParams *p = &self->params;

  self->keep.target = p->keep_loudness && has_work (p)
      ? dmix_gain_from_db (-dmix_clamp (p->boost_db, -24.0, 24.0))
      : 1.0;
  dmix_smooth_jump (&self->keep);
}

static int
make_parts (DmixDialogue *self, const float *weight,
    const DmixVoicePlace *place, double lookahead_ms, int learned)
{
  const unsigned channels = self->format.channels;
  const size_t samples = (size_t) self->step * channels;

  self->splitter = dmix_splitter_new (&self->format, place,
      learned ? &dmix_learnedsplit : &dmix_statisticalsplit);
  self->ducker = dmix_ducker_new (&self->format, weight, lookahead_ms);
  self->keeper = dmix_loudnesskeeper_new (&self->format, weight, self->step);
  self->limiter = dmix_dynamics_new (&self->format, weight);
  self->memory = calloc (3 * samples, sizeof *self->memory);
  if (!self->splitter || !self->ducker || !self->keeper || !self->limiter
      || !self->memory)
    return 0;
  self->split_delay =
      dmix_delay_new (dmix_splitter_latency_frames (self->splitter), channels);
  self->ducker_delay =
      dmix_delay_new (dmix_ducker_latency_frames (self->ducker), channels);
  set_limiter (self); /* which has its delay from then on */
  self->stem_delay =
      dmix_delay_new (dmix_dynamics_latency_frames (self->limiter),
          2 * channels);
  self->dialogue = self->memory;
  self->background = self->dialogue + samples;
  self->original = self->background + samples;
  return self->split_delay && self->ducker_delay && self->stem_delay;
}

DmixDialogue *
dmix_dialogue_new (const DmixFormat *format, const float *weight,
    const DmixVoicePlace *place, double lookahead_ms,
    DmixDialogueEstimator wish)
{
  DmixDialogue *self;

  if (!dmix_format_is_valid (format)
      || format->rate_hz < DMIX_DIALOGUE_MIN_RATE_HZ
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->step = (unsigned) fmax (1.0, round (STEP_S * format->rate_hz));
  if (!make_parts (self, weight, place, lookahead_ms,
          dmix_dialogue_is_learned (wish, format))) {
    dmix_dialogue_free (self);
    return NULL;
  }
  for (unsigned w = 0; w < WEIGHTS; w++)
    dmix_smooth_init (&self->weight[w], w == INPUT, GLIDE_S, STEP_S);
  dmix_smooth_init (&self->keep, 1.0, KEEP_S, STEP_S);
  dmix_dialogue_reset (self);
  dmix_dialogue_set_params (self, &(DmixDialogueParams){ .bypass = 1 });
  return self;
}

void
dmix_dialogue_free (DmixDialogue *self)
{
  if (!self)
    return;
  dmix_splitter_free (self->splitter);
  dmix_ducker_free (self->ducker);
  dmix_loudnesskeeper_free (self->keeper);
  dmix_dynamics_free (self->limiter);
  dmix_delay_free (self->split_delay);
  dmix_delay_free (self->ducker_delay);
  dmix_delay_free (self->stem_delay);
  free (self->memory);
  free (self);
}

void
dmix_dialogue_reset (DmixDialogue *self)
{
  dmix_splitter_reset (self->splitter);
  dmix_ducker_reset (self->ducker);
  dmix_loudnesskeeper_reset (self->keeper);
  dmix_dynamics_reset (self->limiter);
  dmix_delay_reset (self->split_delay);
  dmix_delay_reset (self->ducker_delay);
  dmix_delay_reset (self->stem_delay);
  arrive (self);
  self->at = 0;
  self->speech = 0.0;
  self->fresh = 1;
}

/*** parameters ***/

static void
set_ducker (DmixDialogue *self)
{
  const DmixDialogueParams *p = &self->params;
  const DmixDuckerParams params = {
    .trigger = DMIX_DUCK_TRIGGER_SPEECH,
    .detector = DMIX_DUCK_DETECTOR_STATISTICAL,
    .mode = p->target_lu > 0.0 ? DMIX_DUCK_TARGET : DMIX_DUCK_FIXED,
    .target_lu = p->target_lu,
    .depth_db = p->duck_db,
    .range_db = p->range_db,
    .goal = p->goal,
    .intelligibility = p->intelligibility,
    .spectral_db = p->spectral_db,
    .spectral_target_lu = SPECTRAL_TARGET_LU,
    .attack_ms = ATTACK_MS,
    .hold_ms = p->hold_ms,
    .release_ms = p->release_ms,
    .open_db = OPEN_DB,
    .close_db = CLOSE_DB,
    .floor_lufs = FLOOR_LUFS,
    .dialogue_gain_db = p->boost_db,
    .bypass = p->bypass,
  };

  dmix_ducker_set_params (self->ducker, &params);
}

/* The weights of the table above. */
static void
set_weights (DmixDialogue *self)
{
  const DmixDialogueParams *p = &self->params;
  const double boost =
      p->boost_db > SILENT_DB ? dmix_gain_from_db (p->boost_db) : 0.0;
  const int mix = p->output == DMIX_DIALOGUE_MIX;

  self->weight[INPUT].target =
      p->bypass || p->output != DMIX_DIALOGUE_VOICE ? 1.0 : 0.0;
  self->weight[DUCKED].target = !p->bypass && mix ? 1.0 : 0.0;
  self->weight[VOICE].target = p->bypass ? 0.0
      : mix                              ? boost - 1.0
      : p->output == DMIX_DIALOGUE_VOICE ? 1.0
                                         : -1.0;
  for (unsigned w = 0; w < WEIGHTS && self->fresh; w++) {
    dmix_smooth_jump (&self->weight[w]);
    self->line[w].to = (float) self->weight[w].value;
  }
}

void
dmix_dialogue_set_params (DmixDialogue *self, const DmixDialogueParams *params)
{
  DmixDialogueParams *p = &self->params;

  *p = *params;
  p->boost_db = dmix_clamp (p->boost_db, SILENT_DB, 24.0);
  p->duck_db = dmix_clamp (p->duck_db, 0.0, 60.0);
  p->target_lu = dmix_clamp (p->target_lu, 0.0, 40.0);
  p->range_db = dmix_clamp (p->range_db, 0.0, 60.0);
  set_ducker (self);
  set_limiter (self);
  set_weights (self);
  dmix_loudnesskeeper_set_expected (self->keeper,
      has_work (p) ? p->boost_db : 0.0);
  if (self->fresh)
    arrive (self);
}

/*** processing ***/

static DmixGainLine
next_line (DmixSmooth *smooth)
{
  const float from = (float) smooth->value;

  return (DmixGainLine){ from, (float) dmix_smooth_step (smooth) };
}

static void
begin_step (DmixDialogue *self)
{
  for (unsigned w = 0; w < WEIGHTS; w++)
    self->line[w] = next_line (&self->weight[w]);
  self->keep_line = next_line (&self->keep);
}

static void
end_step (DmixDialogue *self)
{
  const double db = dmix_loudnesskeeper_step (self->keeper);

  self->keep.target = self->params.keep_loudness && has_work (&self->params)
      ? dmix_gain_from_db (db)
      : 1.0;
  self->speech = fmax (self->speech, dmix_splitter_get_speech (self->splitter));
  self->at = 0;
}

/* Frames within one step: splits, ducks, and leaves the delayed input in
 * original[], the delayed dialogue in dialogue[], and what ducking changed in
 * background[]. */
static void
split (DmixDialogue *self, float *io, size_t frames)
{
  const size_t samples = frames * self->format.channels;

  dmix_sanitize_clean (io, samples);
  dmix_splitter_process (self->splitter, io, self->dialogue, frames);
  dmix_sanitize_clean (self->dialogue, samples);
  dmix_delay_process (self->split_delay, io, frames);
  for (size_t i = 0; i < samples; i++)
    self->background[i] = io[i] - self->dialogue[i];
  dmix_sanitize_clean (self->background, samples);
  dmix_ducker_process (self->ducker, self->background, self->dialogue, frames);
  dmix_delay_process (self->ducker_delay, io, frames);
  memcpy (self->original, io, samples * sizeof *io);
  for (size_t i = 0; i < samples; i++)
    self->background[i] -= self->original[i] - self->dialogue[i];
}

/* Before put_together(). */
static void
copy_stems (DmixDialogue *self, float *stems, size_t frames)
{
  const unsigned channels = self->format.channels;
  const float *dialogue = self->dialogue, *original = self->original;
  float *to = stems;

  for (size_t i = 0; i < frames; i++, to += 2 * channels)
    for (unsigned c = 0; c < channels; c++) {
      to[c] = *dialogue++;
      to[channels + c] = *original++ - to[c];
    }
  dmix_delay_process (self->stem_delay, stems, frames);
}

static void
put_together (DmixDialogue *self, float *io, size_t frames)
{
  const unsigned channels = self->format.channels;
  const DmixGainLine one = { 1.0f, 1.0f }, none = { 0.0f, 0.0f };

  dmix_mixgain_process (io, self->background, channels, frames,
      self->line[INPUT], self->line[DUCKED], self->at, self->step);
  dmix_mixgain_process (io, self->dialogue, channels, frames, one,
      self->line[VOICE], self->at, self->step);
  dmix_loudnesskeeper_add (self->keeper, self->original, io, frames);
  dmix_mixgain_process (io, self->dialogue, channels, frames, self->keep_line,
      none, self->at, self->step);
  dmix_dynamics_process (self->limiter, io, frames);
}

void
dmix_dialogue_process (DmixDialogue *self, float *io, size_t frames)
{
  dmix_dialogue_process_stems (self, io, NULL, frames);
}

void
dmix_dialogue_process_stems (DmixDialogue *self, float *io, float *stems,
    size_t frames)
{
  if (frames > 0)
    self->fresh = 0;
  while (frames > 0) {
    const size_t left = self->step - self->at;
    const size_t n = DMIX_MIN (frames, left);

    if (self->at == 0)
      begin_step (self);
    split (self, io, n);
    if (stems) {
      copy_stems (self, stems, n);
      stems += 2 * n * self->format.channels;
    }
    put_together (self, io, n);
    self->at += (unsigned) n;
    if (self->at == self->step)
      end_step (self);
    io += n * self->format.channels;
    frames -= n;
  }
}

unsigned
dmix_dialogue_latency_frames (const DmixDialogue *self)
{
  return dmix_splitter_latency_frames (self->splitter)
      + dmix_ducker_latency_frames (self->ducker)
      + dmix_dynamics_latency_frames (self->limiter);
}

unsigned
dmix_dialogue_tail_frames (const DmixDialogue *self)
{
  return dmix_splitter_tail_frames (self->splitter)
      + dmix_ducker_tail_frames (self->ducker)
      + dmix_dynamics_tail_frames (self->limiter);
}

void
dmix_dialogue_read_meter (DmixDialogue *self, DmixDialogueReport *meter)
{
  DmixDuckerMeter ducker;
  DmixDynamicsMeter dynamics;

  dmix_ducker_read_meter (self->ducker, &ducker);
  dmix_dynamics_read_meter (self->limiter, &dynamics);
  *meter = (DmixDialogueReport){
    .speech = self->speech,
    .duck_db = ducker.gain_min_db,
    .loudness_gain_db = dmix_db_from_gain (self->keep.value),
    .limiter_db = dynamics.gain_min_db,
    .dialogue_lufs = ducker.dialogue_lufs,
    .background_lufs = ducker.background_lufs,
    .has_difference = ducker.has_difference,
    .difference_lu = ducker.difference_lu,
  };
  self->speech = dmix_splitter_get_speech (self->splitter);
}

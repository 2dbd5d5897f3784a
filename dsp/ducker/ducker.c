/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: audio is processed in blocks, gains are decided in steps of 2 ms.
 *
 *   every step    ducking gain (duckcontrol), depth of each band (spectralduck)
 *   every frame   delay, band gains of the background (spectralduck), gain
 *                 interpolated linearly between steps (mixgain)
 *
 * The band ducker is a parallel path with the same delay. Its output replaces
 * the plain path's only while bands are lowered, so other audio keeps its bits.
 *
 * State
 *   step_frames, at    length of a step; frames of the current one so far
 *   duck_db            ducking gain at the end of the last step
 *   gain, fade         gain lines of background and dialogue in this step
 *   quiet              frames since the last dialogue sound (capped)
 *   early, bands       a block of background before its delay; its band gains
 *                      in this step
 */
#include "ducker/ducker.h"

#include "base/units.h"
#include "base/delay.h"
#include "ducker/duckcontrol.h"
#include "base/sanitize.h"
#include "base/mixgain.h"
#include "base/smooth.h"
#include "ducker/spectralduck.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STEP_S 0.002
#define MOST_STEPS 32 /* most steps per internal block */
#define FADER_S 0.010
#define NOTHING_DB -100.0 /* lower end of a fader: gain 0 */

struct DmixDucker
{
  DmixFormat format;
  unsigned lookahead_frames, step_frames, at;
  double step_s;
  DmixDuckControl *control;
  DmixSpectralDuck *spectral;       /* NULL: longer than the look-ahead */
  int wants_spectral, has_spectral; /* enabled; processing audio */
  DmixSpectralGains bands;          /* band gains in this step */
  float *early; /* a block of background, before its delay */
  DmixDelay *background_delay, *dialogue_delay;
  double duck_db;
  double ducked_db, ducked; /* gain with bypass applied, dB and linear */
  double dialogue_gain_db, background_gain_db;
  DmixSmooth background_fader, dialogue_fader, engaged;
  DmixGainLine gain, fade;
  size_t quiet;
  int fresh; /* nothing processed yet: parameters apply at once */
  DmixDuckMeter *meter;
};

static int
set_up_parts (DmixDucker *self, const float *weight)
{
  const unsigned frames = self->lookahead_frames;

  self->control =
      dmix_duckcontrol_new (&self->format, weight, self->step_frames, frames);
  self->meter = dmix_duckmeter_new (frames / self->step_frames);
  self->background_delay = dmix_delay_new (frames, self->format.channels);
  self->dialogue_delay = dmix_delay_new (frames, self->format.channels);
  self->early =
      calloc ((size_t) MOST_STEPS * self->step_frames * self->format.channels,
          sizeof *self->early);
  if (!self->control || !self->meter || !self->background_delay
      || !self->dialogue_delay || !self->early)
    return 0;
  if (!dmix_spectralduck_fits (&self->format, frames))
    return 1;
  self->spectral = dmix_spectralduck_new (&self->format, frames, self->step_s,
      dmix_duckcontrol_ramp_s (self->control));
  return self->spectral != NULL;
}

DmixDucker *
dmix_ducker_new (const DmixFormat *format, const float *weight,
    double lookahead_ms)
{
  DmixDucker *self;

  if (!dmix_format_is_valid (format)
      || !(lookahead_ms >= 0.0 && lookahead_ms <= DMIX_DUCKER_MAX_LOOKAHEAD_MS)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->lookahead_frames =
      (unsigned) lround (lookahead_ms * format->rate_hz / 1000.0);
  self->step_frames = (unsigned) fmax (1.0, round (STEP_S * format->rate_hz));
  self->step_s = fmin (1.0, (double) self->step_frames / format->rate_hz);
  if (!set_up_parts (self, weight)) {
    dmix_ducker_free (self);
    return NULL;
  }
  dmix_smooth_init (&self->background_fader, 1.0, FADER_S, self->step_s);
  dmix_smooth_init (&self->dialogue_fader, 1.0, FADER_S, self->step_s);
  dmix_smooth_init (&self->engaged, 1.0, FADER_S, self->step_s);
  dmix_ducker_reset (self);
  return self;
}

void
dmix_ducker_free (DmixDucker *self)
{
  if (!self)
    return;
  dmix_duckcontrol_free (self->control);
  dmix_duckmeter_free (self->meter);
  dmix_spectralduck_free (self->spectral);
  dmix_delay_free (self->background_delay);
  dmix_delay_free (self->dialogue_delay);
  free (self->early);
  free (self);
}

/* Sets the gains to reach at the end of this step. */
static void
set_gain_ends (DmixDucker *self)
{
  const double ducked = self->duck_db * self->engaged.value;

  if (ducked != self->ducked_db) {
    self->ducked_db = ducked;
    self->ducked = dmix_gain_from_db (ducked);
  }
  self->gain.to = (float) (self->ducked * self->background_fader.value);
  self->fade.to = (float) self->dialogue_fader.value;
}

/* Ends all glides of the gains. */
static void
jump_gains (DmixDucker *self)
{
  dmix_smooth_jump (&self->background_fader);
  dmix_smooth_jump (&self->dialogue_fader);
  dmix_smooth_jump (&self->engaged);
  set_gain_ends (self);
  self->gain.from = self->gain.to;
  self->fade.from = self->fade.to;
}

void
dmix_ducker_reset (DmixDucker *self)
{
  dmix_duckcontrol_reset (self->control);
  dmix_duckmeter_reset (self->meter);
  if (self->spectral)
    dmix_spectralduck_reset (self->spectral);
  dmix_delay_reset (self->background_delay);
  dmix_delay_reset (self->dialogue_delay);
  self->at = 0;
  self->duck_db = self->ducked_db = 0.0;
  self->has_spectral = 0;
  self->bands = (DmixSpectralGains){ 0.0 };
  self->ducked = 1.0;
  self->quiet = self->lookahead_frames;
  jump_gains (self);
  self->fresh = 1;
}

static double
fader_gain (double db)
{
  return db <= NOTHING_DB ? 0.0 : dmix_gain_from_db (db);
}

double
dmix_ducker_dialogue_gain (const DmixDucker *self)
{
  return fader_gain (self->dialogue_gain_db);
}

static void
set_spectral (DmixDucker *self, const DmixDuckerParams *params)
{
  const DmixSpectralDuckParams spectral = {
    params->spectral_db,
    params->spectral_target_lu,
    params->release_ms,
  };

  if (self->spectral)
    dmix_spectralduck_set_params (self->spectral, &spectral);
  self->wants_spectral = self->spectral && params->spectral_db > 0.0;
}

void
dmix_ducker_set_params (DmixDucker *self, const DmixDuckerParams *params)
{
  const double dialogue_db =
      dmix_clamp (params->dialogue_gain_db, NOTHING_DB, 24.0);
  const double background_db =
      dmix_clamp (params->background_gain_db, NOTHING_DB, 24.0);
  set_spectral (self, params);
  dmix_duckcontrol_set_params (self->control, params,
      dialogue_db - background_db, self->wants_spectral);
  self->dialogue_gain_db = dialogue_db;
  self->background_gain_db = background_db;
  self->background_fader.target = fader_gain (background_db);
  self->dialogue_fader.target = params->mix ? fader_gain (dialogue_db) : 0.0;
  self->engaged.target = params->bypass ? 0.0 : 1.0;
  if (self->fresh)
    jump_gains (self);
}

void
dmix_ducker_set_speech (DmixDucker *self, int speech)
{
  dmix_duckcontrol_set_speech (self->control, speech);
}

/* At the end of a step: decides the gains of the next one. */
static void
control_step (DmixDucker *self)
{
  DmixDuckDecision decision = dmix_duckcontrol_step (self->control,
      self->wants_spectral ? self->spectral : NULL);

  if (self->has_spectral)
    decision.heard.balance_db +=
        dmix_spectralduck_get_loss_db (self->spectral, self->bands.engaged);
  dmix_duckmeter_add (self->meter, &decision.heard,
      self->duck_db * self->engaged.value);
  self->duck_db = decision.gain_db;
  if (self->spectral
      && (self->wants_spectral || !dmix_spectralduck_rests (self->spectral))) {
    self->bands = dmix_spectralduck_step (self->spectral,
        decision.heard.active && self->wants_spectral);
    self->bands.engaged *= self->engaged.value;
  }
  dmix_smooth_step (&self->background_fader);
  dmix_smooth_step (&self->dialogue_fader);
  dmix_smooth_step (&self->engaged);
  self->gain.from = self->gain.to;
  self->fade.from = self->fade.to;
  set_gain_ends (self);
}

static size_t
frames_to_step_end (const DmixDucker *self, size_t frames)
{
  size_t left = self->step_frames - self->at;

  return DMIX_MIN (left, frames);
}

/* Delays both signals; non-zero if the output may contain dialogue. */
static int
delay (DmixDucker *self, float *background, float *dialogue, size_t frames,
    int sound)
{
  dmix_delay_process (self->background_delay, background, frames);
  self->quiet = sound ? 0 : self->quiet + frames;
  if (self->quiet >= self->lookahead_frames + frames) {
    self->quiet = self->lookahead_frames + frames;
    return 0; /* the dialogue's delay holds only silence */
  }
  dmix_delay_process (self->dialogue_delay, dialogue, frames);
  return 1;
}

/* Runs the band ducker while it is enabled or its gains are not flat yet. */
static void
start_or_stop_spectral (DmixDucker *self)
{
  if (self->wants_spectral)
    self->has_spectral = 1;
  else if (self->has_spectral && self->bands.engaged == 0.0
      && dmix_spectralduck_is_flat (self->spectral)) {
    dmix_spectralduck_stop (self->spectral);
    self->has_spectral = 0;
  }
}

/* A block of at most MOST_STEPS steps: first decides the gains of its steps
 * from the undelayed signals, then applies them to the delayed ones. */
static void
process_block (DmixDucker *self, float *background, float *dialogue,
    size_t frames, int sound)
{
  const unsigned channels = self->format.channels;
  DmixGainLine gain[MOST_STEPS + 1], fade[MOST_STEPS + 1];
  DmixSpectralGains bands[MOST_STEPS + 1];
  const unsigned first_at = self->at;
  unsigned step = 0;
  size_t done, n;

  for (done = 0; done < frames; done += n) {
    n = frames_to_step_end (self, frames - done);
    gain[step] = self->gain;
    if (self->has_spectral)
      bands[step] = self->bands;
    fade[step++] = self->fade;
    dmix_duckcontrol_process (self->control, background + done * channels,
        dialogue + done * channels, n);
    self->at += n;
    if (self->at == self->step_frames) {
      self->at = 0;
      control_step (self);
    }
  }
  if (self->has_spectral)
    memcpy (self->early, background, frames * channels * sizeof *background);
  if (!delay (self, background, dialogue, frames, sound))
    memset (fade, 0, sizeof fade);
  self->at = first_at;
  for (step = 0, done = 0; done < frames; done += n, step++) {
    n = frames_to_step_end (self, frames - done);
    if (self->has_spectral)
      dmix_spectralduck_process (self->spectral, self->early + done * channels,
          background + done * channels, &bands[step], n);
    dmix_mixgain_process (background + done * channels,
        dialogue + done * channels, channels, n, gain[step], fade[step],
        self->at, self->step_frames);
    self->at = (self->at + n) % self->step_frames;
  }
}

void
dmix_ducker_process (DmixDucker *self, float *background, float *dialogue,
    size_t frames)
{
  const unsigned channels = self->format.channels;
  const size_t most = (size_t) (MOST_STEPS - 1) * self->step_frames;

  if (frames > 0)
    self->fresh = 0;
  while (frames > 0) {
    size_t n = DMIX_MIN (frames, most);
    int sound = dmix_sanitize_clean (dialogue, n * channels);

    dmix_sanitize_clean (background, n * channels);
    start_or_stop_spectral (self);
    process_block (self, background, dialogue, n, sound);
    background += n * channels;
    dialogue += n * channels;
    frames -= n;
  }
}

unsigned
dmix_ducker_latency_frames (const DmixDucker *self)
{
  return self->lookahead_frames;
}

unsigned
dmix_ducker_tail_frames (const DmixDucker *self)
{
  return self->lookahead_frames;
}

void
dmix_ducker_read_meter (DmixDucker *self, DmixDuckerMeter *meter)
{
  dmix_duckmeter_read (self->meter, self->duck_db * self->engaged.value,
      self->dialogue_gain_db, self->background_gain_db, meter);
}

double
dmix_ducker_get_limited_db (const DmixDucker *self)
{
  return dmix_duckmeter_get_limited_db (self->meter);
}

void
dmix_ducker_take_over (DmixDucker *self, const DmixDucker *from)
{
  if (self->format.rate_hz != from->format.rate_hz
      || self->lookahead_frames != from->lookahead_frames)
    return;
  dmix_duckcontrol_take_over (self->control, from->control);
  dmix_duckmeter_take_over (self->meter, from->meter);
  if (self->spectral && from->spectral)
    dmix_spectralduck_take_over (self->spectral, from->spectral);
  self->duck_db = from->duck_db;
  self->ducked_db = from->ducked_db;
  self->ducked = from->ducked;
  self->background_fader = from->background_fader;
  self->dialogue_fader = from->dialogue_fader;
  self->engaged = from->engaged;
  self->gain = from->gain;
  self->fade = from->fade;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: several steps at a time; each line is a pass over an array.
 *
 *   power of every step and channel       detector, or truepeak in limit mode
 *   dB                                    decibel
 *   target gain                           gaincomputer
 *   channel link
 *   hold, attack, release, look-ahead,
 *   makeup, mix                           ballistics
 *
 * Timing. The audio is delayed by N frames, the look-ahead; a limiter adds
 * whole steps for the true-peak filter. When the first frame of a step is put
 * out, the next M = floor ((N + 1) / step_frames) steps, this one included, are
 * known; the look-ahead uses them. With M < 2 gains come up to two steps late,
 * so a limiter adds two steps of look-ahead.
 *
 * LFE. A channel of loudness weight 0 is left out of the joint level, so that an
 * explosion in it does not pull the dialogue down. It gets the linked gain like
 * all others; a limiter lowers it further, alone, where it passes the ceiling.
 *
 * State
 *   step           number of the next step
 *   has_lfe        some channel does not count in the joint level
 *   filter_steps   delay of the true-peak filter (limit mode, else 0): input is
 *                  decided this many steps later
 *   power[]        power of each channel in the last step (limit mode)
 */
#include "dynamics/dynamicsengine.h"

#include "base/units.h"
#include "base/decibel.h"
#include "dynamics/detector.h"
#include "dynamics/gaincomputer.h"
#include "dynamics/ballistics.h"
#include "meter/truepeak.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STEPS DMIX_DYNAMICSENGINE_MOST_STEPS
#define MARGIN_DB 0.1      /* allowance for other interpolators */
#define ROUGHLY 0.98f      /* times the ceiling: lower than by MARGIN_DB */
#define STEPS_PER_S 6000.0 /* step length 1/6 ms */
#define LIMIT_STEPS 2      /* least look-ahead of a limiter */

struct DmixDynamicsEngine
{
  DmixFormat format;
  DmixDynamicsParams params;
  unsigned step_frames, filter_steps, lanes;
  int has_lfe;
  uint64_t step;
  float rest, makeup;
  float ceiling, top_db; /* limit mode: linear; highest level without gain */
  DmixGainComputer curve;
  DmixBallisticsSettings settings;
  DmixBallistics **lane;
  DmixDetector *detector;
  DmixTruePeak *truepeak;
  float *joint, *each; /* `each`: by lane, MOST_STEPS apart */
  float *power;        /* by channel */
};

static const DmixDynamicsParams longest = {
  .mode = DMIX_DYNAMICS_LIMIT,
  .lookahead_ms = DMIX_DYNAMICS_MAX_LOOKAHEAD_MS,
};

unsigned
dmix_dynamicsengine_step_frames (unsigned rate_hz)
{
  return (unsigned) fmax (1.0, round (rate_hz / STEPS_PER_S));
}

static unsigned
lookahead_frames (unsigned rate_hz, const DmixDynamicsParams *params)
{
  unsigned frames = (unsigned) lround (params->lookahead_ms * rate_hz / 1000.0);

  if (params->mode == DMIX_DYNAMICS_LIMIT)
    frames += LIMIT_STEPS * dmix_dynamicsengine_step_frames (rate_hz);
  return frames;
}

unsigned
dmix_dynamicsengine_ahead_steps (unsigned rate_hz,
    const DmixDynamicsParams *params)
{
  return (lookahead_frames (rate_hz, params) + 1)
      / dmix_dynamicsengine_step_frames (rate_hz);
}

unsigned
dmix_dynamicsengine_most_ahead_steps (unsigned rate_hz)
{
  return dmix_dynamicsengine_ahead_steps (rate_hz, &longest);
}

unsigned
dmix_dynamicsengine_filter_steps (unsigned rate_hz)
{
  const unsigned step = dmix_dynamicsengine_step_frames (rate_hz);

  return (DMIX_TRUEPEAK_REACH + step - 1) / step;
}

unsigned
dmix_dynamicsengine_ring_steps (unsigned rate_hz)
{
  const unsigned needed = 2
          * (dmix_dynamicsengine_most_ahead_steps (rate_hz)
              + dmix_dynamicsengine_filter_steps (rate_hz)
              + DMIX_DYNAMICSENGINE_MOST_STEPS)
      + 16;
  unsigned ring = 1;

  while (ring < needed)
    ring *= 2;
  return ring;
}

unsigned
dmix_dynamicsengine_latency_frames (unsigned rate_hz,
    const DmixDynamicsParams *params)
{
  const unsigned filter = params->mode == DMIX_DYNAMICS_LIMIT
      ? dmix_dynamicsengine_filter_steps (rate_hz)
          * dmix_dynamicsengine_step_frames (rate_hz)
      : 0;

  return filter + lookahead_frames (rate_hz, params);
}

unsigned
dmix_dynamicsengine_most_latency_frames (unsigned rate_hz)
{
  return dmix_dynamicsengine_latency_frames (rate_hz, &longest);
}

static int
set_up_parts (DmixDynamicsEngine *self, const float *weight)
{
  const DmixFormat *format = &self->format;
  const unsigned ahead = dmix_dynamicsengine_most_ahead_steps (format->rate_hz);
  const unsigned ring = dmix_dynamicsengine_ring_steps (format->rate_hz);
  const double steps_per_s = (double) format->rate_hz / self->step_frames;
  const double window = DMIX_DYNAMICS_MAX_WINDOW_MS / 1000.0 * steps_per_s;

  self->detector = dmix_detector_new (format, weight, self->step_frames,
      (unsigned) window + 1);
  self->truepeak = dmix_truepeak_new (format,
      dmix_dynamicsengine_filter_steps (format->rate_hz) * self->step_frames);
  for (unsigned c = 0; c < format->channels; c++)
    if (!(self->lane[c] = dmix_ballistics_new (ring, ahead)))
      return 0;
  if (!self->detector || !self->truepeak)
    return 0;
  for (unsigned c = 0; c < format->channels; c++)
    self->has_lfe |= !dmix_detector_counts (self->detector, c);
  return 1;
}

DmixDynamicsEngine *
dmix_dynamicsengine_new (const DmixFormat *format, const float *loudness_weight)
{
  DmixDynamicsEngine *self;
  size_t channels;

  if (!dmix_format_is_valid (format) || !(self = calloc (1, sizeof *self)))
    return NULL;
  channels = format->channels;
  self->format = *format;
  self->step_frames = dmix_dynamicsengine_step_frames (format->rate_hz);
  self->lane = calloc (channels, sizeof *self->lane);
  self->joint = calloc (MOST_STEPS, sizeof *self->joint);
  self->each = calloc (channels * MOST_STEPS, sizeof *self->each);
  self->power = calloc (channels, sizeof *self->power);
  if (!self->lane || !self->joint || !self->each || !self->power
      || !set_up_parts (self, loudness_weight)) {
    dmix_dynamicsengine_free (self);
    return NULL;
  }
  return self;
}

void
dmix_dynamicsengine_free (DmixDynamicsEngine *self)
{
  if (!self)
    return;
  for (unsigned c = 0; self->lane && c < self->format.channels; c++)
    dmix_ballistics_free (self->lane[c]);
  dmix_detector_free (self->detector);
  dmix_truepeak_free (self->truepeak);
  free (self->lane);
  free (self->joint);
  free (self->each);
  free (self->power);
  free (self);
}

static int
limits (const DmixDynamicsEngine *self)
{
  return self->params.mode == DMIX_DYNAMICS_LIMIT;
}

/* -1 in modes whose value is the negative gain, else 1. */
static float
side (const DmixDynamicsParams *params)
{
  return params->mode == DMIX_DYNAMICS_EXPAND
          || params->mode == DMIX_DYNAMICS_GATE
      ? -1.0f
      : 1.0f;
}

static double
makeup_db (const DmixDynamicsParams *params, const DmixGainComputer *curve)
{
  float full_scale = 0.0f;

  if (!params->auto_makeup || params->mode != DMIX_DYNAMICS_COMPRESS)
    return params->makeup_db;
  dmix_gaincomputer_process (curve, &full_scale, 1);
  return params->makeup_db - full_scale / 2.0;
}

static DmixDetectorParams
detector_settings (const DmixDynamicsParams *p, double step_s)
{
  return (DmixDetectorParams){
    .kind = p->detector,
    .window_steps =
        (unsigned) fmax (1.0, round (p->rms_window_ms / 1000.0 / step_s)),
    .highpass_hz = p->highpass_hz,
    .lowpass_hz = p->lowpass_hz,
  };
}

static DmixBallisticsSettings
lane_settings (const DmixDynamicsEngine *self, const DmixDynamicsParams *p,
    double step_s)
{
  const int limit = p->mode == DMIX_DYNAMICS_LIMIT;
  const float range = limit ? -DMIX_DECIBEL_SILENCE : (float) p->range_db;
  const int down = limit || p->mode == DMIX_DYNAMICS_COMPRESS;
  DmixBallisticsSettings s = {
    .ahead_steps = dmix_dynamicsengine_ahead_steps (self->format.rate_hz, p),
    .side = side (p),
    .lowest = down ? -range : 0.0f,
    .highest = down ? 0.0f : range,
    .makeup = self->makeup,
    .mix = (float) p->mix,
    .bypass = p->bypass,
  };

  dmix_envelope_times_init (&s.times, step_s, limit ? 0.0 : p->attack_ms,
      p->hold_ms, p->release_ms, p->auto_release);
  return s;
}

/* Peaks that the gain of their lane already holds need not be precise. With a
 * link in part each gain depends on several peaks. */
static void
follow_peaks (DmixDynamicsEngine *self)
{
  const double link = self->params.link;
  unsigned leader[DMIX_MAX_CHANNELS], first = DMIX_MAX_CHANNELS;

  for (unsigned c = 0; c < self->format.channels; c++) {
    const int linked = link >= 1.0 && dmix_detector_counts (self->detector, c);

    if (linked && first == DMIX_MAX_CHANNELS)
      first = c;
    leader[c] = linked ? first : c;
  }
  dmix_truepeak_follow (self->truepeak,
      link > 0.0 && link < 1.0 ? NULL : leader,
      self->settings.times.release_share);
}

/* Sets all state that depends only on the parameters. */
static void
set_params (DmixDynamicsEngine *self, const DmixDynamicsParams *p)
{
  const double step_s = (double) self->step_frames / self->format.rate_hz;
  const DmixDetectorParams detector = detector_settings (p, step_s);
  double makeup;

  self->params = *p;
  dmix_gaincomputer_init (&self->curve, p);
  makeup = makeup_db (p, &self->curve);
  self->makeup = (float) dmix_gain_from_db (makeup);
  self->rest = p->bypass ? 1.0f : (float) (1.0 + p->mix * (self->makeup - 1.0));
  self->ceiling = (float) dmix_gain_from_db (p->ceiling_dbtp);
  self->top_db = (float) (p->ceiling_dbtp - MARGIN_DB - makeup);
  self->lanes = p->link >= 1.0 && !(limits (self) && self->has_lfe)
      ? 1
      : self->format.channels;
  self->filter_steps = limits (self)
      ? dmix_dynamicsengine_filter_steps (self->format.rate_hz)
      : 0;
  self->settings = lane_settings (self, p, step_s);
  dmix_detector_set_params (self->detector, &detector);
  follow_peaks (self);
}

/* The envelope's value for silence, dB. */
static float
silent_value (const DmixDynamicsEngine *self)
{
  float db = DMIX_DECIBEL_SILENCE;

  if (limits (self))
    return 0.0f;
  dmix_gaincomputer_process (&self->curve, &db, 1);
  return db * side (&self->params);
}

void
dmix_dynamicsengine_reset (DmixDynamicsEngine *self,
    const DmixDynamicsParams *params, uint64_t step)
{
  set_params (self, params);
  dmix_detector_reset (self->detector);
  dmix_truepeak_reset (self->truepeak);
  memset (self->power, 0, self->format.channels * sizeof *self->power);
  self->step = step;
  for (unsigned c = 0; c < self->format.channels; c++)
    dmix_ballistics_reset (self->lane[c], &self->settings, silent_value (self),
        step - self->filter_steps);
}

static void
continue_detection (DmixDynamicsEngine *self, const DmixDynamicsEngine *from)
{
  memcpy (self->power, from->power,
      self->format.channels * sizeof *self->power);
  dmix_detector_take_over (self->detector, from->detector);
  if (limits (from)) {
    dmix_detector_set_power (self->detector, from->power);
    dmix_truepeak_take_over (self->truepeak, from->truepeak);
  } else {
    dmix_truepeak_reset (self->truepeak);
  }
}

void
dmix_dynamicsengine_take_over (DmixDynamicsEngine *self,
    const DmixDynamicsEngine *from, const DmixDynamicsParams *params)
{
  continue_detection (self, from);
  set_params (self, params);
  self->step = from->step;
  for (unsigned l = 0; l < self->lanes; l++)
    dmix_ballistics_take_over (self->lane[l],
        from->lane[from->lanes == 1 ? 0 : l], &self->settings,
        self->step - self->filter_steps);
}

/* Writes the powers of `steps` steps to `joint` and, unless linked, `each`. */
static void
detect (DmixDynamicsEngine *self, const float *in, unsigned steps)
{
  float *each = self->lanes > 1 ? self->each : NULL;

  dmix_detector_process (self->detector, in, steps, self->joint, each,
      MOST_STEPS);
}

/* The same from true peaks (limit mode). */
static void
detect_peaks (DmixDynamicsEngine *self, const float *in, unsigned steps)
{
  const unsigned channels = self->format.channels;
  const float least = ROUGHLY * self->ceiling / self->makeup;

  dmix_truepeak_process_steps (self->truepeak, in, self->step_frames, steps,
      least, self->each, MOST_STEPS);
  memset (self->joint, 0, steps * sizeof *self->joint);
  for (unsigned c = 0; c < channels; c++) {
    float *restrict power = self->each + c * MOST_STEPS;
    float *restrict joint = self->joint;

    for (unsigned s = 0; s < steps; s++)
      power[s] *= power[s];
    if (dmix_detector_counts (self->detector, c))
      for (unsigned s = 0; s < steps; s++)
        joint[s] = dmix_larger (power[s], joint[s]);
    self->power[c] = power[steps - 1];
  }
}

/* Converts powers to the gain computer's target values (dB), in place. */
static void
compute_targets (const DmixDynamicsEngine *self, float *db, unsigned steps)
{
  dmix_decibel_from_power (db, steps);
  if (limits (self)) {
    const float top = self->top_db;

    for (unsigned s = 0; s < steps; s++)
      db[s] = db[s] > top ? top - db[s] : 0.0f;
    return;
  }
  dmix_gaincomputer_process (&self->curve, db, steps);
  if (side (&self->params) < 0.0f)
    for (unsigned s = 0; s < steps; s++)
      db[s] = -db[s];
}

/* Mixes a channel's target with the joint one, by `link`. The LFE: the
 * K-weighted detector does not measure it; a limiter keeps it below the ceiling
 * by its own target. */
static void
link_channel (const DmixDynamicsEngine *self, unsigned channel, float *db,
    unsigned steps)
{
  const float all = (float) self->params.link, own = 1.0f - all;
  const int is_lfe = !dmix_detector_counts (self->detector, channel);
  const int lower_only = is_lfe && limits (self);

  if (is_lfe && !limits (self)
      && self->params.detector == DMIX_DETECTOR_K_WEIGHTED) {
    memcpy (db, self->joint, steps * sizeof *db);
    return;
  }
  if (all == 0.0f)
    return;
  for (unsigned s = 0; s < steps; s++) {
    const float linked = own * db[s] + all * self->joint[s];

    db[s] = lower_only && db[s] < linked ? db[s] : linked;
  }
}

void
dmix_dynamicsengine_process (DmixDynamicsEngine *self, const float *in,
    unsigned steps)
{
  if (limits (self))
    detect_peaks (self, in, steps);
  else
    detect (self, in, steps);
  compute_targets (self, self->joint, steps);
  if (self->lanes == 1) {
    dmix_ballistics_process (self->lane[0], self->joint, steps);
  } else {
    for (unsigned c = 0; c < self->lanes; c++)
      compute_targets (self, self->each + c * MOST_STEPS, steps);
    for (unsigned c = 0; c < self->lanes; c++) {
      float *db = self->each + c * MOST_STEPS;

      link_channel (self, c, db, steps);
      dmix_ballistics_process (self->lane[c], db, steps);
    }
  }
  self->step += steps;
}

unsigned
dmix_dynamicsengine_get_lanes (const DmixDynamicsEngine *self)
{
  return self->lanes;
}

const float *
dmix_dynamicsengine_get_gain (const DmixDynamicsEngine *self, unsigned lane)
{
  return dmix_ballistics_get_gain (self->lane[self->lanes == 1 ? 0 : lane]);
}

float
dmix_dynamicsengine_get_rest (const DmixDynamicsEngine *self)
{
  return self->rest;
}

unsigned
dmix_dynamicsengine_lag_steps (const DmixDynamicsEngine *self)
{
  return self->filter_steps + self->settings.ahead_steps;
}

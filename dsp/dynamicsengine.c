/* Method, for some steps at a time, each line a pass over an array:
 *
 *   power of every step and channel       detector, or truepeak in limit mode
 *   dB                                    decibel
 *   gain that the curve asks for          gaincomputer
 *   channel link
 *   hold, attack, release                 envelope
 *   lower of this and the last step       (see below)
 *   look-ahead                            lookahead
 *   linear, makeup, mix                   decibel
 *
 * Inside, the "value" is the gain of modes that turn down what is loud, and
 * its negative in those that turn down what is soft (expand, gate): so falling
 * values are always the reaction to louder sound, and "lowest" always means
 * "ready for the loudest".
 *
 * Timing. Sound is delayed by N frames (and, limiting, by whole steps for the
 * true-peak filter). When the first frame of a step leaves, the M = floor ((N
 * + 1) / step_frames) steps from it on are known. The gain at the border of
 * two steps must suit both: the lower of each two neighbours, and then a
 * look-ahead over M - 1 steps, is below what either asks for. With M < 2
 * there is no look-ahead and gains come up to two steps late.
 *
 * State
 *   step       number of the next step
 *   known      number of the first step not decided on (step - filter delay)
 *   value[]    of each lane, a ring: the envelope's values by step
 *   gain[]     of each lane, a ring: what is put out, by step
 */
#include "dynamicsengine.h"

#include "decibel.h"
#include "detector.h"
#include "envelope.h"
#include "gaincomputer.h"
#include "lookahead.h"
#include "truepeak.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STEPS DMIX_DYNAMICSENGINE_MOST_STEPS
#define STEPS_PER_S 6000.0
#define MARGIN_DB 0.05          /* by which interpolators differ */
#define ROUGHLY 0.99f           /* more than MARGIN_DB below the ceiling */

struct DmixDynamicsEngine
{
  DmixFormat format;
  DmixDynamicsParams params;
  unsigned step_frames, ring_steps, filter_steps;
  unsigned ahead_steps;         /* M, see above */
  unsigned lanes;
  uint64_t step, known;
  float rest, makeup;
  float ceiling, top_db;        /* limit mode: linear; level that may pass */
  DmixGainComputer curve;
  DmixEnvelopeTimes times;
  DmixDetector *detector;
  DmixTruePeak *truepeak;
  DmixEnvelope *envelope;
  DmixLookahead **lookahead;
  float *value, *gain;          /* lanes of ring_steps */
  float *joint, *each;          /* lanes of MOST_STEPS */
  float *power;                 /* of each channel */
};

unsigned
dmix_dynamicsengine_step_frames (unsigned rate_hz)
{
  return (unsigned) fmax (1.0, round (rate_hz / STEPS_PER_S));
}

static unsigned
lookahead_frames (unsigned rate_hz, double lookahead_ms)
{
  return (unsigned) lround (lookahead_ms * rate_hz / 1000.0);
}

static unsigned
most_ahead_steps (unsigned rate_hz)
{
  return (lookahead_frames (rate_hz, DMIX_DYNAMICS_MAX_LOOKAHEAD_MS) + 1)
      / dmix_dynamicsengine_step_frames (rate_hz);
}

static unsigned
truepeak_steps (unsigned rate_hz)
{
  const unsigned step = dmix_dynamicsengine_step_frames (rate_hz);

  return (DMIX_TRUEPEAK_REACH + step - 1) / step;
}

unsigned
dmix_dynamicsengine_ring_steps (unsigned rate_hz)
{
  const unsigned needed = 2 * (most_ahead_steps (rate_hz)
      + truepeak_steps (rate_hz) + MOST_STEPS) + 16;
  unsigned ring = 1;

  while (ring < needed)
    ring *= 2;
  return ring;
}

unsigned
dmix_dynamicsengine_latency_frames (unsigned rate_hz,
    const DmixDynamicsParams * params)
{
  const unsigned filter = params->mode == DMIX_DYNAMICS_LIMIT
      ? truepeak_steps (rate_hz) * dmix_dynamicsengine_step_frames (rate_hz)
      : 0;

  return filter + lookahead_frames (rate_hz, params->lookahead_ms);
}

static int
set_up_parts (DmixDynamicsEngine * self, const float *weight)
{
  const DmixFormat *format = &self->format;
  const unsigned ahead = most_ahead_steps (format->rate_hz);
  const double steps_per_s = (double) format->rate_hz / self->step_frames;
  const double window = DMIX_DYNAMICS_MAX_WINDOW_MS / 1000.0 * steps_per_s;

  self->detector = dmix_detector_new (format, weight, self->step_frames,
      (unsigned) window + 1);
  self->truepeak = dmix_truepeak_new (format,
      truepeak_steps (format->rate_hz) * self->step_frames);
  for (unsigned c = 0; c < format->channels; c++)
    if (!(self->lookahead[c] = dmix_lookahead_new (ahead)))
      return 0;
  return self->detector && self->truepeak;
}

DmixDynamicsEngine *
dmix_dynamicsengine_new (const DmixFormat * format,
    const float *loudness_weight)
{
  DmixDynamicsEngine *self;
  size_t channels, ring;

  if (!dmix_format_is_valid (format) || !(self = calloc (1, sizeof *self)))
    return NULL;
  channels = format->channels;
  ring = dmix_dynamicsengine_ring_steps (format->rate_hz);
  self->format = *format;
  self->step_frames = dmix_dynamicsengine_step_frames (format->rate_hz);
  self->ring_steps = (unsigned) ring;
  self->envelope = calloc (channels, sizeof *self->envelope);
  self->lookahead = calloc (channels, sizeof *self->lookahead);
  self->value = calloc (channels * ring, sizeof *self->value);
  self->gain = calloc (channels * ring, sizeof *self->gain);
  self->joint = calloc (MOST_STEPS, sizeof *self->joint);
  self->each = calloc (channels * MOST_STEPS, sizeof *self->each);
  self->power = calloc (channels, sizeof *self->power);
  if (!self->envelope || !self->lookahead || !self->value || !self->gain
      || !self->joint || !self->each || !self->power
      || !set_up_parts (self, loudness_weight)) {
    dmix_dynamicsengine_free (self);
    return NULL;
  }
  return self;
}

void
dmix_dynamicsengine_free (DmixDynamicsEngine * self)
{
  if (!self)
    return;
  for (unsigned c = 0; self->lookahead && c < self->format.channels; c++)
    dmix_lookahead_free (self->lookahead[c]);
  dmix_detector_free (self->detector);
  dmix_truepeak_free (self->truepeak);
  free (self->envelope);
  free (self->lookahead);
  free (self->value);
  free (self->gain);
  free (self->joint);
  free (self->each);
  free (self->power);
  free (self);
}

static int
limits (const DmixDynamicsEngine * self)
{
  return self->params.mode == DMIX_DYNAMICS_LIMIT;
}

/* -1 where the value is the negative gain. */
static float
side (const DmixDynamicsParams * params)
{
  return params->mode == DMIX_DYNAMICS_EXPAND
      || params->mode == DMIX_DYNAMICS_GATE ? -1.0f : 1.0f;
}

static float *
value_of (const DmixDynamicsEngine * self, unsigned lane, uint64_t step)
{
  return &self->value[(size_t) lane * self->ring_steps
      + (step & (self->ring_steps - 1))];
}

static double
makeup_db (const DmixDynamicsParams * params, const DmixGainComputer * curve)
{
  float full_scale = 0.0f;

  if (!params->auto_makeup || params->mode != DMIX_DYNAMICS_COMPRESS)
    return params->makeup_db;
  dmix_gaincomputer_process (curve, &full_scale, 1);
  return params->makeup_db - full_scale / 2.0;
}

/* Everything that follows from the parameters alone. */
static void
set_params (DmixDynamicsEngine * self, const DmixDynamicsParams * p)
{
  const double step_s = (double) self->step_frames / self->format.rate_hz;
  const double makeup = makeup_db (p, (dmix_gaincomputer_init (&self->curve,
              p), &self->curve));
  const DmixDetectorSettings detector = {
    .kind = p->detector,
    .window_steps = (unsigned) fmax (1.0,
        round (p->rms_window_ms / 1000.0 / step_s)),
    .highpass_hz = p->highpass_hz,
    .lowpass_hz = p->lowpass_hz,
  };

  self->params = *p;
  self->makeup = (float) (makeup == 0.0 ? 1.0 : pow (10.0, makeup / 20.0));
  self->rest = p->bypass ? 1.0f
      : (float) (1.0 + p->mix * (self->makeup - 1.0));
  self->ceiling = (float) pow (10.0, p->ceiling_dbtp / 20.0);
  self->top_db = (float) (p->ceiling_dbtp - MARGIN_DB - makeup);
  self->lanes = p->link >= 1.0 ? 1 : self->format.channels;
  self->filter_steps =
      limits (self) ? truepeak_steps (self->format.rate_hz) : 0;
  self->ahead_steps = (lookahead_frames (self->format.rate_hz,
          p->lookahead_ms) + 1) / self->step_frames;
  dmix_envelope_times_init (&self->times, step_s,
      limits (self) ? 0.0 : p->attack_ms, p->hold_ms, p->release_ms,
      p->auto_release);
  dmix_detector_set (self->detector, &detector);
}

/* A value that is possible in the present mode. */
static float
possible (const DmixDynamicsEngine * self, float value)
{
  const float range = (float) self->params.range_db;

  switch (self->params.mode) {
    case DMIX_DYNAMICS_LIMIT:
      return fminf (value, 0.0f);
    case DMIX_DYNAMICS_COMPRESS:
      return fmaxf (fminf (value, 0.0f), -range);
    default:
      return fminf (fmaxf (value, 0.0f), range);
  }
}

/* Refills the look-aheads from the values of past steps. */
static void
prepare_lookahead (DmixDynamicsEngine * self)
{
  if (self->ahead_steps < 2)
    return;
  for (unsigned l = 0; l < self->lanes; l++) {
    const unsigned delay = self->ahead_steps - 2;
    uint64_t k = self->known - (2 * delay + 2);

    dmix_lookahead_resize (self->lookahead[l], delay,
        *value_of (self, l, k - 1));
    for (; k < self->known; k++) {
      float lower = fminf (*value_of (self, l, k), *value_of (self, l, k - 1));

      dmix_lookahead_process (self->lookahead[l], &lower, 1);
    }
  }
}

/* What silence gets. */
static float
silent_value (const DmixDynamicsEngine * self)
{
  float db = DMIX_DECIBEL_SILENCE;

  if (limits (self))
    return 0.0f;
  dmix_gaincomputer_process (&self->curve, &db, 1);
  return possible (self, db * side (&self->params));
}

static void to_linear (const DmixDynamicsEngine * self, float *value,
    size_t count);

void
dmix_dynamicsengine_reset (DmixDynamicsEngine * self,
    const DmixDynamicsParams * params, uint64_t step)
{
  const size_t count = (size_t) self->format.channels * self->ring_steps;
  float value, gain;

  set_params (self, params);
  dmix_detector_reset (self->detector);
  dmix_truepeak_reset (self->truepeak);
  memset (self->power, 0, self->format.channels * sizeof *self->power);
  self->step = step;
  self->known = step - self->filter_steps;
  gain = value = silent_value (self);
  to_linear (self, &gain, 1);
  for (unsigned c = 0; c < self->format.channels; c++)
    dmix_envelope_init (&self->envelope[c], value);
  for (size_t i = 0; i < count; i++) {
    self->value[i] = value;
    self->gain[i] = gain;
  }
  prepare_lookahead (self);
}

static void
continue_detection (DmixDynamicsEngine * self,
    const DmixDynamicsEngine * from)
{
  memcpy (self->power, from->power,
      self->format.channels * sizeof *self->power);
  dmix_detector_copy (self->detector, from->detector);
  if (limits (from)) {
    dmix_detector_start (self->detector, from->power);
    dmix_truepeak_copy (self->truepeak, from->truepeak);
  } else {
    dmix_truepeak_reset (self->truepeak);
  }
}

/* The state of a lane, from the same lane of another engine, or from its only
 * one. */
static void
continue_lane (DmixDynamicsEngine * self, const DmixDynamicsEngine * from,
    unsigned lane)
{
  const unsigned source = from->lanes == 1 ? 0 : lane;
  const float flip = side (&self->params) * side (&from->params);
  const uint64_t past = self->known - (2 * self->ahead_steps + 4);
  DmixEnvelope *e = &self->envelope[lane];

  *e = from->envelope[source];
  e->value = possible (self, flip * (float) e->value);
  e->mean = from->times.mean_share > 0.0
      ? possible (self, flip * (float) e->mean) : e->value;
  for (uint64_t k = past; k < self->known; k++)
    *value_of (self, lane, k) = k < from->known
        ? possible (self, flip * *value_of (from, source, k))
        : (float) e->value;
}

void
dmix_dynamicsengine_continue (DmixDynamicsEngine * self,
    const DmixDynamicsEngine * from, const DmixDynamicsParams * params)
{
  continue_detection (self, from);
  set_params (self, params);
  self->step = from->step;
  self->known = self->step - self->filter_steps;
  for (unsigned l = 0; l < self->lanes; l++)
    continue_lane (self, from, l);
  prepare_lookahead (self);
}

/* Powers of `steps` steps into joint and, if lanes differ, each. */
static void
detect (DmixDynamicsEngine * self, const float *in, unsigned steps)
{
  float *each = self->lanes > 1 ? self->each : NULL;

  dmix_detector_process (self->detector, in, steps, self->joint, each,
      MOST_STEPS);
}

/* The same from true peaks. */
static void
detect_peaks (DmixDynamicsEngine * self, const float *in, unsigned steps)
{
  const unsigned channels = self->format.channels;
  const float least = ROUGHLY * self->ceiling / self->makeup;

  dmix_truepeak_steps (self->truepeak, in, self->step_frames, steps, least,
      self->each, MOST_STEPS);
  memset (self->joint, 0, steps * sizeof *self->joint);
  for (unsigned c = 0; c < channels; c++) {
    float *power = self->each + c * MOST_STEPS;

    for (unsigned s = 0; s < steps; s++) {
      power[s] *= power[s];
      self->joint[s] = power[s] > self->joint[s] ? power[s] : self->joint[s];
    }
    self->power[c] = power[steps - 1];
  }
}

/* From powers to what the curve asks for, as values, in place. */
static void
ask_curve (const DmixDynamicsEngine * self, float *db, unsigned steps)
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

/* Values to linear gains, in place. */
static void
to_linear (const DmixDynamicsEngine * self, float *value, size_t count)
{
  const float makeup = self->makeup, mix = (float) self->params.mix;

  if (self->params.bypass) {
    for (size_t i = 0; i < count; i++)
      value[i] = 1.0f;
    return;
  }
  if (side (&self->params) < 0.0f)
    for (size_t i = 0; i < count; i++)
      value[i] = -value[i];
  dmix_decibel_to_gain (value, count);
  for (size_t i = 0; i < count; i++)
    value[i] *= makeup;
  if (mix < 1.0f)               /* a gain of 1 stays 1 exactly */
    for (size_t i = 0; i < count; i++)
      value[i] = 1.0f + mix * (value[i] - 1.0f);
}

/* From what the curve asks for to the lane's gains; `target` is used up. */
static void
follow (DmixDynamicsEngine * self, unsigned lane, float *target,
    unsigned steps)
{
  const unsigned mask = self->ring_steps - 1;
  const uint64_t first = self->step + 2 - self->filter_steps
      - self->ahead_steps;
  float *gain = self->gain + (size_t) lane * self->ring_steps;
  float last = *value_of (self, lane, self->known - 1);

  dmix_envelope_process (&self->envelope[lane], &self->times, target, steps);
  for (unsigned s = 0; s < steps; s++)
    *value_of (self, lane, self->known + s) = target[s];
  if (self->ahead_steps >= 2) {
    for (unsigned s = 0; s < steps; s++) {
      const float now = target[s];

      target[s] = now < last ? now : last;
      last = now;
    }
    dmix_lookahead_process (self->lookahead[lane], target, steps);
  }
  to_linear (self, target, steps);
  for (unsigned s = 0; s < steps; s++)
    gain[(first + s) & mask] = target[s];
}

/* Each channel's own wish moves towards that of all of them. */
static void
link_channels (DmixDynamicsEngine * self, unsigned steps)
{
  const float all = (float) self->params.link, own = 1.0f - all;

  if (all == 0.0f)
    return;
  for (unsigned c = 0; c < self->lanes; c++) {
    float *db = self->each + c * MOST_STEPS;

    for (unsigned s = 0; s < steps; s++)
      db[s] = own * db[s] + all * self->joint[s];
  }
}

void
dmix_dynamicsengine_process (DmixDynamicsEngine * self, const float *in,
    unsigned steps)
{
  if (limits (self))
    detect_peaks (self, in, steps);
  else
    detect (self, in, steps);
  ask_curve (self, self->joint, steps);
  if (self->lanes == 1) {
    follow (self, 0, self->joint, steps);
  } else {
    for (unsigned c = 0; c < self->lanes; c++)
      ask_curve (self, self->each + c * MOST_STEPS, steps);
    link_channels (self, steps);
    for (unsigned c = 0; c < self->lanes; c++)
      follow (self, c, self->each + c * MOST_STEPS, steps);
  }
  self->step += steps;
  self->known += steps;
}

unsigned
dmix_dynamicsengine_lanes (const DmixDynamicsEngine * self)
{
  return self->lanes;
}

const float *
dmix_dynamicsengine_gain (const DmixDynamicsEngine * self, unsigned lane)
{
  return self->gain
      + (size_t) (self->lanes == 1 ? 0 : lane) * self->ring_steps;
}

float
dmix_dynamicsengine_rest (const DmixDynamicsEngine * self)
{
  return self->rest;
}

float
dmix_dynamicsengine_clamp (const DmixDynamicsEngine * self)
{
  return limits (self) && !self->params.bypass && self->params.mix >= 1.0
      ? self->ceiling : INFINITY;
}

unsigned
dmix_dynamicsengine_lag_steps (const DmixDynamicsEngine * self)
{
  return self->filter_steps + self->ahead_steps;
}

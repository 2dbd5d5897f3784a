/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: each channel of an object is a voice with its own direction. A voice
 * runs through air absorption and propagation delay, and then through gains to
 * all output channels, or through binaural filters.
 *
 * State of an object
 *   params     last parameters set
 *   dirty      gains and filters still have older parameters
 *   aired      voices run through the air filter
 *   middle, distance   gliding distance, m: outputs of two one-pole filters in
 *              series
 *
 * State of a voice
 *   own        direction in the object
 *   lfe        index among the LFE channels of the input, or -1
 */
#include "pan/panobject.h"

#include "pan/ambisonic.h"
#include "pan/doppler.h"
#include "pan/gainramp.h"
#include "pan/panprivate.h"
#include "base/level.h"
#include "base/sanitize.h"
#include "base/smooth.h"
#include "base/units.h"

#include <stdlib.h>
#include <string.h>

#define GAIN_S 0.005 /* time constants of glides */
#define DISTANCE_S 0.02
#define DISTANCE_REST_M 1e-9 /* a smaller rest of the glide is dropped */

typedef struct
{
  DmixVector own;
  double place; /* in a row: from -1 (right) to 1 (left) */
  int lfe;
  unsigned hint;
  DmixGainRamp *ramp;
  DmixBinauralSource *source;
  DmixDoppler *doppler;
  DmixAirPath air;
} Voice;

struct DmixPanObject
{
  unsigned channels;
  int is_row; /* a pair, or channels without positions */
  DmixPanParams params;
  int begun, dirty, aired;
  double share, middle, distance;
  Voice voice[];
};

/*** new and free ***/

static int
init_voice (const DmixPan *pan, const DmixLayout *layout, unsigned c,
    Voice *voice)
{
  const DmixSpeaker *speaker = &layout->speaker[c];
  const double rate = pan->format.rate_hz;

  voice->own =
      dmix_vector_from_angles (speaker->azimuth_deg, speaker->elevation_deg);
  voice->place =
      layout->channels > 1 ? 1 - 2.0 * c / (layout->channels - 1) : 0;
  voice->lfe = -1;
  if (speaker->is_lfe) {
    voice->lfe = 0;
    for (unsigned i = 0; i < c; i++)
      voice->lfe += layout->speaker[i].is_lfe;
  }
  if (pan->binaural)
    voice->source = dmix_binaural_source_new (pan->binaural);
  else
    voice->ramp = dmix_gainramp_new (pan->channels, pan->step, GAIN_S * rate);
  if (pan->format.doppler && !speaker->is_lfe) {
    voice->doppler =
        dmix_doppler_new (pan->doppler, pan->format.rate_hz, pan->step);
    if (!voice->doppler)
      return 0;
  }
  return voice->source || voice->ramp;
}

DmixPanObject *
dmix_panobject_new (const DmixPan *pan, const DmixLayout *layout)
{
  DmixPanObject *self;

  if (!layout || layout->channels < 1 || layout->channels > DMIX_MAX_CHANNELS)
    return NULL;
  self = calloc (1, sizeof *self + layout->channels * sizeof (Voice));
  if (!self)
    return NULL;
  self->channels = layout->channels;
  self->is_row = layout->channels <= 2 || layout->mask == 0;
  self->share =
      dmix_smooth_share (DISTANCE_S, (double) pan->step / pan->format.rate_hz);
  for (unsigned c = 0; c < layout->channels; c++)
    if (!init_voice (pan, layout, c, &self->voice[c])) {
      dmix_panobject_free (self);
      return NULL;
    }
  dmix_panobject_reset (self);
  return self;
}

void
dmix_panobject_free (DmixPanObject *self)
{
  for (unsigned c = 0; self && c < self->channels; c++) {
    dmix_gainramp_free (self->voice[c].ramp);
    dmix_binaural_source_free (self->voice[c].source);
    dmix_doppler_free (self->voice[c].doppler);
  }
  free (self);
}

void
dmix_panobject_reset (DmixPanObject *self)
{
  for (unsigned c = 0; c < self->channels; c++) {
    Voice *voice = &self->voice[c];

    if (voice->ramp)
      dmix_gainramp_reset (voice->ramp);
    if (voice->source)
      dmix_binaural_source_reset (voice->source);
    if (voice->doppler)
      dmix_doppler_reset (voice->doppler);
    dmix_air_path_reset (&voice->air);
    voice->hint = 0;
  }
  self->begun = self->aired = 0;
  self->dirty = 1;
}

unsigned
dmix_panobject_channels (const DmixPanObject *self)
{
  return self->channels;
}

void
dmix_panobject_set_params (DmixPanObject *self, const DmixPanParams *params)
{
  /* a difference in padding only sets the same gains again */
  if (memcmp (&self->params, params, sizeof *params) == 0)
    return;
  self->params = *params;
  self->dirty = 1;
}

unsigned
dmix_panobject_tail_frames (const DmixPanObject *self)
{
  unsigned longest = 0;

  for (unsigned c = 0; c < self->channels; c++) {
    const Voice *voice = &self->voice[c];
    const unsigned tail = voice->doppler && self->begun
        ? dmix_doppler_tail_frames (voice->doppler)
        : 0;

    longest = DMIX_MAX (tail, longest);
  }
  return longest + (self->aired ? DMIX_AIR_TAPS : 0);
}

/*** position ***/

static double
linear (double db)
{
  return db <= DMIX_PAN_OFF_DB ? 0 : dmix_gain_from_db (db);
}

/* The parameters to use: with bypass, those of a dry source in front. */
static DmixPanParams
effective (const DmixPanObject *self)
{
  static const DmixPanParams plain = {
    .width_deg = 60,
    .lfe_send_db = DMIX_PAN_OFF_DB,
    .distance = { .reference_m = 1, .max_m = 1 },
    .bypass = 1,
  };

  return self->params.bypass ? plain : self->params;
}

static DmixVector
direction_of (const DmixPanObject *self, const Voice *voice,
    const DmixPanParams *p)
{
  if (self->is_row)
    return dmix_vector_from_angles (p->azimuth_deg
            + voice->place * p->width_deg / 2,
        p->elevation_deg);
  return dmix_vector_rotate (voice->own, p->azimuth_deg, p->elevation_deg);
}

/* Direction relative to the head. */
static DmixVector
relative_to (const DmixPanHead *head, DmixVector d)
{
  const double roll = DMIX_RADIANS (head->roll_deg);

  if (head->yaw_deg == 0 && head->pitch_deg == 0 && head->roll_deg == 0)
    return d;
  d = dmix_vector_rotate (d, -head->yaw_deg, 0);
  d = dmix_vector_rotate (d, 0, -head->pitch_deg);
  return (DmixVector){
    d.x * cos (roll) - d.z * sin (roll),
    d.y,
    d.x * sin (roll) + d.z * cos (roll),
  };
}

static void
set_gains (DmixPan *pan, DmixPanObject *self, Voice *voice,
    const DmixPanParams *p, double level)
{
  const double send = linear (p->lfe_send_db) / self->channels;
  double gain[DMIX_MAX_CHANNELS] = { 0 };

  if (voice->lfe >= 0) {
    if ((unsigned) voice->lfe < pan->lfes)
      gain[pan->lfe[voice->lfe]] = level;
    dmix_gainramp_set_gains (voice->ramp, gain);
    return;
  }
  if (pan->format.output == DMIX_PAN_AMBISONIC) {
    dmix_ambisonic_get_gains (pan->format.ambisonic_order,
        direction_of (self, voice, p), p->spread_deg, p->divergence, gain);
  } else {
    const DmixVbapParams to = {
      direction_of (self, voice, p),
      p->spread_deg,
      p->divergence,
    };

    dmix_vbap_get_gains (pan->vbap, &to, &voice->hint, gain);
  }
  for (unsigned i = 0; i < pan->lfes; i++)
    gain[pan->lfe[i]] = send / sqrt (pan->lfes);
  for (unsigned c = 0; c < pan->channels; c++)
    gain[c] *= level;
  dmix_gainramp_set_gains (voice->ramp, gain);
}

static void
set_filters (DmixPan *pan, DmixPanObject *self, Voice *voice,
    const DmixPanParams *p, double level)
{
  DmixHrtfBankParams ears = {
    .direction = relative_to (&pan->head, direction_of (self, voice, p)),
    .spread_deg = p->spread_deg,
    .divergence = p->divergence,
    .gain = { level, level },
    .flat = p->bypass || voice->lfe >= 0,
  };

  if (voice->lfe >= 0) {
    ears.gain[0] = ears.gain[1] = level * sqrt (0.5);
  } else if (p->bypass) {
    const DmixVbapParams front = { direction_of (self, voice, p), 0, 0 };

    dmix_vbap_get_gains (pan->vbap, &front, &voice->hint, ears.gain);
  } else if (p->near_field) {
    double near[2];

    dmix_distance_ears (p->distance.distance_m, ears.direction.x, near);
    for (int ear = 0; ear < 2; ear++)
      ears.gain[ear] *= near[ear];
  }
  dmix_binaural_source_set_filter (pan->binaural, voice->source, &ears);
}

static void
glide (DmixPanObject *self, double target)
{
  if (!self->begun) {
    self->middle = self->distance = target;
    return;
  }
  self->middle += self->share * (target - self->middle);
  self->distance += self->share * (self->middle - self->distance);
  if (fabs (target - self->middle) < DISTANCE_REST_M
      && fabs (self->middle - self->distance) < DISTANCE_REST_M)
    self->middle = self->distance = target;
}

/* Sets the air filters. Once in use they stay in use until a reset, with a
 * distance of 0 if `air` is off, because removing a filter would click. */
static void
set_air (DmixPan *pan, DmixPanObject *self, const DmixPanParams *p)
{
  self->aired |= p->air;
  for (unsigned c = 0; self->aired && c < self->channels; c++)
    dmix_air_path_set_distance (&self->voice[c].air, pan->air,
        p->air ? self->distance : 0);
}

static void
move (DmixPan *pan, DmixPanObject *self)
{
  const DmixPanParams p = effective (self);
  const double level = linear (p.gain_db) * dmix_distance_gain (&p.distance);
  const int now = pan->block_at == 0 || !self->begun;

  glide (self, p.distance.distance_m);
  set_air (pan, self, &p);
  for (unsigned c = 0; c < self->channels; c++) {
    Voice *voice = &self->voice[c];

    if (voice->doppler)
      dmix_doppler_set_distance (voice->doppler, self->distance);
    if (voice->source && now && (self->dirty || pan->head_moves))
      set_filters (pan, self, voice, &p, level);
    if (voice->ramp && self->dirty)
      set_gains (pan, self, voice, &p, level);
    if (voice->ramp)
      dmix_gainramp_step (voice->ramp);
  }
  if (now || !pan->binaural)
    self->dirty = 0;
  self->begun = 1;
}

/* Non-zero if no parameter has changed and only gains may still glide. */
static int
is_settled (const DmixPan *pan, const DmixPanObject *self)
{
  return self->begun && !self->dirty && !pan->head_moves && !self->aired
      && !pan->format.doppler && self->middle == self->distance
      && self->distance == self->params.distance.distance_m;
}

void
dmix_panobject_step (DmixPan *pan, DmixPanObject *self)
{
  if (is_settled (pan, self)) {
    for (unsigned c = 0; self->voice[0].ramp && c < self->channels; c++)
      dmix_gainramp_step (self->voice[c].ramp);
    return;
  }
  move (pan, self);
}

/*** samples ***/

/* Returns non-zero if there is any sound. */
static int
take_channel (const DmixPanObject *self, unsigned c, const float *sample,
    unsigned frames, float *to)
{
  if (!sample) {
    memset (to, 0, frames * sizeof *to);
    return 0;
  }
  if (self->channels == 1)
    memcpy (to, sample, frames * sizeof *to);
  else
    for (unsigned i = 0; i < frames; i++)
      to[i] = sample[(size_t) i * self->channels + c];
  return dmix_sanitize_clean (to, frames);
}

int
dmix_panobject_is_plain (const DmixPan *pan, const DmixPanObject *self)
{
  return self->channels == 1 && self->voice[0].ramp && is_settled (pan, self)
      && dmix_gainramp_is_at_rest (self->voice[0].ramp);
}

void
dmix_panobject_process_plain (DmixPanObject *self, const float *sample,
    size_t frames, float *out)
{
  dmix_gainramp_process (self->voice[0].ramp, sample, frames, out);
}

void
dmix_panobject_add (DmixPan *pan, DmixPanObject *self, const float *sample,
    unsigned frames)
{
  float step[DMIX_PAN_LONGEST_STEP];

  if (!self->begun)
    dmix_panobject_step (pan, self); /* added in the middle of a step */
  for (unsigned c = 0; c < self->channels; c++) {
    Voice *voice = &self->voice[c];
    float *x = voice->source
        ? dmix_binaural_source_place (voice->source, pan->block_at)
        : step;
    int heard = take_channel (self, c, sample, frames, x);

    if (self->aired && voice->lfe < 0)
      dmix_air_path_process (&voice->air, x, pan->at, frames, pan->step);
    if (voice->doppler)
      dmix_doppler_process (voice->doppler, x, pan->at, frames);
    if (voice->ramp) {
      dmix_gainramp_add (voice->ramp, x, pan->at, frames, pan->plane,
          DMIX_PAN_LONGEST_STEP);
      continue;
    }
    if (self->aired || voice->doppler) /* may sound on */
      heard = !dmix_level_is_silent (x, frames);
    dmix_binaural_source_wrote (voice->source, frames, heard);
    if (pan->format.zero_latency)
      dmix_binaural_add_now (pan->binaural, voice->source, pan->block_at,
          frames, pan->plane, pan->plane + DMIX_PAN_LONGEST_STEP);
  }
}

void
dmix_panobject_add_block (DmixPan *pan, DmixPanObject *self)
{
  for (unsigned c = 0; c < self->channels; c++)
    dmix_binaural_add (pan->binaural, self->voice[c].source);
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: mid and side of the front channels, their features (voicefeatures)
 * and the odds that these give (voicemodel). The learned detector has the odds of
 * the network (learnedactivity) among its features, and weights of its own; but
 * what the statistics are sure of is no speech, for the network is certain of
 * telephone music that it was not trained with. A slack of 1.5 takes 60 % of what
 * it reads as speech there, and 1 point of the speech.
 *
 * The centre is the mid while it carries sound, as in films; if it has been
 * silent for CENTRE_S seconds, as in stereo that was put into a surround
 * layout, half the sum of left and right takes its place.
 *
 * State
 *   mid[], side[]  of the current step; `at`: frames in it
 *   sum[]          half of left plus right, for a silent centre
 *   network_alone  what the network said of the latest step, NONE without it
 *   silent         steps since the centre last had sound
 */
#include "speech/voice.h"

#include "base/sanitize.h"
#include "base/units.h"
#include "speech/learnedactivity.h"
#include "speech/voicefeatures.h"
#include "speech/voicemodel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CENTRE_S 10u
#define CENTRE_SOUND 3e-4f /* -70 dBFS */
/* Log odds by which the learned detector may be more certain of speech than the
 * statistical one, so that music which the network takes for a voice stays music. The
 * less, the more speech under loud backgrounds is missed (tests/quality/fit/README.md). */
#define LATEST_SLACK 3.0
#define SETTLED_SLACK 2.5
/* What the odds of the network lack of those that the learned model was fitted with:
 * its weights are newer, and more cautious. A fit with them makes it 0. */
#define AS_FITTED 1.0
#define NONE -1.0

struct DmixVoice
{
  unsigned channels, room;
  int centre, left, right;      /* channel, or -1 */
  DmixVoiceFeatures *features;  /* NULL: the rate is too low */
  DmixVoiceModel *model[2];     /* by detector */
  DmixLearnedActivity *network; /* NULL: the same */
  DmixVoiceDetector detector;
  float *memory, *mid, *sum, *side;
  const float *chosen; /* mid of the latest step, of `chosen_frames` */
  size_t at, chosen_frames;
  unsigned silent;
  double latest, settled, network_alone;
};

/*** new, free, reset ***/

static void
find_places (DmixVoice *self, const DmixVoicePlace *place)
{
  self->centre = self->left = self->right = -1;
  for (unsigned c = 0; place && c < self->channels; c++) {
    int *found = place[c] == DMIX_VOICE_CENTRE ? &self->centre
        : place[c] == DMIX_VOICE_LEFT          ? &self->left
        : place[c] == DMIX_VOICE_RIGHT         ? &self->right
                                               : NULL;

    if (found && *found < 0)
      *found = (int) c;
  }
  if (self->left < 0 || self->right < 0)
    self->left = self->right = -1;
  if (self->centre >= 0 || self->left >= 0)
    return;
  if (self->channels == 1)
    self->centre = 0;
  if (self->channels == 2) {
    self->left = 0;
    self->right = 1;
  }
}

DmixVoice *
dmix_voice_new (const DmixFormat *format, const DmixVoicePlace *place)
{
  DmixVoice *self;

  if (!dmix_format_is_valid (format) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->channels = format->channels;
  self->room = format->rate_hz / DMIX_VOICE_STEPS_PER_S + 1u;
  find_places (self, place);
  self->memory = calloc (3u * (size_t) self->room, sizeof *self->memory);
  self->model[DMIX_VOICE_STATISTICAL] =
      dmix_voicemodel_new (&dmix_voice_statistical);
  self->model[DMIX_VOICE_LEARNED] = dmix_voicemodel_new (&dmix_voice_learned);
  if (format->rate_hz >= DMIX_VOICE_MIN_RATE_HZ)
    self->features = dmix_voicefeatures_new (format->rate_hz);
  if (format->rate_hz >= DMIX_LEARNEDACTIVITY_MIN_RATE_HZ)
    self->network = dmix_learnedactivity_new (format->rate_hz);
  if (!self->memory || !self->model[0] || !self->model[1]
      || (!self->features && format->rate_hz >= DMIX_VOICE_MIN_RATE_HZ)
      || (!self->network
          && format->rate_hz >= DMIX_LEARNEDACTIVITY_MIN_RATE_HZ)) {
    dmix_voice_free (self);
    return NULL;
  }
  self->mid = self->memory;
  self->sum = self->memory + self->room;
  self->side = self->memory + 2u * self->room;
  dmix_voice_reset (self);
  return self;
}

void
dmix_voice_free (DmixVoice *self)
{
  if (!self)
    return;
  dmix_voicefeatures_free (self->features);
  dmix_voicemodel_free (self->model[0]);
  dmix_voicemodel_free (self->model[1]);
  dmix_learnedactivity_free (self->network);
  free (self->memory);
  free (self);
}

static void
reset_network (DmixVoice *self)
{
  if (self->network)
    dmix_learnedactivity_reset (self->network);
  dmix_voicemodel_reset (self->model[DMIX_VOICE_LEARNED]);
}

static void
reset_statistics (DmixVoice *self)
{
  if (self->features)
    dmix_voicefeatures_reset (self->features);
  dmix_voicemodel_reset (self->model[DMIX_VOICE_STATISTICAL]);
}

void
dmix_voice_set_detector (DmixVoice *self, DmixVoiceDetector detector)
{
  if (!self->network)
    detector = DMIX_VOICE_STATISTICAL;
  if (self->detector == DMIX_VOICE_STATISTICAL && detector != self->detector)
    reset_network (self);
  if (self->detector == DMIX_VOICE_NETWORK && detector != self->detector) {
    dmix_voicemodel_reset (self->model[DMIX_VOICE_LEARNED]);
    reset_statistics (self);
  }
  if (detector == DMIX_VOICE_NETWORK)
    self->latest = self->settled = 0.0;
  self->detector = detector;
  if (detector == DMIX_VOICE_STATISTICAL)
    self->network_alone = NONE;
}

void
dmix_voice_reset (DmixVoice *self)
{
  reset_network (self);
  reset_statistics (self);
  self->at = 0;
  self->chosen = self->mid;
  self->chosen_frames = 0;
  self->silent = CENTRE_S * DMIX_VOICE_STEPS_PER_S;
  self->latest = self->settled = 0.0;
  self->network_alone = NONE;
}

/*** steps ***/

static void
add_mean (DmixVoice *self, const float *in, size_t frames)
{
  const float scale = 1.0f / (float) self->channels;

  for (size_t i = 0; i < frames; i++, in += self->channels) {
    float sum = 0.0f;

    for (unsigned c = 0; c < self->channels; c++)
      sum += in[c];
    self->mid[self->at + i] = scale * sum;
  }
}

/* A constant stride lets the compiler make vectors. */
static inline void
split (const float *left, const float *right, unsigned stride, size_t frames,
    float *restrict sum, float *restrict side)
{
  for (size_t i = 0; i < frames; i++) {
    sum[i] = 0.5f * (left[i * stride] + right[i * stride]);
    side[i] = 0.5f * (left[i * stride] - right[i * stride]);
  }
}

static void
add_front (DmixVoice *self, const float *in, size_t frames)
{
  float *mid = self->mid + self->at, *sum = self->sum + self->at;
  float *side = self->side + self->at;

  for (size_t i = 0; self->centre >= 0 && i < frames; i++)
    mid[i] = in[i * self->channels + (unsigned) self->centre];
  if (self->left == 0 && self->right == 1 && self->channels == 2)
    split (in, in + 1, 2, frames, sum, side);
  else if (self->left >= 0)
    split (in + self->left, in + self->right, self->channels, frames, sum,
        side);
}

void
dmix_voice_add (DmixVoice *self, const float *in, size_t frames)
{
  if (frames > self->room - self->at)
    frames = self->room - self->at;
  if (self->centre < 0 && self->left < 0)
    add_mean (self, in, frames);
  else
    add_front (self, in, frames);
  self->at += frames;
}

/* The mid of this step. */
static const float *
choose_mid (DmixVoice *self)
{
  float most = 0.0f;

  if (self->left < 0)
    return self->mid;
  if (self->centre < 0)
    return self->sum;
  for (size_t i = 0; i < self->at; i++)
    most = dmix_larger (fabsf (self->mid[i]), most);
  if (most > CENTRE_SOUND)
    self->silent = 0;
  self->silent += self->silent < CENTRE_S * DMIX_VOICE_STEPS_PER_S;
  return self->silent < CENTRE_S * DMIX_VOICE_STEPS_PER_S ? self->mid
                                                          : self->sum;
}

static double
log_odds (double probability)
{
  return log (probability / (1.0 - probability));
}

/* The probability whose log odds are higher by `slack`. */
static double
with_slack (double probability, double slack)
{
  return 1.0 / (1.0 + exp (-log_odds (probability) - slack));
}

static void
ask_network (DmixVoice *self, const float *mid, const float *side)
{
  dmix_learnedactivity_process (self->network, mid, side, self->at);
  self->network_alone = dmix_learnedactivity_get_probability (self->network);
}

static void
ask_statistics (DmixVoice *self, const float *mid, const float *side,
    float *feature)
{
  dmix_voicefeatures_step (self->features, mid, side, self->at, feature);
  dmix_voicemodel_step (self->model[DMIX_VOICE_STATISTICAL], feature, 0.0,
      &self->latest, &self->settled);
}

/* The learned answers of this step, in place of the statistical ones. */
static void
join (DmixVoice *self, const float *feature)
{
  double latest, settled;

  dmix_voicemodel_step (self->model[DMIX_VOICE_LEARNED], feature,
      log_odds (self->network_alone) + AS_FITTED, &latest, &settled);
  self->latest = fmin (latest, with_slack (self->latest, LATEST_SLACK));
  self->settled = fmin (settled, with_slack (self->settled, SETTLED_SLACK));
}

void
dmix_voice_step (DmixVoice *self)
{
  float feature[DMIX_VOICEFEATURES];
  const float *mid, *side = self->left >= 0 ? self->side : NULL;

  if (self->at + 1u < self->room) {
    const size_t missing = self->room - 1u - self->at;

    memset (self->mid + self->at, 0, missing * sizeof *self->mid);
    memset (self->sum + self->at, 0, missing * sizeof *self->sum);
    memset (self->side + self->at, 0, missing * sizeof *self->side);
    self->at += missing;
  }
  if (self->centre >= 0 || self->left < 0)
    dmix_sanitize_limit (self->mid, self->at);
  if (self->left >= 0) {
    dmix_sanitize_limit (self->sum, self->at);
    dmix_sanitize_limit (self->side, self->at);
  }
  mid = choose_mid (self);
  if (self->detector != DMIX_VOICE_STATISTICAL)
    ask_network (self, mid, side);
  if (self->features && self->detector != DMIX_VOICE_NETWORK)
    ask_statistics (self, mid, side, feature);
  if (self->detector == DMIX_VOICE_LEARNED)
    join (self, feature);
  self->chosen = mid;
  self->chosen_frames = self->at;
  self->at = 0;
}

const float *
dmix_voice_get_mid (const DmixVoice *self, size_t *frames)
{
  *frames = self->chosen_frames;
  return self->chosen;
}

double
dmix_voice_get_latest (const DmixVoice *self)
{
  return self->latest;
}

double
dmix_voice_get_settled (const DmixVoice *self)
{
  return self->settled;
}

double
dmix_voice_get_network (const DmixVoice *self)
{
  return self->network_alone;
}

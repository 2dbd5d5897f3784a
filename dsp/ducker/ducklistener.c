/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the channels are summed once and passed to the detectors that are on.
 *
 * State
 *   speech, learned, bands   the detectors; NULL where the rate is too low
 *   wants_...         which of them are on
 *   flag, flagged     of the frames to come; of a frame of this step
 *   mono[2]           the sums of the channels: dialogue, background
 *   frame, is_new     the last frame of bands; not taken yet
 */
#include "ducker/ducklistener.h"

#include "base/blockloops.h"
#include "base/sanitize.h"
#include "speech/learnedactivity.h"
#include "speech/speechactivity.h"

#include <stdlib.h>

struct DmixDuckListener
{
  DmixSpeechActivity *speech;
  DmixLearnedActivity *learned;
  DmixSpeechBands *bands;
  int wants_speech, wants_learned, wants_flag, wants_bands, is_new;
  int flag, flagged;
  float *mono[2];
  DmixSpeechBandsFrame frame;
};

DmixDuckListener *
dmix_ducklistener_new (unsigned rate_hz, unsigned step_frames)
{
  DmixDuckListener *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  for (int i = 0; i < 2; i++)
    self->mono[i] = calloc (step_frames, sizeof *self->mono[i]);
  if (rate_hz >= DMIX_SPEECHACTIVITY_MIN_RATE_HZ) {
    self->speech = dmix_speechactivity_new (rate_hz);
    self->bands = dmix_speechbands_new (rate_hz);
  }
  if (rate_hz >= DMIX_LEARNEDACTIVITY_MIN_RATE_HZ)
    self->learned = dmix_learnedactivity_new (rate_hz);
  if (!self->mono[0] || !self->mono[1]
      || (rate_hz >= DMIX_SPEECHACTIVITY_MIN_RATE_HZ
          && (!self->speech || !self->bands))
      || (rate_hz >= DMIX_LEARNEDACTIVITY_MIN_RATE_HZ && !self->learned)) {
    dmix_ducklistener_free (self);
    return NULL;
  }
  return self;
}

void
dmix_ducklistener_free (DmixDuckListener *self)
{
  if (!self)
    return;
  dmix_speechactivity_free (self->speech);
  dmix_learnedactivity_free (self->learned);
  dmix_speechbands_free (self->bands);
  free (self->mono[0]);
  free (self->mono[1]);
  free (self);
}

void
dmix_ducklistener_reset (DmixDuckListener *self)
{
  if (self->speech)
    dmix_speechactivity_reset (self->speech);
  if (self->learned)
    dmix_learnedactivity_reset (self->learned);
  if (self->bands)
    dmix_speechbands_reset (self->bands);
  self->is_new = self->flag = self->flagged = 0;
}

/* A detector that was off has an old state. */
void
dmix_ducklistener_set_detectors (DmixDuckListener *self,
    DmixDuckTrigger trigger, int learned, int bands)
{
  int speech = trigger == DMIX_DUCK_TRIGGER_SPEECH;

  self->wants_flag = trigger == DMIX_DUCK_TRIGGER_FLAG;
  learned = speech && learned && self->learned;
  speech = speech && !learned && self->speech;
  bands = bands && self->bands;
  if (speech && !self->wants_speech)
    dmix_speechactivity_reset (self->speech);
  if (learned && !self->wants_learned)
    dmix_learnedactivity_reset (self->learned);
  if (bands && !self->wants_bands)
    dmix_speechbands_reset (self->bands);
  self->wants_speech = speech;
  self->wants_learned = learned;
  self->wants_bands = bands;
}

void
dmix_ducklistener_set_speech (DmixDuckListener *self, int speech)
{
  self->flag = speech != 0;
}

static void
mix_down (const float *const *lane, unsigned lanes, size_t stride, float *mono,
    size_t frames)
{
  if (lanes == 2 && stride == 2 && lane[1] == lane[0] + 1) {
    dmix_blockloops ()->sum_pairs (lane[0], mono, frames);
    return;
  }
  for (size_t i = 0; i < frames; i++) {
    float sum = lane[0][i * stride];

    for (unsigned l = 1; l < lanes; l++)
      sum += lane[l][i * stride];
    mono[i] = sum;
  }
}

static void
listen_for_bands (DmixDuckListener *self, size_t frames)
{
  const DmixSpeechBandsFrame *frame;

  for (size_t done = 0; done < frames;) {
    done += dmix_speechbands_process (self->bands, self->mono[0] + done,
        self->mono[1] + done, frames - done, &frame);
    if (frame) {
      self->frame = *frame;
      self->is_new = 1;
    }
  }
}

void
dmix_ducklistener_process (DmixDuckListener *self, const float *const *dialogue,
    const float *const *background, unsigned lanes, size_t stride,
    size_t frames, int loud)
{
  self->flagged |= self->flag && frames > 0;
  if (!self->wants_speech && !self->wants_learned && !self->wants_bands)
    return;
  mix_down (dialogue, lanes, stride, self->mono[0], frames);
  mix_down (background, lanes, stride, self->mono[1], frames);
  if (loud) {
    dmix_sanitize_limit (self->mono[0], frames);
    dmix_sanitize_limit (self->mono[1], frames);
  }
  if (self->wants_speech)
    dmix_speechactivity_process (self->speech, self->mono[0], self->mono[1],
        frames);
  if (self->wants_learned)
    dmix_learnedactivity_process (self->learned, self->mono[0], NULL, frames);
  if (self->wants_bands)
    listen_for_bands (self, frames);
}

DmixActivityOpinion
dmix_ducklistener_read_opinion (DmixDuckListener *self)
{
  const int flagged = self->flagged;
  int speech;

  self->flagged = 0;
  if (self->wants_flag)
    speech = flagged;
  else if (self->wants_learned)
    speech = dmix_learnedactivity_is_speech (self->learned);
  else if (self->wants_speech)
    speech = dmix_speechactivity_is_speech (self->speech);
  else
    return DMIX_ACTIVITY_UNASKED;
  return speech ? DMIX_ACTIVITY_SPEECH : DMIX_ACTIVITY_NO_SPEECH;
}

const DmixSpeechBandsFrame *
dmix_ducklistener_read_bands (DmixDuckListener *self)
{
  const int is_new = self->is_new;

  self->is_new = 0;
  return is_new ? &self->frame : NULL;
}

void
dmix_ducklistener_take_over (DmixDuckListener *self,
    const DmixDuckListener *from)
{
  if (self->speech && from->speech)
    dmix_speechactivity_take_over (self->speech, from->speech);
  if (self->learned && from->learned)
    dmix_learnedactivity_take_over (self->learned, from->learned);
  self->flag = from->flag;
}

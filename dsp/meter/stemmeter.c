/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: three loudness meters (loudness), and the intelligibility from the
 * sum of all channels (speechbands, intelligibility). The mix is computed as
 * the sum of background and dialogue, or the background as the difference of
 * mix and dialogue. The threshold for `critical` is that of ANSI S3.5-1997 for
 * a poor communication system, an SII below 0.45.
 */
#include "meter/stemmeter.h"

#include "base/units.h"
#include "meter/kweight.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 256 /* most frames at a time */
#define POOR_SII 0.45
#define LEAST_ACTIVITY 0.2 /* speech in the last 3 s, for `critical` */

struct DmixStemMeter
{
  DmixFormat format;
  DmixLoudness *mix, *dialogue, *background;
  DmixSpeechBands *bands; /* NULL below DMIX_SPEECHBANDS_MIN_RATE_HZ */
  DmixIntelligibility *intelligibility;
  float counts[DMIX_MAX_CHANNELS]; /* 1, or 0 for channels of weight 0 (LFE) */
  float *sound[2]; /* dialogue after its gain; computed mix or background */
  float mono[2][CHUNK];
};

DmixStemMeter *
dmix_stemmeter_new (const DmixFormat *format, const float *weight)
{
  DmixStemMeter *self;

  if (!dmix_format_is_valid (format) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  for (unsigned c = 0; c < format->channels; c++)
    self->counts[c] = !weight || weight[c] > 0.0f;
  self->mix = dmix_loudness_new (format, weight, 1);
  self->dialogue = dmix_loudness_new (format, weight, 0);
  self->background = dmix_loudness_new (format, weight, 0);
  self->intelligibility = dmix_intelligibility_new ();
  for (int i = 0; i < 2; i++)
    self->sound[i] =
        calloc ((size_t) CHUNK * format->channels, sizeof *self->sound[i]);
  if (format->rate_hz >= DMIX_SPEECHBANDS_MIN_RATE_HZ)
    self->bands = dmix_speechbands_new (format->rate_hz);
  if (!self->mix || !self->dialogue || !self->background
      || !self->intelligibility || !self->sound[0] || !self->sound[1]
      || (!self->bands && format->rate_hz >= DMIX_SPEECHBANDS_MIN_RATE_HZ)) {
    dmix_stemmeter_free (self);
    return NULL;
  }
  return self;
}

void
dmix_stemmeter_free (DmixStemMeter *self)
{
  if (!self)
    return;
  dmix_loudness_free (self->mix);
  dmix_loudness_free (self->dialogue);
  dmix_loudness_free (self->background);
  dmix_speechbands_free (self->bands);
  dmix_intelligibility_free (self->intelligibility);
  free (self->sound[0]);
  free (self->sound[1]);
  free (self);
}

void
dmix_stemmeter_interrupt (DmixStemMeter *self)
{
  dmix_loudness_interrupt (self->mix);
  dmix_loudness_interrupt (self->dialogue);
  dmix_loudness_interrupt (self->background);
  if (self->bands)
    dmix_speechbands_reset (self->bands);
}

void
dmix_stemmeter_reset (DmixStemMeter *self)
{
  dmix_stemmeter_interrupt (self);
  dmix_loudness_reset (self->mix);
  dmix_loudness_reset (self->dialogue);
  dmix_loudness_reset (self->background);
  dmix_intelligibility_reset (self->intelligibility);
}

static void
mix_down (const DmixStemMeter *self, const float *sound, float *mono,
    size_t frames)
{
  const unsigned channels = self->format.channels;

  for (size_t i = 0; i < frames; i++) {
    mono[i] = 0.0f;
    for (unsigned c = 0; c < channels; c++)
      mono[i] += self->counts[c] * sound[i * channels + c];
  }
}

static void
measure_bands (DmixStemMeter *self, const float *dialogue,
    const float *background, size_t frames)
{
  const DmixSpeechBandsFrame *frame;

  mix_down (self, dialogue, self->mono[0], frames);
  mix_down (self, background, self->mono[1], frames);
  for (size_t done = 0; done < frames;) {
    done += dmix_speechbands_process (self->bands, self->mono[0] + done,
        self->mono[1] + done, frames - done, &frame);
    if (frame)
      dmix_intelligibility_add (self->intelligibility, frame);
  }
}

void
dmix_stemmeter_process (DmixStemMeter *self, const float *out,
    const float *dialogue, float dialogue_gain, int mixed, size_t frames)
{
  const unsigned channels = self->format.channels;
  const float sign = mixed ? -1.0f : 1.0f;

  for (size_t done = 0, n; done < frames; done += n) {
    float *speech = self->sound[0], *other = self->sound[1];
    const float *background = mixed ? other : out;

    n = DMIX_MIN (frames - done, CHUNK);
    for (size_t i = 0; i < n * channels; i++) {
      speech[i] = dialogue_gain * dialogue[i];
      other[i] = out[i] + sign * speech[i];
    }
    dmix_loudness_process (self->mix, mixed ? out : other, n);
    dmix_loudness_process (self->dialogue, speech, n);
    dmix_loudness_process (self->background, background, n);
    if (self->bands)
      measure_bands (self, speech, background, n);
    out += n * channels;
    dialogue += n * channels;
  }
}

void
dmix_stemmeter_read (DmixStemMeter *self, DmixStemMeterReading *reading)
{
  DmixStemMeterReading *r = reading;

  dmix_loudness_read (self->mix, &r->mix);
  dmix_loudness_read (self->dialogue, &r->dialogue);
  dmix_loudness_read (self->background, &r->background);
  dmix_intelligibility_read (self->intelligibility, &r->intelligibility);
  r->has_difference = r->dialogue.integrated_lufs > DMIX_KWEIGHT_SILENCE_LUFS
      && r->background.integrated_lufs > DMIX_KWEIGHT_SILENCE_LUFS;
  r->integrated_difference_lu = r->has_difference
      ? r->dialogue.integrated_lufs - r->background.integrated_lufs
      : 0.0;
  r->critical = r->intelligibility.shortterm_activity >= LEAST_ACTIVITY
      && r->intelligibility.shortterm_sii < POOR_SII;
}

double
dmix_stemmeter_get_true_peak (const DmixStemMeter *self, unsigned channel)
{
  return dmix_loudness_get_true_peak (self->mix, channel);
}

void
dmix_stemmeter_take_over (DmixStemMeter *self, const DmixStemMeter *from)
{
  dmix_loudness_take_over (self->mix, from->mix);
  dmix_loudness_take_over (self->dialogue, from->dialogue);
  dmix_loudness_take_over (self->background, from->background);
  dmix_intelligibility_take_over (self->intelligibility, from->intelligibility);
}

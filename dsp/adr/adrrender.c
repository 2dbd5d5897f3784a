/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: stretch a block of the take, apply the line's gain, filter it (the
 * matching equalizer, optional, which delays by `delay` frames), then mix in
 * the guide and the room tone. All gains are ramped.
 *
 * State
 *   made, given   frames stretched, and frames put out
 *   line, before  the line being rendered, and the one before start_frame
 *   gain          current gain of the take, ramped towards that of the line
 *   take_part, guide_part, tone_part   current mix gains, 0 to 1
 */
#include "adr/adrrender.h"
#include "base/units.h"
#include "spectral/fir.h"
#include "adr/roomtone.h"
#include "adr/stretch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4096
#define GAIN_GLIDE_S 0.020
#define PART_GLIDE_S 0.010
#define TONE_GLIDE_S 0.050
#define QUIET_DB 3.0f
#define TONE_SEED 20011u

struct DmixAdrRender
{
  unsigned rate_hz, channels, guide_channels;
  DmixStretch *stretch;
  DmixFir *fir;
  DmixRoomTone *tone;
  int filtered;
  DmixAdrParams params;
  DmixAdrRenderLine line, before;
  int64_t made, given;
  float gain, take_part, guide_part, tone_part;
  float gain_step, part_step, tone_step;
  float *block, *noise;
  int started;
};

DmixAdrRender *
dmix_adrrender_new (const DmixAdrShape *shape)
{
  const DmixFormat format = { shape->rate_hz, shape->take_channels };
  DmixAdrRender *self = calloc (1, sizeof *self);

  if (!self)
    return NULL;
  self->rate_hz = shape->rate_hz;
  self->channels = shape->take_channels;
  self->guide_channels = shape->guide_channels;
  self->stretch = dmix_stretch_new (&format);
  self->fir = dmix_fir_new (&format);
  self->tone = dmix_roomtone_new (&format, TONE_SEED);
  self->block = calloc ((size_t) BLOCK * self->channels, sizeof (float));
  self->noise = calloc ((size_t) BLOCK * self->channels, sizeof (float));
  self->gain_step = (float) (1.0 - exp (-1.0 / (GAIN_GLIDE_S * self->rate_hz)));
  self->part_step = (float) (1.0 / (PART_GLIDE_S * self->rate_hz));
  self->tone_step = (float) (1.0 / (TONE_GLIDE_S * self->rate_hz));
  if (!self->stretch || !self->fir || !self->tone || !self->block
      || !self->noise) {
    dmix_adrrender_free (self);
    return NULL;
  }
  return self;
}

void
dmix_adrrender_free (DmixAdrRender *self)
{
  if (!self)
    return;
  dmix_stretch_free (self->stretch);
  dmix_fir_free (self->fir);
  dmix_roomtone_free (self->tone);
  free (self->block);
  free (self->noise);
  free (self);
}

void
dmix_adrrender_reset (DmixAdrRender *self, const DmixAdrParams *params)
{
  dmix_stretch_reset (self->stretch);
  dmix_fir_reset (self->fir);
  dmix_roomtone_reset (self->tone);
  self->filtered = params->match_eq > 0.0;
  self->line = self->before = (DmixAdrRenderLine){ 0 };
  self->made = self->given = 0;
  self->take_part = self->guide_part = self->tone_part = 0.0f;
  self->started = 0;
}

unsigned
dmix_adrrender_get_bins (const DmixAdrRender *self)
{
  return dmix_fir_bins (self->fir);
}

unsigned
dmix_adrrender_reach_frames (const DmixAdrRender *self)
{
  return dmix_stretch_reach_frames (self->stretch);
}

int64_t
dmix_adrrender_get_guide_frame (const DmixAdrRender *self)
{
  return self->given;
}

void
dmix_adrrender_set_params (DmixAdrRender *self, const DmixAdrParams *params,
    const float *response, const double *room, unsigned room_bins)
{
  const DmixStretchParams stretch = { .tolerance_ms = params->tolerance_ms };

  self->params = *params;
  dmix_stretch_set_params (self->stretch, &stretch);
  if (response && self->filtered)
    dmix_fir_set_response (self->fir, response);
  if (room)
    dmix_roomtone_set_spectrum (self->tone, room, room_bins);
}

void
dmix_adrrender_set_line (DmixAdrRender *self, const DmixAdrRenderLine *line)
{
  self->before = self->started ? self->line : *line;
  self->line = *line;
  if (!self->started) {
    self->gain = (float) dmix_gain_from_db (line->gain_db);
    self->take_part = (float) line->use_take;
    self->guide_part = (float) line->use_guide;
    self->started = 1;
  }
}

/* The gain stays in a variable: through the memory each step would wait for the
 * one before. */
static void
apply_gain (DmixAdrRender *self, float goal, size_t frames)
{
  const float step = self->gain_step;
  float gain = self->gain;
  size_t i = 0;

  for (; i < frames && gain != goal; i++) {
    gain += step * (goal - gain);
    if (fabsf (goal - gain) < 1e-5f * goal)
      gain = goal;
    for (unsigned c = 0; c < self->channels; c++)
      self->block[i * self->channels + c] *= gain;
  }
  self->gain = gain;
  for (size_t k = i * self->channels; k < frames * self->channels; k++)
    self->block[k] *= goal;
}

/* Stretches, amplifies and filters the next frames of the take into `block`.
 * silence: feeds the filter zeros, to drain its tail. */
static void
stretch_block (DmixAdrRender *self, const DmixAdrQueue *take, size_t frames,
    int silence)
{
  const DmixStretchTake piece = {
    take->sample,
    take->start,
    (size_t) (take->end - take->start),
  };
  const DmixStretchMap map = {
    self->line.take_frame,
    self->line.row,
    self->line.rows + 1,
  };
  const float goal = (float) dmix_gain_from_db (self->line.gain_db);

  if (silence)
    memset (self->block, 0, frames * self->channels * sizeof (float));
  else
    dmix_stretch_process (self->stretch, &piece, &map, self->block, frames);
  apply_gain (self, goal, frames);
  if (self->filtered)
    dmix_fir_process (self->fir, self->block, frames);
}

static void
glide (float *part, float goal, float step)
{
  if (*part < goal)
    *part = fminf (*part + step, goal);
  else if (*part > goal)
    *part = fmaxf (*part - step, goal);
}

static float
guide_sample (const DmixAdrRender *self, const DmixAdrQueue *guide,
    int64_t frame, unsigned channel)
{
  const unsigned channels = self->guide_channels;
  const float *in;
  float sum = 0.0f;

  if (frame < guide->start || frame >= guide->end)
    return 0.0f;
  in = guide->sample + (size_t) (frame - guide->start) * channels;
  if (channels == 1)
    return in[0];
  if (self->channels > 1)
    return channel < channels ? in[channel] : 0.0f;
  for (unsigned c = 0; c < channels; c++)
    sum += in[c];
  return sum / (float) channels;
}

/* Target gain of the room tone at this frame, 0 or 1. */
static float
tone_goal (const DmixAdrRender *self, int64_t frame)
{
  const int64_t row =
      frame * DMIX_MEL_ROWS_PER_S / self->rate_hz - self->line.row;

  if (self->params.tone != DMIX_ADR_TONE_GAPS)
    return self->params.tone == DMIX_ADR_TONE_FULL;
  if (row < 0 || row >= (int64_t) self->line.rows || !self->line.guide_level)
    return 1.0f; /* lines begin and end in pauses */
  return self->line.guide_level[row] < QUIET_DB;
}

/* Mixes guide and room tone into the block, which begins at frame `given`. */
static void
mix (DmixAdrRender *self, const DmixAdrQueue *guide, float *io, size_t frames)
{
  const float level = (float) dmix_gain_from_db (self->params.tone_gain_db);
  const int tone = self->params.tone != DMIX_ADR_TONE_OFF;

  if (!tone && self->take_part == 1.0f && self->guide_part == 0.0f
      && self->before.use_take && self->line.use_take)
    return;
  if (tone)
    dmix_roomtone_process (self->tone, self->noise, frames);
  for (size_t i = 0; i < frames; i++) {
    const int64_t at = self->given + (int64_t) i;
    const DmixAdrRenderLine *line =
        at < self->line.start_frame ? &self->before : &self->line;

    glide (&self->take_part, (float) line->use_take, self->part_step);
    glide (&self->guide_part, (float) line->use_guide, self->part_step);
    if (tone)
      glide (&self->tone_part, tone_goal (self, at), self->tone_step);
    for (unsigned c = 0; c < self->channels; c++) {
      float *sample = &io[i * self->channels + c];

      *sample *= self->take_part;
      if (self->guide_part > 0.0f)
        *sample += self->guide_part * guide_sample (self, guide, at, c);
      if (tone)
        *sample +=
            self->tone_part * level * self->noise[i * self->channels + c];
    }
  }
}

size_t
dmix_adrrender_read (DmixAdrRender *self, const DmixAdrQueue *guide,
    const DmixAdrQueue *take, float *out, size_t frames)
{
  const int64_t delay =
      self->filtered ? dmix_fir_latency_frames (self->fir) : 0;
  const int64_t end = self->line.stop_frame + (self->line.last ? delay : 0);

  if (frames > BLOCK)
    frames = BLOCK;
  while (self->made < end) {
    const int silence = self->made >= self->line.stop_frame;
    const int64_t until = silence ? end : self->line.stop_frame;
    size_t now = frames, early;

    if ((int64_t) now > until - self->made)
      now = (size_t) (until - self->made);
    stretch_block (self, take, now, silence);
    self->made += (int64_t) now;
    /* drop the first `delay` frames: the filter's latency */
    early = (size_t) dmix_clamp ((double) (delay - self->made + (int64_t) now),
        0.0, (double) now);
    if (early == now)
      continue;
    mix (self, guide, self->block + early * self->channels, now - early);
    memcpy (out, self->block + early * self->channels,
        (now - early) * self->channels * sizeof (float));
    self->given += (int64_t) (now - early);
    return now - early;
  }
  return 0;
}

/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: one pass over the samples of a step gives its peak or energy; the
 * mean detectors then average over a window of steps (dynamics/slidingmean.h).
 *
 * State
 *   weight[]   loudness weight of each channel, times the -0.691 dB of BS.1770
 *   counts[]   0 for channels that the joint level leaves out (LFE)
 *   left_out   their number
 *   power[]    latest power of each channel
 *   mean[]     sliding mean of each channel; `memory` holds the values
 *   filtered   a step of audio after the side-chain filters
 */
#include "dynamics/detector.h"

#include "base/units.h"
#include "meter/kweight.h"
#include "base/level.h"
#include "dynamics/sidechain.h"
#include "dynamics/slidingmean.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SETTLE_STEPS 12 /* steps between settlings of the K filters */
#define TOGETHER 32     /* most steps whose levels are measured in one call */

struct DmixDetector
{
  DmixFormat format;
  DmixDetectorParams settings;
  unsigned step_frames, most_window_steps;
  unsigned steps; /* steps since the K filters were settled */
  double *weight;
  unsigned char counts[DMIX_MAX_CHANNELS];
  unsigned left_out;
  float *power, *filtered;
  DmixSlidingMean *mean;
  double *memory, *energy;
  const float **lane;
  DmixSideChain *sidechain;
  DmixKWeight *kweight;
};

static void
set_weights (DmixDetector *self, const float *weight)
{
  const double scale = 1.0 / dmix_kweight_mean_square (0.0);
  int any = 0;

  for (unsigned c = 0; c < self->format.channels; c++) {
    self->weight[c] = weight ? fmax (weight[c], 0.0) * scale : scale;
    any |= self->weight[c] > 0.0;
  }
  for (unsigned c = 0; c < self->format.channels; c++) {
    if (!any) /* LFE only: measure it although its weight is 0 */
      self->weight[c] = scale;
    self->counts[c] = self->weight[c] > 0.0;
    self->left_out += !self->counts[c];
  }
}

DmixDetector *
dmix_detector_new (const DmixFormat *format, const float *weight,
    unsigned step_frames, unsigned most_window_steps)
{
  DmixDetector *self;
  size_t channels;

  if (!dmix_format_is_valid (format) || step_frames < 1 || most_window_steps < 1
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  channels = format->channels;
  self->format = *format;
  self->step_frames = step_frames;
  self->most_window_steps = most_window_steps;
  self->weight = calloc (channels, sizeof *self->weight);
  self->power = calloc (channels, sizeof *self->power);
  self->filtered = calloc (channels * step_frames, sizeof (float));
  self->mean = calloc (channels, sizeof *self->mean);
  self->memory = calloc (channels * most_window_steps, sizeof (double));
  self->energy = calloc (channels, sizeof *self->energy);
  self->lane = calloc (channels, sizeof *self->lane);
  self->sidechain = dmix_sidechain_new (format);
  self->kweight = dmix_kweight_new (format->rate_hz, format->channels);
  if (!self->weight || !self->power || !self->filtered || !self->mean
      || !self->memory || !self->energy || !self->lane || !self->sidechain
      || !self->kweight) {
    dmix_detector_free (self);
    return NULL;
  }
  set_weights (self, weight);
  self->settings = (DmixDetectorParams){ DMIX_DETECTOR_PEAK, 1, 0, 0 };
  dmix_detector_reset (self);
  return self;
}

void
dmix_detector_free (DmixDetector *self)
{
  if (!self)
    return;
  free (self->weight);
  free (self->power);
  free (self->filtered);
  free (self->mean);
  free (self->memory);
  free (self->energy);
  free (self->lane);
  dmix_sidechain_free (self->sidechain);
  dmix_kweight_free (self->kweight);
  free (self);
}

/* Fills all windows with the latest power, as in the steady state. */
static void
fill_windows (DmixDetector *self)
{
  for (unsigned c = 0; c < self->format.channels; c++)
    dmix_slidingmean_init (&self->mean[c],
        self->memory + (size_t) c * self->most_window_steps,
        self->settings.window_steps, self->power[c]);
}

void
dmix_detector_reset (DmixDetector *self)
{
  memset (self->power, 0, self->format.channels * sizeof *self->power);
  self->steps = 0;
  fill_windows (self);
  dmix_sidechain_reset (self->sidechain);
  dmix_kweight_reset (self->kweight);
}

void
dmix_detector_set_power (DmixDetector *self, const float *power)
{
  memcpy (self->power, power, self->format.channels * sizeof *power);
  fill_windows (self);
}

void
dmix_detector_set_params (DmixDetector *self,
    const DmixDetectorParams *settings)
{
  const DmixDetectorParams old = self->settings;
  DmixDetectorParams *s = &self->settings;

  *s = *settings;
  if (s->kind == DMIX_DETECTOR_PEAK || s->window_steps < 1)
    s->window_steps = 1;
  if (s->window_steps > self->most_window_steps)
    s->window_steps = self->most_window_steps;
  if (s->window_steps != old.window_steps || s->kind != old.kind)
    fill_windows (self);
  if (s->kind == DMIX_DETECTOR_K_WEIGHTED && s->kind != old.kind)
    dmix_kweight_reset (self->kweight);
  dmix_sidechain_set_cutoffs (self->sidechain, s->highpass_hz, s->lowpass_hz);
}

/* Squared peaks of a step. apart: of each channel; else every channel reports
 * the loudest one. */
static void
take_peaks (DmixDetector *self, const float *peak, int apart)
{
  const unsigned channels = self->format.channels;
  float most = 0.0f;

  for (unsigned c = 0; c < channels; c++)
    most = DMIX_MAX (peak[c], most);
  for (unsigned c = 0; c < channels; c++)
    self->power[c] = apart ? peak[c] * peak[c] : most * most;
}

/* Means over the window, with the energies of a step. */
static void
take_energies (DmixDetector *self, const float *energy)
{
  for (unsigned c = 0; c < self->format.channels; c++)
    self->power[c] = (float) dmix_slidingmean_add (&self->mean[c],
        energy[c] / (float) self->step_frames);
}

static void
k_weighted_each (DmixDetector *self, const float *x, unsigned channels)
{
  for (unsigned c = 0; c < channels; c++) {
    self->lane[c] = x + c;
    self->energy[c] = 0.0;
  }
  dmix_kweight_process (self->kweight, self->lane, channels, self->step_frames,
      self->energy);
  if (++self->steps == SETTLE_STEPS) {
    self->steps = 0;
    dmix_kweight_settle (self->kweight);
  }
  for (unsigned c = 0; c < channels; c++)
    self->power[c] = (float) (self->weight[c]
        * dmix_slidingmean_add (&self->mean[c],
            self->energy[c] / self->step_frames));
}

/* Joint power of the channels that count: the loudness sum, or the largest. */
static float
together (const DmixDetector *self)
{
  const int sum = self->settings.kind == DMIX_DETECTOR_K_WEIGHTED;
  float power = 0.0f;

  for (unsigned c = 0; c < self->format.channels; c++)
    if (sum)
      power += self->power[c];
    else if (self->counts[c])
      power = DMIX_MAX (self->power[c], power);
  return power;
}

/* The largest mean power of the channels that count, in each of `steps` steps
 * (at most TOGETHER) with these energies. */
static void
join_energies (DmixDetector *self, const float *energy, unsigned steps,
    float *joint)
{
  const unsigned channels = self->format.channels;
  const float frames = (float) self->step_frames;
  float power[TOGETHER];

  memset (joint, 0, steps * sizeof *joint);
  for (unsigned c = 0; c < channels; c++) {
    for (unsigned s = 0; s < steps; s++)
      power[s] = energy[s * channels + c] / frames;
    dmix_slidingmean_process (&self->mean[c], power, steps, power);
    if (self->counts[c])
      for (unsigned s = 0; s < steps; s++)
        joint[s] = dmix_larger (power[s], joint[s]);
    self->power[c] = power[steps - 1];
  }
}

/* Writes the latest powers as those of a step. */
static void
put_out (const DmixDetector *self, unsigned step, float *joint, float *each,
    size_t stride)
{
  joint[step] = together (self);
  for (unsigned c = 0; each && c < self->format.channels; c++)
    each[c * stride + step] = self->power[c];
}

void
dmix_detector_process (DmixDetector *self, const float *in, unsigned steps,
    float *joint, float *each, size_t stride)
{
  const unsigned channels = self->format.channels, frames = self->step_frames;
  const int filtered = dmix_sidechain_is_on (self->sidechain);
  const DmixDetectorKind kind = self->settings.kind;
  const int apart = each || self->left_out > 0;
  const unsigned most =
      filtered || kind == DMIX_DETECTOR_K_WEIGHTED ? 1 : TOGETHER;
  float level[TOGETHER * DMIX_MAX_CHANNELS];

  for (unsigned done = 0, n; done < steps; done += n) {
    const float *x = in + (size_t) done * frames * channels;

    n = DMIX_MIN (steps - done, most);
    if (filtered) {
      dmix_sidechain_process (self->sidechain, x, self->filtered, frames);
      x = self->filtered;
    }
    if (kind == DMIX_DETECTOR_K_WEIGHTED)
      k_weighted_each (self, x, channels);
    else
      dmix_level_steps (x, channels, frames, n,
          kind == DMIX_DETECTOR_PEAK ? level : NULL,
          kind == DMIX_DETECTOR_PEAK ? NULL : level);
    if (kind == DMIX_DETECTOR_RMS && !each) {
      join_energies (self, level, n, joint + done);
      continue;
    }
    for (unsigned s = 0; s < n; s++) {
      if (kind == DMIX_DETECTOR_PEAK)
        take_peaks (self, level + s * channels, apart);
      else if (kind == DMIX_DETECTOR_RMS)
        take_energies (self, level + s * channels);
      put_out (self, done + s, joint, each, stride);
    }
  }
}

int
dmix_detector_counts (const DmixDetector *self, unsigned channel)
{
  return self->counts[channel];
}

void
dmix_detector_take_over (DmixDetector *self, const DmixDetector *from)
{
  const size_t channels = self->format.channels;

  self->settings = from->settings;
  self->steps = from->steps;
  memcpy (self->power, from->power, channels * sizeof *self->power);
  for (unsigned c = 0; c < channels; c++) {
    double *memory = self->memory + (size_t) c * self->most_window_steps;

    self->mean[c] = from->mean[c];
    self->mean[c].value = memory;
    memcpy (memory, from->mean[c].value, from->mean[c].length * sizeof *memory);
  }
  dmix_sidechain_take_over (self->sidechain, from->sidechain);
  dmix_kweight_take_over (self->kweight, from->kweight);
}

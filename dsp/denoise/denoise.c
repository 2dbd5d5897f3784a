/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: a spectrum of 32 ms every 10.7 ms (stft). In each frame
 *
 *   input power of each bin, summed over linked channels
 *   -> noise power: tracked (noisetracker), captured, or the louder of both
 *   -> gain of each bin from these two powers (the gain estimator)
 *   -> gains below the floor, which is the chosen reduction, are raised to it
 *   -> the spectrum times 1 - gain: the output of the stft is the removed
 *      noise.
 *
 * The removed noise is subtracted from the delayed input. So a gain of 1
 * keeps every bit, and clean output and residual add up to the input.
 *
 * The low-delay mode has the same analysis window but a synthesis window of
 * 12 ms, and a hop of 4 ms; see stft.h.
 *
 * State
 *   lane[]       estimators of a channel; lane 0 serves all linked channels
 *   order        channel of each lane: `linkable` ones, then those of weight 0
 *   captured     mean noise power of a channel in each bin;
 *   captured_frames  the number of frames in this mean
 *   floor_db     least gain, gliding in dB
 *   dry, wet     weights of the delayed input and the removed noise: (1, -1)
 *                clean, (0, 1) residual, (1, 0) bypass; gliding from step to
 *                step
 *   step, at     length of a step; frames of the current step so far
 */
#include "denoise/denoise.h"

#include "denoise/binloops.h"
#include "base/delay.h"
#include "base/sanitize.h"
#include "base/mixgain.h"
#include "denoise/noisetracker.h"
#include "base/smooth.h"
#include "base/units.h"
#include "denoise/learnedgain.h"
#include "denoise/speechgain.h"
#include "spectral/stft.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Does `auto` mean the learned estimator? Only if it is better on every score. 48
 * mixtures (tests/train/README.md), reduction 30 dB, weights of step 145362:
 *
 *                PESQ  ESTOI  SI-SDR  OVRL  speech
 *   statistical  1.80  .720   11.5    2.57  -0.9 dB
 *   learned      2.04  .784   13.5    2.78  -1.1 dB: loses more of the voice
 */
#define LEARNED_IS_BETTER 0

#define NORMAL_S 0.032
#define LOW_S 0.012
#define OVERLAP 3 /* unless the estimator wants another one */
#define STEP_S 0.002
#define GLIDE_S 0.010
#define MOST_CAPTURED_S 3600.0
/* A window shows the noise if so much of its energy is not digital silence;
 * the first one shows it only if it is nearly full: its cut edge spreads over
 * all bins. */
#define FILLED 0.5
#define FILLED_AT_FIRST 0.75
#define LEAST_FILLED 0.1

typedef struct
{
  DmixNoiseTracker *tracker;
  void *gains; /* state of the gain estimator */
} Lane;

struct DmixDenoise
{
  DmixFormat format;
  DmixDenoiseParams params;
  DmixStft *stft;
  DmixDelay *delay;
  const DmixGainEstimator *estimator;
  const DmixBinLoops *loops;
  DmixProfileScale scale;
  double hop_s;
  Lane lane[DMIX_MAX_CHANNELS];
  unsigned linkable, order[DMIX_MAX_CHANNELS];
  float *memory;
  float *power, *noise, *gain, *captured; /* bins */
  float *mid, *side;                      /* bins: for the estimator */
  float *removed;                         /* a step of the removed noise */
  double captured_frames;
  DmixNoiseProfile profile; /* last one set: has bands above this rate */
  DmixSmooth floor_db, dry, wet;
  DmixGainLine dry_line, wet_line;
  size_t step, at;
  int fresh; /* nothing processed yet: parameters apply at once */
  DmixDenoiseMeter meter;
  double in_sum, out_sum, noise_sum;
  unsigned meter_frames;
};

static int
make_lanes (DmixDenoise *self, unsigned hop)
{
  const unsigned bins = dmix_stft_bins (self->stft);
  const DmixGainShape shape = {
    .bins = bins,
    .hz_per_bin = self->format.rate_hz / (2.0 * (bins - 1)),
    .hop_s = (double) hop / self->format.rate_hz,
    .window_energy = dmix_stft_window_energy (self->stft),
  };

  self->hop_s = shape.hop_s;
  self->scale = (DmixProfileScale){
    .bins = bins,
    .hz_per_bin = shape.hz_per_bin,
    .power_per_density =
        0.5 * self->format.rate_hz * dmix_stft_window_energy (self->stft),
  };
  for (unsigned c = 0; c < self->format.channels; c++) {
    self->lane[c].tracker =
        dmix_noisetracker_new (bins, shape.hz_per_bin, shape.hop_s);
    self->lane[c].gains = self->estimator->make (&shape);
    if (!self->lane[c].tracker || !self->lane[c].gains)
      return 0;
  }
  return 1;
}

static int
make_parts (DmixDenoise *self, DmixDenoiseLatency latency)
{
  const unsigned rate = self->format.rate_hz;
  const double delay_s = latency == DMIX_DENOISE_LOW ? LOW_S : NORMAL_S;
  const unsigned overlap =
      self->estimator->overlap ? self->estimator->overlap : OVERLAP;
  const unsigned hop = (unsigned) (rate * delay_s / overlap);
  const DmixStftShape shape = {
    .channels = self->format.channels,
    .hop_frames = hop,
    .output_frames = hop * overlap,
    .window_frames = (unsigned) (rate * NORMAL_S / overlap) * overlap,
  };
  size_t bins;

  self->stft = dmix_stft_new (&shape);
  self->delay = dmix_delay_new (shape.output_frames, shape.channels);
  if (!self->stft || !self->delay || !make_lanes (self, hop))
    return 0;
  bins = self->scale.bins;
  self->step = (size_t) fmax (1.0, rate * STEP_S);
  self->memory =
      calloc (6 * bins + self->step * shape.channels, sizeof (float));
  if (!self->memory)
    return 0;
  self->power = self->memory;
  self->noise = self->power + bins;
  self->gain = self->noise + bins;
  self->captured = self->gain + bins;
  self->mid = self->captured + bins;
  self->side = self->mid + bins;
  self->removed = self->side + bins;
  return 1;
}

const DmixGainEstimator *
dmix_denoise_find_estimator (DmixDenoiseEstimator wish,
    const DmixFormat *format, DmixDenoiseLatency latency)
{
  const int learned = wish == DMIX_DENOISE_LEARNED
      || (wish == DMIX_DENOISE_AUTO && LEARNED_IS_BETTER);

  return learned && latency == DMIX_DENOISE_NORMAL
          && format->rate_hz >= DMIX_DENOISE_MIN_LEARNED_RATE_HZ
      ? &dmix_learnedgain
      : &dmix_speechgain;
}

DmixDenoise *
dmix_denoise_new (const DmixFormat *format, DmixDenoiseLatency latency,
    const DmixGainEstimator *estimator)
{
  DmixDenoise *self;

  if (!dmix_format_is_valid (format)
      || format->rate_hz < DMIX_DENOISE_MIN_RATE_HZ
      || (latency != DMIX_DENOISE_NORMAL && latency != DMIX_DENOISE_LOW)
      || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->format = *format;
  self->estimator = estimator ? estimator : &dmix_speechgain;
  self->loops = dmix_binloops_get ();
  if (!make_parts (self, latency)) {
    dmix_denoise_free (self);
    return NULL;
  }
  dmix_denoise_set_weights (self, NULL);
  dmix_noiseprofile_clear (&self->profile);
  dmix_smooth_init (&self->floor_db, 0.0, GLIDE_S, self->hop_s);
  dmix_smooth_init (&self->dry, 1.0, GLIDE_S, STEP_S);
  dmix_smooth_init (&self->wet, 0.0, GLIDE_S, STEP_S);
  dmix_denoise_reset (self);
  dmix_denoise_forget (self);
  return self;
}

void
dmix_denoise_free (DmixDenoise *self)
{
  if (!self)
    return;
  for (unsigned c = 0; c < self->format.channels; c++) {
    dmix_noisetracker_free (self->lane[c].tracker);
    self->estimator->free (self->lane[c].gains);
  }
  dmix_stft_free (self->stft);
  dmix_delay_free (self->delay);
  free (self->memory);
  free (self);
}

void
dmix_denoise_reset (DmixDenoise *self)
{
  for (unsigned c = 0; c < self->format.channels; c++) {
    dmix_noisetracker_restart (self->lane[c].tracker);
    self->estimator->reset (self->lane[c].gains);
  }
  dmix_stft_reset (self->stft);
  dmix_delay_reset (self->delay);
  self->at = 0;
  self->fresh = 1;
  self->in_sum = self->out_sum = self->noise_sum = 0.0;
  self->meter_frames = 0;
  self->meter = (DmixDenoiseMeter){ 0.0, -200.0, 0.0 };
}

void
dmix_denoise_forget (DmixDenoise *self)
{
  for (unsigned c = 0; c < self->format.channels; c++)
    dmix_noisetracker_reset (self->lane[c].tracker);
}

/* Keep the state of the estimators when switching between linked and
 * per-channel operation. */
static void
change_link (DmixDenoise *self, int link)
{
  const unsigned linked = self->linkable;
  const float scale = link ? (float) linked : 1.0f / (float) linked;

  for (unsigned c = 1; c < linked && !link; c++) {
    dmix_noisetracker_take_over (self->lane[c].tracker, self->lane[0].tracker,
        scale);
    self->estimator->take_over (self->lane[c].gains, self->lane[0].gains);
  }
  dmix_noisetracker_take_over (self->lane[0].tracker, self->lane[0].tracker,
      scale);
}

void
dmix_denoise_set_weights (DmixDenoise *self, const float *weight)
{
  const unsigned channels = self->format.channels;
  unsigned lanes = 0;

  for (unsigned c = 0; c < channels; c++)
    if (!weight || weight[c] > 0.0f)
      self->order[lanes++] = c;
  self->linkable = lanes > 0 ? lanes : channels;
  for (unsigned c = 0; c < channels; c++)
    if (weight && !(weight[c] > 0.0f))
      self->order[lanes++] = c;
}

void
dmix_denoise_set_params (DmixDenoise *self, const DmixDenoiseParams *params)
{
  DmixDenoiseParams *p = &self->params;
  const int linked = p->link;

  *p = *params;
  p->link = params->link != 0;
  p->reduction_db = dmix_clamp (p->reduction_db, 0.0, 40.0);
  p->sensitivity_db = dmix_clamp (p->sensitivity_db, -12.0, 12.0);
  if (!self->fresh && p->link != linked)
    change_link (self, p->link);
  self->floor_db.target = -p->reduction_db;
  self->dry.target = p->bypass || !p->residual ? 1.0 : 0.0;
  self->wet.target = p->bypass ? 0.0 : p->residual ? 1.0 : -1.0;
  if (self->fresh) {
    dmix_smooth_jump (&self->floor_db);
    dmix_smooth_jump (&self->dry);
    dmix_smooth_jump (&self->wet);
  }
}

/* Adds the frame to the profile; `power` is the sum of `channels` channels. */
static void
capture (DmixDenoise *self, unsigned channels)
{
  const float share = (float) (1.0 / (self->captured_frames + 1.0));
  const float scale = 1.0f / (float) channels;

  for (unsigned b = 0; b < self->scale.bins; b++)
    self->captured[b] += share * (self->power[b] * scale - self->captured[b]);
  if (self->captured_frames * self->hop_s < MOST_CAPTURED_S)
    self->captured_frames += 1.0;
}

static int
has_profile (const DmixDenoise *self)
{
  return self->captured_frames > 0.0
      && self->params.noise != DMIX_NOISE_ADAPTIVE;
}

/* Is the profile all there is to lower? */
static int
noise_is_given (const DmixDenoise *self)
{
  return has_profile (self) && self->params.noise == DMIX_NOISE_LEARNED;
}

/* Makes the noise estimate for the gains; tracked: from the noise tracker. */
static void
choose_noise (DmixDenoise *self, const float *tracked, unsigned channels)
{
  const double louder = dmix_power_from_db (self->params.sensitivity_db);
  const int profile = has_profile (self), follow = !noise_is_given (self);

  self->loops->choose (self->noise, tracked, (float) (follow ? louder : 0.0),
      self->captured, (float) (profile ? louder * channels : 0.0),
      self->scale.bins);
}

static void
count (DmixDenoise *self, double voice, unsigned channels)
{
  const unsigned bins = self->scale.bins;

  self->in_sum += self->loops->sum (self->power, bins);
  self->noise_sum += self->loops->sum (self->noise, bins) / channels;
  self->loops->weigh (self->power, self->gain, bins);
  self->out_sum += self->loops->sum (self->power, bins);
  self->meter_frames++;
  self->meter.voice_activity = self->meter_frames == 1
      ? voice
      : fmax (self->meter.voice_activity, voice);
}

/* Scales the power of a frame at the edge of a hole, or of silence, to that of
 * a full window, so that the hole is not taken for a lower noise. */
static void
fill_up (DmixDenoise *self, double filled)
{
  const float scale = (float) (1.0 / fmax (filled, LEAST_FILLED));

  for (unsigned b = 0; b < self->scale.bins; b++)
    self->power[b] *= scale;
}

/* Leaves the frame as it is: nothing is to be taken away. */
static void
pass (const DmixDenoise *self, float *const *re, float *const *im,
    unsigned first, unsigned channels)
{
  for (unsigned c = first; c < first + channels; c++) {
    memset (re[c], 0, self->scale.bins * sizeof (float));
    memset (im[c], 0, self->scale.bins * sizeof (float));
  }
}

/* The mean of the channels and the rest: mid and side of a stereo sound. */
static void
find_mid_and_side (DmixDenoise *self, float *const *re, float *const *im,
    unsigned channels)
{
  const float share = 1.0f / (float) channels;

  for (unsigned b = 0; b < self->scale.bins; b++) {
    float real = 0.0f, imaginary = 0.0f;

    for (unsigned c = 0; c < channels; c++) {
      real += re[c][b];
      imaginary += im[c][b];
    }
    self->mid[b] = (real * real + imaginary * imaginary) * share * share;
    self->side[b] = dmix_larger (self->power[b] * share - self->mid[b], 0.0f);
  }
}

static void
give_hint (DmixDenoise *self, void *gains, float *const *re, float *const *im,
    unsigned channels)
{
  DmixGainHint hint = { .noise_is_given = noise_is_given (self) };

  if (!self->estimator->hint)
    return;
  if (channels > 1) {
    find_mid_and_side (self, re, im, channels);
    hint.mid = self->mid;
    hint.side = self->side;
  }
  self->estimator->hint (gains, &hint);
}

/* Reduces noise in `channels` channels from `first` on, with one estimator. */
static void
reduce (DmixDenoise *self, float *const *re, float *const *im, unsigned first,
    unsigned channels)
{
  const unsigned bins = self->scale.bins;
  const Lane *lane = &self->lane[first];
  const float floor = (float) dmix_gain_from_db (self->floor_db.value);
  const double filled = dmix_stft_get_filled (self->stft);
  int known;
  float voice;

  for (unsigned c = first; c < first + channels; c++)
    self->loops->power (self->power, re[c], im[c], bins, c > first);
  if (filled < 1.0)
    fill_up (self, filled);
  known = dmix_noisetracker_knows_noise (lane->tracker);
  if (filled >= (known ? FILLED : FILLED_AT_FIRST))
    dmix_noisetracker_step (lane->tracker, self->power);
  else if (!known) {
    pass (self, re, im, first, channels);
    return;
  }
  choose_noise (self, dmix_noisetracker_get_noise (lane->tracker), channels);
  if (self->params.learn && filled >= FILLED)
    capture (self, channels);
  give_hint (self, lane->gains, re + first, im + first, channels);
  voice =
      self->estimator->step (lane->gains, self->power, self->noise, self->gain);
  self->loops->floor (self->gain, floor, bins);
  for (unsigned c = first; c < first + channels; c++)
    self->loops->remove (re[c], im[c], self->gain, bins);
  count (self, voice, channels);
}

/* A DmixStftChange: turns the spectra into those of the removed noise. */
static int
change (void *user, float *const *re, float *const *im, int audible)
{
  DmixDenoise *self = user;
  const unsigned channels = self->format.channels;
  float *lane_re[DMIX_MAX_CHANNELS], *lane_im[DMIX_MAX_CHANNELS];
  unsigned together;

  for (unsigned l = 0; l < channels; l++) {
    lane_re[l] = re[self->order[l]];
    lane_im[l] = im[self->order[l]];
  }
  dmix_smooth_step (&self->floor_db);
  for (unsigned l = 0; l < channels; l += together) {
    together = self->params.link && l == 0 ? self->linkable : 1;
    if (audible)
      reduce (self, lane_re, lane_im, l, together);
  }
  return audible && self->floor_db.value < 0.0;
}

static DmixGainLine
next_line (DmixSmooth *smooth)
{
  const float from = (float) smooth->value;

  return (DmixGainLine){ from, (float) dmix_smooth_step (smooth) };
}

void
dmix_denoise_process (DmixDenoise *self, float *io, size_t frames)
{
  const unsigned channels = self->format.channels;

  if (frames > 0)
    self->fresh = 0;
  while (frames > 0) {
    const size_t left = self->step - self->at;
    const size_t run = DMIX_MIN (frames, left);

    if (self->at == 0) {
      self->dry_line = next_line (&self->dry);
      self->wet_line = next_line (&self->wet);
    }
    dmix_sanitize_clean (io, run * channels);
    memcpy (self->removed, io, run * channels * sizeof *io);
    dmix_delay_process (self->delay, io, run);
    dmix_stft_process (self->stft, self->removed, run, change, self);
    dmix_mixgain_process (io, self->removed, channels, run, self->dry_line,
        self->wet_line, self->at, self->step);
    self->at = self->at + run == self->step ? 0 : self->at + run;
    io += run * channels;
    frames -= run;
  }
}

unsigned
dmix_denoise_latency_frames (const DmixDenoise *self)
{
  return dmix_stft_latency_frames (self->stft);
}

unsigned
dmix_denoise_tail_frames (const DmixDenoise *self)
{
  return dmix_stft_tail_frames (self->stft);
}

void
dmix_denoise_read_meter (DmixDenoise *self, DmixDenoiseMeter *meter)
{
  /* the bins hold only the positive frequencies: half of the power */
  const double full = self->scale.power_per_density / self->format.rate_hz
      * self->scale.bins * 2.0;

  if (self->meter_frames) {
    self->meter.noise_db = dmix_db_from_power (
        fmax (self->noise_sum / self->meter_frames / full, 1e-20));
    self->meter.reduction_db = dmix_db_from_power (
        fmax (self->in_sum, 1e-20) / fmax (self->out_sum, 1e-20));
  }
  *meter = self->meter;
  self->in_sum = self->out_sum = self->noise_sum = 0.0;
  self->meter_frames = 0;
}

void
dmix_denoise_get_profile (const DmixDenoise *self, DmixNoiseProfile *profile)
{
  *profile = self->profile;
  profile->seconds = (float) (self->captured_frames * self->hop_s);
  if (self->captured_frames > 0.0)
    dmix_noiseprofile_from_power (profile, &self->scale, self->captured);
}

void
dmix_denoise_set_profile (DmixDenoise *self, const DmixNoiseProfile *profile)
{
  self->profile = *profile;
  self->captured_frames =
      dmix_clamp (profile->seconds, 0.0, MOST_CAPTURED_S) / self->hop_s;
  if (self->captured_frames > 0.0)
    dmix_noiseprofile_to_power (profile, &self->scale, self->captured);
  else
    memset (self->captured, 0, self->scale.bins * sizeof (float));
}

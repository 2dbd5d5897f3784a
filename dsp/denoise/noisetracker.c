/* SPDX-License-Identifier: LGPL-2.1-or-later
 * Copyright (C) 2026 The dmix authors */
/* Method: the mean noise power follows the power of each frame, with a weight
 * that falls with the probability of speech in it (T. Gerkmann, R. C. Hendriks,
 * "Unbiased MMSE-based noise power estimation with low complexity and low
 * tracking delay", IEEE Trans. Audio Speech Lang. Process. 20, 2012). Both
 * hypotheses are complex Gaussian with equal priors, and speech has a fixed
 * a-priori SNR x of 18 dB:
 *
 *   presence = 1 / (1 + ((1 + x) exp (-power / noise * x / (1 + x)))^m)
 *   noise += share * (1 - presence) * (power - noise)
 *
 * Two details differ from the paper; both measured better on real ambience.
 * The presence is computed from the power of three bins (weights 1/4, 1/2,
 * 1/4), which counts as much as m = 1.6 independent bins would. And the
 * noise has a time constant of 150 ms instead of 72 ms, because the speech that
 * leaks into it with a low presence accumulates.
 *
 * As in the paper, the presence is limited to less than 1 in a bin where its
 * running mean is nearly 1, so that the tracker cannot get stuck.
 *
 * Start: the first 0.1 s of sound are taken as noise. After digital silence the
 * noise starts at 0 instead, which keeps the first word. From there the tracker
 * would need many seconds to rise. Therefore it finds the minimum of the power
 * (smoothed with 50 ms) in the first 1.5 s, a time in which speech has a dip,
 * and raises the noise to it once.
 *
 * State, for each bin
 *   noise      mean noise power
 *   presence   probability of speech in the last frame
 *   mean       running mean of presence
 *   smooth     smoothed power in the first 1.5 s of sound after silence
 *   least      minimum of `smooth`
 *
 * State, for all bins
 *   first      frames of the start so far; STARTED after it, SILENT as long as
 *              all frames were silent
 *   search     frames left of the search for the minimum
 */
#include "denoise/noisetracker.h"

#include "denoise/binloops.h"
#include "base/smooth.h"
#include "base/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SPEECH_DB 18.0
#define NOISE_S 0.150
#define PRESENCE_S 0.152
#define START_S 0.1
#define SEARCH_S 1.5
#define SMOOTH_S 0.05
#define BINS_SEEN 1.6 /* m: independent bins that the three count as */

enum
{
  STARTED = -1,
  SILENT = -2
};

struct DmixNoiseTracker
{
  unsigned bins;
  DmixTrackLaw law;
  const DmixBinLoops *loops;
  int first, start_frames, search, search_frames;
  float smooth_share;
  float *noise, *presence, *mean, *smooth, *least;
};

DmixNoiseTracker *
dmix_noisetracker_new (unsigned bins, double hop_s)
{
  const double x = dmix_power_from_db (SPEECH_DB);
  DmixNoiseTracker *self;

  if (bins < 1 || !(hop_s > 0.0) || !(self = calloc (1, sizeof *self)))
    return NULL;
  self->bins = bins;
  self->loops = dmix_binloops_get ();
  self->law = (DmixTrackLaw){
    .slope = (float) (BINS_SEEN * x / (1.0 + x) / log (2.0)),
    .offset = (float) (BINS_SEEN * log2 (1.0 + x)),
    .rise = (float) dmix_smooth_share (NOISE_S, hop_s),
    .presence_rise = (float) dmix_smooth_share (PRESENCE_S, hop_s),
  };
  self->start_frames = (int) fmax (1.0, START_S / hop_s);
  self->search_frames = (int) fmax (1.0, SEARCH_S / hop_s);
  self->smooth_share = (float) dmix_smooth_share (SMOOTH_S, hop_s);
  self->noise = calloc (5 * (size_t) bins, sizeof (float));
  if (!self->noise) {
    free (self);
    return NULL;
  }
  self->presence = self->noise + bins;
  self->mean = self->presence + bins;
  self->smooth = self->mean + bins;
  self->least = self->smooth + bins;
  dmix_noisetracker_reset (self);
  return self;
}

void
dmix_noisetracker_free (DmixNoiseTracker *self)
{
  if (!self)
    return;
  free (self->noise);
  free (self);
}

static void
fill (float *array, unsigned count, float value)
{
  for (unsigned i = 0; i < count; i++)
    array[i] = value;
}

/* Sets the estimates of noise and presence as after digital silence. */
static void
forget (DmixNoiseTracker *self)
{
  fill (self->noise, self->bins, DMIX_BINLOOPS_LEAST_NOISE);
  fill (self->presence, self->bins, 0.0f);
  fill (self->mean, self->bins, 0.5f);
  self->search = 0;
}

void
dmix_noisetracker_reset (DmixNoiseTracker *self)
{
  forget (self);
  self->first = 0;
}

void
dmix_noisetracker_step_silent (DmixNoiseTracker *self)
{
  if (self->first == STARTED || self->first == SILENT)
    return;
  forget (self);
  self->first = SILENT;
}

/* The mean of so few frames varies from bin to bin, and noise in a bin that is
 * far too low would be taken as speech later. Raises each bin to at least the
 * mean of the five bins around it. */
static void
fill_gaps (DmixNoiseTracker *self)
{
  const float *noise = self->noise;

  memcpy (self->smooth, noise, self->bins * sizeof (float));
  for (unsigned b = 2; b + 2 < self->bins; b++)
    self->smooth[b] =
        (noise[b - 2] + noise[b - 1] + noise[b] + noise[b + 1] + noise[b + 2])
        / 5.0f;
  for (unsigned b = 0; b < self->bins; b++)
    self->noise[b] = fmaxf (noise[b], self->smooth[b]);
}

/* Start: the noise is the mean power of all frames so far. */
static void
start (DmixNoiseTracker *self, const float *power)
{
  const float share = 1.0f / (float) ++self->first;

  for (unsigned b = 0; b < self->bins; b++) {
    const float noise = self->noise[b] + share * (power[b] - self->noise[b]);

    self->noise[b] =
        noise > DMIX_BINLOOPS_LEAST_NOISE ? noise : DMIX_BINLOOPS_LEAST_NOISE;
  }
  if (self->first == self->start_frames) {
    self->first = STARTED;
    fill_gaps (self);
  }
}

/* Sound after silence. The minimum leaves out the first 0.1 s, in which the
 * sound does not yet fill the analysis window and `smooth` settles. */
static void
search_least (DmixNoiseTracker *self, const float *power)
{
  const int young = self->search > self->search_frames - self->start_frames;

  for (unsigned b = 0; b < self->bins; b++) {
    self->smooth[b] += self->smooth_share * (power[b] - self->smooth[b]);
    self->least[b] =
        young ? self->smooth[b] : fminf (self->least[b], self->smooth[b]);
  }
  if (--self->search == 0)
    for (unsigned b = 0; b < self->bins; b++)
      self->noise[b] = fmaxf (self->noise[b], self->least[b]);
}

void
dmix_noisetracker_step (DmixNoiseTracker *self, const float *power)
{
  if (self->first >= 0) {
    start (self, power);
    return;
  }
  if (self->first == SILENT) {
    self->search = self->search_frames;
    memcpy (self->smooth, power, self->bins * sizeof (float));
  }
  self->first = STARTED;
  if (self->search > 0)
    search_least (self, power);
  self->loops->track (&self->law, power, self->noise, self->mean,
      self->presence, self->bins);
}

const float *
dmix_noisetracker_get_noise (const DmixNoiseTracker *self)
{
  return self->noise;
}

const float *
dmix_noisetracker_get_presence (const DmixNoiseTracker *self)
{
  return self->presence;
}

void
dmix_noisetracker_take_over (DmixNoiseTracker *self,
    const DmixNoiseTracker *from, float scale)
{
  const unsigned bins = self->bins;

  if (self->bins != from->bins)
    return;
  memmove (self->noise, from->noise, 5 * (size_t) bins * sizeof (float));
  for (unsigned b = 0; b < bins; b++) {
    self->noise[b] = fmaxf (self->noise[b] * scale, DMIX_BINLOOPS_LEAST_NOISE);
    self->smooth[b] *= scale;
    self->least[b] *= scale;
  }
  self->first = from->first;
  self->search = from->search;
}
